"""What every command shares: options, progress on standard error, results on standard output, exit codes."""

import codecs
import io
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xleval.errors import ConfigError

if TYPE_CHECKING:
    from rich.progress import Progress

    from xleval.evalkit.results_schema import Results

FAILED, WRONG_USAGE, INCOMPLETE, STOPPED = 1, 2, 3, 130
SECONDS_A_LINE = 10.0  # of progress where standard error is no terminal

FOLDER = click.Path(path_type=Path, file_okay=False)
out_option = click.option("--out", type=FOLDER, help="Output folder, new or empty.")
new_folder_option = click.option("--out", type=FOLDER, required=True, help="Output folder, new or empty.")
resume_option = click.option("--resume", is_flag=True, help="Go on with what the output folder holds.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")


def names(text: str | None, option: str) -> tuple[str, ...]:
    """Return names separated by commas, each once, without spaces; none where the option is not given.

    Raises:
        ConfigError: the option is given without a name, which would otherwise mean everything.
    """
    found = tuple(dict.fromkeys(name.strip() for name in (text or "").split(",") if name.strip()))
    if text is not None and not found:
        raise ConfigError(f"{option} {text!r} names nothing: give names separated by commas, or leave it out")
    return found


def progress_bar() -> "Progress":
    """Return a progress bar on standard error; where that is no terminal, one that shows nothing."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    from xleval.text_console import has_colour, is_screen

    class _Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text(f"{speed:.3g}/s" if speed else "")

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        _Rate(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    # FORCE_COLOR is about colours: a bar that redraws itself in a file would fill it.
    screen = is_screen(sys.stderr)
    console = Console(stderr=True, force_terminal=screen, no_color=not has_colour(sys.stderr))
    return Progress(*columns, console=console, transient=True, disable=not screen)


def reporters(
    progress: "Progress", unit: str = "requests", clock: Callable[[], float] = time.monotonic
) -> tuple[Callable[[str], None], Callable[[int, int], None]]:
    """Return a function that shows a step's name and one that shows how much of it is done.

    Where standard error is no terminal, the second prints a line when something is done for the first time, every
    `SECONDS_A_LINE` after that and at the end, with the rate since the step began and the time that is left at that rate.
    """
    bar = progress.add_task("starting", total=None)
    began_s, line_s, before, last = clock(), float("-inf"), 0, (0, 0)

    def say(step: str) -> None:
        nonlocal began_s, line_s, before, last
        began_s, line_s, before, last = clock(), float("-inf"), 0, (0, 0)
        progress.reset(bar, description=step, total=None)
        if not progress.console.is_terminal:
            click.echo(step, err=True)

    def count(done: int, total: int) -> None:
        nonlocal began_s, line_s, before, last
        now_s = clock()
        if total != last[1] or done < last[0]:  # another step; what a resumed one has already was not done now
            began_s, before, line_s = now_s, done, float("-inf")
        rate = (done - before) / (now_s - began_s) if now_s > began_s else 0.0
        progress.update(bar, completed=done, total=total)
        if not progress.console.is_terminal and (done, total) != last:
            if now_s - line_s >= SECONDS_A_LINE or done == total:
                click.echo(f"  {done}/{total} {unit}{_pace(rate, total - done)}", err=True)
                line_s = now_s
        last = done, total

    return say, count


def _pace(rate: float, n_left: int) -> str:
    """Return the rate a second and the time left in words, or nothing where no rate is known."""
    if rate <= 0:
        return ""
    minutes, seconds = divmod(round(n_left / rate), 60)
    left = f", {minutes // 60}:{minutes % 60:02}:{seconds:02} left" if n_left else ""
    return f", {rate:.3g}/s{left}"


def print_json(value: object) -> None:
    """Print a value as JSON on standard output; where that is not UTF-8, other characters are escaped as JSON has it."""
    click.echo(json.dumps(value, ensure_ascii=not _is_utf8(sys.stdout), indent=1))


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
        answers = "1 answer is" if unscored == 1 else f"{unscored} answers are"
        click.echo(f"{answers} unscored: counted apart, not as wrong", err=True)
        sys.exit(INCOMPLETE)


#: What tables and messages are drawn with, for terminals without Unicode; each as wide as it was, where it can be.
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("┏┳┓┡╇┩└┴┘├┼┤┌┬┐╭╮╰╯╞╪╡┣╋┫", "+"), **dict.fromkeys("─━–−—", "-"), **dict.fromkeys("│┃", "|"),
        **dict.fromkeys("\u2066\u2067\u2068\u2069", ""), **dict.fromkeys("“”", '"'), **dict.fromkeys("‘’", "'"),
        "·": "-", "…": "...", "×": "x", "→": "->", "≥": ">=", "≤": "<=", "±": "+-",
    }
)  # fmt: skip


def print_every_character() -> None:
    """Let standard output and error take every character, whatever the terminal's encoding: no name is worth a crash."""
    codecs.register_error("xleval", _plainly)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and not _is_utf8(stream):
            stream.reconfigure(errors="xleval")


def _is_utf8(stream: object) -> bool:
    return str(getattr(stream, "encoding", None) or "utf-8").lower().replace("-", "").replace("_", "") == "utf8"


def _plainly(error: UnicodeError) -> tuple[str, int]:
    """Return characters that a terminal cannot show as plain ones, or as their numbers: nothing is lost."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    found = error.object[error.start : error.end].translate(_PLAIN)
    return found.encode("ascii", "backslashreplace").decode("ascii"), error.end
