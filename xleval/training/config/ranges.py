"""Numbers and names of a configuration that are outside what they can be."""

import math
from collections.abc import Callable, Mapping

from xleval.data.reasoning.levels import MIXTURES
from xleval.errors import ConfigError, unknown_name
from xleval.evalkit.prompt_blocks import OPTION_SPACES, SCAFFOLDS
from xleval.evalkit.task import COT_MODES
from xleval.training.config.schema import TrainConfig

_Test = tuple[Callable[[float], bool], str]
_ABOVE_0: _Test = (lambda value: value > 0, "above 0")
_FROM_0: _Test = (lambda value: value >= 0, "0 or more")
_FROM_1: _Test = (lambda value: value >= 1, "1 or more")
_SHARE: _Test = (lambda value: 0 <= value <= 1, "between 0 and 1")
_TOP_P: _Test = (lambda value: 0 < value <= 1, "above 0 and at most 1")
_NUMBERS: Mapping[str, _Test] = {
    "data.limit": _FROM_1,
    "data.max_tokens": _FROM_1,
    "pooling.bonus": _FROM_0,
    "pooling.empty_penalty": _FROM_0,
    "advantage.epsilon": _ABOVE_0,
    "loss.sft_weight": _SHARE,
    "loss.beta": _ABOVE_0,
    "loss.consistency_weight": _FROM_0,
    "loss.samples": (lambda value: value >= 2, "2 or more: the best is set against the worst"),
    "loss.temperature": _ABOVE_0,
    "loss.gamma": _FROM_0,
    "loss.top_p": _TOP_P,
    "loss.repetition_penalty": _ABOVE_0,
    "loss.max_new_tokens": _FROM_1,
    "lora.r": _FROM_1,
    "lora.alpha": _FROM_1,
    "lora.dropout": (lambda value: 0 <= value < 1, "0 or more and below 1"),
    "monitor.every": _FROM_0,
    "monitor.limit": _FROM_0,
    "seed": (lambda value: 0 <= value < 2**32, "between 0 and 4294967295"),
}
_STEPS: _Test = (lambda value: value == -1 or value >= 1, "1 or more, or -1 for as many as the epochs have")
#: Settings of TRL whose class takes numbers that its trainer cannot use.
_TRAINER: Mapping[str, _Test] = {
    "learning_rate": _FROM_0,
    "weight_decay": _FROM_0,
    "max_grad_norm": _FROM_0,
    "num_train_epochs": _ABOVE_0,
    "max_steps": _STEPS,
    "per_device_train_batch_size": _FROM_1,
    "gradient_accumulation_steps": _FROM_1,
    "max_length": _FROM_1,
    "max_completion_length": _FROM_1,
    "temperature": _ABOVE_0,
    "top_p": _TOP_P,
    "repetition_penalty": _ABOVE_0,
    "beta": _FROM_0,
    "epsilon": _FROM_0,
    "num_iterations": _FROM_1,
    "save_steps": _ABOVE_0,
}
_NAMED = {
    "model": "a checkpoint folder or a hub id",
    "data.source": "a folder, a file or the name of a set, such as embedded",
    "data.split": "the name of a split, such as train",
}
_NAMES: Mapping[str, tuple[str, ...]] = {
    "prompt.scaffold": SCAFFOLDS,
    "prompt.option_space": OPTION_SPACES,
    "prompt.cot": COT_MODES,
    "data.mixture": ("", *MIXTURES),
}
#: Our names of columns.
COLUMNS = (
    "id", "language", "question", "answer", "solution", "level", "text", "prompt", "instruction", "response",
    "english_prompt", "english_answer", "target_prompt", "target_answer",
)  # fmt: skip


def check_ranges(config: TrainConfig, given: Mapping[str, str]) -> None:
    """Return nothing where every number is in its range and every way of asking is known.

    Args:
        config: the training.
        given: dotted key -> where it was given.

    Raises:
        ConfigError: with the key, its value and what it can be.
    """
    for key, test in _NUMBERS.items():
        _check_number(key, value_of(config, key), test, given)
    for name, test in _TRAINER.items():
        value = config.trainer.get(name)
        if not isinstance(value, str | bool):  # of another type: `check_trainer` says so
            _check_number(f"trainer.{name}", value, test, given)
    for number, reward in enumerate(config.rewards):
        test = (math.isfinite, "that is finite")
        _check_number(f"rewards.{reward.name or number}.weight", reward.weight, test, given)
    _check_names(config, given)


def _check_number(key: str, value: object, test: _Test, given: Mapping[str, str]) -> None:
    holds, words = test
    if value is not None and (not isinstance(value, int | float) or not math.isfinite(value) or not holds(value)):
        raise ConfigError(f"{_place(given, key)}the key {key} is {value}; needed is a number {words}")


def _check_names(config: TrainConfig, given: Mapping[str, str]) -> None:
    for key in ("model", "data.source", "data.split"):
        if not str(value_of(config, key)).strip():
            raise ConfigError(f"{_place(given, key)}the key {key} is empty; needed is {_NAMED[key]}")
    for key, known in _NAMES.items():
        if value_of(config, key) not in known:
            raise ConfigError(f"{_place(given, key)}{unknown_name(key, str(value_of(config, key)), known)}")
    for name in config.data.columns:
        if name not in COLUMNS:
            key = f"data.columns.{name}"
            raise ConfigError(f"{_place(given, key)}{unknown_name('column of data.columns', name, COLUMNS)}")


def value_of(config: TrainConfig, key: str) -> object:
    """Return the value of a dotted key; None where a record on the way is not there."""
    value: object = config
    for name in key.split("."):
        value = getattr(value, name, None)
    return value


def _place(given: Mapping[str, str], key: str) -> str:
    return f"{given[key]}: " if key in given else ""
