"""Intervals against published values, closed forms and SciPy; the bootstrap against a plain loop."""

import math

import numpy as np
import pytest

from xleval.errors import ConfigError, DataError
from xleval.evalkit import statistics as st


def test_wilson_published_values() -> None:
    # Newcombe 1998 (doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E), table I, method 3:
    # 81/263 -> .2553 .3662, 15/148 -> .0624 .1605; 8/10 by hand below.
    for k, n, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (8, 10, 0.4902, 0.9433)):
        estimate = st.wilson(k, n)
        assert (round(estimate.low or -1, 4), round(estimate.high or -1, 4)) == (low, high)
        assert estimate.value == k / n


def test_wilson_by_hand() -> None:
    # z = 1.959964, z² = 3.841459. 8/10: centre .8 + 3.841459/20 = .992073; half = 1.959964 √(.016 + 3.841459/400)
    # = 1.959964 √.025604 = .313615; divided by 1 + .3841459: .490162 and .943318
    estimate = st.wilson(8, 10)
    assert estimate.low == pytest.approx(0.490162, abs=1e-6)
    assert estimate.high == pytest.approx(0.943318, abs=1e-6)


def test_wilson_and_exact_agree_with_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    for k, n in ((1, 7), (50, 100), (399, 400)):
        other = stats.binomtest(k, n).proportion_ci(method="wilson")
        assert (st.wilson(k, n).low, st.wilson(k, n).high) == pytest.approx((other.low, other.high), abs=1e-12)
    for k, n in ((0, 2), (0, 400), (25, 25)):
        other = stats.binomtest(k, n).proportion_ci(method="exact")
        exact = st.exact_extreme(k, n)
        assert (exact.low, exact.high) == pytest.approx((other.low, other.high), abs=1e-12)


def test_exact_zero_by_hand() -> None:
    # 0 of 10: 1 - .025^(1/10) = 1 - e^(-3.688879/10) = 1 - .691503
    assert st.exact_extreme(0, 10).high == pytest.approx(0.308497, abs=1e-6)
    with pytest.raises(DataError, match="use wilson"):
        st.exact_extreme(3, 10)


def test_proportion_chooses_the_exact_interval_at_the_ends() -> None:
    assert st.proportion(0, 9).method.startswith("exact")
    assert st.proportion(9, 9).method.startswith("exact")
    assert st.proportion(4, 9).method.startswith("Wilson")


def test_one_item_has_no_interval() -> None:
    for estimate in (st.wilson(1, 1), st.proportion(0, 1), st.bootstrap_estimate(0.5, np.array([0.5, 0.5]), n=1)):
        assert estimate.low is None
        assert estimate.high is None


@pytest.mark.parametrize(("k", "n"), [(0, 0), (-1, 3), (4, 3)])
def test_impossible_counts_are_refused(k: int, n: int) -> None:
    with pytest.raises(DataError, match="at least one item"):
        st.wilson(k, n)


def test_minimum_detectable_difference_by_hand() -> None:
    # z = 1.959964 + .841621 = 2.801585, z² = 7.848880; n = 100: 2.801585 √(1/107.84888) = .269772
    assert st.minimum_detectable_difference(100) == pytest.approx(0.269772, abs=1e-6)
    assert st.minimum_detectable_difference(100, discordant=0.5) == pytest.approx(0.269772 / math.sqrt(2), abs=1e-6)
    with pytest.raises(ConfigError):
        st.minimum_detectable_difference(0)


def test_minimum_detectable_difference_has_80_percent_power() -> None:
    n, discordant = 400, 0.3
    delta = st.minimum_detectable_difference(n, discordant=discordant)
    rng = np.random.default_rng(0)
    chances = [(discordant + delta) / 2, (discordant - delta) / 2, 1 - discordant]
    wins, losses, _ = rng.multinomial(n, chances, 20_000).T
    found = np.abs(wins - losses) / np.sqrt(wins + losses) > 1.959964  # McNemar without correction
    assert found.mean() == pytest.approx(0.8, abs=0.03)


def test_draws_are_those_of_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = np.random.default_rng(0).integers(0, 7, (50, 7))
    wanted = np.array([np.bincount(row, minlength=7) for row in whole])
    for cells in (1, 21, 1000):
        monkeypatch.setattr(st, "_CELLS_PER_CHUNK", cells)
        np.testing.assert_array_equal(np.vstack(list(st.resample_counts(7, 50, np.random.default_rng(0)))), wanted)


def test_bootstrap_means_equal_a_plain_loop() -> None:
    values = np.random.default_rng(1).random((9, 3))
    values[2, 1] = values[5, 1] = np.nan
    got = st.bootstrap_means(values, np.random.default_rng(0), resamples=40)
    indices = np.random.default_rng(0).integers(0, 9, (40, 9))
    wanted = np.array([np.nanmean(values[rows], axis=0) for rows in indices])
    np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-14)


def test_a_resample_without_a_counting_item_has_no_value() -> None:
    values = np.array([[1.0], [np.nan]])
    draws = st.bootstrap_means(values, np.random.default_rng(0), resamples=50)
    assert np.isnan(draws).any()
    assert st.percentile_interval(draws[:, 0]) == (1.0, 1.0)
    assert st.percentile_interval(np.array([np.nan])) is None


def test_bootstrap_needs_items() -> None:
    with pytest.raises(DataError, match="table of items"):
        st.bootstrap_means(np.zeros((0, 3)), np.random.default_rng(0))
