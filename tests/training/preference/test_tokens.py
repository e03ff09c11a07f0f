"""Pairs as token ids: one BOS, an end that is learnt, nothing cut, what is left out is counted."""

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from tests.training.preference import tiny
from xleval.errors import ConfigError, DataError
from xleval.training.preference.pairs import TextPairs, pairs_of_answers, pairs_of_options
from xleval.training.preference.tokens import tokenise

BOS = 1


def pair(chosen: str = " yes", rejected: str = " no", prompt: object = "ask:", **changes: object) -> TextPairs:
    return TextPairs(**{  # type: ignore[arg-type]
        "item_id": "a", "directions": ("en",), "prompts": (prompt,), "chosen": (chosen,), "rejected": (rejected,),
        **changes,
    })  # fmt: skip


def texts(row: object) -> list[tuple[str, str]]:
    """Prompt and answer of each sequence, as the tokens spell them."""
    spell = tiny.tokenizer()
    return [
        (spell.decode(each.ids[: -each.n_answer]), spell.decode(each.ids[-each.n_answer :]))
        for each in row.answers  # type: ignore[attr-defined]
    ]


def test_a_plain_prompt_has_one_bos_and_its_answer_ends_with_the_end_of_text() -> None:
    (row,) = tokenise([pair()], tiny.tokenizer(), max_length=None).rows
    assert texts(row) == [("<s>ask:", " yes<eos>"), ("<s>ask:", " no<eos>")]
    assert [each.ids.count(BOS) for each in row.answers] == [1, 1]


def test_options_have_no_end() -> None:
    """As evaluation scores them: what the model thinks of the end is no part of an option."""
    (facts,) = [pairs_of_options(row) for row in tiny.fact_pair_rows(1)]
    (row,) = tokenise([facts], tiny.tokenizer(), max_length=None).rows
    assert texts(row) == [
        ("<s>capital 0?", " one0"), ("<s>capital 0?", " other0"), ("<s>CAPITAL 0?", " UNO 0"), ("<s>CAPITAL 0?", " OTRO0"),
    ]  # fmt: skip


def test_a_conversation_is_written_by_the_template_once_and_ends_with_its_turn() -> None:
    turns = [{"role": "user", "content": "hi"}]
    (row,) = tokenise([pair("yes", "no", turns)], tiny.tokenizer(chat=True), max_length=None).rows
    assert texts(row) == [("<s>user:hi<end>\nassistant:", "yes<end>"), ("<s>user:hi<end>\nassistant:", "no<end>")]
    assert [each.ids.count(BOS) for each in row.answers] == [1, 1]


def test_a_conversation_needs_a_template() -> None:
    with pytest.raises(ConfigError, match="no chat template"):
        tokenise([pair("yes", "no", [{"role": "user", "content": "hi"}])], tiny.tokenizer(), max_length=None)


def test_long_pairs_are_left_out_whole_and_counted() -> None:
    """BOS + `ask:` + 3 letters and a space + the end are 10 tokens; the second pair's rejected answer has one more."""
    rows = [pair(), pair(" yes", " nope")]
    found = tokenise(rows, tiny.tokenizer(), max_length=10)
    assert (len(found.rows), found.n_too_long, found.n_equal) == (1, 1, 0)
    assert max(len(each.ids) for each in found.rows[0].answers) == 10


def test_equal_answers_are_left_out_and_counted() -> None:
    found = tokenise([pair(), pair(" 42", " 42")], tiny.tokenizer(), max_length=None)
    assert (len(found.rows), found.n_equal) == (1, 1)


def test_nothing_left_says_why() -> None:
    with pytest.raises(
        DataError, match=r"of 2, 1 have the same .* and 1 are longer than trainer.max_length = 5 tokens"
    ):
        tokenise([pair(), pair(" 42", " 42")], tiny.tokenizer(), max_length=5)


def test_both_directions_of_a_translated_pair() -> None:
    """The English prompt prefers the English answer, the target prompt the target's: the order that the loss reads."""
    (source,) = tiny.pair_rows(1)
    (row,) = tokenise([pairs_of_answers(source)], tiny.tokenizer(), max_length=None).rows
    english, target = " it is 0 so<eos>", " XX 0<eos>"
    assert texts(row) == [
        ("<s>ask 0:", english), ("<s>ask 0:", target), ("<s>ASK 0:", target), ("<s>ASK 0:", english),
    ]  # fmt: skip
    assert row.directions == ("xx/en", "xx/xx")


def test_unrelated_answers_are_those_of_the_item_before_in_the_same_language() -> None:
    rows = [pairs_of_answers(row) for row in tiny.pair_rows(3, ("xx", "yy"))]
    found = tokenise(rows, tiny.tokenizer(), max_length=None, unrelated=True).rows
    assert [texts(row)[4:] for row in found if row.directions[0] == "xx/en"] == [
        [("<s>ask 0:", " it is 2 so<eos>"), ("<s>ASK 0:", " XX 2<eos>")],
        [("<s>ask 1:", " it is 0 so<eos>"), ("<s>ASK 1:", " XX 0<eos>")],
        [("<s>ask 2:", " it is 1 so<eos>"), ("<s>ASK 2:", " XX 1<eos>")],
    ]


def test_unrelated_answers_need_a_second_item() -> None:
    rows = [pairs_of_answers(row) for row in tiny.pair_rows(1)]
    with pytest.raises(DataError, match="kto needs two items"):
        tokenise(rows, tiny.tokenizer(), max_length=None, unrelated=True)
