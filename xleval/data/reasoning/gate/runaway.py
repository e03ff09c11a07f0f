"""A translation that goes on in circles, as that of a decoder does that finds no end."""

import functools

from xleval.data.reasoning.records import Finding, Pair

_GRAM = 12
_TIMES = 3
_MIN_LENGTH = 60


def check_runaway(pair: Pair) -> Finding | None:
    """Return that a translation repeats itself more than its source does.

    Score: share of the translation's stretches of 12 characters that it has three times and more, less the source's
    share; 0 to 1. Word problems that say `the number of` in every sentence stay below 0.3.
    """
    if not _may_repeat(pair.target):
        return None
    share = _repeated(pair.target)
    score = share - _source_repeated(pair.source)
    if score <= 0:
        return None
    return Finding(check="runaway", score=score, detail=f"{share:.0%} of the text stands in it three times and more")


@functools.lru_cache(maxsize=1 << 15)
def _source_repeated(source: str) -> float:
    return _repeated(source)


def _may_repeat(text: str) -> bool:
    """Return whether to look closer: text that goes in circles shows it in every fifth stretch, too."""
    count = text.count
    sample = range(0, len(text) - _GRAM + 1, 5 * _GRAM)
    return len(text) >= _MIN_LENGTH and any([count(text[start : start + _GRAM]) >= _TIMES for start in sample])


def _repeated(text: str) -> float:
    count = text.count
    starts = range(0, len(text) - _GRAM + 1, _GRAM)
    return sum([count(text[start : start + _GRAM]) >= _TIMES for start in starts]) / max(len(starts), 1)
