"""How a heat map is drawn with matplotlib."""

import math
from typing import Any

from xleval.evalkit.figures.chart import HeatMap
from xleval.evalkit.figures.glyphs import label
from xleval.evalkit.figures.table import compact
from xleval.evalkit.sentences import in_hundredths

#: With more languages than these a cell is too small for its number.
_MOST_NUMBERED = 30
#: Ends of the colours of signed values: told apart with every common kind of colour blindness.
_BELOW, _ABOVE = "#C77C00", "#00527F"


def heat_map(figure: Any, chart: HeatMap) -> None:
    """Draw a language-by-language map with the figure in every cell."""
    n = len(chart.labels)
    side = min(max(0.28 * n + 1.2, 2.6), 9.0)
    figure.set_size_inches(side, side)
    axes = figure.add_subplot()
    values = [[_number(chart.cell(i, j)) for j in range(n)] for i in range(n)]
    image = axes.imshow(values, **_colours(chart), interpolation="nearest")
    bar = figure.colorbar(
        image, ax=axes, location="bottom", shrink=0.5, aspect=30, pad=0.02, ticks=list(image.get_clim())
    )
    bar.outline.set_visible(False)
    bar.ax.set_xticklabels([_shown(chart, end) for end in image.get_clim()])
    _cells(axes, chart, values)
    size = 7.5 if n <= _MOST_NUMBERED else 4.0
    axes.set_xticks(range(n), [label(each, 8) for each in chart.labels], fontsize=size, rotation=0 if n <= 20 else 90)
    axes.set_yticks(range(n), [label(each, 12) for each in chart.labels], fontsize=size)
    axes.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
    if any(chart.sides):
        axes.set_ylabel(label(chart.sides[0], 40))
        axes.xaxis.set_label_position("top")
        axes.set_xlabel(label(chart.sides[1], 40))
    axes.spines[:].set_visible(False)
    axes.set_title(label(chart.title, 70), loc="left")


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _colours(chart: HeatMap) -> dict[str, Any]:
    from matplotlib.colors import LinearSegmentedColormap

    low, high = chart.span
    if low >= 0:
        return {"cmap": "Blues", "vmin": low, "vmax": high}
    end = max(-low, high)  # 0 stands in the middle and has no colour
    signed = LinearSegmentedColormap.from_list("signed", [_BELOW, "#FFFFFF", _ABOVE])
    return {"cmap": signed, "vmin": -end, "vmax": end}


def _cells(axes: Any, chart: HeatMap, values: list[list[float]]) -> None:
    from matplotlib.patches import Rectangle

    for i, row in enumerate(values if len(values) <= _MOST_NUMBERED else []):
        if chart.diagonal:
            axes.add_patch(Rectangle((i - 0.46, i - 0.46), 0.92, 0.92, fill=False, linewidth=1.0))
        for j, value in enumerate(row):
            if not math.isnan(value):
                dark = value > 0 and chart.strength(value) > 0.6
                words = {"ha": "center", "va": "center", "fontsize": 6.5, "color": "white" if dark else "black"}
                axes.text(j, i, _shown(chart, value), **words)


def _shown(chart: HeatMap, value: float) -> str:
    return in_hundredths(value, 0) if chart.unit == "percent" else compact(value)
