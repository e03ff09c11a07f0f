"""The length of a translation against what human translations of the language have."""

import math
from collections.abc import Mapping

from xleval.data.reasoning.records import Finding, Pair

# Middle and spread of log(length of translation / length of English), in characters without spaces: medians, and half the
# distance of the quantiles 0.16 and 0.84. From human translations: FLORES-200 devtest (1,012 sentences of 110 characters)
# and MGSM (250 questions of 195), the mean of the two medians and the larger spread; ko from FLORES and GSM8K-ko; it, ms
# and vi from PolyMath low (125). Made by `benchmarks/translation_gate.py --fit-lengths` on 2026-11-21. There was no text
# of yo: a middle value of languages in Latin script, and twice their spread.
_LENGTHS: Mapping[str, tuple[float, float]] = {
    "ar": (-0.139, 0.147), "bn": (0.008, 0.129), "de": (0.160, 0.113), "es": (0.124, 0.140), "fr": (0.147, 0.117),
    "id": (0.103, 0.127), "it": (0.096, 0.105), "ja": (-0.607, 0.170), "ko": (-0.712, 0.170), "ms": (0.207, 0.104),
    "pt": (0.085, 0.108), "ru": (0.077, 0.137), "sw": (0.090, 0.117), "te": (0.112, 0.141), "th": (0.068, 0.144),
    "uk": (0.035, 0.128), "vi": (-0.022, 0.131), "zh": (-0.955, 0.195),
}  # fmt: skip

# The spread of short texts is wider: its square grows by this share times 110 / length.
_SHORT = 0.5
_TYPICAL = 110
_UNKNOWN = (0.05, 0.25)


def check_length(pair: Pair) -> Finding | None:
    """Return how far the length of a translation is from what is usual, where it is more than the usual spread.

    Score: distance from the language's mean log ratio of lengths, in standard deviations of human translations, whatever
    the direction.
    """
    source, target = _length(pair.source), _length(pair.target)
    if not source or not target:
        return None
    mean, spread = _LENGTHS.get(pair.lang, _UNKNOWN)
    if source < _TYPICAL:
        spread *= math.sqrt(1 - _SHORT + _SHORT * _TYPICAL / source)
    score = abs(math.log(target / source) - mean) / spread
    if score <= 1:
        return None
    usual = round(source * math.exp(mean))
    return Finding(check="length", score=score, detail=f"{target} characters without spaces; about {usual} are usual")


def check_empty(pair: Pair) -> Finding | None:
    """Return that a translation has no letter although its source has one. Score: 1."""
    if any(map(str.isalpha, pair.target)) or not any(map(str.isalpha, pair.source)):
        return None
    return Finding(check="empty", score=1.0, detail="no letter in the translation")


def _length(text: str) -> int:
    return len(text) - text.count(" ")
