"""`xleval train grpo`: rows, rewards and model put into the trainer, and what came out."""

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

from xleval.errors import BackendError, ConfigError, MissingExtra, first_line
from xleval.training.config.schema import AdvantageConfig, TrainConfig
from xleval.training.grpo.batches import BatchPlan, fill_batches, plan_batches
from xleval.training.grpo.warping import check_warping
from xleval.training.installed import import_trl
from xleval.training.model import Loaded, load_for_training
from xleval.training.outcome import TrainJob, TrainOutcome
from xleval.training.peak_memory import peak_memory_gb
from xleval.training.sets.prompt_rows import prompt_rows
from xleval.training.sets.records import PromptRow

#: What reward functions are given; `groups` is for tables alone.
_COLUMNS = (
    "prompt", "item_id", "lang", "question", "gold", "task", "choices", "choice_ids", "gold_index", "stop",
    "reference_words", "copy",
)  # fmt: skip


def run_grpo(config: TrainConfig, job: TrainJob) -> TrainOutcome:
    """Train by GRPO and return what was done; the weights are in `job.out/model`.

    Raises:
        ConfigError: sizes of batches, warped sampling, rewards or data that do not fit; named before weights are loaded.
        DataError: the data cannot be read, or an item lacks a language.
        BackendError: the model cannot be loaded.
        MissingExtra: a package of the extra `train`, or one that a reward needs, is not installed.
    """
    config = replace(config, trainer=fill_batches(config))
    plan = plan_batches(config)
    _check_sampling(config, job)
    import_trl()
    from xleval.training.checkpoint import CheckpointCallback, seconds_before
    from xleval.training.monitor.monitor import Monitor
    from xleval.training.progress import keep_output_clean, without_bars
    from xleval.training.rewards.build import build_rewards

    without_bars()
    build_rewards(config)
    monitor = Monitor(config, job)
    loaded = load_for_training(config)
    for note in loaded.notes:
        _say(note)
    rewards = build_rewards(config, end_ids=_end_ids(loaded), prompt_end=_prompt_end(loaded.tokenizer))
    rows = prompt_rows(
        config.data, config.prompt, has_chat_template=bool(loaded.tokenizer.chat_template), seed=config.seed
    )
    n_items = check_rows(rows, plan, pooled=config.pooling is not None)
    if left_out := len(rows) % plan.n_rows:
        batch = f"a generation batch holds {plan.n_rows}"
        _say(f"{left_out} of {len(rows)} prompts are left out of each epoch: {batch}")
    settings = _settings(config, job, rows, [reward.weight for reward in rewards])
    trainer = _trainer(config, loaded, rows, [reward.function for reward in rewards], settings, monitor.record)
    keep_output_clean(trainer, quiet=job.quiet)
    trainer.add_callback(CheckpointCallback(config, loaded, job.resume_from))
    monitor.attach(trainer)
    started = time.perf_counter()
    trainer.train(resume_from_checkpoint=str(job.resume_from) if job.resume_from is not None else None)
    train_s = seconds_before(job.resume_from) + time.perf_counter() - started
    outcome = _outcome(trainer, plan, rows, n_items, train_s, monitor.stopped_by)
    _save(trainer, loaded, config, job, outcome)
    return outcome


def _outcome(
    trainer: Any, plan: BatchPlan, rows: Sequence[PromptRow], n_items: int, train_s: float, stopped_by: str
) -> TrainOutcome:
    return TrainOutcome(
        steps=trainer.state.global_step, n_rollouts=_n_rollouts(trainer.state.global_step, plan),
        n_tokens=int(trainer.state.num_input_tokens_seen), n_items=n_items, n_rows=len(rows), train_s=train_s,
        peak_memory_gb=peak_memory_gb(), figures=_last_figures(trainer.state.log_history),
        stopped_by=stopped_by,
    )  # fmt: skip


def _check_sampling(config: TrainConfig, job: TrainJob) -> None:
    """Return nothing where roll-outs can be drawn, and turned into advantages, as the configuration says."""
    _say(check_warping(config))
    _check_advantage(config)
    if config.trainer.get("use_vllm") and find_spec("vllm") is None:
        raise MissingExtra("vllm", "trainer.use_vllm")


def _check_advantage(config: TrainConfig) -> None:
    """Other deviations than TRL's are computed here, and only for the sum of rewards within a prompt's roll-outs."""
    if config.advantage == AdvantageConfig():
        return
    for key, needed in (("scale_rewards", "group"), ("multi_objective_aggregation", "sum_then_normalize")):
        if config.trainer.get(key, needed) not in (needed, True):
            raise ConfigError(
                f"advantage is {config.advantage.std} with epsilon {config.advantage.epsilon} and trainer.{key} "
                f"{config.trainer[key]}: the first is computed for {needed} only. Leave out one of them"
            )


