"""Charts as inline SVG text: every text is escaped here, colours are CSS variables of the page."""

import math
from collections.abc import Mapping, Sequence
from html import escape

from xleval.evalkit.results_schema import LanguageRow
from xleval.evalkit.tables import percent

_LABEL, _PLOT, _VALUE, _ROW = 44, 300, 130, 24
SHARES = ("target", "english", "other", "undetermined")


def accuracy_bars(rows: Sequence[LanguageRow], *, chart_id: str, title: str) -> str:
    """Return horizontal bars of accuracy with interval whiskers, and a dashed line at chance.

    A language without a verdict (too many unscored) has a hatched range between its bounds instead of a bar.
    """
    parts = [_axis(len(rows))]
    for number, row in enumerate(rows):
        middle = number * _ROW + _ROW / 2
        parts.append(_text(_LABEL - 8, middle, row["lang"], anchor="end"))
        parts += _bar(row, middle)
        if row["chance"] is not None:
            x = _x(row["chance"])
            parts.append(f'<line class="chance" x1="{x}" x2="{x}" y1="{middle - 11}" y2="{middle + 11}"/>')
    said = "; ".join(f"{row['lang']} {percent(row['accuracy']['value'] if row['accuracy'] else None)}" for row in rows)
    size = (_LABEL + _PLOT + _VALUE, len(rows) * _ROW + 24)
    return _svg(parts, size=size, chart_id=chart_id, title=title, description=f"Per cent right: {said}.")


def share_bars(shares: Mapping[str, Mapping[str, float]], *, chart_id: str, title: str) -> str:
    """Return stacked bars of the shares of words: target language, English, other, undetermined.

    Args:
        shares: language -> share name -> fraction in [0, 1].
        chart_id: unique in the page.
        title: of the chart.
    """
    parts = [_axis(len(shares))]
    for number, (lang, row) in enumerate(shares.items()):
        middle = number * _ROW + _ROW / 2
        parts.append(_text(_LABEL - 8, middle, lang, anchor="end"))
        start = 0.0
        for name in SHARES:
            width = row.get(name, 0.0)
            parts.append(
                f'<rect class="{name}" x="{_x(start)}" y="{middle - 8}" width="{width * _PLOT:.1f}" height="16"/>'
            )
            start += width
        parts.append(_text(_LABEL + _PLOT + 6, middle, f"{percent(row.get('target'))} in language", size=12))
    said = "; ".join(f"{lang} {percent(row.get('target'))}" for lang, row in shares.items())
    size = (_LABEL + _PLOT + _VALUE, len(shares) * _ROW + 24)
    description = f"Per cent of words in the language asked for: {said}."
    return _svg(parts, size=size, chart_id=chart_id, title=title, description=description)


