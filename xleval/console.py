"""What every command shares: options, progress on standard error, results on standard output, exit codes."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.progress import Progress

    from xleval.evalkit.results_schema import Results

FAILED, WRONG_USAGE, INCOMPLETE, STOPPED = 1, 2, 3, 130

FOLDER = click.Path(path_type=Path, file_okay=False)
out_option = click.option("--out", type=FOLDER, help="Output folder, new or empty.")
new_folder_option = click.option("--out", type=FOLDER, required=True, help="Output folder, new or empty.")
resume_option = click.option("--resume", is_flag=True, help="Go on with what the output folder holds.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")


def names(text: str | None) -> tuple[str, ...]:
    """Return names separated by commas, each once, without spaces."""
    return tuple(dict.fromkeys(name.strip() for name in (text or "").split(",") if name.strip()))


def progress_bar() -> "Progress":
    """Return a progress bar on standard error; where that is no terminal, one that shows nothing."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def reporters(progress: "Progress") -> tuple[Callable[[str], None], Callable[[int, int], None]]:
    """Return a function that shows a step's name and one that shows how many requests are answered."""
    bar = progress.add_task("starting", total=None)

    def say(step: str) -> None:
        progress.update(bar, description=step, total=None, completed=0)
        if not progress.console.is_terminal:
            click.echo(step, err=True)

    last_tenth = -1

    def count(done: int, total: int) -> None:
        nonlocal last_tenth
        progress.update(bar, completed=done, total=total)
        if not progress.console.is_terminal and done * 10 // max(total, 1) != last_tenth:
            last_tenth = done * 10 // max(total, 1)
            click.echo(f"  {done}/{total} requests", err=True)

    return say, count


def print_json(value: object) -> None:
    """Print a value as JSON on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def print_build(manifest: dict[str, Any]) -> None:
    """Print the summary of a built set."""
    from xleval.polyfact.summary import render_build

    click.echo(render_build(manifest))


def print_results(results: "Results", folder: Path) -> None:
    """Print the tables of a run, and where its report is."""
    from xleval.evalkit.run_folder import REPORT
    from xleval.evalkit.tables import render_tables

    click.echo(render_tables(results))
    click.echo(f"{folder / REPORT}", err=True)


def exit_when_incomplete(*runs: "Results") -> None:
    """Leave with code 3 when a model did not answer something."""
    unscored = sum(task["n_unscored"] for results in runs for task in results["tasks"].values())
    if unscored:
        click.echo(f"{unscored} answers are unscored: counted apart, not as wrong", err=True)
        sys.exit(INCOMPLETE)
