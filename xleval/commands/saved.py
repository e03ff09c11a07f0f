"""Commands over saved outputs: `xleval rescore`, `xleval merge`, `xleval import`."""

from pathlib import Path

import click

from xleval.commands.help_page import Command
from xleval.commands.scoring import cutoff_option, seen_option
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

second_detector_option = click.option(
    "--second-detector", is_flag=True, help="Tell the language of completions by script and py3langid, too."
)


@click.command(cls=Command)
@click.argument("run", type=FOLDER)
@new_folder_option
@click.option("--ties", help="How tied options count: expected or published.  [default: as in the run]")
@seen_option
@cutoff_option
@second_detector_option
@resume_option
@json_option
def rescore(
    run: Path,
    out: Path,
    ties: str | None,
    seen_langs: str | None,
    cutoff: str | None,
    second_detector: bool,
    resume: bool,
    as_json: bool,
) -> None:
    """Score a run's saved answers again, without its model."""
    from xleval.data.languages import parse_languages
    from xleval.evalkit.rescore import rescore as score_saved
    from xleval.tasks import TASKS

    seen = parse_languages(seen_langs) if seen_langs else ()
    with progress_bar() as progress:
        say, count = reporters(progress)
        say("scoring")
        results = score_saved(
            run, out, TASKS, ties=ties, seen_languages=seen, cutoff=cutoff, resume=resume,
            second_detector=second_detector, processes=None, progress=count,
        )  # fmt: skip
    if as_json:
        print_json(results)
    else:
        print_results(results, out)
    exit_when_incomplete(results)


@click.command(cls=Command)
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


@click.command("import", cls=Command)
@click.option("--from", "kind", required=True, help="lm-eval, lighteval, inspect, verl, trl, polyfact or jsonl.")
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
@click.option("--ties", default="expected", show_default=True, help="How tied options count: expected or published.")
@seen_option
@second_detector_option
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
    ties: str,
    seen_langs: str | None,
    second_detector: bool,
    out: Path,
    resume: bool,
    as_json: bool,
) -> None:
    """Make a run of what another tool wrote: lm-eval, lighteval, inspect, TRL, verl, PolyFact or any JSON lines."""
    from xleval.data.languages import parse_languages
    from xleval.evalkit.imports.run import import_run

    results, report = import_run(
        kind, path, out, mapping=mapping, score=score, task=task, model=model, languages=names(langs, "--langs"), resume=resume,
        ties=ties, seen_languages=parse_languages(seen_langs) if seen_langs else (), second_detector=second_detector,
        processes=None,
    )  # fmt: skip
    click.echo(report, err=True)
    if as_json:
        print_json(results)
    else:
        print_results(results, out)
    exit_when_incomplete(results)
