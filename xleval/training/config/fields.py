"""A tree as the records of `schema.py`: every key known, every value of the type that its record has."""

import types
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from xleval.errors import ConfigError, unknown_name
from xleval.training.config.schema import RewardConfig, TrainConfig
from xleval.training.config.trainer_fields import all_field_names
from xleval.training.config.yaml_tree import Entries, Leaf, Section, Tree, entry_names, plain

#: Attributes of `TrainConfig` that no file sets: they follow from the file.
FOLLOWING = frozenset({"name", "sources"})
#: For attributes that come first in a record and have no default.
_EXAMPLES = {"source": "embedded"}
_NEEDED = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}

Record = TypeVar("Record")


def known_keys() -> list[str]:
    """Return the dotted keys of a configuration; those of TRL under `trainer` and options of rewards are open."""
    return [key for key in _keys(TrainConfig, "") if key not in FOLLOWING]


def _keys(record: type, prefix: str) -> Iterator[str]:
    hints = get_type_hints(record)
    for field in fields(record):
        hint, key = _without_none(hints[field.name]), f"{prefix}{field.name}"
        if is_dataclass(hint) and isinstance(hint, type):
            yield from _keys(hint, f"{key}.")
        yield key


def build(record: type[Record], tree: Section, prefix: str = "", **given: object) -> Record:
    """Return a record with the values of a tree, others at their defaults.

    Args:
        record: class of `schema.py`.
        tree: keys are the record's attributes.
        prefix: dotted key of the record, with its dot.
        given: attributes that no file sets.

    Raises:
        ConfigError: an unknown key, a value of another type, or a value that is needed and missing.
    """
    hints = get_type_hints(record)
    names = [field.name for field in fields(record) if field.name not in given]  # type: ignore[arg-type]
    for key, child in tree.children.items():
        if key not in names:
            raise _unknown(f"{prefix}{key}", child, [f"{prefix}{name}" for name in names])
    values = {key: convert(child, hints[key], f"{prefix}{key}") for key, child in tree.children.items()}
    for field in fields(record):  # type: ignore[arg-type]
        required = field.default is MISSING and field.default_factory is MISSING
        if required and field.name not in values and field.name not in given:
            raise ConfigError(
                f"{tree.place}: the key {prefix}{field.name} is missing; needed is {needed(hints[field.name])}. "
                f"Give it in the file, or with --set {_settable(hints[field.name], f'{prefix}{field.name}')}"
            )
    return record(**values, **given)


def _settable(hint: Any, key: str) -> str:
    """Return how a key is given on the command line: a record by its first attribute."""
    inner = _without_none(hint)
    if is_dataclass(inner) and isinstance(inner, type):
        first = fields(inner)[0].name
        return f"{key}.{first}={_EXAMPLES.get(first, 'VALUE')}"
    return f"{key}=VALUE"


def _unknown(key: str, tree: Tree, near: list[str]) -> ConfigError:
    """Return the error for an unknown key; it may have its place elsewhere, or be one of TRL's own."""
    spelt = key.replace("-", "_")
    places = {other.rpartition(".")[2]: other for other in reversed([*near, *known_keys()])}
    last = spelt.rpartition(".")[2]
    meant = spelt if spelt in near else places.get(last)
    if meant is None and last in all_field_names():
        meant = f"trainer.{last}"
    return ConfigError(f"{tree.place}: {unknown_name('key', key, near, {key.lower(): meant} if meant else None)}")


def convert(tree: Tree, hint: Any, key: str) -> object:
    """Return the value of a tree as a type hint of the schema asks for it.

    Raises:
        ConfigError: it has another type.
    """
    if _accepts_none(hint):
        return None if isinstance(tree, Leaf) and tree.value is None else _present(tree, hint, key)
    origin = get_origin(hint)
    if is_dataclass(hint) and isinstance(hint, type) and isinstance(tree, Section):
        return build(hint, tree, f"{key}.")
    if origin is Mapping and isinstance(tree, Section):
        inner = get_args(hint)[1]
        return {
            name: plain(child) if inner is object else convert(child, inner, f"{key}.{name}")
            for name, child in tree.children.items()
        }
    if origin is tuple:
        return _many(tree, get_args(hint)[0], key)
    if isinstance(tree, Leaf) and not isinstance(tree.value, list):
        return _scalar(tree, hint, key)
    raise mistyped(tree, hint, key)


def _present(tree: Tree, hint: Any, key: str) -> object:
    """Return a value that may be null and is not; the error says that it may."""
    inner = _without_none(hint)
    if inner in _NEEDED and not (isinstance(tree, Leaf) and (type(tree.value) is inner or inner is str)):
        raise mistyped(tree, hint, key)
    return convert(tree, inner, key)


def _many(tree: Tree, hint: Any, key: str) -> tuple[object, ...]:
    if isinstance(tree, Leaf) and isinstance(tree.value, list):
        items = [Leaf(value=item, text=str(item), place=tree.place, source=tree.source) for item in tree.value]
        if items and hint is RewardConfig:
            raise mistyped(tree, tuple[RewardConfig, ...], key)
        return tuple(_scalar(item, hint, key) for item in items)
    if isinstance(tree, Entries):
        return tuple(
            convert(child, hint, f"{key}.{name}") for name, child in zip(entry_names(tree), tree.children, strict=True)
        )
    if isinstance(tree, Leaf) and hint is str and tree.value is not None:
        return tuple(part.strip() for part in tree.text.split(",") if part.strip())  # as on the command line
    if isinstance(tree, Leaf) and tree.value is not None and hint is not RewardConfig:
        return (_scalar(tree, hint, key),)
    raise mistyped(tree, tuple[hint, ...], key)


def _scalar(leaf: Leaf, hint: Any, key: str) -> object:
    value = leaf.value
    if get_origin(hint) is Literal:
        if value not in get_args(hint) or not isinstance(value, str):
            raise ConfigError(f"{leaf.place}: {unknown_name(key, str(value), get_args(hint))}")
        return value
    if hint is str and value is not None:
        return leaf.text  # 'no' and '007' are texts where a text is needed
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if hint is object or (type(value) is hint):
        return value
    raise mistyped(leaf, hint, key)


def mistyped(tree: Tree, hint: Any, key: str) -> ConfigError:
    """Return the error for a value of another type than its key needs."""
    return ConfigError(f"{tree.place}: the key {key} has the value {plain(tree)!r:.80}; needed is {needed(hint)}")


def needed(hint: Any) -> str:
    """Return in words what a key with a type hint needs."""
    if _accepts_none(hint):
        return f"{needed(_without_none(hint))}, or null for none"
    origin = get_origin(hint)
    if origin is Literal:
        return f"one of {', '.join(get_args(hint))}"
    if origin is tuple:
        inner = get_args(hint)[0]
        if inner is RewardConfig:
            return "a list of rewards, such as [{name: accuracy, weight: 1.0}]"
        return f"a list of {'whole numbers' if inner is int else 'texts'}, such as {'[1, 2]' if inner is int else '[a, b]'}"
    if is_dataclass(hint) and isinstance(hint, type):
        first = fields(hint)[0]
        return f"keys and values, such as {{{first.name}: {_EXAMPLES.get(first.name, first.default)}}}"
    if origin is Mapping:
        return "keys and values"
    return _NEEDED.get(hint, "a value")


def _accepts_none(hint: Any) -> bool:
    return get_origin(hint) in (Union, types.UnionType) and type(None) in get_args(hint)


def _without_none(hint: Any) -> Any:
    if not _accepts_none(hint):
        return hint
    return next(part for part in get_args(hint) if part is not type(None))
