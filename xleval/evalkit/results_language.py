"""In which language the completions of a task are written: per-item columns and the row of one language."""

from collections.abc import Sequence

import numpy as np

from xleval.evalkit.item_statistics import ItemStatistics, estimate_json
from xleval.evalkit.metrics.grid import Floats, TaskGrid
from xleval.evalkit.metrics.language_consistency import MIN_WORDS
from xleval.evalkit.results_schema import LanguageConsistencyJson
from xleval.evalkit.samples import Sample


def language_consistency_columns(grid: TaskGrid) -> Floats:
    """Return the share of the target language among determined words, (I, L); NaN below 5 of them."""
    values = np.full((len(grid.item_ids), len(grid.languages)), np.nan)
    for i, row in enumerate(grid.cells):
        for j, cell in enumerate(row):
            share = cell.target_of_determined if cell is not None else None
            if cell is not None and share is not None and (cell.n_determined or 0) >= MIN_WORDS:
                values[i, j] = share
    return values


def language_consistency_json(
    column: Sequence[Sample], items: ItemStatistics, j: int
) -> LanguageConsistencyJson | None:
    """Return the language consistency of one language's completions; None where words were not counted.

    The same figures as `language_consistency` makes of the counts, from the shares that the samples table keeps.
    """
    counted = [sample for sample in column if sample.n_words is not None]
    if not counted:
        return None
    worded = [sample for sample in counted if sample.n_words]
    determined = sum(sample.n_determined or 0 for sample in worded)
    target = sum((sample.target_of_determined or 0.0) * (sample.n_determined or 0) for sample in worded)
    shares = {
        name: float(np.mean([getattr(sample, f"{name}_share") or 0.0 for sample in worded])) if worded else 0.0
        for name in ("target", "english", "other", "undetermined")
    }
    return LanguageConsistencyJson(
        headline=estimate_json(items.mean_of("written", [j])),
        pooled=target / determined if determined else None,
        n_below=sum((sample.n_determined or 0) < MIN_WORDS for sample in counted),
        minimum=MIN_WORDS,
        n_without_words=len(counted) - len(worded),
        shares=shares if worded else {},
    )
