"""What shows that a part of the source is in its translation: known words, numbers and names, each by target clause."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from xleval.data.numbers import find_numbers
from xleval.data.reasoning.gate.lexicon import english_stem, fold_text, lexicon
from xleval.data.reasoning.gate.names import form_of, names
from xleval.data.reasoning.gate.spelt_numbers import spelt_numbers
from xleval.data.reasoning.records import Pair
from xleval.data.segmentation import Span

_TOKEN = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?")
_CLOCK_ZEROS = re.compile(r"(?<=\d)[:.]00(?=\s*[ap]\.?m)", re.IGNORECASE)
# Measured on the fit half of MGSM over all languages: a number is kept in 0.98 of the cases, a number word in 0.85 (as a
# digit or a word); a name that occurs at all is named again in 0.75 of the clauses that name it, a pronoun in the others.
_NUMBER = (0.95, 0.04)
_NUMBER_WORD = (0.8, 0.25)
_NAME = (0.75, 0.2)
# Words occur more than once in a text, so where a clause is gone its words may still be found elsewhere: the chance of
# that lies so far between background and expectation.
_ELSEWHERE = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One word, number or name of the source.

    Attributes:
        start: offset in the source.
        expected: chance of finding it in its translation.
        background: chance of finding it in another text of the same length as the whole translation.
        present: by target clause, whether it is found there.
        kind: `word`, `number` or `name`.
    """

    start: int
    expected: float
    background: float
    present: tuple[bool, ...]
    kind: str

    def score(self, first: int, last: int, share: float) -> float:
        """Return the log-odds that target clauses hold its translation, `share` being their part of the whole text."""
        chance = min(0.9 * self.expected, 1 - (1 - self.background) ** share + 0.01)
        if any(self.present[first:last]):
            return math.log(self.expected / chance)
        return math.log((1 - self.expected) / (1 - chance))

    @property
    def absence(self) -> float:
        """Log-odds that its clause was dropped, from its presence in the whole translation; above 0 where it is missing."""
        chance = self.background + (self.expected - self.background) * _ELSEWHERE
        if any(self.present):
            return math.log(chance / self.expected)
        return math.log((1 - chance) / (1 - self.expected))


def evidence(pair: Pair, source: Sequence[Span], target: Sequence[Span]) -> list[list[Evidence]]:
    """Return the evidence of each source clause in order of the text."""
    texts = [fold_text(pair.target[start:end]) for start, end in target]
    numbers = [_values(pair.target[start:end], pair.lang) for start, end in target]
    forms = {name: form_of(name, pair.target, pair.lang) for name in set(names(pair.source))}
    known = lexicon(pair.lang).entries
    made: list[list[Evidence]] = []
    for begin, stop in source:
        row = _numbers_in(pair.source[begin:stop], begin, numbers)
        for found in _TOKEN.finditer(pair.source, begin, stop):
            word = found.group()
            if word in forms:
                form = forms[word]
                shown = tuple(form is not None and form.lower() in text for text in texts)
                row.append(_evidence(found.start(), _NAME, shown, "name"))
            elif (value := _word_value(word.lower())) is not None:
                row.append(_evidence(found.start(), _NUMBER_WORD, tuple(value in have for have in numbers), "word"))
            elif (entry := known.get(english_stem(word))) is not None:
                shown = tuple(any(piece in text for piece in entry.pieces) for text in texts)
                row.append(_evidence(found.start(), (entry.expected * 0.95, entry.background), shown, "word"))
        made.append(sorted(row, key=lambda one: one.start))
    return made


def _evidence(start: int, chances: tuple[float, float], present: tuple[bool, ...], kind: str) -> Evidence:
    return Evidence(start=start, expected=chances[0], background=chances[1], present=present, kind=kind)


def _numbers_in(text: str, offset: int, numbers: Sequence[frozenset[Decimal]]) -> list[Evidence]:
    plain = _CLOCK_ZEROS.sub(lambda found: " " * len(found.group()), text)
    return [
        _evidence(offset + number.start, _NUMBER, tuple(number.value in have for have in numbers), "number")
        for number in find_numbers(plain, "en")
    ]


@lru_cache(maxsize=512)
def _values(text: str, lang: str) -> frozenset[Decimal]:
    """Return every value that digits or words of a text may stand for; times of the afternoon also as 1 to 11."""
    digits = {number.value for number in find_numbers(text, lang)}
    spelt = spelt_numbers(text, lang)
    clock = {value - 12 for value in digits if 13 <= value <= 23}
    return frozenset(digits | set(spelt.values) | clock | {value for value, _ in spelt.mixed})


@lru_cache(maxsize=4096)
def _word_value(word: str) -> Decimal | None:
    """Return the value of an English number word from two up that has one reading, else None."""
    if word in ("week", "weeks", "weekly", "year", "years", "day", "days", "hour", "hours", "minute", "minutes"):
        return None
    values = [value for value in spelt_numbers(word, "en").values if value >= 2 and value == value.to_integral_value()]
    return values[0] if len(values) == 1 else None
