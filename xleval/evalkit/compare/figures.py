"""The figures of a task that two runs are compared in, as per-item tables: accuracy, consistency, language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xleval.data import plurals
from xleval.evalkit.compare.pairing import TaskOfRun
from xleval.evalkit.metrics import consistency
from xleval.evalkit.metrics.answers import completion_agreement_items
from xleval.evalkit.metrics.grid import Floats, TaskGrid
from xleval.evalkit.metrics.repeated import verdict_table
from xleval.evalkit.results_language import (
    correct_in_language_columns,
    correct_in_language_table,
    english_columns,
    language_consistency_columns,
)
from xleval.evalkit.results_schema import MeanJson

#: What the first of a task's means is called; it is over all languages of the run, not only over those compared.
_ALL = "over these languages"
COMPLETIONS = "/completions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure beside the accuracies by language.

    Attributes:
        key: stable name.
        words: its name for readers.
        table: the per-item table that it is taken from, see `item_tables`.
        columns: columns of the table; None for all.
        languages: what it is taken over.
    """

    key: str
    words: str
    table: str
    columns: tuple[int, ...] | None
    languages: tuple[str, ...]


def item_tables(run: TaskOfRun, rows: Sequence[int]) -> dict[str, Floats]:
    """Return per-item statistics of a run for the items in these rows, by name, in the order of the rows.

    `accuracy`, and of completions `in_language` (right and in the language asked for), `written` (share of its
    words) and `english` (share of English words), have a column for each language; `total` has one; `rankc` and `same`
    have one for each pair. Without a completion whose words were counted there is no table of language. Of several
    completions an item `accuracy/completions` and `in_language/completions` have
    each apart, (items, languages, K).
    """
    grid, several = run.grid, len(run.grid.languages) > 1
    tables = {"accuracy": run.correct}
    if run.kind == "generation" and _language_told(grid):
        tables["in_language"] = correct_in_language_columns(grid)
        tables["written"] = language_consistency_columns(grid)
        tables["english"] = english_columns(grid)
        if grid.n_draws > 1:
            tables[f"in_language{COMPLETIONS}"] = correct_in_language_table(grid)
    if run.kind == "generation" and grid.n_draws > 1:
        tables[f"accuracy{COMPLETIONS}"] = verdict_table(grid)
    if several:
        tables["total"] = consistency.total_consistency_items(run.correct)[:, None]
        if run.choices is None:
            tables["same"], _ = completion_agreement_items(grid)
        else:
            valid = run.choices.scored & grid.aligned
            tables["same"], _ = consistency.agreement_items(run.choices.picks, grid.gold, valid)
            if run.scores is not None:
                ranked = valid & ~np.isnan(run.scores).all(axis=-1)
                tables["rankc"] = consistency.rankc_items(run.scores, ranked, run.ties)
    return {name: table[list(rows)] for name, table in tables.items()}


def _language_told(grid: TaskGrid) -> bool:
    return any(each.n_words is not None for row in grid.draws for cell in row for each in cell)


def figures_of(kind: str, languages: Sequence[str], means: Sequence[MeanJson]) -> list[Figure]:
    """Return the figures of a task, in the order of the tables.

    Args:
        kind: `choice` or `generation`.
        languages: the language set S.
        means: the named means of a run's results: seen, unseen and resource groups.
    """
    every = tuple(languages)
    found = []
    if len(every) > 1:
        found.append(_figure("mean", "mean accuracy", "accuracy", every))
        for mean in means:
            members = tuple(lang for lang in every if lang in mean["languages"])
            if mean["name"] != _ALL and len(members) > 1 and members != every:  # of one language it is the row's
                columns = tuple(every.index(lang) for lang in members)
                key, words = f"mean/{mean['name']}", f"mean accuracy {mean['name']}"
                found.append(Figure(key=key, words=words, table="accuracy", columns=columns, languages=members))
        found.append(_figure("total", f"right in {plurals.every(len(every), 'language')}", "total", every))
        if kind == "choice":
            found.append(_figure("rankc", "RankC, mean over pairs", "rankc", every))
        found.append(_figure("same", "same answer in two languages", "same", every))
    if kind == "generation":
        found += _of_words("in_language", "right and in language", every, every)
        found += _of_words("written", "words in language", every, every)
        found += _of_words("english", "words in English", every, [lang for lang in every if lang != "en"])
    return found


def _of_words(table: str, words: str, every: Sequence[str], members: Sequence[str]) -> list[Figure]:
    """Return a figure of completions: its mean over some languages of the table, and each of them."""
    groups: list[tuple[str, str, tuple[str, ...]]] = [
        (f"{table}/{lang}", f"{words}, {lang}", (lang,)) for lang in members
    ]
    if len(members) > 1:
        groups.insert(0, (table, f"{words}, mean", tuple(members)))
    return [
        Figure(key=key, words=name, table=table, columns=tuple(map(every.index, langs)), languages=langs)
        for key, name, langs in groups
    ]


def table_of(figure: Figure, tables: Mapping[str, Floats], n_items: int) -> Floats:
    """Return the columns of a figure; a run that has no such table has NaN in one column."""
    if figure.table not in tables:
        return np.full((n_items, 1), np.nan)
    table = tables[figure.table]
    return table if figure.columns is None else table[:, list(figure.columns)]


def completions_of(figure: Figure, tables: Mapping[str, Floats]) -> Floats | None:
    """Return the completions behind the columns of a figure; None where it is no mean of several an item."""
    table = tables.get(f"{figure.table}{COMPLETIONS}")
    return table if table is None or figure.columns is None else table[:, list(figure.columns)]


def leave_one_out(figure: Figure, first: Floats, second: Floats) -> tuple[float, float] | None:
    """Return the least and the greatest difference of a mean over languages when any one of them is left out.

    None for a figure that is no mean over three languages or more: what is left would be no set.
    """
    if figure.table != "accuracy" or len(figure.languages) < 3:
        return None
    gains = consistency.column_means(second - first)
    means = [
        float(np.nanmean(np.delete(gains, k))) for k in range(len(gains)) if not np.isnan(np.delete(gains, k)).all()
    ]
    return (min(means), max(means)) if means else None


def _figure(key: str, words: str, table: str, languages: tuple[str, ...]) -> Figure:
    return Figure(key=key, words=words, table=table, columns=None, languages=languages)
