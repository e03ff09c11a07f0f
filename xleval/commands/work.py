"""What commands that ask a model share: options of items and prompts, and loading tasks and backends from them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xleval.commands.models import model_name
from xleval.console import FOLDER
from xleval.errors import ConfigError, unknown_name

if TYPE_CHECKING:
    from xleval.data.trained_facts import TrainedFacts
    from xleval.evalkit.backends.base import Backend
    from xleval.evalkit.task import LoadedTask, Task, TaskOptions
    from xleval.tasks import Selection

_DATA = click.option("--data", multiple=True, metavar="NAME=DIR", help="Folder of a task's data; can be repeated.")
_VERSION = click.option("--version", help="Version of a task that has several: mgsm has original and rev2.")
_SHOTS = click.option("--shots", type=int, help="Worked examples in a prompt.  [default: the task's own]")
_PROMPT_OPTIONS = (
    click.option(
        "--scaffold", default="native", show_default=True, help="Words around a question: native, english, none."
    ),
    click.option(
        "--option-space", default="auto", show_default=True, help="Space before an option: auto, always, never."
    ),
    click.option("--chat/--no-chat", default=None, help="Ask in conversations.  [default: decided from the model]"),
    click.option("--system-prompt", default="", help="First turn of every conversation."),
    click.option(
        "--cot", default="native", show_default=True,
        help="Solution that is asked for: native (in the question's language), english, or direct (the answer alone).",
    ),
    click.option(
        "--reason-prefix", default="none", show_default=True, metavar="none|native|LANG",
        help="Begin each solution with a sentence in this language.",
    ),
    click.option(
        "--script-mask", default="none", show_default=True, metavar="none|native|LANG",
        help="Hold completions to the scripts of this language.",
    ),
    click.option(
        "--gen", metavar="K=V,..",
        help="How completions are drawn: temperature, top_p, top_k, min_p, repetition_penalty, max_tokens, "
        "ignore_eos.  [default: the task's own, mostly greedy]",
    ),
)  # fmt: skip
_MODEL_OPTIONS = (
    click.option("--backend", default="auto", show_default=True, help="auto, hf, vllm, openai, ray or mock."),
    click.option("--dtype", help="float32, bfloat16 or float16.  [default: the backend's]"),
    click.option("--lora", type=FOLDER, help="Folder of a LoRA adapter on top of the model."),
    click.option(
        "--model-args", metavar="K=V,..", help="Settings of the backend, such as tensor_parallel_size=2."
    ),
)  # fmt: skip


def item_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add `--data`, `--version` and `--shots` to a command."""
    return _DATA(_VERSION(_SHOTS(command)))


def prompt_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that change prompts and decoding to a command."""
    for option in reversed(_PROMPT_OPTIONS):
        command = option(command)
    return command


def model_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that choose and set up an engine to a command."""
    for option in reversed(_MODEL_OPTIONS):
        command = option(command)
    return command


def read_options(settings: Mapping[str, Any]) -> "TaskOptions":
    """Return the task options of a command line; `--chat` is decided later, task by task."""
    from xleval.evalkit.requests import Sampling
    from xleval.evalkit.settings import parse_sampling, setting_names
    from xleval.evalkit.task import TaskOptions

    return TaskOptions(
        scaffold=settings["scaffold"],
        option_space=settings["option_space"],
        system_prompt=settings["system_prompt"],
        reason_prefix=settings["reason_prefix"],
        script_mask=settings["script_mask"],
        cot=settings["cot"],
        sampling=parse_sampling(settings["gen"]) if settings["gen"] else Sampling(),
        named=setting_names(settings["gen"]) if settings["gen"] else (),
    )


def read_backend(model: str, settings: Mapping[str, Any]) -> "Backend":
    """Return the backend of a command line, without weights."""
    from xleval.evalkit.backends import load_backend
    from xleval.evalkit.settings import parse_model_args

    options = {"dtype": settings["dtype"], "lora": settings["lora"] and str(settings["lora"])}
    given = parse_model_args(settings["model_args"]) if settings["model_args"] else {}
    twice = [key for key, value in options.items() if value is not None and key in given]
    if twice:
        raise ConfigError(f"--{twice[0]} and {twice[0]} in --model-args are both given; give one of the two")
    return load_backend(settings["backend"], model_name(model), **{**options, **given})


