"""The command line: each command parses, calls one function of the package and prints; what is heavy is imported there.

Results go to standard output (tables for people, `--json` for programs), progress and errors to standard error. Exit
codes: 0 done, 1 failed, 2 wrong usage, 3 finished with unscored items or with a set over a limit.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

import xleval
from xleval.errors import ConfigError, XlevalError, unknown_name

if TYPE_CHECKING:
    from rich.progress import Progress

    from xleval.evalkit.results_schema import Results

FAILED, WRONG_USAGE, INCOMPLETE, STOPPED = 1, 2, 3, 130


class _Group(click.Group):
    """The group that turns every expected error into one line and an exit code, and names the nearest command."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        try:
            code = super().main(*args, **{**kwargs, "standalone_mode": False})
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(WRONG_USAGE)
        except click.UsageError as error:
            command = error.ctx.command_path if error.ctx else "xleval"
            _fail(f"{error.format_message()} See: {command} --help", WRONG_USAGE)
        except ConfigError as error:
            _fail(error, WRONG_USAGE)
        except (XlevalError, click.ClickException) as error:
            _fail(error, FAILED)
        except (KeyboardInterrupt, click.Abort):
            _fail("stopped; the same command with --resume goes on", STOPPED)
        except BrokenPipeError:
            sys.stderr.close()  # the reader of our output has gone: nothing to tell it
            sys.exit(FAILED)
        sys.exit(code if isinstance(code, int) else 0)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            raise unknown_name("command", args[0], self.list_commands(ctx))
        return super().resolve_command(ctx, args)


def _fail(error: object, code: int) -> NoReturn:
    click.echo(f"xleval: {' '.join(str(error).split())}", err=True)
    sys.exit(code)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(xleval.__version__, prog_name="xleval")
def main() -> None:
    """Does a language model know and reason in every language, and what did training do to that?"""


out_option = click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Output folder, new or empty."
)
resume_option = click.option("--resume", is_flag=True, help="Go on with what the output folder holds.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")


@main.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("demo-out"), show_default=True)
@resume_option
@json_option
def demo(out: Path, resume: bool, as_json: bool) -> None:
    """Build PolyFact offline, run a small real model over it and the reasoning sample, and write a report."""
    from xleval import demo as example

    with _progress() as progress:
        say, count = _reporters(progress)
        manifest, results = example.demo(out, resume=resume, say=say, progress=count)
    if as_json:
        return _print_json({"build": manifest, "results": results})
    _print_build(manifest)
    _print_results(results, out / "run")
    _exit_when_incomplete(results)


@main.command("build-polyfact")
@click.option("--source", default="embedded", show_default=True, help="Where facts come from: embedded.")
@click.option("--langs", default="polyfact", show_default=True, help="Language codes, or polyfact for the twelve.")
@click.option("--size", type=int, help="Largest number of facts.  [default: all there are]")
@click.option("--relations", help="P-ids, separated by commas.  [default: all of the table]")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Output folder, new or empty."
)
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
        relations=tuple(get_relation(pid).pid for pid in _names(relations)) or tuple(RELATIONS),
        size=size,
        seed=seed,
        answer_cap=answer_cap,
    )
    with _progress() as progress:
        say, _ = _reporters(progress)
        manifest = build(config, out, resume=resume, progress=say)
    if as_json:
        _print_json(manifest)
    else:
        _print_build(manifest)
        click.echo(f"{out}: load_dataset({str(out)!r}, 'parallel')", err=True)
    for problem in manifest["baselines_above_tolerance"]:
        click.echo(f"WARNING: a guesser without a model is more than 5 points above chance: {problem}", err=True)
    if manifest["baselines_above_tolerance"]:
        sys.exit(INCOMPLETE)


@main.command()
@click.argument("name", required=False)
@json_option
def tasks(name: str | None, as_json: bool) -> None:
    """List the tasks, or show one."""
    from xleval.tasks import TASKS, get_tasks

    chosen = get_tasks([name]) if name else list(TASKS.values())
    rows: list[dict[str, Any]] = [
        {
            "name": task.name,
            "version": task.version,
            "kind": task.kind,
            "data": "in the package" if task.is_embedded else f"--data {task.name}=DIR or $XLEVAL_DATA/{task.name}",
            "languages": list(task.languages) or "those of the data",
            "summary": task.summary,
            "reference": task.reference,
        }
        for task in chosen
    ]
    if as_json:
        return _print_json(rows)
    for row in rows:
        click.echo(f"{row['name']:<12} {row['kind']:<11} {row['summary']}")
        click.echo(f"{'':<24} data: {row['data']}")
        if name:
            languages = row["languages"]
            click.echo(
                f"{'':<24} languages: {languages if isinstance(languages, str) else ', '.join(map(str, languages))}"
            )
            click.echo(f"{'':<24} version: {row['version']}; after: {row['reference']}")


