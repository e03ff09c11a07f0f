"""Paired differences of figures that are means of columns: two runs, or two arms of several training seeds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xleval.evalkit.metrics.consistency import column_means
from xleval.evalkit.metrics.grid import Floats
from xleval.evalkit.statistics import (
    PairedEstimate,
    bca_interval,
    bootstrap_means,
    bootstrap_p,
    detectable_mean_difference,
    jackknife_means,
    paired_estimates,
    percentile_interval,
    two_level_difference,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """How resamples are drawn: `seed` of `numpy.random.default_rng` and their number."""

    seed: int
    resamples: int


#: Per-item statistics of one figure in every run of an arm, each (items, columns), NaN where an item does not count.
Tables = Sequence[Floats]


def differences(
    first: Sequence[Tables], second: Sequence[Tables], draws: Draws, *, level: float = 0.05
) -> list[PairedEstimate | None]:
    """Return the difference of every figure, second minus first; None where no item counts in all runs.

    A figure is the mean of its columns' means, each over the items that count in both runs: an item is drawn with all
    its columns. Of arms with several training seeds it is the mean over the seeds, on the items that count in every
    column of every run, and both seeds and items are levels of the test (D2); an arm with one run beside one with
    several is a checkpoint that was not trained, without seeds of its own.

    Args:
        first, second: for each figure its tables, one for each run of the arm.
        draws: of the bootstrap.
        level: of the test for which arms of several seeds state what they could find.
    """
    found: list[PairedEstimate | None] = [None] * len(first)
    columns: dict[int, tuple[Floats, Floats]] = {}
    for place, (one, two) in enumerate(zip(first, second, strict=True)):
        if max(len(one), len(two)) > 1:
            found[place] = _of_arms(one, two, level)
            continue
        before, after = _on_common(one[0], two[0])
        if not before.size:
            continue
        if np.isnan(before).any():
            found[place] = _of_columns(before, after, draws)
        else:
            columns[place] = _spread(before.mean(axis=1), one[0], two[0]), _spread(after.mean(axis=1), one[0], two[0])
    if columns:
        # One call for all: figures on the same items share their draws.
        sides = [np.column_stack([pair[k] for pair in columns.values()]) for k in (0, 1)]
        estimates = paired_estimates(sides[0], sides[1], seed=draws.seed, resamples=draws.resamples)
        for place, estimate in zip(columns, estimates, strict=True):
            found[place] = estimate
    return found


def _on_common(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Return both tables with NaN where one of them has it, without rows and columns that hold nothing."""
    common = ~np.isnan(first) & ~np.isnan(second)
    rows, columns = common.any(axis=1), common.any(axis=0)
    one, two = (np.where(common, table, np.nan)[np.ix_(rows, columns)] for table in (first, second))
    return one, two


def _spread(values: Floats, first: Floats, second: Floats) -> Floats:
    """Return values of the items that count in both tables as a column over all items."""
    column = np.full(len(first), np.nan)
    column[(~np.isnan(first) & ~np.isnan(second)).any(axis=1)] = values
    return column


def _of_columns(first: Floats, second: Floats, draws: Draws) -> PairedEstimate:
    """Return the difference of means over columns that not every item counts in."""
    gain = second - first
    n, value = len(gain), round(float(column_means(gain).mean()), 12)
    rng = np.random.default_rng(draws.seed)
    resampled = np.round(bootstrap_means(gain, rng, resamples=draws.resamples).mean(axis=1), 12)
    interval = bca_interval(value, resampled, jackknife_means(gain).mean(axis=1)) if n > 1 else None
    name = "BCa" if interval else "percentile"
    interval = interval or (percentile_interval(resampled) if n > 1 else None)
    low, high = interval or (None, None)
    # As in `paired_estimates`: draws of a few items that all gain never reach 0, so the signs bound the p.
    changed = int((np.abs(np.nan_to_num(gain)).max(axis=1) > 1e-12).sum())
    fewest = 2.0 ** (1 - changed)
    moment = n * float(np.nanvar(resampled)) + value**2
    return PairedEstimate(
        difference=value, first=float(column_means(first).mean()), second=float(column_means(second).mean()),
        low=low, high=high, n=n, p=min(1.0, max(bootstrap_p(resampled), fewest)) if n > 1 else 1.0,
        test=f"paired bootstrap, {len(resampled)} resamples of items" if n > 1 else "none: one item",
        interval=f"{name} bootstrap 95%, {len(resampled)} resamples of items" if interval else "none: one item",
        first_only=None, second_only=None,
        detectable=detectable_mean_difference(n, squared=min(moment, 1.0), changed=changed / n),
    )  # fmt: skip


def _of_arms(first: Tables, second: Tables, level: float) -> PairedEstimate | None:
    runs = np.stack([*first, *second])
    kept = ~np.isnan(runs).any(axis=(0, 2))
    if not kept.any():
        return None
    one, two = ([table[kept].mean(axis=1) for table in arm] for arm in (first, second))
    return two_level_difference(one, two, level=level, untrained=1 in (len(one), len(two)))
