"""Runs -> one self-contained HTML file: no network, no scripts, every text of a model or data set escaped."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from xleval import __version__
from xleval.data.languages import LANGUAGES
from xleval.data.storage import write_atomically
from xleval.errors import ConfigError, DataError
from xleval.evalkit.report import svg
from xleval.evalkit.report.claims import refused_claims
from xleval.evalkit.report.command import command_of
from xleval.evalkit.report.examples import Example, choose_examples
from xleval.evalkit.results_schema import SCHEMA, Results, TaskResult
from xleval.evalkit.samples import Sample
from xleval.evalkit.tables import (
    consistency_lines,
    how_asked,
    mean_over_tasks_lines,
    path_lines,
    percent,
    position_lines,
    weighted_lines,
    with_interval,
)

if TYPE_CHECKING:
    from jinja2 import Environment


#: A run for the report: the object of its `results.json`, and the samples from which examples are taken (may be empty).
ReportRun = tuple[Results | Mapping[str, Any], Sequence[Sample]]


def write_report(runs: Sequence[ReportRun], path: Path) -> None:
    """Write the report of one or more runs as one HTML file, whole or not at all; the same runs give the same bytes.

    Raises:
        ConfigError: no runs.
        DataError: results of another schema, or the file cannot be written.
    """
    if not runs:
        raise ConfigError("a report needs at least one run: name the folders that `xleval run` wrote")
    checked = [(_checked(results), samples) for results, samples in runs]
    environment = _environment()
    style = files("xleval.evalkit.report").joinpath("style.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    html = environment.get_template("page.html").render(
        style=_safe(style),
        # Only this very style sheet may apply and no script may run, even if an escape were missed.
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        version=__version__,
        runs=[_run_context(number, *run) for number, run in enumerate(checked, start=1)],
        refusals=refused_claims([results for results, _ in checked]),
    )
    # A lone surrogate, which broken tokenizers do produce, must not stop the report.
    write_atomically(path, html.encode("utf-8", "replace"))


def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("xleval.evalkit.report", "."), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters.update(percent=percent, interval=with_interval, name=_language_name)
    return environment


def _checked(results: Results | Mapping[str, Any]) -> Results:
    found = results.get("schema")
    if found != SCHEMA:
        raise DataError(f"a report needs results of the schema {SCHEMA}, found {found!r}: run or rescore again")
    return cast(Results, results)


def _run_context(number: int, results: Results, samples: Sequence[Sample]) -> dict[str, Any]:
    return {
        "id": f"run{number}",
        "results": results,
        "mean_over_tasks": mean_over_tasks_lines(results),
        "signature": [(key, _shown(value)) for key, value in sorted(results["signature"].items())],
        "command": command_of(results),
        "tasks": [
            _task_context(f"run{number}-task{k}", task, result, samples, how_asked(results["signature"], task))
            for k, (task, result) in enumerate(results["tasks"].items(), start=1)
        ],
    }


def _task_context(
    name: str, task: str, result: TaskResult, samples: Sequence[Sample], how: Sequence[str]
) -> dict[str, Any]:
    block = result["consistency"]
    of_task = [sample for sample in samples if sample.task == task]
    examples: Mapping[str, list[Example]] = {lang: choose_examples(of_task, lang) for lang in result["languages"]}
    return {
        "id": name,
        "name": task,
        "result": result,
        "how": how,
        "lines": weighted_lines(result) + position_lines(result) + path_lines(result),
        "consistency_lines": consistency_lines(block) if block else [],
        "charts": _charts(name, result),
        "normalisations": [key for key in result["rows"][0]["by_normalisation"] if key != result["primary"]],
        "has_language": any(row["language_consistency"] for row in result["rows"]),
        "examples": [(lang, chosen) for lang, chosen in examples.items() if chosen],
    }


def _charts(name: str, result: TaskResult) -> dict[str, Any]:
    """Return the task's charts by name; None for those without figures."""
    bars = svg.accuracy_bars(result["rows"], chart_id=f"{name}-accuracy", title="Accuracy by language, 95 % intervals")
    charts = dict.fromkeys(("accuracy", "shares", "counts", "rankc", "agreement", "overlap"), "")
    charts["accuracy"] = bars
    shares = {
        row["lang"]: row["language_consistency"]["shares"]
        for row in result["rows"]
        if row["language_consistency"] and row["language_consistency"]["shares"]
    }
    if shares:
        title = "In which language the completions are written"
        charts["shares"] = svg.share_bars(shares, chart_id=f"{name}-shares", title=title)
    block = result["consistency"]
    if block:
        title = "Items right in exactly k languages"
        if block["total"]["n_items"]:
            charts["counts"] = svg.count_bars(block["total"]["histogram"], chart_id=f"{name}-counts", title=title)
        maps = {
            "rankc": (block["rankc"] and block["rankc"]["pairs"], "RankC"),
            "agreement": (block["agreement"] and block["agreement"]["pairs"], "Same answer"),
            "overlap": (block["overlap"], "Overlap of what is right (Jaccard)"),
        }
        for key, (pairs, title) in maps.items():
            if pairs:
                charts[key] = svg.heat_map(pairs["matrix"], block["languages"], chart_id=f"{name}-{key}", title=title)
    return {key: _safe(chart) if chart else None for key, chart in charts.items()}


def _safe(text: str) -> Any:
    """Mark text that this package made, and escaped itself, as HTML."""
    from markupsafe import Markup

    return Markup(text)


def _language_name(code: str) -> str:
    return LANGUAGES[code].english_name if code in LANGUAGES else code


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
