"""Commands that make sets: `xleval demo`, `xleval build-polyfact`."""

import sys
from pathlib import Path

import click

from xleval.console import (
    FOLDER,
    INCOMPLETE,
    exit_when_incomplete,
    json_option,
    names,
    new_folder_option,
    print_build,
    print_json,
    print_results,
    progress_bar,
    reporters,
    resume_option,
)


@click.command()
@click.option("--out", type=FOLDER, default=Path("demo-out"), show_default=True)
@resume_option
@json_option
def demo(out: Path, resume: bool, as_json: bool) -> None:
    """Build PolyFact offline, run a small real model over it and the reasoning sample, and write a report."""
    from xleval import demo as example

    with progress_bar() as progress:
        say, count = reporters(progress)
        manifest, results = example.demo(out, resume=resume, say=say, progress=count)
    if as_json:
        print_json({"build": manifest, "results": results})
    else:
        print_build(manifest)
        print_results(results, out / "run")
    exit_when_incomplete(results)


@click.command("build-polyfact")
@click.option("--source", default="embedded", show_default=True, help="Where facts come from: embedded.")
@click.option("--langs", default="polyfact", show_default=True, help="Language codes, or polyfact for the twelve.")
@click.option("--size", type=int, help="Largest number of facts.  [default: all there are]")
@click.option("--relations", help="P-ids, separated by commas.  [default: all of the table]")
@new_folder_option
@click.option("--seed", default=0, show_default=True, help="Decides draws, orders and splits.")
@click.option("--answer-cap", default=0.25, show_default=True, help="Largest share of a relation with the same answer.")
@resume_option
@json_option
def build_polyfact(
    source: str,
    langs: str,
    size: int | None,
    relations: str | None,
    out: Path,
    seed: int,
    answer_cap: float,
    resume: bool,
    as_json: bool,
) -> None:
    """Build a parallel set of Wikidata facts, with options, splits, card, rejects and manifest."""
    from xleval.data.languages import parse_languages
    from xleval.polyfact.build import BuildConfig, build
    from xleval.polyfact.relations import RELATIONS, get_relation

    config = BuildConfig(
        source=source,
        languages=parse_languages(langs),
        relations=tuple(get_relation(pid).pid for pid in names(relations)) or tuple(RELATIONS),
        size=size,
        seed=seed,
        answer_cap=answer_cap,
    )
    with progress_bar() as progress:
        say, _ = reporters(progress)
        manifest = build(config, out, resume=resume, progress=say)
    if as_json:
        print_json(manifest)
    else:
        print_build(manifest)
        click.echo(f"{out}: load_dataset({str(out)!r}, 'parallel')", err=True)
    for problem in manifest["baselines_above_tolerance"]:
        click.echo(f"WARNING: a guesser without a model is more than 5 points above chance: {problem}", err=True)
    if manifest["baselines_above_tolerance"]:
        sys.exit(INCOMPLETE)
