"""The number check: every number of the source is in the translation, and the translation has no number of its own."""

import functools
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from xleval.data.reasoning.gate.digit_reading import digit_values
from xleval.data.reasoning.gate.spelt_numbers import SpeltNumbers, spelt_numbers
from xleval.data.reasoning.records import Finding, Pair

LOST = 0.9
"""Score of a number of the source that the translation has nowhere."""
ADDED = 1.0
"""Score of a number of the translation that the source has nowhere, and of one that was changed into another."""
REPEATED = 0.5
"""Score of a number that both sides have, one of them more often: people repeat `three` or leave out a second 400."""

_ONE = Decimal(1)
_ZERO = Decimal(0)
_HALF = Decimal("0.5")
_PERCENT = Decimal(100)
_NOON = Decimal(12)
_CARDINALS: Mapping[str, Decimal] = {
    name: Decimal(value)
    for value, name in enumerate("two three four five six seven eight nine ten eleven twelve".split(), start=2)
}
# Not what is part of a longer number: `two thirds`, `twenty-five`, `three hundred`, `two and a half`.
_WORD = re.compile(
    r"(?<!ty[ -])\b[a-z]+\b(?![ -](?:thirds|fourths|quarters|fifths|sixths|sevenths|eighths|ninths|tenths|hundred|thousand"
    r"|million|billion|dozen|and a half))"
)
_AFTERNOON = re.compile(r"[0-9] ?p\.? ?m\b", re.IGNORECASE)
_LATE_HOUR = re.compile(r"(?<!\d)(1[3-9]|2[0-3]):[0-5]\d(?!\d)")
_FULL_HOUR = re.compile(r"\d[:.]0{2}(?!\d)|\d[:.]\u0966{2}")


@dataclass(slots=True)
class _Balance:
    """What is left of the numbers of both sides after what they share."""

    lost: Counter[Decimal]
    added: Counter[Decimal]

    def settle(self, lost: Decimal | None, added: Decimal | None) -> None:
        if lost is not None:
            self.lost[lost] -= 1
        if added is not None:
            self.added[added] -= 1


def check_numbers(pair: Pair) -> Finding | None:
    """Return the numbers in digits that only one side of a pair has, as far as number words do not explain them.

    Numbers are compared by value, as often as they occur, in any order (1.2万 is 12,000). A number of one side that the
    other one spells out (`three`, `half`, `a dozen`, `Monday` for a 1 or 2) is no finding, nor is `50 %` for 0.5 or
    17:00 for 5 PM.

    Score: 1 for every number that the source lacks, 0.9 for every one that the translation lacks, 0.5 for one that the
    other side has, but not as often; at least 1 where one was changed into another.

    Raises:
        ConfigError: unknown language.
    """
    source = _source_values(pair.source)
    target = sorted(digit_values(pair.target, pair.lang))
    if source == target:
        return None
    balance = _Balance(Counter(source), Counter(target))
    common = balance.lost & balance.added
    balance.lost -= common
    balance.added -= common
    ones = balance.added.pop(_ONE, 0)  # `a`, `per`, `each` become 1 in many languages
    has_more = bool(ones or balance.added)
    if balance.lost or balance.added:
        _settle(pair, balance)
    lost, added = sorted((+balance.lost).elements()), sorted((+balance.added).elements())
    unnamed = _missing_cardinals(pair, target) if has_more and not lost else []
    if not lost and not added and not unnamed:
        return None
    known = common.keys() | _source_words(pair.source).values.keys()
    score = sum(REPEATED if value in known else LOST for value in lost)
    score += sum(REPEATED if value in known else ADDED for value in added)
    if unnamed or (lost and (ones or added)):
        score = max(score, ADDED)  # one number too many and another one gone: the one was changed into the other
    lost = sorted([*lost, *unnamed])
    parts = [f"{name} {_listed(values)}" for name, values in (("lost", lost), ("added", added)) if values]
    return Finding(check="numbers", score=score, detail="; ".join(parts))


@functools.lru_cache(maxsize=1 << 15)
def _source_values(source: str) -> list[Decimal]:
    return sorted(digit_values(source, "en"))


@functools.lru_cache(maxsize=4096)
def _source_words(source: str) -> SpeltNumbers:
    return spelt_numbers(source, "en")


def _settle(pair: Pair, balance: _Balance) -> None:
    """Take off the balance what words of either side explain, the source's first: they cost nothing the second time."""
    words = _source_words(pair.source)
    for value, digits in words.mixed:
        if balance.added[value] > 0 and all(balance.lost[digit] > 0 for digit in digits):
            balance.settle(digits[0] if digits else None, value)
    _take(balance.added, words.values)
    _settle_forms(pair, balance)
    _settle_halves(balance.added, balance.lost, words)
    if not +balance.lost:
        return
    spelt = spelt_numbers(pair.target, pair.lang)
    for value, digits in spelt.mixed:
        if balance.lost[value] > 0 and all(balance.added[digit] > 0 for digit in digits):
            balance.settle(value, digits[0] if digits else None)
    _take(balance.lost, spelt.values)
    _settle_halves(balance.lost, balance.added, spelt)


def _missing_cardinals(pair: Pair, target: list[Decimal]) -> list[Decimal]:
    """Return numbers that the source spells out and that the translation has neither as digits nor as a word."""
    missing = _source_cardinals(pair.source).difference(target)
    return sorted(missing.difference(spelt_numbers(pair.target, pair.lang).values)) if missing else []


@functools.lru_cache(maxsize=4096)
def _source_cardinals(source: str) -> frozenset[Decimal]:
    return frozenset(_CARDINALS[word] for word in _WORD.findall(source.lower()) if word in _CARDINALS)


def _settle_forms(pair: Pair, balance: _Balance) -> None:
    """Settle other forms of one number: percent and share, a dash read as a minus sign, 12 and 24 hours."""
    percent = "%" in pair.source or "percent" in pair.source
    for value in list(balance.lost):
        for other in (value / _PERCENT, value * _PERCENT, -value) if percent else (-value,):
            if balance.lost[value] > 0 and balance.added[other] > 0:
                balance.settle(value, other)
    if _FULL_HOUR.search(pair.source) or _FULL_HOUR.search(pair.target):
        balance.lost.pop(_ZERO, None)
        balance.added.pop(_ZERO, None)
    if _AFTERNOON.search(pair.source):
        for value in _source_values(pair.source):
            if balance.added[value + _NOON] > 0:
                balance.settle(value if balance.lost[value] > 0 else None, value + _NOON)
    late = _LATE_HOUR.findall(pair.source) if ":" in pair.source else []
    for hour in set(map(Decimal, late)):
        while balance.lost[hour] > 0 and balance.added[hour - _NOON] > 0:
            balance.settle(hour, hour - _NOON)


def _settle_halves(here: Counter[Decimal], there: Counter[Decimal], words: SpeltNumbers) -> None:
    """Settle 1.5 on one side for `a minute and a half` on the other, where the unit stands between the words."""
    for value in list(here):
        whole = value - _HALF
        if here[value] > 0 and words.values.get(_HALF) and whole == whole.to_integral_value():
            if there[whole] > 0:
                there[whole] -= 1
                here[value] -= 1
            elif whole == _ONE or words.values.get(whole):
                here[value] -= 1


def _listed(values: list[Decimal]) -> str:
    return " ".join(f"{value.normalize():f}" for value in values[:6]) + (" ..." if len(values) > 6 else "")


def _take(open_values: Counter[Decimal], spelt: Mapping[Decimal, int]) -> None:
    for value in list(open_values):
        open_values[value] -= min(open_values[value], spelt.get(value, 0))
