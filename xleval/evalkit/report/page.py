"""Runs and findings -> one self-contained HTML file: no network, every text of a model or data set escaped."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from xleval.data.storage import write_atomically
from xleval.errors import ConfigError, DataError
from xleval.evalkit.report.contents import Findings, ReportRun
from xleval.evalkit.report.context import page_context
from xleval.evalkit.report.example_source import MemorySource
from xleval.evalkit.report.examples import ITEMS
from xleval.evalkit.report.rendering import asset, render
from xleval.evalkit.results_schema import SCHEMA, Results, TaskResult
from xleval.evalkit.samples import Sample

#: The object of a run's `results.json`, and the samples from which examples are taken (may be empty).
Scored = tuple[Results | Mapping[str, Any], Sequence[Sample]]


def write_report(
    runs: Sequence[ReportRun | Scored],
    path: Path,
    *,
    findings: Findings | None = None,
    title: str = "",
    items: int = ITEMS,
) -> None:
    """Write the report of runs as one HTML file, whole or not at all; the same runs give the same bytes.

    Args:
        runs: `ReportRun` records, or pairs of results and samples.
        path: the file.
        findings: what other commands found, to be shown beside the runs.
        title: of the page; by default the names of the runs.
        items: items of each task to show as examples, at most.

    Raises:
        ConfigError: nothing to report on.
        DataError: results of another schema, samples that cannot be read, or the file cannot be written.
    """
    found = findings or Findings()
    if not runs and found == Findings():
        raise ConfigError("a report needs at least one run: name the folders that `xleval run` wrote")
    checked = [_checked(run) for run in runs]
    context = page_context(checked, found, items)
    named = title or ", ".join(dict.fromkeys(run.name for run in checked)) or _other_title(found)
    # A lone surrogate, which broken tokenizers do produce, must not stop the report.
    write_atomically(path, _page(named, context).encode("utf-8", "replace"))


def _other_title(findings: Findings) -> str:
    if findings.curves:
        return findings.curves["name"]
    models = dict.fromkeys(model["name"] for probe in findings.probes for model in probe["models"])
    return f"Inside {', '.join(models)}" if models else "Transfer between languages"


def _checked(run: ReportRun | Scored) -> ReportRun:
    if isinstance(run, ReportRun):
        record = run
    else:
        results, samples = run
        record = ReportRun(results=cast(Results, results), source=MemorySource(samples))
    found = record.results.get("schema")
    if found != SCHEMA:
        raise DataError(f"a report needs results of the schema {SCHEMA}, found {found!r}: run or rescore again")
    for task, result in record.results["tasks"].items():
        missing = sorted(TaskResult.__required_keys__ - result.keys())
        if missing:
            raise DataError(
                f"results of {task} have no {missing[0]}: an older xleval wrote them; xleval rescore makes them anew"
            )
    return record


def _page(title: str, context: dict[str, Any]) -> str:
    return render("page.html", title, context, script=asset("filters.js") if context["examples"] else "")
