"""`xleval_training.json`: how the weights beside it were made. Later runs read it; `README.md` says it for people."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePath
from typing import Any

import xleval
from xleval.data.storage import read_json
from xleval.errors import DataError
from xleval.evalkit.checkpoints import TRAINING_FILE, Checkpoint
from xleval.installation import installed_version
from xleval.training.config.schema import TrainConfig

SCHEMA = "xleval.training/1"
PACKAGES = ("torch", "transformers", "trl", "peft", "accelerate", "datasets")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What had been done when the weights were saved.

    Attributes:
        step: optimiser steps done.
        is_final: the training ended with it; else it is one of its checkpoints.
        amounts: rows, items, tokens, roll-outs, seconds, as far as they are known.
        figures: last values of the curves.
        stopped_by: rule that ended the training before its last step; empty else.
    """

    step: int
    is_final: bool
    amounts: Mapping[str, float] = field(default_factory=dict)
    figures: Mapping[str, float] = field(default_factory=dict)
    stopped_by: str = ""


def training_file(config: TrainConfig, out: Path, checkpoint: Checkpoint, made: Made) -> dict[str, Any]:
    """Return the content of `xleval_training.json`; folders of this machine appear by their last name only.

    `language_reward` stays true for what is trained on from weights that a reward taught a language: its detector is no
    yardstick for them any more (D5).

    Args:
        config: of the training.
        out: its folder, whose `train.json` says what it shares with test sets.
        checkpoint: what it began with.
        made: what had been done.

    Raises:
        DataError: the file beside the base model's weights is damaged.
    """
    before = _earlier_training(checkpoint)
    settings = {key: value for key, value in asdict(config).items() if key not in ("sources", "model")}
    return {
        "schema": SCHEMA,
        "xleval": xleval.__version__,
        "kind": config.kind,
        "recipe": config.name,
        "study": config.study,
        "protocol": config.protocol,
        "base": {
            "model": checkpoint.name,
            "revision": checkpoint.revision,
            "sha256": checkpoint.sha256,
            "trained_by": before,
        },
        "language_reward": config.uses_language_reward() or bool(before and before.get("language_reward")),
        "langs": list(config.data.langs),
        "seed": config.seed,
        "step": made.step,
        "is_final": made.is_final,
        "amounts": {name: value for name, value in made.amounts.items()},
        "figures": {name: value for name, value in made.figures.items() if value == value},  # NaN is no JSON
        "stopped_by": made.stopped_by,
        "overlap": without_paths(_overlap(out)),
        "settings": without_paths(settings),
        "sources": dict(config.sources),
        "packages": {name: installed_version(name) for name in PACKAGES},
    }


def _earlier_training(checkpoint: Checkpoint) -> dict[str, Any] | None:
    """Return what is said of the training that made the base model, without its settings; None where xleval did not."""
    for folder in (checkpoint.adapter, checkpoint.path):
        path = folder / TRAINING_FILE if folder is not None else None
        if path is None or not path.is_file():
            continue
        found = read_json(path)
        if not isinstance(found.get("language_reward"), bool):
            raise DataError(f"{path}: language_reward is {found.get('language_reward')!r}; true or false is needed")
        kept = ("kind", "recipe", "base", "language_reward", "langs", "seed", "step")
        return {key: found[key] for key in kept if key in found}
    return None


def _overlap(out: Path) -> object:
    """Return what `train.json` says about items shared with test sets; None where there is no such file yet."""
    manifest = out / "train.json"
    return read_json(manifest).get("overlap") if manifest.is_file() else None


def without_paths(value: object) -> Any:
    """Return a value with each text that is a path of this machine cut to its last name; containers in kind."""
    if isinstance(value, Mapping):
        return {str(key): without_paths(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [without_paths(each) for each in value]
    if isinstance(value, PurePath):
        return value.name
    return _name_of(value) if isinstance(value, str) else value


def _name_of(text: str) -> str:
    """Return the last name of a text that is a place on this machine; hub ids, addresses and other texts as they are."""
    if "/" not in text or "\n" in text or len(text) > 4096 or text.startswith(("http://", "https://")):
        return text
    path = Path(text)
    is_place = path.is_absolute() or text.startswith(("~", "./", "../")) or path.exists()
    return path.name if is_place else text
