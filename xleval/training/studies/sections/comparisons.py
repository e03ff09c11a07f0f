"""Arms against each other: paired differences of all arms on one axis, and what every language says."""

from collections.abc import Sequence
from typing import cast

from xleval.evalkit.compare.schema import Comparison, DifferenceJson, PairJson, TaskComparison
from xleval.evalkit.compare.sentences import sentences
from xleval.evalkit.figures.chart import Chart, Difference, DifferenceChart
from xleval.evalkit.figures.of_comparison import comparison_charts, comparison_tables
from xleval.evalkit.figures.table import Cell, Column, Table, columns_of
from xleval.evalkit.report.section import Section
from xleval.training.studies.found import Found
from xleval.training.studies.sections.figures import subject
from xleval.training.studies.sections.renamed import renamed_charts, renamed_tables

Pairs = Sequence[tuple[str, str]]
#: Key of a comparison's figure -> the heading of its column and what its chart says.
_MEANS = {
    "mean": "all languages",
    "mean/over these seen languages": "seen languages",
    "mean/over these unseen languages": "unseen languages",
}
#: More sentences than these are not read.
_SENTENCES = 6


def comparisons_section(
    found: Found, *, pairs: Pairs = (), name: str = "comparisons", title: str = "Arms against each other"
) -> Section | None:
    """Return the paired comparisons of (arm, other); None where none was made.

    Args:
        found: the study.
        pairs: those to show, in their order; empty for all.
        name, title: of the section.
    """
    shown = _pairs(found, pairs)
    tasks = list(dict.fromkeys(task["task"] for pair in shown for task in _tasks(found, pair)))
    if not tasks:
        return None
    details = [(pair, _renamed(found, pair)) for pair in shown]
    return Section(
        name=name, title=title, lines=tuple(_lines(found, shown)), tables=tuple(_table(found, name, task, shown) for task in tasks),
        charts=tuple(_means(found, name, tasks, shown)),
        further_tables=tuple(
            table
            for pair, comparison in details
            for table in renamed_tables(comparison_tables(comparison), f"{name}-{pair[0]}-{pair[1]}")
        ),
        further_charts=tuple(
            chart
            for pair, comparison in details
            for chart in renamed_charts(comparison_charts(comparison), f"{name}-{pair[0]}-{pair[1]}")
        ),
    )  # fmt: skip


def _means(found: Found, name: str, tasks: Sequence[str], pairs: Pairs) -> list[Chart]:
    """Return the differences of mean accuracy over all, seen and unseen languages, a chart each with all pairs."""
    charts: list[Chart] = []
    for task in tasks:
        for key, over in _MEANS.items():
            of = f"{task}: difference of mean accuracy over {over}"
            chart = differences_chart(found, f"{name}-{task}-{over.split()[0]}", of, task=task, pairs=pairs, key=key)
            charts += [chart] if chart else []
    return charts


def _lines(found: Found, pairs: Pairs) -> list[str]:
    """Return what the sentences are about, and the sentences of few pairs; of many the table says it all."""
    several = any(n > 1 for key in pairs for pair in found.comparisons[key]["pairs"] for n in pair["seeds"])
    about = (
        "Intervals and p go over training seeds, then items, where an arm has several seeds."
        if several
        else "Each arm has one training seed: the sentences are about these checkpoints, not about how they were trained."
    )
    said = [
        f"{pair['second']} against {pair['first']}: {line[:1].lower()}{line[1:]}"
        for key in pairs
        for pair in _renamed(found, key)["pairs"]
        for task in pair["tasks"]
        for line in task["text"][:1]
    ]
    return [about, *(said if len(said) <= _SENTENCES else ())]


