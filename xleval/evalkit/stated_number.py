"""What a stretch of a completion states: the result of an equation, the number it stresses, a Han numeral."""

import re
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from xleval.data.number_words import HAN_NUMERAL, parse_han_numeral
from xleval.data.numbers import NumberSpan
from xleval.evalkit.answer_cues import (
    CHOICE,
    CONCLUSION,
    FILLER,
    NOISE,
    ORDINAL_AFTER,
    RANGE,
    RATE_AFTER,
    STEP_BEFORE,
    WORD,
)
from xleval.evalkit.answer_region import Reading

# `unreadable`: something that is no single number is given as the answer.
Outcome = NumberSpan | Literal["unreadable"] | None
_UNIT = rf"(?:[\s*_$%)\]}}\\]*{WORD}){{0,3}}?[\s*_$%)\]}}\\,]*"
EQUALS = re.compile(rf"{_UNIT}(?:=|≈|≒|\\approx)[\s=]*{NOISE}*(?:{WORD}\s*)?(?:[$€£¥₹৳฿₩₫]\s*)?{NOISE}*")
# A ratio or a time (3:2) and feet and inches (5'11) are no single number either.
_OPERATOR = re.compile(
    rf"{_UNIT}(?:[-–+*/×÷·~x]|\\times|\\cdot|\\div|(?<=\s)to(?=\s))\s*{NOISE}*(?:[$€£¥₹৳฿₩₫]\s*)?|[:']|\^\{{?|{RANGE}",
    re.IGNORECASE,
)
# Longer stretches between two numbers are prose; the patterns above would also be slow on them.
LONGEST_GAP = 60
LISTED = re.compile(r"\s*(?:[,;]|\\pm|±|(?:\\(?:text|quad|mathrm)\W*)?(?:and|or|\\quad)\W*)\s*(?:[a-z]\s*=\s*)?")
BOTH_SIGNS = re.compile(r"(?:\\pm|±)\s*$")
_SYMBOL_AFTER = re.compile(r"\s*(?:\\cdot\s*)?(?:\\?(?:pi|sqrt)(?![a-z])|[π√])")
_ROOT_BEFORE = re.compile(r"(?:\\sqrt\s*(?:\[[0-9]*\])?\s*\{?|√\s*)$")
_HAN_ANSWER = re.compile(
    rf"(?P<minus>负|負|マイナス|零下)?(?:(?P<below>{HAN_NUMERAL})(?:分之|分の))?(?P<value>{HAN_NUMERAL})"
    r"(?:个|個|元|円|美元|ドル|人|です|となります)*\s*(?=[。.!,，;\n}\\*$]|$)"
)
_BOLD = re.compile(r"\*\*[^*\n]{1,80}\*\*(?!\s*:)")
_EXPONENT_BEFORE = re.compile(r"[\^_]\{?$")


def solved(reading: Reading, numbers: list[NumberSpan]) -> Outcome:
    r"""Return the first of some numbers, or the result of the equation it opens.

    Equation: numbers joined by operators, units and equals signs; its result is the last side that is a single number.
    Unreadable: only unsolved sides, two values to choose from (`18 or 19`), or a multiple of a symbol (`2\pi`).
    """
    if len(numbers) > 1 and _is_choice(reading, numbers[0], numbers[1]):
        return "unreadable"
    sides: list[list[NumberSpan]] = [[numbers[0]]]
    for left, right in pairwise(numbers):
        gap = reading.text[left.end : right.start]
        if len(gap) > LONGEST_GAP:
            break
        if EQUALS.fullmatch(gap):
            sides.append([right])
        elif _OPERATOR.fullmatch(gap):
            sides[-1].append(right)
        else:
            break
    single = [side[0] for side in sides if len(side) == 1 and not _has_symbol(reading, side[0])]
    return single[-1] if single else "unreadable"


def _is_choice(reading: Reading, left: NumberSpan, right: NumberSpan) -> bool:
    # `60 minutes or 1 hour` says one thing twice, so only values without units between them are alternatives.
    gap = reading.text[left.end : right.start]
    return left.value != right.value and len(gap) < LONGEST_GAP and CHOICE.fullmatch(gap) is not None


def _has_symbol(reading: Reading, number: NumberSpan) -> bool:
    before = reading.text[max(reading.start, number.start - 24) : number.start]
    return bool(_SYMBOL_AFTER.match(reading.text, number.end, reading.end) or _ROOT_BEFORE.search(before))


def last_result(reading: Reading, numbers: list[NumberSpan]) -> NumberSpan | None:
    """Return the last of some numbers that follows an equals sign, None without one."""
    for left, right in reversed(list(pairwise(numbers))):
        gap = reading.text[left.end : right.start]
        if len(gap) <= LONGEST_GAP and EQUALS.fullmatch(gap):
            return right
    return None


def concluded(reading: Reading, numbers: list[NumberSpan]) -> list[NumberSpan]:
    """Return the numbers after the last word that concludes: `she sells 9 eggs at $2 each, so she makes $18`."""
    words = list(CONCLUSION.finditer(reading.text, numbers[0].end, numbers[-1].start))
    return [number for number in numbers if number.start >= words[-1].end()] if words else numbers


def stressed(reading: Reading, numbers: list[NumberSpan], start: int, end: int) -> list[NumberSpan]:
    """Return the numbers in bold of a sentence, or, without bold, those that are no aside; all where none is left."""
    bold = [match.span() for match in _BOLD.finditer(reading.text, start, end)]
    inside = [number for number in numbers if any(low < number.start < high for low, high in bold)]
    return inside or [number for number in numbers if not is_aside(reading, number)] or numbers


def is_aside(reading: Reading, number: NumberSpan) -> bool:
    """Return whether a number counts a step, is an ordinal, an exponent (m^2) or the one of a rate: no quantity."""
    before = reading.text[max(reading.start, number.start - 24) : number.start]
    ordinal = ORDINAL_AFTER.match(reading.text, number.end, reading.end)
    if ordinal is not None or (number.value == 1 and RATE_AFTER.match(reading.text, number.end, reading.end)):
        return True
    return STEP_BEFORE.search(before) is not None or _EXPONENT_BEFORE.search(before) is not None


def skip_filler(reading: Reading, pos: int) -> int:
    """Return the offset after the marks, copulas, hedges and currency that may stand between a cue and its number."""
    filler = FILLER.match(reading.text, pos, reading.end)
    return filler.end() if filler else pos


def han_answer(reading: Reading, start: int, end: int) -> NumberSpan | None:
    """Return a Han numeral that is the whole answer: up to a mark, the end, or the polite copula of Japanese."""
    if reading.lang not in ("zh", "ja"):
        return None
    match = _HAN_ANSWER.match(reading.text, start, end)
    value = parse_han_numeral(match["value"]) if match else None
    if match is None or value is None:
        return None
    below = parse_han_numeral(match["below"]) if match["below"] else 1
    if not below:
        return None
    percent = below == 100  # 百分之五十 is 50 %, and a percent sign does not change a value
    exact = Decimal(value) if percent else Decimal(value) / below
    if match["minus"]:
        return NumberSpan(value=-exact, start=match.start("minus"), end=match.end("value"))
    return NumberSpan(
        value=exact, start=match.start("value" if percent or below == 1 else "below"), end=match.end("value")
    )
