"""What is reported of alignment: summary figures for a comparison, the numbers of every pair and layer, and their table."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xleval.evalkit.probe_schema import AlignmentJson, LanguageAlignmentJson, PairAlignmentJson
from xleval.evalkit.statistics import Floats
from xleval.probing.alignments import Alignments
from xleval.probing.options import ProbeOptions

if TYPE_CHECKING:
    import pyarrow


def alignment_figures(
    alignments: Sequence[Alignments], weights: Floats, options: ProbeOptions
) -> list[dict[str, Floats]]:
    """Return summary figures of each model under each row of weights, shape (R,); shares in [0, 1].

    `mexa_pivot` is the mean over the languages other than the pivot and over all layers, the embeddings' included;
    `mexa_pivot_max` the mean over languages of the best layer's. `retrieval_PIVOT_x` and `retrieval_x_y` are read at the
    middle layer, over pairs with and without the pivot and both directions of each, as the PolyFact study does.
    `_centred` takes each language's mean vector away first. Figures that have no pair are left out.

    Weights say how often a sentence counts; what it is told apart from is the whole text in every draw, and so is what the
    means are of. A text of other length gives other figures.

    Args:
        alignments: one for each model, of the same text.
        weights: of the sentences, shape (R, sentences).
        options: `pivot` is used.
    """
    shares = weights / weights.sum(axis=1, keepdims=True)
    return [_figures(each, shares, options.pivot) for each in alignments]


def _figures(alignments: Alignments, shares: Floats, pivot: str) -> dict[str, Floats]:
    with_pivot = alignments.pairs_with(pivot)
    without = [place for place in range(len(alignments.pairs)) if place not in with_pivot]
    middle = alignments.middle
    figures: dict[str, Floats] = {}
    for centred, ending in enumerate(("", "_centred")):
        if with_pivot:
            both = alignments.forward[centred, with_pivot] & alignments.back[centred, with_pivot]
            by_layer = _weighted(both, shares)
            figures[f"mexa_pivot{ending}"] = by_layer.mean(axis=(0, 1))
            figures[f"mexa_pivot_max{ending}"] = by_layer.max(axis=1).mean(axis=0)
        for name, places in ((f"retrieval_{pivot}_x", with_pivot), ("retrieval_x_y", without)):
            if places:
                ways = [each[centred, places, middle] for each in (alignments.forward, alignments.back)]
                figures[f"{name}{ending}"] = _weighted(np.stack(ways), shares).mean(axis=(0, 1))
    return figures


def _weighted(hits: NDArray[np.bool_], shares: Floats) -> Floats:
    """Return the weighted mean over the last axis, the sentences, with the draws as the last axis of the result."""
    return np.asarray(hits.astype(np.float64) @ shares.T)


def alignment_json(name: str, alignments: Alignments, options: ProbeOptions) -> AlignmentJson:
    """Return the numbers of one model; `languages` is empty where the pivot is not among the languages."""
    mexa, forward, back = (each.mean(axis=-1) for each in (alignments.mexa, alignments.forward, alignments.back))
    # The sum of many float32 is exact enough only in float64.
    similarity = alignments.similarity.mean(axis=-1, dtype=np.float64)
    pairs: list[PairAlignmentJson] = []
    languages: list[LanguageAlignmentJson] = []
    for centred in (0, 1):
        for place, (first, second) in enumerate(alignments.pairs):
            here = (centred, place)
            pairs.append(
                {
                    "first": first,
                    "second": second,
                    "centred": bool(centred),
                    "mexa": mexa[here].tolist(),
                    "retrieval": forward[here].tolist(),
                    "retrieval_back": back[here].tolist(),
                    "similarity": similarity[here].tolist(),
                    "dissimilarity": alignments.dissimilarity[here].tolist(),
                }
            )
            if options.pivot in (first, second):
                lang = second if first == options.pivot else first
                values = mexa[here]
                languages.append(
                    {"lang": lang, "centred": bool(centred), "mean": float(values.mean()), "max": float(values.max())}
                )
    return {"model": name, "pivot": options.pivot, "pairs": pairs, "languages": languages}


def alignment_table(name: str, alignments: Alignments, options: ProbeOptions) -> "pyarrow.Table":
    """Return a row for each pair, layer and variant, raw and centred: the numbers of `alignment_json`."""
    import pyarrow

    figures = ("mexa", "retrieval", "retrieval_back", "similarity", "dissimilarity")
    rows: dict[str, list[object]] = {
        column: [] for column in ("model", "first", "second", "centred", "layer", *figures)
    }
    for pair in alignment_json(name, alignments, options)["pairs"]:
        n_layers = len(pair["mexa"])
        rows["model"] += [name] * n_layers
        rows["first"] += [pair["first"]] * n_layers
        rows["second"] += [pair["second"]] * n_layers
        rows["centred"] += [pair["centred"]] * n_layers
        rows["layer"] += range(n_layers)
        for column, values in (
            ("mexa", pair["mexa"]),
            ("retrieval", pair["retrieval"]),
            ("retrieval_back", pair["retrieval_back"]),
            ("similarity", pair["similarity"]),
            ("dissimilarity", pair["dissimilarity"]),
        ):
            rows[column] += values
    return pyarrow.table(rows)
