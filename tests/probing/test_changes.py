"""Figures with intervals and changes between arms: arithmetic by hand, and against a bootstrap written out."""

import math

import numpy as np
import pytest

from xleval.evalkit.probe_schema import KnockOutJson, KnockOutLanguageJson
from xleval.evalkit.statistics import Floats, two_level_difference
from xleval.probing.changes import changes_of, figures_of, missing_figures, refusals_of, weights_of_units


def mean_of(values: Floats, weights: Floats) -> Floats:
    """A summary figure: the mean of the units as often as they are drawn."""
    return np.asarray(weights @ values / weights.sum(axis=1))


def test_every_unit_counts_once_and_then_as_it_is_drawn() -> None:
    weights = weights_of_units(7, resamples=200, seed=3)
    assert weights.shape == (201, 7)
    assert (weights[0] == 1).all()
    assert (weights.sum(axis=1) == 7).all()
    drawn = np.random.default_rng(3).integers(0, 7, (200, 7))
    assert weights[5].tolist() == np.bincount(drawn[4], minlength=7).tolist()


def test_the_interval_of_two_checkpoints_is_that_of_a_paired_bootstrap() -> None:
    rng = np.random.default_rng(0)
    before = rng.uniform(0, 0.6, size=40)
    after = before + rng.normal(0.2, 0.02, size=40)  # paired: the units' own spread cancels
    weights = weights_of_units(40, resamples=500, seed=11)
    draws = {"a": {"x": mean_of(before, weights)}, "b": {"x": mean_of(after, weights)}}
    (change,) = changes_of({"first": ["a"], "second": ["b"]}, draws, n_units=40, units="40 sentences")
    places = np.random.default_rng(11).integers(0, 40, (500, 40))
    direct = np.array([(after[row] - before[row]).mean() for row in places])
    gain = (after - before).mean()
    assert change["difference"] == pytest.approx(gain)
    assert change["low"] == pytest.approx(gain + np.percentile(direct, 2.5) - direct.mean())
    assert change["high"] == pytest.approx(gain + np.percentile(direct, 97.5) - direct.mean())
    assert change["high"] - change["low"] < 0.02  # type: ignore[operator]  # unpaired: 4 x 0.17 / sqrt(40) x 1.4 = 0.15
    assert change["method"].endswith("500 resamples of 40 sentences; not over training seeds")
    assert not change["over_seeds"]


def test_the_interval_over_two_seeds_by_hand() -> None:
    # In hundredths: arms 1, 3 and 5, 9: V = 2/2 + 8/2 = 5, t(2) = 4.302653. Resampled differences of arm means 4 and 6:
    # W = 2. half = sqrt(4.302653^2 x 5 + 1.959964^2 x 2) = sqrt(92.5641 + 7.6829) = 10.0123
    draws = {
        "a1": {"x": np.array([1.0, 1.0, 1.0]) / 100},
        "a2": {"x": np.array([3.0, 3.0, 3.0]) / 100},
        "b1": {"x": np.array([5.0, 4.0, 6.0]) / 100},
        "b2": {"x": np.array([9.0, 8.0, 10.0]) / 100},
    }
    (change,) = changes_of({"first": ["a1", "a2"], "second": ["b1", "b2"]}, draws, n_units=2, units="2 blocks")
    assert (change["first"], change["second"], change["difference"]) == pytest.approx((0.02, 0.07, 0.05))
    assert change["low"] == pytest.approx(0.05 - 0.1001234, abs=1e-6)
    assert change["high"] == pytest.approx(0.05 + 0.1001234, abs=1e-6)
    assert change["over_seeds"]
    assert "2 and 2 training seeds (2 degrees of freedom), then 2 resamples of 2 blocks" in change["method"]


def test_of_means_the_interval_over_seeds_is_that_of_the_items_rule() -> None:
    # The same rule as two_level_difference; the bootstrap's variance of a mean is (n - 1)/n of the formula's.
    rng = np.random.default_rng(5)
    runs = [rng.uniform(size=200) + shift for shift in (0.0, 0.02, 0.05, 0.08, 0.12)]
    weights = weights_of_units(200, resamples=4000, seed=1)
    draws = {str(i): {"x": mean_of(run, weights)} for i, run in enumerate(runs)}
    (change,) = changes_of({"first": ["0", "1"], "second": ["2", "3", "4"]}, draws, n_units=200, units="u")
    items = two_level_difference(runs[:2], runs[2:])
    assert change["difference"] == pytest.approx(items.difference)
    assert change["high"] - change["difference"] == pytest.approx(items.high - items.difference, rel=0.02)  # type: ignore[operator]


def test_with_one_seed_in_one_arm_the_interval_is_over_units_and_says_so() -> None:
    weights = weights_of_units(30, resamples=300, seed=2)
    units = np.random.default_rng(4).uniform(size=(3, 30))
    draws = {name: {"x": mean_of(row, weights)} for name, row in zip("abc", units, strict=True)}
    (change,) = changes_of({"first": ["a"], "second": ["b", "c"]}, draws, n_units=30, units="30 sentences")
    direct = (draws["b"]["x"] + draws["c"]["x"]) / 2 - draws["a"]["x"]
    ends = np.percentile(direct[1:], [2.5, 97.5]) - direct[1:].mean() + direct[0]
    assert (change["low"], change["high"]) == pytest.approx(tuple(ends))
    assert not change["over_seeds"]
    assert change["method"].endswith("not over training seeds, of which one arm has a single one")


