"""Commands that show: `xleval tasks`, `xleval doctor`, `xleval export-lm-eval`."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from xleval.commands.work import item_options, model_options, prompt_options, read_backend, read_options, read_tasks
from xleval.console import FOLDER, json_option, new_folder_option, print_json


@click.command()
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
    rows: list[dict[str, Any]] = [
        {
            "name": task.name,
            "version": task.version,
            "kind": task.kind,
            "data": "in the package" if task.is_embedded else f"--data {task.name}=DIR or $XLEVAL_DATA/{task.name}",
            "languages": list(task.languages) or "those of the data",
            "shots": task.default_shots,
            "summary": task.summary,
            "reference": task.reference,
        }
        for task in chosen
    ]
    if settings["as_json"]:
        return print_json(rows)
    for row in rows:
        click.echo(f"{row['name']:<12} {row['kind']:<11} {row['summary']}")
        click.echo(f"{'':<24} data: {row['data']}")
        if name:
            languages = row["languages"]
            listed = languages if isinstance(languages, str) else ", ".join(map(str, languages))
            click.echo(f"{'':<24} languages: {listed}")
            click.echo(f"{'':<24} worked examples: {row['shots']}")
            click.echo(f"{'':<24} version: {row['version']}; after: {row['reference']}")


def _show_item(name: str, lang: str, model: str | None, item_id: str | None, settings: dict[str, Any]) -> None:
    """Print the exact prompt of an item, with token ids where a model is given."""
    from xleval.data.languages import parse_languages
    from xleval.evalkit.shown_item import render_item, show_item
    from xleval.tasks import get_tasks

    task = get_tasks([name])[0]
    [loaded] = read_tasks([task.name], settings, parse_languages(lang), None)
    backend = read_backend(model, settings) if model else None
    shown = show_item(loaded, lang, item_id, read_options(settings), settings["chat"], backend)
    if settings["as_json"]:
        print_json(shown)
    else:
        click.echo(render_item(shown))


@click.command()
@json_option
def doctor(as_json: bool) -> None:
    """Say what is installed and what each backend can do here."""
    from xleval import doctor as examine

    diagnosis = examine.inspect_machine()
    if as_json:
        print_json(examine.as_json(diagnosis))
    else:
        click.echo(examine.render(diagnosis))


@click.command("export-lm-eval")
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
    loaded = read_tasks([task.name], data, parse_languages(langs), limit)
    options = replace(read_options(settings), chat=settings["chat"] or False)
    written = export(loaded, options, out)
    if as_json:
        print_json(written)
    else:
        click.echo("\n".join(written))
        click.echo(f"lm_eval --include_path {out} --tasks {written[-1]} --model hf ...", err=True)
