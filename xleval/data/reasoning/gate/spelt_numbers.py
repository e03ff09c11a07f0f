"""Numbers spelt out in words: what digits of the other text they may stand for."""

import functools
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from xleval.data.number_words import HAN_NUMERAL, parse_han_numeral
from xleval.data.reasoning.gate.digit_reading import digit_spans
from xleval.data.reasoning.gate.name_folding import fold_name
from xleval.data.reasoning.gate.number_names import number_names

_MAX_WORDS = 3
_UNSPACED = frozenset({"zh", "ja", "th", "ko"})
# Words grow endings there: the beginning of a word is compared. In Arabic the article and prepositions stick to it.
_INFLECTED = frozenset({"te", "bn"})
_PREFIXES = {"ar": ("وال", "بال", "لل", "ال", "و", "ب", "ل", "ف", "ك")}
_POWERS = frozenset(10**power for power in range(1, 10))
_TENS = frozenset(range(20, 100, 10))
# Days of a week, months or pieces of a dozen, hours of a day, minutes: `2 weeks` may be 14 days elsewhere.
_UNITS = frozenset({7, 12, 24, 60})
_WORD = re.compile(r"[^\W\d_]+(?:[^\s\d.,;:!?()\[\]{}\"'…।،؟_/*+=<>%$€£-]|'(?=[^\W\d_]))*")
_BETWEEN = re.compile(
    r"[\s-]*(?:(?:and|of|a|an|und|y|e|et|de|di|i|с|з|и|і|na|dan|và|o|و|และ|과|와|と|又|个|個|の|つの|분의|分の|分之|times)[\s-]+|"
    r"(?:と|又|个|個|の|つの|와|과|분의|分の|分之)[\s-]*)*"
)
_DENOMINATOR_FIRST = re.compile(r"\s*(?:分の|分之|분의)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeltNumbers:
    """What the words of one text may stand for.

    Attributes:
        values: how many times a value may be read from words alone; a word with several readings counts in each.
        mixed: pairs of a value and the digits of the text that words belong to: 2.5 and (2,) for `2 and a half`.
    """

    values: Mapping[Decimal, int]
    mixed: tuple[tuple[Decimal, tuple[Decimal, ...]], ...]


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    readings: tuple[Fraction, ...]
    digits: Decimal | None = None


def spelt_numbers(text: str, lang: str) -> SpeltNumbers:
    """Return what the number words of a text may stand for, alone, with each other, and with digits beside them.

    Args:
        text: source or translation.
        lang: code of the language table.

    Raises:
        ConfigError: unknown language.
    """
    folded = fold_name(text, lang)
    values: Counter[Decimal] = Counter()
    mixed: list[tuple[Decimal, tuple[Decimal, ...]]] = []
    for group in _groups(folded, list(_tokens(folded, lang))):
        for token in group:
            if token.digits is None:
                for value in {reading for one in token.readings for reading in _readings(one)}:
                    values[value] += 1
        for whole, digits in _wholes(folded, group):
            if digits:
                mixed.append((whole, digits))
            else:
                values[whole] += 1
    return SpeltNumbers(values=values, mixed=tuple(mixed))


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _readings(value: Fraction) -> Iterator[Decimal]:
    """Yield what a name may be in digits: half is 0.5, 50 (percent) and the 2 of `1/2` or of `divided by 2`."""
    yield _decimal(value)
    if value.denominator > 1:
        yield _decimal(value * 100)
        yield from (Decimal(value.numerator), Decimal(value.denominator))


def _tokens(folded: str, lang: str) -> list[_Token]:
    """Return number words and numbers in digits, in reading order."""
    numbers = digit_spans(folded, lang)
    tokens = [_Token(start, end, (Fraction(value),), value) for start, end, value in numbers]
    taken = [(start, end) for start, end, _ in numbers]
    words = _anywhere(folded, lang) if lang in _UNSPACED else _by_words(folded, lang)
    index = 0
    for word in words:
        while index < len(taken) and taken[index][1] <= word.start:
            index += 1
        if index == len(taken) or word.end <= taken[index][0]:
            tokens.append(word)
    return sorted(tokens, key=lambda token: token.start)


@functools.cache
def _pattern(lang: str) -> re.Pattern[str]:
    names = sorted(number_names(lang), key=len, reverse=True)
    han = f"|{HAN_NUMERAL}" if lang in ("zh", "ja") else ""
    sino = "|[일이삼사오육칠팔구십백천만]+" if lang == "ko" else ""
    return re.compile("|".join(map(re.escape, names)) + han + sino)


_SINO = str.maketrans("일이삼사오육칠팔구십백천만", "一二三四五六七八九十百千万")


def _anywhere(folded: str, lang: str) -> Iterator[_Token]:
    names = number_names(lang)
    for found in _pattern(lang).finditer(folded):
        readings = names.get(found.group())
        if readings is None:
            value = parse_han_numeral(found.group().translate(_SINO))
            if value is None:
                continue
            readings = (Fraction(value),)
        yield _Token(found.start(), found.end(), readings)


def _by_words(folded: str, lang: str) -> Iterator[_Token]:
    longer = _first_words(lang)
    single = _single_words(lang)
    words = list(_WORD.finditer(folded))
    stop = 0
    for index, word in enumerate(words):
        first = word.group()
        if index < stop or not (single is None or first in single or first in longer):
            continue
        start = word.start()
        if first in longer:
            for count in range(min(_MAX_WORDS, len(words) - index), 1, -1):
                end = words[index + count - 1].end()
                readings = _look_up(re.sub(r"[\s-]+", " ", folded[start:end]), lang)
                if readings:
                    yield _Token(start, end, readings)
                    stop = index + count
                    break
        if index >= stop and (readings := _look_up(first, lang)):
            yield _Token(start, word.end(), readings)


@functools.cache
def _single_words(lang: str) -> frozenset[str] | None:
    """Return the words that are names of numbers; None where names have beginnings and endings."""
    return None if lang in _INFLECTED or lang in _PREFIXES else frozenset(number_names(lang))


@functools.cache
def _first_words(lang: str) -> frozenset[str]:
    """Return the first words of names of several words, with what may stick to them."""
    first = {name.split(" ")[0] for name in number_names(lang) if " " in name}
    return frozenset(prefix + word for word in first for prefix in ("", *_PREFIXES.get(lang, ())))


@functools.lru_cache(maxsize=1 << 16)
def _look_up(form: str, lang: str) -> tuple[Fraction, ...]:
    names = number_names(lang)
    found = names.get(form, ())
    if found:
        return found
    for prefix in _PREFIXES.get(lang, ()):
        if form.startswith(prefix) and (found := names.get(form.removeprefix(prefix), ())):
            return found
    if lang in _INFLECTED and " " not in form:
        beginnings = (form[:length] for length in range(len(form) - 1, 1, -1))
        return next((names[beginning] for beginning in beginnings if beginning in names), ())
    return ()


def _groups(folded: str, tokens: Sequence[_Token]) -> Iterator[list[_Token]]:
    """Yield tokens that stand side by side, but for hyphens, spaces and words such as `and`."""
    group: list[_Token] = []
    for token in tokens:
        if group and _BETWEEN.fullmatch(folded, group[-1].end, token.start) is None:
            yield group
            group = []
        group.append(token)
    if group:
        yield group


def _wholes(folded: str, group: Sequence[_Token]) -> set[tuple[Decimal, tuple[Decimal, ...]]]:
    """Return what neighbours in a group may mean together, with the digits that belong to it."""
    found: set[tuple[Decimal, tuple[Decimal, ...]]] = set()
    for first in range(len(group) - 1):
        totals = set(group[first].readings)
        for index in range(first + 1, len(group)):
            inverted = _DENOMINATOR_FIRST.fullmatch(folded, group[index - 1].end, group[index].start) is not None
            pairs = [(total, reading) for total in totals for reading in group[index].readings]
            totals = {whole for total, reading in pairs for whole in _joined(total, reading, inverted)}
            part = group[first : index + 1]
            digits = tuple(token.digits for token in part if token.digits is not None)
            if inverted or len(digits) < len(part):
                found.update((_decimal(total), digits) for total in totals)
    return found


def _joined(total: Fraction, value: Fraction, denominator_first: bool) -> Iterator[Fraction]:
    """Yield what two neighbouring names make: 2, 10 is 20; 20, 5 is 25; 2, 1/2 is 2.5 or 1; 2, 1/3 is 2/3."""
    if denominator_first:
        if total:
            yield value / total
        return
    if value.denominator > 1:
        yield total + value
        yield total * value
        return
    section = total % (10 * value if value < 1000 else 1000 * value) if value > 1 else Fraction(0)
    if value in _UNITS or (value in _POWERS and total < value):
        yield total * value
    elif value in _POWERS and 0 < section < value:
        yield total - section + section * value
    if total >= 10 and total.denominator == 1 and 0 < value < _room(int(total)):
        yield total + value
    elif 0 < total < 10 and value in _TENS:
        yield total + value  # seven and twenty


def _room(total: int) -> int:
    """Return the size below which a number is added to one before it: 10 after 20, 100 after 300; 20 after 60 and 80."""
    zeros = len(str(total)) - len(str(total).rstrip("0"))
    return 20 if total in (60, 80) else 10**zeros
