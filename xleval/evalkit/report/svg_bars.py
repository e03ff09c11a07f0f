"""Charts with a row for each language: bars of several runs, shares of words, differences between two runs."""

from collections.abc import Callable

from xleval.evalkit.figures.chart import ORDER, Bar, BarChart, CountChart, Difference, DifferenceChart, ShareChart
from xleval.evalkit.figures.of_results import SHARES
from xleval.evalkit.figures.table import signed
from xleval.evalkit.report.svg_parts import label_width, number, share_axis, svg, text, ticks
from xleval.evalkit.sentences import percent

_PLOT, _VALUE, _ROW = 300.0, 130.0, 24.0


class _Axis:
    """Values of bars -> px: from 0 to 1, or for numbers round ones that hold every bar."""

    def __init__(self, chart: BarChart, left: float) -> None:
        self.left, self.unit = left, chart.unit
        rows = [bar for row in chart.bars for bar in row]
        ends = [each for bar in rows for each in (bar.value, bar.low, bar.high) if each is not None]
        self.ticks = [0.0, 0.25, 0.5, 0.75, 1.0] if chart.unit == "percent" else ticks(min([0, *ends]), max([0, *ends]))

    def x(self, value: float) -> float:
        low, high = self.ticks[0], self.ticks[-1]
        return self.left + (value - low) / (high - low) * _PLOT

    def drawn(self, height: float) -> list[str]:
        """Return upright grid lines with their labels below; that of 0 is stronger where bars go to both sides."""
        if self.unit == "percent":
            return [share_axis(self.left, _PLOT, height)]
        parts = []
        for tick in self.ticks:
            at, css = self.x(tick), "zero" if tick == 0 else "grid"
            parts.append(f'<line class="{css}" x1="{at:.1f}" x2="{at:.1f}" y1="0" y2="{height:g}"/>')
            parts.append(text(at, height + 13, number(tick), anchor="middle", size=12, css="soft"))
        return parts

    def said(self, bar: Bar) -> str:
        return _said(bar, percent if self.unit == "percent" else number)


def bars(chart: BarChart, chart_id: str) -> str:
    """Return horizontal bars with interval whiskers, and a dashed line at chance.

    A bar without a verdict (too many unscored) is an open box between its bounds.
    """
    n = len(chart.series)
    thick = 16.0 if n == 1 else 11.0
    row_height = _ROW if n == 1 else n * (thick + 2) + 10
    left, height = label_width(chart.labels), row_height * len(chart.labels)
    axis = _Axis(chart, left)
    parts = axis.drawn(height)
    for number_of_row, (label, row) in enumerate(zip(chart.labels, chart.bars, strict=True)):
        top = number_of_row * row_height
        parts.append(text(left - 8, top + row_height / 2, label, anchor="end"))
        for k, bar in enumerate(row):
            middle = top + row_height / 2 + (k - (n - 1) / 2) * (thick + 2)
            parts += _bar(bar, axis, (middle, thick), ORDER[k % len(ORDER)])
            if n == 1:
                parts.append(text(left + _PLOT + 6, middle, axis.said(bar), size=12))
        chance = next((bar.chance for bar in row if bar.chance is not None), None)
        if chance is not None:
            x = axis.x(chance)
            parts.append(
                f'<line class="chance" x1="{x:.1f}" x2="{x:.1f}" y1="{top + 1:g}" y2="{top + row_height - 1:g}"/>'
            )
    said = "; ".join(
        f"{label} {', '.join(axis.said(bar) for bar in row)}"
        for label, row in zip(chart.labels, chart.bars, strict=True)
    )
    own = chart.unit != "percent"
    if own:
        parts.append(text(left + _PLOT / 2, height + 29, chart.x_label, anchor="middle", size=12, css="soft"))
    size = (left + _PLOT + (_VALUE if n == 1 else 12), height + (40 if own else 24))
    description = f"{chart.x_label[:1].upper()}{chart.x_label[1:]}: {said}."
    return svg(parts, size=size, chart_id=chart_id, title=chart.title, description=description)


def _bar(bar: Bar, axis: _Axis, place: tuple[float, float], role: str) -> list[str]:
    middle, thick = place
    top = middle - thick / 2
    if bar.bounds is not None:
        low, high = bar.bounds
        width = max(axis.x(high) - axis.x(low), 1.0)
        return [f'<rect class="{role} open" x="{axis.x(low):.1f}" y="{top:g}" width="{width:.1f}" height="{thick:g}"/>']
    if bar.value is None:
        return []
    start, end = sorted((axis.x(0), axis.x(bar.value)))
    found = [f'<rect class="{role}" x="{start:g}" y="{top:g}" width="{end - start:.1f}" height="{thick:g}" rx="1.5"/>']
    if bar.low is not None and bar.high is not None:
        found.append(_whisker(axis.x(bar.low), axis.x(bar.high), middle, 3.5))
    return found


def _whisker(low: float, high: float, middle: float, cap: float) -> str:
    ends = "".join(f"M{x:.1f} {middle - cap:g}v{2 * cap:g}" for x in (low, high))
    return f'<path class="whisker" d="M{low:.1f} {middle:g}H{high:.1f}{ends}"/>'


def _said(bar: Bar, shown: Callable[[float], str]) -> str:
    if bar.bounds is not None:
        return f"{shown(bar.bounds[0])} to {shown(bar.bounds[1])}"
    if bar.value is None:
        return "not scored"
    if bar.low is None or bar.high is None:
        return shown(bar.value)
    return f"{shown(bar.value)} [{shown(bar.low)}, {shown(bar.high)}]"