@main.command()
@click.option("--model", required=True, help="Checkpoint folder or hub id.")
@click.option("--langs", required=True, help="Language codes, separated by commas; or polyfact, or all.")
@click.option("--tasks", "task_names", help="Tasks, separated by commas.  [default: those whose data are at hand]")
@click.option("--data", multiple=True, metavar="NAME=DIR", help="Folder of a task's data; can be repeated.")
@click.option("--backend", default="auto", show_default=True, help="auto or hf.")
@click.option("--dtype", help="float32, bfloat16 or float16.  [default: the backend's; hf: float32]")
@click.option("--limit", type=int, help="First items of each task only, the same ones in every language.")
@click.option("--max-tokens", default=256, show_default=True, help="Limit of a completion.")
@click.option("--scaffold", default="native", show_default=True, help="Words around a question: native, english, none.")
@click.option("--option-space", default="auto", show_default=True, help="Space before an option: auto, always, never.")
@click.option("--ties", default="expected", show_default=True, help="How tied options count: expected or published.")
@click.option("--seed", default=0, show_default=True)
@out_option
@resume_option
@json_option
def run(
    model: str,
    langs: str,
    task_names: str | None,
    data: tuple[str, ...],
    backend: str,
    dtype: str | None,
    limit: int | None,
    max_tokens: int,
    scaffold: str,
    option_space: str,
    ties: str,
    seed: int,
    out: Path | None,
    resume: bool,
    as_json: bool,
) -> None:
    """Run a model over tasks in some languages, and write samples, results and a report."""
    from xleval.data.languages import parse_languages
    from xleval.evalkit.backends import load_backend
    from xleval.evalkit.runner import RunConfig, check_work, default_folder, signature
    from xleval.evalkit.runner import run as run_tasks
    from xleval.evalkit.task import TaskOptions

    config = RunConfig(
        languages=parse_languages(langs),
        limit=limit,
        seed=seed,
        ties=ties,
        options=TaskOptions(scaffold=scaffold, option_space=option_space, max_tokens=max_tokens),
    )
    loaded = _load_tasks(_names(task_names), data, config)
    check_work(loaded, config)
    with _progress() as progress:
        say, count = _reporters(progress)
        say(f"loading {model}")
        engine = load_backend(backend, model, dtype=dtype, seed=seed)
        folder = out or default_folder(signature(engine.fingerprint, loaded, config), model)
        say("running")
        results = run_tasks(engine, loaded, config, folder, resume=resume, progress=count)
    if as_json:
        _print_json(results)
    else:
        _print_results(results, folder)
    _exit_when_incomplete(results)


def _load_tasks(names: tuple[str, ...], data: tuple[str, ...], config: Any) -> list[Any]:
    """Return the tasks to run with their items; what is left out, and why, goes to standard error."""
    from xleval.evalkit.task import data_folder, load_task
    from xleval.tasks import TASKS, get_tasks

    folders: dict[str, Path] = {}
    for entry in data:
        name, equals, path = entry.partition("=")
        if not equals or not path:
            raise ConfigError(f"--data {entry!r} is not NAME=DIR, for example --data polyfact=my-set")
        folders[get_tasks([name])[0].name] = Path(path)
    loaded = []
    for task in get_tasks(names) if names else TASKS.values():
        folder = data_folder(task, folders)
        if not names and folder is None and not task.is_embedded:
            click.echo(
                f"skipped {task.name}: no data at hand (--data {task.name}=DIR or $XLEVAL_DATA/{task.name})", err=True
            )
            continue
        loaded.append(load_task(task, folder, config.languages, config.limit))
        for lang, reason in loaded[-1].skipped.items():
            click.echo(f"skipped {task.name} in {lang}: {reason}", err=True)
    return loaded


def _names(text: str | None) -> tuple[str, ...]:
    """Return names separated by commas, each once, without spaces."""
    return tuple(dict.fromkeys(name.strip() for name in (text or "").split(",") if name.strip()))


def _progress() -> "Progress":
    """Return a progress bar on standard error."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _reporters(progress: "Progress") -> tuple[Callable[[str], None], Callable[[int, int], None]]:
    """Return a function that shows a step's name and one that shows how many requests are answered."""
    bar = progress.add_task("starting", total=None)

    def say(step: str) -> None:
        progress.update(bar, description=step, total=None, completed=0)
        if not progress.console.is_terminal:
            click.echo(step, err=True)

    last_tenth = -1

    def count(done: int, total: int) -> None:
        nonlocal last_tenth
        progress.update(bar, completed=done, total=total)
        if not progress.console.is_terminal and done * 10 // max(total, 1) != last_tenth:
            last_tenth = done * 10 // max(total, 1)
            click.echo(f"  {done}/{total} requests", err=True)

    return say, count


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def _print_build(manifest: dict[str, Any]) -> None:
    from xleval.polyfact.summary import render_build

    click.echo(render_build(manifest))


def _print_results(results: "Results", folder: Path) -> None:
    from xleval.evalkit.tables import render_tables

    click.echo(render_tables(results))
    click.echo(f"{folder / 'report.html'}", err=True)


def _exit_when_incomplete(results: "Results") -> None:
    """Leave with code 3 when the model did not answer something."""
    unscored = sum(row["n_unscored"] for task in results["tasks"].values() for row in task["rows"])
    if unscored:
        click.echo(f"{unscored} items are unscored: counted apart, not as wrong", err=True)
        sys.exit(INCOMPLETE)