def test_an_interval_holds_its_value_where_resamples_are_lower_by_nature() -> None:
    # Draws of mean 0.7 and percentiles 0.6 and 0.8 beside a value of 0.9: the interval is 0.8 to 1.0.
    draws = {"a": {"entropy": np.array([0.9, *np.linspace(0.595, 0.805, 2001)])}}
    (figure,) = figures_of(draws, n_units=20)
    assert (figure["low"], figure["high"]) == pytest.approx((0.9 - 0.09975, 0.9 + 0.09975))


def test_intervals_end_where_figures_do() -> None:
    spread = np.array([0.95, *np.linspace(0.5, 1.0, 2001)])
    (share,) = figures_of({"a": {"overlap": spread}}, n_units=9)
    assert share["high"] == 1.0
    low = {"a": {"overlap": 1 - spread, "correlation": 1 - spread}}
    assert [each["low"] for each in figures_of(low, n_units=9)] == [0.0, pytest.approx(0.05 - 0.2375)]
    apart = {"a": {"overlap": np.array([0.0, 0.0, 0.0])}, "a2": {"overlap": np.array([0.8, 0.8, 0.8])}}
    arms = {**apart, "b": apart["a"], "b2": apart["a2"]}
    (change,) = changes_of({"first": ["a", "a2"], "second": ["b", "b2"]}, arms, n_units=2, units="u")
    assert (change["low"], change["high"]) == (-1.0, 1.0)  # of seeds 0.8 apart: 4.3 x sqrt(0.32) = 2.4


def test_a_figure_behind_which_nothing_stands_is_left_out_and_named() -> None:
    draws = {
        "a": {"x": np.array([0.1, 0.2, 0.3, 0.4]), "y": np.array([math.nan, 1.0, 1.0, 1.0])},
        "b": {"x": np.array([0.2, math.nan, 0.5, math.nan]), "y": np.ones(4)},
    }
    assert [(each["model"], each["name"]) for each in figures_of(draws, n_units=2)] == [
        ("a", "x"),
        ("b", "x"),
        ("b", "y"),
    ]
    changes = changes_of({"first": ["a"], "second": ["b"]}, draws, n_units=2, units="u")
    assert [each["name"] for each in changes] == ["x"]
    assert (changes[0]["low"], changes[0]["method"]) == (None, "none: most resamples have no value")
    assert missing_figures(draws) == {"y": ["a"]}


def test_one_unit_has_no_interval_and_one_arm_no_change() -> None:
    draws = {"a": {"x": np.ones(101)}, "b": {"x": np.full(101, 2.0)}}
    assert figures_of(draws, n_units=1)[0]["low"] is None
    (change,) = changes_of({"first": ["a"], "second": ["b"]}, draws, n_units=1, units="one sentence")
    assert (change["low"], change["high"], change["method"]) == (None, None, "none: one unit")
    assert changes_of({"first": ["a", "b"], "second": []}, draws, n_units=5, units="u") == []


def _check(low: float | None) -> KnockOutJson:
    bears: KnockOutLanguageJson = {
        "lang": "sw", "size": 1, "own": 0.5, "others": 0.1, "random_own": [0.1], "specific": [0.4, low, 0.6],
        "over_random": [0.4, 0.2, 0.6], "over_other_sets": [0.3, 0.1, 0.5],
    }  # fmt: skip
    return {"model": "a", "n_sentences": 4, "perplexity": {"sw": 9.0}, "languages": [bears], "cells": []}


CHECK = _check(0.2)


@pytest.mark.parametrize("low", [-0.1, 0.0, None])
def test_a_check_that_does_not_bear_a_language_out_refuses_causes(low: float | None) -> None:
    several = {"first": ["a1", "a2"], "second": ["b1", "b2"]}
    (cause,) = refusals_of("heads", several, [CHECK, _check(low)])  # type: ignore[arg-type]
    assert (cause["letter"], cause["reason"]) == ("l", "the knock-out does not bear it out in sw")


def test_causes_need_a_knock_out_and_seeds_and_methods_need_seeds() -> None:
    one = refusals_of("neurons", {"first": ["a"], "second": ["b"]}, [CHECK])
    assert [each["letter"] for each in one] == ["l", "b"]
    assert one[0]["reason"] == "there is one training seed"
    assert "one training seed in the first arm, the second arm" in one[1]["reason"]
    several = {"first": ["a1", "a2"], "second": ["b1", "b2"]}
    assert refusals_of("heads", several, [CHECK]) == []  # type: ignore[arg-type]
    (cause,) = refusals_of("heads", several, [])  # type: ignore[arg-type]
    assert cause["reason"] == "they were not knocked out"
    assert refusals_of("alignment", {"first": ["a"], "second": []}, []) == []