def shares(chart: ShareChart, chart_id: str) -> str:
    """Return stacked bars of the shares of words: language asked for, English, other, undetermined."""
    left, height = label_width(chart.labels), _ROW * len(chart.labels)
    parts = [share_axis(left, _PLOT, height)]
    for k, (label, row) in enumerate(zip(chart.labels, chart.shares, strict=True)):
        middle = k * _ROW + _ROW / 2
        parts.append(text(left - 8, middle, label, anchor="end"))
        parts.append(stack(row, (left, middle - 8, _PLOT, 16.0)))
        parts.append(text(left + _PLOT + 6, middle, f"{percent(row[0])} of all words", size=12))
    said = "; ".join(f"{label} {percent(row[0])}" for label, row in zip(chart.labels, chart.shares, strict=True))
    description = f"Per cent of all words that are in the language asked for: {said}."
    size = (left + _PLOT + _VALUE, height + 24)
    return svg(parts, size=size, chart_id=chart_id, title=chart.title, description=description)


def stack(row: tuple[float, float, float, float], place: tuple[float, float, float, float]) -> str:
    """Return the rectangles of one stacked bar at (left, top, width, height)."""
    left, top, width, height = place
    found, start = [], 0.0
    for name, share in zip(SHARES, row, strict=True):
        if share > 0:
            x = left + start * width
            found.append(
                f'<rect class="{name}" x="{x:.1f}" y="{top:g}" width="{share * width:.1f}" height="{height:g}"/>'
            )
        start += share
    return "".join(found)


def counts(chart: CountChart, chart_id: str) -> str:
    """Return upright bars of how many items are right in exactly k languages."""
    step, height, base = 32, 130, 152
    most = max([*chart.counts, 1.0])
    parts = [f'<line class="axis" x1="4" x2="{8 + step * len(chart.counts)}" y1="{base}" y2="{base}"/>']
    for k, count in enumerate(chart.counts):
        tall, x = height * count / most, 8 + k * step
        parts.append(
            f'<rect class="first" x="{x}" y="{base - tall:.1f}" width="{step - 6}" height="{tall:.1f}" rx="1.5"/>'
        )
        shown = f"{count:.0f}" if float(count).is_integer() else f"{count:.1f}"
        parts.append(text(x + (step - 6) / 2, base - tall - 8, shown, anchor="middle", size=12))
        parts.append(text(x + (step - 6) / 2, base + 14, str(k), anchor="middle", size=12, css="soft"))
    said = "; ".join(f"{k}: {count:g}" for k, count in enumerate(chart.counts))
    size = (16 + step * len(chart.counts), base + 28)
    return svg(parts, size=size, chart_id=chart_id, title=chart.title, description=f"Languages right: items. {said}.")


def differences(chart: DifferenceChart, chart_id: str) -> str:
    """Return differences with their intervals around a line at zero; an open point is undecided."""
    # longer numbers take room from the plot: a phone shows the whole width
    plot = _PLOT if chart.digits == 1 else 0.6 * _PLOT
    left, height = label_width([each.label for each in chart.differences]), _ROW * len(chart.differences)
    ends = [each for row in chart.differences for each in (row.value, row.low, row.high, 0.0) if each is not None]
    ends += chart.span or ()
    factor = 1 if chart.unit == "number" else 100
    marks = ticks(factor * min(ends), factor * max(ends), 5)
    low, high = marks[0] / factor, marks[-1] / factor

    def x(value: float) -> float:
        return left + (value - low) / (high - low) * plot

    parts = []
    for tick in marks:
        at, css = x(tick / factor), "zero" if tick == 0 else "grid"
        parts.append(f'<line class="{css}" x1="{at:.1f}" x2="{at:.1f}" y1="0" y2="{height:g}"/>')
        parts.append(text(at, height + 13, number(tick), anchor="middle", size=12, css="soft"))
    for k, row in enumerate(chart.differences):
        middle = k * _ROW + _ROW / 2
        parts.append(text(left - 8, middle, row.label, anchor="end"))
        if row.low is not None and row.high is not None:
            parts.append(_whisker(x(row.low), x(row.high), middle, 4))
        css = "first" if row.decided else "first hollow"
        parts.append(f'<circle class="{css}" cx="{x(row.value):.1f}" cy="{middle:g}" r="5"/>')
        parts.append(text(left + plot + 8, middle, _difference(row, chart), size=12))
    said = "; ".join(
        f"{row.label} {_difference(row, chart)}{'' if row.decided else ', undecided'}" for row in chart.differences
    )
    if chart.x_label:
        parts.append(text(left + plot / 2, height + 29, chart.x_label, anchor="middle", size=12, css="soft"))
    size = (left + plot + _VALUE + 10 + 22 * (chart.digits - 1), height + (40 if chart.x_label else 24))
    description = f"{chart.x_label or 'Difference in points'}: {said}."
    return svg(parts, size=size, chart_id=chart_id, title=chart.title, description=description)


def _difference(row: Difference, chart: DifferenceChart) -> str:
    # signed() shows 100 times what it is given
    shown = [
        signed(value / 100 if chart.unit == "number" else value, chart.digits)
        for value in (row.value, row.low, row.high)
        if value is not None
    ]
    return f"{shown[0]} [{shown[1]}, {shown[2]}]" if len(shown) == 3 else shown[0]