def heat_map(matrix: Sequence[Sequence[float | None]], languages: Sequence[str], *, chart_id: str, title: str) -> str:
    """Return a language-by-language map: per cent in every cell, darker for more; the diagonal stays empty."""
    cell, left, top = 34, 44, 26
    known = [value for i, row in enumerate(matrix) for j, value in enumerate(row) if i != j and value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    parts = []
    for i, lang in enumerate(languages):
        parts.append(_text(left - 6, top + i * cell + cell / 2, lang, anchor="end"))
        parts.append(_text(left + i * cell + cell / 2, top - 12, lang, anchor="middle"))
        for j, value in enumerate(matrix[i]):
            if i != j:
                parts.append(_cell(value, low, high, (left + j * cell, top + i * cell, cell - 1)))
    size = (left + len(languages) * cell + 4, top + len(languages) * cell + 4)
    description = f"Per cent for every pair of {len(languages)} languages, from {percent(low)} to {percent(high)}."
    return _svg(parts, size=size, chart_id=chart_id, title=title, description=description)


def count_bars(counts: Sequence[float], *, chart_id: str, title: str) -> str:
    """Return upright bars: number of items that are right in exactly k languages, k = 0 .. L."""
    step, height, base = 32, 130, 152
    most = max([*counts, 1.0])
    parts = [f'<line class="axis" x1="4" x2="{8 + step * len(counts)}" y1="{base}" y2="{base}"/>']
    for k, count in enumerate(counts):
        tall = height * count / most
        x = 8 + k * step
        parts.append(f'<rect class="target" x="{x}" y="{base - tall:.1f}" width="{step - 6}" height="{tall:.1f}"/>')
        shown = f"{count:.0f}" if float(count).is_integer() else f"{count:.1f}"
        parts.append(_text(x + (step - 6) / 2, base - tall - 8, shown, anchor="middle", size=12))
        parts.append(_text(x + (step - 6) / 2, base + 14, str(k), anchor="middle"))
    said = "; ".join(f"{k}: {count:.0f}" for k, count in enumerate(counts))
    size = (16 + step * len(counts), base + 28)
    return _svg(parts, size=size, chart_id=chart_id, title=title, description=f"Languages right: items. {said}.")


def _bar(row: LanguageRow, middle: float) -> list[str]:
    bounds, estimate = row["bounds"], row["accuracy"]
    label_x = _LABEL + _PLOT + 6
    if bounds is not None:
        width = max((bounds[1] - bounds[0]) * _PLOT, 1.0)
        return [
            f'<rect class="open" x="{_x(bounds[0])}" y="{middle - 8}" width="{width:.1f}" height="16"/>',
            _text(label_x, middle, f"{percent(bounds[0])} to {percent(bounds[1])}", size=12),
        ]
    if estimate is None:
        return [_text(label_x, middle, "not scored", size=12)]
    bar = f'<rect class="target" x="{_LABEL}" y="{middle - 8}" width="{estimate["value"] * _PLOT:.1f}" height="16"/>'
    low, high = estimate["low"], estimate["high"]
    if low is None or high is None:
        return [bar, _text(label_x, middle, percent(estimate["value"]), size=12)]
    whisker = (
        f'<path class="whisker" d="M{_x(low)} {middle}H{_x(high)}M{_x(low)} {middle - 4}v8M{_x(high)} {middle - 4}v8"/>'
    )
    label = f"{percent(estimate['value'])} [{percent(low)}, {percent(high)}]"
    return [bar, whisker, _text(label_x, middle, label, size=12)]


def _cell(value: float | None, low: float, high: float, box: tuple[float, float, float]) -> str:
    x, y, side = box
    middle = (x + side / 2, y + side / 2)
    if value is None or math.isnan(value):
        return _text(*middle, "–", anchor="middle", size=12)
    strength = (value - low) / (high - low) if high > low else 0.5
    # Text turns where its contrast with the cell would fall below 4 to 1, in the light and in the dark page.
    shade = "weak" if strength < 0.5 else "middling" if strength < 0.71 else "strong"
    place = f'x="{x}" y="{y}" width="{side}" height="{side}"'
    rect = f'<rect class="heat" {place} fill-opacity="{0.06 + 0.94 * strength:.3f}"/>'
    return rect + _text(*middle, f"{100 * value:.0f}", anchor="middle", size=12, css=shade)


def _axis(rows: int) -> str:
    marks = []
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        marks.append(f'<line class="grid" x1="{_x(tick)}" x2="{_x(tick)}" y1="0" y2="{rows * _ROW}"/>')
        marks.append(_text(_x(tick), rows * _ROW + 13, f"{100 * tick:.0f}", anchor="middle", size=12, css="soft"))
    return "".join(marks)


def _x(share: float) -> float:
    return round(_LABEL + share * _PLOT, 1)


def _text(x: float, y: float, words: str, *, anchor: str = "start", size: int = 13, css: str = "") -> str:
    name = f' class="{css}"' if css else ""
    place = f'x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="{size}" dominant-baseline="central"'
    return f"<text{name} {place}>{escape(words)}</text>"


def _svg(parts: Sequence[str], *, size: tuple[float, float], chart_id: str, title: str, description: str) -> str:
    name = escape(chart_id, quote=True)
    return (
        f'<svg role="img" viewBox="0 0 {size[0]:g} {size[1]:g}" width="{size[0]:g}" height="{size[1]:g}" '
        f'aria-labelledby="{name}-t {name}-d"><title id="{name}-t">{escape(title)}</title>'
        f'<desc id="{name}-d">{escape(description)}</desc>{"".join(parts)}</svg>'
    )
