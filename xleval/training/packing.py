"""Texts joined into chunks of one length, for continued pre-training."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from xleval.training.sets.records import TextRow


@dataclass(slots=True)
class Packed:
    """What has been packed so far; whole once the chunks have been read to their end.

    Attributes:
        n_texts, n_tokens: texts, and their tokens with the end of each, but without the BOS of the chunks.
        by_lang: tokens by language.
    """

    n_texts: int = 0
    n_tokens: int = 0
    by_lang: Counter[str] = field(default_factory=Counter)


def text_ids(tokenizer: Any, text: str) -> list[int]:
    """Return the tokens of a text with the end-of-text token, without a BOS."""
    ids: list[int] = tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
    return [*ids, tokenizer.eos_token_id]


def begin_ids(tokenizer: Any) -> list[int]:
    """Return what a sequence begins with: the BOS where the tokenizer puts one before a text."""
    first: list[int] = tokenizer("a", verbose=False)["input_ids"][:1]
    return first if tokenizer.bos_token_id is not None and first == [tokenizer.bos_token_id] else []


def lines_by_language(row: TextRow, langs: Collection[str]) -> list[tuple[str, str]]:
    """Return the lines `lang: sentence` of a text of parallel sentences by language; another text whole."""
    lines = [(line.partition(": ")[0], line) for line in row.text.split("\n")]
    if len(lines) > 1 and all(lang in langs for lang, _ in lines):
        return lines
    return [(row.lang, row.text)]


def tokens_by_language(row: TextRow, tokenizer: Any, langs: Collection[str]) -> Counter[str]:
    """Return the tokens of a text by the language of its lines, a token to the line that it begins in.

    The end-of-text token goes to the last line. A tokenizer that does not say where tokens stand gives all to the
    text's own language.
    """
    lines = lines_by_language(row, langs)
    if len(lines) == 1 or not tokenizer.is_fast:
        return Counter({row.lang: len(text_ids(tokenizer, row.text))})
    ends = list(accumulate(len(line) + 1 for _, line in lines))
    encoded = tokenizer(row.text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
    places = [bisect_right(ends, start) for start, _ in encoded["offset_mapping"]]
    return Counter(lines[min(place, len(lines) - 1)][0] for place in (*places, len(lines) - 1))


def pack(
    rows: Iterable[TextRow],
    tokenizer: Any,
    *,
    length: int,
    langs: Collection[str],
    max_tokens: int | None,
    packed: Packed,
) -> Iterator[list[int]]:
    """Yield chunks of `length` tokens; the last may be shorter, so that no text loses its end.

    Texts follow one another, each with an end-of-text token, and run on into the next chunk where one is full: a chunk
    may hold parts of several texts, which see each other. Every chunk begins with the BOS where the tokenizer puts one.
    The first text with which the tokens would be more than `max_tokens` ends the packing.

    Args:
        rows: texts, in the order of the training.
        tokenizer: of `load_for_training`.
        length: tokens of a chunk, its BOS included.
        langs: of the training.
        max_tokens: of all texts at most; None for no limit.
        packed: counts, filled on the way.
    """
    begin = begin_ids(tokenizer)
    room = length - len(begin)
    waiting: list[int] = []
    for row in rows:
        ids = text_ids(tokenizer, row.text)
        if max_tokens is not None and packed.n_tokens + len(ids) > max_tokens:
            break
        packed.n_texts += 1
        packed.n_tokens += len(ids)
        packed.by_lang += tokens_by_language(row, tokenizer, langs)
        waiting += ids
        while len(waiting) >= room:
            yield begin + waiting[:room]
            del waiting[:room]
    if waiting:
        yield begin + waiting
