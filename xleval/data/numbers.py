"""Reading numbers as people write them in the languages of the table; exact (`Decimal`), never float.

How a group of digits is read (the decimal mark of the language is `Language.decimal_separator`):

1. Two kinds of separator (`1.234,56`, `1,234.56`): the last is the decimal mark, the other one groups.
2. One kind twice or more with groups of three, or lakh groups (`1.234.567`, `1,00,000`): it groups. Otherwise the parts
   are numbers of their own (`1,2,3`, `2.4.1`).
3. `.` or `,` once: decimal mark unless exactly three digits follow and one to three, the first not 0, precede. Then it
   is the decimal mark if the language says so and a group mark if not. Two exceptions. Where the comma is the decimal
   mark, `,000` still groups: 70,000 in a German text is the English form, nobody writes three empty decimals. And if a
   text writes only foreign decimals or groups elsewhere (`2.50`, `1,234.5`), the foreign convention holds for all of it.
4. No-break spaces, apostrophes, `_` and U+066C group digits by three in every language; U+066B is always the decimal
   mark. A plain space groups in languages that have it as group separator, in others only if `000` closes the number.
5. A percent sign does not change the value; `1/2` is one half, `2 1/2` two and a half, unless `=` follows (a division).
6. Magnitude words multiply (`7万`, `3 Millionen`, `elfu 7`, `1 lakh 20 thousand`), see `number_words`; half words add
   one half of the last of them or of the unit (`3 heures et demie`, `2 triệu rưỡi`).
7. `-` is a sign where no number or word ends directly before it. Digits inside a word (`H2`, `x5`) are no number.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from xleval.data.digit_groups import DIGITS, SEPARATOR, DigitStyle, decimal_mark
from xleval.data.languages import get_language
from xleval.data.number_folding import fold, normalise_digits
from xleval.data.number_tails import currency_ends, read_value
from xleval.data.number_words import (
    CURRENCY,
    HAN_NUMERAL,
    MINUS_WORD_BEFORE,
    magnitude_before,
    magnitudes,
    parse_han_numeral,
)

__all__ = ["NumberSpan", "decimal_mark", "find_numbers", "normalise_digits", "parse_number", "scan_folded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberSpan:
    """One number in a text.

    Attributes:
        value: exact; a fraction is rounded to 28 significant digits.
        start: offset of its first character, the sign or a magnitude word before it included.
        end: offset after its last character, a magnitude word included; currency and percent are outside.
    """

    value: Decimal
    start: int
    end: int


def find_numbers(text: str, lang: str) -> list[NumberSpan]:
    """Return every number of a text in reading order, with offsets in the text as given.

    Args:
        text: anything; numbers spelt out in words are not found.
        lang: code of the language table, whose separators and magnitude words apply.

    Raises:
        ConfigError: unknown language.
    """
    folded = fold(text)
    spans: list[NumberSpan] = []
    for number in scan_folded(folded.text, lang):
        start, end = folded.original_span(number.start, number.end)
        if spans and start < spans[-1].end:
            continue  # one character, such as the ½ of `0/½`, became several numbers of which the first is taken
        spans.append(NumberSpan(value=number.value, start=start, end=end))
    return spans


_AROUND = re.compile(rf"(?:{CURRENCY}|[\s*_`\"'()\[\]{{}}%$~≈]|\\)*", re.IGNORECASE)
_UNIT_AFTER = re.compile(r"[ ]*(?:[^\s\d!-#&-@\[-`{-~]+[ .]*){0,2}[\s%$*_`\"')\]}.。!।]*")


def parse_number(text: str, lang: str) -> Decimal | None:
    """Return the value of a text that is one number, else None.

    Around the number may stand currency and percent signs, brackets, quotes, Markdown marks and sentence-final marks, and
    after it up to two words (its unit). In Chinese and Japanese the whole text may also be a numeral such as 十八.

    Raises:
        ConfigError: unknown language.
    """
    folded = fold(text).text
    numbers = scan_folded(folded, lang)
    if not numbers and lang in ("zh", "ja"):
        han = re.fullmatch(rf"\s*({HAN_NUMERAL})[\s。.!]*", folded)
        value = parse_han_numeral(han.group(1)) if han else None
        return None if value is None else Decimal(value)
    if len(numbers) != 1:
        return None
    before, after = folded[: numbers[0].start], folded[numbers[0].end :]
    return numbers[0].value if _AROUND.fullmatch(before) and _UNIT_AFTER.fullmatch(after) else None


_BEFORE = re.compile(rf"(?:(?P<sign>[-–])(?P<space> ?))?(?:{CURRENCY}\s?)?(?P<inner>[-–])?$", re.IGNORECASE)
_LETTER = re.compile(r"[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0370-\u052f\u1e00-\u1eff_]")
# In these scripts words touch the number, so a letter before `-` does not make it a hyphen.
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3000-\u30ff\u3400-\u9fff\uac00-\ud7a3]$")


# In a word such as the X of `X45,000` the groups are skipped together: 000 is no number of its own.
_GROUPED = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{3})+(?:[.,][0-9]{1,2})?")
# N45,000: the naira as it is typed without its sign.
_NAIRA = re.compile(r"(?<!\w)N$")
# Arabic writes from the right, so a minus sign typed after the digits is seen before them.
_MINUS_AT_END = re.compile(r"-(?=[.،]?(?:\s*$|\n))")


def scan_folded(
    folded: str, lang: str, *, start: int = 0, end: int | None = None, mark: str | None = None
) -> list[NumberSpan]:
    """Return the numbers of a stretch of folded text; offsets are those of the folded text.

    Args:
        folded: `FoldedText.text`.
        lang: code of the language table.
        start: what is before it is not looked at, so a number may begin inside a word there.
        end: where the stretch ends; the end of the text by default.
        mark: the decimal mark; by default `decimal_mark` of the whole text.
    """
    language = get_language(lang)
    style = DigitStyle(
        lang=language.code,
        decimal=mark or decimal_mark(folded, lang),
        plain_spaces=" " in language.group_separators,
    )
    region = folded[: len(folded) if end is None else end]
    numbers: list[NumberSpan] = []
    pos = start
    while (core := DIGITS.search(region, pos)) is not None:
        inside = core.start() > start and _LETTER.match(region, core.start() - 1)
        if inside and not currency_ends(region, start, core.start()):
            grouped = _GROUPED.fullmatch(core.group()) is not None
            if not (grouped and _NAIRA.search(region, core.start() - 1, core.start())):
                first = SEPARATOR.split(core.group())[0]
                pos = core.end() if grouped or not first else core.start() + len(first)
                continue
        value, stop = read_value(region, core, style)
        number = _with_sign(region, start, core.start(), value, stop, style.lang)
        if numbers and _continues_number(region, numbers[-1], number, style.lang):
            previous = numbers.pop()
            number = NumberSpan(value=previous.value + number.value, start=previous.start, end=stop)
        numbers.append(number)
        pos = stop
    return numbers


def _continues_number(region: str, left: NumberSpan, right: NumberSpan, lang: str) -> bool:
    """Return whether two numbers are one, as where magnitudes stand first: `milioni 2 na elfu 5`, `elfu 3 na 500`."""
    if magnitude_before(lang) is None or not 0 < right.value < left.value or region[left.start].isdigit():
        return False
    joined = re.fullmatch(r" (?:na )?", region[left.end : right.start])
    if region[right.start].isdigit():
        return joined is not None and joined.group() != " " and 10 <= right.value < 1000 and left.value % 1000 == 0
    return joined is not None and right.value % 100 == 0


def _with_sign(region: str, start: int, pos: int, value: Decimal, stop: int, lang: str) -> NumberSpan:
    begin = pos
    left = region[max(start, pos - 24) : pos]
    before_word = magnitude_before(lang)
    if before_word is not None and (word := before_word.search(left)) is not None:
        value *= magnitudes(lang)[word.group(1).lower()]
        begin = pos - len(left) + word.start()
        left = left[: word.start()]
    at = _sign_offset(left)
    if at is not None:
        return NumberSpan(value=-value, start=begin - len(left) + at, end=stop)
    if lang == "ar" and _MINUS_AT_END.match(region, stop):
        return NumberSpan(value=-value, start=begin, end=stop + 1)
    ends_in_word = left[-1:].isalpha() or left[-2:-1].isalpha() or left[-2:-1] > "\u02ff"
    word = MINUS_WORD_BEFORE.search(left) if ends_in_word else None
    if word is not None and not re.search(r"[0-9)\]]\s*$", left[: word.start()]):
        return NumberSpan(value=-value, start=begin - len(left) + word.start(), end=stop)
    return NumberSpan(value=value, start=begin, end=stop)


def _sign_offset(left: str) -> int | None:
    """Return where the minus sign of a number stands in what precedes it, or None: no sign, an operator or a hyphen."""
    found = _BEFORE.search(left) if "-" in left or "–" in left else None
    if found is None or not (found["inner"] or found["sign"]):
        return None
    at = found.start("sign") if found["sign"] else found.start("inner")
    rest = left[: found.start()].rstrip(" ")
    apart = rest != left[: found.start()] or left[found.start()].isspace()
    last = rest[-1:]
    if last and (last.isdigit() or last in ")]}%$€£¥₹°"):
        return None
    if last.isalpha() and not apart and not _UNSPACED.search(rest):
        return None
    loose = bool(found["sign"] and found["space"])
    return None if loose and (not last or last not in "=:(≈") else at
