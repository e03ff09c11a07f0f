"""Arithmetic of LAPE (arXiv 2402.16438): which neurons fire for few languages. Arrays only, no model.

Axes: K languages first, neurons last, anything between (resamples). Arithmetic is done in the type of what comes in.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


def entropies(firing: Reals) -> Reals:
    """Return the entropy over languages of where a neuron fires, in nats, in [0, log K]; NaN where it never fires.

    -sum q log q with q = p / sum over languages of p, so a language counts alike however long its text is. The original
    takes 0 for a neuron that never fires, which would be the most specific of all; nothing is known of it.

    Args:
        firing: share of a language's tokens at which a neuron fires, shape (K, ..., n).
    """
    total = firing.sum(axis=0)
    shares = firing / np.where(total > 0, total, 1)
    logs = np.maximum(shares, np.finfo(firing.dtype).tiny)
    np.log(logs, out=logs)
    logs *= shares
    entropy: Reals = -logs.sum(axis=0)
    entropy[total <= 0] = np.nan
    return entropy


def activation_bar(firing: Reals, rate: float) -> Reals:
    """Return the firing share that `rate` of all (language, neuron) pairs do not exceed, for each resample.

    The k-th smallest, k = round(rate x number), as `identify.py` of the original takes it: no interpolation.

    Args:
        firing: shape (K, ..., n); the bar has what stands between.
        rate: in [0, 1].
    """
    flat = np.moveaxis(firing, 0, -2).reshape(*firing.shape[1:-1], -1)
    k = min(max(round(rate * flat.shape[-1]), 1), flat.shape[-1])
    bar: Reals = np.partition(flat, k - 1, axis=-1)[..., k - 1]
    return bar


def specific(entropy: Reals, strongest: Reals, *, bar: float | None, top: float) -> Ints:
    """Return the language-specific neurons, the lowest entropy first: `top` of all neurons, less where fewer may be chosen.

    Of neurons of equal entropy the one that fires more goes first, then the earlier one. Their number is round(top x n) as
    in the original's `identify.py`; without the filter it is rounded down, as the counts of the PolyFact study are: 3,522
    of 352,256 neurons.

    Args:
        entropy: of each neuron, shape (n,); one without an entropy is never chosen.
        strongest: the greatest firing share of each neuron over the languages.
        bar: what it must exceed (original); None for no filter (published).
        top: share of all neurons, also of those that are filtered out; at least one neuron.
    """
    allowed = ~np.isnan(entropy) if bar is None else ~np.isnan(entropy) & (strongest > bar)
    wanted = int(top * entropy.size) if bar is None else round(top * entropy.size)
    size = min(max(wanted, 1), int(allowed.sum()))
    if not size:
        return np.zeros(0, dtype=np.int64)
    key = np.where(allowed, entropy, np.inf)
    reach = np.partition(key, size - 1)[size - 1]
    near = np.flatnonzero(key <= reach)  # all that could be chosen, so that only these are sorted
    order = np.lexsort((near, -strongest[near], key[near]))
    chosen: Ints = near[order[:size]].astype(np.int64)
    return chosen


def members(firing: Reals, *, bar: float | None) -> Bools:
    """Return whether a neuron belongs to a language, shape (K, ..., n).

    Original: to each in which it fires more often than the bar. Published: to the one in which it fires most, the first
    of equal ones.
    """
    if bar is not None:
        above: Bools = firing > bar
        return above
    best = firing.argmax(axis=0)
    langs = np.arange(firing.shape[0]).reshape(-1, *(1,) * best.ndim)
    one: Bools = best[None] == langs
    return one


def overlaps(belongs: Bools) -> NDArray[np.float64]:
    """Return neurons that two languages share / those of the smaller set, shape (K, K); NaN where that is empty.

    Args:
        belongs: of the chosen neurons, shape (K, S).
    """
    counts = belongs.astype(np.float64)
    shared = counts @ counts.T
    sizes = counts.sum(axis=1)
    smaller = np.minimum(sizes[:, None], sizes[None])
    with np.errstate(invalid="ignore"):
        return np.asarray(shared / np.where(smaller > 0, smaller, np.nan))


def mean_overlap(matrix: NDArray[np.float64]) -> float:
    """Return the mean over pairs of different languages; NaN where no pair has one."""
    pairs = matrix[np.triu_indices(matrix.shape[0], 1)]
    known = pairs[~np.isnan(pairs)]
    return float(known.mean()) if known.size else float("nan")


def layers_of(neurons: Sequence[int] | Ints, n_neurons: int) -> list[tuple[int, int]]:
    """Return (layer, neuron) of numbers that run through all layers."""
    return [(int(each) // n_neurons, int(each) % n_neurons) for each in neurons]
