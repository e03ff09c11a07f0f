"""TRL's SFT trainer on token ids made here: for answers (`sft`) and for texts (`cpt`)."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from datasets import Dataset
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from xleval.training.checkpoint import CheckpointCallback, seconds_before
from xleval.training.config.schema import TrainConfig
from xleval.training.config.trainer_settings import trainer_settings
from xleval.training.model import Loaded
from xleval.training.monitor.monitor import Monitor
from xleval.training.outcome import TrainJob, TrainOutcome
from xleval.training.peak_memory import peak_memory_gb
from xleval.training.progress import keep_output_clean, without_bars

#: Logged beside the curves: when, and how fast.
_NO_FIGURES = ("step", "epoch", "train_runtime", "train_tokens_per_second", "num_tokens", "num_input_tokens_seen")
#: Figures of held-out data for a model: name -> value.
HeldOut = Callable[[Any], Mapping[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """What a training is made of: parallel items, rows of all languages, and figures about what was left out."""

    n_items: int
    n_rows: int
    figures: Mapping[str, float]


class TokenTrainer(SFTTrainer):
    """TRL's trainer without its model card: ours says more."""

    def create_model_card(self, *_: object, **__: object) -> None:
        """Write nothing: `CheckpointCallback` writes the card."""


def settings_for(config: TrainConfig, job: TrainJob) -> dict[str, Any]:
    """Return the arguments of SFTConfig; tokens are counted over resumed trainings too."""
    without_bars()  # of seconds: the bar of the training is the one that is looked at
    order = {} if config.data.order == "shuffled" else {"train_sampling_strategy": "sequential"}
    return {"include_num_input_tokens_seen": "non_padding", **order, **trainer_settings(config, job)}


def token_trainer(
    config: TrainConfig, loaded: Loaded, dataset: Dataset, settings: Mapping[str, Any], job: TrainJob
) -> TokenTrainer:
    """Return the trainer of rows with `input_ids` and `labels`; nothing is cut and no token is added."""
    return TokenTrainer(
        model=loaded.model,
        args=SFTConfig(**settings),
        train_dataset=dataset,
        processing_class=loaded.tokenizer,
        callbacks=[CheckpointCallback(config, loaded, job.resume_from)],
    )


def fit(trainer: Any, config: TrainConfig, job: TrainJob, amounts: Amounts, held_out: HeldOut | None) -> TrainOutcome:
    """Train and return what was done.

    Its figures are the last value of every curve and the first of the loss, those of held-out data before and after
    (`held_out/before/...`, `held_out/after/...`), and those of `amounts`.

    Args:
        trainer: of transformers.
        config: whose monitor is attached where it evaluates.
        job: says what is gone on from.
        amounts: what is trained on.
        held_out: measures a model on held-out data; None without.
    """
    monitor = Monitor(config, job) if config.monitor.every else None
    if monitor is not None:
        monitor.attach(trainer)
    keep_output_clean(trainer, quiet=job.quiet)
    figures = dict(amounts.figures)
    if held_out is not None:
        figures |= {f"held_out/before/{name}": value for name, value in held_out(trainer.model).items()}
    started = time.monotonic()
    trainer.train(resume_from_checkpoint=None if job.resume_from is None else str(job.resume_from))
    train_s = seconds_before(job.resume_from) + time.monotonic() - started
    if held_out is not None:
        figures |= {f"held_out/after/{name}": value for name, value in held_out(trainer.model).items()}
    trainer.save_state()
    return TrainOutcome(
        steps=trainer.state.global_step,
        n_rollouts=0,
        n_tokens=int(trainer.state.num_input_tokens_seen),
        n_items=amounts.n_items,
        n_rows=amounts.n_rows,
        train_s=train_s,
        peak_memory_gb=peak_memory_gb(),
        figures={**_ends(trainer.state.log_history), **figures},
        stopped_by="" if monitor is None else monitor.stopped_by,
    )


def _ends(history: list[dict[str, Any]]) -> dict[str, float]:
    """Return the last value of every curve, and the first of the loss; the summary at the end is left out."""
    found: dict[str, float] = {}
    for entry in history:
        if "train_samples_per_second" in entry:
            continue
        values = {key: float(value) for key, value in entry.items() if isinstance(value, int | float)}
        if "loss" in values and "loss/first" not in found:
            found["loss/first"] = values["loss"]
        found |= {key: value for key, value in values.items() if key not in _NO_FIGURES}
    return found
