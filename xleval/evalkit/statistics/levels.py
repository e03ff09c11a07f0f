"""More than one level: training seeds and items, completions within items (bootstrap), whole clusters of items."""

import math
import sys
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import cast

import numpy as np

from xleval.errors import ConfigError, DataError
from xleval.evalkit.statistics.bootstrap import resample_counts
from xleval.evalkit.statistics.distributions import t_beyond, t_quantile
from xleval.evalkit.statistics.intervals import Floats
from xleval.evalkit.statistics.paired import PairedEstimate
from xleval.evalkit.statistics.power import standard_errors

_NORMAL = NormalDist()
_NOTHING = 1e-24  # a variance that rounding leaves between equal values


def two_level_difference(
    first: Sequence[Floats], second: Sequence[Floats], *, level: float = 0.05, untrained: bool = False
) -> PairedEstimate:
    """Return how far an arm of training runs is from another, over seeds and the items that all runs scored.

    The interval is d ± √(t² V + z² W): V the variance of the arms' means over their seeds, Σ s²/S of the runs' means; W
    that of the mean gain over items; t and z the quantiles of Student's t of 2 (S - 1) degrees of freedom, S the seeds of
    the smaller arm, and of the normal. p is one less the confidence at which the interval ends at 0, so that both agree;
    it is at least 2^(1-m), the least that the signs of the m items that differ can give. Chance in single answers is in
    V and in W, so the interval is wide where seeds hardly differ. It carries a sentence about the method;
    `paired_estimate` carries one about two checkpoints. A checkpoint that was not trained has no seeds that could differ:
    V is then that of the other arm alone, with S - 1 degrees of freedom.

    Args:
        first, second: for each training seed of an arm its scores, shape (items,), the same items in the same order;
            NaN where unscored.
        level: of the two-sided test for which `detectable` is stated.
        untrained: one arm, with a single run, is a checkpoint that was not trained.

    Raises:
        ConfigError: an arm with fewer than two seeds; with `untrained`, both arms.
        DataError: unlike shapes, or no item that all runs scored.

    Reference: Banerjee 1961, Sankhya A 23, 359-378, for a quantile of its own for each variance;
    Welch 1947, doi:10.1093/biomet/34.1-2.28, for the degrees of freedom, which lie from S - 1 to those taken here in
    arms of S seeds each.
    """
    trained = [arm for arm in (first, second) if not untrained or len(arm) > 1] or [first]
    _check_seeds(*trained)
    scores = _alike([*first, *second])
    scores = scores[:, ~np.isnan(scores).any(axis=0)]
    n = scores.shape[1]
    if not n:
        raise DataError("no item was scored by all runs of both arms, so there is nothing to compare")
    one, two = scores[: len(first)], scores[len(first) :]
    gains = np.round(two.mean(axis=0) - one.mean(axis=0), 12)
    before, after = float(one.mean()), float(two.mean())
    low = high = detectable = None
    p, test, interval = 1.0, "none: nothing varies", "none: nothing varies"
    if n > 1:
        spread = _Spread(
            seeds=sum(float(arm.mean(axis=1).var(ddof=1)) / len(arm) for arm in (one, two) if len(arm) > 1),
            items=float(gains.var(ddof=1)) / n,
            df=len(trained) * (min(map(len, trained)) - 1),
        )
        if spread.seeds + spread.items > _NOTHING:
            half, least = spread.half_width(), spread.detectable(level)
            low, high = max(-1.0, after - before - half), min(1.0, after - before + half)
            p = max(spread.p_value(abs(after - before)), min(1.0, 2.0 ** (1 - np.count_nonzero(gains))))
            detectable = least if least <= 1 and 2.0 ** (1 - n) <= level else None
            of = f"{_seeds(one)} and {_seeds(two)} seeds ({spread.df} degrees of freedom), then items"
            test, interval = f"two-level t test, {of}", f"two-level t interval 95%, {of}"
    return PairedEstimate(
        difference=after - before, first=before, second=after, low=low, high=high, n=n, p=p, test=test,
        interval=interval, first_only=None, second_only=None, detectable=detectable,
    )  # fmt: skip


