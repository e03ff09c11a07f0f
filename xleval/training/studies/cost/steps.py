"""What a step costs, from what is known before it is begun: hours, memory, disk. Nothing is fetched for it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from xleval.errors import XlevalError
from xleval.training.config.schema import TrainConfig
from xleval.training.studies.cost import constants as table
from xleval.training.studies.cost.amounts import TrainAmounts, train_amounts
from xleval.training.studies.records import Plan, Step

_GB = 2**30
_SIZE = re.compile(r"(?<![A-Za-z0-9.])(\d+(?:[.]\d+)?)([bBmM])(?![A-Za-z0-9])")
_DEMO_PARAMETERS = 268_098_176  # Gemma-3-270M, see `xleval.small_model`


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Cost of a step; None where it is not known.

    Attributes:
        hours: of one GPU of `cost_table.GPU`; in a smoke study, of two CPU cores.
        memory_gb: of that GPU, in GB of 2**30 bytes.
        disk_gb: what it leaves, in GB of 2**30 bytes.
        n_steps, n_rows: optimiser steps and rows of a training.
        basis: what the hours rest on; empty where they are not known.
    """

    hours: float | None = None
    memory_gb: float | None = None
    disk_gb: float | None = None
    n_steps: int | None = None
    n_rows: int | None = None
    basis: str = ""


def costs_of(plan: Plan) -> dict[str, Cost]:
    """Return the cost of every step by its name."""
    return {step.name: cost_of(step, plan) for step in plan.steps}


def cost_of(step: Step, plan: Plan) -> Cost:
    """Return the cost of a step of a plan; of what is not known before, None."""
    n = parameters_of(_model(step, plan))
    if step.kind == "train":
        found = _training(step, n)
    elif step.kind in ("run", "grid", "probe", "traces", "judge"):
        found = Cost() if n is None else Cost(hours=_answering(step, n) / 3600, memory_gb=2 * n * 1.2 / _GB)
    else:
        found = Cost(hours=0.0)
    if plan.options.is_smoke:
        return replace(found, hours=table.SMOKE_S[step.kind] / 3600, basis=table.SMOKE_BASIS)
    return replace(found, basis=found.basis or (table.COUNTED_BASIS if found.hours else ""))


def _model(step: Step, plan: Plan) -> str:
    """Return the model whose size counts in a step: of one that the study trains, the model that its training began with."""
    words = step.words
    model = _value(words, "--judge") or _value(words, "--teacher") or _value(words, "--model") or plan.options.model
    trained = {str(each.out / "model"): _value(each.words, "--model") for each in plan.steps if each.kind == "train"}
    for _ in plan.arms:  # an arm can begin with an arm that begins with an arm
        model = trained.get(model) or model
    return model


@cache
def parameters_of(model: str) -> int | None:
    """Return the weights of a model: of a checkpoint at hand, or as its name says (`7B`, `1.5b`, `270m`); else None."""
    from xleval.training.model_size import size_at_hand

    if model == "demo" and not Path(model).exists():
        return _DEMO_PARAMETERS
    folder = Path(model).expanduser()
    try:
        size = size_at_hand(model) if folder.is_dir() else None
    except XlevalError:  # a GGUF file, or a folder that the step itself will refuse with its reason
        size = None
    if size is not None:
        return size.n_parameters
    found = _SIZE.findall(Path(model).name)
    if not found:
        return None
    number, unit = found[-1]
    return round(float(number) * (1e9 if unit in "bB" else 1e6))


def _training(step: Step, n: int | None) -> Cost:
    try:
        config, amounts = train_amounts(step.words)
    except XlevalError:  # a recipe that does not read: the training says why
        return Cost()
    known = Cost(n_steps=amounts.n_steps, n_rows=amounts.n_rows)
    if n is None:
        return known
    seconds, basis = training_seconds(config, amounts, n)
    return replace(
        known, hours=None if seconds is None else seconds / 3600, basis=basis if seconds is not None else "",
        memory_gb=_training_memory(config, n) / _GB, disk_gb=_training_disk(config, n, amounts.n_steps) / _GB,
    )  # fmt: skip


