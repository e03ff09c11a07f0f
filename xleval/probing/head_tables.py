"""Head importance as `probe.json` and its table hold it."""

from typing import TYPE_CHECKING

import numpy as np

from xleval.evalkit.probe_schema import HeadsJson, LanguageHeadsJson
from xleval.evalkit.statistics import Floats
from xleval.probing.head_scores import HeadScores, n_top
from xleval.probing.lahis import SCALE, overlap_matrix, top_heads
from xleval.probing.options import ProbeOptions

if TYPE_CHECKING:
    import pyarrow


def head_sets(scores: HeadScores, options: ProbeOptions) -> dict[str, list[tuple[int, int]]]:
    """Return the most important heads of each language as (layer, head), the most important first."""
    found = scores.score()
    tops = top_heads(found.reshape(len(found), -1), n_top(scores, options))
    return {
        lang: [divmod(int(number), scores.n_heads) for number in row]
        for lang, row in zip(scores.langs, tops, strict=True)
    }


def heads_json(name: str, scores: HeadScores, options: ProbeOptions) -> HeadsJson:
    """Return the head importance of a model; `chance_overlap` is that of sets drawn at random."""
    sets = head_sets(scores, options)
    found = scores.score()
    size = n_top(scores, options)
    overlap = overlap_matrix([[layer * scores.n_heads + head for layer, head in each] for each in sets.values()])
    others = [value for i, row in enumerate(overlap) for j, value in enumerate(row) if i != j and value is not None]
    shared = set.intersection(*(set(each) for each in sets.values()))
    return {
        "model": name,
        "n_top": size,
        "overlap": overlap,
        "mean_overlap": sum(others) / len(others) if others else None,
        "chance_overlap": size / (scores.n_layers * scores.n_heads),
        "shared": [list(each) for each in sorted(shared)],
        "languages": [
            _language(lang, values, sets[lang]) for lang, values in zip(scores.langs, found, strict=True)
        ],
        "scores": {lang: values.tolist() for lang, values in zip(scores.langs, found, strict=True)},
    }  # fmt: skip


def _language(lang: str, scores: Floats, heads: list[tuple[int, int]]) -> LanguageHeadsJson:
    layers = np.bincount([layer for layer, _ in heads], minlength=len(scores)) / len(heads)
    return {
        "lang": lang,
        "layers": layers.tolist(),
        "heads": [{"layer": layer, "head": head, "score": float(scores[layer, head])} for layer, head in heads],
    }


def head_table(name: str, scores: HeadScores, options: ProbeOptions) -> "pyarrow.Table":
    """Return a row for each language and head.

    Columns: model, lang, layer, head; score; importance (mean of |g| m x 1000) and negative (share of sentences with
    g m < 0), whose product it is; n_sentences that both are over; rank from 1; is_top, whether the head is the language's.
    """
    import pyarrow

    found = scores.score()
    n = scores.n_layers * scores.n_heads
    parts = []
    for lang, values in zip(scores.langs, found, strict=True):
        order = top_heads(values.reshape(-1), n)
        rank = np.empty(n, dtype=np.int64)
        rank[order] = np.arange(1, n + 1)
        importance = scores.importance[lang].astype(np.float64)
        parts.append(
            pyarrow.table(
                {
                    "model": [name] * n,
                    "lang": [lang] * n,
                    "layer": np.repeat(np.arange(scores.n_layers), scores.n_heads),
                    "head": np.tile(np.arange(scores.n_heads), scores.n_layers),
                    "score": values.reshape(-1),
                    "importance": np.nanmean(importance, axis=0).reshape(-1) * SCALE,
                    "negative": np.nanmean(scores.negative[lang].astype(np.float64), axis=0).reshape(-1),
                    "n_sentences": [int((~np.isnan(importance[:, 0, 0])).sum())] * n,
                    "rank": rank,
                    "is_top": rank <= n_top(scores, options),
                }
            )
        )
    return pyarrow.concat_tables(parts)
