"""Commands that show: `xleval tasks`, `xleval doctor`, `xleval export-lm-eval`."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xleval.commands.help_page import Command
from xleval.commands.work import item_options, model_options, prompt_options, read_backend, read_options, read_tasks
from xleval.console import FOLDER, json_option, new_folder_option, print_json

if TYPE_CHECKING:
    from xleval.evalkit.task import Task


@click.command(cls=Command)
@click.argument("name", required=False)
@click.option("--lang", help="Show one item in this language.")
@click.option("--model", help="Show its token ids for this model.")
@click.option("--item", "item_id", help="Which item.  [default: the first]")
@item_options
@model_options
@prompt_options
@json_option
def tasks(name: str | None, lang: str | None, model: str | None, item_id: str | None, **settings: Any) -> None:
    """List the tasks, show one, or show exactly what a model is asked: NAME --lang sw --model ckpt/."""
    from xleval.tasks import TASKS, get_tasks

    if name and lang:
        return _show_item(name, lang, model, item_id, settings)
    if lang or model or item_id:
        raise click.UsageError("--lang, --model and --item show an item of one task: xleval tasks NAME --lang sw")
    chosen = get_tasks([name]) if name else list(TASKS.values())
    if settings["as_json"]:
        return print_json([_about(task) for task in chosen])
    click.echo(_details(chosen[0]) if name else _listing(chosen))


def _about(task: "Task") -> dict[str, Any]:
    """Return what there is to know about a task, as JSON values."""
    where = f"--data {task.data_name}=DIR or $XLEVAL_DATA/{task.data_name}"
    hub = f", else {task.hub.repo} on the hub" if task.hub else ""
    return {
        "name": task.name,
        "group": task.group,
        "version": task.version,
        "kind": task.kind,
        "data": "in the package" if task.is_embedded else where + hub,
        "verified": task.verified or ("in the package" if task.is_embedded else ""),
        "languages": list(task.languages) or "those of the data",
        "shots": task.default_shots,
        "samples": task.samples,
        "max_tokens": task.sampling.max_tokens if task.kind == "generation" else None,
        "judged": task.judged,
        "derived_from": list(task.derived_from),
        "summary": task.summary,
        "reference": task.reference,
    }


def _listing(tasks: "Sequence[Task]") -> str:
    """Return all tasks by group, a line each; parts of a task stand under it in brackets, as `--tasks` takes them."""
    lines = []
    whole = [task for task in tasks if not task.data_of]
    width = max(len(task.name) for task in whole)
    for group in dict.fromkeys(task.group for task in whole):
        lines.append(group or "embedded")
        for task in (task for task in whole if task.group == group):
            notes = ["judged"] if task.judged else []
            notes += [] if task.verified or task.is_embedded else ["unverified"]
            tail = f"  ({', '.join(notes)})" if notes else ""
            lines.append(f"  {task.name:<{width}}  {task.kind:<10}  {task.summary}{tail}")
            parts = [part.name for part in tasks if part.data_of == task.name]
            if parts:
                lines.append(f"  {'':<{width}}  {'':<10}  also: {', '.join(parts)}")
    lines += [
        "",
        "Data: --data NAME=DIR, else $XLEVAL_DATA/NAME, else the hub for tasks that are named. xleval tasks NAME says more.",
        "unverified: the loader follows the published description, no published file was at hand to read.",
    ]
    return "\n".join(lines)


def _details(task: "Task") -> str:
    about = _about(task)
    lines = [f"{task.name}: {task.summary}"]
    for key in ("group", "kind", "data", "verified", "languages", "shots", "samples", "max_tokens", "derived_from"):
        value = about[key]
        if value not in ("", [], None):
            lines.append(f"  {key + ':':<14}{', '.join(value) if isinstance(value, list) else value}")
    return "\n".join([*lines, f"  {'version:':<14}{task.version}; after: {task.reference}"])


def _show_item(name: str, lang: str, model: str | None, item_id: str | None, settings: dict[str, Any]) -> None:
    """Print the exact prompt of an item, with token ids where a model is given."""
    from xleval.data.languages import parse_languages
    from xleval.evalkit.shown_item import render_item, show_item
    from xleval.tasks import get_tasks

    task = get_tasks([name])[0]
    [loaded] = read_tasks(task.name, settings, parse_languages(lang), None)
    backend = read_backend(model, settings) if model else None
    shown = show_item(loaded, lang, item_id, read_options(settings), settings["chat"], backend)
    if settings["as_json"]:
        print_json(shown)
    else:
        click.echo(render_item(shown))


@click.command(cls=Command)
@json_option
def doctor(as_json: bool) -> None:
    """Say what is installed and what each backend can do here."""
    from xleval import doctor as examine

    diagnosis = examine.inspect_machine()
    if as_json:
        print_json(examine.as_json(diagnosis))
    else:
        click.echo(examine.render(diagnosis))


@click.command("export-lm-eval", cls=Command)
@click.argument("folder", type=FOLDER)
@new_folder_option
@click.option("--langs", default="all", show_default=True, help="Language codes, separated by commas.")
@click.option("--limit", type=int, help="First items only, the same ones in every language.")
@click.option("--shots", type=int, help="Worked examples in a prompt.  [default: the task's own]")
@prompt_options
@json_option
def export_lm_eval(
    folder: Path, out: Path, langs: str, limit: int | None, shots: int | None, as_json: bool, **settings: Any
) -> None:
    """Write lm-eval task files of a set, with exactly our prompts and options."""
    from xleval.data.languages import parse_languages
    from xleval.evalkit.lm_eval_export import export_lm_eval as export
    from xleval.tasks import task_of_folder

    task = task_of_folder(folder)
    data = {"data": (f"{task.name}={folder}",), "shots": shots}
    loaded = read_tasks(task.name, data, parse_languages(langs), limit)
    options = replace(read_options(settings), chat=settings["chat"] or False)
    written = export(loaded, options, out)
    if as_json:
        print_json(written)
    else:
        click.echo("\n".join(written))
        click.echo(f"lm_eval --include_path {out} --tasks {written[-1]} --model hf ...", err=True)
