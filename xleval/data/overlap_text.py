"""Likeness of two texts in one language: normalised text, and character n-grams with the numbers masked."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence

#: Characters in an n-gram: 3 where a character is a syllable or a word, 5 elsewhere.
_DENSE = ("zh", "ja", "ko")
_DASH = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"))
_HYPHEN = re.compile(r"(?<=[^\W\d_]{2})\s*-\s*(?=[^\W\d_]{2})")
_POINT = re.compile(r"(?<=\d)\.(?=\d)")
_DIGITS = re.compile(r"\d+(?:\.\d+)*")
_KEPT = frozenset("+-*/^<>=.")
_ROUNDING = 1e-9


def normalise(text: str) -> str:
    """Return a text without what differs between copies of it: NFKC, casefolded, letters, marks, digits, `+-*/^<>=`.

    Spaces, punctuation, currency signs, LaTeX's `$` and backslashes go. A hyphen between words goes, a minus sign stays;
    a point stays between digits only.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_DASH)
    folded = _HYPHEN.sub("", folded)
    points = {match.start() for match in _POINT.finditer(folded)}
    return "".join(
        char
        for pos, char in enumerate(folded)
        if (pos in points if char == "." else char in _KEPT or unicodedata.category(char)[0] in "LMN")
    )


def masked_ngrams(normalised: str, lang: str) -> frozenset[str]:
    """Return the character n-grams of a normalised text in which every run of digits is one `0`.

    Renumbered copies have the same n-grams. A text shorter than an n-gram is one n-gram.
    """
    masked = _DIGITS.sub("0", normalised)
    size = 3 if lang in _DENSE else 5
    return frozenset(masked[pos : pos + size] for pos in range(max(1, len(masked) - size + 1)))


def digits(normalised: str) -> list[str]:
    """Return the runs of digits of a normalised text, sorted."""
    return sorted(_DIGITS.findall(normalised))


def near_pairs(
    train: Sequence[str], evaluation: Sequence[str], lang: str, limit: float
) -> list[tuple[int, int, float]]:
    """Return (train index, evaluation index, likeness) of the pairs whose likeness reaches a limit, found without loss.

    Likeness is the weighted Jaccard index of masked n-grams with the weight log(1 + N / df)² of an n-gram that df of all N
    texts have: wording that a set repeats everywhere counts little. Pairs are found by prefix filtering (Chaudhuri,
    Ganti, Kaushik 2006; Bayardo, Ma, Srikant 2007): with n-grams in one order, rarest first, two texts of likeness t
    share one of the first n-grams of each, those before the rest weighs less than t of the whole.

    Args:
        train: normalised texts; they are read twice and not kept, so the larger set belongs here.
        evaluation: normalised texts.
        lang: language of all of them.
        limit: smallest likeness, above 0 and at most 1.
    """
    grams = [masked_ngrams(text, lang) for text in evaluation]
    known = frozenset(gram for part in grams for gram in part)
    counts = Counter(gram for part in grams for gram in part)
    for text in train:
        counts.update(masked_ngrams(text, lang))
    weights = _Weights(counts, len(train) + len(evaluation))
    sums = [weights.of(part) for part in grams]
    index: dict[str, list[int]] = {}
    for position, part in enumerate(grams):
        for gram in weights.prefix(part, sums[position], limit):
            index.setdefault(gram, []).append(position)
    pairs = []
    for number, text in enumerate(train):
        part = masked_ngrams(text, lang)
        shared = part & known
        whole = weights.of(part)
        if weights.of(shared) < limit * whole:
            continue
        found = {position for gram in weights.prefix(part, whole, limit) for position in index.get(gram, ())}
        for position in sorted(found):
            common = weights.of(shared & grams[position])
            likeness = common / (whole + sums[position] - common)
            if likeness >= limit:
                pairs.append((number, position, likeness))
    return pairs


def likeness(left: str, right: str, lang: str) -> float:
    """Return the plain Jaccard index of the masked n-grams of two normalised texts, 0 to 1."""
    first, second = masked_ngrams(left, lang), masked_ngrams(right, lang)
    return len(first & second) / len(first | second)


class _Weights:
    """How much each n-gram counts, from the number of texts that have it."""

    def __init__(self, counts: Mapping[str, int], total: int) -> None:
        by_count = {count: math.log1p(total / count) ** 2 for count in set(counts.values())}
        self._counts = counts
        self._weights = {gram: by_count[count] for gram, count in counts.items()}

    def of(self, grams: frozenset[str]) -> float:
        return math.fsum(map(self._weights.__getitem__, grams))

    def prefix(self, grams: frozenset[str], whole: float, limit: float) -> list[str]:
        """Return n-grams, rarest first, until those left weigh less than the limit's share of the whole."""
        ordered = sorted(grams)
        ordered.sort(key=self._counts.__getitem__)
        left = whole
        for number, gram in enumerate(ordered):
            if left < limit * whole - _ROUNDING:
                return ordered[:number]
            left -= self._weights[gram]
        return ordered
