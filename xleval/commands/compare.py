"""`xleval compare`: who is right more often, in which language, and with what certainty."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from xleval.commands.help_page import Command
from xleval.console import FOLDER, INCOMPLETE, json_option, names, print_json
from xleval.errors import ConfigError

if TYPE_CHECKING:
    from xleval.evalkit.compare.comparison import CompareOptions
    from xleval.evalkit.compare.schema import Comparison

_FILE = click.Path(path_type=Path, dir_okay=False)
_SIDES: tuple[Literal["first", "second"], ...] = ("first", "second")


@click.command(cls=Command)
@click.argument("runs", type=FOLDER, nargs=-1)
@click.option("--tasks", help="Tasks, separated by commas.  [default: all in common]")
@click.option(
    "--langs",
    help="Languages that are compared and adjusted for, separated by commas.  [default: all of the runs, which must be the same]",
)
@click.option(
    "--group",
    "groups",
    multiple=True,
    metavar="NAME=RUN,RUN,..",
    help="An arm: one run for each training seed. Give two arms instead of RUNS.",
)
@click.option("--all-pairs", is_flag=True, help="Compare every two runs, not each with the first alone.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Decides the resamples.")
@click.option(
    "--resamples", type=click.IntRange(min=1000), default=10_000, show_default=True, help="Resamples of the bootstrap."
)
@click.option("--alpha", type=float, default=0.05, show_default=True, help="Family-wise level of the verdicts.")
@click.option("--out", type=_FILE, help="Also write the comparison to this JSON file.")
@click.option("--csv", "csv_file", type=_FILE, help="Also write the table to this CSV file.")
@click.option("--latex", "latex_file", type=_FILE, help="Also write the table to this LaTeX file.")
@json_option
def compare(
    runs: tuple[Path, ...],
    tasks: str | None,
    langs: str | None,
    groups: tuple[str, ...],
    all_pairs: bool,
    seed: int,
    resamples: int,
    alpha: float,
    out: Path | None,
    csv_file: Path | None,
    latex_file: Path | None,
    as_json: bool,
) -> None:
    """Compare runs on the items that both scored: the first RUN is the baseline of the others.

    Exit code 3 says that a language has no verdict because more than 1 % of it is unscored.
    """
    from xleval.data.storage import write_atomically
    from xleval.evalkit.compare.comparison import CompareOptions
    from xleval.evalkit.compare.export import comparison_csv, comparison_json, comparison_latex
    from xleval.evalkit.compare.text import render_comparison

    _check_folders({"--out": out, "--csv": csv_file, "--latex": latex_file})
    options = CompareOptions(
        tasks=names(tasks, "--tasks"), languages=names(langs, "--langs"), seed=seed, resamples=resamples, alpha=alpha
    )  # fmt: skip
    found = _comparison(runs, groups, options, all_pairs=all_pairs)
    for path, content in ((out, comparison_json), (csv_file, comparison_csv), (latex_file, comparison_latex)):
        if path:
            write_atomically(path, content(found))
    if as_json:
        print_json(found)
    else:
        click.echo(render_comparison(found), nl=False)
    sides = [row[key] for pair in found["pairs"] for task in pair["tasks"] for row in task["rows"] for key in _SIDES]
    if any(side["bounds"] for side in sides):
        sys.exit(INCOMPLETE)


def _check_folders(files: dict[str, Path | None]) -> None:
    """Refuse a file in a folder that is not there, before anything is computed."""
    for option, path in files.items():
        if path and not path.resolve().parent.is_dir():
            raise ConfigError(f"{option} {path}: there is no folder {path.parent}; make it, or name another")


def _comparison(
    runs: tuple[Path, ...], groups: tuple[str, ...], options: "CompareOptions", *, all_pairs: bool
) -> "Comparison":
    """Return the comparison of the runs, or of the arms where groups are given; says on standard error what is read."""
    from xleval.evalkit.compare.comparison import Arm, compare_arms, compare_runs
    from xleval.evalkit.saved_run import load_runs

    def say(step: str) -> None:
        click.echo(step, err=True)

    if not groups:
        return compare_runs(load_runs(runs), options, all_pairs=all_pairs, say=say)
    arms = _arms(groups, runs, all_pairs)
    loaded = iter(load_runs([folder for _, folders in arms for folder in folders]))
    first, second = (Arm(label=label, runs=tuple(next(loaded) for _ in folders)) for label, folders in arms)
    return compare_arms(first, second, options, say=say)


def _arms(groups: tuple[str, ...], runs: tuple[Path, ...], all_pairs: bool) -> list[tuple[str, list[Path]]]:
    """Return the two arms of `--group` with the folders of their runs."""
    if runs or all_pairs:
        raise ConfigError("--group takes the place of RUNS and --all-pairs: name every run in one of the two groups")
    if len(groups) != 2:
        raise ConfigError(f"--group is there {len(groups)} times; give two arms: --group A=RUN,RUN --group B=RUN,RUN")
    found = []
    for text in groups:
        label, equals, folders = text.partition("=")
        paths = [Path(folder.strip()) for folder in folders.split(",") if folder.strip()]
        if not (label.strip() and equals and paths):
            raise ConfigError(f"--group {text!r} is not NAME=RUN,RUN,..; write it like sft=runs/sft-1,runs/sft-2")
        found.append((label.strip(), paths))
    return found
