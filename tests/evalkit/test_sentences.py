"""Figures as text: rounded as one would by hand, and no table that loses the end of a number."""

import io
from typing import Any, cast

import pytest
from rich.console import Console
from rich.table import Table

from xleval.evalkit.results_schema import TaskResult
from xleval.evalkit.sentences import in_hundredths, percent, second_opinion_lines
from xleval.text_console import print_whole


@pytest.mark.parametrize(
    ("right", "of", "shown"),
    # Halves of 400 items: 100 * 245/400 is 61.25, 265/400 is 66.25, 307/400 is 76.75; float arithmetic rounds them either way.
    [(245, 400, "61.3"), (265, 400, "66.3"), (307, 400, "76.8"), (1, 3, "33.3"), (0, 5, "0.0"), (5, 5, "100.0")],
)
def test_halves_round_up(right: int, of: int, shown: str) -> None:
    assert percent(right / of) == shown


def test_a_missing_value_is_a_dash_and_nothing_is_minus_zero() -> None:
    assert percent(None) == "–"
    assert in_hundredths(-0.0004) == "0.0"
    assert [in_hundredths(value, sign=True) for value in (0.0625, -0.0625)] == ["+6.3", "-6.3"]


@pytest.mark.parametrize("width", [20, 80, 110])
def test_no_cell_is_cut_on_a_narrow_terminal(width: int) -> None:
    table = Table()
    for name in ("language", "difference in points", "detectable difference"):
        table.add_column(name, no_wrap=True)
    table.add_row("Swahili", "−5.0 [−17.0, 7.5]", "15.7")
    text = io.StringIO()
    console = Console(file=text, width=width)
    print_whole(console, table)
    assert all(cell in text.getvalue() for cell in ("difference in points", "−5.0 [−17.0, 7.5]", "15.7"))
    assert console.width == width


def test_the_second_detector_stands_beside_the_first() -> None:
    def lines(*opinions: dict[str, Any] | None) -> list[str]:
        rows = [
            {"lang": lang, "language_consistency": opinion}
            for lang, opinion in zip(("en", "sw"), opinions, strict=True)
        ]
        return second_opinion_lines(cast(TaskResult, {"rows": rows}))

    said = "second detector (py3langid): words in language"
    both = {"second_opinion": {"headline": 0.982, "first": 0.989}}
    assert lines(both, {"second_opinion": {"headline": None, "first": None}}) == [
        f"{said} en 98.2 (first 98.9), sw – (first –)"
    ]
    # not asked; without completions; of a version without a second detector
    assert lines({"second_opinion": None}, None) == lines({}, {}) == []
