"""Trained weights as folders that `xleval run --model` takes: the last ones and those on the way, each with its card."""

import time
from pathlib import Path
from typing import Any

import transformers

from xleval.data.storage import make_folder, read_json, write_atomically, write_json
from xleval.errors import DataError
from xleval.evalkit.checkpoints import TRAINING_FILE, Checkpoint
from xleval.training.card import render_card
from xleval.training.config.schema import TrainConfig
from xleval.training.model import Loaded, inspect_for_training
from xleval.training.outcome import TrainJob, TrainOutcome
from xleval.training.training_file import Made, training_file

MODEL_FOLDER = "model"
_NO_FIGURES = ("step", "epoch", "train_runtime", "train_tokens_per_second", "num_tokens", "num_input_tokens_seen")
_AMOUNTS = ("n_rollouts", "n_tokens", "n_items", "n_rows", "train_s", "peak_memory_gb")


def save_model(
    model: Any,
    tokenizer: Any,
    config: TrainConfig,
    job: TrainJob,
    outcome: TrainOutcome,
    checkpoint: Checkpoint | None = None,
) -> Path:
    """Return `out/model` with the trained weights in safetensors, tokenizer, `xleval_training.json` and `README.md`.

    A model with an adapter leaves the adapter's folder, which names its base. The numbers keep the type in which they
    were trained. With several processes the first one writes.

    Args:
        model: as trained, without what a trainer wraps around it.
        tokenizer: of `load_for_training`.
        config, job: of the training.
        outcome: what was done.
        checkpoint: what the model was loaded from; None looks it up again.

    Raises:
        DataError: the folder cannot be written or the disk is full.
    """
    folder = job.out / MODEL_FOLDER
    if not _is_main():
        return folder
    make_folder(folder)
    (folder / TRAINING_FILE).unlink(missing_ok=True)  # written last: a folder with it is whole
    try:
        model.save_pretrained(folder, safe_serialization=True)
        tokenizer.save_pretrained(folder)
    except OSError as error:
        raise DataError(
            f"cannot write {folder}: {error.strerror or error}. Free space or choose another --out"
        ) from error
    amounts = {name: getattr(outcome, name) for name in _AMOUNTS}
    made = Made(
        step=outcome.steps,
        is_final=True,
        amounts=amounts,
        figures=outcome.figures,
        stopped_by=outcome.stopped_by,
    )
    describe(folder, config, job.out, checkpoint or inspect_for_training(config), made)
    return folder


def describe(folder: Path, config: TrainConfig, out: Path, checkpoint: Checkpoint, made: Made) -> None:
    """Write `README.md` and then `xleval_training.json` beside weights; `out` is the folder of the training."""
    content = training_file(config, out, checkpoint, made)
    write_atomically(folder / "README.md", render_card(content, checkpoint, out))
    write_json(folder / TRAINING_FILE, content)


def seconds_before(resume_from: Path | None) -> float:
    """Return the seconds of training that a checkpoint holds, all its sessions together; 0 for None.

    What was trained after it and lost is not among them; of a checkpoint that does not say, 0.

    Raises:
        DataError: its `xleval_training.json` is damaged.
    """
    path = None if resume_from is None else resume_from / TRAINING_FILE
    if path is None or not path.is_file():
        return 0.0
    amounts = read_json(path).get("amounts")
    seconds = amounts.get("train_s") if isinstance(amounts, dict) else None
    return float(seconds) if isinstance(seconds, int | float) else 0.0


class CheckpointCallback(transformers.TrainerCallback):
    """Describes every `checkpoint-N` that a trainer saves, as `save_model` does the last weights.

    Args:
        config: of the training.
        loaded: the model that it began with.
        resume_from: checkpoint that it goes on from, whose seconds count; None from the beginning.
    """

    def __init__(self, config: TrainConfig, loaded: Loaded, resume_from: Path | None = None) -> None:
        self._config = config
        self._checkpoint = loaded.checkpoint
        self._before = seconds_before(resume_from)
        self._started = time.monotonic()

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: object) -> None:
        """Begin to count the seconds of this session."""
        self._started = time.monotonic()

    def on_save(self, args: Any, state: Any, control: Any, **_: object) -> None:
        """Write the two files into the checkpoint that was just saved; it is whole from then on."""
        folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        if not state.is_world_process_zero or not folder.is_dir():
            return
        figures = _last_figures(state.log_history)
        amounts: dict[str, float] = {"train_s": self._before + time.monotonic() - self._started}
        if seen := state.num_input_tokens_seen:
            amounts["n_tokens"] = int(seen)
        made = Made(step=state.global_step, is_final=False, amounts=amounts, figures=figures)
        describe(folder, self._config, Path(args.output_dir), self._checkpoint, made)


def _last_figures(history: list[dict[str, Any]]) -> dict[str, float]:
    """Return the last value of every number that was logged, but those that say when."""
    found: dict[str, float] = {}
    for line in history:
        found |= {key: float(value) for key, value in line.items() if isinstance(value, int | float)}
    return {key: value for key, value in found.items() if key not in _NO_FIGURES}


def _is_main() -> bool:
    from accelerate import PartialState

    return bool(PartialState().is_main_process)
