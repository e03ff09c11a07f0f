"""`xleval transfer`: what training on some languages does to the others."""

from pathlib import Path

import click

from xleval.commands.help_page import Command
from xleval.console import FOLDER, json_option, print_json
from xleval.errors import ConfigError

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(cls=Command)
@click.option("--base", type=FOLDER, help="Run of the model before the training.")
@click.option(
    "--trained",
    multiple=True,
    metavar="RUN:LANGS",
    help="Run of a trained model and the languages it was trained on, such as runs/grpo:en,de; can be repeated.",
)
@click.option(
    "--plan", "plan_file", type=_FILE, help="YAML file with base and trained runs instead. See docs/transfer.md."
)
@click.option("--task", help="One task.  [default: all that every run has]")
@click.option("--metric", help="accuracy, or mean@k where each item has several completions.  [default: accuracy]")
@click.option("--over", help="Languages of the curves over k: all, unseen or trained.  [default: all]")
@click.option("--seed", default=0, show_default=True, help="Seed of the resampling.")
@click.option("--resamples", default=10_000, show_default=True, help="Number of resamples.")
@click.option("--out", type=_FILE, help="File to write the figures to, as JSON.")
@click.option("--csv", "csv_file", type=_FILE, help="File to write the gains to, as CSV.")
@click.option(
    "--every-run", is_flag=True, help="Print each run by language, however many there are (more than 6: a line each)."
)
@json_option
def transfer(
    base: Path | None,
    trained: tuple[str, ...],
    plan_file: Path | None,
    task: str | None,
    metric: str | None,
    over: str | None,
    seed: int,
    resamples: int,
    out: Path | None,
    csv_file: Path | None,
    every_run: bool,
    as_json: bool,
) -> None:
    """Compare trained models with their base: gains by language, transfer to unseen ones, and the effect of more."""
    from xleval.data.storage import write_atomically, write_json
    from xleval.evalkit.transfer import plan_of_runs, read_plan
    from xleval.evalkit.transfer import transfer as study
    from xleval.evalkit.transfer.gains_csv import gains_csv
    from xleval.evalkit.transfer.text import render_transfer

    if plan_file is not None and (base is not None or trained):
        raise ConfigError("--plan names base and trained runs itself; leave out --base and --trained")
    if plan_file is None and base is None:
        raise ConfigError("no base run: give --base RUN and --trained RUN:LANGS, or --plan FILE.yaml")
    for file in (out, csv_file):
        if file is not None and not file.parent.is_dir():
            raise ConfigError(f"{file.parent} is no folder, so {file.name} cannot be written there; make it first")
    plan = read_plan(plan_file) if plan_file is not None else plan_of_runs(base or Path(), trained)
    found = study(
        plan,
        task=task or plan.task,
        metric=metric or plan.metric or "accuracy",
        over=over or plan.over or "all",
        seed=seed,
        resamples=resamples,
        say=lambda step: click.echo(step, err=True),
    )
    if out is not None:
        write_json(out, found)
    if csv_file is not None:
        write_atomically(csv_file, gains_csv(found))
    print_json(found) if as_json else click.echo(render_transfer(found, every_run=every_run), nl=False)
