"""What the page's templates are given: drawn charts, tables, lines and examples of every part."""

from collections.abc import Sequence
from typing import Any

from xleval.data.languages import LANGUAGES
from xleval.evalkit.claims import Refusal, refused_claims
from xleval.evalkit.curves_schema import CurvesJson
from xleval.evalkit.figures.chart import HeatMap
from xleval.evalkit.figures.of_tables import in_language
from xleval.evalkit.report.command import command_of
from xleval.evalkit.report.contents import Contents, Findings, Part, ReportRun, TaskPart, contents_of
from xleval.evalkit.report.drawing import Drawing
from xleval.evalkit.report.examples import examples_of
from xleval.evalkit.report.probe_section import probes_section
from xleval.evalkit.report.provenance import provenance_of, shown
from xleval.evalkit.report.tied_choices import ScoringRule
from xleval.evalkit.sentences import (
    consistency_lines,
    contrast_lines,
    fact_lines,
    leave_one_out_lines,
    mean_over_tasks_lines,
    path_lines,
    position_lines,
    weighted_lines,
)
from xleval.evalkit.tables import how_asked

_TIES = [
    "where the best options are tied, the first of them counts (--ties published: to reproduce a published figure)"
]
_MAPS = ("-counts", "-rankc", "-agreement", "-overlap")


def page_context(runs: Sequence[ReportRun], findings: Findings, items: int) -> dict[str, Any]:
    """Return what the templates are given, by name; a part that is not there is None or empty."""
    contents, draw = contents_of(runs, findings), Drawing()
    refused = refused_claims([run.results for run in runs]) if runs else []
    context: dict[str, Any] = {
        "comparison": _comparison(findings, contents, draw, refused),
        "refused": refused,
        "not_compared": findings.not_compared,
        "beside": [draw(chart) for chart in contents.beside.charts],
        "steps": _steps(runs, contents, draw),
        "transfer": {
            "found": findings.transfer, "gains": draw.part(contents.gains), **draw.part(contents.transfer)
        }
        if findings.transfer else None,
        "curves": _curves(findings.curves, contents.curves, draw) if findings.curves else None,
        "probes": probes_section(findings.probes, contents.probes, draw),
        "runs": [
            _run(number, run, tasks, draw)
            for number, (run, tasks) in enumerate(zip(runs, contents.runs, strict=True), start=1)
        ],
        "examples": _examples(runs, items),
    }  # fmt: skip
    with_language = any(task["in_language"] is not None for run in context["runs"] for task in run["tasks"])
    return {**context, "parts": _parts(context), "with_language": with_language}


