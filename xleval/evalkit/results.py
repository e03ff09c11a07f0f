"""Samples of a run -> `results.json`: accuracy, language and cross-lingual consistency, each with its interval."""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xleval.data.languages import LANGUAGES
from xleval.data.storage import canonical_json
from xleval.errors import ConfigError, DataError
from xleval.evalkit.item_statistics import ItemStatistics, estimate_json, number
from xleval.evalkit.metrics.accuracy import (
    HIDDEN_OPTIONS,
    Choices,
    Normalisation,
    Ties,
    as_normalisation,
    as_ties,
    chance_accuracy,
    completion_verdict,
    decide_choices,
    generation_correctness,
    generation_rates,
    normalised_scores,
)
from xleval.evalkit.metrics.grid import TIE, Floats, TaskGrid, build_grid
from xleval.evalkit.metrics.positions import position_effect
from xleval.evalkit.metrics.repeated import majority_columns, pass_columns, sizes
from xleval.evalkit.metrics.weighted import Weighting, weighted_accuracy
from xleval.evalkit.results_consistency import consistency_blocks, summarise_consistency
from xleval.evalkit.results_groups import group_results, language_means, mean_over_tasks
from xleval.evalkit.results_language import (
    correct_in_language_columns,
    language_consistency_columns,
    language_consistency_json,
)
from xleval.evalkit.results_schema import SCHEMA, EstimateJson, LanguageRow, Results, TaskResult, WeightedJson
from xleval.evalkit.results_warnings import warnings_of
from xleval.evalkit.samples import AWAITS_JUDGE, Sample
from xleval.evalkit.statistics import Estimate, proportion

