"""Values of foreign rows, worked by hand."""

import math

import pytest

from xleval.evalkit.imports.values import (
    BadRow,
    as_count,
    as_finish_reason,
    as_text,
    as_verdict,
    conversation_text,
    foreign_json,
    gold_option,
    is_number,
    message_text,
)
from xleval.evalkit.imports.verdicts import number_in_gold


@pytest.mark.parametrize(
    ("value", "verdict"),
    [(True, True), (False, False), (1, True), (1.0, True), (0, False), (-1.0, False), (0.5, None), (2, None),
     (math.nan, None), ("C", True), ("I", False), ("N", False), ("P", None), ("True", True), ("yes", True), ("no", False),
     ("", None), (None, None), ("18", None), ([1], None)],
)  # fmt: skip
def test_verdicts(value: object, verdict: bool | None) -> None:
    assert as_verdict(value) is verdict


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("stop", "stop"),
        ("eos", "stop"),
        ("max_tokens", "length"),
        ("length", "length"),
        ("content_filter", None),
        (None, None),
    ],
)
def test_finish_reasons(value: object, reason: str | None) -> None:
    assert as_finish_reason(value) == reason


@pytest.mark.parametrize(
    ("value", "text"), [("a", "a"), (18.0, "18"), (2.5, "2.5"), (-3, "-3"), (True, "True"), ("", "")]
)
def test_texts(value: object, text: str) -> None:
    assert as_text(value, "gold") == text


@pytest.mark.parametrize("value", [None, math.nan, ["a"], {"a": 1}])
def test_what_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(BadRow, match=r"gold is .*; a text is needed"):
        as_text(value, "gold")


def test_counts() -> None:
    assert [as_count(value, "n") for value in (3, 3.0, "3", None, math.nan)] == [3, 3, 3, None, None]
    for value in (-1, 1.5, "x"):
        with pytest.raises(BadRow, match="a whole number from 0 is needed"):
            as_count(value, "n")


@pytest.mark.parametrize(
    ("gold", "index", "found"),
    [
        (None, 1, 1),
        (None, "1", 1),
        (None, [1], 1),
        ("Nairobi", None, 1),
        (" Nairobi ", None, 1),
        ("B", None, 1),
        ("A", None, 0),
    ],
)
def test_the_right_option(gold: object, index: object, found: int) -> None:
    assert gold_option(gold, index, ("Lagos", " Nairobi")) == found


def test_a_letter_that_is_an_option_is_the_option() -> None:
    assert gold_option("B", None, ("C", "B", "A")) == 1
    assert gold_option("A", None, ("C", "B", "A")) == 2  # not the first


@pytest.mark.parametrize(
    ("gold", "index"), [("Paris", None), ("C", None), (None, 2), (None, -1), (None, [0, 1]), (None, None)]
)
def test_no_right_option(gold: object, index: object) -> None:
    with pytest.raises(BadRow):
        gold_option(gold, index, ("Lagos", "Nairobi"))


def test_conversations() -> None:
    user = {"role": "user", "content": "2 + 2?"}
    assert conversation_text([user], "prompt") == "2 + 2?"
    assert conversation_text([user, {"role": "assistant", "content": None}], "prompt") == "user: 2 + 2?\n\nassistant: "
    assert conversation_text(['[{"role": "user", "content": "2 + 2?"}]'], "prompt") == "2 + 2?"  # lm-eval's chat API
    assert conversation_text('[{"role" is how it begins', "prompt") == '[{"role" is how it begins'
    parts = [
        {"type": "reasoning", "reasoning": "2 na 2"},
        {"type": "text", "text": "Jibu "},
        {"type": "text", "text": "ni 4."},
    ]
    assert message_text({"content": parts}, "completion") == "<think>\n2 na 2\n</think>\n\nJibu ni 4."
    assert message_text({"content": "4", "reasoning_content": "2 na 2"}, "c") == "<think>\n2 na 2\n</think>\n\n4"


@pytest.mark.parametrize(
    ("gold", "number"),
    [("18", "18"), ("70,000", "70,000"), ("-2.5", "-2.5"), ("9 * 2 = 18\n#### 18", "18"), ("$4$", "4"), (r"\boxed{7}", "7"),
     (r"$\boxed{7}$", "7"), ("Nairobi", None), ("", None), ("NaN", None), ("Infinity", None), ("x = 4", None)],
)  # fmt: skip
def test_numbers_in_right_answers(gold: str, number: str | None) -> None:
    assert number_in_gold(gold) == number


def test_numbers_beyond_what_a_float_or_a_column_holds() -> None:
    huge = 10**400
    assert (as_verdict(huge), is_number(huge), as_text(huge, "id")) == (None, True, str(huge))
    assert as_count(2**31 - 1, "n") == 2**31 - 1
    for value in (2**31, huge, math.inf):
        with pytest.raises(BadRow, match="a whole number from 0 is needed"):
            as_count(value, "n")


def test_half_of_a_surrogate_pair_becomes_the_replacement_character() -> None:
    # as tokenizers write it; a whole pair is the one character that it stands for
    assert foreign_json(r'{"a\ud800": ["\udc00b", "\ud83c\udf55"]}') == {"a\ufffd": ["\ufffdb", "🍕"]}
    assert foreign_json(rb'"\uD800"') == "\ufffd"
