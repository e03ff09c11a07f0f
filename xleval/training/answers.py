"""Prompts with the answers that are learnt, as token ids: tokenised as `xleval run` does, one BOS, the template once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xleval.errors import ConfigError, DataError
from xleval.training.preference.tokens import AnswerEncoder, AnswerTokens
from xleval.training.sets.asking import Asker
from xleval.training.sets.records import AnswerRow


@dataclass(frozen=True, slots=True, kw_only=True)
class LearntAnswers:
    """Answers as token ids.

    Attributes:
        by_lang: language to its answers, in the order of the rows.
        in_order: all of them, in the order of the rows.
        n_items: items that they are of.
        n_too_long: answers that are left out as they are longer than the limit; nothing is cut.
    """

    by_lang: Mapping[str, tuple[AnswerTokens, ...]]
    in_order: tuple[AnswerTokens, ...]
    n_items: int
    n_too_long: int


def learnt_answers(rows: Sequence[AnswerRow], tokenizer: Any, *, max_length: int | None) -> LearntAnswers:
    """Return answers as token ids, each with what ends it: the template's end of a turn, or the end-of-text token.

    Args:
        rows: prompts and answers.
        tokenizer: of `load_for_training`.
        max_length: tokens of prompt and answer at most; None for no limit.

    Raises:
        ConfigError: a prompt or an answer without a token, or turns without a chat template.
        DataError: no answer is left.
    """
    encoder = AnswerEncoder(tokenizer)
    by_lang: dict[str, list[AnswerTokens]] = {}
    kept: list[AnswerTokens] = []
    items: set[str] = set()
    for row in rows:
        (tokens,) = encoder.encode(f"{row.item_id} ({row.lang})", row.prompt, (row.answer,), ended=True)
        if max_length is not None and len(tokens.ids) > max_length:
            continue
        by_lang.setdefault(row.lang, []).append(tokens)
        kept.append(tokens)
        items.add(row.item_id)
    if not kept:
        raise DataError(
            f"no answer to train on: all {len(rows)} are longer than trainer.max_length = {max_length} tokens with their "
            "prompts, and nothing is cut; raise it, or take other data"
        )
    return LearntAnswers(
        by_lang={lang: tuple(each) for lang, each in by_lang.items()},
        in_order=tuple(kept),
        n_items=len(items),
        n_too_long=len(rows) - len(kept),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterPrompt:
    """A prompt whose options are shown with letters.

    Attributes:
        item_id, lang: of the fact.
        ids: tokens of the prompt.
        letters: token of the letter before each option; the options in an order that all languages of the fact share.
        gold: place of the right option in that order.
    """

    item_id: str
    lang: str
    ids: tuple[int, ...]
    letters: tuple[int, ...]
    gold: int


def letter_prompts(rows: Sequence[AnswerRow], tokenizer: Any, asking: Asker) -> list[LetterPrompt]:
    """Return the prompts of facts whose answer is a letter.

    Args:
        rows: of `answer_rows(..., letters=True)`.
        tokenizer: of `load_for_training`.
        asking: how the rows were asked: it says the letters of each language.

    Raises:
        ConfigError: facts with unlike numbers of options, or a letter is several tokens after its prompt.
        DataError: the answer of a row is not the letter of its right option.
    """
    encoder = AnswerEncoder(tokenizer)
    n_options = sorted({len(row.choices) for row in rows})
    if len(n_options) > 1:
        raise ConfigError(
            f"loss.sft = letter: facts with {' and '.join(map(str, n_options))} options in one training; needed is one number"
        )
    return [_letter_prompt(row, encoder, asking.letters(len(row.choices), row.lang)) for row in rows]


def _letter_prompt(row: AnswerRow, encoder: AnswerEncoder, letters: tuple[str, ...]) -> LetterPrompt:
    key = f"{row.item_id} ({row.lang})"
    gold = row.gold_index
    if gold is None or gold >= len(letters) or row.answer != letters[gold]:
        raise DataError(
            f"{key}: loss.sft = letter learns the letter of the right option, and the answer here is {row.answer!r:.60}; use "
            "loss.sft = answer, or facts with options"
        )
    encoded = encoder.encode(key, row.prompt, letters, ended=False)
    if any(each.n_answer != 1 for each in encoded):
        raise ConfigError(
            f"{key}: a letter after this prompt is {max(each.n_answer for each in encoded)} tokens for this model's tokenizer; "
            "loss.sft = letter needs one. Use loss.sft = answer"
        )
    places = sorted(range(len(letters)), key=lambda place: row.choice_ids[place] if row.choice_ids else "")
    return LetterPrompt(
        item_id=row.item_id,
        lang=row.lang,
        ids=encoded[0].ids[:-1],
        letters=tuple(encoded[place].ids[-1] for place in places),
        gold=places.index(gold),
    )
