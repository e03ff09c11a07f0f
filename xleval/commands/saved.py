"""Commands over saved outputs: `xleval rescore`, `xleval merge`, `xleval import`."""

from pathlib import Path

import click

from xleval.console import (
    FOLDER,
    exit_when_incomplete,
    json_option,
    names,
    new_folder_option,
    print_json,
    print_results,
    progress_bar,
    reporters,
    resume_option,
)


@click.command()
@click.argument("run", type=FOLDER)
@new_folder_option
@click.option("--ties", help="How tied options count: expected or published.  [default: as in the run]")
@resume_option
@json_option
def rescore(run: Path, out: Path, ties: str | None, resume: bool, as_json: bool) -> None:
    """Score a run's saved answers again, without its model."""
    from xleval.evalkit.rescore import rescore as score_saved
    from xleval.tasks import TASKS

    with progress_bar() as progress:
        say, count = reporters(progress)
        say("scoring")
        results = score_saved(run, out, TASKS, ties=ties, resume=resume, progress=count)
    if as_json:
        print_json(results)
    else:
        print_results(results, out)
    exit_when_incomplete(results)


@click.command()
@click.argument("runs", type=FOLDER, nargs=-1, required=True)
@new_folder_option
@resume_option
@json_option
def merge(runs: tuple[Path, ...], out: Path, resume: bool, as_json: bool) -> None:
    """Put the shards of one run (`xleval run --shard I/N`) together."""
    from xleval.evalkit.merge import merge as merge_shards
    from xleval.tasks import TASKS

    results = merge_shards(runs, out, TASKS, resume=resume)
    if as_json:
        print_json(results)
    else:
        print_results(results, out)
    exit_when_incomplete(results)


@click.command("import")
@click.option("--from", "kind", required=True, help="lm-eval, lighteval, inspect, verl, trl or jsonl.")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--map",
    "mapping",
    multiple=True,
    metavar="KEY=COLUMN",
    help="Where a field is; can be repeated. See docs/import.md.",
)
@click.option("--task", help="Another name for the one task of the outputs.")
@click.option(
    "--score", default="number", show_default=True, help="number (our extraction) or given (the tool's verdict)."
)
@click.option("--langs", help="Languages to take, separated by commas.  [default: all that are there]")
@click.option("--model", help="Name of the model.  [default: what the outputs say]")
@new_folder_option
@resume_option
@json_option
def import_outputs(
    kind: str,
    path: Path,
    mapping: tuple[str, ...],
    task: str | None,
    score: str,
    langs: str | None,
    model: str | None,
    out: Path,
    resume: bool,
    as_json: bool,
) -> None:
    """Make a run of what another tool wrote: lm-eval, lighteval, inspect, TRL, verl or any JSON lines."""
    from xleval.evalkit.imports.run import import_run

    results, report = import_run(
        kind, path, out, mapping=mapping, score=score, task=task, model=model, languages=names(langs), resume=resume
    )
    click.echo(report, err=True)
    if as_json:
        print_json(results)
    else:
        print_results(results, out)
    exit_when_incomplete(results)
