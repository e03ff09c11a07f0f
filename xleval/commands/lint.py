"""The command that audits a set: `xleval lint`."""

import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xleval.commands.help_page import Command
from xleval.console import FOLDER, INCOMPLETE, json_option, print_json, progress_bar, reporters
from xleval.errors import ConfigError

if TYPE_CHECKING:
    from xleval.polyfact.lint.reader import LintSet
    from xleval.polyfact.lint.records import Finding, LintReport
    from xleval.polyfact.sources import Source


@click.command(cls=Command)
@click.argument("target")
@click.option("--langs", help="Language codes, separated by commas.  [default: all there are]")
@click.option(
    "--config", default="", help="Folder of the set: leaky, recent, transfer, attested-A.  [default: the main one]"
)
@click.option("--source", "source_spec", help="Statements to check facts and names against, as for build-polyfact.")
@click.option("--as-of", default="", help="Month of the source's content, such as 2026-11.  [default: what it says]")
@click.option("--work", type=FOLDER, help="The source's caches and tables, kept for later.  [default: thrown away]")
@click.option("--contact", envvar="XLEVAL_CONTACT", default="", help="As for build-polyfact.  [$XLEVAL_CONTACT]")
@click.option(
    "--limit", "limits", multiple=True, metavar="CLASS=SHARE", help="Largest share of items, or none: 22=0.01."
)
@click.option("--examples", default=2, show_default=True, help="Findings shown of each class and language.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="File for every finding, as JSON lines.")
@json_option
def lint(
    target: str,
    langs: str | None,
    config: str,
    source_spec: str | None,
    as_of: str,
    work: Path | None,
    contact: str,
    limits: tuple[str, ...],
    examples: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Audit a set of questions with options: DIR, FILE or a data set on the hub (OWNER/NAME).

    Ends with code 3 when a class of defects is above its limit.
    """
    from xleval.data.languages import parse_languages
    from xleval.polyfact.lint import lint as audit
    from xleval.polyfact.lint.hub import local_path
    from xleval.polyfact.lint.limits import parse_limits
    from xleval.polyfact.lint.reader import LintSet

    if as_of and re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", as_of) is None:
        raise ConfigError(f"--as-of is {as_of!r}; a month such as 2026-11 is needed")
    allowed = parse_limits(limits)
    opened = LintSet(local_path(target), parse_languages(langs) if langs else (), config)
    with progress_bar() as bar, _writer(out) as write, tempfile.TemporaryDirectory() as scratch:
        say, count = reporters(bar, "parts")
        say("reading")
        (task,) = bar.task_ids

        def show(step: str, done: int, total: int) -> None:
            bar.update(task, description=step)
            count(done, total)

        access = _Access(as_of, work or Path(scratch), contact, lambda step: bar.update(task, description=step))
        report = audit(
            opened,
            source=_open_source(source_spec, opened, access) if source_spec else None,
            limits=allowed,
            n_examples=examples,
            on_finding=write,
            progress=show,
        )
    _show(report, as_json)


def _show(report: "LintReport", as_json: bool) -> None:
    """Print a report; ends the process with code 3 when a class is above its limit."""
    from xleval.polyfact.lint.classes import CLASSES
    from xleval.polyfact.lint.report import as_json as values_of
    from xleval.polyfact.lint.report import render

    if as_json:
        print_json(values_of(report))
    else:
        click.echo(render(report))
    over = report.over_limit()
    if over:
        names = dict.fromkeys(f"{number} {CLASSES[number].name}" for number, _ in over)
        click.echo(f"above the limit: {', '.join(names)}", err=True)
        sys.exit(INCOMPLETE)


@dataclass(frozen=True, slots=True)
class _Access:
    """How a source is reached: `sources.SourceOptions` has the meaning of each."""

    as_of: str
    work: Path
    contact: str
    progress: Callable[[str], None]


def _open_source(spec: str, opened: "LintSet", access: _Access) -> "Source":
    """Return the source, opened for the relations and languages that the set has."""
    from xleval.polyfact.sources import SourceOptions, open_source

    relations = {row.relation for lang in opened.languages for row in opened.rows(lang)}
    options = SourceOptions(
        languages=opened.languages,
        relations=tuple(sorted(pid for pid in relations if pid[:1] == "P" and pid[1:].isdecimal())),
        work=access.work,
        as_of=access.as_of,
        contact=access.contact,
        progress=access.progress,
    )
    return open_source(spec, options)


@contextmanager
def _writer(out: Path | None) -> "Iterator[Callable[[Finding], None]]":
    """Yield a function that writes a finding; the file is there when the audit is done, not before."""
    if out is None:
        yield lambda _: None
        return
    from dataclasses import asdict

    from xleval.data.storage import canonical_json, make_folder
    from xleval.errors import DataError

    make_folder(out.parent)
    part = out.with_name(f".{out.name}.part")
    try:
        with part.open("w", encoding="utf-8") as file:

            def write(finding: "Finding") -> None:
                file.write(canonical_json(asdict(finding)) + "\n")

            yield write
        os.replace(part, out)
    except OSError as error:
        raise DataError(f"cannot write {out}: {error.strerror}. Choose another file with --out") from error
    finally:
        part.unlink(missing_ok=True)
