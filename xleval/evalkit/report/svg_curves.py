"""Curves: a panel for each language, lines over training steps or over the number of training languages."""

from itertools import pairwise

from xleval.evalkit.figures.chart import CurveChart, Line, Panel, Point
from xleval.evalkit.report.svg_line_labels import end_labels, labels_room, point_labels
from xleval.evalkit.report.svg_parts import number, shape, svg, text, ticks
from xleval.evalkit.sentences import percent

_TITLE, _MARKS, _BOTTOM, _LEFT = 24.0, 16.0, 38.0, 46.0
_SMALL, _MIDDLE, _LARGE, _NAMED = (210.0, 130.0), (290.0, 170.0), (330.0, 220.0), (400.0, 300.0)
#: Up to so many panels stand in one row.
FEW = 3
#: A line has about so many markers.
_MARKERS = 6


class _Scale:
    """Data -> px, the same for all panels of a chart, with the round numbers of its axes."""

    def __init__(self, chart: CurveChart) -> None:
        n = len(chart.panels)
        lines = [line for panel in chart.panels for line in panel.lines]
        self.unit = chart.panels[0].unit
        self.room = labels_room(lines)
        alone = _NAMED if any(line.named for line in lines) else _LARGE
        width, height = alone if n == 1 else _MIDDLE if n <= FEW else _SMALL
        self.size = (width - (self.room if n > 1 else 0.0), height)
        self.top = _TITLE + (_MARKS if any(panel.marks for panel in chart.panels) else 0.0)
        self.y_range, self.y_ticks = self._y_axis([point for line in lines for point in line.points])
        xs = [at.x for line in lines for at in line.points] + [at for panel in chart.panels for at, _, _ in panel.marks]
        low, high = min(xs), max(xs)
        # Single points need room for themselves at both ends.
        room = 0.04 * (high - low) if any(not line.joined or line.named for line in lines) else 0.0
        self.x_range = low - room, high + room
        measured = [at.x for line in lines if not line.joined for at in line.points]
        self.x_ticks = self._x_ticks(sorted(set(measured or xs)))

    def _y_axis(self, points: list[Point]) -> tuple[tuple[float, float], list[float]]:
        ys = [value for at in points for value in (at.y, at.low, at.high) if value is not None]
        if self.unit == "percent":
            return (min([0.0, *ys]), max([1.0, *ys])), [0.0, 0.25, 0.5, 0.75, 1.0]
        factor = 100 if self.unit == "points" else 1
        found = [tick / factor for tick in ticks(factor * min(ys), factor * max(ys))]
        return (found[0], found[-1]), found

    def _x_ticks(self, xs: list[float]) -> list[float]:
        """Return the places themselves where they are few and apart, else round numbers."""
        places = [self.x(value) for value in xs]
        apart = all(after - before >= 32 for before, after in pairwise(places))
        if len(xs) <= 8 and apart:
            return xs
        return [tick for tick in ticks(xs[0], xs[-1], 4) if xs[0] <= tick <= xs[-1]]

    def x(self, value: float) -> float:
        low, high = self.x_range
        share = (value - low) / (high - low) if high > low else 0.5
        return round(_LEFT + share * self.size[0], 1)

    def y(self, value: float) -> float:
        low, high = self.y_range
        return round(self.top + (high - value) / (high - low) * self.size[1], 1)

    def shown(self, value: float) -> str:
        """Return a value as the axis shows it."""
        return number(value) if self.unit == "number" else number(round(100 * value, 6))


def curves(chart: CurveChart, chart_id: str) -> list[str]:
    """Return one SVG for each panel, so that they can flow into the width of the page."""
    scale = _Scale(chart)
    return [_panel(chart, panel, f"{chart_id}p{k}", scale) for k, panel in enumerate(chart.panels)]


