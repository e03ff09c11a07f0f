"""The values of command-line options that hold several settings: `--gen`, `--decode-grid`, `--model-args`, `--shard`.

All but the last are pairs KEY=VALUE separated by commas; spaces around keys and values do not count.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from itertools import product
from types import MappingProxyType
from typing import Any

from xleval.errors import ConfigError, unknown_name
from xleval.evalkit.requests import Sampling

_Value = int | float | bool | str

_DEFAULTS: Mapping[str, int | float | bool] = MappingProxyType(
    {field.name: getattr(Sampling(), field.name) for field in fields(Sampling)}
)
#: What other tools call the settings of `--gen`.
_OTHER_NAMES = MappingProxyType(
    {
        "max_new_tokens": "max_tokens", "max_gen_toks": "max_tokens", "max_length": "max_tokens", "n_predict": "max_tokens",
        "do_sample": "temperature", "temp": "temperature", "repeat_penalty": "repetition_penalty",
    }
)  # fmt: skip
_NEEDED = {bool: "true or false", int: "a whole number", float: "a number"}
_BOOLEANS = {"true": True, "false": False}
# ASCII digits only; a number with a leading zero is a name, such as a commit.
_INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][+-]?[0-9]+)?")
_MOST_POINTS = 1000  # of a grid
_SHARD = re.compile(r"\s*([0-9]{1,9})\s*/\s*([0-9]{1,9})\s*")
#: Arguments that no engine is given from the command line, and why.
_REFUSED = MappingProxyType(
    {
        "trust_remote_code": "xleval runs no code from a checkpoint",
        **dict.fromkeys(
            ("api_key", "hf_token", "token", "password", "secret"),
            "secrets come from environment variables only, as results keep the arguments",
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """One of several parts that the items of a run are dealt out to in turn.

    Attributes:
        index: which part, from 1.
        count: number of parts.
    """

    index: int
    count: int

    def __post_init__(self) -> None:
        """Refuse a part that does not exist."""
        if not 1 <= self.index <= self.count:
            raise ConfigError(f"--shard {self}: needed is INDEX/COUNT with INDEX from 1 to COUNT, such as 2/8")

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"

    def holds(self, number: int) -> bool:
        """Return whether the item of this number, counted from 0, is in the part."""
        return number % self.count == self.index - 1


def parse_sampling(text: str, base: Sampling | None = None) -> Sampling:
    """Return the sampling of a `--gen` value, such as `temperature=0.6,top_p=0.95,max_tokens=4096`.

    Args:
        text: fields of `Sampling` with their values.
        base: what settings that are not named keep; the defaults of `Sampling` if None.

    Raises:
        ConfigError: an unknown or repeated setting (the nearest name is given; other tools' names are known), or a
            value that is no number or out of range.
    """
    pairs = _pairs("--gen", text, "temperature=0.6,top_p=0.95")
    return _changed(base, {key: _setting("--gen", key, value) for key, value in pairs.items()})


def setting_names(text: str) -> tuple[str, ...]:
    """Return the names of the settings in a `--gen` value, as `Sampling` has them; see `parse_sampling`."""
    return tuple(_pairs("--gen", text, "temperature=0.6,top_p=0.95"))


def parse_grid(text: str, base: Sampling | None = None) -> tuple[tuple[str, Sampling], ...]:
    """Return every combination of a `--decode-grid` value, with its label.

    `temperature=0.6/1.0,top_p=0.9/1.0` has four: values of one setting are separated by a slash, which no number
    contains and no shell reads. The first setting varies slowest.

    Args:
        text: fields of `Sampling`, each with one or more values.
        base: what settings that are not named keep; the defaults of `Sampling` if None.

    Returns:
        Pairs of label, such as `temperature=0.6,top_p=0.9`, and sampling.

    Raises:
        ConfigError: as in `parse_sampling`, or a value given twice.
    """
    option = "--decode-grid"
    axes = []
    for key, values in _pairs(option, text, "temperature=0.6/1.0,top_p=0.9/1.0").items():
        axis = [(key, _setting(option, key, value.strip())) for value in values.split("/")]
        if len(set(axis)) < len(axis):
            raise ConfigError(f"{option} {key}={values}: a value stands there twice; give each once")
        axes.append(axis)
    if (n := math.prod(map(len, axes))) > _MOST_POINTS:
        raise ConfigError(f"{option} has {n:,} combinations; at most {_MOST_POINTS:,} can be asked in one run")
    return tuple(
        (",".join(f"{key}={value}" for key, value in point), _changed(base, dict(point))) for point in product(*axes)
    )


def parse_model_args(text: str) -> dict[str, int | float | bool | str]:
    """Return the arguments of a `--model-args` value, such as `tensor_parallel_size=2,enforce_eager=true`.

    Values are read as whole numbers, decimal numbers, `true` or `false`, and else as text; text cannot hold a comma.

    Raises:
        ConfigError: not KEY=VALUE, a key that is repeated or no name, or an argument that would run code from a
            checkpoint or carry a secret.
    """
    found = {}
    for key, value in _pairs("--model-args", text, "tensor_parallel_size=2,dtype=bfloat16").items():
        if not (key.isascii() and key.isidentifier()):
            raise ConfigError(f"--model-args {key}={value}: {key!r} is no name; needed is a keyword of the engine")
        if key in _REFUSED:
            raise ConfigError(f"--model-args {key}: {_REFUSED[key]}; leave it out")
        found[key] = _value(value)
    return found


def parse_shard(text: str) -> Shard:
    """Return the part of a `--shard` value such as `2/8`, the second of eight.

    Raises:
        ConfigError: not two numbers, or a part that does not exist.
    """
    match = _SHARD.fullmatch(text)
    if match is None:
        raise ConfigError(f"--shard {text!r}: needed is INDEX/COUNT, such as 2/8 for the second of eight parts")
    return Shard(index=int(match[1]), count=int(match[2]))


def _pairs(option: str, text: str, example: str) -> dict[str, str]:
    """Return keys and values as written."""
    found: dict[str, str] = {}
    for part in text.split(","):
        key, equals, value = (each.strip() for each in part.partition("="))
        if not (key and equals and value):
            raise ConfigError(f"{option}: {part.strip()!r} is not KEY=VALUE; write it like {example}")
        if key in found:
            raise ConfigError(f"{option}: {key} stands there twice; give each setting once")
        found[key] = value
    return found


def _setting(option: str, key: str, value: str) -> int | float | bool:
    """Return the value of one field of `Sampling`, of the field's type."""
    if key not in _DEFAULTS:
        raise unknown_name(f"setting of {option}", key, _DEFAULTS, _OTHER_NAMES)
    kind = type(_DEFAULTS[key])
    found = _value(value)
    if kind is float and type(found) is int:
        return float(found)
    if isinstance(found, str) or type(found) is not kind:
        raise ConfigError(f"{option} {key}={value}: needed is {_NEEDED[kind]}")
    return found


def _changed(base: Sampling | None, settings: Mapping[str, Any]) -> Sampling:
    return replace(base or Sampling(), **settings)


def _value(text: str) -> _Value:
    """Return what a value is written as: a number, true or false, or text."""
    if text.lower() in _BOOLEANS:
        return _BOOLEANS[text.lower()]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    return text
