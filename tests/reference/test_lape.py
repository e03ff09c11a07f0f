"""LAPE's arithmetic: values by hand, and the same formulas in torch as identify.py of the paper's repository has them."""

import math

import numpy as np
import pytest

from xleval.probing.lape import activation_bar, entropies, layers_of, mean_overlap, members, overlaps, specific

# Four neurons, two languages: one in three of its firings, equal, one language alone, never.
FIRING = np.array([[0.6, 0.5, 0.4, 0.0], [0.2, 0.5, 0.0, 0.0]])


def test_entropy_by_hand() -> None:
    # q = (3/4, 1/4): -(0.75 ln 0.75 + 0.25 ln 0.25) = 0.215762 + 0.346574
    found = entropies(FIRING)
    assert found[:2] == pytest.approx([0.215762 + 0.346574, math.log(2)], abs=1e-6)
    assert found[2] == 0.0
    assert math.isnan(found[3])


def test_entropy_does_not_know_how_often_a_neuron_fires() -> None:
    assert entropies(FIRING[:, :3] / 100) == pytest.approx(entropies(FIRING[:, :3]), abs=1e-12)


@pytest.mark.parametrize(
    ("n", "rate", "place"),
    # The k-th smallest, k = round(rate * n), halves to the even number: Python's round, which the original calls.
    [(10, 0.95, 10), (10, 0.85, 8), (20, 0.95, 19), (10, 0.0, 1), (10, 1.0, 10)],
)
def test_activation_bar_is_the_kth_smallest(n: int, rate: float, place: int) -> None:
    values = np.random.default_rng(0).permutation(n).astype(float)  # 0 ... n - 1, so the k-th smallest is k - 1
    assert activation_bar(values.reshape(2, -1), rate) == place - 1


def test_filter_and_ranking_by_hand() -> None:
    entropy = np.array([0.1, 0.0, 0.3, 0.2, np.nan, 0.3])
    strongest = np.array([0.5, 0.1, 0.6, 0.4, 0.0, 0.9])
    # The bar itself is not enough; 0.5 of 6 neurons are three; of the two of entropy 0.3 the one that fires more.
    assert specific(entropy, strongest, bar=0.4, top=0.5).tolist() == [0, 5, 2]
    assert specific(entropy, strongest, bar=0.4, top=0.34).tolist() == [0, 5]
    # Without the filter the neuron of entropy 0 is first, however seldom it fires; one that never fires has none.
    assert specific(entropy, strongest, bar=None, top=0.5).tolist() == [1, 0, 3]
    assert specific(entropy, strongest, bar=None, top=1.0).tolist() == [1, 0, 3, 5, 2]
    assert specific(entropy, strongest, bar=0.9, top=0.5).tolist() == []


def test_equal_neurons_are_taken_in_their_order() -> None:
    assert specific(np.zeros(9), np.full(9, 0.5), bar=None, top=0.34).tolist() == [0, 1, 2]  # 3.06


def test_how_many_are_selected_is_what_the_originals_select() -> None:
    # PolyFact's table: 3,522 of OLMo-2-7B's 32 x 11,008 neurons and 5,304 of Qwen2.5-7B's 28 x 18,944: 1 % rounded down.
    # identify.py of LAPE calls round, which makes 3,523 of the first.
    for n, published, original in ((32 * 11_008, 3_522, 3_523), (28 * 18_944, 5_304, 5_304)):
        entropy, strongest = np.zeros(n), np.ones(n)
        assert len(specific(entropy, strongest, bar=None, top=0.01)) == published
        assert len(specific(entropy, strongest, bar=0.5, top=0.01)) == original


def test_languages_of_a_neuron() -> None:
    firing = np.array([[0.9, 0.2, 0.5], [0.8, 0.7, 0.5], [0.1, 0.3, 0.2]])
    assert members(firing, bar=0.5).tolist() == [[True, False, False], [True, True, False], [False, False, False]]
    # Published: where it fires most, the first of equal ones.
    assert members(firing, bar=None).tolist() == [[True, False, True], [False, True, False], [False, False, False]]


def test_overlap_is_of_the_smaller_set() -> None:
    belongs = np.array([[1, 1, 1, 0], [0, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0]], dtype=bool)
    found = overlaps(belongs)
    assert found[0].tolist()[:3] == [1.0, 1.0, 0.5]
    assert found[1].tolist()[:3] == [1.0, 1.0, 0.0]
    assert np.isnan(found[3]).all()
    assert mean_overlap(found) == pytest.approx((1.0 + 0.5 + 0.0) / 3)  # three pairs of languages have neurons
    assert math.isnan(mean_overlap(found[2:, 2:]))


def test_numbers_run_through_the_layers() -> None:
    assert layers_of([0, 4, 5, 13], 5) == [(0, 0), (0, 4), (1, 0), (2, 3)]


@pytest.mark.parametrize(("rate", "top"), [(0.95, 0.01), (0.5, 0.2), (0.99, 0.05)])
def test_agrees_with_the_original_formulas_in_torch(rate: float, top: float) -> None:
    """(layers, neurons, languages), NaN to 0, kthvalue, topk of the smallest: facts of identify.py, read 2026-11-22."""
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(7)
    fired, tokens = rng.integers(0, 1000, (4, 300, 5)), rng.integers(1000, 2000, 5)
    p = torch.tensor(fired) / torch.tensor(tokens)
    q = p / p.sum(dim=-1, keepdim=True)
    entropy = -(q * q.log()).nan_to_num(0).sum(dim=-1)
    bar = p.flatten().kthvalue(round(p.numel() * rate)).values
    masked = torch.where((p > bar).any(dim=-1), entropy, torch.inf).flatten()
    lowest, index = masked.topk(round(masked.numel() * top), largest=False)
    index = index[lowest < torch.inf]

    firing = np.moveaxis(fired / tokens, -1, 0).reshape(5, -1)
    own_bar = float(activation_bar(firing, rate))
    chosen = specific(entropies(firing), firing.max(axis=0), bar=own_bar, top=top)

    assert own_bar == pytest.approx(float(bar), rel=1e-6)
    assert len(chosen) == len(index) >= 12
    assert set(chosen.tolist()) == set(index.tolist())
    expected = (p.reshape(-1, 5)[chosen] > bar).T
    assert members(firing[:, chosen], bar=own_bar).tolist() == expected.tolist()


def test_resamples_are_what_each_is_alone() -> None:
    firing = np.random.default_rng(1).random((3, 4, 50))
    bars = activation_bar(firing, 0.9)
    assert bars.shape == (4,)
    for i in range(4):
        assert bars[i] == activation_bar(firing[:, i], 0.9)
        assert entropies(firing)[i].tolist() == entropies(firing[:, i]).tolist()
