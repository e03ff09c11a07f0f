"""What a table and probe.json say of counted neurons; counts by hand, two languages, two layers of two neurons."""

import math

import numpy as np
import pytest

from xleval.errors import ConfigError
from xleval.probing.neuron_counts import NeuronCounts
from xleval.probing.neuron_sets import neuron_sets, neuron_table, neurons_json
from xleval.probing.options import ProbeOptions

#: Firings of 10 tokens: (language, layer, neuron), in two units of 4 and 6 tokens.
FIRED = {"en": [[6, 9], [8, 0]], "sw": [[2, 9], [0, 0]]}
PUBLISHED = ProbeOptions(variant="published", top_neurons=0.5)
ORIGINAL = ProbeOptions(variant="original", top_neurons=0.75, filter_rate=0.6)


def counts_of(fired: dict[str, list[list[int]]]) -> NeuronCounts:
    """Return counts whose sums are as given."""
    arrays = {lang: np.array(each, dtype=np.uint16) for lang, each in fired.items()}
    return NeuronCounts(
        fired={lang: np.stack([each // 3, each - each // 3]) for lang, each in arrays.items()},
        tokens={lang: np.array([4, 6]) for lang in fired},
        n_sentences=2,
    )


def test_published_by_hand() -> None:
    # Entropies: q (3/4, 1/4) 0.562336; (1/2, 1/2) ln 2; (1, 0) 0; the last never fires. Half of four neurons are two.
    found = neurons_json("m", counts_of(FIRED), PUBLISHED)
    assert found["n_selected"] == 2
    assert found["n_silent"] == 1
    assert found["activation_bar"] is None
    assert found["entropy"] == pytest.approx(0.562336, abs=1e-6)
    # Layer 1: its one neuron that fires, so that a silent one is not taken for the same in all languages.
    assert found["entropy_by_layer"] == pytest.approx([(0.562336 / math.log(2) + 1) / 2, 0.0], abs=1e-6)
    assert found["languages"] == [{"lang": "en", "n": 2, "layers": [1, 1]}, {"lang": "sw", "n": 0, "layers": [0, 0]}]
    assert found["overlap"] == [[1.0, None], [None, None]]  # sw has no neurons: nothing is shared of nothing
    assert neuron_sets(counts_of(FIRED), PUBLISHED) == {"en": [(1, 0), (0, 0)], "sw": []}


def test_original_by_hand() -> None:
    # Firing rates sorted: 0 0 0 .2 .6 .8 .9 .9; round(0.6 x 8) = 5, the bar is .6: three neurons pass, (0, 0) does not.
    found = neurons_json("m", counts_of(FIRED), ORIGINAL)
    assert found["activation_bar"] == 0.6
    assert found["n_selected"] == 2
    assert found["entropy"] == pytest.approx(math.log(2))
    assert neuron_sets(counts_of(FIRED), ORIGINAL) == {"en": [(1, 0), (0, 1)], "sw": [(0, 1)]}
    assert found["overlap"] == [[1.0, 1.0], [1.0, 1.0]]


def test_a_filter_that_nothing_passes_is_an_error() -> None:
    same = {"en": [[10, 10], [10, 10]], "sw": [[10, 10], [10, 10]]}
    with pytest.raises(
        ConfigError,
        match=r"no neuron fires at more than 1 of the tokens .* lower --filter-rate, or use --variant published",
    ):
        neurons_json("m", counts_of(same), ProbeOptions())


def test_table_has_a_row_for_every_neuron() -> None:
    table = neuron_table("m", counts_of(FIRED), ORIGINAL)
    rows = table.to_pylist()
    assert table.column_names == ["model", "layer", "neuron", "entropy", "fired_en", "fired_sw", "languages"]
    assert [(row["layer"], row["neuron"]) for row in rows] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert [row["fired_en"] for row in rows] == [0.6, 0.9, 0.8, 0.0]
    assert [row["languages"] for row in rows] == [[], ["en", "sw"], ["en"], []]
    assert rows[1]["entropy"] == pytest.approx(math.log(2))
    assert rows[3]["entropy"] is None
