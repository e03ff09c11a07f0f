"""CM-Align's pairs from completions: the medoid, the nearest and the farthest, and what has no pair."""

from collections.abc import Sequence

import pytest

pytest.importorskip("torch")

import torch
from torch import Tensor

from xleval.training.preference.consistency import consistency_pairs, farthest_pair, medoid
from xleval.training.sets.records import PromptRow


def directions(*degrees: float) -> Tensor:
    angles = torch.deg2rad(torch.tensor(degrees))
    return torch.stack([angles.cos(), angles.sin()], 1)


def embed(texts: Sequence[str]) -> Tensor:
    """A text ends with its direction in degrees."""
    return directions(*(float(text.rsplit(" ", 1)[1]) for text in texts))


def rows(*langs: str, item_id: str = "f") -> list[PromptRow]:
    return [
        PromptRow(item_id=item_id, lang=lang, prompt=f"{lang}?", question="", gold="", task="polyfact")
        for lang in langs
    ]


def test_medoid_is_nearest_to_the_others_in_the_mean() -> None:
    """At 0, 10, 80 degrees the mean cosines are (.985 + .174) / 2, (.985 + .342) / 2, (.174 + .342) / 2."""
    assert medoid(directions(0, 10, 80)) == 1
    assert medoid(directions(33)) == 0


def test_farthest_pair() -> None:
    assert farthest_pair(directions(90, 20, 200, 10), directions(0)[0]) == (3, 2)


def test_the_pivot_is_english_and_the_right_answer_is_not_asked_for() -> None:
    found = consistency_pairs(
        rows("en", "de", "sw"),
        {
            ("f", "en"): (" a 0", " b 10", " c 80"), ("f", "de"): (" d 100", " e 12", " f 190"),
            ("f", "sw"): (" g 11", " h 60"),
        },
        embed,
    )  # fmt: skip
    assert [(each.directions, each.chosen, each.rejected) for each in found.texts] == [
        (("de",), (" e 12",), (" f 190",)), (("sw",), (" g 11",), (" h 60",)),
    ]  # fmt: skip
    assert found.without == {}


def test_prompts_without_a_pair_are_counted_by_reason() -> None:
    found = consistency_pairs(
        [*rows("en", "de", "sw", "fr", item_id="f"), *rows("en", "de", item_id="g")],
        {
            ("f", "en"): (" a 0",), ("f", "de"): (" d 5", " d 5 "), ("f", "sw"): (" g 1",), ("f", "fr"): ("", " ", " x 9"),
            ("g", "en"): ("", "\n"), ("g", "de"): (" d 1", " e 2"),
        },
        embed,
    )  # fmt: skip
    assert found.texts == ()
    assert found.without == {"equal": 1, "too_few": 2, "no_english": 1}
