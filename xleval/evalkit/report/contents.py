"""What a report holds: its charts and tables by part, the same for the page, for figures and for table files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from xleval.evalkit.compare.schema import Comparison
from xleval.evalkit.curves_schema import CurvesJson
from xleval.evalkit.figures.chart import Chart
from xleval.evalkit.figures.of_comparison import comparison_charts, comparison_tables
from xleval.evalkit.figures.of_curves import curves_charts, curves_tables
from xleval.evalkit.figures.of_probe import probe_charts, probe_tables
from xleval.evalkit.figures.of_results import task_charts
from xleval.evalkit.figures.of_runs import runs_charts, step_charts
from xleval.evalkit.figures.of_tables import chart_tables, overview_table, task_tables
from xleval.evalkit.figures.of_transfer import gain_charts, transfer_charts
from xleval.evalkit.figures.of_transfer_tables import gain_tables, transfer_tables
from xleval.evalkit.figures.table import Table
from xleval.evalkit.probe_schema import ProbeJson
from xleval.evalkit.report.example_source import SampleSource
from xleval.evalkit.results_schema import Results, TaskResult
from xleval.evalkit.transfer.schema import Transfer


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRun:
    """A run as the report takes it.

    Attributes:
        results: the object of its `results.json`.
        source: its samples, from which examples are taken; None for a report without.
        manifest: the object of its `run.json`, for provenance; None where it is not known.
        label: what the report calls it; the model's name by default.
        step: of the training that it is a checkpoint of; None for another model.
    """

    results: Results
    source: SampleSource | None = None
    manifest: Mapping[str, Any] | None = None
    label: str = ""
    step: int | None = None

    @property
    def name(self) -> str:
        """The label, or the model's name where there is none."""
        return self.label or self.results["model"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What other commands found, to be shown beside the runs; each is None or empty where it is not wanted.

    `not_compared` says why several runs could not be compared.
    """

    comparison: Comparison | None = None
    not_compared: str = ""
    transfer: Transfer | None = None
    curves: CurvesJson | None = None
    probes: tuple[ProbeJson, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPart:
    """One task of one run."""

    name: str
    result: TaskResult
    charts: tuple[Chart, ...]
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Charts and tables that stand together."""

    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """All charts and tables of a report.

    `runs` holds for each run its tasks, `gains` each trained run of `transfer`, `probes` a part for each probe.
    """

    overview: Table | None
    runs: tuple[tuple[TaskPart, ...], ...]
    beside: Part = field(default_factory=Part)
    steps: Part = field(default_factory=Part)
    comparison: Part = field(default_factory=Part)
    transfer: Part = field(default_factory=Part)
    gains: Part = field(default_factory=Part)
    curves: Part = field(default_factory=Part)
    probes: tuple[Part, ...] = ()

    def charts(self) -> list[Chart]:
        """Return every chart, in the order of the page."""
        parts = (self.steps, self.comparison, self.beside, self.transfer, self.gains, self.curves, *self.probes)
        return [chart for part in parts for chart in part.charts] + [
            chart for tasks in self.runs for task in tasks for chart in task.charts
        ]

    def tables(self) -> list[Table]:
        """Return every table, in the order of the page; also the numbers behind heat maps and curves."""
        parts = (self.steps, self.comparison, self.transfer, self.gains, self.curves, *self.probes)
        found = [self.overview] if self.overview else []
        found += [table for part in parts for table in part.tables]
        for tasks in self.runs:
            for task in tasks:
                found += [*task.tables, *chart_tables(task.charts)]
        return found + chart_tables([*self.steps.charts, *(chart for part in self.probes for chart in part.charts)])


def contents_of(runs: Sequence[ReportRun], findings: Findings) -> Contents:
    """Return the charts and tables of runs and findings."""
    named = [(run.name, run.results) for run in runs]
    steps = [(run.step, run.results) for run in runs if run.step is not None]
    comparison, transfer, curves = findings.comparison, findings.transfer, findings.curves
    return Contents(
        overview=overview_table(named) if runs else None,
        runs=tuple(_tasks(number, run, len(runs)) for number, run in enumerate(runs, start=1)),
        beside=Part(charts=tuple(runs_charts(named))),
        steps=Part(charts=tuple(step_charts(steps))),
        comparison=Part(charts=tuple(comparison_charts(comparison)), tables=tuple(comparison_tables(comparison)))
        if comparison else Part(),
        transfer=Part(charts=tuple(transfer_charts(transfer)), tables=tuple(transfer_tables(transfer)))
        if transfer else Part(),
        gains=Part(charts=tuple(gain_charts(transfer)), tables=tuple(gain_tables(transfer))) if transfer else Part(),
        curves=Part(charts=tuple(curves_charts(curves)), tables=tuple(curves_tables(curves))) if curves else Part(),
        probes=_probes(findings.probes),
    )  # fmt: skip


def _probes(probes: Sequence[ProbeJson]) -> tuple[Part, ...]:
    """Return a part for each probe; of several of one kind, titles and captions of the later ones say which it is."""
    parts = []
    for number, probe in enumerate(probes):
        before = sum(earlier["kind"] == probe["kind"] for earlier in probes[:number])
        charts, tables = probe_charts(probe), probe_tables(probe)
        if before:
            which = f"{probe['kind']}, probe {before + 1}"
            charts = [replace(chart, title=f"{chart.title} ({which})") for chart in charts]
            tables = [replace(table, caption=f"{table.caption.rstrip('.')} ({which}).") for table in tables]
        parts.append(Part(charts=tuple(charts), tables=tuple(tables)))
    return tuple(parts)


def _tasks(number: int, run: ReportRun, n_runs: int) -> tuple[TaskPart, ...]:
    parts = []
    for task, result in run.results["tasks"].items():
        name = f"run{number}-{task}" if n_runs > 1 else task
        said = f"{task}, {run.name}" if n_runs > 1 else task
        parts.append(
            TaskPart(
                name=task, result=result, charts=tuple(task_charts(result, name, said)),
                tables=tuple(task_tables(result, name, said)),
            )
        )  # fmt: skip
    return tuple(parts)
