"""LAHIS by hand; `scipy.stats.spearmanr` is of scipy as installed (1.16 or later on 2026-11-22)."""

import numpy as np
import pytest

from xleval.probing.head_scores import HeadScores, head_figures
from xleval.probing.lahis import (
    head_scores,
    mean_correlation,
    mean_entropy,
    mean_overlap,
    overlap_matrix,
    ranks,
    top_heads,
)
from xleval.probing.options import ProbeOptions


def _column(*values: float) -> np.ndarray:
    """Return one layer of one head: a value for each sentence."""
    return np.array(values, dtype=np.float32)[:, None, None]


def test_a_score_is_mean_importance_times_the_share_of_helpful_sentences() -> None:
    # g m of three sentences is -0.002, +0.001, -0.003: I = 1000 (0.002 + 0.001 + 0.003) = 6, N = 2, n = 3.
    found = head_scores(_column(0.002, 0.001, 0.003), _column(1, 0, 1), np.ones((1, 3)))
    assert found.shape == (1, 1, 1)
    assert found[0, 0, 0] == pytest.approx((6 / 3) * (2 / 3), rel=1e-6)


def test_a_trained_mask_below_zero_lowers_the_score() -> None:
    # g = 0.002, m = -0.5: |g| m = -0.001 and g m < 0. With |g m| the score would be +1.
    assert head_scores(_column(-0.001), _column(1), np.ones((1, 1)))[0, 0, 0] == pytest.approx(-1.0, rel=1e-6)


def test_sentences_without_a_loss_are_no_sentences() -> None:
    found = head_scores(_column(0.002, np.nan, 0.004), _column(1, np.nan, 1), np.ones((1, 3)))
    assert found[0, 0, 0] == pytest.approx(3.0, rel=1e-6)  # not 2, the mean over three


def test_a_sentence_of_weight_two_is_the_sentence_twice() -> None:
    rng = np.random.default_rng(0)
    importance, negative = rng.random((4, 2, 3), np.float32), (rng.random((4, 2, 3)) < 0.5).astype(np.float32)
    drawn = [0, 2, 2, 3]
    weighted = head_scores(importance, negative, np.array([[1.0, 0, 2, 1]]))
    again = head_scores(importance[drawn], negative[drawn], np.ones((1, 4)))
    np.testing.assert_allclose(weighted, again, rtol=1e-12)


def test_top_heads_are_the_highest_and_of_equal_ones_the_first() -> None:
    assert top_heads(np.array([0.5, 2.0, 0.0, 2.0, 0.5]), 3).tolist() == [1, 3, 0]


def test_overlap_is_shared_heads_over_heads() -> None:
    # Tops of two: en {0, 1}, sw {1, 2}, hi {0, 1}: pairs share 1/2, 2/2 and 1/2 of two; mean 2/3.
    scores = np.array([[3.0, 2, 1, 0], [1.0, 3, 2, 0], [2.0, 3, 0, 1]])
    tops = [each.tolist() for each in top_heads(scores, 2)]
    assert overlap_matrix(tops) == [[1.0, 0.5, 1.0], [0.5, 1.0, 0.5], [1.0, 0.5, 1.0]]
    assert mean_overlap(scores[None], 2) == pytest.approx([2 / 3])


def test_entropy_is_of_the_shares_of_each_language() -> None:
    # Sums 4 and 40, so shares are (3/4, 1/4, 0) and (1/4, 3/4, 0): each head has q = (3/4, 1/4) or (1/4, 3/4);
    # -(3/4 ln 3/4 + 1/4 ln 1/4) / ln 2 = 0.811278. The third head, of no language, is left out.
    scores = np.array([[[3.0, 1.0, 0.0], [10.0, 30.0, 0.0]]])
    assert mean_entropy(scores) == pytest.approx([0.811278], abs=1e-6)
    assert mean_entropy(np.array([[[2.0, 0.0], [0.0, 5.0]]])) == pytest.approx([0.0])
    assert mean_entropy(np.array([[[2.0, 4.0], [5.0, 10.0]]])) == pytest.approx([1.0])


def test_equal_values_share_a_rank() -> None:
    assert ranks(np.array([[0.0, 7, 0, 3, 3, 3]])).tolist() == [[1.5, 6.0, 1.5, 4.0, 4.0, 4.0]]
    assert ranks(np.array([5.0, 5.0])).tolist() == [1.5, 1.5]


def test_correlation_is_the_mean_of_spearmans_over_pairs() -> None:
    stats = pytest.importorskip("scipy.stats")
    scores = np.random.default_rng(1).integers(0, 6, (3, 4, 24)).astype(float)  # many ties
    for row, found in zip(scores, mean_correlation(scores), strict=True):
        theirs = stats.spearmanr(row, axis=1).statistic
        assert found == pytest.approx(theirs[np.triu_indices(4, 1)].mean(), abs=1e-12)


def _scores(seed: int, n: int = 30) -> HeadScores:
    rng = np.random.default_rng(seed)
    importance = {lang: rng.random((n, 2, 8)).astype(np.float32) for lang in ("en", "sw", "hi")}
    negative = {lang: (rng.random((n, 2, 8)) < 0.5).astype(np.float32) for lang in importance}
    return HeadScores(importance=importance, negative=negative)


def test_figures_under_many_weights_are_those_under_each(monkeypatch: pytest.MonkeyPatch) -> None:
    scores, options = _scores(0), ProbeOptions(top_heads=0.25)
    weights = np.random.default_rng(2).integers(0, 3, (7, 30)).astype(float)
    (at_once,) = head_figures([scores], weights, options)
    monkeypatch.setattr("xleval.probing.head_scores._CELLS_PER_CHUNK", 100)  # two rows a chunk
    (in_chunks,) = head_figures([scores], weights, options)
    assert set(at_once) == {"overlap", "entropy", "correlation"}
    for name, values in at_once.items():
        one_by_one = [head_figures([scores], row[None], options)[0][name][0] for row in weights]
        np.testing.assert_allclose(values, one_by_one, rtol=1e-12)
        np.testing.assert_array_equal(values, in_chunks[name])
        assert len(set(values)) > 1


def test_a_draw_that_holds_no_sentence_of_a_language_has_no_figure() -> None:
    scores = _scores(0, n=3)
    scores.importance["sw"][:2] = np.nan
    scores.negative["sw"][:2] = np.nan
    (found,) = head_figures([scores], np.array([[1.0, 1, 1], [2.0, 1, 0]]), ProbeOptions())
    for values in found.values():
        assert np.isnan(values).tolist() == [False, True]
    assert scores.without_loss == {"sw": 2}
