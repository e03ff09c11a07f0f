r"""The number a completion gives as its answer, and how it was found.

Order of the paths; each looks only at the answer region: after the last `</think>`, before a runaway next question.

1. `boxed`: the last closed `\boxed{}` or `\fbox{}` with a number in it; one that holds a list or `2\pi` is no answer.
2. `answer_prefix`: the last answer cue ("The answer is", "উত্তর:") that a number follows; the first number after it, or
   the result where an equation follows (`20 - 2 = 18`). A range or an unsolved expression there is no answer.
3. `hash`: a number after `####`.
4. `last_number`: the last number that is no list marker, step number, ordinal, time, range end or remark in brackets.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Literal

from xleval.data.numbers import NumberSpan
from xleval.errors import DataError
from xleval.evalkit.answer_cues import REASONING_BEFORE, WORD, answer_cues
from xleval.evalkit.answer_region import BOX, DIGIT, Reading, closing_brace, read_answer_region
from xleval.evalkit.last_number import NEAR, enumeration, last_number
from xleval.evalkit.stated_number import (
    BOTH_SIGNS,
    EQUALS,
    LISTED,
    LONGEST_GAP,
    Outcome,
    concluded,
    han_answer,
    is_aside,
    last_result,
    skip_filler,
    solved,
    stressed,
)

Path = Literal["boxed", "answer_prefix", "hash", "last_number", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """The answer found in a completion.

    Attributes:
        value: exact value, or None where no single number was given.
        path: how it was found; `none` if and only if `value` is None.
        span: offsets of the number in the completion, end exclusive; None with `none`.
    """

    value: Decimal | None
    path: Path
    span: tuple[int, int] | None


_MOST_BOXES, _MOST_MARKS = 30, 300  # a model in a loop writes thousands
_PAIR = re.compile(
    r"\s*(?:\\left)?\\?[(\[{]\s*-?[0-9]{1,2}(?:,\s*-?[0-9]{1,2})+\s*(?:\\right)?\\?[)\]}]\s*"
)  # (3,4) is no decimal
_HASHES = re.compile(r"####")
# A full stop ends a sentence only before a space, a mark or the end; `18.5` and `Mio. Euro` in a number are past it.
_SENTENCE_END = re.compile(r"\n|[!?。।۔؟]|\.(?=\s|$|[*\"')\]}])")
_LONGEST_SENTENCE = 1000
_SHORT_TAIL = re.compile(rf"[\s*_$%)\]}}\\\"']*(?:{WORD}[\s*_)$]*){{0,3}}[\s*_\"')\]}}$\\]*")


def extract_number(completion: str, lang: str, *, prefixes: tuple[str, ...] = ()) -> Extraction:
    """Return the number that a completion gives as its answer.

    Args:
        completion: what the model wrote after the prompt.
        lang: code of the language asked in, whose separators, magnitude words and cues apply; English cues always do.
        prefixes: further answer cues, such as the prompt's own; with a colon at the end they count as labels.

    Returns:
        Value, path and span; `none` for a completion without a single number as its answer.

    Raises:
        ConfigError: unknown language.
    """
    reading = read_answer_region(completion, lang, prefixes=prefixes)
    ways: tuple[tuple[Path, Callable[[], Outcome]], ...] = (
        ("boxed", lambda: _boxed(reading)),
        ("answer_prefix", lambda: _after_cue(reading, prefixes)),
        ("hash", lambda: _after_hashes(reading)),
        ("last_number", lambda: last_number(reading)),
    )
    for path, find in ways:
        number = find()
        if number == "unreadable":
            break
        if isinstance(number, NumberSpan):
            span = reading.folded.original_span(number.start, number.end)
            return Extraction(value=number.value, path=path, span=span)
    return Extraction(value=None, path="none", span=None)


def is_correct(extraction: Extraction, gold: str | int | Decimal) -> bool:
    """Return whether the extracted value equals the reference as a `Decimal`: 18.00 equals 18, 123457 is not 123456.

    Args:
        extraction: what `extract_number` found; `none` is never correct.
        gold: the reference; text in the notation of the data sets: ASCII, point as decimal mark, commas between groups.

    Raises:
        DataError: the reference is not a number.
    """
    if isinstance(gold, str):
        stated = gold
        try:
            gold = Decimal(gold.strip().replace(",", ""))
        except InvalidOperation:
            gold = Decimal("NaN")
        if not gold.is_finite():  # `Decimal` reads nan and infinity, too
            raise DataError(f"reference {stated!r:.60} is not a number such as 18, -5, 2.5 or 70,000; correct the item")
    return extraction.value is not None and extraction.value == gold


def _boxed(reading: Reading) -> Outcome:
    """Return the number of the last closed box with one: models correct themselves, and box sub-results on the way."""
    boxes = list(BOX.finditer(reading.text, reading.start, reading.end))
    for box in reversed(boxes[-_MOST_BOXES:]):
        end = closing_brace(reading.text, box.end(), reading.end)
        if end is None:
            continue  # cut in the middle
        numbers = reading.numbers(box.end(), end)
        if numbers:
            listed = any(LISTED.fullmatch(reading.text[a.end : b.start]) for a, b in pairwise(numbers))
            listed = listed or _PAIR.fullmatch(reading.text, box.end(), end) is not None
            signs = BOTH_SIGNS.search(reading.text, box.end(), numbers[0].start)
            return "unreadable" if listed or signs else solved(reading, numbers)
        if (han := han_answer(reading, box.end(), end)) is not None:
            return han
    return None


def _after_cue(reading: Reading, prefixes: tuple[str, ...]) -> Outcome:
    cues = list(answer_cues(reading.lang, prefixes).finditer(reading.text, reading.start, reading.end))
    lists = enumeration(reading)
    for cue in reversed(cues[-_MOST_MARKS:]):
        if REASONING_BEFORE.search(reading.text, max(0, cue.start() - 24), cue.start()):
            continue
        outcome = _value_of_cue(reading, cue, lists)
        if outcome is not None:
            return outcome
    return None


def _value_of_cue(reading: Reading, cue: re.Match[str], lists: frozenset[int]) -> Outcome:
    begin = skip_filler(reading, cue.end())
    if (han := han_answer(reading, begin, reading.end)) is not None:
        return han
    digit = DIGIT.search(reading.text, cue.end(), min(reading.end, begin + _LONGEST_SENTENCE))
    if digit is None:
        return None
    near = min(reading.end, digit.start() + NEAR)
    # With its colon in view, the dash of "Answer: - 5" is a sign.
    start = cue.end() - cue.group().endswith((":", "="))
    numbers = [number for number in reading.numbers(start, near) if number.start not in lists]
    if not numbers:
        return None
    direct = numbers[0].start <= begin
    ending = _SENTENCE_END.search(reading.text, numbers[0].end if direct else begin, reading.end)
    limit = ending.start() if ending else reading.end
    if limit > near:
        far = min(limit, begin + _LONGEST_SENTENCE)
        numbers = [number for number in reading.numbers(start, far) if number.start not in lists]
    stated = [number for number in numbers if number.start < limit]
    if not stated or (cue.lastgroup == "bare" and not direct):
        return None
    if cue.lastgroup == "label" and _opens_reasoning(reading, cue.start(), stated, limit, direct=direct):
        return None
    if (
        direct
        and len(stated) > 1
        and is_aside(reading, stated[0])
        and EQUALS.match(reading.text, stated[0].end, stated[0].end + LONGEST_GAP) is None
    ):
        direct, stated = False, stated[1:]
    if not direct and (result := last_result(reading, stated)) is not None:
        return result
    return solved(reading, stated if direct else concluded(reading, stressed(reading, stated, begin, limit)))


def _opens_reasoning(reading: Reading, cue_start: int, stated: list[NumberSpan], limit: int, *, direct: bool) -> bool:
    """Return whether a label stands before the reasoning rather than the answer.

    It does if nothing was worked out before it, more numbers follow its sentence, and the sentence is not just a value.
    """
    if reading.has_digit(reading.start, cue_start) or not reading.has_digit(limit, reading.end):
        return False
    if not direct or len(stated) > 1 or limit - stated[0].end > LONGEST_GAP:
        return True
    return _SHORT_TAIL.fullmatch(reading.text, stated[0].end, limit) is None


def _after_hashes(reading: Reading) -> Outcome:
    marks = list(_HASHES.finditer(reading.text, reading.start, reading.end))
    for mark in reversed(marks[-_MOST_MARKS:]):
        begin = skip_filler(reading, mark.end())
        limit = min(reading.end, begin + _LONGEST_SENTENCE)
        line_end = reading.text.find("\n", begin, limit)
        line_end = limit if line_end < 0 else line_end
        numbers = reading.numbers(mark.end(), line_end)
        # "#### 1. Add the prices" is a heading.
        heading = re.compile(r"[.)][*_ \t]+[^\s\d]").match(reading.text, numbers[0].end) if numbers else None
        if numbers and numbers[0].start <= begin and heading is None:
            return solved(reading, numbers)
    return None
