"""Heat maps: a figure for every pair of languages."""

from xleval.evalkit.figures.chart import HeatMap
from xleval.evalkit.figures.table import compact
from xleval.evalkit.report.svg_parts import label_width, svg, text
from xleval.evalkit.sentences import in_hundredths, percent

#: With more languages than these a cell is too small for its number; the tables have it.
MOST_NUMBERED = 26
_SHADES = 12
_KEY = 120.0  # px
#: Room for what columns are, above their labels, in px.
_SIDES = 20.0


def heat_map(chart: HeatMap, chart_id: str) -> str:
    """Return a language-by-language map: the figure in every cell, stronger for more."""
    n = range(len(chart.labels))
    known = [value for i in n for j in n if (value := chart.cell(i, j)) is not None]
    draw = _numbered if len(chart.labels) <= MOST_NUMBERED else _small
    parts, (width, height) = draw(chart)
    left = label_width(chart.labels)
    parts += _key(chart, (left, height + 6))
    said = percent if chart.unit == "percent" else compact
    ends = f", from {said(min(known))} to {said(max(known))}" if known else ""
    unit = "Per cent" if chart.unit == "percent" else "Values"
    sides = f" Rows: {chart.sides[0]}; columns: {chart.sides[1]}." if any(chart.sides) else ""
    description = f"{unit} for every pair of {len(chart.labels)} languages{ends}.{sides}"
    size = (max(width, left + _KEY + 40), height + 24)
    return svg(parts, size=size, chart_id=chart_id, title=chart.title, description=description)


def _shown(chart: HeatMap, value: float) -> str:
    return in_hundredths(value, 0) if chart.unit == "percent" else compact(value)


def _colour(chart: HeatMap, value: float) -> str:
    """Return the class and opacity of a cell: values below 0 have a colour of their own."""
    strength = chart.strength(value)
    if chart.span[0] < 0 and value < 0:
        # never so strong that the letters on it would be hard to read
        return f'fill-opacity="{0.06 + 0.4 * strength:.3f}" class="heat below"'
    faintest = 0.0 if chart.span[0] < 0 else 0.06
    return f'fill-opacity="{faintest + (1 - faintest) * strength:.3f}" class="heat"'


def _key(chart: HeatMap, place: tuple[float, float]) -> list[str]:
    """Return the bar that says which colour stands for which value."""
    left, top = place
    low, high = chart.span
    step = _KEY / _SHADES
    parts = [
        f'<rect {_colour(chart, low + (high - low) * k / (_SHADES - 1))} x="{left + k * step:.1f}" y="{top:g}" '
        f'width="{step:.1f}" height="10"/>'
        for k in range(_SHADES)
    ]
    parts.append(text(left - 6, top + 5, _shown(chart, low), anchor="end", size=12, css="soft"))
    return [*parts, text(left + _KEY + 6, top + 5, _shown(chart, high), size=12, css="soft")]


def _numbered(chart: HeatMap) -> tuple[list[str], tuple[float, float]]:
    cell, left = 34, label_width(chart.labels)
    top = 26.0 + (_SIDES if any(chart.sides) else 0.0)
    parts = []
    if any(chart.sides):
        parts.append(text(0, 9, f"↓ {chart.sides[0]}   → {chart.sides[1]}", size=12, css="soft"))
    for i, label in enumerate(chart.labels):
        parts.append(text(left - 6, top + i * cell + cell / 2, label, anchor="end"))
        parts.append(text(left + i * cell + cell / 2, top - 12, label[:6], anchor="middle"))
        for j in range(len(chart.labels)):
            if i != j or chart.diagonal:
                parts.append(_cell(chart, (i, j), (left + j * cell, top + i * cell, cell - 1)))
    return parts, (left + len(chart.labels) * cell + 4, top + len(chart.labels) * cell + 4)


def _cell(chart: HeatMap, at: tuple[int, int], box: tuple[float, float, float]) -> str:
    x, y, side = box
    middle, value = (x + side / 2, y + side / 2), chart.cell(*at)
    frame = f'<rect class="frame" x="{x + 1:g}" y="{y + 1:g}" width="{side - 2:g}" height="{side - 2:g}" rx="2"/>'
    framed = frame if at[0] == at[1] else ""
    if value is None:
        return text(*middle, "–", anchor="middle", size=12) + framed
    strength = 0.0 if value < 0 else chart.strength(value)
    # The text turns where its contrast with the cell would fall below 4.5 to 1, in the light and in the dark page.
    shade = "weak" if strength < 0.5 else "middling" if strength < 0.71 else "strong"
    place = f'x="{x:g}" y="{y:g}" width="{side:g}" height="{side:g}" rx="2"'
    rect = f"<rect {place} {_colour(chart, value)}/>"
    return rect + framed + text(*middle, _shown(chart, value), anchor="middle", size=12, css=shade)


def _small(chart: HeatMap) -> tuple[list[str], tuple[float, float]]:
    """Return cells without numbers, those of one shade in one path: hundreds of languages stay a small file."""
    cell, top, left = 11, 60, label_width(chart.labels)
    paths: dict[str, list[str]] = {}
    n = range(len(chart.labels))
    for i in n:
        for j in n:
            if (value := chart.cell(i, j)) is not None:
                # in steps, so that many cells share a path
                low, high = chart.span
                share = min(max((value - low) / (high - low), 0.0), 1.0) if high > low else 0.5
                stepped = low + (high - low) * round(2 * _SHADES * share) / (2 * _SHADES)
                place = f"M{left + j * cell:g} {top + i * cell}h10v10h-10z"
                paths.setdefault(_colour(chart, stepped), []).append(place)
    parts = [f'<path {colour} d="{"".join(cells)}"/>' for colour, cells in sorted(paths.items())]
    for i, label in enumerate(chart.labels):
        parts.append(text(left - 4, top + i * cell + 5, label, anchor="end", size=9))
        x = left + i * cell + 5
        turned = text(x, top - 4, label[:8], anchor="start", size=9)
        parts.append(f'<g transform="rotate(-90 {x:g} {top - 4})">{turned}</g>')
    return parts, (left + len(chart.labels) * cell + 4, top + len(chart.labels) * cell + 4)
