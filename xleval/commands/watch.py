"""`xleval watch`: collapse curves and early warnings of a training while it runs."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xleval.commands.help_page import Command
from xleval.console import FOLDER, INCOMPLETE, json_option, print_json, resume_option

if TYPE_CHECKING:
    from xleval.evalkit.curves_schema import CurvesJson


@click.command(cls=Command)
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option("--lang-column", metavar="NAME", help="Column of the prompts' language.  [default: lang or language]")
@click.option("--from", "source", default="auto", show_default=True, help="trl, verl or auto.")
@click.option(
    "--map",
    "mapping",
    multiple=True,
    metavar="KEY=COLUMN",
    help="Where a field is; can be repeated. See docs/watch.md.",
)
@click.option("--out", type=FOLDER, help="Folder of the curves.  [default: curves/NAME-OF-DIR]")
@click.option("--every", type=float, default=10.0, show_default=True, help="Seconds between two looks at the folder.")
@click.option("--once", is_flag=True, help="Look once and end; exit code 3 while a warning stands.")
@click.option("--idle", type=float, metavar="SECONDS", help="End when nothing new has come for so long.")
@click.option(
    "--settle",
    type=float,
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="A file that cannot be read and has not changed for so long is damaged, not half written.",
)
@click.option("--processes", type=int, default=1, show_default=True, help="Processes that score.")
@click.option(
    "--detector",
    default="first",
    show_default=True,
    help="What tells the language: second where a language reward uses the first.",
)
@click.option(
    "--rewarded-above", type=float, default=0.0, show_default=True, help="A roll-out with a greater reward is rewarded."
)
@click.option("--warn", metavar="K=V,..", help="Thresholds of the warnings: window, min_points, z, reward_z, drop, …")
@resume_option
@json_option
def watch(
    folder: Path, lang_column: str | None, source: str, mapping: tuple[str, ...], out: Path | None, every: float,
    once: bool, idle: float | None, settle: float, processes: int, detector: str, rewarded_above: float,
    warn: str | None, resume: bool, as_json: bool,
) -> None:  # fmt: skip
    """Follow the roll-outs that TRL or verl writes to DIR: word ratio, rewards and early warnings by language."""
    from xleval.training.curves_text import render_curves
    from xleval.training.measure import as_detector
    from xleval.training.rollouts import watch_map
    from xleval.training.warning_options import parse_warning_options
    from xleval.training.watch import WatchConfig
    from xleval.training.watch import watch as follow

    config = WatchConfig(
        folder=folder, out=out or Path("curves") / (folder.resolve().name or "root"),
        fields=watch_map(mapping, lang_column), source=source, detector=as_detector(detector),
        rewarded_above=rewarded_above, options=parse_warning_options(warn), processes=processes, every_s=every,
        settle_s=settle, idle_s=idle, once=once,
    )  # fmt: skip
    with _Screen(once=once) as screen:
        curves = follow(config, resume=resume, tell=screen.show, say=_say)
    if as_json:
        print_json(curves)
    else:
        click.echo(render_curves(curves), nl=False)
    click.echo(f"{config.out}", err=True)
    if any(warning["cleared_step"] is None for warning in curves["warnings"]):
        sys.exit(INCOMPLETE)


def _say(line: str) -> None:
    click.echo(line, err=True)


class _Screen:
    """The latest curves on standard error: a table that stays in place on a terminal, else a line for each change."""

    def __init__(self, *, once: bool) -> None:
        from rich.console import Console
        from rich.live import Live

        console = Console(stderr=True)
        self._once = once
        self._last = ""
        self._live = Live(console=console, auto_refresh=False, transient=True) if console.is_terminal else None

    def __enter__(self) -> "_Screen":
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, curves: "CurvesJson") -> None:
        """Show the curves as they are now."""
        from rich.text import Text

        from xleval.training.curves_text import render_curves

        if self._live is not None:
            self._live.update(Text(render_curves(curves)), refresh=True)
        elif not self._once:
            standing = sum(warning["cleared_step"] is None for warning in curves["warnings"])
            last = max((point["step"] for point in curves["points"]), default="–")
            n_files = curves["files"]["n_read"]
            if not (n_files or curves["files"]["damaged"] or curves["files"]["waiting"]):
                return  # what is waited for has been said
            line = f"step {last}: {n_files} file{'s' * (n_files != 1)}, {standing} warning{'s' * (standing != 1)}"
            if line != self._last:  # a file that repeats the roll-outs of the step before changes nothing here
                click.echo(line, err=True)
            self._last = line