def _seeds(arm: Floats) -> str:
    return str(len(arm)) if len(arm) > 1 else "no"


def two_level_draws(
    first: Sequence[Floats], second: Sequence[Floats], rng: np.random.Generator, resamples: int = 10_000
) -> Floats:
    """Return differences of two arms' means in resamples of their training seeds, then of the items.

    Seeds are drawn with replacement within each arm, items once for all drawn seeds: the plain two-level bootstrap. With
    few seeds it is too narrow (a resample of S seeds has (S - 1)/S of their variance, and draws have the tails of a
    normal): `two_level_difference` is that corrected, and what verdicts rest on.

    Args:
        first, second: as in `two_level_difference`, but without missing scores.
        rng: source of the draws.
        resamples: their number.

    Returns:
        Shape (resamples,), second minus first.

    Raises:
        ConfigError: an arm with fewer than two seeds.
        DataError: unlike shapes, no items, or a missing score.
    """
    _check_seeds(first, second)
    scores = _alike([*first, *second])
    if not scores.shape[1] or np.isnan(scores).any():
        raise DataError("a two-level bootstrap needs items that all runs scored; leave the others out")
    means = np.concatenate([counts @ scores.T for counts in resample_counts(scores.shape[1], resamples, rng)])
    arms = np.split(means / scores.shape[1], [len(first)], axis=1)
    drawn = [
        (np.concatenate(list(resample_counts(arm.shape[1], resamples, rng))) * arm).sum(axis=1) / arm.shape[1]
        for arm in arms
    ]
    return cast(Floats, drawn[1] - drawn[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spread:
    """Variance of a difference of two arms by what it comes from.

    Attributes:
        seeds: that of the arms' means over their seeds, estimated with `df` degrees of freedom.
        items: that of the mean gain over items, of many and so taken as known.
        df: whole number, at least 1.
    """

    seeds: float
    items: float
    df: int

    def half_width(self) -> float:
        """Return half the 95 % interval."""
        return math.hypot(t_quantile(self.df) * math.sqrt(self.seeds), _NORMAL.inv_cdf(0.975) * math.sqrt(self.items))

    def detectable(self, level: float) -> float:
        """Return the difference found about 4 times in 5 at a level: that of the test plus the 0.80 quantile."""
        quantiles = t_quantile(self.df, 1 - level) + t_quantile(self.df, 0.6)  # P(|T| <= t) = 0.6 at the 0.80 quantile
        return math.hypot(quantiles * math.sqrt(self.seeds), standard_errors(level) * math.sqrt(self.items))

    def p_value(self, difference: float) -> float:
        """Return p with √(t² seeds + z² items) = difference, t and z those of a two-sided tail of p; by bisection on t."""
        if self.seeds <= _NOTHING:
            return math.erfc(difference / math.sqrt(2 * self.items))
        low, high = 0.0, difference / math.sqrt(self.seeds)
        for _ in range(100):
            t = (low + high) / 2
            z = -_NORMAL.inv_cdf(max(t_beyond(t, self.df) / 2, sys.float_info.min))
            low, high = (t, high) if t * t * self.seeds + z * z * self.items < difference**2 else (low, t)
        return t_beyond((low + high) / 2, self.df)


def _check_seeds(*arms: Sequence[Floats]) -> None:
    for arm in arms:
        if len(arm) < 2:
            raise ConfigError(
                f"found {len(arm)} training seed in an arm: how far seeds differ cannot be told from it; "
                "train two seeds or more, or compare the two checkpoints"
            )


def repeated_means(verdicts: Floats, rng: np.random.Generator, resamples: int = 10_000) -> Floats:
    """Return mean@k of each column in resamples of the items, and of the completions within each drawn item.

    An item is drawn with all its columns; each time it is drawn, its own number of completions is drawn from them with
    replacement. Completions of items with the same share of right ones are exchangeable, so the sum over them is one
    binomial draw: exact, and as fast as the one-level bootstrap.

    Args:
        verdicts: shape (items, columns, completions), 1, 0, or NaN where there is no verdict.
        rng: source of the draws.
        resamples: number of resamples.

    Returns:
        Shape (resamples, columns); NaN where a resample holds no verdict of the column.

    Raises:
        DataError: no items, or verdicts other than 0 and 1.

    Reference: Davison and Hinkley 1997, section 3.8, strategy 1: somewhat wide, as completions vary the items already.
    """
    known = ~np.isnan(verdicts)
    if verdicts.ndim != 3 or not len(verdicts) or not np.isin(verdicts[known], (0.0, 1.0)).all():
        raise DataError(f"mean@k needs verdicts of 0 or 1 by item, column and completion, found {verdicts.shape}")
    sizes, right = known.sum(axis=2), np.where(known, verdicts, 0.0).sum(axis=2).astype(np.int64)
    kinds, member = np.unique(np.stack([sizes.ravel(), right.ravel()]), axis=1, return_inverse=True)
    member = member.reshape(sizes.shape)
    columns = [[(k, c) for c in np.unique(member[:, k]) if kinds[0, c]] for k in range(sizes.shape[1])]
    cells = [cell for column in columns for cell in column]
    if not cells:
        return np.full((resamples, sizes.shape[1]), np.nan)
    belongs = np.stack([(member[:, k] == c) for k, c in cells], axis=1).astype(np.float64)
    size, chance = (np.array([table[c] for _, c in cells]) for table in (kinds[0], kinds[1] / np.maximum(kinds[0], 1)))
    of_column = np.array([k for k, _ in cells])[:, None] == np.arange(sizes.shape[1])
    blocks = []
    for counts in resample_counts(len(verdicts), resamples, rng):
        items = np.rint(counts @ belongs).astype(np.int64)
        shares = rng.binomial(items * size, chance) / size
        with np.errstate(invalid="ignore"):
            blocks.append((shares @ of_column) / (items @ of_column))
    return np.concatenate(blocks)


def cluster_draws(
    values: Floats, clusters: Sequence[Hashable], rng: np.random.Generator, resamples: int = 10_000
) -> Floats:
    """Return the mean of each column in resamples of whole clusters, such as all items of a relation or an object.

    An item weighs the same whatever its cluster (micro mean), so a draw of large clusters has more items.

    Args:
        values: per-item statistics, shape (items, columns); NaN where an item does not count.
        clusters: the cluster of each item; with one cluster there is nothing to draw and all draws are equal.
        rng: source of the draws.
        resamples: number of resamples.

    Returns:
        Shape (resamples, columns); NaN where a resample holds no item that counts in the column.

    Raises:
        DataError: no items, or not one cluster for each.
    """
    if values.ndim != 2 or not len(values) or len(clusters) != len(values):
        raise DataError(
            f"found {len(clusters)} clusters of items for a table of the shape {values.shape}: one each is needed"
        )
    numbers: dict[Hashable, int] = {}
    member = np.array([numbers.setdefault(cluster, len(numbers)) for cluster in clusters])
    belongs = (member == np.arange(len(numbers))[:, None]).astype(np.float64)
    known = ~np.isnan(values)
    sums, weights = belongs @ np.where(known, values, 0.0), belongs @ known
    with np.errstate(invalid="ignore"):
        drawn = resample_counts(len(numbers), resamples, rng)
        return np.concatenate([counts @ sums / (counts @ weights) for counts in drawn])


def _alike(runs: Sequence[Floats]) -> Floats:
    shapes = {run.shape for run in runs}
    shape = next(iter(shapes), ())
    if len(shapes) != 1 or len(shape) != 1 or not shape[0]:
        raise DataError(f"training seeds need the same items, found the shapes {sorted(shapes)}")
    return np.stack(list(runs))
