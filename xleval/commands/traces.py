"""`xleval build-traces`: a teacher's solutions that are right and in the language asked for."""

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from xleval.commands.help_page import Command
from xleval.commands.work import model_options, prompt_options, read_backend, read_options
from xleval.console import (
    INCOMPLETE,
    json_option,
    new_folder_option,
    print_json,
    progress_bar,
    reporters,
    resume_option,
)
from xleval.data.plurals import counted
from xleval.errors import ConfigError, unknown_name

if TYPE_CHECKING:
    from xleval.evalkit.runner import RunConfig
    from xleval.training.config.schema import DataConfig
    from xleval.training.traces.build import TraceSource

#: How several solutions of a problem are drawn where the user does not say.
_DRAWN = {"temperature": 0.7, "top_p": 0.95}


@click.command("build-traces", cls=Command)
@click.option("--teacher", required=True, metavar="MODEL", help="Checkpoint folder, hub id or BACKEND:MODEL.")
@click.option(
    "--from",
    "source",
    required=True,
    metavar="PATH|NAME",
    help="Problems: a set of build-reasoning, a file, gsm8k, simplerl, or a task.",
)
@click.option("--langs", required=True, help="Languages that are asked and answered in, separated by commas.")
@new_folder_option
@click.option("--split", default="train", show_default=True, help="Split of the set.")
@click.option("--columns", metavar="NAME=COLUMN,..", help="Columns of question, answer, id, language with other names.")
@click.option("--task", default="", help="Task that asks and scores the problems.  [default: found from the set]")
@click.option("--samples", default=4, show_default=True, help="Completions of each problem.")
@click.option("--min-share", default=0.9, show_default=True, help="Least share of words in the language asked for.")
@click.option("--parallel", is_flag=True, help="Keep only problems with a trace in every language.")
@click.option("--limit", type=int, help="First problems only, the same ones in every language.")
@click.option("--allow-overlap", is_flag=True, help="Also ask problems that test sets at hand have.")
@click.option("--drop-overlap", is_flag=True, help="Leave out problems that test sets at hand have.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Decides what is drawn.")
@model_options
@prompt_options
@resume_option
@json_option
def build_traces(teacher: str, source: str, langs: str, **settings: Any) -> None:
    """Ask a teacher for solutions, and keep those that are right, finished and in the language asked for."""
    from xleval.data.languages import parse_languages
    from xleval.training.config.schema import DataConfig
    from xleval.training.traces.build import build_traces as build
    from xleval.training.traces.card import render_funnel
    from xleval.training.traces.selection import TraceRules

    data = DataConfig(
        source=source, langs=parse_languages(langs), split=settings["split"], task=settings["task"],
        columns=_columns(settings["columns"]), on_overlap="allow",
    )  # fmt: skip
    rules = TraceRules(min_share=settings["min_share"], parallel=settings["parallel"])
    config = _run_config(data.langs, settings)
    asked = _read(data, settings)
    backend = read_backend(teacher, settings)
    try:
        with progress_bar() as progress:
            say, count = reporters(progress)
            manifest = build(
                backend, asked, config, rules, settings["out"], resume=settings["resume"], say=say, progress=count
            )
    finally:
        backend.close()
    if settings["as_json"]:
        print_json(manifest)
    else:
        click.echo(render_funnel(manifest))
        click.echo(f"{settings['out']}", err=True)
    if unscored := sum(row["unscored"] for row in manifest["funnel"].values()):
        click.echo(
            f"{counted(unscored, 'completion is', 'completions are')} unscored: counted apart; --resume asks again",
            err=True,
        )
        sys.exit(INCOMPLETE)


def _run_config(langs: Sequence[str], settings: Mapping[str, Any]) -> "RunConfig":
    """Return how the teacher is asked: as `xleval run`, but drawn where there are several samples."""
    from xleval.evalkit.runner import RunConfig

    if settings["cot"] == "direct":
        raise ConfigError("--cot direct asks for the answer alone, and traces are solutions; give native or english")
    return RunConfig(
        languages=tuple(langs),
        seed=settings["seed"],
        samples=settings["samples"],
        chat=settings["chat"],
        options=read_options({**settings, "gen": _gen(settings["gen"], settings["samples"])}),
    )


def _gen(given: str | None, samples: int) -> str | None:
    """Return the value of `--gen`, completed where several completions would be the same one."""
    from xleval.evalkit.settings import setting_names

    named = setting_names(given) if given else ()
    drawn = _DRAWN if samples > 1 and "temperature" not in named else {}
    return (
        ",".join(filter(None, (given, *(f"{key}={value}" for key, value in drawn.items() if key not in named)))) or None
    )


def _columns(text: str | None) -> dict[str, str]:
    from xleval.training.config.ranges import COLUMNS

    found = {}
    for entry in (text or "").split(","):
        name, equals, column = entry.strip().partition("=")
        if entry.strip() and not (name and equals and column):
            raise ConfigError(f"--columns {entry!r} is not NAME=COLUMN, for example --columns question=problem")
        if name and name.strip() not in COLUMNS:
            raise unknown_name("column in --columns", name.strip(), COLUMNS)
        if name:
            found[name.strip()] = column.strip()
    return found


def _read(data: "DataConfig", settings: Mapping[str, Any]) -> "TraceSource":
    """Return the problems, without those that test sets have where the user says so.

    Raises:
        ConfigError: test sets have some, and the user says nothing (D21).
    """
    from xleval.training.sets.item_set import read_items
    from xleval.training.sets.overlap import check_overlap
    from xleval.training.traces.build import TraceSource

    allowed, dropped = settings["allow_overlap"], settings["drop_overlap"]
    if allowed and dropped:
        raise ConfigError("--allow-overlap and --drop-overlap are both given; give one of the two")
    items = read_items(data)
    note = check_overlap(data)
    for sentence in note.notes:
        click.echo(sentence, err=True)
    shared = sorted({item_id for each in note.sets for item_id in each.train_ids})
    sets = ", ".join(f"{each.n_shared} of {each.name}" for each in note.sets if each.n_shared)
    found = f"{counted(len(shared), 'problem is a test item', 'problems are test items')} ({sets})"
    if shared and not allowed and not dropped:
        raise ConfigError(
            f"--from {data.source}: {found}, such as {', '.join(shared[:3])}; a model that learns their solutions cannot be "
            "tested on them. Leave them out with --drop-overlap, or give --allow-overlap"
        )
    if shared:
        click.echo(f"{found}: {'left out' if dropped else 'asked'}", err=True)
    return TraceSource(
        items=items, split=data.split, leave_out=tuple(shared) if dropped else (), limit=settings["limit"]
    )
