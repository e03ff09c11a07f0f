"""`xleval report`: one page of one or more runs, with what other commands found; figures and tables for papers."""

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xleval.commands.help_page import Command
from xleval.console import FOLDER
from xleval.errors import ConfigError, DataError, XlevalError

if TYPE_CHECKING:
    from xleval.evalkit.probe_schema import ProbeJson
    from xleval.evalkit.report import Findings
    from xleval.evalkit.saved_run import SavedRun

_FILE = click.Path(path_type=Path, dir_okay=False)
_CHECKPOINT = re.compile(r"(?:checkpoint|global_step)[-_](\d+)(?:$|[/\\])")


@click.command(cls=Command)
@click.argument("runs", type=FOLDER, nargs=-1)
@click.option("--out", type=_FILE, required=True, help="The HTML file to write.")
@click.option("--figures", type=FOLDER, help="Also write every chart as PNG and SVG into this folder.")
@click.option("--tables", type=FOLDER, help="Also write every table as CSV and LaTeX into this folder.")
@click.option(
    "--step",
    "steps",
    multiple=True,
    metavar="RUN=N",
    help="Training step of a run's checkpoint; can be repeated.  [default: from checkpoint-N in the model's path]",
)
@click.option("--transfer", type=_FILE, help="Show this file of `xleval transfer --out`.")
@click.option(
    "--curves",
    type=click.Path(path_type=Path),
    help="Show this curves.json of `xleval watch` or `xleval train`, or the one in this folder.",
)
@click.option(
    "--probe",
    "probes",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Show this probe.json of `xleval probe`, or the one in this folder; can be repeated.",
)
@click.option(
    "--examples", type=click.IntRange(0, 200), default=8, show_default=True, help="Items of each task to show."
)
@click.option("--title", default="", help="Title of the page.  [default: the names of the runs]")
@click.option(
    "--resamples",
    type=click.IntRange(min=1000),
    default=10_000,
    show_default=True,
    help="Resamples of the paired comparison.",
)
def report(
    runs: tuple[Path, ...],
    out: Path,
    figures: Path | None,
    tables: Path | None,
    steps: tuple[str, ...],
    transfer: Path | None,
    curves: Path | None,
    probes: tuple[Path, ...],
    examples: int,
    title: str,
    resamples: int,
) -> None:
    """Write a page of RUNS: with two or more, the first is the baseline of a paired comparison."""
    from xleval.evalkit.figures.draw import check_drawing
    from xleval.evalkit.figures.files import write_figures, write_tables
    from xleval.evalkit.report import ReportRun, write_report
    from xleval.evalkit.report.contents import contents_of
    from xleval.evalkit.report.example_source import FileSource
    from xleval.evalkit.run_folder import SAMPLES
    from xleval.evalkit.saved_run import load_runs

    if not runs and not transfer and not curves and not probes:
        raise ConfigError(
            "nothing to report on: name the folders of runs, or --transfer FILE, or --curves FILE, or --probe FOLDER"
        )
    if figures:
        check_drawing()
    saved = load_runs(runs)
    step_of = _steps(saved, steps)
    findings = replace(_findings(saved, transfer, curves, resamples), probes=_probes(probes))
    records = [
        ReportRun(
            results=run.results, source=FileSource(run.folder / SAMPLES), manifest=run.manifest,
            label=run.label if len(saved) > 1 else "", step=step_of.get(run.label),
        )
        for run in saved
    ]  # fmt: skip
    write_report(records, out, findings=findings, title=title, items=examples)
    click.echo(f"{out}", err=True)
    contents = contents_of(records, findings)
    if figures:
        click.echo(f"{figures}: {len(write_figures(contents.charts(), figures))} figures", err=True)
    if tables:
        click.echo(f"{tables}: {len(write_tables(contents.tables(), tables))} tables", err=True)


def _steps(saved: "list[SavedRun]", given: tuple[str, ...]) -> dict[str, int]:
    """Return the training step of each run by its label, as given or as its model's path says it."""
    found = {}
    for run in saved:
        match = _CHECKPOINT.search(run.results["model"])
        if match:
            found[run.label] = int(match[1])
    told: set[str] = set()
    for text in given:
        name, equals, number = text.rpartition("=")
        if not equals or not number.strip().isdigit():
            raise ConfigError(f"--step {text!r} is not RUN=N; write it like runs/base=0")
        # A run may be named as on the command line or by its label in tables.
        named = [
            run.label
            for run in saved
            if name in (run.label, str(run.folder)) or Path(name).resolve() == run.folder.resolve()
        ]
        if not named:
            raise ConfigError(f"--step {text!r} names no run here; runs: {', '.join(run.label for run in saved)}")
        if named[0] in told:
            raise ConfigError(f"--step names {named[0]} twice; give each run one step")
        told.add(named[0])
        found[named[0]] = int(number)
    return found


def _findings(saved: "list[SavedRun]", transfer: Path | None, curves: Path | None, resamples: int) -> "Findings":
    from xleval.evalkit.compare.comparison import CompareOptions, compare_runs
    from xleval.evalkit.curves_schema import CURVES, CurvesJson
    from xleval.evalkit.curves_schema import SCHEMA as CURVES_SCHEMA
    from xleval.evalkit.report import Findings
    from xleval.evalkit.transfer.schema import SCHEMA as TRANSFER
    from xleval.evalkit.transfer.schema import Transfer

    comparison, why_not = None, ""
    if len(saved) > 1:
        try:
            comparison = compare_runs(
                saved, CompareOptions(resamples=resamples), say=lambda step: click.echo(step, err=True)
            )
        except XlevalError as error:  # runs that cannot be compared are still shown, with the reason
            why_not = str(error)
    return Findings(
        comparison=comparison,
        not_compared=why_not,
        transfer=_read(transfer, Transfer, TRANSFER, "xleval transfer --out"),
        curves=_read(
            curves / CURVES if curves and curves.is_dir() else curves, CurvesJson, CURVES_SCHEMA,
            "xleval watch or xleval train",
        ),
    )  # fmt: skip


def _probes(paths: tuple[Path, ...]) -> "tuple[ProbeJson, ...]":
    from xleval.evalkit.probe_schema import PROBE, SCHEMA, ProbeJson

    files = [path / PROBE if path.is_dir() else path for path in paths]
    twice = [str(path) for path, file in zip(paths, files, strict=True) if files.count(file) > 1]
    if twice:
        raise ConfigError(f"--probe names {twice[0]} twice; name each probe once")
    return tuple(_read(file, ProbeJson, SCHEMA, "xleval probe") for file in files)


def _read(path: Path | None, shape: Any, schema: str, command: str) -> Any:
    """Return the object of a file that another command wrote; None without a file."""
    from xleval.data.storage import read_json
    from xleval.evalkit.shapes import unlike

    if path is None:
        return None
    found = read_json(path)
    if found.get("schema") != schema:
        raise DataError(f"{path}: schema {found.get('schema')!r}; needed is {schema}, as {command} writes it")
    if problem := unlike(found, shape):
        raise DataError(f"{path}: {problem}, which {schema} does not have so; write it anew with {command}")
    return found