def training_seconds(config: TrainConfig, amounts: TrainAmounts, n: int) -> tuple[float | None, str]:
    """Return the seconds of a training on one GPU, and what they rest on; None where its amounts are not known.

    Args:
        config: of the training.
        amounts: of it.
        n: weights of its model.
    """
    unit, each = table.MEASURED_S.get(config.kind, ("", 0.0))
    counted = {"steps": amounts.n_steps, "items": amounts.n_items}.get(unit)
    if config.study == "polyfact" and counted and table.MEASURED_SIZES[0] <= n <= table.MEASURED_SIZES[1]:
        return each * counted, table.MEASURED_BASIS
    return counted_seconds(amounts, n), table.COUNTED_BASIS


def counted_seconds(amounts: TrainAmounts, n: int) -> float | None:
    """Return the seconds by the operations: 6 N for a trained token, and what decoding its roll-outs takes."""
    if amounts.n_tokens is None:
        return None
    seconds = table.TRAINING * n * amounts.n_tokens / (table.GPU.flops * table.GPU.training_share)
    return seconds + decoding_seconds(amounts.n_rollouts, amounts.completion, n, side_by_side=amounts.side_by_side)


def decoding_seconds(n_completions: int, tokens: float, n: int, *, side_by_side: int = table.SIDE_BY_SIDE) -> float:
    """Return the seconds that completions take: for each token the weights are read once, or computed with for all.

    Args:
        n_completions: how many.
        tokens: of each.
        n: weights of the model, of two bytes.
        side_by_side: completions that share a reading of the weights.
    """
    together = max(min(n_completions, side_by_side), 1)
    read = 2 * n / (table.GPU.bandwidth * table.GPU.reading_share)
    computed = table.FORWARD * n * together / (table.GPU.flops * table.GPU.training_share)
    return n_completions / together * tokens * max(read, computed)


def _training_memory(config: TrainConfig, n: int) -> float:
    """Return bytes: weights of two bytes and a small adapter, or weights, gradients and AdamW's two numbers of four.

    A reference model and what passes through come on top with a fifth (our assumption); `xleval train --dry-run` counts
    them where the model is at hand.
    """
    if config.lora is not None:
        return 1.2 * 2 * n
    return 1.2 * n * (18 + (4 if config.kind in ("clo", "dco", "cm-align") or config.trainer.get("beta") else 0))


def _training_disk(config: TrainConfig, n: int, n_steps: int | None) -> float:
    """Return bytes of the last weights, and of the checkpoints that are kept with AdamW's two numbers of four bytes.

    An adapter has about a hundredth of the weights, attention a quarter (our assumption).
    """
    trained = n * (0.01 if config.lora is not None else table.ATTENTION_SHARE if config.modules == "attention" else 1.0)
    saved = trained if config.lora is not None else float(n)
    return 4 * (saved + _kept(config, n_steps) * (saved + 2 * trained))


def _kept(config: TrainConfig, n_steps: int | None) -> int:
    """Return how many checkpoints are there in the end; 1 where that is not known."""
    if config.trainer.get("save_strategy") == "no":
        return 0
    limit, every = config.trainer.get("save_total_limit"), config.trainer.get("save_steps")
    made = -(-n_steps // every) if n_steps and isinstance(every, int) and every > 0 else 1
    return min(made, limit) if isinstance(limit, int) else made


def _answering(step: Step, n: int) -> float:
    """Return the seconds of a run, a grid, a probe or a judging."""
    words = step.words
    forward = table.FORWARD * n / (table.GPU.flops * table.GPU.training_share)
    langs = len((_value(words, "--langs") or "en").split(","))
    if step.kind == "probe":
        models = words.count("--against") + words.count("--model")
        return models * langs * table.PROBE_SENTENCES * table.PROBE_PASSES * table.PROMPT_TOKENS * forward
    cells = 1
    for setting in (_value(words, "--decode-grid") or "").split(","):
        cells *= setting.count("/") + 1
    limit, samples = (int(_value(words, name) or 0) for name in ("--limit", "--samples"))
    seconds = 0.0
    for task in (_value(words, "--tasks") or "other").split(","):
        items = table.ITEMS.get(task.partition("[")[0], table.OTHER_ITEMS)
        asked = (min(items, limit) if limit else items) * langs * max(samples, 1)
        tokens = table.SOLUTION_TOKENS if task.startswith(table.GENERATED) else table.SHORT_TOKENS
        seconds += asked * table.PROMPT_TOKENS * forward + decoding_seconds(asked, tokens, n)
    return cells * seconds


def _value(words: Sequence[str], option: str) -> str:
    return words[words.index(option) + 1] if option in words else ""
