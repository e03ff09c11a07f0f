"""What a training is given beside its configuration, and what it leaves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainJob:
    """Where a training reads and writes.

    Attributes:
        out: folder of the training; the weights go to `out/model`, checkpoints to `out/checkpoint-N`.
        resume_from: checkpoint folder that it goes on from; None from the beginning.
        log_to: trackers of transformers (`tensorboard`, `wandb`).
        quiet: lines in place of progress bars.
    """

    out: Path
    resume_from: Path | None = None
    log_to: tuple[str, ...] = ()
    quiet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainOutcome:
    """What was done: the amounts that arms are compared by (D7), and the last figures.

    Attributes:
        steps: optimiser steps.
        n_rollouts: completions sampled; 0 without sampling.
        n_tokens: tokens of prompts and completions, or of texts.
        n_items, n_rows: parallel items, and rows of all languages that they made.
        train_s: seconds of training; of one that went on from a checkpoint those of the sessions before it, too. What was
            trained after that checkpoint and lost is not counted.
        peak_memory_gb: of the GPU, else of the process.
        figures: last value of every curve.
        stopped_by: rule of the early warning that ended it; empty where it ran to its end.
    """

    steps: int
    n_rollouts: int
    n_tokens: int
    n_items: int
    n_rows: int
    train_s: float
    peak_memory_gb: float
    figures: Mapping[str, float] = field(default_factory=dict)
    stopped_by: str = ""
