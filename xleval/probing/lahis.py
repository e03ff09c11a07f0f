"""The arithmetic of LAHIS (arXiv 2511.07498): from gradients of sentences to importance of heads, by language."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from xleval.evalkit.statistics import Floats

SCALE = 1000.0
"""By which the original multiplies |g| m; it changes no order."""


def head_scores(importance: NDArray[np.float32], negative: NDArray[np.float32], weights: Floats) -> Floats:
    """Return the importance of each head in one language under each row of weights, shape (R, layers, heads); 0 or more.

    (sum of w |g| m x 1000 / n) x (sum of w [g m < 0] / n) with n the weight of the sentences that have a loss. NaN in a
    row whose sentences have none. With a trained mask that has fallen below 0 a score can be less than 0, as in the
    original.

    Args:
        importance: |g| m, shape (sentences, layers, heads); NaN where a sentence has no loss.
        negative: 1 where g m < 0, else 0; same shape.
        weights: shape (R, sentences), 0 or more.
    """
    there = ~np.isnan(importance[:, 0, 0])
    used = weights[:, there]
    n = used.sum(axis=1)[:, None]
    shape = (len(weights), *importance.shape[1:])
    flat = (int(there.sum()), shape[1] * shape[2])
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = used @ importance[there].reshape(flat).astype(np.float64) * SCALE / n
        share = used @ negative[there].reshape(flat).astype(np.float64) / n
    scores: Floats = (mean * share).reshape(shape)
    return scores


def top_heads(scores: Floats, n_top: int) -> NDArray[np.intp]:
    """Return the numbers of the heads of the highest scores along the last axis, the highest first.

    Of equal scores the head of the lower number is first.
    """
    return np.argsort(-scores, axis=-1, kind="stable")[..., :n_top]


def overlap_matrix(tops: Sequence[Sequence[int]]) -> list[list[float | None]]:
    """Return the heads that two languages share / heads of a language, for each pair; 1 on the diagonal."""
    sets = [set(each) for each in tops]
    return [[len(one & other) / len(one) for other in sets] for one in sets]


def mean_overlap(scores: Floats, n_top: int) -> Floats:
    """Return the mean over pairs of languages of the share of top heads that they share, shape (R,).

    Args:
        scores: shape (R, languages, heads of all layers).
        n_top: heads of a language.
    """
    n_langs = scores.shape[1]
    held = np.zeros(scores.shape)
    np.put_along_axis(held, top_heads(scores, n_top), 1.0, axis=-1)
    # A head in the top of c languages is shared by c (c - 1) ordered pairs.
    langs = held.sum(axis=1)
    shared: Floats = (langs * (langs - 1)).sum(axis=1) / (n_langs * (n_langs - 1) * n_top)
    return shared


def mean_entropy(scores: Floats) -> Floats:
    """Return how evenly heads serve the languages, shape (R,): 1 alike in all, 0 each head in one language only.

    Scores are divided by their sum over the heads of a language, so that no language weighs more for its larger losses;
    a head's shares are divided by their sum over languages, -sum q ln q is divided by ln K and averaged over the heads.
    Heads without a score above 0 in any language are left out. (Own formula, after LAPE's.)

    Args:
        scores: shape (R, languages, heads of all layers); what is below 0 counts as 0.
    """
    positive = np.maximum(scores, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = positive / positive.sum(axis=2, keepdims=True)
        q = shares / shares.sum(axis=1, keepdims=True)
        terms = np.where(q > 0, q * np.log(q), 0.0)
    known = np.nansum(shares, axis=1) > 0
    entropy = np.where(known, -terms.sum(axis=1), 0.0) / np.log(scores.shape[1])
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: Floats = entropy.sum(axis=1) / known.sum(axis=1)
    return mean


def mean_correlation(scores: Floats) -> Floats:
    """Return Spearman's rank correlation of the heads' scores in two languages, the mean over pairs, shape (R,).

    NaN where all heads of a language have one score.

    Args:
        scores: shape (R, languages, heads of all layers).
    """
    n_langs = scores.shape[1]
    found = ranks(scores)
    centred = found - found.mean(axis=2, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        unit = centred / np.sqrt(np.square(centred).sum(axis=2, keepdims=True))
    # The squared length of the sum of K unit vectors is K + the sum over ordered pairs.
    pairs = np.square(unit.sum(axis=1)).sum(axis=1) - n_langs
    mean: Floats = pairs / (n_langs * (n_langs - 1))
    return mean


def ranks(values: Floats) -> Floats:
    """Return ranks from 1 along the last axis; equal values share the mean of theirs."""
    order = np.argsort(values, axis=-1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=-1)
    n = values.shape[-1]
    places = np.broadcast_to(np.arange(n), values.shape)
    new = np.ones(values.shape, dtype=bool)
    new[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    last = np.ones(values.shape, dtype=bool)
    last[..., :-1] = new[..., 1:]
    first = np.maximum.accumulate(np.where(new, places, 0), axis=-1)
    end = np.flip(np.minimum.accumulate(np.flip(np.where(last, places, n - 1), axis=-1), axis=-1), axis=-1)
    found = np.empty(values.shape)
    np.put_along_axis(found, order, (first + end) / 2 + 1, axis=-1)
    return found
