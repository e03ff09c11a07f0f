"""The tables in `docs/` that describe every key of a file, as tests of such pages read them."""

import re
from types import NoneType
from typing import Any, get_args


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
