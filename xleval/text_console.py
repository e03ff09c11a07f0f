"""A console that writes into text: what every command prints for people, on a terminal or into a file."""

import io
import os
import shutil
import sys
import unicodedata
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console, RenderableType
    from rich.table import Column, Table
    from rich.text import TextType

_WIDEST = 1000  # columns of a table
_LEAST = 10  # columns into which a text is folded


def is_screen(stream: object) -> bool:
    """Return whether a stream is a terminal on which lines can be drawn anew."""
    terminal = getattr(stream, "isatty", None)
    return bool(terminal and terminal()) and os.environ.get("TERM", "").lower() not in ("dumb", "unknown")


def has_colour(stream: object) -> bool:
    """Return whether terminal styles are wanted: on a screen, or with FORCE_COLOR; never with NO_COLOR."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or is_screen(stream)


def text_console(*, plain_width: int, width: int | None = None, colour: bool | None = None) -> "Console":
    """Return a console that collects what is printed; see `printed`.

    Args:
        plain_width: columns where standard output is no terminal.
        width: in columns; by default that of the terminal, or `plain_width` without one.
        colour: whether to use terminal styles; by default where `has_colour` says so of standard output.
    """
    from rich.console import Console

    terminal = sys.stdout.isatty()
    columns = width or (shutil.get_terminal_size((plain_width, 24)).columns if terminal else plain_width)
    coloured = has_colour(sys.stdout) if colour is None else colour
    # Names and warnings may hold brackets and colons: they are data, so markup, emoji codes and highlighting are off.
    return Console(
        file=io.StringIO(), width=columns, force_terminal=coloured, color_system="standard" if coloured else None,
        markup=False, emoji=False, highlight=False, legacy_windows=False,
    )  # fmt: skip


def printed(console: "Console") -> str:
    """Return what a `text_console` has collected, without blanks at the ends of lines, and with one newline at its end."""
    # rich pads cells to the width of the table; nobody wants the blanks in a file
    text = cast(io.StringIO, console.file).getvalue()
    return "\n".join(line.rstrip() for line in text.splitlines()).rstrip() + "\n"


def isolated(text: str) -> str:
    """Return a text that a terminal sets apart from its surroundings if it has right-to-left letters, else as it is.

    Without the isolates such a name draws the figures beside it to its other side; they take no columns.
    """
    rtl = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text)
    return f"\u2068{text}\u2069" if rtl else text


def print_whole(console: "Console", table: "Table", n_keys: int = 1) -> None:
    """Print a table with every cell whole: one that is wider than the console becomes several, one below the other.

    Heads wrap between words where their column may wrap. A cell that is wider than the console by itself is folded in a
    column that may wrap; else its lines are as long as they must be.

    Args:
        console: of `text_console`.
        table: of texts; its columns are printed in their order.
        n_keys: first columns, which say what a row is and stand in every part.
    """
    title, keys, part = table.title, list(range(n_keys)), list(range(n_keys))
    for number in range(n_keys, len(table.columns)):
        if len(part) > n_keys and _width(console, _part(console, table, [*part, number], n_keys)) > console.width:
            _print_part(console, _part(console, table, part, n_keys), title)
            console.print()
            title, part = None, list(keys)
        part.append(number)
    _print_part(console, _part(console, table, part, n_keys), title)


def _print_part(console: "Console", part: "Table", title: "TextType | None") -> None:
    columns = console.width
    part.title = title
    for column in part.columns:  # what is left over goes to heads that would wrap, from the left
        before = column.width
        column.width = max(column.width or 0, _natural(console, [column.header, *column.cells]))
        if _width(console, part) > columns:
            column.width = before
    console.width = max(columns, _width(console, part))
    console.print(part)
    console.width = columns


def _part(console: "Console", table: "Table", numbers: "Sequence[int]", n_keys: int) -> "Table":
    """Return a table of some columns, each as narrow as its cells and the words of its head allow."""
    from rich.table import Table

    part = Table(
        box=table.box, show_edge=table.show_edge, pad_edge=table.pad_edge, collapse_padding=table.collapse_padding,
        padding=table.padding, show_header=table.show_header, show_lines=table.show_lines,
        title_justify=table.title_justify, title_style=table.title_style, header_style=table.header_style,
    )  # fmt: skip
    shown, keys = [table.columns[number] for number in numbers], 0
    for place, column in enumerate(shown):
        width = _needed(console, column)
        # Keys leave half of the console to what they are keys of.
        room = console.width // 2 if place < n_keys else max(_LEAST, console.width - keys)
        keys += min(width, room) + 3 if place < n_keys else 0
        part.add_column(
            column.header, justify=column.justify, vertical=column.vertical, style=column.style,
            header_style=column.header_style, overflow="fold", no_wrap=column.no_wrap,
            width=width if column.no_wrap else min(width, room),
        )  # fmt: skip
    cells = [list(column.cells) for column in shown]
    for number, row in enumerate(table.rows):
        texts = (column[number] for column in cells)
        part.add_row(
            *(isolated(text) if isinstance(text, str) else text for text in texts), style=row.style,
            end_section=row.end_section,
        )  # fmt: skip
    return part


def _needed(console: "Console", column: "Column") -> int:
    """Return the columns that a column of a table needs for its widest cell, and its head: a word, or all where none wraps."""
    from rich.measure import Measurement

    head = Measurement.get(console, console.options.update(max_width=_WIDEST), column.header)
    return max(_natural(console, column.cells), head.maximum if column.no_wrap else head.minimum)


def _natural(console: "Console", cells: "Iterable[RenderableType]") -> int:
    from rich.measure import Measurement

    options = console.options.update(max_width=_WIDEST)
    return max((Measurement.get(console, options, cell).maximum for cell in cells), default=0)


def _width(console: "Console", table: "Table") -> int:
    from rich.measure import Measurement

    return Measurement.get(console, console.options.update(max_width=_WIDEST), table).maximum
