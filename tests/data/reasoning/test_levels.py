"""Levels, mixtures and the order from easy to hard."""

from pathlib import Path

import pytest

from xleval.data.reasoning.levels import by_level, curriculum_order, level_of, simplerl_mixture
from xleval.data.reasoning.records import SourceItem
from xleval.data.reasoning.sources import read_source
from xleval.errors import ConfigError, DataError


def item(name: str, level: str | None) -> SourceItem:
    groups = {} if level is None else {"level": level}
    return SourceItem(item_id=name, question=name, answer="1", groups=groups)


ITEMS = [item("a", "5"), item("b", "Level 1"), item("c", "3"), item("d", None), item("e", "5"), item("f", "10")]


def test_levels_are_read_as_maths_files_write_them() -> None:
    assert [level_of(each) for each in ITEMS] == [5, 1, 3, None, 5, 10]
    assert level_of(item("x", "Level ?")) is None
    assert {level: [each.item_id for each in group] for level, group in by_level(ITEMS).items()} == {
        1: ["b"], 3: ["c"], 5: ["a", "e"], 10: ["f"],
    }  # fmt: skip


def test_curriculum_is_easy_to_hard_and_stable_when_items_go(shared_data: Path) -> None:
    items = list(read_source("math500", folder=shared_data / "math500").items)
    order = curriculum_order(items, seed=1)
    levels = [level_of(each) for each in order]
    assert levels == sorted(level for level in levels if level is not None)
    assert sorted(each.item_id for each in order) == sorted(each.item_id for each in items)
    assert order == curriculum_order(items[::-1], seed=1)
    assert [each.item_id for each in order] != [each.item_id for each in curriculum_order(items, seed=2)]
    fewer = [each for each in items if not each.item_id.endswith("3")]
    assert curriculum_order(fewer, seed=1) == [each for each in order if not each.item_id.endswith("3")]


def test_items_without_a_level_come_first() -> None:
    assert [each.item_id for each in curriculum_order(ITEMS, seed=0)][:3] == ["d", "b", "c"]


def test_mixtures_of_simplerl_zoo(shared_data: Path) -> None:
    """MATH500 has all five levels: 43, 90, 105, 128 and 134 items (counted with collections.Counter over its level column, 2026-11-21)."""
    maths = read_source("math500", folder=shared_data / "math500").items
    gsm8k = read_source("gsm8k", folder=shared_data / "gsm8k", limit=10).items
    assert len(simplerl_mixture("easy", maths=maths, gsm8k=gsm8k)) == 10 + 43
    assert len(simplerl_mixture("medium", maths=maths)) == 43 + 90 + 105 + 128
    assert len(simplerl_mixture("hard", maths=maths, gsm8k=gsm8k)) == 105 + 128 + 134


def test_a_mixture_is_not_made_of_less_than_it_is() -> None:
    with pytest.raises(ConfigError, match="unknown mixture of SimpleRL-Zoo 'mid'"):
        simplerl_mixture("mid", maths=ITEMS)
    with pytest.raises(DataError, match="'medium' needs MATH level 2, 4, and the items given have 1, 3, 5, 10"):
        simplerl_mixture("medium", maths=ITEMS)
    with pytest.raises(DataError, match="'easy' needs items of GSM8K"):
        simplerl_mixture("easy", maths=ITEMS)
