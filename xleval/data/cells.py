"""Cells of a row, also the fields of an object in one."""

from collections.abc import Mapping


def cell(values: Mapping[str, object], column: str) -> object:
    """Return a cell; `extra_info.question` is the field of an object unless a column has this very name.

    Args:
        values: column to cell, as `Row.values`.
        column: its name, or the path of a field with dots; None is found where there is none such.
    """
    if column in values:
        return values[column]
    value: object = values
    for part in column.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
