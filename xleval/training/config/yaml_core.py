"""YAML 1.2's core schema for PyYAML: `no` and `on` are texts, 1e-6 is a number, a date is a text."""

import functools
import re
from typing import Any

_TAG = "tag:yaml.org,2002:"
_DECIMAL = re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$")
_RULES = (
    ("null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]),
    ("bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")),
    ("int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789")),
    ("float", _DECIMAL, list("-+.0123456789")),
    ("float", re.compile(r"^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"), list("-+.")),
)


@functools.cache
def core_loader() -> Any:
    """Return PyYAML's safe loader class with the rules of the core schema for plain scalars."""
    import yaml

    loader: Any = type("CoreLoader", (yaml.SafeLoader,), {"yaml_implicit_resolvers": {}})
    for tag, pattern, first in _RULES:
        loader.add_implicit_resolver(_TAG + tag, pattern, first)
    return loader


def scalar_of(tag: str, text: str) -> str | int | float | bool | None:
    """Return what a scalar means by its tag.

    Raises:
        KeyError: a tag that is none of text, whole number, number, truth value and null.
    """
    kind = tag.removeprefix(_TAG)
    if kind == "float":
        return float(re.sub(r"\.(?=inf|nan)", "", text.lower()))
    if kind == "int":
        return int(text)
    others: dict[str, str | bool | None] = {"str": text, "bool": text.lower() == "true", "null": None}
    return others[kind]