UNSCORED_LIMIT = 0.01  # above it a language has bounds instead of a verdict (D1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How the samples of a run are summarised; all of it changes results and belongs in the signature.

    Attributes:
        seed: of the bootstrap.
        ties: `expected`, or `published` to reproduce stable sorting.
        resamples: of the bootstrap.
        languages: the language set S in order; empty for all that a task has, in the order of the language table.
        seen_languages: languages the model was trained on, for separate means; empty when not known.
        primary: task -> normalisation of its headline; `byte` where a choice task is not named.
        weightings: task -> weights of its groups, where it has such.
        sources: task -> sets whose items it asks; its own name where it is not named.
    """

    seed: int
    ties: Ties = "expected"
    resamples: int = 10_000
    languages: tuple[str, ...] = ()
    seen_languages: tuple[str, ...] = ()
    primary: Mapping[str, str]
    weightings: Mapping[str, Weighting]
    sources: Mapping[str, Collection[str]]


def summarise(
    samples: Sequence[Sample],
    *,
    signature: Mapping[str, object],
    model: str,
    seed: int,
    languages: Sequence[str] = (),
    seen_languages: Sequence[str] = (),
    primary: Mapping[str, str] | None = None,
    weightings: Mapping[str, Weighting] | None = None,
    sources: Mapping[str, Collection[str]] | None = None,
    ties: str = "expected",
    resamples: int = 10_000,
) -> Results:
    """Return the results of a run as the JSON object of `results.json`; same samples and options, same bytes.

    Args:
        samples: the run's samples, any number of tasks and languages.
        signature: everything that makes two runs comparable or not; JSON values, no times.
        model: name of the model.
        seed, languages, seen_languages, primary, weightings, sources, ties, resamples: see `Summary`.

    Raises:
        ConfigError: an unknown rule or normalisation, no sample in any of `languages`, or a signature that is not JSON.
        DataError: no samples, or rows that contradict each other.
    """
    if not samples:
        raise DataError("a run without samples has no results; look for failed requests in its journal")
    _check_signature(signature)
    how = Summary(
        seed=seed, ties=as_ties(ties), resamples=resamples, languages=tuple(languages),
        seen_languages=tuple(seen_languages), primary=dict(primary or {}), weightings=dict(weightings or {}),
        sources=dict(sources or {}),
    )  # fmt: skip
    by_task: dict[str, list[Sample]] = {}
    for sample in samples:
        by_task.setdefault(sample.task, []).append(sample)
    tasks = {task: _summarise_task(by_task[task], how) for task in sorted(by_task)}
    return Results(
        schema=SCHEMA, model=model, seed=seed, ties=how.ties, resamples=resamples, signature=dict(signature),
        tasks=tasks, mean_over_tasks=mean_over_tasks(tasks, how.sources),
    )  # fmt: skip


def results_json(results: Results) -> str:
    """Return the text of `results.json`: keys in the order of the schema, no times, NaN impossible."""
    return json.dumps(results, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _check_signature(signature: Mapping[str, object]) -> None:
    try:
        canonical_json(dict(signature))
    except (TypeError, ValueError) as error:
        raise ConfigError(f"the signature is not JSON: {error}; give text, numbers, lists and objects only") from error


def _languages_of(samples: Sequence[Sample], wanted: Sequence[str]) -> tuple[str, ...]:
    found = {sample.lang for sample in samples}
    if not wanted:
        return (*(code for code in LANGUAGES if code in found), *sorted(found - LANGUAGES.keys()))
    kept = tuple(lang for lang in wanted if lang in found)
    if not kept:
        there = ", ".join(sorted(found))
        raise ConfigError(f"task {samples[0].task} has no sample in {', '.join(wanted)}; it has {there}")
    return kept


def _summarise_task(samples: Sequence[Sample], how: Summary) -> TaskResult:
    grid = build_grid(samples, _languages_of(samples, how.languages))
    kind = samples[0].kind
    primary = as_normalisation(how.primary.get(samples[0].task, "byte")) if kind == "choice" else None
    choices = decide_choices(grid, primary, how.ties) if primary else None
    correct = choices.correct if choices else generation_correctness(grid)
    scores = normalised_scores(grid, primary) if primary and not np.isnan(grid.sums).all() else None
    blocks = {"accuracy": correct, "written": language_consistency_columns(grid)}
    if kind == "generation":
        blocks["in_language"] = correct_in_language_columns(grid)
    passes = sizes(grid.n_draws) if kind == "generation" else []
    blocks |= {f"pass@{k}": pass_columns(grid, k) for k in passes}
    if passes:
        blocks["majority"] = majority_columns(grid)
    several = len(grid.languages) > 1
    if several:
        blocks |= consistency_blocks(grid, correct, choices, scores, how.ties)
    items = ItemStatistics(blocks, seed=how.seed, resamples=how.resamples)
    by_normalisation = _by_normalisation(grid, primary, how.ties) if primary else {}
    rows = [_row(grid, j, correct, choices, items, by_normalisation, passes) for j in range(len(grid.languages))]
    result = TaskResult(
        kind=kind, version=samples[0].task_version, n_items=len(grid.item_ids),
        n_scored=sum(_decided(grid, j) for j in range(len(grid.languages))) - sum(row["n_unscored"] for row in rows),
        n_unscored=sum(row["n_unscored"] for row in rows),
        languages=list(grid.languages), primary=primary, rows=rows,
        means=language_means(grid.languages, how.seen_languages, items),
        weighted=_weighted(grid, correct, how),
        order_changes=_order_changes(by_normalisation, primary),
        groups=group_results(grid, correct, seed=how.seed, resamples=how.resamples),
        consistency=summarise_consistency(grid, correct, choices, items, how.seed) if several else None,
        warnings=[],
    )  # fmt: skip
    result["warnings"] = warnings_of(result, asked=how.languages)
    return result


def _row(
    grid: TaskGrid, j: int, correct: Floats, choices: Choices | None, items: ItemStatistics,
    by_normalisation: Mapping[str, Floats], passes: Sequence[int],
) -> LanguageRow:  # fmt: skip
    column = grid.column(j) if choices is None else [cell for row in grid.cells if (cell := row[j]) is not None]
    reasons = _reasons(grid, j, correct, choices)
    n, unscored = len(column), sum(reasons.values())
    right = float(np.nansum(correct[:, j])) if choices else sum(completion_verdict(each) is True for each in column)
    rates = generation_rates(column)
    finished = proportion(rates.finished_correct, rates.finished) if rates and rates.finished else None
    repeated = bool(passes)
    if finished is not None and repeated:  # completions of one item are not independent
        finished = Estimate(value=finished.value, low=None, high=None, n=finished.n, method="none: several an item")
    return LanguageRow(
        lang=grid.languages[j],
        n=sum(bool(row[j]) for row in grid.draws),
        n_draws=grid.n_draws,
        n_unscored=unscored,
        unscored_reasons=reasons,
        accuracy=estimate_json(items.bounded_mean_of("accuracy", [j]) if repeated else items.share("accuracy", j)),
        bounds=[right / n, (right + unscored) / n] if unscored > UNSCORED_LIMIT * n else None,
        by_normalisation={name: number(values[j]) for name, values in by_normalisation.items()},
        chance=number(chance_accuracy(grid)[j]),
        positions=position_effect([row[j] for row in grid.draws if row[j]]) if choices else None,
        pass_at={str(k): estimate_json(items.bounded_mean_of(f"pass@{k}", [j])) for k in passes},
        majority=estimate_json(items.bounded_mean_of("majority", [j])) if repeated else None,
        truncated=rates.truncated if rates else None,
        unparsed=rates.unparsed if rates else None,
        extraction_paths=_paths(column) if rates else {},
        correct_in_language=estimate_json(items.bounded_mean_of("in_language", [j])) if rates else None,
        finished_only=estimate_json(finished),
        mean_tokens=rates.mean_tokens if rates else None,
        mean_chars=rates.mean_chars if rates else None,
        language_consistency=language_consistency_json(column, items, j),
    )


def _decided(grid: TaskGrid, j: int) -> int:
    """Return how many answers have a verdict or lack one that they should have; those for a judge are neither."""
    answers = [each for row in grid.draws for each in (row[j][:1] if row[j] and row[j][0].kind == "choice" else row[j])]
    return sum(each.unscored_reason != AWAITS_JUDGE for each in answers)


def _weighted(grid: TaskGrid, correct: Floats, how: Summary) -> WeightedJson | None:
    """Return the weighted accuracy of every language and over all of them; None for a task without weights."""
    samples = [next(cell for cell in row if cell is not None) for row in grid.cells]
    weighting = how.weightings.get(samples[0].task)
    if weighting is None:
        return None
    labels = [str(sample.grouping().get(weighting.key, "")) for sample in samples]

    def estimate(columns: Floats) -> EstimateJson | None:
        found = weighted_accuracy(columns, labels, weighting.weights, seed=how.seed, resamples=how.resamples)
        return estimate_json(found)

    return WeightedJson(
        name=weighting.name, key=weighting.key, weights=dict(weighting.weights),
        rows={lang: estimate(correct[:, j : j + 1]) for j, lang in enumerate(grid.languages)},
        mean=estimate(correct),
    )  # fmt: skip


def _paths(column: Sequence[Sample]) -> dict[str, int]:
    """Return how many completions gave their answer by each rule; `none` gave no answer."""
    found = Counter(sample.extraction_path or "none" for sample in column if sample.completion is not None)
    return dict(sorted(found.items()))


def _reasons(grid: TaskGrid, j: int, correct: Floats, choices: Choices | None) -> dict[str, int]:
    """Return how many answers of a language have no verdict, by reason."""
    reasons: Counter[str] = Counter()
    for i, row in enumerate(grid.draws):
        for each in row[j] if choices is None else row[j][:1]:
            if choices is None and completion_verdict(each) is None and each.unscored_reason != AWAITS_JUDGE:
                reasons[each.unscored_reason or "no score"] += 1
            elif choices is not None and np.isnan(correct[i, j]):
                reasons[TIE if choices.ties[i, j] else each.unscored_reason or "no score"] += 1
    return dict(sorted(reasons.items()))


def _by_normalisation(grid: TaskGrid, primary: Normalisation, ties: Ties) -> dict[str, Floats]:
    """Return accuracy per language under every normalisation that the stored scores allow; an answer letter has one."""
    found: dict[str, Floats] = {}
    for how in HIDDEN_OPTIONS if primary != "letter" else (primary,):
        if not np.isnan(normalised_scores(grid, how)).all():
            correct = decide_choices(grid, how, ties).correct
            known = ~np.isnan(correct)
            n = known.sum(axis=0)
            found[how] = np.where(n > 0, np.where(known, correct, 0.0).sum(axis=0) / np.maximum(n, 1), np.nan)
    return found


def _order_changes(by_normalisation: Mapping[str, Floats], primary: str | None) -> dict[str, int]:
    """Return, for each other normalisation, how many pairs of languages change places."""
    if primary is None or primary not in by_normalisation:
        return {}
    changes = {}
    headline = np.sign(np.subtract.outer(by_normalisation[primary], by_normalisation[primary]))
    for name, values in by_normalisation.items():
        if name != primary:
            changes[name] = int((headline * np.sign(np.subtract.outer(values, values)) < 0).sum() // 2)
    return changes
