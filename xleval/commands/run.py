"""`xleval run`: a model over tasks in some languages."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xleval.commands.help_page import Command
from xleval.commands.saved import second_detector_option
from xleval.commands.scoring import cutoff_option, seen_option
from xleval.commands.work import item_options, model_options, prompt_options, read_backend, read_options, read_tasks
from xleval.console import (
    exit_when_incomplete,
    json_option,
    out_option,
    print_json,
    print_results,
    progress_bar,
    reporters,
    resume_option,
)
from xleval.errors import ConfigError

if TYPE_CHECKING:
    from xleval.evalkit.backends.base import Backend
    from xleval.evalkit.results_schema import Results
    from xleval.evalkit.runner import RunConfig, RunPlan
    from xleval.evalkit.task import LoadedTask


@click.command(cls=Command)
@click.option("--model", required=True, help="Checkpoint folder, GGUF file, hub id, BACKEND:MODEL, or demo.")
@click.option("--langs", required=True, help="Language codes, separated by commas; or polyfact, or all.")
@click.option(
    "--tasks",
    "task_names",
    metavar="TASK[LANG,..],..",
    help="Tasks and groups of tasks, such as mgsm[ko,zh],facts.  [default: those whose data are at hand]",
)
@item_options
@click.option("--limit", type=int, help="First items of each task only, the same ones in every language.")
@model_options
@prompt_options
@click.option(
    "--samples",
    type=int,
    help="Completions of each prompt: mean@k, pass@k, maj@k.  [default: the task's own, mostly 1]",
)
@click.option(
    "--rotations",
    default="all",
    show_default=True,
    metavar="all|N",
    help="Orders in which shown options are asked; the scores of a letter are averaged over them.",
)
@click.option("--pmi", is_flag=True, help="Also score hidden options after the bare answer label.")
@click.option(
    "--length-budget",
    default="tokens",
    show_default=True,
    help="What is equal across languages: tokens, chars, fertility.",
)
@click.option(
    "--decode-grid", metavar="K=V/V,..", help="A run for each combination, such as temperature=0.6/1.0,top_p=0.9/1."
)
@click.option("--ties", default="expected", show_default=True, help="How tied options count: expected or published.")
@seen_option
@cutoff_option
@click.option("--seed", default=0, show_default=True, help="Decides what is drawn: completions, bootstrap.")
@second_detector_option
@click.option("--shard", metavar="I/N", help="Ask part I of N of the items only; xleval merge puts the parts together.")
@click.option("--log-to", metavar="wandb[:PROJECT]|tensorboard[:DIR]", help="Log the results there, too.")
@out_option
@resume_option
@json_option
def run(model: str, langs: str, task_names: str | None, **settings: Any) -> None:
    """Run a model over tasks in some languages, and write samples, results and a report."""
    from xleval.data.languages import parse_languages
    from xleval.evalkit.runner import RunConfig, check_work, plan_run
    from xleval.evalkit.settings import parse_shard

    config = RunConfig(
        languages=parse_languages(langs),
        limit=settings["limit"],
        seed=settings["seed"],
        ties=settings["ties"],
        samples=1 if settings["decode_grid"] else settings["samples"],  # a grid may bring the temperature
        chat=settings["chat"],
        rotations=_rotations(settings["rotations"]),
        pmi=settings["pmi"],
        length_budget=settings["length_budget"],
        seen_languages=parse_languages(settings["seen_langs"]) if settings["seen_langs"] else (),
        cutoff=settings["cutoff"] or "",
        shard=parse_shard(settings["shard"]) if settings["shard"] else None,
        second_detector=settings["second_detector"],
        options=read_options(settings),
    )
    if settings["log_to"]:
        from xleval.evalkit.trackers import check_target

        check_target(settings["log_to"])  # before hours of work
    loaded = read_tasks(task_names, settings, config.languages, config.limit)
    check_work(loaded, config)
    backend = read_backend(model, settings)
    try:
        if settings["decode_grid"]:
            return _run_grid(backend, loaded, config, model, settings)
        plan = plan_run(backend, loaded, config)
        folder, results = _run_one(backend, loaded, config, plan, model, settings)
    finally:
        backend.close()
    if settings["as_json"]:
        print_json(results)
    else:
        print_results(results, folder)
    exit_when_incomplete(results)


def _rotations(text: str) -> int | None:
    if text == "all":
        return None
    if not text.isdecimal():
        raise ConfigError(f"--rotations {text}: needed is a number of orders, 1 for the published one, or all")
    return int(text)


def _run_one(
    backend: "Backend", loaded: "list[LoadedTask]", config: "RunConfig", plan: "RunPlan", model: str,
    settings: dict[str, Any],
) -> "tuple[Path, Results]":  # fmt: skip
    from xleval.evalkit.run_folder import default_folder
    from xleval.evalkit.runner import run as run_tasks

    _say_how(plan)
    folder: Path = settings["out"] or default_folder(plan.signature, model)
    with progress_bar() as progress:
        say, count = reporters(progress)
        say("running")
        results = run_tasks(
            backend, loaded, config, folder, resume=settings["resume"], progress=count, plan=plan, processes=None
        )
    _log(results, folder, settings["log_to"])
    return folder, results


def _run_grid(
    backend: "Backend", loaded: "list[LoadedTask]", config: "RunConfig", model: str, settings: dict[str, Any]
) -> None:
    from xleval.evalkit.decode_grid import grid_cells, grid_folder, render_grid

    cells = grid_cells(backend, loaded, config, settings["decode_grid"], samples=settings["samples"])
    root: Path = settings["out"] or grid_folder(cells, model)
    found = {}
    for label, (cell_config, plan) in cells.items():
        click.echo(f"{label}:", err=True)
        given = {**settings, "out": root / label}
        _, found[label] = _run_one(backend, loaded, cell_config, plan, model, given)
    if settings["as_json"]:
        print_json(found)
    else:
        click.echo(render_grid(found))
        click.echo(f"{root}", err=True)
    exit_when_incomplete(*found.values())


def _say_how(plan: "RunPlan") -> None:
    """Say on standard error what was decided from the model."""
    chosen = plan.signature["chat"]
    for name, task in plan.signature["tasks"].items():
        if chosen is None and task["chat"]:
            say = "asked in conversations, as the model has a chat template (--no-chat: as text to continue)"
            click.echo(f"{name}: {say}", err=True)
        limits = task["max_tokens"] or {}
        if len(set(limits.values())) > 1:
            shown = ", ".join(f"{lang} {limit}" for lang, limit in limits.items())
            click.echo(f"{name}: tokens a completion by length budget: {shown}", err=True)


def _log(results: "Results", folder: Path, target: str | None) -> None:
    if target:
        from xleval.evalkit.trackers import log_results

        click.echo(f"logged to {log_results(results, folder, target)}", err=True)