def differences_chart(
    found: Found, name: str, title: str, *, task: str, pairs: Pairs = (), key: str = "mean"
) -> DifferenceChart | None:
    """Return one difference for each pair (arm, other), on one axis; None where there is none.

    Args:
        found: the study.
        name, title: of the chart.
        task: name.
        pairs: (arm, other); empty for all.
        key: of a figure of the comparison (`mean`, `total`, `rankc`, `in_language` ..), or a language's code.
    """
    differences = []
    is_language = False
    for pair in _pairs(found, pairs):
        for each in (each for each in _tasks(found, pair) if each["task"] == task):
            difference, verdict = _difference(each, key)
            is_language = is_language or verdict is not None
            if difference is not None:
                low, high = difference["low"], difference["high"]
                apart = low is not None and high is not None and (low > 0 or high < 0)
                decided = verdict in ("first", "second") if verdict is not None else apart
                differences.append(
                    Difference(
                        label=_label(found, pair), value=difference["value"], low=low, high=high, decided=decided
                    )
                )
    if not differences:
        return None
    filled = (
        "decided after Holm's correction over the languages"
        if is_language
        else "the interval leaves out 0; exploratory, not adjusted for the number of arms"
    )
    return DifferenceChart(
        name=name, title=title, differences=tuple(differences), sides=("the other", "the arm"),
        caption=f"Points, on the items that both scored, with 95 % intervals. Filled: {filled}.",
    )  # fmt: skip


def _difference(task: TaskComparison, key: str) -> tuple[DifferenceJson | None, str | None]:
    """Return a difference, and the verdict where it is a language's."""
    for row in task["rows"]:
        if row["lang"] == key or (key == "mean" and len(task["rows"]) == 1):
            return row["difference"], row["verdict"]
    return next((each["difference"] for each in task["figures"] if each["key"] == key), None), None


def _table(found: Found, name: str, task: str, pairs: Pairs) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for pair in pairs:
        for each in (each for each in _tasks(found, pair) if each["task"] == task):
            arm, other = (found.plan.arm(one).label for one in pair)
            means = [cast(Cell, _difference(each, key)[0]) for key in _MEANS]
            verdicts = [[row["lang"] for row in each["rows"] if row["verdict"] == verdict] for verdict in _VERDICTS]
            rows.append((arm, other, *means, *(", ".join(langs) or "–" for langs in verdicts)))
    heads = (
        *columns_of(Arm="text", Against="text"), *(Column(name=over.capitalize(), unit="points") for over in _MEANS.values()),
        *columns_of(More_often_right="text", Less_often_right="text", No_difference_shown="text", No_verdict="text"),
    )  # fmt: skip
    there = [k for k in range(len(heads)) if k not in (2, 3, 4) or any(row[k] is not None for row in rows)]
    return Table(
        name=f"{name}-{task}", columns=tuple(heads[k] for k in there), rows=tuple(tuple(row[k] for k in there) for row in rows),
        caption=f"{task}: the arm less the other, points of mean accuracy, and the languages in which one is right more often "
        "after Holm's correction over the languages of the pair.",
    )  # fmt: skip


_VERDICTS = ("second", "first", "undecided", "none")


def _pairs(found: Found, pairs: Pairs) -> list[tuple[str, str]]:
    return [pair for pair in (pairs or found.comparisons) if pair in found.comparisons]


def _tasks(found: Found, pair: tuple[str, str]) -> list[TaskComparison]:
    return [task for each in _renamed(found, pair)["pairs"] for task in each["tasks"]]


def _renamed(found: Found, pair: tuple[str, str]) -> Comparison:
    """Return a comparison whose sides are called as the study calls them, its sentences too."""
    comparison = found.comparisons[pair]
    pairs = []
    for each in comparison["pairs"]:
        first, second = (subject(found, arm, n) for arm, n in zip((pair[1], pair[0]), each["seeds"], strict=True))
        tasks = [cast(TaskComparison, {**task, "text": sentences(task, first, second)}) for task in each["tasks"]]
        pairs.append(cast(PairJson, {**each, "first": first, "second": second, "tasks": tasks}))
    return cast(Comparison, {**comparison, "pairs": pairs})


def _label(found: Found, pair: tuple[str, str]) -> str:
    arm, other = (found.plan.arm(one) for one in pair)
    return arm.label if other.role == "base" else f"{arm.name} − {other.name}"
