"""A clause of the source that the translation lacks: one score from length, alignment, known words and numbers.

The score comes from a logistic model; one half is where 1 % of a language's human translations lie above. Fitted by
`benchmarks/strict_fit.py` on human pairs with odd item numbers and sentences and comma clauses of at least three words
dropped from them; `docs/translation-gate.md` has the figures on the others.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from xleval.data.reasoning.gate.alignment import Alignment, align, clauses
from xleval.data.reasoning.gate.evidence import Evidence, evidence
from xleval.data.reasoning.gate.lexicon import lexicon
from xleval.data.reasoning.gate.questions import lost_question
from xleval.data.reasoning.records import Finding, Pair
from xleval.data.segmentation import Span, sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """A pair cut into clauses and matched.

    Attributes:
        source: clauses of the source.
        target: clauses of the translation.
        known: evidence by source clause.
        alignment: of the clauses.
    """

    source: tuple[Span, ...]
    target: tuple[Span, ...]
    known: tuple[tuple[Evidence, ...], ...]
    alignment: Alignment


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What the score of a dropped clause is made of.

    Attributes:
        length: log of the translation's length over the length expected from its words, at most 0.6 either side.
        whole_run: highest sum of log-odds over neighbouring source words that they are missing in the whole translation.
        local_run: the same, missing where their clause is matched.
        missing: log-odds summed over all words, by their number.
        numbers: numbers in digits that are lost, at most 3.
        dropped: gain of the alignment by leaving a clause of the source out, at most 10 either side.
        added: by leaving one of the translation out.
        matched: score of the complete alignment by clauses.
        sentences: sentences of the source less those of the translation, at most 3 either side.
        units: clauses of the source less those of the translation, at most 4 either side.
        question: 1 where the question is gone.
    """

    length: float
    whole_run: float
    local_run: float
    missing: float
    numbers: float
    dropped: float
    added: float
    matched: float
    sentences: float
    units: float
    question: float

    def vector(self) -> tuple[float, ...]:
        """Return the values in the order of `WEIGHTS`."""
        return (
            self.length, self.whole_run, self.local_run, self.missing, self.numbers, self.dropped, self.added, self.matched,
            self.sentences, self.units, self.question,
        )  # fmt: skip


@lru_cache(maxsize=1024)
def matched(pair: Pair) -> Matched:
    """Return a pair cut into clauses, with its evidence and alignment."""
    source, target = clauses(pair.source, "en"), clauses(pair.target, pair.lang)
    known = evidence(pair, source, target)
    ratio = lexicon(pair.lang).expected_length(pair.source) / max(1, len(pair.source))
    return Matched(
        source=tuple(source),
        target=tuple(target),
        known=tuple(map(tuple, known)),
        alignment=align(source, target, known, ratio),
    )


def features(pair: Pair) -> Features:
    """Return what the score of a pair is made of."""
    found = matched(pair)
    flat = [one for row in found.known for one in row]
    absences = [one.absence for one in flat]
    lost = sum(1 for one in flat if one.kind == "number" and not any(one.present))
    parts = len(sentences(pair.source, "en")) - len(sentences(pair.target, pair.lang))
    return Features(
        length=_within(math.log(max(1, len(pair.target)) / lexicon(pair.lang).expected_length(pair.source)), 0.6),
        whole_run=_highest_run(absences),
        local_run=_highest_run(_local_absences(found)),
        missing=sum(absences) / (len(absences) + 5),
        numbers=float(min(3, lost)),
        dropped=_within(found.alignment.dropped, 10),
        added=_within(found.alignment.added, 10),
        matched=found.alignment.matched,
        sentences=_within(parts, 3),
        units=_within(len(found.source) - len(found.target), 4),
        question=float(lost_question(pair)),
    )


def _within(value: float, bound: float) -> float:
    return min(bound, max(-bound, float(value)))


def _highest_run(values: Iterable[float]) -> float:
    best = current = 0.0
    for value in values:
        current = max(0.0, current + value)
        best = max(best, current)
    return best


def _local_absences(found: Matched) -> list[float]:
    total = max(1, sum(end - start for start, end in found.target))
    made: list[float] = []
    for (first, last), (begin, stop) in found.alignment.beads:
        share = sum(end - start for start, end in found.target[begin:stop]) / total
        made.extend(-one.score(begin, stop, share) for row in found.known[first:last] for one in row)
    return made


#: Lower scores are no finding; one half is where a language's offset lies.
FLOOR = 0.02
#: Weight of each feature, and by language what is taken off.
WEIGHTS: tuple[float, ...] = (-11.406, 0.358, 0.209, -0.446, 2.752, 0.231, 0.01, 0.045, 0.533, 0.099, 1.923)
OFFSETS: Mapping[str, float] = {
    "bn": 3.82,
    "de": 3.31,
    "es": 4.16,
    "fr": 3.49,
    "ja": 5.06,
    "ru": 3.33,
    "sw": 2.91,
    "te": 2.82,
    "th": 4.89,
    "zh": 4.27,
    "ko": 5.23,
}


def omission_score(pair: Pair) -> float:
    """Return the log-odds that a clause was dropped, less the language's offset."""
    return sum(w * x for w, x in zip(WEIGHTS, features(pair).vector(), strict=True)) - OFFSETS[pair.lang]


def dropped_clause(pair: Pair) -> Finding | None:
    """Return a finding with a score from `FLOOR` to 1; None below, and in a language that the model was not fitted for."""
    if pair.lang not in OFFSETS or not pair.target.strip():
        return None
    score = 1 / (1 + math.exp(-omission_score(pair)))
    if score < FLOOR:
        return None
    return Finding(check="dropped", score=score, detail=f"a clause of the source seems to be missing{_suspect(pair)}")


def _suspect(pair: Pair) -> str:
    """Return the source clause with the most missing words, for people."""
    found = matched(pair)
    sums = [sum(one.absence for one in row) for row in found.known]
    worst = max(range(len(sums)), key=sums.__getitem__)
    start, end = found.source[worst]
    return f": {pair.source[start:end].strip()[:80]!r}" if sums[worst] > 0 else ""
