"""Agreement of verdicts, by hand and against scikit-learn."""

import random

import pytest

from xleval.evalkit.judge.agreement import agreement


def test_kappa_by_hand() -> None:
    # 10 items, 7 the same. Shares: first .5 and .4, second .3 and .4, tie .2 and .2, so e = .2 + .12 + .04 = .36.
    one = ["first"] * 5 + ["second"] * 3 + ["tie"] * 2
    other = ["first"] * 4 + ["second"] + ["second"] * 2 + ["tie"] + ["tie"] + ["second"]
    found = agreement(one, other)
    assert (found["n"], found["same"]) == (10, 0.7)
    assert found["kappa"] == pytest.approx((0.7 - 0.36) / 0.64)


def test_kappa_has_no_value_where_nobody_varies() -> None:
    assert agreement(["tie"] * 3, ["tie"] * 3) == {"n": 3, "same": 1.0, "kappa": None}
    assert agreement([], []) == {"n": 0, "same": None, "kappa": None}


def test_opposite_verdicts_are_below_chance() -> None:
    assert agreement(["first", "second"], ["second", "first"])["kappa"] == -1.0


def test_kappa_is_that_of_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = random.Random(0)
    one = [rng.choice(["first", "second", "tie"]) for _ in range(200)]
    other = [a if rng.random() < 0.5 else rng.choice(["first", "second", "tie"]) for a in one]
    assert agreement(one, other)["kappa"] == pytest.approx(metrics.cohen_kappa_score(one, other), abs=1e-12)
