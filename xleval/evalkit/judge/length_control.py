"""The win rate at equal length: what remains of a judge's verdicts once its taste for long answers is taken out.

Dubois et al. 2024, arXiv 2404.04475: a logistic regression of the verdict on the difference in length, and the win rate
that it predicts where the difference is 0. Their further term, how hard each instruction is, needs the verdicts on many
models and is not here.
"""

from collections.abc import Iterator

import numpy as np

from xleval.evalkit.statistics import Estimate, Floats, resample_counts
from xleval.evalkit.statistics.intervals import percentile_interval

MIN_ITEMS = 20
"""Judged items below which nothing is fitted: two coefficients from fewer say little."""
_STEPS = 50
_LARGEST = 15.0  # a coefficient beyond it comes of answers that length tells apart altogether: there is no finite fit
_MOST_FAILED = 0.05  # share of resamples without a fit above which there is no interval


def length_term(chars: Floats) -> Floats | None:
    """Return tanh(d / s) of each item, d the second answer's length less the first's and s the standard deviation of d.

    Args:
        chars: lengths of the answers, shape (items, 2).

    Returns:
        None where all differences are equal: then the verdict does not depend on them.
    """
    differences = chars[:, 1] - chars[:, 0]
    spread = float(differences.std())
    return np.tanh(differences / spread) if spread > 0 else None


def win_rate_at_equal_length(
    scores: Floats, chars: Floats, decided: Floats, rng: np.random.Generator, *, resamples: int
) -> Estimate | None:
    """Return the win rate with 1/(1 + exp(-a)) in place of the judged items' mean, y ~ 1/(1 + exp(-(a + b x))).

    y is the score of an item, both orders averaged, and x its `length_term`. Items decided before the judge count as
    they are: their length decided nothing.

    Args:
        scores: of the judged items, in [0, 1].
        chars: lengths of their answers, shape (items, 2).
        decided: scores of the items decided before the judge saw them; may be empty.
        rng: source of the draws; judged items are drawn, and decided ones, each among themselves.
        resamples: number of resamples.

    Returns:
        None for fewer than `MIN_ITEMS` judged items, for equal differences in length, and where verdicts follow
        lengths so closely, or are so one-sided, that the fit does not converge.
    """
    n, total = len(scores), len(scores) + len(decided)
    term = length_term(chars) if n >= MIN_ITEMS else None
    if term is None:
        return None
    value = float(_at_zero(np.ones((1, n)), scores, term)[0])
    if np.isnan(value):
        return None
    draws = np.concatenate(list(_draws(scores, term, rng, resamples)))
    before = np.zeros(resamples)
    if len(decided):
        before = np.concatenate([counts @ decided for counts in resample_counts(len(decided), resamples, rng)])
    rates = (draws * n + before) / total
    interval = percentile_interval(rates) if np.isnan(rates).mean() <= _MOST_FAILED else None
    method = f"logistic fit at equal length, percentile bootstrap 95%, {resamples} resamples of items"
    low, high = interval or (None, None)
    return Estimate(
        value=(value * n + float(decided.sum())) / total, low=low, high=high, n=total,
        method=method if interval else "logistic fit at equal length, no interval: resamples without a fit",
    )  # fmt: skip


def _draws(scores: Floats, term: Floats, rng: np.random.Generator, resamples: int) -> Iterator[Floats]:
    for counts in resample_counts(len(scores), resamples, rng):
        yield _at_zero(counts, scores, term)


def _at_zero(weights: Floats, scores: Floats, term: Floats) -> Floats:
    """Return the fitted probability where the length term is 0, for each row of item weights; NaN where no fit converges.

    Newton's method on both coefficients, all rows at once.
    """
    a, b = np.zeros(len(weights)), np.zeros(len(weights))
    done = np.zeros(len(weights), dtype=np.bool_)
    with np.errstate(all="ignore"):  # what does not converge overflows, and is NaN in the end
        for _ in range(_STEPS):
            p = 1 / (1 + np.exp(-(a[:, None] + b[:, None] * term)))
            residual, spread = weights * (scores - p), weights * p * (1 - p)
            g0, g1 = residual.sum(axis=1), residual @ term
            h00, h01, h11 = spread.sum(axis=1), spread @ term, spread @ (term * term)
            determinant = h00 * h11 - h01 * h01
            step_a, step_b = (h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant
            a, b = a + step_a, b + step_b
            done = np.maximum(abs(step_a), abs(step_b)) < 1e-8
            if done.all():
                break
        lost = ~done | ~np.isfinite(a) | (np.maximum(abs(a), abs(b)) > _LARGEST)
        return np.where(lost, np.nan, 1 / (1 + np.exp(-a)))
