"""Counts in sentences."""

from xleval.data.plurals import counted, every


def test_a_count_agrees_with_its_noun_and_its_verb() -> None:
    assert [counted(n, "item") for n in (0, 1, 2)] == ["0 items", "1 item", "2 items"]
    assert counted(1, "answer is unscored", "answers are unscored") == "1 answer is unscored"
    assert counted(3, "answer is unscored", "answers are unscored") == "3 answers are unscored"


def test_two_are_both() -> None:
    assert [every(n, "language") for n in (2, 3)] == ["both languages", "all 3 languages"]
