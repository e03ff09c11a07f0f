"""`xleval train KIND CONFIG`: trains a model by a recipe of the package or a YAML file."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xleval.commands.help_page import Command, Group
from xleval.commands.values import fixed
from xleval.console import FOLDER, json_option, names, print_json, progress_bar, reporters, resume_option
from xleval.errors import ConfigError, unknown_name

if TYPE_CHECKING:
    from xleval.training.config.schema import Kind, TrainConfig

_SUBJECT = {
    "grpo": "GRPO: answers are sampled and rewarded; PolyFact's reward pools the languages of a fact.",
    "sft": "Supervised fine-tuning on answers, letters of options, or traces.",
    "cpt": "Continued pre-training on text in several languages.",
    "clo": "Cross-lingual optimisation: pairs of an instruction in English and another language.",
    "dco": "Direct consistency optimisation: a fact's options have the same order in two languages.",
    "cm-align": "CM-Align: the model's own answers are preferred by their agreement with its English ones.",
}


@click.group(cls=Group)
def train() -> None:
    """Train a model by a recipe (STUDY/NAME, see --list) or a YAML file (docs/train.md)."""


def _command(kind: "Kind") -> click.Command:
    """Return the subcommand of a kind; they differ in nothing but the kind."""

    @click.command(kind, cls=Command, help=_SUBJECT[kind])
    @click.argument("config", required=False)
    @click.option(
        "--set", "settings", multiple=True, metavar="KEY=VALUE", help="A value over the file's; can be repeated."
    )
    @click.option("--model", help="Checkpoint folder or hub id, or demo for the small model of xleval demo.")
    @click.option(
        "--data",
        metavar="PATH|NAME",
        type=fixed(files=True),
        help="Folder, file or name of the training set.",
    )
    @click.option("--langs", help="Language codes, separated by commas, in the order in which they count.")
    @click.option("--out", type=FOLDER, help="Output folder, new or empty; the weights go to OUT/model.")
    @click.option("--seed", type=int, help="Of drawn weights, of the order and of sampling.")
    @click.option(
        "--seeds", type=click.IntRange(min=1), help="Train so many times, with SEED, SEED+1, .., into OUT/seed-S."
    )
    @click.option("--allow-overlap", is_flag=True, help="Train although test items are among the training items.")
    @click.option("--log-to", help="Trackers, separated by commas: tensorboard, wandb.")
    @click.option(
        "--dry-run", is_flag=True, help="Print the settings with their sources, and the amounts; load no weights."
    )
    @click.option("--list", "show_list", is_flag=True, help="Print the names of the recipes.")
    @resume_option
    @json_option
    def command(**options: Any) -> None:
        _run(kind, **options)

    return command


for _kind in _SUBJECT:
    train.add_command(_command(_kind))  # type: ignore[arg-type]


def _run(
    kind: "Kind", *, config: str | None, settings: Sequence[str], model: str | None, data: str | None, langs: str | None,
    out: Path | None, seed: int | None, seeds: int | None, allow_overlap: bool, log_to: str | None, dry_run: bool,
    show_list: bool, resume: bool, as_json: bool,
) -> None:  # fmt: skip
    from xleval.training.config.read import read_config

    if show_list:
        _print_recipes(kind, config, as_json=as_json)
        return
    if config is None:
        raise ConfigError(
            f"no configuration: give a recipe or a YAML file; xleval train {kind} --list names the recipes"
        )
    given = [
        f"{key}={value}"
        for key, value in (("model", model), ("data.source", data), ("data.langs", langs), ("seed", seed))
        if value is not None
    ]
    given += ["data.on_overlap=allow"] if allow_overlap else []
    read = read_config(config, kind, [*settings, *given])
    if dry_run:
        _print_plan(read, as_json=as_json)
        return
    if out is None:
        raise ConfigError(f"no output folder: give --out DIR, or --dry-run to see what {read.name} would do")
    if read.after and not any(text.startswith("model=") for text in [*settings, *given]):
        raise ConfigError(
            f"{read.name} begins with the weights that the recipe {read.after} leaves, and model is {read.model}, where "
            f"that one begins. Train it first and give its weights: --model OUT/model"
        )
    _train_seeds(read, out, seeds=seeds, resume=resume, log_to=names(log_to, "--log-to"), as_json=as_json)


def _train_seeds(
    config: "TrainConfig", out: Path, *, seeds: int | None, resume: bool, log_to: tuple[str, ...], as_json: bool
) -> None:
    from xleval.commands.models import model_name
    from xleval.training.config.plan_text import render_outcomes
    from xleval.training.run import refuse_taken
    from xleval.training.run import train as train_once

    folders = {seed: out / f"seed-{seed}" if seeds else out for seed in range(config.seed, config.seed + (seeds or 1))}
    for folder in folders.values():  # all of them before the first training, which can take days
        refuse_taken(folder, resume=resume)
    summaries = []
    with progress_bar() as progress:
        say, _ = reporters(progress)
        config = replace(config, model=model_name(config.model, say))
        for seed, folder in folders.items():
            # One bar at a time: the trainer has its own.
            progress.stop()
            summaries.append(
                train_once(
                    replace(config, seed=seed),
                    folder,
                    resume=resume,
                    log_to=log_to,
                    quiet=not sys.stderr.isatty(),
                    say=say,
                )
            )
    if as_json:
        print_json([each.as_json() for each in summaries] if seeds else summaries[0].as_json())
    else:
        click.echo(render_outcomes([each.as_json() for each in summaries]), nl=False)
        click.echo(
            f"next: xleval run --model {summaries[-1].model} --langs {','.join(config.data.langs)} --out RUN", err=True
        )


def _print_plan(config: "TrainConfig", *, as_json: bool) -> None:
    from xleval.commands.models import model_at_hand
    from xleval.training.config.amounts import planned_amounts
    from xleval.training.config.plan_text import plan_as_json, render_plan

    amounts = planned_amounts(replace(config, model=model_at_hand(config.model)))
    if as_json:
        print_json(plan_as_json(config, amounts))
        return
    click.echo(render_plan(config, amounts), nl=False)
    for problem in amounts.problems:
        click.echo(f"before it can run: {problem}", err=True)


def _print_recipes(kind: "Kind", prefix: str | None, *, as_json: bool) -> None:
    from xleval.training.config.plan_text import render_recipes
    from xleval.training.config.recipes import recipe_names

    every = recipe_names(kind)
    found = [name for name in every if name.startswith(prefix or "")]
    if not found:
        studies = dict.fromkeys(f"{name.partition('/')[0]}/" for name in every)
        raise unknown_name(f"beginning of recipes of {kind}", prefix or "", studies)
    if as_json:
        print_json(found)
    else:
        click.echo(render_recipes(kind, prefix or ""), nl=False)
