"""Names at the ends of lines and beside points: nobody has to find a line by its colour in a legend."""

from collections.abc import Sequence

from xleval.evalkit.figures.chart import Line
from xleval.evalkit.report.svg_parts import shape, text, visible_label

_APART, _LETTER = 13.0, 6.6  # px between two names, and of one letter


def labels_room(lines: Sequence[Line]) -> float:
    """Return the room that the names need to the right of a picture, in px; 0 where lines have none."""
    longest = max((len(line.short) for line in lines), default=0)
    return 24 + _LETTER * longest if longest else 0.0


def end_labels(ends: Sequence[tuple[Line, float]], left: float, between: tuple[float, float]) -> list[str]:
    """Return the names of lines beside their ends, moved apart where they would stand on each other.

    Args:
        ends: each line with the height of its last point.
        left: where the picture ends.
        between: least and greatest height of a name.
    """
    named = sorted(((y, line) for line, y in ends if line.short), key=lambda pair: pair[0])
    heights: list[float] = []
    for y, _ in named:
        heights.append(max(y, heights[-1] + _APART) if heights else y)
    lowest = between[1]
    for k in reversed(range(len(heights))):
        heights[k] = min(heights[k], lowest)
        lowest = heights[k] - _APART
    parts = []
    for (_, line), height in zip(named, heights, strict=True):
        parts += [shape(line.role, left + 12, height, 3)] if line.marked else []
        parts.append(text(left + (19 if line.marked else 6), height, line.short, size=12))
    return parts


def point_labels(points: Sequence[tuple[float, float, str]], across: tuple[float, float]) -> list[str]:
    """Return the names of points beside them, towards the middle, moved up or down where they would stand on each other.

    Args:
        points: x, y and name of each.
        across: left and right end of the picture.
    """
    parts: list[str] = []
    taken: list[tuple[float, float, float]] = []  # left, right, height of names that are placed
    for x, y, name in sorted(points, key=lambda point: (point[1], point[0])):
        width = _LETTER * len(visible_label(name))
        to_left = x > (across[0] + across[1]) / 2
        left = max(x - 8 - width, across[0]) if to_left else min(x + 8, max(across[1] - width, across[0]))
        height = y - 9
        while any(one < left + width and left < end and abs(height - at) < _APART for one, end, at in taken):
            height += _APART
        taken.append((left, left + width, height))
        parts.append(text(left, height, name, size=12))
    return parts
