"""The tables in `docs/` that describe every key of a file, as tests of such pages read them."""

import re
from collections.abc import Mapping
from types import NoneType
from typing import Any, get_args, get_type_hints

#: types of JSON to those of Python
_PLAIN = {"text": "str", "integer": "int", "boolean": "bool", "number": "float", "object": "dict"}


def key_tables(page: str) -> dict[str, dict[str, tuple[str, str]]]:
    """Return heading -> key -> (type, null) of every table with four columns under a heading like "### `record`"."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    heading = ""
    for line in page.split("\n"):
        if title := re.fullmatch(r"### `([\w.]+)`", line):
            heading = title[1]
        elif heading and (row := re.fullmatch(r"\| `([^`]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|", line)):
            key, kind, null, meaning = (each.strip() for each in row.groups())
            assert meaning, key
            assert key not in found.setdefault(heading, {}), f"{heading}: {key} stands twice"
            found[heading][key] = (kind, null)
    return found


def has_null(hint: Any) -> bool:
    """Return whether null can stand in a value, or in a list of it."""
    return NoneType in get_args(hint) or any(has_null(part) for part in get_args(hint))


def check_keys(name: str, table: Mapping[str, tuple[str, str]], record: type) -> None:
    """Check that a table has the keys of a record, in their order, each with its type and whether it can be null."""
    hints = get_type_hints(record)
    assert list(table) == list(hints)
    for key, hint in hints.items():
        kind, null = table[key]
        where, words = f"{name}.{key}", str(hint).replace("Literal", "str")
        assert (null != "never") is has_null(hint), f"{where}: null rule {null!r}, type {hint}"
        for part in re.findall(r"`(\w+)`", kind):
            assert part in str(hint), f"{where}: {part} is not in {hint}"
        assert _PLAIN.get(kind, "") in words, f"{where}: {kind} is not {hint}"
        assert kind.startswith("list") is str(hint).startswith("list"), f"{where}: {kind} is not {hint}"
