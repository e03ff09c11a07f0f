"""Commands that make sets: `xleval demo`, `xleval build-polyfact`."""

import sys
from pathlib import Path

import click

from xleval.commands.help_page import Command
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


@click.command(cls=Command)
@click.option("--out", type=FOLDER, default=Path("demo-out"), show_default=True, help="Output folder.")
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


@click.command("build-polyfact", cls=Command)
@click.option(
    "--source",
    default="embedded",
    show_default=True,
    help="Where facts come from: embedded, wdqs, qlever, the URL of a SPARQL endpoint, or dump:FILE (.json, .gz, .bz2, .zst).",
)
@click.option("--langs", default="polyfact", show_default=True, help="Language codes, or polyfact for the twelve.")
@click.option("--min-langs", type=int, help="In how many of them a fact must be asked.  [default: all]")
@click.option("--size", default=100_000, show_default=True, help="Largest number of facts.")
@click.option("--relations", help="P-ids, separated by commas.  [default: all that the source has]")
@click.option(
    "--min-sitelinks", default=0, show_default=True, help="Fewest pages about a subject in Wikimedia projects."
)
@new_folder_option
@click.option("--seed", default=0, show_default=True, help="Decides draws, orders and splits.")
@click.option("--answer-cap", default=0.25, show_default=True, help="Largest share of a relation with the same answer.")
@click.option("--as-of", default="", help="Month of the content, such as 2026-11.  [default: what the source says]")
@click.option(
    "--contact",
    envvar="XLEVAL_CONTACT",
    default="",
    help="Your e-mail address or page; public endpoints want it in the User-Agent.  [$XLEVAL_CONTACT]",
)
@click.option("--api", default="", help="URL of an Action API that gives the items (wbgetentities) instead of SPARQL.")
@click.option(
    "--dialect",
    type=click.Choice(["standard", "wdqs"]),
    default="standard",
    show_default=True,
    help="Extensions of an endpoint.",
)
@click.option("--work", type=FOLDER, help="Caches and extracted tables, to be shared by builds.  [default: OUT/.work]")
@click.option(
    "--executor", type=click.Choice(["local", "ray"]), default="local", show_default=True, help="Who reads a dump."
)
@click.option("--workers", type=int, help="Processes that read a dump.  [default: all cores]")
@resume_option
@json_option
def build_polyfact(
    source: str,
    langs: str,
    min_langs: int | None,
    size: int,
    relations: str | None,
    min_sitelinks: int,
    out: Path,
    seed: int,
    answer_cap: float,
    as_of: str,
    contact: str,
    api: str,
    dialect: str,
    work: Path | None,
    executor: str,
    workers: int | None,
    resume: bool,
    as_json: bool,
) -> None:
    """Build a parallel set of Wikidata facts, with options, splits, card, rejects and manifest."""
    from xleval.data.languages import parse_languages
    from xleval.polyfact.build import Access, BuildConfig, build
    from xleval.polyfact.relations import default_relations, get_relation

    config = BuildConfig(
        source=source,
        languages=parse_languages(langs),
        relations=tuple(get_relation(pid).pid for pid in names(relations, "--relations")) or default_relations(source),
        size=size,
        seed=seed,
        answer_cap=answer_cap,
        min_langs=min_langs,
        min_sitelinks=min_sitelinks,
        as_of=as_of,
    )
    access = Access(contact=contact, api=api, dialect=dialect, work=work, executor=executor, workers=workers)
    with progress_bar() as progress:
        say, _ = reporters(progress)
        manifest = build(config, out, access=access, resume=resume, progress=say)
    if as_json:
        print_json(manifest)
    else:
        print_build(manifest)
        click.echo(f"{out}: load_dataset({str(out)!r}, 'parallel')", err=True)
    for problem in manifest["baselines_above_tolerance"]:
        click.echo(f"WARNING: a guesser without a model is more than 5 points above chance: {problem}", err=True)
    if manifest["baselines_above_tolerance"]:
        sys.exit(INCOMPLETE)
