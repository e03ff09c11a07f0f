"""What tasks with shown options share; rows and expectations are written here by hand."""

from functools import partial
from typing import Any

import pytest

from xleval.data.rows import Row
from xleval.errors import ConfigError, DataError
from xleval.evalkit.requests import ChoiceRequest
from xleval.evalkit.task import TaskItem, TaskOptions
from xleval.tasks.asking import shown_choice
from xleval.tasks.exam_rows import (
    Placed,
    answered_by_letter,
    ask_after_own_subject,
    first_of_each,
    four_options,
    optional_groups,
    placed_item,
    with_key_group,
    with_one_key,
)

ROW: dict[str, Any] = {"question": " How many sides has a square? ", "story": "Squares."}


def placed(item_id: str, gold: int, *, place: str = "en.csv, row 1", n: int = 4, subject: str = "shapes") -> Placed:
    row = Row(place=place, values=ROW)
    options = [str(number) for number in range(2, 2 + n)]
    return placed_item(row, item_id=item_id, options=options, gold_index=gold, groups={"subject": subject})


def test_an_item_has_the_right_option_as_gold():
    item = placed("q", 2).item
    assert (item.question, item.choices, item.gold_index, item.gold) == (
        "How many sides has a square?", ("2", "3", "4", "5"), 2, "4",
    )  # fmt: skip
    assert item.passage == ""
    with_story = placed_item(
        Row(place="p", values=ROW), item_id="q", options=["1", "2"], gold_index=0, passage="story"
    ).item
    assert with_story.passage == "Squares."


def test_a_row_without_a_question_is_named():
    with pytest.raises(DataError, match=r"f\.csv, row 3, column question: it is empty"):
        placed_item(Row(place="f.csv, row 3", values={"question": " "}), item_id="q", options=["1"], gold_index=0)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"A": "1", "B": " 2", "C": "3", "D": "4"}, ["1", "2", "3", "4"]),
        ({"choices": ["1", "2 ", "3", "4"], "A": "x"}, ["1", "2", "3", "4"]),
    ],
)
def test_options_come_from_a_list_or_from_columns(values, expected):
    assert four_options(Row(place="p", values=values), "ABCD") == expected


@pytest.mark.parametrize("choices", [["1", "2", "3"], ["1", "2", "3", " "], "1234"])
def test_a_list_that_is_not_four_texts_is_refused(choices):
    with pytest.raises(DataError, match=r"p, column choices: .*; a list of four texts is needed"):
        four_options(Row(place="p", values={"choices": choices}), "ABCD")


def test_groups_that_a_release_lacks_are_left_out():
    row = Row(place="p", values={"domain": "STEM", "level": None, "country": " "})
    assert optional_groups(row, ("domain", "level", "country", "region")) == {"domain": "STEM"}


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"gold": 1}, "answer B of 4 options, subject shapes"),
        ({"gold": 0, "n": 3}, "answer A of 3 options, subject shapes"),
        ({"gold": 0, "subject": "colours"}, "answer A of 4 options, subject colours"),
    ],
)
def test_languages_that_do_not_have_the_same_item_are_refused_with_both_rows(other, said):
    gold = other.pop("gold")
    found = {"en": [placed("q", 0)], "ko": [placed("q", gold, place="ko.csv, row 7", **other)]}
    with pytest.raises(DataError) as caught:
        with_one_key(found, "mmmlu")
    assert f"ko.csv, row 7 has {said}, en.csv, row 1 has answer A of 4 options, subject shapes" in str(caught.value)


def test_languages_with_the_same_keys_are_kept_whatever_their_order():
    found = with_one_key({"en": [placed("q", 0), placed("r", 1)], "ko": [placed("r", 1)]}, "mmmlu")
    assert {lang: [item.item_id for item in items] for lang, items in found.items()} == {"en": ["q", "r"], "ko": ["r"]}


def test_an_item_with_two_keys_is_kept_and_told_apart():
    found = with_key_group({"en": [placed("q", 0), placed("r", 1)], "zh": [placed("q", 0), placed("r", 3)]})
    for lang in ("en", "zh"):
        assert [item.groups["answer_key"] for item in found[lang]] == ["same", "differs"]
    assert found["zh"][1].gold_index == 3  # a language's own key decides what is right in it


def test_a_completion_is_compared_with_the_letter():
    [item] = answered_by_letter({"en": [placed("q", 2).item]})["en"]
    assert (item.gold, item.gold_index, item.choices[2]) == ("C", 2, "4")


def shot(subject: str, number: int) -> TaskItem:
    return placed(f"{subject}-{number}", 0, subject=subject).item


def test_examples_are_the_first_ones_of_every_subject():
    items = [shot(subject, number) for number in range(3) for subject in ("shapes", "colours")]
    ids = [item.item_id for item in first_of_each(items, 2, task="mmlu")]
    assert ids == ["shapes-0", "shapes-1", "colours-0", "colours-1"]
    with pytest.raises(ConfigError, match="--shots 4: mmlu has 3 worked examples of shapes"):
        first_of_each(items, 4, task="mmlu")


def test_an_item_is_asked_after_the_examples_of_its_subject_only():
    ask = partial(ask_after_own_subject, ask=partial(shown_choice, task="mmlu"), task="mmlu")
    shots = [shot("colours", 0), shot("shapes", 0), shot("shapes", 1)]
    asked = ask(placed("q", 0).item, "en", TaskOptions(), shots)
    assert isinstance(asked, ChoiceRequest)
    assert isinstance(asked.context, str)
    assert asked.context.count("Question: ") == 3
    with pytest.raises(ConfigError, match="no worked examples of sounds in en; give --shots 0"):
        ask(placed("q", 0, subject="sounds").item, "en", TaskOptions(), shots)
    assert ask(placed("q", 0, subject="sounds").item, "en", TaskOptions(), ()).key == "mmlu/en/q"
