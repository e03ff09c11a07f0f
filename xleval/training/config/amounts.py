"""What a training would do, before it is done: items, rows, roll-outs, steps and memory (D7)."""

import math
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from xleval.errors import XlevalError, first_line
from xleval.training.config.schema import TrainConfig

Found = TypeVar("Found")

_DEFAULT_BATCH, _DEFAULT_EPOCHS = 8, 3.0  # of transformers


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """Amounts of a training that was not started; None where they are not known.

    Attributes:
        n_items: parallel items.
        n_rows: rows of all languages.
        n_rollouts: completions that are sampled.
        n_steps: optimiser steps.
        memory_gb, free_gb: memory that it needs and that is free, in GB of 2**30 bytes.
        problems: why something is not known, or why the training would not start; a sentence each.
    """

    n_items: int | None = None
    n_rows: int | None = None
    n_rollouts: int | None = None
    n_steps: int | None = None
    memory_gb: float | None = None
    free_gb: float | None = None
    problems: tuple[str, ...] = field(default=())


def planned_amounts(config: TrainConfig) -> Amounts:
    """Return the amounts of a training; data at hand is read, weights are not.

    What is not at hand makes a sentence in `problems`, not an error.
    """
    problems: list[str] = []
    rows = _tried(lambda: _rows(config), problems)
    n_items, n_rows = rows or (None, None)
    n_before = len(problems)
    need = _tried(lambda: _memory(config), problems)
    if need is None and len(problems) == n_before:
        problems.append(f"memory is not known: the model {config.model} is not at hand")
    n_steps = _steps(config, n_rows)
    return Amounts(
        n_items=n_items, n_rows=n_rows, n_rollouts=_rollouts(config, n_rows, n_steps), n_steps=n_steps,
        memory_gb=need[0] if need else None, free_gb=need[1] if need else None, problems=tuple(problems),
    )  # fmt: skip


def _tried(find: Callable[[], Found], problems: list[str]) -> Found | None:
    try:
        return find()
    except XlevalError as error:
        problems.append(first_line(error))
        return None


def _memory(config: TrainConfig) -> tuple[float, float | None] | None:
    from xleval.training.memory import planned_memory

    need = planned_memory(config)
    return None if need is None else (need.total_gb, need.free_gb)


def _rows(config: TrainConfig) -> tuple[int | None, int | None]:
    """Return how many items and rows a training has; None for a corpus, which is counted while it is read."""
    data, prompt = config.data, config.prompt
    chat, seed = prompt.chat is not False, config.seed
    if config.kind == "cpt":
        return None, None
    found: list[str] = []
    if config.kind in ("grpo", "cm-align"):
        from xleval.training.sets.prompt_rows import prompt_rows

        found = [row.item_id for row in prompt_rows(data, prompt, has_chat_template=chat, seed=seed)]
    elif config.kind == "sft":
        from xleval.training.sets.answer_rows import answer_rows

        letters = config.loss.sft == "letter"
        found = [row.item_id for row in answer_rows(data, prompt, letters=letters, has_chat_template=chat, seed=seed)]
    elif config.kind == "clo":
        from xleval.training.sets.instruction_pairs import pair_rows

        found = [row.item_id for row in pair_rows(data, prompt, has_chat_template=chat, seed=seed)]
    else:
        from xleval.training.sets.fact_pairs import fact_pair_rows

        found = [row.item_id for row in fact_pair_rows(data, prompt, has_chat_template=chat, seed=seed)]
    return len(set(found)), len(found)


def _number(config: TrainConfig, name: str, otherwise: float) -> float:
    value = config.trainer.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else otherwise


def _steps(config: TrainConfig, n_rows: int | None) -> int | None:
    """Return the optimiser steps, as transformers counts them."""
    given = int(_number(config, "max_steps", -1))
    if given > 0:
        return given
    rows = n_rows
    if config.kind == "cpt" and config.data.max_tokens is not None:
        rows = math.ceil(config.data.max_tokens / _number(config, "max_length", 512))
    if rows is None or config.kind == "cm-align":  # how many pairs the completions make is not known before
        return None
    epochs = _number(config, "num_train_epochs", _DEFAULT_EPOCHS)
    if config.kind == "grpo":
        from xleval.training.grpo.batches import plan_batches

        plan = plan_batches(config)
        return math.ceil(rows // plan.n_rows * plan.block_steps * epochs)
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    batch = _number(config, "per_device_train_batch_size", _DEFAULT_BATCH) * processes
    passes = math.ceil(rows / batch)
    return math.ceil(math.ceil(passes / _number(config, "gradient_accumulation_steps", 1)) * epochs)


def _rollouts(config: TrainConfig, n_rows: int | None, n_steps: int | None) -> int | None:
    if config.kind == "cm-align":
        return None if n_rows is None else n_rows * config.loss.samples
    if config.kind != "grpo":
        return 0
    if n_steps is None:
        return None
    from xleval.training.grpo.batches import plan_batches

    plan = plan_batches(config)
    return math.ceil(n_steps / plan.block_steps) * plan.local * plan.n_processes
