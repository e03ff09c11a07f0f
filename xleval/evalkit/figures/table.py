"""Tables as records, and as CSV with raw values and as LaTeX with shown ones."""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from xleval.evalkit.results_schema import EstimateJson
from xleval.evalkit.sentences import in_hundredths, percent

#: `percent` and `points` are fractions shown times 100 (the `fine` ones with two decimals), `p` is a p-value, `count` an
#: integer, `number` has two decimals, `fine number` three.
Unit = Literal["text", "count", "percent", "points", "fine percent", "fine points", "number", "fine number", "p"]
Cell = str | int | float | EstimateJson | None

_FORMULA = re.compile(r"[=+\-@\t\r]")
_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "–": "--", "−": "$-$", "\N{REPLACEMENT CHARACTER}": "?",
}  # fmt: skip
# Direction overrides and control characters have no place in a paper's table.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its heading, and what its cells are."""

    name: str
    unit: Unit = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table; the first column names the row. A cell of None has no value, which is never 0."""

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


def columns_of(**units: Unit) -> tuple[Column, ...]:
    """Return columns from `heading="unit"`; an underscore in a heading stands for a space."""
    return tuple(Column(name=name.replace("_", " ").strip(), unit=unit) for name, unit in units.items())


def shown(cell: Cell, unit: Unit) -> str:
    """Return a cell as people read it: `44.8 [41.9, 47.6]` in per cent, a dash where there is no value."""
    if cell is None:
        return "–"
    if isinstance(cell, Mapping):
        value, low, high = cell["value"], cell["low"], cell["high"]
        if low is None or high is None:
            return shown(value, unit)
        return f"{shown(value, unit)} [{shown(low, unit)}, {shown(high, unit)}]"
    if isinstance(cell, str) or unit in ("text", "count"):
        return str(cell)
    return _number(cast(float, cell), unit)


def _number(value: float, unit: Unit) -> str:
    if unit == "percent":
        return percent(value)
    if unit == "points":
        return signed(value)
    if unit == "fine percent":
        return in_hundredths(value, 2)
    if unit == "fine points":
        return signed(value, 2)
    if unit == "p":
        return "< 0.001" if value < 0.001 else f"{value:.3f}"
    return _decimals(value, 3 if unit == "fine number" else 2)


def _decimals(value: float, digits: int) -> str:
    """Return a number with so many decimals; no sign before one that rounds to 0."""
    found = f"{value:.{digits}f}".replace("-", "−")
    return found if any(letter in found for letter in "123456789") else f"{0:.{digits}f}"


def signed(value: float, digits: int = 1) -> str:
    """Return a difference of fractions in points, with its sign; none for one that rounds to 0."""
    shown_value = in_hundredths(value, digits, sign=True)
    return f"{0:.{digits}f}" if float(shown_value) == 0 else shown_value.replace("-", "−")


def compact(value: float) -> str:
    """Return a number of about three letters for a cell of a map: 0.31, −2.5, 12."""
    return _decimals(value, 2 if abs(value) < 0.995 else 1 if abs(value) < 9.95 else 0)


def to_csv(table: Table) -> str:
    """Return the table as CSV: fractions and p-values as they are, an interval in two further columns.

    A text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    wide = [any(isinstance(row[k], Mapping) for row in table.rows) for k in range(len(table.columns))]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    header = [
        part
        for column, is_wide in zip(table.columns, wide, strict=True)
        for part in ([column.name, f"{column.name} low", f"{column.name} high"] if is_wide else [column.name])
    ]
    writer.writerow([_plain(part) for part in header])
    for row in table.rows:
        writer.writerow([value for cell, is_wide in zip(row, wide, strict=True) for value in _values(cell, is_wide)])
    return text.getvalue()


def _values(cell: Cell, wide: bool) -> list[str | int | float | None]:
    if isinstance(cell, Mapping):
        return [cell["value"], cell["low"], cell["high"]]
    value = _plain(cell) if isinstance(cell, str) else cell
    return [value, None, None] if wide else [value]


def _plain(text: str) -> str:
    clean = text.encode("utf-8", "replace").decode()
    return f"'{clean}" if _FORMULA.match(clean) and len(clean) > 1 else clean


def to_latex(table: Table) -> str:
    r"""Return the table as LaTeX for `\usepackage{booktabs}`: numbers to the right, every text escaped.

    Texts outside Latin script need XeLaTeX or LuaLaTeX and a font that has them.
    """
    kinds = "".join("l" if k == 0 or column.unit == "text" else "r" for k, column in enumerate(table.columns))
    lines = [
        r"\begin{table}", r"\centering", rf"\caption{{{escape_latex(table.caption)}}}",
        rf"\label{{tab:{re.sub(r'[^A-Za-z0-9-]+', '-', table.name)}}}", rf"\begin{{tabular}}{{{kinds}}}", r"\toprule",
        " & ".join(escape_latex(column.name) for column in table.columns) + r" \\", r"\midrule",
    ]  # fmt: skip
    for row in table.rows:
        cells = [escape_latex(shown(cell, column.unit)) for cell, column in zip(row, table.columns, strict=True)]
        # In braces: a cell that begins with a bracket would be read as the spacing of the row before.
        lines.append(" & ".join(f"{{{cell}}}" if cell.startswith(("[", "*")) else cell for cell in cells) + r" \\")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", r"\end{table}", ""])


def escape_latex(text: str) -> str:
    """Return a text that LaTeX prints as it stands; control characters and direction overrides become a question mark."""
    return "".join(_LATEX.get(letter, letter) for letter in _UNPRINTABLE.sub("?", text))
