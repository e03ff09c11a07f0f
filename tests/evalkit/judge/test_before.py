"""What loses before a judge sees it."""

import pytest

pytest.importorskip("lingua")

from tests.evalkit.judge.conftest import answered
from xleval.evalkit.judge.before import fault_of
from xleval.evalkit.judge.pairs import Pair

GERMAN = "Die Bibliothek ist ein Ort, an dem man viele Bücher lesen und ausleihen kann."
ENGLISH = "The library is a place where people can read and borrow a great many books."


@pytest.mark.parametrize(
    ("text", "changes", "fault"),
    [
        (GERMAN, {}, None),
        (ENGLISH, {}, "wrong_language"),
        (f"{GERMAN} {GERMAN} {ENGLISH}", {}, None),  # mostly German
        (ENGLISH, {"asked_lang": "en"}, None),  # English was asked for
        ("  \n", {}, "empty"),
        (GERMAN, {"finish_reason": "length"}, "truncated"),
        (ENGLISH, {"finish_reason": "length"}, "wrong_language"),
        ("42", {}, None),  # no words
        ("the dog", {}, None),  # too few words to know
        ("```python\nprint(1)\n```", {}, None),  # code has no language
        (f"<think>{ENGLISH}</think>{GERMAN}", {"reasoning": ENGLISH}, None),  # the reasoning is not the answer
        (f"<think>{GERMAN}</think>{ENGLISH}", {"reasoning": GERMAN}, "wrong_language"),
        (f"<think>{GERMAN}", {"reasoning": GERMAN, "finish_reason": "length"}, "empty"),
    ],
)
def test_the_fault_of_an_answer_to_a_german_question(text: str, changes: dict[str, str], fault: str | None) -> None:
    assert fault_of(answered("i1", "de", text, **changes)) == fault


def test_a_cut_answer_is_judged_where_that_is_asked_for() -> None:
    cut = answered("i1", "de", GERMAN, finish_reason="length")
    assert (fault_of(cut), fault_of(cut, "judge")) == ("truncated", None)
    wrong = answered("i1", "de", ENGLISH, finish_reason="length")
    assert fault_of(wrong, "judge") == "wrong_language"


def pair(*faults: str | None, unanswered: str = "") -> Pair:
    return Pair(
        task="t", lang="de", item_id="i", question="q", answers=("a", "b"), faults=faults, unanswered=unanswered
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("faults", "score"),
    [
        ((None, None), None),
        (("empty", None), 1.0),
        ((None, "wrong_language"), 0.0),
        (("truncated", "wrong_language"), 0.5),
    ],
)
def test_a_fault_loses_and_two_are_a_tie(faults: tuple[str | None, str | None], score: float | None) -> None:
    assert pair(*faults).score_before == score
    assert pair(*faults).is_judged is (score is None)


def test_an_answer_that_is_missing_is_neither_judged_nor_lost() -> None:
    found = pair(None, None, unanswered="the second run: server died")
    assert (found.is_judged, found.score_before) == (False, None)
