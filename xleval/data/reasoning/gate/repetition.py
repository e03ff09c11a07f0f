"""A clause that the translation says twice and the source once."""

import re
from functools import lru_cache

from xleval.data.reasoning.gate.lexicon import fold_text
from xleval.data.reasoning.records import Finding, Pair
from xleval.data.segmentation import words

# Decimal points and group marks stay inside a piece.
_BOUNDARY = re.compile(r"[.,;:!?](?!\d)|[。、，；：？！।…\n]")
_THAI_BOUNDARY = re.compile(r"[\s.,;:!?](?!\d)|\s")
#: Longest run of pieces that is compared: a sentence of so many clauses.
_LONGEST_RUN = 12


def doubled_clause(pair: Pair) -> Finding | None:
    """Return a finding where a run of clauses comes twice, word for word; the score is its length in words (Thai: 0.6 of it).

    Clauses end at punctuation, in Thai at spaces. What the source repeats, too, does not count.
    """
    count, text = repeated_words(pair.target, pair.lang)
    if count == 0 or 2 * repeated_words(pair.source, "en")[0] > count:
        return None
    # Five Thai words say about as much as three of the others, and its stretches between spaces are often short phrases.
    score = 0.6 * count if pair.lang == "th" else float(count)
    return Finding(check="doubled", score=score, detail=f"said twice: {text[:80]!r}")


@lru_cache(maxsize=64)
def repeated_words(text: str, lang: str) -> tuple[int, str]:
    """Return the number of words of the longest run of clauses that comes twice without overlap, and the run."""
    boundary = _THAI_BOUNDARY if lang == "th" else _BOUNDARY
    pieces = [" ".join(piece.split()) for piece in boundary.split(fold_text(text))]
    pieces = [piece for piece in pieces if piece]
    seen: dict[tuple[str, ...], int] = {}
    best = (0, "")
    for size in range(1, min(_LONGEST_RUN, len(pieces) // 2) + 1):
        for start in range(len(pieces) - size + 1):
            run = tuple(pieces[start : start + size])
            first = seen.setdefault(run, start)
            if first + size <= start:
                joined = ", ".join(run)
                best = max(best, (len(words(joined, lang)), joined))
    return best
