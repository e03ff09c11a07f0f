"""What the monitor measures with, found and checked before anything is loaded: detector, rules that end a training."""

from collections.abc import Sequence
from typing import get_args

from xleval.errors import ConfigError, one_of
from xleval.evalkit.curves_schema import Rule
from xleval.training.config.schema import MonitorConfig, TrainConfig
from xleval.training.measure import Detector, as_detector, measure
from xleval.training.rollouts import RollOut


def yardstick(config: TrainConfig) -> Detector:
    """Return the detector that the curves are measured with: `auto` is the one that no reward of the training uses (D5).

    Language rewards use the first; one of weight 0 is a curve and rewards nothing.

    Raises:
        MissingExtra: the second detector is needed and not installed: said now, not after the first step.
    """
    outside: Detector = "second" if config.uses_language_reward() else "first"
    chosen = outside if config.monitor.detector == "auto" else as_detector(config.monitor.detector)
    measure(RollOut(step=0, lang="en", prompt="", completion="Is the detector there?"), chosen)
    return chosen


def yardstick_notes(config: TrainConfig, detector: Detector) -> list[str]:
    """Return what a reader must know of the detector: that a reward uses it too, where it does."""
    if detector != "first" or not config.uses_language_reward():
        return []
    return [
        f"monitor.detector is {detector}, which a language reward uses too: these curves show what that reward sees, not "
        "whether it was cheated"
    ]


def stopping_rules(monitor: MonitorConfig) -> tuple[Rule, ...]:
    """Return the rules at whose warning the training ends.

    Raises:
        ConfigError: there is no such rule.
    """
    rules: tuple[Rule, ...] = get_args(Rule)
    return tuple(one_of("rule of monitor.stop_on_warning", name, rules) for name in monitor.stop_on_warning)


def check_monitor(config: TrainConfig) -> None:
    """Refuse settings of the monitor that would end a training later.

    Raises:
        ConfigError: an unknown rule, or a negative number.
        MissingExtra: the second detector is needed and not installed.
    """
    _check_numbers((("monitor.every", config.monitor.every, 0), ("monitor.limit", config.monitor.limit, 0)))
    stopping_rules(config.monitor)
    yardstick(config)


def _check_numbers(numbers: Sequence[tuple[str, int, int]]) -> None:
    for name, value, least in numbers:
        if value < least:
            raise ConfigError(f"{name} is {value}; {least} or more is needed")
