"""`xleval review`: sheets for native speakers."""

from pathlib import Path

import click

from xleval.commands.help_page import Command
from xleval.console import FOLDER, json_option, print_json


@click.command(cls=Command)
@click.argument("folder", type=FOLDER, required=False)
@click.option("--langs", help="Language codes, such as sw,bn; needed for wordings.")
@click.option("--out", type=FOLDER, default=Path("review"), show_default=True, help="Folder of the sheets.")
@click.option("--seed", default=0, show_default=True, help="Decides order and names.")
@click.option(
    "--reviewed-by", help="Read the filled sheets of a reasoning set; who judged, with what knowledge of the languages."
)
@json_option
def review(
    folder: Path | None, langs: str | None, out: Path, seed: int, reviewed_by: str | None, as_json: bool
) -> None:
    """Write sheets on which native speakers judge the question wordings, blind, with names from a built set FOLDER.

    Without FOLDER, names come from the embedded graph; kinds of subject that it lacks are shown with a blank. With
    --reviewed-by, FOLDER is a set of build-reasoning --review whose sheets are filled: its card then has the figures.
    """
    if reviewed_by:
        return _read_sheets(folder, reviewed_by, as_json)
    if folder is not None and _is_reasoning_set(folder):
        raise click.UsageError(
            f"{folder} is a reasoning set: its sheets are in {folder / 'review'} if it was built with --review N; fill them, "
            "then give --reviewed-by with who judged."
        )
    if langs is None:
        raise click.UsageError("Missing option '--langs': the languages of the wordings to review, such as sw,bn.")
    import contextlib
    import tempfile

    from xleval.data.languages import parse_languages
    from xleval.polyfact.build import BuildConfig, build
    from xleval.polyfact.relations import default_relations
    from xleval.polyfact.review import read_subjects, write_sheets

    languages = parse_languages(langs)
    with contextlib.ExitStack() as scratch:
        if folder is None:
            folder = Path(scratch.enter_context(tempfile.TemporaryDirectory())) / "set"
            relations = default_relations("embedded")
            build(BuildConfig(source="embedded", languages=languages, relations=relations), folder)
        counts = write_sheets(out, languages, read_subjects(folder, languages), seed)
    if as_json:
        print_json({"out": str(out), "rows": counts})
        return
    for lang, rows in counts.items():
        click.echo(f"{out / f'{lang}.csv'}: {rows} wordings")
    click.echo(
        f"{out / 'key.tsv'} says which wording is in which row: keep it from the reviewers. Name who reviewed, with "
        "stated competence, in the column reviewed_by of xleval/polyfact/templates",
        err=True,
    )


def _is_reasoning_set(folder: Path) -> bool:
    from xleval.data.storage import read_json

    manifest = folder / "build.json"
    return manifest.is_file() and "gate_report" in read_json(manifest)


def _read_sheets(folder: Path | None, reviewed_by: str, as_json: bool) -> None:
    """Put the figures of filled sheets on a reasoning set's card, and print them."""
    from xleval.data.reasoning.build import add_review

    if folder is None:
        raise click.UsageError("--reviewed-by needs the FOLDER of a set that build-reasoning --review made.")
    figures = {lang: found.as_json() for lang, found in add_review(folder, reviewed_by=reviewed_by).items()}
    if as_json:
        return print_json(figures)
    for lang, found in figures.items():
        click.echo(f"{lang}: " + ", ".join(f"{key} {value}" for key, value in found.items()))
    click.echo(f"{folder / 'README.md'} has them", err=True)
