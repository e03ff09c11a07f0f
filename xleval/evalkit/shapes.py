"""Whether an object that was read from a file has the shape that its schema states."""

from collections.abc import Mapping, Sequence
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

_SCALARS: Mapping[Any, tuple[type, ...]] = {
    str: (str,), bool: (bool,), int: (int,), float: (int, float), NoneType: (NoneType,), None: (NoneType,),
}  # fmt: skip


def object_of(value: object) -> Mapping[str, object]:
    """Return the value where it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def unlike(value: object, shape: Any, where: str = "") -> str | None:
    """Return the first place where a value has not the shape of a TypedDict, and what is there; None where it has.

    Args:
        value: as JSON gives it.
        shape: a TypedDict, or a type that stands in one; others than JSON has are not looked at.
        where: path of the value, such as `tasks.mgsm`; empty for the whole.
    """
    if is_typeddict(shape):
        return _unlike_record(value, shape, where)
    origin, parts = get_origin(shape), get_args(shape)
    if origin in (Union, UnionType):
        found = [unlike(value, part, where) for part in parts]
        # of several shapes the one that is not null says most
        return None if None in found else found[0 if parts[0] is not NoneType else -1]
    if origin is Literal:
        return None if value in parts else _said(where, value)
    if origin in (list, Sequence):
        if not isinstance(value, list | tuple):
            return _said(where, value)
        return _first((f"{where}[{k}]", each, parts[0]) for k, each in enumerate(value))
    if origin in (dict, Mapping):
        if not isinstance(value, Mapping):
            return _said(where, value)
        return _first((f"{where}.{key}", each, parts[1]) for key, each in value.items())
    wanted = _SCALARS.get(shape)
    if wanted is None or (isinstance(value, wanted) and (shape is bool or not isinstance(value, bool))):
        return None
    return _said(where, value)


def _unlike_record(value: object, shape: Any, where: str) -> str | None:
    if not isinstance(value, Mapping):
        return _said(where, value)
    missing = sorted(shape.__required_keys__ - value.keys())
    if missing:
        return f"{where}.{missing[0]} is missing".lstrip(".")
    return _first((f"{where}.{key}", value[key], hint) for key, hint in _hints(shape).items() if key in value)


def _first(found: Any) -> str | None:
    return next((problem for where, value, shape in found if (problem := unlike(value, shape, where))), None)


@cache
def _hints(shape: Any) -> Mapping[str, Any]:
    return get_type_hints(shape)


def _said(where: str, value: object) -> str:
    return f"{where.lstrip('.') or 'the whole'} is {value!r:.60}"
