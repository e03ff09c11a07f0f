"""Intervals: Wilson and exact binomial for shares, and the bootstrap that resamples items in every language at once."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from xleval.errors import ConfigError, DataError

Floats = NDArray[np.float64]
_CELLS_PER_CHUNK = 2_000_000  # resamples x items held at once: 16 MB of draws, 16 MB of counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A value with its interval.

    Attributes:
        value: the point estimate.
        low: lower end of the interval; None where there is none (one item has no interval).
        high: upper end; None together with `low`.
        n: items behind it.
        method: how the interval was made.
    """

    value: float
    low: float | None
    high: float | None
    n: int
    method: str


def wilson(k: int, n: int, *, confidence: float = 0.95) -> Estimate:
    """Return k/n with the Wilson score interval: for one yes-or-no score per item, nothing else.

    (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n), z the normal quantile of (1 + confidence)/2.

    Args:
        k: items that are right, 0 to n.
        n: items, at least 1; one item has no interval.
        confidence: coverage aimed at, in (0, 1).

    Raises:
        DataError: no items, or k outside 0 to n.

    Reference: Wilson 1927, doi:10.1080/01621459.1927.10502953.
    """
    _check_counts(k, n)
    p = k / n
    if n == 1:
        return Estimate(value=p, low=None, high=None, n=n, method="none: one item")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    centre = p + z * z / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    low, high = max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)
    return Estimate(value=p, low=low, high=high, n=n, method=f"Wilson {confidence:.0%}")


def exact_extreme(k: int, n: int, *, confidence: float = 0.95) -> Estimate:
    """Return k/n with the exact binomial (Clopper-Pearson) interval where none or all of the items count.

    With k = 0 it is [0, 1 - (α/2)^(1/n)], α = 1 - confidence; with k = n its mirror image.

    Raises:
        DataError: no items, or k is neither 0 nor n: the closed form holds for these two alone.
    """
    _check_counts(k, n)
    if k not in (0, n):
        raise DataError(f"the exact interval in closed form needs 0 or {n} of {n}, found {k}: use wilson")
    if n == 1:
        return Estimate(value=float(k), low=None, high=None, n=n, method="none: one item")
    width = 1 - ((1 - confidence) / 2) ** (1 / n)
    low, high = (0.0, width) if k == 0 else (1 - width, 1.0)
    return Estimate(value=k / n, low=low, high=high, n=n, method=f"exact binomial {confidence:.0%}")


def proportion(k: int, n: int, *, confidence: float = 0.95) -> Estimate:
    """Return k/n with its Wilson interval, or the exact one where k is 0 or n."""
    return (exact_extreme if k in (0, n) else wilson)(k, n, confidence=confidence)


def minimum_detectable_difference(n: int, *, discordant: float = 1.0) -> float:
    """Return the smallest difference of two accuracies on the same n items that a paired test finds 4 times in 5.

    δ = z √(d / (n + z²)), z = z(0.975) + z(0.80) = 2.802: a paired difference with a share d of items that change
    has the variance (d - δ²)/n, and δ must be z standard errors from 0 (two-sided 5 %, 80 % power). d = 1 is the worst.

    Args:
        n: items, at least 1.
        discordant: share of items on which the two differ, in (0, 1].

    Returns:
        A difference of fractions in (0, 1).

    Raises:
        ConfigError: n below 1, or `discordant` outside (0, 1].

    Reference: the normal approximation to McNemar's test; Connor 1987, doi:10.2307/2531961.
    """
    if n < 1 or not 0 < discordant <= 1:
        raise ConfigError(
            f"found n = {n}, discordant = {discordant}: one item or more and a share in (0, 1] are needed"
        )
    z = NormalDist().inv_cdf(0.975) + NormalDist().inv_cdf(0.80)
    return z * math.sqrt(discordant / (n + z * z))


def resample_counts(n: int, resamples: int, rng: np.random.Generator) -> Iterator[Floats]:
    """Yield how often each item is drawn, in blocks of shape (resamples of the block, n).

    The draws are those of `rng.integers(0, n, (resamples, n))`, whatever the size of the blocks.
    """
    step = max(1, _CELLS_PER_CHUNK // n)
    for start in range(0, resamples, step):
        rows = min(step, resamples - start)
        drawn = rng.integers(0, n, (rows, n))
        drawn += np.arange(rows)[:, None] * n
        yield np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n).astype(np.float64)


def bootstrap_means(values: Floats, rng: np.random.Generator, *, resamples: int = 10_000) -> Floats:
    """Return the mean of each column in resamples of the rows: an item is drawn with all its columns.

    One matrix product of draw counts with the per-item values makes all means at once.

    Args:
        values: per-item statistics, shape (items, columns); NaN where an item does not count in a column.
        rng: source of the draws.
        resamples: number of resamples.

    Returns:
        Shape (resamples, columns); NaN where a resample holds no item that counts in the column.

    Raises:
        DataError: no items.
    """
    if values.ndim != 2 or not len(values):
        raise DataError(f"a bootstrap needs a table of items by statistics, found the shape {values.shape}")
    missing = np.isnan(values)
    filled = np.where(missing, 0.0, values)
    partial = np.flatnonzero(missing.any(axis=0))
    there = (~missing[:, partial]).astype(np.float64)
    blocks = []
    for counts in resample_counts(len(values), resamples, rng):
        weights = np.full((len(counts), values.shape[1]), float(len(values)))
        weights[:, partial] = counts @ there
        with np.errstate(invalid="ignore", divide="ignore"):
            blocks.append(counts @ filled / weights)
    return np.concatenate(blocks)


def percentile_interval(draws: Floats, *, confidence: float = 0.95) -> tuple[float, float] | None:
    """Return the percentile interval of bootstrap values; None where no resample has a value."""
    known = draws[~np.isnan(draws)]
    if not known.size:
        return None
    tail = 50 * (1 - confidence)
    low, high = np.percentile(known, [tail, 100 - tail])
    return float(low), float(high)


def bootstrap_estimate(value: float, draws: Floats, *, n: int, clusters: str = "items") -> Estimate:
    """Return a value with the 95 % percentile interval of its bootstrap draws; with n = 1 there is no interval."""
    interval = percentile_interval(draws) if n > 1 else None
    if interval is None:
        return Estimate(value=value, low=None, high=None, n=n, method=f"none: one of {clusters}" if n == 1 else "none")
    method = f"percentile bootstrap 95%, {len(draws)} resamples of {clusters}"
    return Estimate(value=value, low=interval[0], high=interval[1], n=n, method=method)


def _check_counts(k: int, n: int) -> None:
    if n < 1 or not 0 <= k <= n:
        raise DataError(f"found {k} of {n}: at least one item, and a count from 0 to their number, are needed")
