"""Digits with separators between them, read by the conventions of a language: rules 1 to 4 of `numbers`."""

import re
from dataclasses import dataclass
from decimal import Decimal

from xleval.data.languages import get_language
from xleval.data.number_folding import NO_BREAK_SPACE


@dataclass(frozen=True, slots=True, kw_only=True)
class DigitStyle:
    """How a text writes its numbers.

    Attributes:
        lang: code of the language table.
        decimal: the decimal mark, `.` or `,`.
        plain_spaces: whether plain spaces group digits.
    """

    lang: str
    decimal: str
    plain_spaces: bool


# Thirteen groups are enough for any number; without a bound a long list costs cubic time.
# A point after a letter or vowel sign ends an abbreviation (రూ.250), it opens no decimals; `答案是.5` does.
DIGITS = re.compile(
    rf"[0-9]+(?:[.,\u066b\u066c'_{NO_BREAK_SPACE} ][0-9]+){{0,12}}|(?<![0-9A-Za-z.\u00c0-\u0e7f])\.[0-9]+"
)
SEPARATOR = re.compile(rf"[.,\u066b\u066c'_{NO_BREAK_SPACE} ]")
_POINTS = ".,\u066b\u066c"
_POINT_EVIDENCE = re.compile(
    r"(?<![0-9.,])(?:[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]|[0-9]{1,3}(?:,[0-9]{3}){2,}|[0-9]+\.[0-9]{1,2}(?![0-9]|[.,][0-9]))"
    r"|(?<![A-Za-z])[$£₹] ?[1-9][0-9]{0,2},[0-9]{3}(?![0-9])"
)
_COMMA_EVIDENCE = re.compile(
    r"(?<![0-9.,])(?:[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]|[0-9]{1,3}(?:\.[0-9]{3}){2,}|[0-9]+,[0-9]{1,2}(?![0-9]|[.,][0-9]))"
)
_COMMA_EVIDENCE_STRONG = re.compile(r"(?<![0-9.,])[0-9]{1,3}(?:(?:\.[0-9]{3})+,[0-9]|(?:\.[0-9]{3}){2,})(?![0-9])")


def decimal_mark(folded: str, lang: str) -> str:
    """Return `.` or `,`: the decimal mark of a folded text, by language and by what the text itself shows (rule 3)."""
    if get_language(lang).decimal_separator != ",":
        foreign = _COMMA_EVIDENCE_STRONG.search(folded) and not _POINT_EVIDENCE.search(folded)
        return "," if foreign else "."
    return "." if _POINT_EVIDENCE.search(folded) and not _COMMA_EVIDENCE.search(folded) else ","


def read_digits(core: str, style: DigitStyle, series: str = "") -> tuple[Decimal, int]:
    """Return the value of the longest readable beginning of digits and separators, and its length (rules 1 to 4).

    Args:
        core: digits with single separators between them.
        style: decimal mark and spaces of the text.
        series: the mark directly before when a digit precedes it: the 3 of `1,2,3` belongs to a series, not to 2.
    """
    if core[0] == ".":
        return Decimal(f"0{core}"), len(core)
    digits = SEPARATOR.split(core)
    marks = SEPARATOR.findall(core)
    if marks and marks[0] not in _POINTS and len(digits[1]) != 3:
        return Decimal(digits[0]), len(digits[0])  # spaces and apostrophes group by three only
    for count in range(len(marks), 0, -1):
        neighbours = (series, marks[count] if count < len(marks) else "")
        value = _separated_value(digits[: count + 1], marks[:count], neighbours, style)
        if value is not None:
            return value, sum(map(len, digits[: count + 1])) + count
    return Decimal(digits[0]), len(digits[0])


def _separated_value(
    digits: list[str], marks: list[str], neighbours: tuple[str, str], style: DigitStyle
) -> Decimal | None:
    if _groups(digits, marks, style, alone=True):
        return Decimal("".join(digits))
    mark = marks[-1]
    if mark not in (".", ",", "\u066b") or mark in marks[:-1] or mark in neighbours:
        return None
    if len(marks) > 1 and not _groups(digits[:-1], marks[:-1], style, alone=False):
        return None
    if mark == "," and len(marks) == 1 and style.decimal == "." and len(digits[1]) > 2 and digits[0] != "0":
        return None  # 12,3456 in English is two numbers, 1,8 the foreign decimal
    return Decimal("".join(digits[:-1]) + "." + digits[-1])


def _groups(digits: list[str], marks: list[str], style: DigitStyle, *, alone: bool) -> bool:
    """Return whether the marks group the digits; `alone`: no decimal part follows, so one `.` or `,` may be decimal."""
    mark = marks[0]
    if mark == "\u066b" or any(other != mark for other in marks) or digits[0].startswith("0"):
        return False
    by_three = len(digits[0]) <= 3 and all(len(part) == 3 for part in digits[1:])
    if mark in (",", "\u066c") and len(marks) > 1 and not by_three:
        return len(digits[0]) <= 2 and all(len(part) == 2 for part in digits[1:-1]) and len(digits[-1]) == 3
    if not by_three:
        return False
    if mark == " ":
        return style.plain_spaces or digits[-1] == "000"
    if mark in ".," and alone and len(marks) == 1 and mark == style.decimal:
        return mark == "," and digits[1] == "000"
    return True
