"""Seeds, completions and clusters: against SciPy, plain loops, closed forms and simulations with a known truth."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from xleval.errors import ConfigError, DataError
from xleval.evalkit import statistics as st


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_one_seed_is_refused_and_the_reason_named() -> None:
    with pytest.raises(ConfigError, match="found 1 training seed in an arm: how far seeds differ cannot be told"):
        st.two_level_difference([np.ones(4), np.zeros(4)], [np.ones(4)])
    with pytest.raises(ConfigError, match="train two seeds or more, or compare the two checkpoints"):
        st.two_level_difference([np.ones(4)], [np.ones(4), np.zeros(4)])
    with pytest.raises(DataError, match="same items"):
        st.two_level_difference([np.ones(4), np.ones(5)], [np.ones(4)] * 2)
    with pytest.raises(DataError, match="same items"):
        st.two_level_difference([np.ones(0)] * 2, [np.ones(0)] * 2)


def arms(rng: np.random.Generator, seeds: int, items: int, between: float) -> list[st.Floats]:
    """Runs of one method: items as hard in every run, seeds `between` apart (logits), answers drawn anew."""
    difficulty = np.random.default_rng(99).normal(size=items)
    return [
        (rng.random(items) < 1 / (1 + np.exp(-difficulty - rng.normal(0, between)))).astype(float) for _ in range(seeds)
    ]


@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_methods_that_do_not_differ_are_told_apart_as_rarely_as_said(seeds: int) -> None:
    # Seeds far apart (0.4 logits), many items: pairing items alone would find a difference nearly always.
    rng, naive, repetitions = generator(), 0, 600
    p_values = np.empty(repetitions)
    for k in range(repetitions):
        first, second = (arms(rng, seeds, 1000, 0.4) for _ in range(2))
        found = st.two_level_difference(first, second)
        assert found.low is not None
        assert found.high is not None
        assert (found.p > 0.05) == (found.low < 0 < found.high)  # the interval and the test agree
        p_values[k] = found.p
        naive += st.mcnemar(int((first[0] > second[0]).sum()), int((second[0] > first[0]).sum())) <= 0.05
    assert (p_values <= 0.05).mean() <= 0.07  # standard error 0.009
    assert (p_values <= 0.05 / 9).sum() <= 9  # Holm over nine languages: 3.3 expected; 10 or more in 1 of 400 tests
    assert (p_values <= 0.001).sum() <= 3  # 0.6 expected
    assert naive / repetitions > 0.5


def test_without_items_that_differ_it_is_the_t_test_of_the_seeds_means() -> None:
    # 10,000 items, every gain the same: each seed has its own share right, on the same items in both arms' order.
    stats = pytest.importorskip("scipy.stats")
    shares = [0.385, 0.400], [0.515, 0.530]
    first, second = ([np.full(10_000, share) for share in arm] for arm in shares)
    found = st.two_level_difference(first, second)
    wanted = stats.ttest_ind(shares[1], shares[0])
    assert found.p == pytest.approx(wanted.pvalue, rel=1e-9)
    assert (found.low, found.high) == pytest.approx(tuple(wanted.confidence_interval()), rel=1e-9)
    assert found.test == "two-level t test, 2 and 2 seeds (2 degrees of freedom), then items"


def test_interval_and_p_by_hand() -> None:
    # The runs' means are 2/6, 4/6 and 3/6, 6/6: variances 1/18 and 1/8, halved 1/36 + 1/16 = 13/144 = V.
    # Gains of the means: 0, 0, 1/2, 1/2, 0, 1/2: variance 0.075, over six items 0.0125 = W.
    # d = 1/4, t(0.975; 2) = 4.302653, z = 1.959964: half = sqrt(18.512820 x 0.0902778 + 3.841459 x 0.0125) = 1.311226
    first = [np.array([1.0, 1, 0, 0, 0, 0]), np.array([1.0, 1, 1, 0, 1, 0])]
    second = [np.array([1.0, 1, 1, 0, 0, 0]), np.array([1.0, 1, 1, 1, 1, 1])]
    found = st.two_level_difference(first, second)
    assert found.difference == pytest.approx(0.25)
    assert (found.low, found.high) == (-1.0, 1.0)  # 1.31 either side, and no difference is beyond 1
    stats = pytest.importorskip("scipy.stats")

    def ends_at(p: float) -> float:
        return float(np.sqrt(stats.t.isf(p / 2, 2) ** 2 * 13 / 144 + stats.norm.isf(p / 2) ** 2 * 0.0125))

    assert ends_at(0.05) == pytest.approx(1.311226, abs=1e-5)
    assert ends_at(found.p) == pytest.approx(0.25, rel=1e-9)


def test_a_method_that_is_ahead_is_found() -> None:
    rng = generator()
    first = arms(rng, 4, 800, 0.05)
    second = [np.maximum(run, rng.random(800) < 0.3) for run in arms(rng, 4, 800, 0.05)]
    found, turned = st.two_level_difference(first, second), st.two_level_difference(second, first)
    assert found.difference == pytest.approx(np.mean(second) - np.mean(first))
    assert found.low is not None
    assert found.low > 0
    assert 0 < found.p < 0.001
    assert found.p == turned.p
    assert found.difference == -turned.difference
    assert found.interval == "two-level t interval 95%, 4 and 4 seeds (6 degrees of freedom), then items"
    assert (found.n, found.first_only) == (800, None)


def test_few_items_that_differ_bound_the_p_of_arms() -> None:
    # Seeds alike, 3 items of 2,000 gained: no test is surer than their signs, 2^(1-3).
    first = [np.zeros(2000)] * 3
    second = [np.r_[np.ones(3), np.zeros(1997)]] * 3
    assert st.two_level_difference(first, second).p == 0.25


def test_arms_are_compared_on_items_that_all_runs_scored() -> None:
    rng = generator(5)
    first, second = arms(rng, 2, 50, 0.2), arms(rng, 3, 50, 0.2)
    wanted = st.two_level_difference([run[1:] for run in first], [run[1:] for run in second])
    second[2][0] = np.nan
    assert st.two_level_difference(first, second) == wanted
    first[0][1:] = np.nan
    with pytest.raises(DataError, match="no item was scored by all runs"):
        st.two_level_difference(first, second)


def test_arms_without_any_spread_have_no_interval() -> None:
    found = st.two_level_difference([np.ones(9)] * 2, [np.ones(9)] * 2)
    assert (found.low, found.p, found.test, found.detectable) == (None, 1.0, "none: nothing varies", None)


def nested_loop(verdicts: st.Floats, rng: np.random.Generator, resamples: int) -> list[float]:
    """Mean@k of one column, drawn item by item and completion by completion."""
    known = [row[~np.isnan(row)] for row in verdicts]
    found = []
    for _ in range(resamples):
        chosen = [known[i] for i in rng.integers(0, len(known), len(known)) if len(known[i])]
        found.append(np.mean([rng.choice(row, len(row)).mean() for row in chosen]))
    return found


def test_repeated_completions_are_drawn_as_in_a_plain_loop() -> None:
    stats = pytest.importorskip("scipy.stats")
    verdicts = (generator(1).random((15, 2, 4)) < 0.4).astype(float)
    verdicts[3, 0] = verdicts[7, 1, 2:] = np.nan  # an item without, and one with fewer completions
    got = st.repeated_means(verdicts, generator(), 4000)
    for column in range(2):
        wanted = nested_loop(verdicts[:, column], generator(2), 4000)
        assert stats.ks_2samp(got[:, column], wanted).pvalue > 0.01


def test_repeated_completions_of_items_alike_have_a_closed_form() -> None:
    # Every item has 2 of 4 right: items add nothing, each draw is a binomial of 40 x 4 with 1/2, over 160
    verdicts = np.tile([1.0, 1.0, 0.0, 0.0], (40, 1, 1))
    draws = st.repeated_means(verdicts, generator(), 20_000)[:, 0]
    assert draws.mean() == pytest.approx(0.5, abs=0.002)
    assert draws.std() == pytest.approx(math.sqrt(0.25 / 160), rel=0.03)
    assert np.ptp(st.bootstrap_means(verdicts.mean(axis=2), generator(), resamples=100)) == 0


def test_all_languages_of_an_item_are_drawn_together() -> None:
    always = (generator(3).random((30, 1, 1)) < 0.5).astype(float) * np.ones((30, 2, 4))
    draws = st.repeated_means(always, generator(), 200)
    np.testing.assert_array_equal(draws[:, 0], draws[:, 1])
    assert np.ptp(draws) > 0


def test_verdicts_other_than_right_and_wrong_are_refused() -> None:
    with pytest.raises(DataError, match="verdicts of 0 or 1"):
        st.repeated_means(np.full((3, 1, 2), 0.5), generator())
    assert np.isnan(st.repeated_means(np.full((3, 2, 2), np.nan), generator(), 10)).all()


def test_clusters_by_a_plain_loop() -> None:
    values = generator(2).random((9, 2))
    values[4, 1] = np.nan
    relations = ["P17", "P36", "P17", "P17", "P36", "P30", "P30", "P30", "P30"]
    got = st.cluster_draws(values, relations, generator(), 25)
    members = [[0, 2, 3], [1, 4], [5, 6, 7, 8]]  # in the order of appearance
    for resample, drawn in enumerate(generator().integers(0, 3, (25, 3))):
        rows = [row for cluster in drawn for row in members[cluster]]
        np.testing.assert_allclose(got[resample], np.nanmean(values[rows], axis=0), atol=1e-12)
    with pytest.raises(DataError, match="one each"):
        st.cluster_draws(values, relations[:3], generator())


def coverage(make: Callable[[np.random.Generator], tuple[st.Floats, float]], repetitions: int = 400) -> float:
    """Return how often the 95 % percentile interval of draws covers the truth."""
    rng, covered = generator(), 0
    for _ in range(repetitions):
        draws, truth = make(rng)
        interval = st.percentile_interval(draws)
        assert interval is not None
        covered += interval[0] <= truth <= interval[1]
    return covered / repetitions


def test_clustered_items_need_clustered_draws() -> None:
    # 40 relations of 10 items; relations differ in how hard they are
    def clustered(rng: np.random.Generator) -> tuple[st.Floats, float]:
        values = (rng.random((40, 10)) < rng.beta(2, 2, (40, 1))).astype(float).reshape(-1, 1)
        return st.cluster_draws(values, np.repeat(np.arange(40), 10).tolist(), generator(), 400)[:, 0], 0.5

    def single(rng: np.random.Generator) -> tuple[st.Floats, float]:
        values = (rng.random((40, 10)) < rng.beta(2, 2, (40, 1))).astype(float).reshape(-1, 1)
        return st.bootstrap_means(values, generator(), resamples=400)[:, 0], 0.5

    assert coverage(clustered) >= 0.92
    assert coverage(single) < 0.85


def test_completions_within_items_cover() -> None:
    def repeated(rng: np.random.Generator) -> tuple[st.Floats, float]:
        verdicts = (rng.random((100, 1, 8)) < rng.beta(0.5, 0.5, (100, 1, 1))).astype(float)
        return st.repeated_means(verdicts, rng, 400)[:, 0], 0.5

    assert 0.93 <= coverage(repeated) <= 0.985


def test_the_two_level_bootstrap_has_the_variance_of_its_levels() -> None:
    # By hand: seeds differ by a constant, items by themselves, so the draws' variance is the sum of
    # (S - 1)/S * s²/S of each arm and the population variance of the gains over n.
    rng = np.random.default_rng(3)
    items = rng.random(200)
    first = [items * 0.5 + shift for shift in (0.0, 0.1, 0.05)]
    second = [items * 0.9 + shift for shift in (0.0, 0.2)]
    draws = st.two_level_draws(first, second, np.random.default_rng(0), resamples=40_000)
    seeds = sum(np.var([run.mean() for run in arm]) / len(arm) for arm in (first, second))
    gains = np.mean(second, axis=0) - np.mean(first, axis=0)
    assert draws.mean() == pytest.approx(gains.mean(), abs=2e-3)
    assert draws.var() == pytest.approx(seeds + gains.var() / len(gains), rel=0.03)
    assert (draws == st.two_level_draws(first, second, np.random.default_rng(0), resamples=40_000)).all()


def test_the_two_level_bootstrap_meets_the_t_interval_where_seeds_are_many() -> None:
    rng = np.random.default_rng(4)
    arms = [[(rng.random(300) < rate + rng.normal(0, 0.05)).astype(float) for _ in range(40)] for rate in (0.4, 0.5)]
    found = st.two_level_difference(*arms)
    low, high = np.percentile(st.two_level_draws(*arms, np.random.default_rng(0)), [2.5, 97.5])
    assert found.low is not None
    assert found.high is not None
    assert [found.low, found.high] == pytest.approx([low, high], abs=0.006)


def test_the_two_level_bootstrap_refuses_one_seed_and_missing_scores() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ConfigError, match="1 training seed"):
        st.two_level_draws([np.ones(3)], [np.ones(3)] * 2, rng)
    with pytest.raises(DataError, match="items that all runs scored"):
        st.two_level_draws([np.array([1.0, np.nan])] * 2, [np.ones(2)] * 2, rng)


def test_an_untrained_checkpoint_adds_no_variance_of_seeds() -> None:
    """By hand, 100 items: 40 right before; 60, 62 and 64 right, the earlier ones always among them.

    V = .0004/3; gains 20 x 1, 2 x 2/3, 2 x 1/3, 76 x 0: mean .22, s² = (21.1111 - 100 x .0484)/99 = .164355, W = s²/100;
    t of 2 degrees of freedom 4.30265, z 1.95996: half = sqrt(.00246838 + .00631363) = .0937124.
    """
    base, *seeds = (np.repeat([1.0, 0.0], [right, 100 - right]) for right in (40, 60, 62, 64))
    found = st.two_level_difference([base], seeds, untrained=True)
    assert found.difference == pytest.approx(0.22)
    assert found.low == pytest.approx(0.22 - 0.0937124, abs=1e-6)
    assert found.high == pytest.approx(0.22 + 0.0937124, abs=1e-6)
    assert "no and 3 seeds (2 degrees of freedom)" in found.interval
    with pytest.raises(ConfigError, match="found 1 training seed in an arm"):
        st.two_level_difference([base], seeds)
    with pytest.raises(ConfigError, match="found 1 training seed in an arm"):
        st.two_level_difference([base], seeds[:1], untrained=True)
