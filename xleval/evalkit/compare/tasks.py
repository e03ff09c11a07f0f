"""One task of two sides: the items and languages in common, its rows, its exploratory figures, its text."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from xleval.errors import DataError
from xleval.evalkit.compare.detectors import CommonDetector, with_common_detector
from xleval.evalkit.compare.differences import Draws, differences
from xleval.evalkit.compare.figures import Figure, completions_of, figures_of, item_tables, leave_one_out, table_of
from xleval.evalkit.compare.language_sentences import language_rule, language_sentences
from xleval.evalkit.compare.languages import difference_json, language_rows
from xleval.evalkit.compare.pairing import TaskOfRun, check_same_data, common_items, rows_of, task_of_run
from xleval.evalkit.compare.refused import only_compared
from xleval.evalkit.compare.repeated import over_completions
from xleval.evalkit.compare.schema import FigureComparison, OverlapJson, TaskComparison
from xleval.evalkit.compare.sentences import notes, sentences, without_value
from xleval.evalkit.compare.unlike import unlike_settings_of
from xleval.evalkit.metrics.grid import Floats
from xleval.evalkit.results_schema import MeanJson
from xleval.evalkit.samples import Sample
from xleval.evalkit.saved_run import SavedRun
from xleval.evalkit.score_signature import score_signature
from xleval.evalkit.statistics import PairedEstimate

Side = tuple[str, Sequence[SavedRun]]
_NAMED = 10  # items in one run only that are named
_NO_VALUE = "no item counts in both"


class NotComparable(Exception):
    """A task that two sides both have and that cannot be compared; the message says why."""


class TaskReader:
    """Tasks of runs as arrays; the samples of a run are read once.

    Args:
        say: is told what is being read.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._samples: dict[str, dict[str, list[Sample]]] = {}

    def languages(self, run: SavedRun, task: str) -> list[str]:
        """Return the languages that a run has samples of, in the order of its results."""
        found = {sample.lang for sample in self._of(run).get(task, ())}
        return [lang for lang in run.results["tasks"][task]["languages"] if lang in found]

    def samples(self, run: SavedRun, task: str) -> list[Sample]:
        """Return the samples of a task of a run, without texts.

        Raises:
            DataError: they are damaged.
        """
        return self._of(run)[task]

    def _of(self, run: SavedRun) -> dict[str, list[Sample]]:
        if run.label not in self._samples:
            self._say(f"reading {run.label}")
            tasks: dict[str, list[Sample]] = {}
            for sample in run.samples(texts=False):
                tasks.setdefault(sample.task, []).append(sample)
            self._samples[run.label] = tasks
        return self._samples[run.label]


def compare_task(
    task: str, first: Side, second: Side, wanted: Sequence[str], draws: Draws, alpha: float, reader: TaskReader
) -> TaskComparison:
    """Return the comparison of one task that all runs have.

    Args:
        task: its name.
        first, second: label and runs of each side.
        wanted: the language set S; empty for all languages.
        draws: of the bootstrap.
        alpha: level of the verdicts.
        reader: of the runs.

    Raises:
        NotComparable: no language or item in common, kinds that differ, or data that differ.
    """
    runs = [*first[1], *second[1]]
    languages, left_out = _languages(runs, task, wanted, reader)
    named = languages if wanted else ()
    unlike = [each for run in runs[1:] for each in unlike_settings_of(runs[0].results, run.results, task, named)]
    detector = with_common_detector(runs, [reader.samples(run, task) for run in runs])
    read, items = _on_common_items(runs, detector.samples, task, languages, prompts=not unlike)
    sides = read[: len(first[1])], read[len(first[1]) :]
    tables = [[detector.allowed(item_tables(each, rows_of(each, items))) for each in side] for side in sides]
    rows = language_rows((sides[0], tables[0]), (sides[1], tables[1]), draws=draws, alpha=alpha, alike=not unlike)
    result = runs[0].results["tasks"][task]
    figures = (
        [] if unlike else _figures(figures_of(result["kind"], languages, _means(runs, task)), tables, detector, draws)
    )
    # What neither has a value of is no row, but one sentence; what is refused keeps its reason.
    silent = [each for each in figures if not each["difference"] and each["reason"] == _NO_VALUE]
    found = TaskComparison(
        task=task, version=result["version"], kind=result["kind"], primary=result["primary"],
        status="unlike" if unlike else "compared", unlike=list(dict.fromkeys(unlike)), languages=languages,
        left_out=left_out, items=_overlap(sides[0], sides[1], items), family=0 if unlike else len(rows), rows=rows,
        figures=[each for each in figures if each not in silent],
        text=[], notes=[], signatures=[],
    )  # fmt: skip
    found["signatures"] = _signatures(runs, found)
    found["text"] = sentences(found, first[0], second[0])
    found["text"] += language_sentences(found, first[0], second[0], alpha=alpha)
    found["notes"] = notes(found, first[0], second[0], seeds=(len(first[1]), len(second[1])), alpha=alpha)
    found["notes"] += language_rule(found)
    found["notes"] += without_value(silent)
    found["notes"] += [detector.note] if detector.note and not unlike else []
    found["notes"] += [f"Language figures are not compared: {detector.refusal}."] if detector.refusal else []
    return found


