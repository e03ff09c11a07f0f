"""Charts as records: what is drawn, apart from how (`report.svg` for the page, `figures.draw` for papers)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

#: What a line or bar stands for; the page and the figures give each its own colour, dash and marker.
Role = Literal["accuracy", "target", "english", "other", "undetermined", "first", "second", "third", "fourth", "fifth"]
#: Roles of runs, fits and other things in a row, in order; after the last they begin again.
ORDER: tuple[Role, ...] = ("first", "second", "third", "fourth", "fifth")
#: The marker of each role, so that lines are told apart without their colour.
Shape = Literal["circle", "square", "triangle", "diamond", "down"]
SHAPES: Mapping[Role, Shape] = {
    "accuracy": "circle", "target": "square", "english": "triangle", "other": "diamond", "undetermined": "down",
    "first": "circle", "second": "triangle", "third": "square", "fourth": "diamond", "fifth": "down",
}  # fmt: skip
#: How an axis is labelled: `percent` shows a fraction times 100 on an axis from 0 to 100, `points` one times 100 on an
#: axis of its own, `number` the value itself.
Unit = Literal["percent", "points", "number"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: a value with its interval, or bounds where there is no verdict, and what chance would give.

    All are fractions in [0, 1] where the chart's unit is `percent`; None is a missing value, never 0.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    bounds: tuple[float, float] | None = None
    chance: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BarChart:
    """Bars by label, one for each series; `bars[label][series]`.

    With the unit `number` the bars are values themselves, from 0 on an axis of their own, and may be below 0. `x_label`
    says what the axis shows, with its unit.
    """

    name: str
    title: str
    caption: str
    labels: tuple[str, ...]
    series: tuple[str, ...]
    bars: tuple[tuple[Bar, ...], ...]
    unit: Unit = "percent"
    x_label: str = "per cent right"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareChart:
    """Stacked bars of the shares of words by label: target, english, other, undetermined, each in [0, 1]."""

    name: str
    title: str
    caption: str
    labels: tuple[str, ...]
    shares: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatMap:
    """A figure for every pair of labels. Fractions in [0, 1] where the unit is `percent`; None where there is none.

    `span` holds the values of the weakest and the strongest colour: never those of this map alone, so that maps of the
    same figure can be compared. Where it begins below 0, values below 0 have a colour of their own, and 0 has none.
    The diagonal stays empty unless `diagonal` is set: then it is framed. `sides` says what rows and columns are.
    """

    name: str
    title: str
    caption: str
    labels: tuple[str, ...]
    matrix: tuple[tuple[float | None, ...], ...]
    span: tuple[float, float] = (0.0, 1.0)
    diagonal: bool = False
    unit: Unit = "percent"
    sides: tuple[str, str] = ("", "")

    def cell(self, row: int, column: int) -> float | None:
        """Return the value that is shown in a cell; None for no value and for a diagonal that stays empty."""
        value = self.matrix[row][column]
        hidden = value is None or math.isnan(value) or (row == column and not self.diagonal)
        return None if hidden else value

    def strength(self, value: float) -> float:
        """Return how strong the colour of a value is, from 0 to 1."""
        low, high = self.span
        share = abs(value) / max(-low, high) if low < 0 else (value - low) / (high - low) if high > low else 0.5
        return min(max(share, 0.0), 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountChart:
    """Upright bars: how many items are right in exactly k languages, k = 0, 1, ..."""

    name: str
    title: str
    caption: str
    counts: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A point of a line; `low` and `high` make a band or whiskers where both are there.

    `label` stands beside it, where its line is `named`.
    """

    x: float
    y: float
    low: float | None = None
    high: float | None = None
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line over x. `joined` lines have a band for their intervals; others are single points with whiskers.

    `marked` lines have markers, others (fits) a pattern of dashes of their own; `dashed` ones are told from another line
    of the same role. `short` is the name that stands at the end of the line, so that nobody has to go by its colour. Every
    point of a `named` line has its marker, its whiskers and its label; such lines need room and are drawn larger.
    """

    label: str
    role: Role
    points: tuple[Point, ...]
    joined: bool = True
    marked: bool = True
    dashed: bool = False
    short: str = ""
    named: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One picture of lines; `marks` are upright lines, each with its sign and words: an early warning at a step."""

    title: str
    lines: tuple[Line, ...]
    marks: tuple[tuple[float, str, str], ...] = ()
    unit: Unit = "percent"


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveChart:
    """Panels beside each other with one legend and the same axes."""

    name: str
    title: str
    caption: str
    x_label: str
    y_label: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A difference with its interval, as the chart's unit has it; `decided` where the interval or test excludes none."""

    label: str
    value: float
    low: float | None
    high: float | None
    decided: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceChart:
    """Differences by label around a line at zero; to the right the second run is above the first.

    `span` is the least and greatest value of several charts that share one axis; None for an axis of its own. The unit is
    `points` (fractions times 100) or `number`, shown with so many `digits` after the point.
    """

    name: str
    title: str
    caption: str
    differences: tuple[Difference, ...]
    sides: tuple[str, str]
    span: tuple[float, float] | None = None
    unit: Unit = "points"
    digits: int = 1
    x_label: str = ""


Chart = BarChart | ShareChart | HeatMap | CountChart | CurveChart | DifferenceChart
