"""Charts as the page's templates are given them: drawn, with their legends and what surrounds them."""

from typing import Any

from xleval.evalkit.figures.chart import BarChart, Chart, CurveChart, DifferenceChart, HeatMap
from xleval.evalkit.report import svg
from xleval.evalkit.report.contents import Part
from xleval.evalkit.report.svg_curves import FEW
from xleval.evalkit.report.svg_parts import label_width

#: Room of labels from which a chart of rows scrolls on a narrow screen, in px.
_LONG_LABELS = 150.0


class Drawing:
    """Draws charts and gives each a number that no other of the page has."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, chart: Chart) -> dict[str, Any]:
        """Return what the macro `figure` is given."""
        from markupsafe import Markup

        self._count += 1
        panels = isinstance(chart, CurveChart) and len(chart.panels) > 1
        few = panels and isinstance(chart, CurveChart) and len(chart.panels) <= FEW
        is_map = isinstance(chart, HeatMap)
        is_large = label_width(_labels(chart)) > _LONG_LABELS  # on a phone it would be too small to read
        return {
            "svgs": [Markup(found) for found in svg.draw(chart, f"c{self._count}")],
            "legend": svg.legend(chart),
            "title": chart.title,
            "caption": chart.caption,
            "layout": "panels few"
            if few
            else "panels"
            if panels
            else "scroll map"
            if is_map
            else "scroll large"
            if is_large
            else "scroll",
            "scrolls": is_map or is_large,
            "wide": panels,
        }

    def part(self, part: Part) -> dict[str, Any]:
        """Return the drawn charts of a part, with its tables as they are."""
        return {"charts": [self(chart) for chart in part.charts], "tables": part.tables}


def _labels(chart: Chart) -> tuple[str, ...]:
    """Return the labels of a chart's rows, of those charts that have rows."""
    if isinstance(chart, DifferenceChart):
        return tuple(each.label for each in chart.differences)
    return chart.labels if isinstance(chart, BarChart) else ()
