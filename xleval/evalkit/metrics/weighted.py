"""Accuracy with a weight for each group of items, such as PolyMath's difficulty-weighted accuracy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xleval.evalkit.metrics.grid import Floats
    from xleval.evalkit.statistics import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighting:
    """What the groups of items count.

    Attributes:
        name: of the weighted accuracy, such as `DW-ACC`.
        key: of the items' groups.
        weights: value of the key -> its weight, above 0; only their ratios matter.
    """

    name: str
    key: str
    weights: Mapping[str, float]


def weighted_accuracy(
    correct: "Floats", labels: Sequence[str], weights: Mapping[str, float], *, seed: int, resamples: int
) -> "Estimate | None":
    """Return the weighted mean of the groups' accuracies, sum of w_g a_g over sum of w_g, averaged over languages.

    The interval draws items within each group, whose sizes are fixed, and an item with all its languages at once.

    Args:
        correct: (I, L), correctness in [0, 1], NaN where unscored.
        labels: group of each item.
        weights: of every group that counts; items of other groups do not.
        seed, resamples: of the bootstrap.

    Returns:
        None where a group has no scored item in a language: its accuracy is not known, and not 0. Without an interval where
        all items are right, or all wrong.

    Source:
        DW-ACC of PolyMath, arXiv 2504.18428: weights 1, 2, 4 and 8 for low, medium, high and top.
    """
    import numpy as np

    from xleval.evalkit.statistics import Estimate, bootstrap_estimate, resample_counts

    total = sum(weights.values())
    value, drawn, n = 0.0, np.zeros(resamples), 0
    for number, (label, weight) in enumerate(weights.items()):
        rows = correct[[place for place, found in enumerate(labels) if found == label]]
        known = ~np.isnan(rows)
        if not len(rows) or not known.any(axis=0).all():
            return None
        right = np.where(known, rows, 0.0)
        observed = right.sum(axis=0) / known.sum(axis=0)
        value += weight / total * float(observed.mean())
        means = []
        for counts in resample_counts(len(rows), resamples, np.random.default_rng([seed, number])):
            scored = counts @ known
            # A draw may miss the few scored items of a language: it then says nothing else than what was observed.
            means.append(np.where(scored > 0, (counts @ right) / np.maximum(scored, 1), observed).mean(axis=1))
        drawn += weight / total * np.concatenate(means)
        n += len(rows)
    if value in (0.0, 1.0):  # every draw is the same: that says nothing of how far off the value may be
        return Estimate(value=value, low=None, high=None, n=n, method="none: all items alike")
    return bootstrap_estimate(value, drawn, n=n)
