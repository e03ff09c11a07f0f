"""What follows the digits of a number: a fraction, a power of ten, an exponent, magnitude words (rules 5 and 6 of `numbers`)."""

import re
from decimal import Decimal

from xleval.data.digit_groups import DIGITS, DigitStyle, read_digits
from xleval.data.number_folding import FRACTION_SLASH, NO_BREAK_SPACE
from xleval.data.number_words import CURRENCY, half_after, magnitude_after, magnitudes, multiply_smaller

_DENOMINATOR = rf"(?:/(?P<part>[0-9]+)(?![0-9]|[/.,][0-9])(?!\s*=)|{FRACTION_SLASH}(?P<whole>[0-9]+))"
_FRACTION = re.compile(_DENOMINATOR)
_MIXED = re.compile(rf"(?:[ {NO_BREAK_SPACE}]|\s(?:and|und|et|y|e|и|і)\s|又)(?P<numerator>[0-9]+){_DENOMINATOR}")
# Three quarters in Chinese, Japanese and Korean: 4分之3, 4分の3, 4분의 3.
_SPOKEN_FRACTION = re.compile(r"\s?(?:分之|分の|분의)\s?(?P<numerator>[0-9]+)(?![0-9]|[.,][0-9])")
_POWER = re.compile(
    r"\s?(?:[×x*]|\\times|\\cdot)\s?10(?:\^\{?(-?[0-9]{1,2})\}?|(⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}))|[eE]([+-]?[0-9]{1,2})(?![\w])"
)
_EXPONENT = re.compile(r"\^(?:\{(-?[0-9]{1,2})\}|([0-9]{1,2})(?![0-9]|[.,][0-9]))|([⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2})")
_LARGEST_BASE = 10**6
_MOST_PARTS = 12  # of 1億2千3百4十5万 ...; a model in a loop writes thousands
# 1.2M is a million; a capital B is a billion only after a currency sign, otherwise part of a name (18B).
_SHORT_FACTOR = re.compile(r"(?:(?P<m>M)|B)(?![^\W_]|\^|[²³])")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_JOINED = frozenset({"zh", "ja", "ko"})
# 2 milhões e 500 mil, ٣ ملايين و٥٠٠ ألف. After `mil e` and `ألف و` a number without a magnitude follows, too.
_AND = {"en": "and", "de": "und", "fr": "et", "es": "y", "pt": "e", "it": "e", "ar": "و"}
_PLAIN_AFTER_AND = frozenset({"pt", "ar"})
_PART_GAP = re.compile(rf"[ {NO_BREAK_SPACE}]?(?:(?:and|und|et|y|e) | ?و ?)?(?=[0-9])", re.IGNORECASE)
_SHORT_END = re.compile(r"[元块塊人]|美元|\s*(?:[。，,.;；!！)）*$}\n]|$)")
_CURRENCY_AT_END = re.compile(rf"{CURRENCY}$", re.IGNORECASE)


def currency_ends(region: str, start: int, pos: int) -> bool:
    """Return whether a currency mark ends at an offset; what is before `start` is not looked at."""
    return _CURRENCY_AT_END.search(region[max(start, pos - 8) : pos]) is not None


def read_value(region: str, core: re.Match[str], style: DigitStyle) -> tuple[Decimal, int]:
    """Return the value and end of the number that a match of `DIGITS` begins, with all that belongs to it."""
    before = region[max(0, core.start() - 2) : core.start()]
    series = before[1:] if before[:1].isdigit() else ""
    value, stop = read_digits(core.group(), style, series)
    stop += core.start()
    fraction = _read_fraction(region, value, core.start(), stop)
    if fraction is not None:
        return fraction
    if (power := _POWER.match(region, stop)) is not None:
        exponent = int((power.group(1) or power.group(2) or power.group(3)).translate(_SUPERSCRIPTS))
        return value.scaleb(exponent), power.end()
    if (raised := _EXPONENT.match(region, stop)) is not None and 0 < value <= _LARGEST_BASE:
        return value ** int("".join(filter(None, raised.groups())).translate(_SUPERSCRIPTS)), raised.end()
    if (short := _SHORT_FACTOR.match(region, stop)) is not None and (
        short["m"] or currency_ends(region, 0, core.start())
    ):
        return value * (10**6 if short["m"] else 10**9), short.end()
    return _read_magnitudes(region, value, stop, style)


