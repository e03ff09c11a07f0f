"""Filters of the page's templates: figures as text, names of bounded length, attributes and bars that are safe."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from xleval.data.languages import LANGUAGES
from xleval.evalkit.figures.table import Cell, Table, Unit, shown
from xleval.evalkit.report.shown_text import cut_name
from xleval.evalkit.report.svg_bars import stack
from xleval.evalkit.sentences import in_hundredths, percent, with_interval

_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_BAR = (120.0, 10.0)


def _lang_attribute(code: str) -> Any:
    """Return a `lang` attribute for a language of the table; nothing for another text in its place."""
    from markupsafe import Markup

    return Markup(f' lang="{code}"') if code in LANGUAGES and _TAG.fullmatch(code) else ""


def _language_bar(shares: tuple[float, float, float, float], language: str) -> Any:
    """Return a stacked bar of the words of one completion, with its numbers in words."""
    from markupsafe import Markup, escape

    width, height = _BAR
    names = (cut_name(language, 40), "English", "another language", "undetermined")
    if language == "English":
        names = ("English", "", "another language", "undetermined")
    said = ", ".join(
        f"{in_hundredths(share, 0)} % {name}"
        for share, name in zip(shares, names, strict=True)
        if share > 0.004 and name
    )
    return Markup(
        f'<svg class="bar" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" aria-hidden="true">'
        f'{stack(shares, (0.0, 0.0, width, height))}</svg> <span class="soft">{escape(said)}</span>'
    )


def _cell(cell: Cell, unit: Unit) -> str:
    return shown(cell, unit).replace("< ", "<\N{NO-BREAK SPACE}")


def _row_class(table: Table, row: Sequence[Cell]) -> Any:
    """Return the class of a row of published figures that were read second-hand: grey, and its column Evidence says so."""
    from markupsafe import Markup

    if not table.name.endswith("-published"):
        return ""
    evidence = next((cell for column, cell in zip(table.columns, row, strict=True) if column.name == "Evidence"), "")
    return Markup(' class="second-hand"') if str(evidence).startswith("S") else ""


def _headline(caption: str) -> str:
    """Return the first sentence of a caption, without its full stop."""
    return cut_name(caption.split(". ")[0].rstrip("."))


#: Name in the templates -> function.
FILTERS: Mapping[str, Callable[..., Any]] = {
    "percent": percent,
    "interval": with_interval,
    "label": cut_name,
    "headline": _headline,
    "cell": _cell,
    "row_class": _row_class,
    "lang_attribute": _lang_attribute,
    "language_bar": _language_bar,
}
