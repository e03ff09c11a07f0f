"""The arms of a study with their main figures as a few lines for a terminal."""

import unicodedata
from collections.abc import Sequence

from xleval.evalkit.figures.table import Table, shown
from xleval.training.studies.found import Found
from xleval.training.studies.sections.figures import tasks_of
from xleval.training.studies.sections.overview import main_table

#: Letters that a line has, and those of an arm's name.
_WIDTH, _NAME = 100, 30


def summary_text(found: Found) -> str:
    """Return a table by task of arms and their main figures, at most 100 letters wide, with what the figures are not.

    Columns that do not fit are left to the page, and a line says so.
    """
    lines = [] if tasks_of(found) else ["nothing was evaluated"]
    for task in tasks_of(found):
        table = main_table(found, task)
        if table is not None:
            lines += [task, *_rows(table), ""]
    if found.failed:
        lines.append(f"failed: {', '.join(found.failed)}")
    if found.plan.options.is_smoke:
        lines.append("smoke: the machinery was shown, not the finding of the paper")
    return "\n".join(lines).rstrip() + "\n"


def _rows(table: Table) -> list[str]:
    cells = [[column.name for column in table.columns]]
    cells += [
        [_cut(shown(cell, column.unit)) for cell, column in zip(row, table.columns, strict=True)] for row in table.rows
    ]
    widths = [max(_width(row[k]) for row in cells) for k in range(len(table.columns))]
    fitting = 1
    while fitting < len(widths) and sum(widths[: fitting + 1]) + 2 * (fitting + 1) <= _WIDTH:
        fitting += 1
    lines = ["  " + _line(row[:fitting], widths) for row in cells]
    left_out = ", ".join(column.name for column in table.columns[fitting:])
    return [*lines, f"  in the page also: {left_out}"[:_WIDTH]] if left_out else lines


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cells[0] + " " * (widths[0] - _width(cells[0]))]
    padded += [" " * (width - _width(cell)) + cell for cell, width in zip(cells[1:], widths[1:], strict=False)]
    return "  ".join(padded).rstrip()


def _cut(text: str) -> str:
    """Return a cell without characters that a terminal would obey, cut to the width of a name."""
    plain = "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
    return plain if len(plain) <= _NAME else f"{plain[: _NAME - 1]}…"


def _width(text: str) -> int:
    """Return the columns of a terminal that a text takes: two for a wide letter, none for a combining one."""
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )
