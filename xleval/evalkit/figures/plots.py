"""How each kind of chart is drawn with matplotlib; a figure is given, so that nothing here needs its global state."""

from typing import Any

from xleval.evalkit.figures.chart import (
    ORDER,
    SHAPES,
    Bar,
    BarChart,
    CountChart,
    CurveChart,
    DifferenceChart,
    Line,
    Panel,
    Role,
    Shape,
    ShareChart,
)
from xleval.evalkit.figures.glyphs import label

# Okabe and Ito's colours, told apart with every common kind of colour blindness; English is not told by colour alone
# in curves, where every role has a marker of its own.
_COLOURS: dict[Role, str] = {
    "accuracy": "#000000", "target": "#0072B2", "english": "#E69F00", "other": "#CC79A7", "undetermined": "#A6ACB5",
    "first": "#0072B2", "second": "#E69F00", "third": "#009E73", "fourth": "#CC79A7", "fifth": "#D55E00",
}  # fmt: skip
_MARKERS: dict[Shape, str] = {
    "circle": "o", "square": "s", "triangle": "^", "diamond": "D", "down": "v",
}  # fmt: skip
#: Dashes of lines without markers.
_DASHES: tuple[Any, ...] = ("-", (0, (6, 3)), (0, (1.5, 2.5)), (0, (7, 3, 1.5, 3)), (0, (10, 3)))
_SHARES: tuple[tuple[Role, str], ...] = (
    ("target", "language asked for"), ("english", "English"), ("other", "another language"),
    ("undetermined", "undetermined"),
)  # fmt: skip
_WIDTH = 5.5  # inches: the text width of a paper
_GRID = {"color": "#DDE1E7", "linewidth": 0.6}


def bars(figure: Any, chart: BarChart) -> None:
    """Draw horizontal bars with their intervals, and chance as a dashed line."""
    n = len(chart.series)
    thick, factor = 0.7 / n, 100 if chart.unit == "percent" else 1
    axes = _rows(figure, chart.labels, 0.19 if n == 1 else 0.07 + 0.11 * n)
    for k, series in enumerate(chart.series):
        role = ORDER[k % len(ORDER)]
        for row, values in enumerate(chart.bars):
            _bar(axes, values[k], (row + (k - (n - 1) / 2) * thick, thick), (_COLOURS[role], factor))
        axes.barh([0], [0], color=_COLOURS[role], label=label(series, 60))
    for row, values in enumerate(chart.bars):
        chance = next((bar.chance for bar in values if bar.chance is not None), None)
        if chance is not None:
            axes.plot(
                [factor * chance] * 2, [row - 0.45, row + 0.45], color="#D55E00", linewidth=1, linestyle=(0, (2, 1.5))
            )
    if chart.unit == "percent":
        _percent_axis(axes, chart.x_label)
    else:
        axes.axvline(0, color="#565E6B", linewidth=0.8)
        axes.grid(axis="x", **_GRID)
        axes.set_xlabel(label(chart.x_label, 90))
    if n > 1:
        figure.legend(loc="outside lower center", ncols=2)
    axes.set_title(label(chart.title, 90), loc="left")


def _bar(axes: Any, bar: Bar, place: tuple[float, float], look: tuple[str, int]) -> None:
    (middle, thick), (colour, factor) = place, look
    if bar.bounds is not None:
        low, high = factor * bar.bounds[0], factor * bar.bounds[1]
        axes.barh(
            [middle], [max(high - low, 0.3)], left=low, height=thick, fill=False, edgecolor=colour, linestyle="--"
        )
    elif bar.value is not None:
        axes.barh([middle], [factor * bar.value], height=thick, color=colour)
        if bar.low is not None and bar.high is not None:
            axes.plot(
                [factor * bar.low, factor * bar.high],
                [middle, middle],
                color="black",
                linewidth=0.9,
                marker="|",
                markersize=3,
            )


def shares(figure: Any, chart: ShareChart) -> None:
    """Draw stacked bars of the shares of words."""
    axes = _rows(figure, chart.labels, 0.19)
    for part, (role, words) in enumerate(_SHARES):
        lefts = [100 * sum(row[:part]) for row in chart.shares]
        widths = [100 * row[part] for row in chart.shares]
        axes.barh(range(len(widths)), widths, left=lefts, height=0.7, color=_COLOURS[role], label=words)
    _percent_axis(axes, "per cent of words")
    figure.legend(loc="outside lower center", ncols=4, columnspacing=1, handlelength=1)
    axes.set_title(label(chart.title, 90), loc="left")


def counts(figure: Any, chart: CountChart) -> None:
    """Draw upright bars of how many items are right in exactly k languages."""
    figure.set_size_inches(_WIDTH, 2.2)
    axes = figure.add_subplot()
    found = axes.bar(range(len(chart.counts)), chart.counts, color=_COLOURS["first"], width=0.8)
    axes.bar_label(found, labels=[f"{count:g}" for count in chart.counts], padding=1, fontsize=7)
    axes.set_xticks(range(len(chart.counts)))
    axes.margins(y=0.12)
    axes.set_xlabel("languages in which an item is right")
    axes.set_ylabel("items")
    axes.set_title(label(chart.title, 90), loc="left")


