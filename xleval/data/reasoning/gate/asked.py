"""A last question that asks for something else than the source: its wh-word, its words and its length."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from xleval.data.reasoning.gate.evidence import evidence
from xleval.data.reasoning.gate.lexicon import lexicon
from xleval.data.reasoning.gate.questions import last_question, question_kind_score
from xleval.data.reasoning.records import Finding, Pair

#: In Thai, where sentences have no end, the question is looked for in so many characters per character of the source's.
_TAIL = 1.6


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionFeatures:
    """What the score of a changed question is made of.

    Attributes:
        kind: `question_kind_score`.
        missing: log-odds that the words of the source's question are missing in the translation's, summed, at most 12.
        share: the same by the number of known words.
        length: absolute log of the question's length over the expected length, at most 1.5.
    """

    kind: float
    missing: float
    share: float
    length: float

    def vector(self) -> tuple[float, ...]:
        """Return the values in the order of `WEIGHTS`."""
        return (self.kind, self.missing, self.share, self.length)


def question_features(pair: Pair) -> QuestionFeatures:
    """Return what the score of a pair is made of."""
    asked, answer = last_question(pair.source, "en"), last_question(pair.target, pair.lang)
    ratio = lexicon(pair.lang).expected_length(pair.source) / max(1, len(pair.source))
    expected = max(4.0, len(asked) * ratio)
    if pair.lang == "th":
        answer = answer[-int(expected * _TAIL) :]
    only = Pair(item_id=pair.item_id, lang=pair.lang, source=asked, target=answer)
    row = evidence(only, [(0, len(asked))], [(0, len(answer))])[0]
    share = min(1.0, len(answer) / max(1, len(pair.target)))
    missing = -sum(one.score(0, 1, share) for one in row)
    return QuestionFeatures(
        kind=question_kind_score(pair),
        missing=max(-12.0, min(12.0, missing)),
        share=missing / (len(row) + 3),
        length=min(1.5, abs(math.log(max(1, len(answer)) / expected))),
    )


#: Lower scores are no finding; one half is where a language's offset lies.
FLOOR = 0.02
#: Weight of each feature, and by language what is taken off; made as those of `omission`.
WEIGHTS: tuple[float, ...] = (5.574, 0.168, 0.985, -1.62)
OFFSETS: Mapping[str, float] = {
    "bn": 4.09,
    "de": 0.08,
    "es": 0.29,
    "fr": 3.92,
    "ja": 0.95,
    "ru": 2.04,
    "sw": 2.12,
    "te": -0.52,
    "th": -0.62,
    "zh": -0.52,
    "ko": -0.37,
}


def question_score(pair: Pair) -> float:
    """Return the log-odds that the question was changed, less the language's offset."""
    return sum(w * x for w, x in zip(WEIGHTS, question_features(pair).vector(), strict=True)) - OFFSETS[pair.lang]


def changed_question(pair: Pair) -> Finding | None:
    """Return a finding with a score from `FLOOR` to 1; None below, and in a language that the model was not fitted for."""
    if pair.lang not in OFFSETS or not pair.target.strip():
        return None
    score = 1 / (1 + math.exp(-question_score(pair)))
    if score < FLOOR:
        return None
    asked = last_question(pair.source, "en")
    return Finding(check="question", score=score, detail=f"the last question differs from {asked[:80]!r}")
