"""The amounts of a training of a plan: rows, steps and tokens, as far as they are known before its data is made."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path

from xleval.errors import XlevalError
from xleval.training.config.schema import TrainConfig
from xleval.training.studies.cost import constants as table

_EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainAmounts:
    """Amounts of a training; None where they are not known.

    Attributes:
        n_items: parallel items, such as facts.
        n_rows: rows of all languages.
        n_steps: optimiser steps.
        n_tokens: trained on, every pass counted.
        n_rollouts: completions that are sampled; 0 for none.
        completion: tokens of one.
        side_by_side: completions of a step, which are sampled together.
    """

    n_items: int | None = None
    n_rows: int | None = None
    n_steps: int | None = None
    n_tokens: float | None = None
    n_rollouts: int = 0
    completion: float = 0.0
    side_by_side: int = table.SIDE_BY_SIDE


def train_amounts(words: Sequence[str]) -> tuple[TrainConfig, TrainAmounts]:
    """Return the configuration and the amounts of the words of a training.

    Raises:
        ConfigError: no such recipe, or settings that contradict each other.
    """
    kept, taken = [], iter(words)
    for word in taken:
        if word in ("--out", "--seed"):  # they change neither: one reading for all seeds
            next(taken)
        else:
            kept.append(word)
    return _amounts(tuple(kept))


def config_of(words: Sequence[str]) -> TrainConfig:
    """Return the configuration that `xleval train` would read from its words.

    Raises:
        ConfigError: no such recipe, or settings that contradict each other.
    """
    from xleval.training.config.read import read_config
    from xleval.training.config.schema import KINDS

    kind = next(each for each in KINDS if each == words[1])
    keys = {"--model": "model", "--data": "data.source", "--langs": "data.langs", "--seed": "seed"}
    later = list(pairwise(words[3:]))
    settings = [value for option, value in later if option == "--set"]
    given = [f"{keys[option]}={value}" for option, value in later if option in keys]
    return read_config(words[2], kind, [*settings, *given])


@cache
def _amounts(words: tuple[str, ...]) -> tuple[TrainConfig, TrainAmounts]:
    config = config_of(words)
    n_items, n_rows = _rows(config)
    if config.kind == "grpo":
        return config, _grpo(config, n_items, n_rows)
    if config.kind == "cpt":
        return config, _cpt(config)
    steps, epochs, batch = _given_steps(config), _number(config, "num_train_epochs", 3.0), _batch(config)
    if steps is None and n_rows is not None:
        steps = math.ceil(math.ceil(n_rows / batch) * epochs)
    passes = steps * batch if steps is not None else None
    length = min(table.ROW_TOKENS[config.kind], _number(config, "max_length", table.DEFAULT_LENGTH))
    if config.kind == "sft" and config.loss.sft == "letter":
        length = min(length, table.LETTER_TOKENS)
    sides = 1 if config.kind == "sft" else 4  # two answers, each also read by the reference
    found = TrainAmounts(
        n_items=n_items, n_rows=n_rows, n_steps=steps, n_tokens=None if passes is None else passes * length * sides
    )
    if config.kind == "cm-align":
        tokens = float(config.loss.max_new_tokens)
        sampled = 0 if n_rows is None else n_rows * config.loss.samples
        found = replace(found, n_rollouts=sampled, completion=tokens)
    return config, found


def _rows(config: TrainConfig) -> tuple[int | None, int | None]:
    """Return items and rows: counted where the set is a folder here, else as the recipe limits them."""
    data = config.data
    if data.source == _EMBEDDED or Path(data.source).exists():
        from xleval.training.config.amounts import planned_amounts

        try:
            found = planned_amounts(replace(config, model="unknown/unknown"))
        except XlevalError:
            found = None
        if found is not None and found.n_rows is not None:
            return found.n_items, found.n_rows
    if data.limit is None:
        return None, None
    paired = config.kind in ("clo", "dco")  # a row is an item in two languages
    per_item = 1 if paired or data.regime == "fixed" else len(data.langs)
    return data.limit, data.limit * per_item


def _grpo(config: TrainConfig, n_items: int | None, n_rows: int | None) -> TrainAmounts:
    from xleval.training.grpo.batches import plan_batches

    plan = plan_batches(config)
    steps = _given_steps(config)
    if steps is None and n_rows is not None:
        steps = math.ceil(n_rows // plan.n_rows * plan.block_steps * _number(config, "num_train_epochs", 3.0))
    longest = _number(config, "max_completion_length", table.DEFAULT_COMPLETION)
    completion = longest if longest <= table.SHORT else longest * table.COMPLETION_SHARE
    together = plan.local * plan.n_processes
    rollouts = 0 if steps is None else math.ceil(steps / plan.block_steps) * together
    tokens = rollouts * (table.ROW_TOKENS["grpo"] + completion)
    return TrainAmounts(
        n_items=n_items, n_rows=n_rows, n_steps=steps, n_tokens=tokens if steps is not None else None,
        n_rollouts=rollouts, completion=completion, side_by_side=together,
    )  # fmt: skip


def _cpt(config: TrainConfig) -> TrainAmounts:
    steps, length = _given_steps(config), _number(config, "max_length", table.DEFAULT_LENGTH)
    tokens = config.data.max_tokens
    if steps is None and tokens is not None:
        steps = math.ceil(math.ceil(tokens / length) / _batch(config) * _number(config, "num_train_epochs", 3.0))
    return TrainAmounts(n_steps=steps, n_tokens=None if steps is None else steps * _batch(config) * length)


def _given_steps(config: TrainConfig) -> int | None:
    steps = int(_number(config, "max_steps", -1))
    return steps if steps > 0 else None


def _batch(config: TrainConfig) -> float:
    """Return rows of an optimiser step on one GPU."""
    return _number(config, "per_device_train_batch_size", 8) * _number(config, "gradient_accumulation_steps", 1)


def _number(config: TrainConfig, name: str, otherwise: float) -> float:
    value = config.trainer.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else otherwise
