"""What a resample draws: language orders with their runs, training seeds, and items, the same for every run.

Items are drawn once for all runs, each with all its languages, completions and models: the runs were asked the same
items. Where there are several orders, whole orders are drawn: how far they lie apart has the luck of their seeds in it.
Else seeds are drawn. A resample's distance from the figure is that of its runs on all items plus that of its items over
all runs, and the part of the runs is stretched, as few lie too close together (Hesterberg 2015,
doi:10.1080/00031305.2015.1089789). Runs are drawn by normal weights, not by whole counts (a weighted bootstrap, Barbe and
Bertail 1995): of two seeds there are three resamples, and their percentiles are too near.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from xleval.data.plurals import counted
from xleval.evalkit.metrics.grid import Floats
from xleval.evalkit.results_schema import EstimateJson
from xleval.evalkit.statistics import percentile_interval
from xleval.evalkit.statistics.distributions import t_quantile
from xleval.evalkit.transfer.plan import Arm

_MOST_LOST = 0.05  # resamples without a value, such as those that draw no run at some k

_NOTHING = 1e-12  # what rounding leaves between equal draws


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Alternatives that are drawn, such as orders.

    Attributes:
        what: `language orders`, `seeds`, or `runs at one k` where the seeds have no names.
        alternatives: positions of the arms that are drawn together; two alternatives or more.
    """

    what: str
    alternatives: tuple[tuple[int, ...], ...]


def stretch(n: int) -> float:
    """Return what a t interval of n values has over a percentile bootstrap: √(n/(n-1)) t(0.975; n-1)/z(0.975)."""
    return math.sqrt(n / (n - 1)) * t_quantile(n - 1) / NormalDist().inv_cdf(0.975)


def levels_of(arms: Sequence[Arm]) -> list[Level]:
    """Return what is drawn of the runs; an empty list where there is one of each.

    An arm without an order belongs to every order (with one language, or with all, there is nothing to order). Seeds are
    drawn by name where all arms of an order have one, so that a seed comes with all its k; else among the arms with the
    same k.
    """
    orders = _orders(arms)
    found = []
    if len(orders) > 1:
        whole = tuple(tuple(at for at, arm in enumerate(arms) if arm.order == order) for order in orders)
        found.append(Level(what="language orders", alternatives=whole))
    groups = [group for order in ([None] if found else [None, *orders]) for group in _seed_groups(arms, order)]
    what = "seeds" if all(arm.seed is not None for arm in arms) else "runs at one k"
    return found + [Level(what=what, alternatives=group) for group in groups if len(group) > 1]


def weights_at_hand(arms: Sequence[Arm]) -> Floats:
    """Return the weight of each arm in a mean over arms, (A,): that of an order is shared by its seeds."""
    weights = np.ones(len(arms))
    for order in (None, *_orders(arms)):
        for group in _seed_groups(arms, order):
            for same_seed in group:
                weights[list(same_seed)] = 1 / len(group)
    return weights


def run_parts(
    values: Floats, arms: Sequence[Arm], at: Sequence[int], resamples: int, rng: np.random.Generator
) -> Floats:
    """Return how far the mean over the arms at one k lies from that at hand when other runs are drawn, (B, F).

    Args:
        values: figures of all arms, (F, A); NaN where an arm has none.
        arms: all of the regime.
        at: positions of the arms with this k.
        resamples: B.
        rng: source of the draws; the same state gives the same runs at every k.

    Returns:
        NaN for a k that one alternative of several has alone, such as one order: how far they differ cannot be told.
    """
    weights, here = weights_at_hand(arms), np.zeros(len(arms))
    here[list(at)] = 1.0
    share = weights * here / (weights @ here)
    filled = np.nan_to_num(values)
    away = share * (filled - (filled @ share)[:, None])
    total = np.zeros((resamples, len(values)))
    for level in levels_of(arms):
        drawn = rng.normal(size=(resamples, len(level.alternatives)))
        there = [number for number, members in enumerate(level.alternatives) if here[list(members)].any()]
        if len(there) == 1:
            return np.full(total.shape, np.nan)
        if there:
            parts = np.stack([away[:, list(level.alternatives[number])].sum(axis=1) for number in there])
            chosen = drawn[:, there]
            total += stretch(len(there)) * ((chosen - chosen.mean(axis=1, keepdims=True)) @ parts)
    return np.where(np.isnan(values[:, list(at)]).any(axis=1), np.nan, total)


def _orders(arms: Sequence[Arm]) -> list[str]:
    return sorted({arm.order for arm in arms if arm.order is not None})


def _seed_groups(arms: Sequence[Arm], order: str | None) -> list[tuple[tuple[int, ...], ...]]:
    """Return groups of alternatives among which seeds are drawn; an alternative holds the arms drawn together."""
    members = [at for at, arm in enumerate(arms) if arm.order == order]
    if members and all(arms[at].seed is not None for at in members):
        seeds = sorted({str(arms[at].seed) for at in members})
        return [tuple(tuple(at for at in members if arms[at].seed == seed) for seed in seeds)]
    sizes = sorted({arms[at].k for at in members})
    return [tuple((at,) for at in members if arms[at].k == k) for k in sizes]


def level_names(arms: Sequence[Arm], n_items: int) -> list[str]:
    """Return what is drawn, in words, such as `3 language orders (part × 2.7)`, `2 seeds (part × 9.2)`, `250 items`."""
    names = []
    levels = levels_of(arms)
    for what in dict.fromkeys(level.what for level in levels):
        sizes = [len(level.alternatives) for level in levels if level.what == what]
        widest = stretch(min(sizes))
        many = f"{min(sizes)} to {max(sizes)}" if min(sizes) < max(sizes) else f"{max(sizes)}"
        names.append(f"{many} {what} (part × {widest:.1f})")
    return [*names, counted(n_items, "item")]


def estimate(
    value: float, draws: Floats, *, n: int, levels: Sequence[str] = (), within: tuple[float, float] | None = None
) -> EstimateJson:
    """Return a value with its 95 % percentile interval; none where it cannot be told (see `method`).

    Args:
        value: the figure.
        draws: of it in resamples, NaN without a value.
        n: items behind it.
        levels: what was drawn, in words.
        within: the range that the figure has: an accuracy lies from 0 to 1 whatever a stretch gives.
    """
    known = draws[np.isfinite(draws)]  # a ratio may divide by 0 in a resample
    lost = 1 - known.size / draws.size
    interval = percentile_interval(known) if n > 1 and lost <= _MOST_LOST else None
    if interval is not None and np.ptp(known) < _NOTHING:
        return EstimateJson(value=float(value), low=None, high=None, n=n, method="none: nothing varies")
    if interval is None:
        why = "one item" if n <= 1 else f"{lost:.0%} of the resamples have no value"
        return EstimateJson(value=float(value), low=None, high=None, n=n, method=f"none: {why}")
    low, high = (min(max(end, within[0]), within[1]) for end in interval) if within else interval
    drawn = ", ".join(levels) or "items"
    method = f"percentile bootstrap 95%, {len(draws)} resamples of {drawn}"
    return EstimateJson(value=float(value), low=low, high=high, n=n, method=method)
