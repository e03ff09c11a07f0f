"""Which items are only scored: none of them is trained on, and all languages of an item stay together."""

from dataclasses import replace
from pathlib import Path

import pytest

from xleval.errors import ConfigError
from xleval.training.config.schema import DataConfig, MonitorConfig, TrainConfig
from xleval.training.preference.held_out import train_and_held_out
from xleval.training.preference.pairs import TextPairs, pairs_of_answers
from xleval.training.sets.records import PairRow


def config(limit: int, source: str = "", split: str = "train") -> TrainConfig:
    return TrainConfig(
        kind="clo", name="n", model="m", data=DataConfig(source="set", langs=("en", "es", "sw"), split=split, limit=30),
        monitor=MonitorConfig(limit=limit, source=source),
    )  # fmt: skip


class Sets:
    """Sets by source and split, each a range of items."""

    def __init__(self, **items: range) -> None:
        self.items = items

    def __call__(self, data: DataConfig) -> list[TextPairs]:
        name = Path(data.source).name + "_" + data.split
        if name not in self.items:
            raise ConfigError(f"no split {name}")
        rows = [
            PairRow(
                item_id=f"i{n}", lang=lang, english_prompt="q", english_answer="a", target_prompt="Q", target_answer="A"
            )
            for n in list(self.items[name])[: data.limit]
            for lang in ("es", "sw")
        ]
        return [pairs_of_answers(row) for row in rows]


def numbers(rows: list[TextPairs]) -> list[int]:
    assert [row.directions[0] for row in rows] == ["es/en", "sw/en"] * (len(rows) // 2)
    return [int(row.item_id[1:]) for row in rows[::2]]


def test_the_validation_split_is_held_out_but_what_is_trained_on() -> None:
    train, held = train_and_held_out(config(5), Sets(set_train=range(30), set_validation=range(28, 50)))
    assert numbers(train) == list(range(30))
    assert numbers(held) == [30, 31, 32, 33, 34]


@pytest.mark.parametrize(("limit", "n_held"), [(2, 2), (50, 3)])
def test_without_such_a_split_a_tenth_of_the_items_at_most(limit: int, n_held: int) -> None:
    train, held = train_and_held_out(config(limit), Sets(set_train=range(30)))
    assert numbers(train) == list(range(30 - n_held))
    assert numbers(held) == list(range(30 - n_held, 30))


def test_a_set_of_its_own() -> None:
    train, held = train_and_held_out(config(4, "other"), Sets(set_train=range(30), other_train=range(100, 200)))
    assert (numbers(train), numbers(held)) == (list(range(30)), [100, 101, 102, 103])
    with pytest.raises(ConfigError, match="no split other_train"):
        train_and_held_out(config(4, "other"), Sets(set_train=range(30)))


def test_none() -> None:
    train, held = train_and_held_out(replace(config(0)), Sets(set_train=range(30), set_validation=range(40, 50)))
    assert (len(train), held) == (60, [])
