"""Wrong options from which nobody can tell which one is right: exchangeable draws from the relation's own answers.

Were distractors drawn evenly, the gold would be the option that is most often gold (69.97 % on the published set,
defect class 4). Here a set of four options comes up with a probability that is symmetric in its members, and each
answer g, gold in a share f of the items, is among the options of a share 4f of them: gold once for every three times
that it is wrong. That is conditional Poisson sampling of size 4 with inclusion probabilities 4f (Chen, Dempster and
Liu, Biometrika 1994), which exists when no answer is gold in more than a quarter of the items: hence the answer cap.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

#: Options of an item, the gold one included.
N_OPTIONS = 4
#: An answer that must be in every item has infinite odds; this is as near as the draws need.
_LARGEST_INCLUSION = 0.98
#: Draws of three that are made at once.
_BLOCK = 40


def option_odds(gold_counts: Mapping[str, int]) -> dict[str, float]:
    """Return odds v such that sets of four drawn with probability in proportion to the product of their odds are fair.

    Solves v_g e_3(v without g) / e_4(v) = 4 f_g by the iteration of Chen, Dempster and Liu, with e_k the elementary
    symmetric polynomials.

    Args:
        gold_counts: how often each answer is gold, at least 1; at least four answers.

    Returns:
        Odds by answer, positive, with mean 1.

    Raises:
        ValueError: fewer than four answers.
    """
    if len(gold_counts) < N_OPTIONS:
        raise ValueError(f"{len(gold_counts)} answers, at least {N_OPTIONS} are needed")
    answers = sorted(gold_counts)
    counts = np.array([gold_counts[answer] for answer in answers], dtype=np.float64)
    inclusion = _inclusions(counts / counts.sum())
    odds = inclusion / inclusion.mean()
    if len(answers) > N_OPTIONS:  # with four answers every set is the same one and any odds are fair
        for _ in range(500):
            updated = inclusion / _triples_without(odds)
            updated /= updated.mean()
            if np.max(np.abs(updated / odds - 1)) < 1e-10:
                break
            odds = updated
    return dict(zip(answers, odds.tolist(), strict=True))


def _inclusions(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how often each answer is an option, summing to 4: four times its share, at most `_LARGEST_INCLUSION`.

    What the largest cannot take (an answer that is gold in over a quarter of a small split) goes to the others in
    proportion.
    """
    capped = np.zeros(len(shares), dtype=bool)
    while True:
        free = N_OPTIONS - _LARGEST_INCLUSION * capped.sum()
        inclusion = np.where(capped, _LARGEST_INCLUSION, shares * free / shares[~capped].sum())
        over = inclusion > _LARGEST_INCLUSION
        if len(shares) == N_OPTIONS or not over.any():
            return np.asarray(inclusion, dtype=np.float64)
        capped |= over


def _triples_without(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return, for each answer, the sum over triples of the others of the product of their odds: e_3(v without g)."""
    first, second, third = odds.sum(), (odds**2).sum(), (odds**3).sum()
    one, two, three = first - odds, second - odds**2, third - odds**3  # power sums of the others
    return np.asarray((one**3 - 3 * one * two + 2 * three) / 6, dtype=np.float64)  # Newton's identity


class OptionPool:
    """The answers of one relation, to draw wrong options from.

    Args:
        gold_counts: how often each answer is gold; at least four answers.
    """

    def __init__(self, gold_counts: Mapping[str, int]) -> None:
        odds = option_odds(gold_counts)
        self._answers = list(odds)
        self._place = {answer: place for place, answer in enumerate(self._answers)}
        self._odds = np.array(list(odds.values()))
        self._cumulative = np.cumsum(self._odds)

    def draw(
        self,
        gold: str,
        seed: str,
        *,
        allowed: Callable[[str], bool] = lambda answer: True,
        fits: Callable[[Sequence[str]], bool] = lambda options: True,
        attempts: int = 2000,
    ) -> tuple[str, ...] | None:
        """Return three wrong options for one item, or None when none are found.

        Three independent draws in proportion to the odds, repeated until they are distinct and fit, are a conditional
        Poisson sample of size three. Draws with the gold or with an answer that is not allowed are rejected; when they
        are many these answers leave the pool of this item, which is the same and sooner done.

        Args:
            gold: the answer, one of the pool's.
            seed: text that decides the draws.
            allowed: whether an answer can be an option of this item at all; asked of drawn answers only.
            fits: whether options, gold first, go together.
            attempts: how many draws of three are tried.
        """
        generator = np.random.default_rng(list(hashlib.sha256(seed.encode()).digest()))
        barred = {self._place[gold]}
        checked: set[int] = set()
        cumulative = self._cumulative
        for first in range(0, attempts, _BLOCK):
            if len(self._answers) - len(barred) < N_OPTIONS - 1:
                return None
            if first:  # most draws fail: what is known to be barred leaves the pool
                odds = self._odds.copy()
                odds[list(barred)] = 0.0
                cumulative = np.cumsum(odds)
            points = generator.random((_BLOCK, N_OPTIONS - 1)) * cumulative[-1]
            for triple in np.searchsorted(cumulative, points, side="right").tolist():
                places = set(triple)
                if len(places) < N_OPTIONS - 1 or places & barred:
                    continue
                banned = {place for place in places - checked if not allowed(self._answers[place])}
                checked |= places
                barred |= banned
                chosen = tuple(self._answers[place] for place in sorted(places))
                if not banned and fits((gold, *chosen)):
                    return chosen
        return None
