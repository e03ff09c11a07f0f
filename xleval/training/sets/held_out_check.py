"""Whether the held-out sets of a training are there, looked at before anything is loaded."""

from dataclasses import replace
from pathlib import Path

from xleval.errors import ConfigError
from xleval.training.config.schema import TrainConfig
from xleval.training.sets.instruction_pairs import read_instructions
from xleval.training.sets.item_set import read_items
from xleval.training.sets.prompt_rows import HELD_OUT_SPLIT, held_out_items

#: Kinds whose monitor asks prompts while they train; `clo`, `dco` and `cm-align` score held-out pairs before and after.
_ASKED = ("grpo", "sft", "cpt")


def check_held_out(config: TrainConfig) -> None:
    """Return nothing where the sets that a training is watched with are there and have its languages.

    Raises:
        ConfigError: there is no such set, it lacks a split or a language, or all of it is trained on.
        DataError: it cannot be read.
    """
    if config.kind in _ASKED and config.monitor.every:
        held_out_items(config.data, config.monitor, seed=config.seed)
    if config.monitor.source and config.monitor.limit and config.kind not in ("grpo", "cpt"):
        _check_named(config)


def _check_named(config: TrainConfig) -> None:
    """Refuse a `monitor.source` that is not there; what stands in a folder or file is looked at when it is read."""
    source = config.monitor.source
    if Path(source).exists():
        return
    data = replace(config.data, source=source, columns={})
    if config.kind == "sft":
        data = replace(data, split=HELD_OUT_SPLIT, columns=config.data.columns)
    try:
        if config.kind == "clo":
            read_instructions(data, data.langs)
        else:
            read_items(data)
    except ConfigError as error:
        raise ConfigError(
            f"monitor.source is {source}: {error}. Without it the validation split of data.source is held out; "
            "--set monitor.limit=0 holds out nothing"
        ) from error
