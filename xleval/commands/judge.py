"""`xleval judge`: two runs of open answers, compared by a model that reads both."""

import sys
from pathlib import Path
from typing import Any

import click

from xleval.commands.help_page import Command
from xleval.commands.work import model_options, read_backend
from xleval.console import (
    FOLDER,
    INCOMPLETE,
    json_option,
    names,
    new_folder_option,
    print_json,
    progress_bar,
    reporters,
    resume_option,
)
from xleval.data.plurals import counted


@click.command(cls=Command)
@click.argument("runs", type=FOLDER, nargs=2)
@click.option(
    "--judge",
    "specs",
    multiple=True,
    required=True,
    metavar="SPEC",
    help="Model that judges: checkpoint folder, hub id, BACKEND:MODEL, or demo. Repeat it for a second judge.",
)
@click.option(
    "--labels",
    type=click.Path(path_type=Path),
    help="Labelled pairs that validate the judge, as MM-Eval has them. Without, no win rate is printed.",
)
@click.option("--tasks", help="Tasks, separated by commas.  [default: those of both runs that need a judge]")
@click.option("--langs", help="Languages, separated by commas.  [default: all that both runs have]")
@click.option("--limit", type=int, help="First items of each task and language only.")
@click.option("--max-tokens", type=int, default=512, show_default=True, help="Tokens that a judge may write.")
@click.option(
    "--cut", type=click.Choice(["lose", "judge"]), default="lose", show_default=True,
    help="An answer that ended at its token limit loses, or is judged as it is.",
)  # fmt: skip
@model_options
@click.option("--seed", default=0, show_default=True, help="Decides the marks around answers, and the bootstrap.")
@new_folder_option
@resume_option
@json_option
def judge(runs: tuple[Path, Path], specs: tuple[str, ...], **settings: Any) -> None:
    """Compare the answers of two runs by a judge: the win rate of the second RUN over the first, by language.

    Exit code 3 says that an item has no verdict: a run did not answer it, or the judge gave none that can be read.
    """
    from xleval.evalkit.judge.figures import n_unscored
    from xleval.evalkit.judge.judging import Judge, JudgeOptions, judge_runs, plan_judging
    from xleval.evalkit.judge.text import render_judging
    from xleval.evalkit.run_folder import REPORT
    from xleval.evalkit.saved_run import load_runs
    from xleval.tasks import TASKS

    options = JudgeOptions(
        tasks=names(settings["tasks"], "--tasks"), languages=names(settings["langs"], "--langs"), limit=settings["limit"],
        labels=settings["labels"], seed=settings["seed"], max_tokens=settings["max_tokens"],
        cut=settings["cut"],
    )  # fmt: skip
    first, second = load_runs(runs)
    needing = [name for name, task in TASKS.items() if task.judged]
    out: Path = settings["out"]
    with progress_bar() as progress:
        say, count = reporters(progress)
        work = plan_judging((first, second), options, needing, say=say)
        judges = [Judge(spec=spec, backend=read_backend(spec, settings)) for spec in specs]
        found = judge_runs(work, judges, options, out, resume=settings["resume"], say=say, progress=count)
    if settings["as_json"]:
        print_json(found)
    else:
        click.echo(render_judging(found), nl=False)
        click.echo(f"{out / REPORT}", err=True)
    if unscored := n_unscored(found["judges"]):
        click.echo(f"{counted(unscored, 'item has', 'items have')} no verdict: counted apart, in no win rate", err=True)
        sys.exit(INCOMPLETE)
