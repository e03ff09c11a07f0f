"""A real GRPO training of a tiny random checkpoint with the monitor, in about a second; in this process."""

import json
from pathlib import Path
from typing import Any

from xleval.training.config.schema import DataConfig, MonitorConfig, RewardConfig, TrainConfig
from xleval.training.grpo.run import run_grpo
from xleval.training.outcome import TrainJob, TrainOutcome

QUESTION = {"en": "How many are {} and {}?", "sw": "Je, {} na {} ni ngapi?"}


def write_set(path: Path, numbers: range) -> Path:
    """Write problems in English and Swahili as one file."""
    rows = [
        {"item_id": f"q{n}", "language": lang, "question": text.format(n, n + 1), "answer": str(2 * n + 1)}
        for n in numbers for lang, text in QUESTION.items()
    ]  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def write_model(folder: Path) -> Path:
    """Write the checkpoint; dropout draws random numbers in every forward pass of training."""
    from tests.training.grpo_trainer import tiny

    tiny.model(dropout=0.1).save_pretrained(folder)
    tiny.tokenizer().save_pretrained(folder)
    return folder


def settings(root: Path, monitor: MonitorConfig, **trainer: Any) -> TrainConfig:
    """Return a training on files that are made under `root` where they are not there."""
    model, train, held_out = root / "checkpoint", root / "train.jsonl", root / "held_out.jsonl"
    if not model.exists():
        write_model(model)
        write_set(train, range(8))
        write_set(held_out, range(20, 23))
    return TrainConfig(
        kind="grpo", name="tiny", model=str(model), data=DataConfig(source=str(train), langs=("en", "sw")),
        rewards=(RewardConfig(name="random"), RewardConfig(name="accuracy", weight=0)), monitor=monitor,
        trainer={
            "max_steps": 4, "per_device_train_batch_size": 4, "gradient_accumulation_steps": 1,
            "steps_per_generation": 1, "num_generations": 2, "max_completion_length": 8, "learning_rate": 1e-2,
            "logging_steps": 1, "save_strategy": "steps", "save_steps": 2, "log_completions": True, "use_cpu": True,
            "bf16": False, **trainer,
        },
    )  # fmt: skip


def watched(root: Path) -> MonitorConfig:
    """Return a monitor that asks held-out prompts at every second step."""
    return MonitorConfig(every=2, source=str(root / "held_out.jsonl"), limit=3)


def train(config: TrainConfig, out: Path, **job: Any) -> TrainOutcome:
    """Train."""
    return run_grpo(config, TrainJob(out=out, quiet=True, **job))
