"""Configurations, plans and lists of recipes as text for people and as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

from xleval.text_console import print_whole, printed, text_console
from xleval.training.config.amounts import Amounts
from xleval.training.config.contradictions import plays_part
from xleval.training.config.recipes import RecipeFile, recipe_files
from xleval.training.config.schema import Kind, TrainConfig
from xleval.training.config.trainer_settings import trainer_settings
from xleval.training.config.variants import axes_of
from xleval.training.outcome import TrainJob

_WIDTH = 140
_DEFAULT = "default"
_AMOUNTS = (
    ("items", "n_items"), ("rows, all languages", "n_rows"), ("roll-outs", "n_rollouts"), ("optimiser steps", "n_steps"),
    ("memory needed, GB", "memory_gb"), ("memory free, GB", "free_gb"),
)  # fmt: skip


def resolved(config: TrainConfig) -> Iterator[tuple[str, object, str]]:
    """Yield every setting: its dotted key, its value, and where that comes from; settings of TRL that nobody sets are left out."""
    sources = config.sources
    yield "kind", config.kind, ""
    yield "name", config.name, ""
    for key, value in _settings(config, ""):
        if not plays_part(config.kind, key):
            continue
        own = sources.get(key)
        below = next((source for stated, source in sources.items() if stated.startswith(f"{key}.")), None)
        yield key, value, own or below or _DEFAULT
    yield from _decided(config)


def _decided(config: TrainConfig) -> Iterator[tuple[str, object, str]]:
    """Yield the settings of TRL that xleval decides or fills in."""
    for name, value in trainer_settings(config, TrainJob(out=Path("OUT"), quiet=True)).items():
        if name not in config.trainer and name not in ("output_dir", "report_to", "disable_tqdm"):
            yield f"trainer.{name}", value, "xleval"


def _settings(record: Any, prefix: str) -> Iterator[tuple[str, object]]:
    for name in record.__dataclass_fields__:
        value = getattr(record, name)
        if not prefix and name in ("kind", "name", "sources"):
            continue
        if not prefix and name == "rewards":
            for reward in value:
                yield from _settings(reward, f"rewards.{reward.name}.")
        elif not prefix and name == "trainer":
            yield from ((f"trainer.{setting}", each) for setting, each in value.items())
        elif is_dataclass(value):
            yield from _settings(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value)) or "-"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_shown(each)}" for key, each in value.items()) or "-"
    return "-" if value is None or value == "" else str(value)


def render_plan(config: TrainConfig, amounts: Amounts) -> str:
    """Return the resolved configuration and the amounts as two tables."""
    from rich.table import Table

    console = text_console(plain_width=_WIDTH)
    table = Table(title=f"xleval train {config.kind}: {config.name}", title_justify="left")
    for column in ("key", "value", "source"):
        table.add_column(column, overflow="fold")
    for key, value, source in resolved(config):
        table.add_row(key, _shown(value), source)
    print_whole(console, table)
    figures = Table(title="amounts", title_justify="left")
    figures.add_column("what")
    figures.add_column("how much", justify="right")
    for what, name in _AMOUNTS:
        value = getattr(amounts, name)
        figures.add_row(
            what, "not known" if value is None else f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"
        )
    print_whole(console, figures)
    return printed(console)


def plan_as_json(config: TrainConfig, amounts: Amounts) -> dict[str, Any]:
    """Return the resolved configuration and the amounts as JSON values."""
    settings = [{"key": key, "value": value, "source": source} for key, value, source in resolved(config)]
    return {"kind": config.kind, "name": config.name, "settings": settings, "amounts": asdict(amounts)}


def render_recipes(kind: Kind, prefix: str = "") -> str:
    """Return the recipes of a kind: a line for each file with the pattern of its names, and the options of each axis."""
    lines = []
    for file in recipe_files():
        if file.kind == kind and any(name.startswith(prefix) for name in file.names):
            lines += _lines(file)
    return "\n".join(lines) + "\n" if lines else "no recipes\n"


def _lines(file: RecipeFile) -> list[str]:
    axes = axes_of(file.tree)
    if not axes:
        return [file.names[0]]
    return [
        f"{file.study}/{pattern_of(file)}  ({len(file.names)} recipes)",
        *(f"    {axis}: {', '.join(options)}" for axis, options in axes.items()),
    ]


def pattern_of(file: RecipeFile) -> str:
    """Return how the names of a file are made, such as `{model}-{lang}-{reward}`."""
    from xleval.training.config.variants import name_pattern

    return name_pattern(file.tree)


def render_outcomes(summaries: Sequence[Mapping[str, Any]]) -> str:
    """Return what trainings did, one row each."""
    from rich.table import Table

    console = text_console(plain_width=_WIDTH)
    table = Table()
    shown = ("seed", "steps", "n_rows", "n_rollouts", "n_tokens", "train_s", "peak_memory_gb", "model")
    for column in shown:
        table.add_column(column.removeprefix("n_").replace("_", " "), justify="left" if column == "model" else "right")
    for each in summaries:
        table.add_row(*(f"{each[key]:,.1f}" if isinstance(each[key], float) else f"{each[key]}" for key in shown))
    print_whole(console, table)
    figures = sorted({name for each in summaries for name in each["figures"]})
    if figures:
        last = Table(title="last figures", title_justify="left")
        last.add_column("figure")
        for each in summaries:
            last.add_column(f"seed {each['seed']}", justify="right")
        for name in figures:
            values = [each["figures"].get(name) for each in summaries]
            last.add_row(name, *("-" if value is None else f"{value:.4g}" for value in values))
        print_whole(console, last)
    for each in summaries:
        if each["stopped_by"]:
            console.print(f"seed {each['seed']}: stopped by the warning {each['stopped_by']}")
    return printed(console)
