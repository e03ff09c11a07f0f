"""Accuracy and RankC of kinds of items: guessable or not, gender of the subject, same spelling, age, trained on or not.

`guessable` (D3), `subject_gender` (D15) and the dates behind `cutoff` (D18) are facts of the items; `same_surface` (D19) is
seen in the samples: the right answer is written alike in two languages, so that knowing the string is enough.
`trained_fact` (D24) is whether a training split has the fact (`trained_items`).
"""

import re
import unicodedata
from collections.abc import Mapping

import numpy as np

from xleval.errors import ConfigError
from xleval.evalkit.item_statistics import ItemStatistics, estimate_json, number
from xleval.evalkit.metrics.consistency import column_means, language_pairs
from xleval.evalkit.metrics.grid import Bools, Floats, TaskGrid
from xleval.evalkit.results_overlap import RELATION_KEYS
from xleval.evalkit.results_schema import SubsetJson
from xleval.evalkit.samples import Sample
from xleval.evalkit.trained_items import TRAINED_FACT

SUBSET_KEYS = ("guessable", "subject_gender", TRAINED_FACT)
#: Keys that are asked for, so that the only kind there is, is an answer.
_ASKED_FOR = ("cutoff", TRAINED_FACT)
BEFORE, MAYBE_NEWER, NOT_KNOWN = "holds at the cut-off", "may be newer", "not known"
#: First year of the changes that PolyFact's `changed_after` counts (D18).
_CHANGES_SINCE = "2018"
_REFERENCE = "en"
_LETTER = re.compile("[A-Z]")


def check_cutoff(text: str) -> str:
    """Return a knowledge cut-off as it was given, `YYYY` or `YYYY-MM`.

    Raises:
        ConfigError: it is no such date.
    """
    if not re.fullmatch(r"(19|20)\d\d(-(0[1-9]|1[0-2]))?", text):
        raise ConfigError(f"--cutoff {text!r}: needed is a year or a month, such as 2023 or 2023-12")
    return text


def age_of(fact: Mapping[str, object], cutoff: str) -> str:
    """Return whether a fact holds at a model's cut-off, may be newer, or is not known to be either.

    A set that was made from a source no newer than the cut-off is older than it as a whole. Else only changes since 2018
    are known: a fact without any is older than a later cut-off, one that changed may be newer.

    Args:
        fact: with `as_of` (YYYY-MM) and `changed_after` (`yes` or `no`), as PolyFact's items have them.
        cutoff: of `check_cutoff`; a year alone means its end.
    """
    until = cutoff if "-" in cutoff else f"{cutoff}-12"
    as_of, changed = str(fact.get("as_of", "")), fact.get("changed_after")
    if as_of and as_of <= until:
        return BEFORE
    if changed == "yes":
        return MAYBE_NEWER
    return BEFORE if changed == "no" and until >= _CHANGES_SINCE else NOT_KNOWN


def subset_results(
    grid: TaskGrid, correct: Floats, rankc: Floats | None, *, cutoff: str, seed: int, resamples: int
) -> list[SubsetJson]:
    """Return the kinds of items that a task has, with their figures.

    Args:
        grid: the task; an item's facts are those of its first language.
        correct: (I, L), correctness, NaN where unscored.
        rankc: (I, P), of `rankc_items`; None where there is none.
        cutoff: the model's knowledge cut-off; empty when not known.
        seed, resamples: of the bootstrap.
    """
    facts = [next(cell.grouping() for cell in row if cell is not None) for row in grid.cells]
    labels: dict[str, list[str]] = {key: [str(fact.get(key, "")) for fact in facts] for key in SUBSET_KEYS}
    if cutoff:
        labels["cutoff"] = [age_of(fact, cutoff) if "changed_after" in fact else "" for fact in facts]
    found = []
    for key, values in labels.items():
        names = sorted(set(values) - {""})
        for name in names if len(names) > 1 or key in _ASKED_FOR else []:
            rows: Bools = np.array([value == name for value in values])
            found.append(_subset(key, name, grid, *_of_rows(rows, correct, rankc), seed=seed, resamples=resamples))
    if any(key in fact for fact in facts for key in RELATION_KEYS):
        found += _by_surface(grid, correct, rankc, seed=seed, resamples=resamples)
    return found


def _of_rows(rows: Bools, correct: Floats, rankc: Floats | None) -> tuple[Floats, Floats | None]:
    return correct[rows], None if rankc is None else rankc[rows]


def _by_surface(
    grid: TaskGrid, correct: Floats, rankc: Floats | None, *, seed: int, resamples: int
) -> list[SubsetJson]:
    """Return accuracy outside English by whether the answer is written as in English, RankC by whether as in the other language.

    Cells whose answer, or that of the language compared with, is not there or not known are in neither.
    """
    names = [[_answer(cell) if cell is not None else None for cell in row] for row in grid.cells]
    pairs = language_pairs(len(grid.languages))
    alike = np.array([[_alike(row[a], row[b]) for a, b in pairs] for row in names]).reshape(len(names), len(pairs))
    english = grid.languages.index(_REFERENCE) if _REFERENCE in grid.languages else None
    as_english = np.array([[_alike(name, None if english is None else row[english]) for name in row] for row in names])
    found = []
    for value in ("yes", "no"):
        counted = as_english == value
        counted[:, english if english is not None else slice(None)] = False
        right = np.where(counted, correct, np.nan)
        ranks = None if rankc is None else np.where(alike == value, rankc, np.nan)
        rows = ~np.isnan(right).all(axis=1)
        if ranks is not None:
            rows |= ~np.isnan(ranks).all(axis=1)
        if rows.any():
            found.append(
                _subset("same_surface", value, grid, *_of_rows(rows, right, ranks), seed=seed, resamples=resamples)
            )
    return found if len(found) > 1 else []


def _answer(cell: Sample) -> str | None:
    """Return how the right answer is written; None where it is not known, or only the letter of an option is."""
    letters = cell.kind == "choice" and all(_LETTER.fullmatch(choice.strip()) for choice in cell.choices)
    return None if letters else unicodedata.normalize("NFKC", cell.gold).casefold().strip() or None


def _alike(name: str | None, other: str | None) -> str:
    """Return whether two answers are written alike, `yes` or `no`; empty where one of them is not there or not known."""
    if name is None or other is None:
        return ""
    return "yes" if name == other else "no"


def _subset(
    key: str, value: str, grid: TaskGrid, correct: Floats, rankc: Floats | None, *, seed: int, resamples: int
) -> SubsetJson:
    blocks = {"accuracy": correct} | ({} if rankc is None else {"rankc": rankc})
    items = ItemStatistics(blocks, seed=seed, resamples=resamples)
    return SubsetJson(
        key=key, value=value, n_items=len(correct),
        accuracy=estimate_json(items.mean_of("accuracy")),
        rows={lang: number(mean) for lang, mean in zip(grid.languages, column_means(correct), strict=True)},
        rankc=estimate_json(items.mean_of("rankc")) if rankc is not None else None,
    )  # fmt: skip