def read_tasks(
    task_names: str | None, settings: Mapping[str, Any], languages: Sequence[str], limit: int | None
) -> "list[LoadedTask]":
    """Return the tasks to run with their items; what is left out, and why, goes to standard error.

    Args:
        task_names: of `--tasks`; without it those whose data are at hand. The hub is asked only for what is named.
        settings: of the command line: `data`, `shots` and, where the command has it, `version`.
        languages: codes.
        limit: items of each task.
    """
    from xleval.evalkit.task import data_folder, load_task
    from xleval.evalkit.trained_items import told_apart, trained_line
    from xleval.tasks import TASKS, Selection, select_tasks

    folders = _read_folders(settings["data"])
    if task_names:
        selected = [_of_version(each, settings.get("version")) for each in select_tasks(task_names, languages)]
    else:
        selected = [Selection(task=task) for task in TASKS.values() if not task.data_of]
    loaded, without_data = [], []
    facts = _training_facts([each.task for each in selected], folders)
    for each in selected:
        task = told_apart(each.task, facts[each.task.facts_in]) if each.task.facts_in in facts else each.task
        folder = data_folder(task, folders, ask_hub=bool(task_names))
        if folder is None and not task.is_embedded and not task_names:
            without_data.append(task.name)
            continue
        loaded.append(load_task(task, folder, each.languages or languages, limit, settings["shots"]))
        if task.trained_facts:
            click.echo(f"{task.name}: {trained_line(loaded[-1].items)}", err=True)
        if loaded[-1].edition:
            click.echo(f"{task.name}: the {loaded[-1].edition} version", err=True)
        if skipped := loaded[-1].skipped:
            reason = f"{task.name} has none of them" if len(skipped) > 1 else "".join(skipped.values())
            click.echo(f"skipped {task.name} in {', '.join(skipped)}: {reason}", err=True)
    if without_data:
        say = "skipped, no data at hand (--data NAME=DIR or $XLEVAL_DATA/NAME)"
        click.echo(f"{say}: {', '.join(without_data)}", err=True)
    return loaded


def _training_facts(tasks: "Sequence[Task]", folders: Mapping[str, Path]) -> "dict[str, TrainedFacts]":
    """Return the training facts of the sets in `--data` that tasks tell their items apart by, by the name of the set.

    Sets that are merely at hand are not read: what a run's figures are split by is named in its command line.
    """
    from xleval.data.trained_facts import read_trained_facts, training_files

    found = {}
    for name in dict.fromkeys(task.facts_in for task in tasks if task.facts_in in folders):
        folder = folders[name]
        if not folder.is_dir():
            raise ConfigError(f"--data {name}={folder}: there is no such folder")
        if training_files(folder):
            found[name] = read_trained_facts(folder)
        else:
            say = "has no en/train.parquet, so items are not told apart by whether it trains on their facts"
            click.echo(f"--data {name}={folder} {say}", err=True)
    return found


def _read_folders(entries: Sequence[str]) -> dict[str, Path]:
    """Return the folders of `--data NAME=DIR`, by the names that tasks look for."""
    from xleval.tasks import TASKS

    known = {name for task in TASKS.values() for name in (task.data_name, *task.data_names)}
    folders: dict[str, Path] = {}
    for entry in entries:
        name, equals, path = entry.partition("=")
        if not equals or not path:
            raise ConfigError(f"--data {entry!r} is not NAME=DIR, for example --data polyfact=my-set")
        if name not in known and name not in TASKS:
            raise unknown_name("name in --data", name, sorted(known))
        folders[name if name in known else TASKS[name].data_name] = Path(path)
    return folders


def _of_version(selection: "Selection", version: str | None) -> "Selection":
    """Return the selection with the version of its task that `--version` names, where the task has versions."""
    from xleval.tasks import TASKS

    name = f"{selection.task.name}_{version}"
    return replace(selection, task=TASKS[name]) if version and name in TASKS else selection
