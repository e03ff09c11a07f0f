"""Whether a translation has the lines of its source: paragraphs, list items, headings, rows of a table."""

import re
from collections import Counter

from xleval.data.reasoning.records import Finding, Pair

_FENCE = re.compile(r"```.*?```", re.DOTALL)
#: What a line begins with, and the character that it counts under; numbers count under 1, whatever their script.
_MARK = re.compile(r"\s*(?:(?P<bullet>[-*+•])\s|(?P<number>\d{1,3})[.)]\s?|(?P<heading>#{1,6})\s|(?P<other>[>|]))")


def check_layout(pair: Pair) -> Finding | None:
    """Return that paragraphs or list items of the source are missing in a translation, or that it has more of them.

    Score: number of lines that are missing or too many, by what they begin with: a bullet, a number, a heading, a
    quotation, a table row, or none of these. Code between fences is one line; blank lines do not count.
    """
    source, target = _lines(pair.source), _lines(pair.target)
    missing, added = source - target, target - source
    score = max(missing.total(), added.total())
    if not score:
        return None
    parts = [f"{name} {_listed(lines)}" for name, lines in (("missing", missing), ("added", added)) if lines]
    return Finding(check="layout", score=float(score), detail="; ".join(parts))


def _lines(text: str) -> Counter[str]:
    found = _FENCE.sub("```", text).split("\n")
    return Counter(_kind(line) for line in found if line.strip())


def _kind(line: str) -> str:
    mark = _MARK.match(line)
    if mark is None or mark.lastgroup is None:
        return "lines"
    return {"bullet": "bullets", "number": "numbered lines", "heading": "headings"}.get(mark.lastgroup, "quoted lines")


def _listed(lines: Counter[str]) -> str:
    return ", ".join(f"{n} {kind}" for kind, n in sorted(lines.items()))
