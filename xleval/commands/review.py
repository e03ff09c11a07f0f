"""`xleval review`: sheets for native speakers."""

from pathlib import Path

import click

from xleval.console import FOLDER, json_option, print_json


@click.command()
@click.argument("folder", type=FOLDER, required=False)
@click.option("--langs", required=True, help="Language codes, such as sw,bn.")
@click.option("--out", type=FOLDER, default=Path("review"), show_default=True, help="Folder of the sheets.")
@click.option("--seed", default=0, show_default=True, help="Decides order and names.")
@json_option
def review(folder: Path | None, langs: str, out: Path, seed: int, as_json: bool) -> None:
    """Write sheets on which native speakers judge the question wordings, blind, with names from a built set FOLDER.

    Without FOLDER, names come from the embedded graph; kinds of subject that it lacks are shown with a blank.
    """
    import tempfile

    from xleval.data.languages import parse_languages
    from xleval.polyfact.build import BuildConfig, build
    from xleval.polyfact.relations import default_relations
    from xleval.polyfact.review import read_subjects, write_sheets

    languages = parse_languages(langs)
    with tempfile.TemporaryDirectory() as scratch:
        if folder is None:
            folder = Path(scratch) / "set"
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
