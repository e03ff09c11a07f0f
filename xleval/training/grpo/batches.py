"""How roll-outs fill a generation batch: whole items, in all their languages, with all their roll-outs (E11).

A generation batch is what one process samples at once: `per_device_train_batch_size x steps_per_generation` roll-outs.
It is trained on in `steps_per_generation` pieces, `num_iterations` times over. Names and meanings are TRL's (1.16).
"""

import math
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xleval.errors import ConfigError, DataError
from xleval.training.config.schema import TrainConfig

#: Roll-outs of one forward pass where nothing is said: 12 languages x 8 roll-outs then make 6 passes.
_FORWARD = 16
_GENERATIONS, _SAVE_STEPS = 8, 500  # defaults of TRL and of transformers
_PER_DEVICE, _ACCUMULATE = "per_device_train_batch_size", "gradient_accumulation_steps"
_PER_GENERATION, _WHOLE = "steps_per_generation", "generation_batch_size"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPlan:
    """Sizes of a training's batches.

    Attributes:
        rows_per_item: prompts of an item: one for each language, one in all under the regime `fixed`.
        n_generations: roll-outs of each prompt.
        per_device: roll-outs of one forward and backward pass of a process.
        accumulate: passes of an optimiser step.
        per_generation: passes that a generation batch is split into.
        n_iterations: times that a generation batch is trained on.
        n_processes: processes that train together.
    """

    rows_per_item: int
    n_generations: int
    per_device: int
    accumulate: int
    per_generation: int
    n_iterations: int
    n_processes: int

    @property
    def per_item(self) -> int:
        """Roll-outs of an item, over its languages."""
        return self.rows_per_item * self.n_generations

    @property
    def local(self) -> int:
        """Roll-outs that a process samples at once."""
        return self.per_device * self.per_generation

    @property
    def n_rows(self) -> int:
        """Prompts of a generation batch over all processes."""
        return self.local * self.n_processes // self.n_generations

    @property
    def block_steps(self) -> int:
        """Optimiser steps after which sampling and stepping are at a border together: a training can go on from there."""
        passes = self.per_generation * self.n_iterations
        return math.lcm(passes, self.accumulate) // self.accumulate


