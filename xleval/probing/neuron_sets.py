"""Which neurons are a language's, by LAPE: as probe.json and the table of neurons have them."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xleval.errors import ConfigError
from xleval.evalkit.probe_schema import LanguageNeuronsJson, Matrix, NeuronsJson
from xleval.probing.lape import activation_bar, entropies, layers_of, members, overlaps, specific
from xleval.probing.neuron_counts import NeuronCounts
from xleval.probing.options import ProbeOptions

if TYPE_CHECKING:
    import pyarrow


@dataclass(frozen=True, slots=True, kw_only=True)
class _Selection:
    """What LAPE finds in one model; neurons are numbered through all layers.

    Attributes:
        firing: share of a language's tokens at which each fires, shape (K, n).
        entropy: of each, in nats; NaN of one that never fires.
        bar: that a neuron must exceed in a language; None under `published`.
        chosen: language-specific neurons, the lowest entropy first.
        belongs: whether a chosen neuron is a language's, shape (K, chosen).
    """

    firing: NDArray[np.float64]
    entropy: NDArray[np.float64]
    bar: float | None
    chosen: NDArray[np.int64]
    belongs: NDArray[np.bool_]


def neurons_json(name: str, counts: NeuronCounts, options: ProbeOptions) -> NeuronsJson:
    """Return the language-specific neurons of a model: how many, where, and shared by which languages.

    Raises:
        ConfigError: no neuron passes the filter.
    """
    found = _selection(counts, options)
    layers = found.chosen // counts.n_neurons
    languages: list[LanguageNeuronsJson] = []
    for lang, own in zip(counts.langs, found.belongs, strict=True):
        by_layer = np.bincount(layers[own], minlength=counts.n_layers)
        languages.append({"lang": lang, "n": int(own.sum()), "layers": by_layer.tolist()})
    relative = found.entropy.reshape(counts.n_layers, -1) / math.log(len(counts.langs))
    return {
        "model": name,
        "n_selected": len(found.chosen),
        "n_silent": int(np.isnan(found.entropy).sum()),
        "activation_bar": found.bar,
        "entropy": float(found.entropy[found.chosen[-1]]),
        "entropy_by_layer": np.nanmean(relative, axis=1).tolist(),
        "languages": languages,
        "overlap": _matrix(overlaps(found.belongs)),
    }


def neuron_sets(counts: NeuronCounts, options: ProbeOptions) -> dict[str, list[tuple[int, int]]]:
    """Return each language's neurons as (layer, neuron), the lowest entropy first; a language may have none.

    Raises:
        ConfigError: no neuron passes the filter.
    """
    found = _selection(counts, options)
    return {
        lang: layers_of(found.chosen[own], counts.n_neurons)
        for lang, own in zip(counts.langs, found.belongs, strict=True)
    }


def neuron_table(name: str, counts: NeuronCounts, options: ProbeOptions) -> "pyarrow.Table":
    """Return a row for each neuron of a model, in the order of the layers.

    Columns: model, layer, neuron; entropy in nats, null where it never fires; fired_LANG, the share of the language's
    tokens at which it fires; languages, those that it is specific to.

    Raises:
        ConfigError: no neuron passes the filter.
    """
    import pyarrow as pa

    found = _selection(counts, options)
    n = found.entropy.size
    of_neuron: list[list[str]] = [[] for _ in range(n)]
    for lang, own in zip(counts.langs, found.belongs, strict=True):
        for each in found.chosen[own]:
            of_neuron[each].append(lang)
    numbers = np.arange(n, dtype=np.int32)
    columns = {
        "model": pa.array([name] * n, pa.string()),
        "layer": pa.array(numbers // counts.n_neurons),
        "neuron": pa.array(numbers % counts.n_neurons),
        "entropy": pa.array(found.entropy, mask=np.isnan(found.entropy)),
        **{f"fired_{lang}": pa.array(row) for lang, row in zip(counts.langs, found.firing, strict=True)},
        "languages": pa.array(of_neuron, pa.list_(pa.string())),
    }
    return pa.table(columns)


def _selection(counts: NeuronCounts, options: ProbeOptions) -> _Selection:
    firing = counts.firing()
    entropy = np.asarray(entropies(firing), dtype=np.float64)
    bar = float(activation_bar(firing, options.filter_rate)) if options.variant == "original" else None
    chosen = specific(entropy, firing.max(axis=0), bar=bar, top=options.top_neurons)
    if not chosen.size:
        raise ConfigError(
            f"no neuron fires at more than {bar:.4g} of the tokens of a language, which is the quantile "
            f"{options.filter_rate:g} of all firing rates; lower --filter-rate, or use --variant published, which has no such filter"
        )
    return _Selection(
        firing=firing, entropy=entropy, bar=bar, chosen=chosen, belongs=members(firing[:, chosen], bar=bar)
    )


def _matrix(values: NDArray[np.float64]) -> Matrix:
    return [[None if math.isnan(each) else each for each in row] for row in values.tolist()]
