"""What all probes draw: lines over layers for every model, and maps of pairs of languages."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from xleval.evalkit.figures.chart import ORDER, CurveChart, HeatMap, Line, Panel, Point, Unit
from xleval.evalkit.probe_schema import Matrix, ProbedModelJson, ProbeJson

#: The values of a model over layers in a language (or in all together, for the empty name); None where there are none.
Values = Callable[[str, str], Sequence[float | None] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerWords:
    """What a chart over layers is called and shows."""

    name: str
    title: str
    caption: str
    y_label: str
    unit: Unit


def layer_chart(probe: ProbeJson, words: LayerWords, values: Values, panels: Sequence[str]) -> list[CurveChart]:
    """Return a panel for each language with a line for each model; none where no model has values.

    Args:
        probe: the probe, whose models give the lines: the second arm dashed.
        words: of the chart.
        values: what to draw.
        panels: languages, or one empty name for a single picture.
    """
    drawn = []
    for name in panels:
        lines = tuple(
            line
            for number, model in enumerate(probe["models"])
            if (line := layer_line(values(model["name"], name), model, number)) is not None
        )
        if lines:
            drawn.append(Panel(title=name, lines=lines, unit=words.unit))
    if not drawn:
        return []
    return [
        CurveChart(
            name=words.name, title=words.title, caption=words.caption, x_label="layer", y_label=words.y_label,
            panels=tuple(drawn),
        )
    ]  # fmt: skip


def layer_points(values: Sequence[float | None] | None) -> tuple[Point, ...]:
    """Return the points of values over layers, without those that have none."""
    known = [(layer, value) for layer, value in enumerate(values or ()) if value is not None and math.isfinite(value)]
    return tuple(Point(x=layer, y=value) for layer, value in known)


def layer_line(values: Sequence[float | None] | None, model: ProbedModelJson, number: int) -> Line | None:
    """Return the line of one model over layers, its role by its place among the models; None without a value."""
    points = layer_points(values)
    if not points:
        return None
    return Line(label=model["name"], role=ORDER[number % len(ORDER)], points=points, dashed=model["arm"] == "second")


def pair_map(
    name: str, title: str, caption: str, langs: Sequence[str], matrix: Matrix, sides: tuple[str, str] = ("", "")
) -> HeatMap:
    """Return a map of shares for every pair of languages, from 0 to 100 %."""
    cells = tuple(tuple(row) for row in matrix)
    return HeatMap(name=name, title=title, caption=caption, labels=tuple(langs), matrix=cells, sides=sides)
