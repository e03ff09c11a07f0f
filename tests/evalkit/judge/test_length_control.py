"""The win rate at equal length: closed forms, statsmodels, and where there is none."""

import math

import numpy as np
import pytest

from xleval.evalkit.judge.length_control import length_term, win_rate_at_equal_length

NONE_DECIDED = np.array([])


def fitted(scores: np.ndarray, chars: np.ndarray, decided: np.ndarray = NONE_DECIDED, seed: int = 0):
    return win_rate_at_equal_length(scores, chars, decided, np.random.default_rng(seed), resamples=200)


def by_length(n: int, longer_wins: float, shorter_wins: float) -> tuple[np.ndarray, np.ndarray]:
    """Return scores and lengths: half of n items have a second answer 100 characters longer, half 100 shorter."""
    half = n // 2
    wins = [int(half * longer_wins), int(half * shorter_wins)]
    scores = np.array([1.0] * wins[0] + [0.0] * (half - wins[0]) + [1.0] * wins[1] + [0.0] * (half - wins[1]))
    second = np.array([300.0] * half + [100.0] * half)
    return scores, np.stack([np.full(n, 200.0), second], axis=1)


def test_the_length_term_is_tanh_of_the_difference_in_standard_deviations() -> None:
    # differences 0, 30, -30, of standard deviation sqrt(600): tanh(30 / 24.4949) = 0.84098
    found = length_term(np.array([[10.0, 10.0], [10.0, 40.0], [40.0, 10.0]]))
    assert found == pytest.approx([0.0, math.tanh(30 / math.sqrt(600)), -math.tanh(30 / math.sqrt(600))])


def test_a_taste_for_length_alone_leaves_a_half() -> None:
    # logit(.8) + logit(.2) = 0: the intercept is 0 and the win rate .5 at equal length.
    scores, chars = by_length(100, 0.8, 0.2)
    assert fitted(scores, chars).value == pytest.approx(0.5, abs=1e-9)


def test_two_groups_have_a_closed_form() -> None:
    # x is ±tanh(1): the intercept is the mean of the groups' logits.
    scores, chars = by_length(100, 0.9, 0.6)
    intercept = (math.log(0.9 / 0.1) + math.log(0.6 / 0.4)) / 2
    assert fitted(scores, chars).value == pytest.approx(1 / (1 + math.exp(-intercept)), abs=1e-9)


def test_it_is_the_fit_of_statsmodels() -> None:
    api = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(5)
    chars = rng.integers(50, 900, (80, 2)).astype(float)
    scores = rng.choice([0.0, 0.25, 0.5, 0.75, 1.0], 80)
    model = api.GLM(scores, api.add_constant(length_term(chars)), family=api.families.Binomial()).fit(tol=1e-12)
    assert fitted(scores, chars).value == pytest.approx(1 / (1 + math.exp(-model.params[0])), abs=1e-8)


def test_items_decided_before_count_as_they_are() -> None:
    scores, chars = by_length(100, 0.8, 0.2)
    found = fitted(scores, chars, np.array([1.0] * 50))
    assert (found.value, found.n) == (pytest.approx((50 + 50) / 150), 150)
    assert found.low < found.value < found.high


def test_the_same_seed_gives_the_same_interval_and_another_one_does_not() -> None:
    scores, chars = by_length(60, 0.8, 0.4)
    one, again, other = (fitted(scores, chars, seed=seed) for seed in (1, 1, 2))
    assert (one.low, one.high) == (again.low, again.high) != (other.low, other.high)


@pytest.mark.parametrize(
    ("scores", "chars"),
    [
        by_length(10, 0.6, 0.4),  # few items
        (by_length(100, 0.8, 0.2)[0], np.full((100, 2), 200.0)),  # equal lengths
        by_length(100, 1.0, 0.0),  # length tells all
        by_length(100, 1.0, 1.0),  # one always wins
    ],
    ids=["few", "equal lengths", "separated", "one-sided"],
)
def test_there_is_none_where_nothing_can_be_fitted(scores: np.ndarray, chars: np.ndarray) -> None:
    assert fitted(scores, chars) is None


def test_there_is_no_interval_where_many_resamples_have_no_fit() -> None:
    # one item of 15 in each group goes the other way: about a third of the resamples lose it in one of them.
    scores, chars = by_length(30, 14.01 / 15, 1.01 / 15)
    found = fitted(scores, chars)
    assert (found.low, found.high) == (None, None)
    assert "no interval" in found.method
