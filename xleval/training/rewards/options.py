"""Settings of the rewards: what `options` of a reward may hold, checked."""

import math
import types
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from xleval.errors import ConfigError, unknown_name

AnswerKind = Literal["auto", "number", "expression", "letter", "name"]
LanguageForm = Literal["ratio", "threshold", "bonus"]
Part = Literal["reasoning", "answer", "all"]
FormatForm = Literal["auto", "stated", "option", "boxed", "think", "think-answer"]
LengthForm = Literal["overlong", "target"]
RandomForm = Literal["binary", "uniform"]
Options = TypeVar("Options")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccuracyOptions:
    """How answers are compared.

    Attributes:
        answer: what kind of answer it is; `auto`: as the task of the item scores it.
    """

    answer: AnswerKind = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageOptions:
    """How the language of a completion is rewarded.

    Attributes:
        form: `ratio`, the share itself; `threshold`, 1 from `threshold` on, else 0; `bonus`, the share where the answer
            is right, else 0.
        threshold: share in (0, 1].
        part: what is looked at.
        answer: for `bonus`, as in `AccuracyOptions`.
    """

    form: LanguageForm = "ratio"
    threshold: float = 0.9
    part: Part = "reasoning"
    answer: AnswerKind = "auto"

    def __post_init__(self) -> None:
        """Refuse a share that is none."""
        if not 0 < self.threshold <= 1:
            raise ConfigError(f"threshold is {self.threshold}; a share above 0 and up to 1 is needed")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatOptions:
    """Which form of a completion is rewarded; see `format.py`."""

    form: FormatForm = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthOptions:
    """How the length is rewarded, in tokens; see `length.py`.

    Attributes:
        form: `overlong` or `target`.
        limit: for `overlong`: the length from which the penalty is full; None: the most that may be written.
        buffer: for `overlong`: tokens before it in which the penalty grows; None: a fifth of it, as in DAPO.
        target: for `target`: the length asked for.
        slope: for `target`: penalty of each token off it.
    """

    form: LengthForm = "overlong"
    limit: int | None = None
    buffer: int | None = None
    target: int | None = None
    slope: float = 0.0003

    def __post_init__(self) -> None:
        """Refuse lengths that contradict each other."""
        for name in ("limit", "buffer", "target"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ConfigError(f"{name} is {value}; 1 token or more is needed")
        if self.limit is not None and self.buffer is not None and self.buffer > self.limit:
            raise ConfigError(f"buffer is {self.buffer} and limit {self.limit}: the buffer lies before the limit")
        if self.slope <= 0:
            raise ConfigError(f"slope is {self.slope}; a penalty above 0 for each token is needed")
        if self.form == "target" and self.target is None:
            raise ConfigError("length with form target needs target, the number of tokens that is asked for")


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomOptions:
    """How a reward is drawn that knows nothing of the completion.

    Attributes:
        form: `binary`, 1 with `chance`, else 0; `uniform`, in [0, 1).
        chance: of a 1.
        seed: None: that of the training.
    """

    form: RandomForm = "binary"
    chance: float = 0.5
    seed: int | None = None

    def __post_init__(self) -> None:
        """Refuse a chance that is none."""
        if not 0 <= self.chance <= 1:
            raise ConfigError(f"chance is {self.chance}; a probability from 0 to 1 is needed")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoOptions:
    """A reward without settings of its own: `facts`, whose values are those of `pooling`."""


def read_options(kind: type[Options], reward: str, given: Mapping[str, object]) -> Options:
    """Return the settings of a reward.

    Args:
        kind: record of them.
        reward: name, for messages.
        given: values by name.

    Raises:
        ConfigError: an unknown name (the nearest ones are named), a value of another type, or one out of range.
    """
    hints = get_type_hints(kind)
    names = [each.name for each in fields(kind)]  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in names:
            if not names:
                raise ConfigError(f"reward {reward} has no options; found {name}. Values of facts stand under pooling")
            raise unknown_name(f"option of reward {reward}", name, names)
        values[name] = _typed(f"reward {reward}, option {name}", value, hints[name])
    try:
        return kind(**values)
    except ConfigError as error:
        raise ConfigError(f"reward {reward}: {error}") from error


def _typed(where: str, value: object, hint: object) -> object:
    if get_origin(hint) is Literal:
        choices = get_args(hint)
        if value not in choices:
            raise unknown_name(where, str(value), choices)
        return value
    kinds = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    if value is None and type(None) in kinds:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        if int in kinds and value == int(value):
            return int(value)
        if float in kinds:
            return float(value)
    wanted = "a whole number" if int in kinds else "a number"
    raise ConfigError(f"{where} is {value!r}; {wanted} is needed")