def curves(figure: Any, chart: CurveChart) -> None:
    """Draw panels of lines with bands, beside each other, with one legend."""
    n = len(chart.panels)
    columns = min(n, 3)
    rows = -(-n // columns)
    figure.set_size_inches(_WIDTH, 3.2 if n == 1 else 0.9 + 1.5 * rows)
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    places = [axes for row in grid for axes in row]
    for axes, panel in zip(places, chart.panels, strict=False):
        _panel(axes, panel)
    for axes in places[n:]:
        axes.set_visible(False)
    for axes in places[max(n - columns, 0) : n]:  # the lowest panel of each column
        axes.set_xlabel(label(chart.x_label, 40))
    handles: dict[str, Any] = {}
    for axes in places[:n]:
        for handle, words in zip(*axes.get_legend_handles_labels(), strict=True):
            handles.setdefault(words, handle)
    figure.legend(list(handles.values()), list(handles), loc="outside lower center", ncols=2)
    figure.supylabel(label(chart.y_label, 60), fontsize=8)
    figure.suptitle(label(chart.title, 90), fontsize=8.5, x=0.01, ha="left")


def _panel(axes: Any, panel: Panel) -> None:
    from matplotlib.ticker import MaxNLocator

    if all(float(at.x).is_integer() for line in panel.lines for at in line.points):
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))  # no layer or step between two of them
    factor = 1 if panel.unit == "number" else 100
    for line in panel.lines:
        _line(axes, line, factor)
        for point in line.points if line.named else ():
            place = {"xytext": (4, 4), "textcoords": "offset points", "fontsize": 6.5}
            axes.annotate(label(point.label, 40), (point.x, factor * point.y), **place)
    for at, sign, _ in panel.marks:
        axes.axvline(at, color="#B3261E", linewidth=0.9, linestyle=":")
        place = {"xycoords": ("data", "axes fraction"), "ha": "center", "va": "bottom", "fontsize": 6.5}
        axes.annotate(label(sign, 4), (at, 1.0), color="#B3261E", **place)
    if panel.unit == "percent":
        axes.set_ylim(min(0, axes.get_ylim()[0]), max(102, axes.get_ylim()[1]))
    axes.grid(axis="y", **_GRID)
    axes.tick_params(labelbottom=True, labelleft=True)
    if panel.title:
        axes.set_title(label(panel.title, 24), loc="left", fontweight="bold")


def _line(axes: Any, line: Line, factor: int) -> None:
    xs, ys = [at.x for at in line.points], [factor * at.y for at in line.points]
    colour, marker = _COLOURS[line.role], _MARKERS[SHAPES[line.role]] if line.marked else None
    known = [(at, at.low, at.high) for at in line.points if at.low is not None and at.high is not None]
    if line.joined:
        dashes = _DASHES[ORDER.index(line.role) if line.role in ORDER else 0]
        style = "--" if line.dashed else "-" if line.marked else dashes
        axes.plot(
            xs,
            ys,
            color=colour,
            linestyle=style,
            marker=marker,
            markersize=3,
            markevery=1 if line.named else -(-len(xs) // 6),
            linewidth=1.3,
            label=label(line.label, 60),
        )
        if len(known) > 1 and not line.named:
            lows, highs = [factor * low for _, low, _ in known], [factor * high for _, _, high in known]
            axes.fill_between([at.x for at, _, _ in known], lows, highs, color=colour, alpha=0.15, linewidth=0)
        if not line.named:
            return
    else:
        look = {"color": colour, "linestyle": "", "marker": marker if line.named else "o", "markersize": 4.5}
        axes.plot(xs, ys, label=label(line.label, 60), zorder=3, **look)
    for at, low, high in known:
        axes.plot([at.x, at.x], [factor * low, factor * high], color=colour, linewidth=0.9, zorder=3)


def differences(figure: Any, chart: DifferenceChart) -> None:
    """Draw differences with their intervals around a line at zero; open points are undecided."""
    factor = 1 if chart.unit == "number" else 100
    axes = _rows(figure, [each.label for each in chart.differences], 0.19)
    axes.axvline(0, color="#565E6B", linewidth=1)
    for row, each in enumerate(chart.differences):
        if each.low is not None and each.high is not None:
            axes.plot(
                [factor * each.low, factor * each.high],
                [row, row],
                color="black",
                linewidth=0.9,
                marker="|",
                markersize=4,
            )
        fill = _COLOURS["first"] if each.decided else "white"
        axes.plot([factor * each.value], [row], marker="o", markersize=5, color=_COLOURS["first"], markerfacecolor=fill)
    axes.grid(axis="x", **_GRID)
    if chart.span is not None:
        low, high = min(factor * chart.span[0], 0), max(factor * chart.span[1], 0)
        axes.set_xlim(low - 0.04 * (high - low), high + 0.04 * (high - low))
    points = f"points: {label(chart.sides[1], 30)} minus {label(chart.sides[0], 30)}"
    axes.set_xlabel(label(chart.x_label, 90) if chart.x_label else points)
    axes.set_title(label(chart.title, 90), loc="left")


def _rows(figure: Any, labels: Any, height: float) -> Any:
    """Return axes with a row for each label, the first on top."""
    figure.set_size_inches(_WIDTH, 1.1 + height * len(labels))
    axes = figure.add_subplot()
    axes.set_yticks(range(len(labels)), [label(each, 24) for each in labels])
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    return axes


def _percent_axis(axes: Any, words: str) -> None:
    axes.set_xlim(0, 100)
    axes.set_xlabel(words)
    axes.grid(axis="x", **_GRID)
