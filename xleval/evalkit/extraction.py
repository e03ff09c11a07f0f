r"""The number a completion gives as its answer, and how it was found.

Order of the paths; each looks only at the answer region: after the last `</think>`, before a runaway next question.

1. `boxed`: the last `\boxed{}` or `\fbox{}` that holds one number.
2. `answer_prefix`: the last answer cue ("The answer is", "উত্তর:") that a number follows; the first number after it, or
   the result where an equation follows (`20 - 2 = 18`). A range or an unsolved expression there is no answer.
3. `hash`: a number after `####`.
4. `last_number`: the last number that is no list marker, step number, ordinal, time, range end or remark in brackets.
"""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Literal

from xleval.data.languages import get_language
from xleval.data.number_folding import fold
from xleval.data.number_words import HAN_NUMERAL, parse_han_numeral
from xleval.data.numbers import NumberSpan, decimal_mark, scan_folded
from xleval.errors import DataError
from xleval.evalkit.answer_cues import (
    FILLER,
    NOISE,
    ORDINAL_AFTER,
    REASONING_BEFORE,
    RUNAWAY,
    STEP_BEFORE,
    WORD,
    answer_cues,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """A folded completion with the region that may hold the answer."""

    text: str
    lang: str
    mark: str
    start: int
    end: int

    def numbers(self, start: int, end: int) -> list[NumberSpan]:
        times = [match.span() for match in _TIME.finditer(self.text, start, end)]
        found = scan_folded(self.text, self.lang, start=start, end=end, mark=self.mark)
        return [number for number in found if not any(low <= number.start < high for low, high in times)]


_CALCULATOR = re.compile(r"<<[^<>\n]*>>")
_TIME = re.compile(r"(?<![0-9:])[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9])?(?![0-9:])")
_BOX = re.compile(r"(?:\\+f?boxed|\\+fbox|\x08oxed)\s*\{")
_HASHES = re.compile(r"####")
# A full stop ends a sentence only before a space, a mark or the end; `18.5` and `Mio. Euro` in a number are past it.
_SENTENCE_END = re.compile(r"\n|[!?。।۔؟]|\.(?=\s|$|[*\"')\]}])")
_UNIT = rf"(?:[\s*_$%)\]}}\\]*{WORD}){{0,3}}?[\s*_$%)\]}}\\,]*"
_EQUALS = re.compile(rf"{_UNIT}(?:=|≈|≒|\\approx)[\s=]*{NOISE}*(?:{WORD}\s*)?(?:[$€£¥₹৳฿₩₫]\s*)?{NOISE}*")
# A ratio or a time (3:2) and feet and inches (5'11) are no single number either.
_OPERATOR = re.compile(
    rf"{_UNIT}(?:[-–+*/×÷·~x]|\\times|\\cdot|\\div|(?<=\s)to(?=\s))\s*{NOISE}*(?:[$€£¥₹৳฿₩₫]\s*)?|[:']|\^\{{?"
)
# Longer stretches between two numbers are prose; the patterns above would also be slow on them.
_LONGEST_GAP = 60
_LONGEST_SENTENCE = 1000
_EXPONENT_BEFORE = re.compile(r"[\^_]\{?$")
_CLOSING_REMARK = re.compile(r"\(([^()\n]*)\)[\s*_.!。।]*$")
_LIST_MARKER = re.compile(r"(?m)^[ \t]*[*#>•_ \t-]*([0-9]{1,2})[.)、](?:[ \t*_]+|(?=[^\s\d.,]))(?=\S)")
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
    folded = fold(completion)
    text = _CALCULATOR.sub(lambda match: " " * len(match.group()), folded.text)
    code = get_language(lang).code
    whole = _Reading(text=text, lang=code, mark=decimal_mark(text, code), start=0, end=len(text))
    reading = _answer_region(whole)
    path: Path
    for path, number in (
        ("boxed", _boxed(reading)),
        ("answer_prefix", _after_cue(reading, prefixes)),
        ("hash", _after_hashes(reading)),
        ("last_number", _last_number(reading)),
    ):
        if number == "unreadable":
            break
        if isinstance(number, NumberSpan):
            span = folded.original_span(number.start, number.end)
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
        try:
            gold = Decimal(gold.strip().replace(",", ""))
        except InvalidOperation:
            raise DataError(
                f"reference {gold!r} is not a number such as 18, -5, 2.5 or 70,000; correct the item"
            ) from None
    return extraction.value is not None and extraction.value == gold


def _answer_region(whole: _Reading) -> _Reading:
    """Return the reading without thoughts and without the next question that a base model goes on to write."""
    start = whole.text.rfind("</think>")
    start = 0 if start < 0 or not whole.numbers(start, whole.end) else start + len("</think>")
    for label in RUNAWAY.finditer(whole.text, start):
        # A completion may restate the question first: only what follows an answer is a next question.
        if whole.numbers(start, label.start()):
            return _Reading(text=whole.text, lang=whole.lang, mark=whole.mark, start=start, end=label.start())
    return _Reading(text=whole.text, lang=whole.lang, mark=whole.mark, start=start, end=whole.end)


Outcome = NumberSpan | Literal["unreadable"] | None


def _boxed(reading: _Reading) -> Outcome:
    for box in reversed(list(_BOX.finditer(reading.text, reading.start, reading.end))):
        depth, pos = 1, box.end()
        while pos < min(reading.end, box.end() + _LONGEST_SENTENCE) and depth:
            depth += {"{": 1, "}": -1}.get(reading.text[pos], 0)
            pos += 1
        if depth:
            continue  # cut in the middle
        numbers = reading.numbers(box.end(), pos - 1)
        if numbers:
            return _solved(reading, numbers)
        if (han := _han_answer(reading, box.end(), pos - 1)) is not None:
            return han
    return None


def _solved(reading: _Reading, numbers: list[NumberSpan]) -> Outcome:
    """Return the first of some numbers, or the result of the equation it opens.

    Equation: numbers joined by operators, units and equals signs; its result is the last side that is a single number.
    """
    sides: list[list[NumberSpan]] = [[numbers[0]]]
    for left, right in pairwise(numbers):
        gap = reading.text[left.end : right.start]
        if len(gap) > _LONGEST_GAP:
            break
        if _EQUALS.fullmatch(gap):
            sides.append([right])
        elif _OPERATOR.fullmatch(gap):
            sides[-1].append(right)
        else:
            break
    single = [side[0] for side in sides if len(side) == 1]
    return single[-1] if single else "unreadable"


def _after_cue(reading: _Reading, prefixes: tuple[str, ...]) -> Outcome:
    cues = list(answer_cues(reading.lang, prefixes).finditer(reading.text, reading.start, reading.end))
    lists = _enumeration(reading)
    for cue in reversed(cues):
        if REASONING_BEFORE.search(reading.text, max(0, cue.start() - 24), cue.start()):
            continue
        outcome = _value_of_cue(reading, cue, lists)
        if outcome is not None:
            return outcome
    return None


def _value_of_cue(reading: _Reading, cue: re.Match[str], lists: frozenset[int]) -> Outcome:
    begin = _skip_filler(reading, cue.end())
    if (han := _han_answer(reading, begin, reading.end)) is not None:
        return han
    numbers = [
        number
        for number in reading.numbers(cue.end(), min(reading.end, begin + _LONGEST_SENTENCE))
        if number.start not in lists
    ]
    if not numbers:
        return None
    direct = numbers[0].start <= begin
    ending = _SENTENCE_END.search(reading.text, numbers[0].end if direct else begin, reading.end)
    limit = ending.start() if ending else reading.end
    stated = [number for number in numbers if number.start < limit]
    if not stated or (cue.lastgroup == "bare" and not direct):
        return None
    if cue.lastgroup == "label" and _opens_reasoning(reading, cue.start(), stated, limit, direct=direct):
        return None
    if not direct and (result := _last_result(reading, stated)) is not None:
        return result
    return _solved(reading, stated)


def _skip_filler(reading: _Reading, pos: int) -> int:
    filler = FILLER.match(reading.text, pos, reading.end)
    return filler.end() if filler else pos


def _opens_reasoning(reading: _Reading, cue_start: int, stated: list[NumberSpan], limit: int, *, direct: bool) -> bool:
    """Return whether a label stands before the reasoning rather than the answer.

    It does if nothing was worked out before it, more numbers follow its sentence, and the sentence is not just a value.
    """
    if reading.numbers(reading.start, cue_start) or not reading.numbers(limit, reading.end):
        return False
    if not direct or len(stated) > 1 or limit - stated[0].end > _LONGEST_GAP:
        return True
    return _SHORT_TAIL.fullmatch(reading.text, stated[0].end, limit) is None


def _last_result(reading: _Reading, numbers: list[NumberSpan]) -> NumberSpan | None:
    for left, right in reversed(list(pairwise(numbers))):
        gap = reading.text[left.end : right.start]
        if len(gap) <= _LONGEST_GAP and _EQUALS.fullmatch(gap):
            return right
    return None


def _han_answer(reading: _Reading, start: int, end: int) -> NumberSpan | None:
    """Return a Han numeral that is the whole answer: up to a mark, the end, or the polite copula of Japanese."""
    if reading.lang not in ("zh", "ja"):
        return None
    pattern = rf"({HAN_NUMERAL})(?:个|個|元|円|美元|ドル|人|です|となります)*\s*(?=[。.!,，;\n}}\\*$]|$)"
    match = re.compile(pattern).match(reading.text, start, end)
    value = parse_han_numeral(match.group(1)) if match else None
    if match is None or value is None:
        return None
    return NumberSpan(value=Decimal(value), start=match.start(1), end=match.end(1))


def _after_hashes(reading: _Reading) -> Outcome:
    for mark in reversed(list(_HASHES.finditer(reading.text, reading.start, reading.end))):
        begin = _skip_filler(reading, mark.end())
        line_end = reading.text.find("\n", begin, reading.end)
        line_end = reading.end if line_end < 0 else line_end
        numbers = reading.numbers(mark.end(), line_end)
        # "#### 1. Add the prices" is a heading.
        heading = re.compile(r"[.)][*_ \t]+[^\s\d]").match(reading.text, numbers[0].end) if numbers else None
        if numbers and numbers[0].start <= begin and heading is None:
            return _solved(reading, numbers)
    return None


def _enumeration(reading: _Reading) -> frozenset[int]:
    """Return the offsets of the numbers that count list items: 1, and every n that follows n - 1 at a line start."""
    seen: set[int] = set()
    offsets = set()
    for marker in _LIST_MARKER.finditer(reading.text, reading.start, reading.end):
        count = int(marker.group(1))
        if count == 1 or count - 1 in seen:
            seen.add(count)
            offsets.add(marker.start(1))
    return frozenset(offsets)


def _last_number(reading: _Reading) -> Outcome:
    numbers = reading.numbers(reading.start, reading.end)
    markers = {match.start(1) for match in _LIST_MARKER.finditer(reading.text, reading.start, reading.end)}
    kept = [number for number in numbers if number.start not in markers and not _is_aside(reading, number)]
    ranges = {
        number.start
        for left, right in pairwise(numbers)
        if re.fullmatch(r"\s?[-–~]\s?[$€£¥]?", reading.text[left.end : right.start])
        and not re.match(r"[^\n.]{0,30}=", reading.text[right.end : right.end + 31])
        for number in (left, right)
    }
    outside = [number for number in kept if number.start not in ranges]
    chosen = _before_remark(reading, outside) or ([] if ranges else numbers)
    return chosen[-1] if chosen else None


def _is_aside(reading: _Reading, number: NumberSpan) -> bool:
    """Return whether a number counts a step, is an ordinal or an exponent (m^2), so that it is no quantity."""
    before = reading.text[max(reading.start, number.start - 24) : number.start]
    ordinal = ORDINAL_AFTER.match(reading.text, number.end, reading.end)
    return STEP_BEFORE.search(before) is not None or ordinal is not None or _EXPONENT_BEFORE.search(before) is not None


def _before_remark(reading: _Reading, numbers: list[NumberSpan]) -> list[NumberSpan]:
    """Return the numbers without those of a closing remark in brackets, as in `18 dollars (9 times 2).`"""
    if not numbers:
        return []
    tail = _CLOSING_REMARK.search(reading.text, max(reading.start, reading.end - 300), reading.end)
    if tail is None or not tail.start() < numbers[-1].start or re.fullmatch(r"[\s$€£¥]*[-0-9.,%]+\s*", tail.group(1)):
        return numbers
    line = max(reading.text.rfind("\n", 0, tail.start()), reading.start)
    outside = [number for number in numbers if number.start < tail.start()]
    return outside if outside and outside[-1].start >= line else numbers