def _read_fraction(region: str, value: Decimal, begin: int, stop: int) -> tuple[Decimal, int] | None:
    """Return the value and end of `1/2` or `2 1/2`, or None: no fraction, or a date (1/2/2024)."""
    if not region[begin:stop].isdigit():
        return None
    spoken = _SPOKEN_FRACTION.match(region, stop)
    if spoken is not None and value:
        return Decimal(spoken["numerator"]) / value, spoken.end()
    found = _FRACTION.match(region, stop) or _MIXED.match(region, stop)
    if found is None or (found["part"] and region[max(0, begin - 1) : begin] == "/"):
        return None
    denominator = Decimal(found["part"] or found["whole"])  # int() refuses more than 4,300 digits
    if found.re is _FRACTION:
        return (value / denominator, found.end()) if denominator else None
    numerator = Decimal(found["numerator"])
    return (value + numerator / denominator, found.end()) if numerator < denominator else None


def _read_magnitudes(region: str, value: Decimal, stop: int, style: DigitStyle) -> tuple[Decimal, int]:
    """Return the value and end of a number after its magnitude words: 2万5千, 1 lakh 20 thousand, 3万5000, 2 million and a half."""
    entries = [value]
    pattern = magnitude_after(style.lang)
    last = 0
    while True:
        while (word := pattern.match(region, stop)) is not None:
            if word.group(2):
                return entries[0] * 1000, word.end()
            last = magnitudes(style.lang)[word.group(1).lower()]
            entries = multiply_smaller(entries, last)
            stop = word.end()
        part = _next_part(region, stop, last, style) if last and len(entries) < _MOST_PARTS else None
        if part is None:
            break
        entries.append(part[0])
        stop = part[1]
    total = sum(entries, Decimal(0))
    half = half_after(style.lang).match(region, stop)
    if half is None:
        return total, stop
    total += Decimal(last or 1) / 2
    factor = None if last else pattern.match(region, half.end())
    if factor is not None and factor.group(1):  # 2 and a half million
        return total * magnitudes(style.lang)[factor.group(1).lower()], factor.end()
    return total, half.end()


def _next_part(region: str, stop: int, last: int, style: DigitStyle) -> tuple[Decimal, int] | None:
    """Return value and end of the part of a number that follows a magnitude word, None where another number begins.

    Args:
        region: the text.
        stop: where the magnitude word ends.
        last: its factor.
        style: how the text writes numbers.
    """
    gap = _PART_GAP.match(region, stop)
    joint = "" if gap is None else gap.group()
    word = joint.strip(f" {NO_BREAK_SPACE}").lower()
    core = DIGITS.match(region, gap.end()) if gap is not None and word in ("", _AND.get(style.lang)) else None
    if core is None:
        return None
    part, length = read_digits(core.group(), style)
    end = core.start() + length
    unit = magnitude_after(style.lang).match(region, end)
    joined = style.lang in _JOINED and not joint
    if unit is not None and unit.group(1):
        smaller = magnitudes(style.lang)[unit.group(1).lower()] < last
        return (part, end) if smaller or joined else None
    if joined and style.lang == "zh" and last >= 100 and length == 1 and _SHORT_END.match(region, end):
        return part * (last // 10), end  # 1万5 is short for 1万5千
    spaced_three = joint and length == 3 and (not word or style.lang in _PLAIN_AFTER_AND)
    follows = part < last and (length >= 2 if joined else spaced_three or (length > 2 and style.lang == "ko"))
    return (part, end) if follows else None
