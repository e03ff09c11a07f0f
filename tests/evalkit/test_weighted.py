"""Weighted accuracy against arithmetic by hand."""

import numpy as np
import pytest

from xleval.evalkit.metrics.weighted import weighted_accuracy

DW = {"low": 1.0, "medium": 2.0, "high": 4.0, "top": 8.0}


def test_dw_acc_by_hand() -> None:
    labels = ["low", "low", "medium", "medium", "high", "high", "top", "top"]
    correct = np.array([[1, 1], [1, 0], [1, 1], [0, 0], [0, 1], [1, 0], [0, 0], [0, 1]], dtype=float)
    found = weighted_accuracy(correct, labels, DW, seed=0, resamples=2000)
    # First language 1, .5, .5, 0; second .5, .5, .5, .5: (1 + 1 + 2 + 0)/15 = 4/15 and .5, mean 0.38333.
    assert found is not None
    assert found.value == pytest.approx((4 / 15 + 0.5) / 2)
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high
    assert weighted_accuracy(correct[:, :1], labels, DW, seed=0, resamples=2000).value == pytest.approx(4 / 15)  # type: ignore[union-attr]


def test_a_level_that_nobody_answered_is_not_zero() -> None:
    correct = np.array([[1.0, 1.0], [1.0, np.nan]])
    assert weighted_accuracy(correct, ["low", "top"], {"low": 1, "top": 8}, seed=0, resamples=100) is None
    assert weighted_accuracy(correct[:1], ["low"], {"low": 1, "top": 8}, seed=0, resamples=100) is None


def test_the_interval_of_one_group_is_that_of_its_mean() -> None:
    """100 items, half of them right: the standard error of the mean is 0.05, so 95 % is about 0.5 +- 0.098."""
    correct = (np.arange(100) % 2).astype(float)[:, None]
    found = weighted_accuracy(correct, ["low"] * 100, {"low": 3}, seed=1, resamples=20_000)
    assert found is not None
    assert found.low == pytest.approx(0.402, abs=0.011)
    assert found.high == pytest.approx(0.598, abs=0.011)


def test_nothing_right_has_no_interval() -> None:
    found = weighted_accuracy(np.zeros((8, 2)), ["low", "top"] * 4, {"low": 1, "top": 8}, seed=0, resamples=100)
    assert found is not None
    assert (found.value, found.low, found.high, found.method) == (0.0, None, None, "none: all items alike")