def plan_batches(config: TrainConfig, n_processes: int | None = None) -> BatchPlan:
    """Return the sizes of the batches, those filled in that the configuration leaves open.

    One item per process is sampled at once and makes one optimiser step, unless the settings say more.

    Args:
        config: of a GRPO training.
        n_processes: processes; None: as the launcher says in the environment.

    Raises:
        ConfigError: a size is no whole number above 0, or two sizes contradict each other.
    """
    processes = n_processes if n_processes is not None else int(os.environ.get("WORLD_SIZE", "1"))
    trainer = config.trainer
    n_generations = _count(trainer, "num_generations") or _GENERATIONS
    rows_per_item = 1 if config.data.regime == "fixed" else len(config.data.langs)
    per_item = rows_per_item * n_generations
    per_device, accumulate = _count(trainer, _PER_DEVICE), _count(trainer, _ACCUMULATE)
    per_generation, whole = _count(trainer, _PER_GENERATION), _count(trainer, _WHOLE)
    if per_generation and whole:
        raise ConfigError(
            f"trainer.{_PER_GENERATION} {per_generation} and trainer.{_WHOLE} {whole} both say how much is sampled at "
            "once; give one of them"
        )
    passes = per_generation or accumulate
    if whole and whole % processes:
        raise ConfigError(
            f"trainer.{_WHOLE} {whole} is not a multiple of the {processes} processes; {_near(whole, processes)} are"
        )
    local = whole // processes if whole else None
    if per_device is None:
        per_device = _fitting(local or per_item, passes)
    if per_generation is None:
        per_generation = _parts(local, per_device) if local else accumulate or max(1, per_item // per_device)
    return BatchPlan(
        rows_per_item=rows_per_item, n_generations=n_generations, per_device=per_device,
        accumulate=accumulate or per_generation, per_generation=per_generation,
        n_iterations=_count(trainer, "num_iterations") or 1, n_processes=processes,
    )  # fmt: skip


def check_batches(config: TrainConfig, plan: BatchPlan) -> None:
    """Return nothing where items are never split between batches and every checkpoint is one to go on from.

    Raises:
        ConfigError: with the sizes, and the nearest that fit.
    """
    pooled = config.pooling is not None
    unit = plan.per_item if pooled else plan.n_generations
    have = plan.local if pooled else plan.local * plan.n_processes
    if have % unit:
        what = (
            f"an item has {plan.rows_per_item} languages x {plan.n_generations} roll-outs = {unit}, which are rewarded "
            "together, so a process must sample whole items"
            if pooled
            else f"a prompt has {unit} roll-outs, which are compared with each other"
        )
        raise ConfigError(
            f"trainer.{_PER_DEVICE} {plan.per_device} x trainer.{_PER_GENERATION} {plan.per_generation}"
            f"{'' if pooled else f' x {plan.n_processes} processes'} = {have} roll-outs are sampled at once; {what}; "
            f"the nearest sizes that fit: {_near(have, unit)}. Set trainer.{_PER_GENERATION} "
            f"(and trainer.{_ACCUMULATE}) to {_passes(unit, plan.per_device)}, or leave both out"
        )
    _check_saving(config.trainer, plan)


def fill_batches(config: TrainConfig, n_processes: int | None = None) -> dict[str, object]:
    """Return the settings of the trainer, the sizes of batches filled in and checked.

    Raises:
        ConfigError: as `plan_batches` and `check_batches`.
    """
    plan = plan_batches(config, n_processes)
    check_batches(config, plan)
    settings = dict(config.trainer)
    settings.pop(_WHOLE, None)
    settings.update({
        "num_generations": plan.n_generations, _PER_DEVICE: plan.per_device, _ACCUMULATE: plan.accumulate,
        _PER_GENERATION: plan.per_generation, "num_iterations": plan.n_iterations,
    })  # fmt: skip
    if settings.get("save_strategy", "steps") == "steps":
        settings.setdefault("save_steps", -(-_SAVE_STEPS // plan.block_steps) * plan.block_steps)
    return settings


def _check_saving(trainer: Mapping[str, object], plan: BatchPlan) -> None:
    """A checkpoint inside a block would sample anew for its second half: the training would go another way."""
    if trainer.get("save_strategy", "steps") != "steps" or "save_steps" not in trainer:
        return
    save = trainer["save_steps"]
    if not isinstance(save, int) or isinstance(save, bool) or save < 1:
        raise ConfigError(f"trainer.save_steps is {save!r}; a whole number of steps above 0 is needed")
    if save % plan.block_steps:
        raise ConfigError(
            f"trainer.save_steps {save} is not a multiple of {plan.block_steps}, the optimiser steps of a generation "
            f"batch ({_PER_GENERATION} {plan.per_generation} x num_iterations {plan.n_iterations}, {_ACCUMULATE} "
            f"{plan.accumulate}): a training could not go on from such a checkpoint as it would have. "
            f"The nearest that fit: {_near(save, plan.block_steps)}"
        )


def _count(trainer: Mapping[str, object], key: str) -> int | None:
    value = trainer.get(key)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ConfigError(f"trainer.{key} is {value!r}; a whole number above 0 is needed")
    return value


def _fitting(total: int, passes: int | None) -> int:
    """Return the roll-outs of a pass: `total` split into so many passes, or into as few as stay at a moderate size."""
    if passes:
        return math.lcm(total, passes) // passes
    return max(size for size in range(1, min(total, _FORWARD) + 1) if total % size == 0)


def _parts(local: int, per_device: int) -> int:
    if local % per_device:
        raise ConfigError(
            f"trainer.{_WHOLE} makes {local} roll-outs per process, no multiple of trainer.{_PER_DEVICE} {per_device}; "
            f"the nearest that fit: {_near(local, per_device)}"
        )
    return local // per_device


def _near(value: int, unit: int) -> str:
    below, above = value // unit * unit, (value // unit + 1) * unit
    return " and ".join(str(each) for each in (below, above) if each)


def _passes(unit: int, per_device: int) -> int:
    return math.lcm(unit, per_device) // per_device


def check_whole_items(rows: Sequence[Mapping[str, object]], plan: BatchPlan) -> None:
    """Return nothing where a process holds every item in all its languages, with all roll-outs of each.

    Args:
        rows: one for each roll-out, in the order of sampling, with `item_id`, `lang` and `copy`.
        plan: of the batches.

    Raises:
        DataError: an item lacks a language or a roll-out here: rewards would be pooled over other items.
    """
    for start in range(0, len(rows), plan.per_item):
        item = rows[start : start + plan.per_item]
        names = {str(row["item_id"]) for row in item}
        counts = Counter((str(row["lang"]), row.get("copy", 0)) for row in item)
        if len(names) == 1 and len(counts) == plan.rows_per_item and set(counts.values()) == {plan.n_generations}:
            continue
        found = ", ".join(f"{lang} {count}" for (lang, _), count in sorted(counts.items(), key=str))
        raise DataError(
            f"item {', '.join(sorted(names))}: roll-outs in this generation batch are {found}; needed are "
            f"{plan.n_generations} in each of {plan.rows_per_item} languages of one item. The rows of an item must stand "
            "together, in all languages of data.langs"
        )
