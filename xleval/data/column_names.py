"""Names of a table's columns: shown in messages, and each there once."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from xleval.errors import DataError

_MOST, _LONGEST = 40, 60  # names in one message, characters of one


def listed(names: Iterable[object]) -> str:
    """Return the names of columns for a message: the first 40, long ones cut."""
    shown = [f"{name!s:.{_LONGEST}}" for name in names]
    return ", ".join(shown[:_MOST]) + (f" and {len(shown) - _MOST} more" if len(shown) > _MOST else "")


def check_names(path: Path, names: Sequence[str]) -> None:
    """Refuse a column that is there twice: a row could hold one of the two only.

    Columns without a name are not looked at: spreadsheets leave them behind, and nobody can ask for them.

    Raises:
        DataError: a name stands there twice.
    """
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice is not None:
        raise DataError(f"{path} has the column {twice!r} more than once; rename or remove one")
