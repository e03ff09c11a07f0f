"""What all charts of the page are made of: escaped texts, axes, scales. Colours are CSS classes of the page."""

import math
from collections.abc import Sequence
from html import escape

from xleval.evalkit.figures.chart import SHAPES, Role
from xleval.evalkit.report.shown_text import cut_name

LABEL_LENGTH = 20


def svg(parts: Sequence[str], *, size: tuple[float, float], chart_id: str, title: str, description: str) -> str:
    """Return an SVG element with a name and a description for screen readers.

    Args:
        parts: elements, with every text escaped.
        size: width and height in px.
        chart_id: unique in the page, of letters and digits.
        title: short name.
        description: what the chart says, in words.
    """
    return (
        f'<svg role="img" viewBox="0 0 {size[0]:g} {size[1]:g}" width="{size[0]:g}" height="{size[1]:g}" '
        f'aria-labelledby="{chart_id}-t {chart_id}-d"><title id="{chart_id}-t">{escape(cut_name(title, 300))}</title>'
        f'<desc id="{chart_id}-d">{escape(cut_name(description, 2000))}</desc>{"".join(parts)}</svg>'
    )


def text(x: float, y: float, words: str, *, anchor: str = "start", size: int = 13, css: str = "") -> str:
    """Return a text element, its middle at height `y`."""
    name = f' class="{css}"' if css else ""
    place = f'x="{x:.4g}" y="{y:.4g}" text-anchor="{anchor}" font-size="{size}" dominant-baseline="central"'
    return f"<text{name} {place}>{escape(visible_label(words))}</text>"


def visible_label(words: str) -> str:
    """Return a label no longer than fits beside a chart."""
    return cut_name(words, LABEL_LENGTH) if len(words) > LABEL_LENGTH + 16 else cut_name(words)


def label_width(labels: Sequence[str]) -> float:
    """Return the room that labels need to the left of a chart, in px."""
    longest = max((len(visible_label(label)) for label in labels), default=2)
    return min(max(44.0, 8.0 * longest + 14), 252.0)


def ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Return round numbers from at most `low` to at least `high`, 1, 2 or 5 times a power of ten apart."""
    span = high - low
    if not math.isfinite(span) or span <= 0:
        span, high = 1.0, low + 1.0
    rough = span / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(step * k, 12) for k in range(first, last + 1)]


def number(value: float) -> str:
    """Return a number as an axis shows it, with a real minus sign."""
    return f"{value:.6g}".replace("-", "−")


def shape(role: Role, x: float, y: float, radius: float) -> str:
    """Return the marker of a role, about as large as a circle of a radius."""
    r = radius
    d = {
        "square": f"M{x - r:g} {y - r:g}h{2 * r:g}v{2 * r:g}h{-2 * r:g}z",
        "triangle": f"M{x:g} {y - 1.25 * r:g}l{1.25 * r:g} {2.3 * r:g}h{-2.5 * r:g}z",
        "down": f"M{x:g} {y + 1.25 * r:g}l{1.25 * r:g} {-2.3 * r:g}h{-2.5 * r:g}z",
        "diamond": f"M{x:g} {y - 1.4 * r:g}l{1.4 * r:g} {1.4 * r:g}l{-1.4 * r:g} {1.4 * r:g}l{-1.4 * r:g} {-1.4 * r:g}z",
    }.get(SHAPES[role])
    return f'<path class="{role}" d="{d}"/>' if d else f'<circle class="{role}" cx="{x:g}" cy="{y:g}" r="{radius:g}"/>'


def share_axis(left: float, width: float, rows_height: float) -> str:
    """Return the upright grid lines of shares from 0 to 100 %, with their labels below."""
    marks = []
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = left + tick * width
        marks.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{rows_height:g}"/>')
        marks.append(text(x, rows_height + 13, f"{100 * tick:.0f}", anchor="middle", size=12, css="soft"))
    return "".join(marks)
