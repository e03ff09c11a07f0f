"""Means over sets of languages, and accuracy by facts of the items (relation, template, whether guessable)."""

from collections.abc import Sequence

import numpy as np

from xleval.data.languages import LANGUAGES
from xleval.evalkit.item_statistics import ItemStatistics, estimate_json, number
from xleval.evalkit.metrics.grid import Floats, TaskGrid
from xleval.evalkit.results_schema import GroupJson, MeanJson
from xleval.evalkit.statistics import bootstrap_estimate, resample_counts

_MOST_GROUPS = 60  # a key with more values identifies items, it does not group them


def language_means(languages: Sequence[str], seen: Sequence[str], items: ItemStatistics) -> list[MeanJson]:
    """Return the mean accuracy over all languages, over seen and unseen ones where known, and by resource level.

    Languages are fixed, items are drawn: an interval says nothing of languages that are not named.
    """
    sets = {"over these languages": list(languages)}
    if seen:
        sets["over these seen languages"] = [lang for lang in languages if lang in seen]
        sets["over these unseen languages"] = [lang for lang in languages if lang not in seen]
    for level in ("high", "mid", "low"):
        members = [lang for lang in languages if lang in LANGUAGES and LANGUAGES[lang].resource == level]
        if len(members) < len(languages):
            sets[f"over these {level}-resource languages"] = members
    means = []
    for name, members in sets.items():
        if members:
            estimate = items.bounded_mean_of("accuracy", [languages.index(lang) for lang in members])
            means.append(MeanJson(name=name, languages=members, accuracy=estimate_json(estimate)))
    return means


def group_results(grid: TaskGrid, correct: Floats, *, seed: int, resamples: int) -> list[GroupJson]:
    """Return accuracy by every key of the items' `groups` that has from 2 to 60 values.

    Args:
        grid: the task; an item's groups are those of its first language.
        correct: (I, L), correctness, NaN where unscored.
        seed, resamples: of the bootstrap that draws whole groups.
    """
    facts = [next(cell.grouping() for cell in row if cell is not None) for row in grid.cells]
    found = []
    for key in sorted({key for fact in facts for key in fact}):
        labels = np.array([str(fact.get(key, "(none)")) for fact in facts])
        names, member = np.unique(labels, return_inverse=True)
        if 2 <= len(names) <= _MOST_GROUPS:
            found.append(_group(key, names.tolist(), member, correct, np.random.default_rng(seed), resamples))
    return found


def _group(
    key: str, names: list[str], member: np.ndarray, correct: Floats, rng: np.random.Generator, resamples: int
) -> GroupJson:
    known = ~np.isnan(correct)
    belongs = (member == np.arange(len(names))[:, None]).astype(np.float64)
    right, scored = belongs @ np.where(known, correct, 0.0), belongs @ known
    used = scored.sum(axis=0) > 0
    right, scored = right[:, used], scored[:, used]
    with np.errstate(invalid="ignore"):
        cells = right / scored
    complete = ~np.isnan(cells).any(axis=1) & used.any()
    accuracy = np.array([row.mean() if whole else np.nan for row, whole in zip(cells, complete, strict=True)])
    clustered = None
    if used.any():
        with np.errstate(invalid="ignore"):
            drawn = resample_counts(len(names), resamples, rng)
            blocks = [(counts @ right / (counts @ scored)).mean(axis=1) for counts in drawn]
        value = float((right.sum(axis=0) / scored.sum(axis=0)).mean())
        clustered = bootstrap_estimate(value, np.concatenate(blocks), n=len(names), clusters=f"groups by {key}")
    return GroupJson(
        key=key,
        rows={
            name: {"n_items": int(count), "accuracy": number(value)}
            for name, count, value in zip(names, belongs.sum(axis=1), accuracy, strict=True)
        },
        macro=float(accuracy[complete].mean()) if complete.any() else None,
        clustered=estimate_json(clustered),
    )