def _parts(context: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the links at the top of the page."""
    words = {
        "steps": "Over training", "comparison": "Paired comparison", "beside": "Runs beside each other",
        "transfer": "Transfer", "curves": "Training as it runs", "probes": "Inside the model",
    }  # fmt: skip
    found = [("overview", "Overview"), ("refused", "What these figures do not say")] if context["runs"] else []
    found += [(name, said) for name, said in words.items() if context[name]]
    for run in context["runs"]:
        if len(context["runs"]) > 1:
            found.append((run["id"], run["label"]))
        else:
            found += [(task["id"], task["name"]) for task in run["tasks"]]
    found += [("examples", "Examples")] if context["examples"] else []
    return found + ([("provenance", "Provenance")] if context["runs"] else [])


def _run(number: int, run: ReportRun, tasks: Sequence[TaskPart], draw: Drawing) -> dict[str, Any]:
    results = run.results
    return {
        "id": f"run{number}",
        "label": run.name,
        "results": results,
        "lines": mean_over_tasks_lines(results) + contrast_lines(results),
        "signature": [(key, shown(value)) for key, value in sorted(results["signature"].items())],
        "provenance": provenance_of(run),
        "command": command_of(results),
        "tasks": [_task(f"run{number}-task{k}", run, task, draw) for k, task in enumerate(tasks, start=1)],
    }


def _task(name: str, run: ReportRun, task: TaskPart, draw: Drawing) -> dict[str, Any]:
    result, block = task.result, task.result["consistency"]
    maps = [chart for chart in task.charts if chart.name.endswith(_MAPS)]
    further = [chart for chart in task.charts if isinstance(chart, HeatMap) and chart not in maps]
    return {
        "id": name,
        "name": task.name,
        "said": f"{task.name}, {run.name}",
        "result": result,
        "how": how_asked(run.results["signature"], task.name),
        "lines": (_TIES if run.results["ties"] == "published" and result["kind"] == "choice" else [])
        + weighted_lines(result)
        + position_lines(result)
        + path_lines(result)
        + fact_lines(result)
        + leave_one_out_lines(result),
        "consistency_lines": consistency_lines(block) if block else [],
        "charts": [draw(chart) for chart in task.charts if chart not in maps and chart not in further],
        "maps": [draw(chart) for chart in maps],
        "further": [draw(chart) for chart in further],
        "tables": task.tables,
        "in_language": in_language(result),
    }


def _comparison(
    findings: Findings, contents: Contents, draw: Drawing, refused: Sequence[Refusal]
) -> dict[str, Any] | None:
    found = findings.comparison
    if found is None:
        return None
    charts = {chart.name: draw(chart) for chart in contents.comparison.charts}
    tables = {table.name: table for table in contents.comparison.tables}
    pairs = []
    for number, pair in enumerate(found["pairs"], start=1):
        tasks = []
        for task in pair["tasks"]:
            name = f"compare{number}-{task['task']}"
            named = [tables[key] for key in (name, f"{name}-exploratory") if key in tables]
            tasks.append({"found": task, "charts": [charts[name]] if name in charts else [], "tables": named})
        pairs.append({"found": pair, "tasks": tasks})
    said = {(refusal.claim, refusal.reason) for refusal in refused}
    further = [each for each in found["refused"] if (each["claim"], each["reason"]) not in said]
    return {"found": found, "pairs": pairs, "refused": further}


def _steps(runs: Sequence[ReportRun], contents: Contents, draw: Drawing) -> dict[str, Any] | None:
    if not contents.steps.charts:
        return None
    with_step = sorted((run.step, run.name) for run in runs if run.step is not None)
    said = "Checkpoints: " + ", ".join(f"{name} (step {step})" for step, name in with_step) + "."
    others = [run.name for run in runs if run.step is None]
    said += f" Without a step, and not drawn: {', '.join(others)}." if others else ""
    return {"said": said, **draw.part(contents.steps)}


def _curves(curves: CurvesJson, part: Part, draw: Drawing) -> dict[str, Any]:
    files = curves["files"]
    trouble = [
        f"{note['file']}: {kind}, {note['reason']}"
        for kind, notes in (
            ("damaged", files["damaged"]),
            ("still written", files["waiting"]),
            ("replaced", files["replaced"]),
        )
        for note in notes
    ]
    if curves["rejected"]["n"]:
        first = "; ".join(f"{note['file']}: {note['reason']}" for note in curves["rejected"]["first"])
        trouble.append(f"rows that cannot be used: {curves['rejected']['n']}; {first}")
    return {"found": curves, "trouble": trouble, "too_few": _too_few(curves), **draw.part(part)}


def _too_few(curves: CurvesJson) -> str:
    """Return why no warning could have been given, where no language has points enough for one."""
    needed = curves["warning_options"].get("min_points", 0)
    most = max((sum(at["lang"] == lang for at in curves["points"]) for lang in curves["languages"]), default=0)
    return f": none is possible with {most} steps, {needed:g} are needed" if most < needed else ""


def _examples(runs: Sequence[ReportRun], items: int) -> dict[str, Any] | None:
    sources = [run.source for run in runs if run.source is not None]
    if len(sources) < len(runs) or not runs:
        return None
    languages: dict[str, list[str]] = {}
    for run in runs:
        for task, result in run.results["tasks"].items():
            of_task = languages.setdefault(task, [])
            of_task += [lang for lang in result["languages"] if lang not in of_task]
    found = examples_of(sources, languages, items, [_rules(run) for run in runs])
    if not found:
        return None
    codes = list(dict.fromkeys(asked.lang for example in found for asked in example.languages))
    verdicts = {answer.verdict for example in found for asked in example.languages for answer in asked.answers}
    tasks = list(dict.fromkeys(example.task for example in found))
    return {
        "numbers": {code: k for k, code in enumerate(codes)},
        "languages": [{"number": k, "name": _named(code)} for k, code in enumerate(codes)],
        "verdicts": [verdict for verdict in ("right", "tied", "wrong", "cut", "unscored") if verdict in verdicts],
        "tasks": [
            {
                "number": k,
                "name": task,
                "primary": _primary(runs, task),
                "score": "score of its letter" if _primary(runs, task) == "letter" else "sum of log-probabilities",
                "found": [example for example in found if example.task == task],
            }
            for k, task in enumerate(tasks)
        ],
    }


def _rules(run: ReportRun) -> dict[str, ScoringRule]:
    return {
        task: ScoringRule(primary=result["primary"], ties=run.results["ties"])
        for task, result in run.results["tasks"].items()
    }


def _primary(runs: Sequence[ReportRun], task: str) -> str:
    """Return the normalisation that chooses the options of a task, where all runs have the same."""
    found = {run.results["tasks"][task]["primary"] for run in runs if task in run.results["tasks"]}
    return (found.pop() or "") if len(found) == 1 else ""


def _named(code: str) -> str:
    return f"{LANGUAGES[code].english_name} ({code})" if code in LANGUAGES else code
