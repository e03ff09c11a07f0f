"""The settings that TRL's config classes have, and which class belongs to which kind of training."""

import functools
import re
import types
import typing
import warnings
from collections.abc import Mapping
from dataclasses import fields
from importlib import import_module
from typing import Any

from xleval.errors import MissingExtra
from xleval.training.config.schema import Kind

#: Module and class; the modules of configurations load no trainer. CLO, DCO and CM-Align are trained on pairs.
_CLASSES: Mapping[Kind, tuple[str, str]] = {
    "grpo": ("trl.trainer.grpo_config", "GRPOConfig"),
    "sft": ("trl.trainer.sft_config", "SFTConfig"),
    "cpt": ("trl.trainer.sft_config", "SFTConfig"),
    "clo": ("trl.trainer.dpo_config", "DPOConfig"),
    "dco": ("trl.trainer.dpo_config", "DPOConfig"),
    "cm-align": ("trl.trainer.dpo_config", "DPOConfig"),
}
_SUPPORTED = re.compile(r"Supported values are ([^.:]*)\.")


@functools.cache
def config_class(kind: Kind) -> type:
    """Return TRL's config class of a kind of training.

    Raises:
        MissingExtra: TRL, or what it needs, is not installed.
    """
    module, name = _CLASSES[kind]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of versions of vLLM that TRL was not tested with
        try:
            found: type = getattr(import_module(module), name)
        except ImportError as error:
            raise MissingExtra("train", "training") from error
    return found


def field_names(kind: Kind) -> tuple[str, ...]:
    """Return the names of the settings that TRL's config class of a kind has.

    Raises:
        MissingExtra: TRL is not installed.
    """
    return tuple(_types(kind))


def all_field_names() -> frozenset[str]:
    """Return the settings of all of TRL's classes that are used here; none where TRL is not installed."""
    try:
        return frozenset(name for kind in _CLASSES for name in field_names(kind))
    except MissingExtra:
        return frozenset()


@functools.cache
def _types(kind: Kind) -> Mapping[str, Any]:
    """Return setting -> its type."""
    record = config_class(kind)
    hints = typing.get_type_hints(record)
    return {field.name: hints[field.name] for field in fields(record) if field.init}


def supported(kind: Kind, name: str) -> tuple[str, ...]:
    """Return the names that a setting takes, as its help lists them; none where it lists none.

    TRL's GRPOConfig takes any text as `loss_type`, and its trainer fails at the first step.
    """
    helps = {field.name: str(field.metadata.get("help", "")) for field in fields(config_class(kind))}
    listed = _SUPPORTED.search(helps.get(name, ""))
    return tuple(re.findall(r"'([\w-]+)'", listed[1])) if listed else ()


def fits(kind: Kind, name: str, value: object) -> bool:
    """Return whether a value has a type that a setting takes; TRL checks what the types do not say."""
    return _fits(value, _types(kind)[name])


def needed_for(kind: Kind, name: str) -> str:
    """Return in words what a setting takes."""
    return _words(_types(kind)[name])


def _fits(value: object, hint: Any) -> bool:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, part) for part in typing.get_args(hint))
    if origin is typing.Literal:
        return value in typing.get_args(hint)
    if origin is not None:
        return isinstance(value, origin)
    if hint is Any:
        return True
    if isinstance(value, bool) or hint is bool:
        return isinstance(value, bool) and hint is bool
    if hint is float:
        return isinstance(value, int | float)
    if hint is type(None) or value is None:
        return value is None and hint is type(None)
    if isinstance(hint, type) and isinstance(value, hint):
        return True
    return isinstance(value, str) and isinstance(hint, type) and hint not in (int, dict, list)  # an enumeration's value


def _words(hint: Any) -> str:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(dict.fromkeys(_words(part) for part in typing.get_args(hint)))
    if origin is typing.Literal:
        return "one of " + ", ".join(map(str, typing.get_args(hint)))
    names = {int: "a whole number", float: "a number", bool: "true or false", str: "a text", type(None): "null"}
    names |= {dict: "keys and values", list: "a list"}
    return names.get(origin or hint, "a text")
