"""Likeness of two texts in any languages: the numbers that both name, the answer, and words that translation keeps."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TypeVar

from xleval.data.numbers import find_numbers, parse_number

#: Evidence, in nats above chance, from which a pair stands for itself; that it needs where every other item is shared;
#: and the least that is ever enough.
ALONE, EVEN, LEAST = 5.0, 0.0, -1.0
#: How much better than the second best a pair must be, in nats.
MARGIN = 1.0
#: Cost of a number that only one side has: small ones are often spelt out on the other side.
_SMALL_MISSING, _MISSING = 0.7, 2.5
_SMALL = 20
#: A shared word says at most this much; a name occurs in few texts but the sets are about names.
_WORD_EVIDENCE = 2.0
#: Most items that share an answer and a number and are still looked at: with more, the two say nothing.
_POSTINGS = 500

T = TypeVar("T", Decimal, str, Decimal | str)

_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]{3,}")
_BOXED = re.compile(r"^\\boxed\{(.*)\}$")
_ENGLISH = MappingProxyType(
    {
        word: Decimal(number)
        for number, word in enumerate(
            "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
            " eighteen nineteen twenty".split(),
            start=1,
        )
    }
    | {
        word: Decimal(10 * number)
        for number, word in enumerate("thirty forty fifty sixty seventy eighty ninety".split(), start=3)
    }
    | {"hundred": Decimal(100), "thousand": Decimal(1000), "dozen": Decimal(12), "half": Decimal("0.5")}
    | {"twice": Decimal(2), "double": Decimal(2), "triple": Decimal(3), "thrice": Decimal(3)}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clues:
    r"""What of an item survives translation.

    Attributes:
        numbers: values written in digits, each once: translations repeat or leave out a number more often than they
            change one.
        spelt: values that English number words may stand for; nothing is lost where they are not found.
        words: words in Latin letters, casefolded: names, units, LaTeX commands.
        answer: value of the answer, or its text without spaces, `$` and `\boxed`; empty: the item has none.
    """

    numbers: frozenset[Decimal]
    spelt: frozenset[Decimal]
    words: frozenset[str]
    answer: Decimal | str


def read_clues(text: str, answer: str, lang: str) -> Clues:
    """Return the clues of an item; the answer is read as English writes numbers, as the published sets have it."""
    numbers = frozenset(found.value.normalize() for found in find_numbers(text, lang))
    words = frozenset(word.casefold() for word in _WORD.findall(text))
    return Clues(
        numbers=numbers,
        spelt=frozenset(_ENGLISH[word] for word in words & _ENGLISH.keys()) - numbers if lang == "en" else frozenset(),
        words=words,
        answer=read_answer(answer),
    )


def read_answer(answer: str) -> Decimal | str:
    r"""Return the value of an answer, else its text in one form: no spaces and `$`, casefolded, out of `\boxed`."""
    bare = re.sub(r"[\s$]|\\[,;! ]", "", answer)
    boxed = _BOXED.match(bare)
    bare = boxed.group(1) if boxed else bare
    value = parse_number(bare, "en") if bare else None
    return bare.casefold() if value is None else value.normalize()


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A pair that the clues speak for.

    Attributes:
        train, evaluation: positions in the two sequences.
        evidence: nats by which the clues of the pair exceed what chance gives among all of `train`.
        lead: nats by which the pair is ahead of the next best one of the evaluation item.
    """

    train: int
    evaluation: int
    evidence: float
    lead: float


def best_matches(train: Sequence[Clues], evaluation: Sequence[Clues]) -> list[Match]:
    """Return, for each evaluation item that has one, its best training item by clues, where that item has none better.

    The evidence of a shared clue is -log of the share of items that have it, in the set where it is more common (the
    match weight of Fellegi and Sunter 1969, with agreement taken as certain); numbers that one side lacks cost a fixed
    amount. From the sum, log of the number of training items is taken off: 0 is what the luckiest of them gets by
    chance if clues were independent. Items with different answers are not compared.
    """
    rarity = _Rarity(train, evaluation)
    index: dict[tuple[Decimal | str, Decimal | str], list[int]] = {}
    for position, clues in enumerate(train):
        for key in _keys(clues):
            index.setdefault((clues.answer, key), []).append(position)
    floor = math.log(max(1, len(train)))
    matches = []
    for position, clues in enumerate(evaluation):
        found: set[int] = set()
        for key in _keys(clues):
            postings = index.get((clues.answer, key), ())
            if len(postings) <= _POSTINGS:
                found.update(postings)
        scores = sorted(((rarity.evidence(train[other], clues), -other) for other in found), reverse=True)
        if scores:
            lead = scores[0][0] - scores[1][0] if len(scores) > 1 else math.inf
            matches.append(Match(train=-scores[0][1], evaluation=position, evidence=scores[0][0] - floor, lead=lead))
    best: dict[int, float] = {}
    for match in matches:
        best[match.train] = max(match.evidence, best.get(match.train, -math.inf))
    return [match for match in matches if match.evidence == best[match.train]]


def _keys(clues: Clues) -> Iterator[Decimal | str]:
    yield from clues.numbers
    yield from clues.spelt
    if not clues.numbers:
        yield from clues.words


class _Rarity:
    """How much a clue that two items share says, from how many items of either set have it."""

    def __init__(self, train: Sequence[Clues], evaluation: Sequence[Clues]) -> None:
        self._numbers = _nats(
            [item.numbers | item.spelt for item in train], [item.numbers | item.spelt for item in evaluation]
        )
        self._words = _nats([item.words for item in train], [item.words for item in evaluation])
        self._answers = _nats([[item.answer] for item in train], [[item.answer] for item in evaluation])

    def evidence(self, left: Clues, right: Clues) -> float:
        """Return the evidence, in nats, that two items with the same answer are one item in two wordings."""
        shared = (left.numbers | left.spelt) & (right.numbers | right.spelt) - (left.spelt & right.spelt)
        total = self._answers.get(left.answer, 0.0) if left.answer else 0.0
        total += sum(self._numbers[value] for value in shared)
        for value in (left.numbers - right.numbers - right.spelt) | (right.numbers - left.numbers - left.spelt):
            small = value == value.to_integral_value() and abs(value) <= _SMALL
            total -= _SMALL_MISSING if small else _MISSING
        words = sum(self._words[word] for word in left.words & right.words)
        return total + min(words, _WORD_EVIDENCE)


def _nats(train: Sequence[Iterable[T]], evaluation: Sequence[Iterable[T]]) -> dict[T, float]:
    """Return -log of the share of items that have each clue, in the set where it is more common; add-one smoothed."""
    counts = [Counter(clue for item in items for clue in set(item)) for items in (train, evaluation)]
    sizes = (len(train) + 2, len(evaluation) + 2)
    return {
        clue: -math.log(max((count[clue] + 1) / size for count, size in zip(counts, sizes, strict=True)))
        for clue in counts[0].keys() & counts[1].keys()
    }
