"""Summary figures of LAPE for models that are compared, under the weights that a bootstrap gives the blocks of text."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xleval.evalkit.metrics.grid import Floats
from xleval.probing.lape import Ints, Reals, activation_bar, entropies, mean_overlap, members, overlaps, specific
from xleval.probing.neuron_counts import NeuronCounts
from xleval.probing.options import ProbeOptions

#: Bytes of one array over languages, resamples and neurons; about five are alive at once.
_BYTES = 40 << 20


@dataclass(frozen=True, slots=True)
class _Bars:
    """What the first model calls specific, for each row of weights; NaN where a row has no such neuron."""

    entropy: Floats
    activation: Floats


@dataclass(frozen=True, slots=True)
class _Sums:
    """Counts under some rows of weights.

    Attributes:
        fired: shape (languages, rows, neurons).
        tokens: shape (languages, rows).
    """

    fired: Reals
    tokens: Reals

    def firing(self) -> Reals:
        """Return the share of tokens at which each neuron fires; 0 where there are no tokens."""
        return np.asarray(self.fired / np.maximum(self.tokens, 1)[..., None])

    def whole(self) -> NDArray[np.bool_]:
        """Return whether every language has tokens, shape (rows,)."""
        return np.asarray((self.tokens > 0).all(axis=0))


def neuron_figures(counts: Sequence[NeuronCounts], weights: Floats, options: ProbeOptions) -> list[dict[str, Floats]]:
    """Return, for each model, summary figures under each row of weights; NaN where nothing stands behind one.

    `entropy`: mean over the neurons that fire of entropy / log K. `specific`: share of all neurons that are as specific
    as the first model's: at most the entropy, and above the activation bar (`original`), that bound its own selection. In
    the first model it is the share that is selected, by construction. `overlap` (`original` only): mean over pairs of
    languages of the overlap of their neurons, each model with its own selection. `entropy_of_specific`: mean entropy / log K of
    a model's own selection, chosen on every other block and measured on the others, both ways, mean: on the text that
    they were chosen by, neurons look more specific than they are; one that does not fire on the others has no entropy there
    and is left out. Every model has its own selection there, because what
    is selected in one model is less extreme in any other, in whichever direction the models differ.

    Args:
        counts: of models with the same layers and neurons, over the same text; the bounds of the first hold for all.
        weights: of the blocks, shape (R, units); a row of ones gives the figures themselves.
        options: `variant`, `top_neurons` and `filter_rate` are used.
    """
    bars = _Bars(np.full(len(weights), np.nan), np.full(len(weights), np.nan))
    figures = []
    for number, model in enumerate(counts):
        names = ("entropy", "specific", *(("overlap",) if options.variant == "original" else ()), "entropy_of_specific")
        figure = {name: np.full(len(weights), np.nan) for name in names}
        for rows, sums in _sums(model, weights):
            _add(figure, rows, sums, bars, options, is_first=number == 0)
        figures.append(figure)
    return figures


def _sums(counts: NeuronCounts, weights: Floats) -> Iterator[tuple[slice, tuple[_Sums, _Sums]]]:
    """Yield counts under so many rows of weights as fit into memory, of the even blocks and of the odd ones."""
    size = counts.n_layers * counts.n_neurons
    step = max(1, _BYTES // (4 * len(counts.langs) * size))
    # Counts are whole numbers below 2^24: single precision holds them, and halves what is read.
    halves = []
    for half in (slice(0, None, 2), slice(1, None, 2)):
        fired = [each[half].reshape(-1, size).astype(np.float32) for each in counts.fired.values()]
        halves.append((half, fired, [each[half].astype(np.float32) for each in counts.tokens.values()]))
    for start in range(0, len(weights), step):
        rows = slice(start, min(start + step, len(weights)))
        even, odd = (
            _Sums(
                np.stack([drawn @ each for each in fired]),
                np.stack([drawn @ each for each in tokens]),
            )
            for half, fired, tokens in halves
            for drawn in (weights[rows, half].astype(np.float32),)
        )
        yield rows, (even, odd)


def _add(
    figure: dict[str, Floats],
    rows: slice,
    sums: tuple[_Sums, _Sums],
    bars: _Bars,
    options: ProbeOptions,
    *,
    is_first: bool,
) -> None:
    """Write the figures of some rows."""
    even, odd = sums
    both = _Sums(even.fired + odd.fired, even.tokens + odd.tokens)
    firing = both.firing()
    entropy, strongest = entropies(firing), firing.max(axis=0)
    scale = math.log(len(firing))
    own = _own_bars(firing, options)
    for i, row in enumerate(range(rows.start, rows.stop)):
        if not both.whole()[i]:
            continue
        chosen = specific(entropy[i], strongest[i], bar=own[i], top=options.top_neurons)
        if is_first and chosen.size:
            bars.entropy[row] = entropy[i, chosen[-1]]
            bars.activation[row] = -np.inf if own[i] is None else own[i]
        figure["entropy"][row] = _mean(entropy[i]) / scale
        if not math.isnan(bars.entropy[row]):
            is_specific = (entropy[i] <= bars.entropy[row]) & (strongest[i] > bars.activation[row])
            figure["specific"][row] = is_specific.mean()
        if "overlap" in figure:
            figure["overlap"][row] = mean_overlap(overlaps(members(firing[:, i, chosen], bar=own[i])))
    figure["entropy_of_specific"][rows] = _held_out_entropy(even, odd, options) / scale


def _held_out_entropy(even: _Sums, odd: _Sums, options: ProbeOptions) -> Floats:
    """Return the mean entropy of neurons on the half of the blocks that they were not chosen on, in nats, for each row."""
    (of_even, from_even), (of_odd, from_odd) = (_chosen(half, options) for half in (even, odd))
    ways = [
        (_mean(of_odd[i, from_even[i]]) + _mean(of_even[i, from_odd[i]])) / 2 if is_whole else math.nan
        for i, is_whole in enumerate(even.whole() & odd.whole())
    ]
    return np.asarray(ways, dtype=np.float64)


def _chosen(half: _Sums, options: ProbeOptions) -> tuple[Reals, list[Ints]]:
    """Return entropies, shape (rows, neurons), and each row's language-specific neurons."""
    firing = half.firing()
    entropy, strongest, bars = entropies(firing), firing.max(axis=0), _own_bars(firing, options)
    rows = range(len(entropy))
    return entropy, [specific(entropy[i], strongest[i], bar=bars[i], top=options.top_neurons) for i in rows]


def _own_bars(firing: Reals, options: ProbeOptions) -> list[float | None]:
    """Return each row's activation bar; None under `published`."""
    if options.variant == "published":
        return [None] * firing.shape[1]
    return [float(each) for each in activation_bar(firing, options.filter_rate)]


def _mean(entropy: Reals) -> float:
    known = entropy[~np.isnan(entropy)]
    return float(known.mean(dtype=np.float64)) if known.size else math.nan
