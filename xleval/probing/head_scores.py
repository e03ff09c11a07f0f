"""Head importance of one model by language (LAHIS), and the figures that models are compared by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xleval.evalkit.statistics import Floats
from xleval.probing.lahis import head_scores, mean_correlation, mean_entropy, mean_overlap
from xleval.probing.options import ProbeOptions

_CELLS_PER_CHUNK = 4_000_000  # scores held at once: a few arrays of 32 MB


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadScores:
    """What every sentence says of every head, by language; row i is sentence i of the text.

    Attributes:
        importance: |g| m, shape (sentences, layers, heads); NaN where a sentence has no loss.
        negative: 1 where g m < 0, else 0; same shape. (`HeadGradients` says what g and m are.)
    """

    importance: Mapping[str, NDArray[np.float32]]
    negative: Mapping[str, NDArray[np.float32]]

    @property
    def langs(self) -> tuple[str, ...]:
        """Languages, in the order of the text."""
        return tuple(self.importance)

    @property
    def n_units(self) -> int:
        """Sentences of the text, those without a loss included."""
        return len(next(iter(self.importance.values())))

    @property
    def units(self) -> str:
        """What the bootstrap draws."""
        return f"{self.n_units} sentences"

    @property
    def n_layers(self) -> int:
        """Layers of the model."""
        return int(next(iter(self.importance.values())).shape[1])

    @property
    def n_heads(self) -> int:
        """Query heads of a layer."""
        return int(next(iter(self.importance.values())).shape[2])

    @property
    def without_loss(self) -> dict[str, int]:
        """Sentences of a single token, which no score counts, by language; only languages that have any."""
        missing = {lang: int(np.isnan(values[:, 0, 0]).sum()) for lang, values in self.importance.items()}
        return {lang: n for lang, n in missing.items() if n}

    def scores(self, weights: Floats) -> Floats:
        """Return the importance of each head under each row of weights, shape (R, languages, layers, heads)."""
        parts = [head_scores(self.importance[lang], self.negative[lang], weights) for lang in self.langs]
        return np.stack(parts, axis=1)

    def score(self) -> Floats:
        """Return the importance of each head over all sentences, shape (languages, layers, heads)."""
        found: Floats = self.scores(np.ones((1, self.n_units)))[0]
        return found


def n_top(scores: HeadScores, options: ProbeOptions) -> int:
    """Return how many heads are a language's: the share of all of them, rounded down, at least one."""
    return max(1, int(options.top_heads * scores.n_layers * scores.n_heads))


def head_figures(scores: Sequence[HeadScores], weights: Floats, options: ProbeOptions) -> list[dict[str, Floats]]:
    """Return the summary figures of each model under each row of weights, shape (R,) each.

    `overlap`: mean over pairs of languages of the share of their top heads that they share; `entropy`: how evenly heads
    serve the languages, 1 for alike; `correlation`: Spearman's, of the heads' scores in two languages, mean over pairs. A
    higher one is less specialised by language. NaN where the sentences of a row give a language no score.

    Args:
        scores: of each model, over the same sentences.
        weights: how often each sentence counts, shape (R, sentences).
    """
    return [_figures(each, weights, n_top(each, options)) for each in scores]


def _figures(scores: HeadScores, weights: Floats, n_heads: int) -> dict[str, Floats]:
    step = max(1, _CELLS_PER_CHUNK // (len(scores.langs) * scores.n_layers * scores.n_heads))
    chunks: dict[str, list[Floats]] = {"overlap": [], "entropy": [], "correlation": []}
    for start in range(0, len(weights), step):
        found = scores.scores(weights[start : start + step])
        flat = found.reshape(*found.shape[:2], -1)
        unknown = np.asarray(np.isnan(flat).any(axis=(1, 2)))
        flat = np.where(unknown[:, None, None], 0.0, flat)
        for name, values in (
            ("overlap", mean_overlap(flat, n_heads)),
            ("entropy", mean_entropy(flat)),
            ("correlation", mean_correlation(flat)),
        ):
            chunks[name].append(np.where(unknown, np.nan, values))
    return {name: np.concatenate(parts) for name, parts in chunks.items()}