def _on_common_items(
    runs: Sequence[SavedRun],
    samples: Sequence[Sequence[Sample]],
    task: str,
    languages: Sequence[str],
    *,
    prompts: bool,
) -> tuple[list[TaskOfRun], list[str]]:
    """Return the task of every run, and the items that all of them have; the data are checked to be the same."""
    kinds = {run.results["tasks"][task]["kind"] for run in runs}
    if len(kinds) > 1:
        raise NotComparable(f"it is a choice in one run and a generation in another ({', '.join(sorted(kinds))})")
    read = [task_of_run(run, task, each, languages) for run, each in zip(runs, samples, strict=True)]
    items = common_items(read)
    if not items:
        raise NotComparable(f"no item in common ({read[0].grid.item_ids[0]} …, {read[-1].grid.item_ids[0]} …)")
    silent = [each.label for each in read if np.isnan(each.correct).all()]
    if silent:
        raise NotComparable(f"no answer has a verdict in {', '.join(silent)}: xleval judge compares what needs a judge")
    try:
        for each in read[1:]:
            check_same_data(read[0], each, items, prompts=prompts)
    except DataError as error:
        raise NotComparable(str(error)) from error
    return read, items


def _languages(
    runs: Sequence[SavedRun], task: str, wanted: Sequence[str], reader: TaskReader
) -> tuple[list[str], dict[str, str]]:
    """Return the languages that all runs have samples of, and why others are left out."""
    there = [reader.languages(run, task) for run in runs]
    asked = list(wanted) or list(dict.fromkeys(lang for found in there for lang in found))
    missing = {lang: [run.label for run, found in zip(runs, there, strict=True) if lang not in found] for lang in asked}
    left_out = {lang: f"not in {', '.join(labels)}" for lang, labels in missing.items() if labels}
    languages = [lang for lang in asked if lang not in left_out]
    if not languages:
        raise NotComparable(f"no language in common ({'; '.join(f'{k} {v}' for k, v in left_out.items())})")
    return languages, left_out


def _means(runs: Sequence[SavedRun], task: str) -> list[MeanJson]:
    """Return the named means of the first run that knows which languages were seen in training; else of the first."""
    found = [run.results["tasks"][task]["means"] for run in runs]
    return next((means for means in found if any("seen" in mean["name"] for mean in means)), found[0])


def _overlap(first: Sequence[TaskOfRun], second: Sequence[TaskOfRun], items: Sequence[str]) -> OverlapJson:
    common = set(items)
    one, two = (sorted({item for run in side for item in run.grid.item_ids} - common) for side in (first, second))
    return OverlapJson(
        n_common=len(items), n_first_only=len(one), n_second_only=len(two), first_only=one[:_NAMED],
        second_only=two[:_NAMED],
    )  # fmt: skip


def _figures(
    figures: Sequence[Figure], tables: Sequence[Sequence[Mapping[str, Floats]]], detector: CommonDetector, draws: Draws
) -> list[FigureComparison]:
    n_items = len(tables[0][0]["accuracy"])
    sides = [[[table_of(figure, each, n_items) for each in side] for figure in figures] for side in tables]
    estimates = differences(sides[0], sides[1], draws)
    if all(len(side) == 1 for side in tables):
        estimates = [
            over_completions(each, completions_of(figure, tables[0][0]), completions_of(figure, tables[1][0]), draws)
            for figure, each in zip(figures, estimates, strict=True)
        ]
    return [
        _figure(figure, estimate, one[0] if len(one) == len(two) == 1 else None, two[0], detector.reason(figure.table))
        for figure, estimate, one, two in zip(figures, estimates, sides[0], sides[1], strict=True)
    ]


def _figure(
    figure: Figure, estimate: PairedEstimate | None, first: Floats | None, second: Floats, refusal: str | None
) -> FigureComparison:
    without = leave_one_out(figure, first, second) if first is not None else None
    return FigureComparison(
        key=figure.key, figure=figure.words, languages=list(figure.languages),
        first=estimate.first if estimate else None, second=estimate.second if estimate else None,
        difference=difference_json(estimate), reason=None if estimate else refusal or _NO_VALUE,
        leave_one_out=list(without) if without else None,
    )  # fmt: skip


def _signatures(runs: Sequence[SavedRun], found: TaskComparison) -> list[str]:
    """Return the signature of the scores of each run, each once: of runs that compare there is one."""
    lines = [score_signature(only_compared(run.results, {found["task"]: found}), found["task"], "acc") for run in runs]
    return list(dict.fromkeys(lines))
