"""`xleval publish`: a set, a run or a checkpoint to the Hugging Face Hub, in one commit."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xleval.commands.help_page import Command
from xleval.console import FOLDER, INCOMPLETE, json_option, print_json
from xleval.data.plurals import counted
from xleval.errors import ConfigError, DataError, first_line

if TYPE_CHECKING:
    from xleval.data.publish.contents import Contents, PublishedFile


@click.command(cls=Command)
@click.argument("folder", type=FOLDER)
@click.option("--repo", required=True, metavar="USER/NAME", help="Repository; it is made where there is none.")
@click.option("--private", is_flag=True, help="Make the repository private, where it is made.")
@click.option("--revision", default="main", show_default=True, help="Branch; it is made where there is none.")
@click.option("--message", default="", help="Of the commit.  [default: says what was published]")
@click.option("--license", "licence", help="Licence of a run's questions, such as cc-by-sa-4.0.  [default: other]")
@click.option(
    "--allow-defects", is_flag=True, help="Publish a set although xleval lint finds classes over their limits."
)
@click.option("--dry-run", is_flag=True, help="List every path and size, and check card and set; send nothing.")
@json_option
def publish(
    folder: Path, repo: str, private: bool, revision: str, message: str, licence: str | None, allow_defects: bool,
    dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """Publish FOLDER to the Hugging Face Hub: a set, a run or a checkpoint; a second call sends only what changed.

    The token is the one that huggingface_hub finds (hf auth login, or HF_TOKEN). Ends with code 3 after a dry run that
    found something in the way.
    """
    from xleval.data.publish.card import card_problems
    from xleval.data.publish.contents import contents_of, kind_of
    from xleval.data.publish.push import check_names

    check_names(repo, revision)
    kind = kind_of(folder)
    if licence and kind != "run":
        raise ConfigError(f"--license is for runs; the card of {folder} names the licence of a {kind}")
    made, defects = _made(folder, kind, licence or "other")
    contents = contents_of(folder, made)
    problems = [f"card: {each}" for each in card_problems(contents)]
    problems += [] if allow_defects else [f"lint: {each}" for each in defects]
    if dry_run:
        _show(contents, repo, revision, problems, as_json=as_json)
        if problems:
            sys.exit(INCOMPLETE)
        return
    if problems:
        hint = " --allow-defects publishes the set all the same, with lint.json beside it." if defects else ""
        raise ConfigError(f"{folder} is not published. {'; '.join(problems)}.{hint}")
    said = message or f"xleval: {kind} {folder.resolve().name}"
    _push(contents, repo, private=private, revision=revision, message=said, as_json=as_json)


def _made(folder: Path, kind: str, licence: str) -> "tuple[list[PublishedFile], list[str]]":
    """Return the files that are made for the repository, and the classes of defects that are over their limits."""
    from xleval.data.publish.contents import CARD, PublishedFile, contents_of

    if kind == "run":
        from xleval.evalkit.run_card import render_run_card
        from xleval.evalkit.saved_run import load_runs

        (run,) = load_runs([folder])
        return [PublishedFile(path=CARD, source=render_run_card(run.results, licence).encode())], []
    if kind != "dataset" or not _has_options(contents_of(folder)):
        return [], []
    from xleval.polyfact.lint import lint
    from xleval.polyfact.lint.classes import CLASSES
    from xleval.polyfact.lint.report import as_json

    click.echo("auditing the set", err=True)
    report = lint(folder)
    over = dict.fromkeys(f"class {number}, {CLASSES[number].name}" for number, _ in report.over_limit())
    text = json.dumps(as_json(report), ensure_ascii=False, indent=1)
    return [PublishedFile(path="lint.json", source=text.encode())], [f"{each} is over its limit" for each in over]


def _has_options(contents: "Contents") -> bool:
    """Return whether a set is one of questions with options in folders, which `xleval lint` audits.

    Raises:
        DataError: a Parquet file cannot be read; on the Hub nobody could load the set.
    """
    import pyarrow.parquet as pq
    from pyarrow import ArrowException

    found = False
    for file in contents.files:
        if not isinstance(file.source, Path) or file.source.suffix != ".parquet":
            continue
        try:
            columns = set(pq.read_schema(file.source).names)
        except (ArrowException, OSError) as error:
            raise DataError(
                f"{file.source} cannot be read as Parquet ({first_line(error)}); make the set again"
            ) from error
        found = found or (file.path.count("/") == 1 and {"question", "option_a"} <= columns)
    return found


def _show(contents: "Contents", repo: str, revision: str, problems: list[str], *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "repo": repo, "repo_type": contents.repo_type, "revision": revision, "kind": contents.kind,
                "files": [{"path": file.path, "size": file.size} for file in contents.files],
                "left_out": dict(contents.left_out), "problems": problems,
            }
        )  # fmt: skip
        return
    width = max(len(file.path) for file in contents.files)
    for file in contents.files:
        click.echo(f"{file.path:<{width}}  {file.size:>14,}")
    total = sum(file.size for file in contents.files)
    click.echo(
        f"{counted(len(contents.files), 'file')}, {total:,} bytes -> {contents.repo_type} {repo}, {revision}, one commit"
    )
    for path, reason in contents.left_out.items():
        click.echo(f"stays: {path} ({reason})")
    for problem in problems:
        click.echo(f"in the way: {problem}")


def _push(contents: "Contents", repo: str, *, as_json: bool, **settings: Any) -> None:
    from dataclasses import asdict

    from xleval.data.publish.push import push
    from xleval.data.publish.read_back import read_back

    def say(step: str) -> None:
        click.echo(step, err=True)

    published = push(contents, repo, say=say, **settings)
    rows = read_back(published, contents, say)
    if as_json:
        print_json({**asdict(published), "rows": rows, "n_files": len(contents.files)})
        return
    done = (
        f"{published.n_changed} of {counted(len(contents.files), 'file')} written"
        if published.n_changed
        else "nothing had changed"
    )
    click.echo(f"{published.url} (commit {published.commit[:12]}): {done}, all read back")
    if rows:
        click.echo("load_dataset gives " + ", ".join(f"{counted(n, 'row')} of {split}" for split, n in rows.items()))
