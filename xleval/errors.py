"""The errors that xleval raises on purpose; `cli.py` turns each into one line and an exit code.

XlevalError
├── ConfigError     what the user asked for is not possible: wrong name, option or combination (exit 2)
├── DataError       a file or data set is not what it must be: file, row and column are named   (exit 1)
├── BackendError    a model, server or engine cannot be loaded or does not answer               (exit 1)
└── MissingExtra    an optional package is not installed: the pip command is named              (exit 1)
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

_LONGEST = 4000  # characters of a message
#: control characters but tab and line feed, marks that turn the direction of writing, halves of surrogate pairs
_UNSEEN = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069\\ud800-\\udfff]")
_Name = TypeVar("_Name", bound=str)
_SHOWN = 60  # names in one message: all languages and tasks, not all of an engine's arguments


class XlevalError(Exception):
    """What was found, what is required, where, and what to do, in one line of bounded length."""

    def __str__(self) -> str:
        """Return the message; what it quotes of a file can neither steer a terminal nor fill it."""
        text = visible(super().__str__())
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 500]} … {text[-500:]}"


def visible(text: str) -> str:
    r"""Return a text for a terminal: what would steer it is written as its escape, such as `\x1b`."""
    return _UNSEEN.sub(lambda found: ascii(found[0])[1:-1], text)


class ConfigError(XlevalError):
    """A wrong name, option or combination of options."""


class DataError(XlevalError):
    """A file or data set that is not what it must be."""


class BackendError(XlevalError):
    """A model, server or engine that cannot be loaded or does not answer."""


class MissingExtra(XlevalError):
    """An optional package that is needed and not installed."""

    def __init__(self, extra: str, purpose: str) -> None:
        super().__init__(f"{purpose} needs packages that are not installed: pip install 'xleval[{extra}]'")
        self.extra = extra


def unknown_name(kind: str, name: str, known: Iterable[str], also: Mapping[str, str] | None = None) -> ConfigError:
    """Return the error for a name that is not in a list, with the nearest names and the list.

    Args:
        kind: what is named, for the message.
        name: as the user wrote it.
        known: the names there are.
        also: other spellings, in lower case, to the name that is meant by them.
    """
    names = list(known)
    spellings = {**{each: each for each in names}, **(also or {})}
    wanted = name.strip().lower()
    near = [wanted] if wanted in spellings else difflib.get_close_matches(wanted, spellings, n=3, cutoff=0.5)
    nearest = list(dict.fromkeys(spellings[each] for each in near))
    hint = f" Did you mean {' or '.join(nearest)}?" if nearest else ""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ConfigError(f"unknown {kind} {name!r}.{hint} Known: {', '.join(names[:_SHOWN])}{more}")


def one_of(kind: str, name: str, known: Iterable[_Name]) -> _Name:
    """Return the name as the literal that it is.

    Args:
        kind: what is named, for the message.
        name: as the user wrote it.
        known: the names there are, such as `get_args` of a `Literal`.

    Raises:
        ConfigError: it is none of them.
    """
    names = list(known)
    for each in names:
        if each == name:
            return each
    raise unknown_name(kind, name, names)


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, or its type where it has none."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