def check_rows(rows: Sequence[PromptRow], plan: BatchPlan, *, pooled: bool) -> int:
    """Return the number of items, every one in all its languages where rewards are pooled.

    Raises:
        ConfigError: there are fewer prompts than a generation batch holds.
        DataError: an item has other languages than the rest.
    """
    from xleval.training.grpo.sampler import item_blocks

    blocks = item_blocks(item_keys(rows))
    if len(rows) < plan.n_rows:
        raise ConfigError(
            f"the training set has {len(rows)} prompts, and a generation batch holds {plan.n_rows} "
            f"({plan.local} roll-outs x {plan.n_processes} processes / {plan.n_generations} for each prompt): take more "
            "items (data.limit) or a smaller batch (trainer.steps_per_generation)"
        )
    if pooled:
        from xleval.training.grpo.batches import check_whole_items

        for block in blocks:
            each = [{"item_id": rows[row].item_id, "lang": rows[row].lang, "copy": rows[row].copy} for row in block]
            check_whole_items([row for row in each for _ in range(plan.n_generations)], plan)
    return len(blocks)


def item_keys(rows: Sequence[PromptRow]) -> list[str]:
    """Return what makes rows one item."""
    return [row.item_id for row in rows]


def _settings(
    config: TrainConfig, job: TrainJob, rows: Sequence[PromptRow], weights: Sequence[float]
) -> dict[str, Any]:
    """Return the arguments of GRPOConfig; with vLLM the texts that end an answer go to its engine."""
    from xleval.training.config.trainer_settings import trainer_settings

    settings: dict[str, Any] = trainer_settings(config, job)
    settings.update({"reward_weights": list(weights), "shuffle_dataset": False, "remove_unused_columns": False})
    stops = sorted({stop for row in rows for stop in row.stop})
    if settings.get("use_vllm") and stops:
        given = settings.get("generation_kwargs") or {}
        settings["generation_kwargs"] = {"stop": stops, **(given if isinstance(given, Mapping) else {})}
    return settings


def _trainer(
    config: TrainConfig, loaded: Loaded, rows: Sequence[PromptRow], functions: Sequence[Any],
    settings: Mapping[str, Any], observer: Any,
) -> Any:  # fmt: skip
    from datasets import Dataset
    from trl.trainer.grpo_config import GRPOConfig

    from xleval.training.grpo.fact_judge import fact_judge
    from xleval.training.grpo.trainer import CrossLingualGRPOTrainer, GroupRules

    rules = GroupRules(
        plan=plan_batches(config), pooled=config.pooling is not None, shuffle=config.data.order == "shuffled",
        advantage=config.advantage, observer=observer,
        judge=fact_judge(config, rows, prompt_end=_prompt_end(loaded.tokenizer)),
        correct_warping=config.warping == "correct" and not settings.get("use_vllm"),
    )  # fmt: skip
    try:
        return CrossLingualGRPOTrainer(
            model=loaded.model, reward_funcs=list(functions), args=GRPOConfig(**settings),
            train_dataset=Dataset.from_list([columns_of(row) for row in rows]), processing_class=loaded.tokenizer,
            rules=rules,
        )  # fmt: skip
    except ConnectionError as error:  # vLLM's server; TRL has waited for it by then (vllm_server_timeout)
        raise BackendError(
            f"the vLLM server does not answer: {first_line(error)}. Start `trl vllm-serve`, or set "
            "trainer.vllm_mode=colocate"
        ) from error


def columns_of(row: PromptRow) -> dict[str, Any]:
    """Return a row as the trainer's data set holds it."""
    return {
        name: list(value) if isinstance(value := getattr(row, name), tuple) else value for name in _COLUMNS
    }  # fmt: skip


def _save(trainer: Any, loaded: Loaded, config: TrainConfig, job: TrainJob, outcome: TrainOutcome) -> None:
    from xleval.training.checkpoint import save_model

    model = trainer.accelerator.unwrap_model(trainer.model)
    save_model(model, loaded.tokenizer, config, job, outcome, loaded.checkpoint)
    trainer.accelerator.wait_for_everyone()


def _end_ids(loaded: Loaded) -> set[int]:
    """Return the tokens that end a completion, as the trainer takes them."""
    ends = loaded.model.generation_config.eos_token_id
    return {loaded.tokenizer.eos_token_id, *(ends if isinstance(ends, list) else [ends])} - {None}


def _prompt_end(tokenizer: Any) -> str:
    """Return what the chat template writes after the last turn; some open a `<think>` there."""
    if not tokenizer.chat_template:
        return ""
    turns = [{"role": "user", "content": "?"}]
    bare, asked = (
        tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=asks) for asks in (False, True)
    )
    return str(asked).removeprefix(bare) if str(asked).startswith(bare) else ""


def _n_rollouts(steps: int, plan: BatchPlan) -> int:
    """Return the completions that were sampled for so many optimiser steps; a batch that was begun counts whole."""
    batches = -(-steps * plan.accumulate // (plan.per_generation * plan.n_iterations))
    return batches * plan.local * plan.n_processes


def _last_figures(history: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return the last value of every curve, the summary at the end left out."""
    last: dict[str, float] = {}
    for entry in history:
        if "train_runtime" not in entry:
            last.update({key: float(value) for key, value in entry.items() if isinstance(value, int | float)})
    return last


def _say(sentence: str) -> None:
    if sentence:
        print(sentence, file=sys.stderr)
