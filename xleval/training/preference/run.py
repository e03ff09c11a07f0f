"""A preference training from pairs of texts to saved weights."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xleval.training.checkpoint import CheckpointCallback, save_model, seconds_before
from xleval.training.config.schema import TrainConfig
from xleval.training.config.trainer_settings import trainer_settings
from xleval.training.installed import import_trl
from xleval.training.model import Loaded
from xleval.training.outcome import TrainJob, TrainOutcome
from xleval.training.peak_memory import peak_memory_gb
from xleval.training.preference.curves import held_out_figures
from xleval.training.preference.objectives import Objective
from xleval.training.preference.pairs import TextPairs
from xleval.training.preference.tokens import Tokenised, tokenise
from xleval.training.preference.trainer import PreferenceTrainer


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Pairs of a training.

    Attributes:
        train: pairs that are trained on.
        held_out: pairs of other items, scored before and after; none where empty.
        unrelated: whether the loss needs answers to other prompts (KTO).
        n_rollouts: completions that were sampled to make the pairs.
        figures: counts of what was left out on the way.
    """

    train: Sequence[TextPairs]
    held_out: Sequence[TextPairs] = ()
    unrelated: bool = False
    n_rollouts: int = 0
    figures: Mapping[str, float] | None = None


def train_preferences(
    config: TrainConfig, job: TrainJob, loaded: Loaded, material: Material, objective: Objective
) -> TrainOutcome:
    """Train on pairs, save the weights to `job.out/model` and return what was done.

    The figures are the last point of every curve, those of held-out pairs before and after (`held_out/before/...`), and
    what was left out. The curves themselves are in `trainer_state.json`.

    Raises:
        ConfigError, DataError: settings, or pairs of which none is left.
    """
    import_trl()
    from trl.trainer.dpo_config import DPOConfig
    from trl.trainer.utils import disable_dropout_in_model

    from xleval.training.progress import keep_output_clean

    settings: dict[str, Any] = {**trainer_settings(config, job)}
    args = DPOConfig(**settings)
    args.remove_unused_columns = False  # a row is a record, not columns
    args.include_num_input_tokens_seen = "non_padding"
    train = tokenise(
        material.train, loaded.tokenizer, max_length=args.max_length, unrelated=material.unrelated
    )  # fmt: skip
    held = tokenise(material.held_out, loaded.tokenizer, max_length=args.max_length) if material.held_out else None
    if args.disable_dropout and not _asks_for_dropout(config):
        disable_dropout_in_model(loaded.model)
    trainer = PreferenceTrainer(
        objective=objective,
        pad_id=loaded.tokenizer.pad_token_id,
        model=loaded.model,
        args=args,
        processing_class=loaded.tokenizer,
        callbacks=[CheckpointCallback(config, loaded, job.resume_from)],
    )
    keep_output_clean(trainer, quiet=job.quiet)
    start = time.monotonic()
    trainer.set_pairs(train.rows)
    held_rows = trainer.referenced(held.rows) if held else []
    figures = {**(material.figures or {}), **_left_out(train, held)}
    if held_rows:
        figures |= held_out_figures(objective.figures(trainer.score(held_rows)), when="before")
    trainer.train(resume_from_checkpoint=None if job.resume_from is None else str(job.resume_from))
    if held_rows:
        figures |= held_out_figures(objective.figures(trainer.score(held_rows)), when="after")
    trainer.save_state()
    outcome = TrainOutcome(
        steps=trainer.state.global_step,
        n_rollouts=material.n_rollouts,
        n_tokens=int(trainer.state.num_input_tokens_seen),
        n_items=len({row.item_id for row in train.rows}),
        n_rows=len(train.rows),
        train_s=seconds_before(job.resume_from) + time.monotonic() - start,
        peak_memory_gb=peak_memory_gb(),
        figures={**_last_points(trainer.state.log_history), **figures},
    )
    save_model(loaded.model, loaded.tokenizer, config, job, outcome, loaded.checkpoint)
    return outcome


def _asks_for_dropout(config: TrainConfig) -> bool:
    """Return whether an adapter's dropout was given and TRL's default, which switches all dropout off, was not."""
    return config.lora is not None and config.lora.dropout > 0 and "disable_dropout" not in config.trainer


def _left_out(train: Tokenised, held: Tokenised | None) -> dict[str, float]:
    """Return how many pairs were trained on, held out, and left out by reason."""
    both = [each for each in (train, held) if each is not None]
    return {
        "pairs/train": len(train.rows),
        "pairs/held_out": len(held.rows) if held else 0,
        "pairs/too_long": sum(each.n_too_long for each in both),
        "pairs/equal_answers": sum(each.n_equal for each in both),
    }


def _last_points(history: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the last value of every curve, and the first of the loss."""
    last = {name: value for point in history for name, value in point.items() if name not in ("step", "epoch")}
    first = next((point["loss"] for point in history if "loss" in point), None)
    return last if first is None else {**last, "loss/first": first}