def _panel(chart: CurveChart, panel: Panel, chart_id: str, scale: _Scale) -> str:
    parts = _axes(chart, panel, scale) + _marks(panel, scale)
    for each in panel.lines:
        parts += _band(each, scale)
    for each in panel.lines:
        parts += _line(each, scale)
    right = _LEFT + scale.size[0]
    parts += end_labels(
        [(each, scale.y(each.points[-1].y)) for each in panel.lines], right, (scale.top, scale.top + scale.size[1])
    )
    said = [_said(each, panel) for each in panel.lines]
    said += [f"Early warning {sign} at {chart.x_label} {number(mark)}: {words}" for mark, sign, words in panel.marks]
    beside = [(scale.x(at.x), scale.y(at.y), at.label) for each in panel.lines if each.named for at in each.points]
    parts += point_labels([point for point in beside if point[2]], (_LEFT, right))
    title = f"{chart.title}: {panel.title}" if panel.title else chart.title
    whole = (right + max(scale.room, 14.0), scale.top + scale.size[1] + _BOTTOM)
    return svg(parts, size=whole, chart_id=chart_id, title=title, description=". ".join(said) + ".")


def _marks(panel: Panel, scale: _Scale) -> list[str]:
    parts, taken = [], 0.0
    for mark, sign, _ in sorted(panel.marks):
        x, bottom = scale.x(mark), scale.top + scale.size[1]
        parts.append(f'<line class="mark" x1="{x}" x2="{x}" y1="{scale.top}" y2="{bottom}"/>')
        taken = max(x, taken + 8 + 8 * len(sign))
        parts.append(text(taken, scale.top - 8, sign, anchor="middle", size=13, css="marked"))
    return parts


def _axes(chart: CurveChart, panel: Panel, scale: _Scale) -> list[str]:
    width, height = scale.size
    bottom = scale.top + height
    parts = [text(_LEFT, 9, panel.title, size=13, css="title")] if panel.title else []
    place = (_LEFT + width, "end") if panel.title else (0.0, "start")
    parts.append(text(place[0], 9, chart.y_label, anchor=place[1], size=12, css="soft"))
    for tick in scale.y_ticks:
        y = scale.y(tick)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_LEFT + width}" y1="{y}" y2="{y}"/>')
        parts.append(text(_LEFT - 6, y, scale.shown(tick), anchor="end", size=12, css="soft"))
    for tick in scale.x_ticks:
        parts.append(text(scale.x(tick), bottom + 12, number(tick), anchor="middle", size=12, css="soft"))
    parts.append(text(_LEFT + width / 2, bottom + 28, chart.x_label, anchor="middle", size=12, css="soft"))
    return parts


def _band(line: Line, scale: _Scale) -> list[str]:
    if not line.joined or line.named:
        return []
    parts = []
    run: list[tuple[Point, float, float]] = []
    for point in (*line.points, None):
        if point is not None and point.low is not None and point.high is not None:
            run.append((point, point.low, point.high))
            continue
        if len(run) > 1:
            upper = [f"{scale.x(at.x)} {scale.y(high)}" for at, _, high in run]
            lower = [f"{scale.x(at.x)} {scale.y(low)}" for at, low, _ in reversed(run)]
            parts.append(f'<path class="{line.role} band" d="M{"L".join([*upper, *lower])}Z"/>')
        run = []
    return parts


def line_css(line: Line) -> str:
    """Return the CSS classes of a line: its colour, and its dashes where it has no markers or is another's variant."""
    return f"{line.role} line{' dashed' if line.dashed else ''}{'' if line.marked else ' fit'}"


def _line(line: Line, scale: _Scale) -> list[str]:
    parts = []
    if line.joined and len(line.points) > 1:
        places = "L".join(f"{scale.x(at.x)} {scale.y(at.y)}" for at in line.points)
        parts.append(f'<path class="{line_css(line)}" d="M{places}"/>')
    shown = line.points if line.marked or len(line.points) == 1 else ()
    single = not line.joined or line.named
    for at in shown if single else shown[:: -(-len(shown) // _MARKERS) or 1]:
        x, y = scale.x(at.x), scale.y(at.y)
        if single and at.low is not None and at.high is not None:
            parts.append(f'<path class="whisker" d="M{x} {scale.y(at.low)}V{scale.y(at.high)}"/>')
        parts.append(shape(line.role, x, y, 4.5 if single else 3))
    return parts


def _said(line: Line, panel: Panel) -> str:
    points = line.points if len(line.points) <= 8 else (line.points[0], line.points[-1])
    shown = number if panel.unit == "number" else percent
    return f"{line.label}: " + ", ".join(f"{shown(at.y)} at {number(at.x)}" for at in points)
