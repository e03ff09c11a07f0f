"""Which parts of a translation belong to which parts of the source: a dynamic programme over clauses.

As in Gale and Church (1993, "A program for aligning sentences in bilingual corpora") clauses are matched in order, one to
three with one to three, by how well the length of the translation fits; besides, every word of the source whose
translation is known (`evidence`) speaks for or against a match by whether it is found there. A clause may also be left
out: what that gains over the best complete match is the log-odds that it was dropped.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from xleval.data.reasoning.gate.evidence import Evidence
from xleval.data.segmentation import Span, sentences

_COMMA = re.compile(r"[,;:](?=\s)|[，、；：،]")
# Thai has no comma: its clauses are the stretches between spaces, but for spaces around figures.
_THAI_GAP = re.compile(r"(?<![0-9]) (?![0-9])")
#: Shortest clause, in characters, that stands by itself.
_SHORTEST = {"zh": 6, "ja": 8, "ko": 10, "th": 14}
_SHORTEST_ELSEWHERE = 18
#: Log prior of matching so many clauses with so many.
_MOVES = {
    (1, 1): 0.0,
    (1, 2): -2.0,
    (2, 1): -2.0,
    (2, 2): -2.5,
    (1, 3): -4.5,
    (3, 1): -4.5,
    (2, 3): -4.5,
    (3, 2): -4.5,
    (3, 3): -5.0,
}
_SPREAD = 0.35
#: Longer texts are matched by sentence groups so that time stays linear in length.
MAX_UNITS = 24
_BOUND = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """How well a translation matches its source, in natural log units.

    Attributes:
        matched: score of the best complete match per clause, at least -30.
        dropped: gain of the best match that leaves one clause of the source out, from -20 to 20.
        added: gain of the best match that leaves one clause of the translation out, from -20 to 20.
        beads: source and target clause ranges of the best complete match, in order; empty where there is none.
    """

    matched: float
    dropped: float
    added: float
    beads: tuple[tuple[Span, Span], ...]


def clauses(text: str, lang: str) -> list[Span]:
    """Return the sentences of a text, cut at commas (in Thai: spaces) where both sides are long enough."""
    shortest = _SHORTEST.get(lang, _SHORTEST_ELSEWHERE)
    found: list[Span] = []
    for start, end in sentences(text, lang):
        edges = [start]
        for cut in (_THAI_GAP if lang == "th" else _COMMA).finditer(text, start, end):
            if cut.end() - edges[-1] >= shortest and end - cut.end() >= shortest:
                edges.append(cut.end())
        found.extend(zip(edges, [*edges[1:], end], strict=True))
    while len(found) > MAX_UNITS:
        found = [(pair[0][0], pair[-1][1]) for pair in (found[at : at + 2] for at in range(0, len(found), 2))]
    return found or [(0, len(text))]


def align(
    source: Sequence[Span], target: Sequence[Span], evidence: Sequence[Sequence[Evidence]], ratio: float
) -> Alignment:
    """Return the alignment of two lists of clauses.

    Args:
        source: clauses of the source.
        target: clauses of the translation.
        evidence: for each source clause its known words and numbers, their presence given by target clause.
        ratio: characters of a translation per character of the source.
    """
    table = _Table(source, target, evidence, ratio)
    whole = table.best()
    matched = whole.get((0, 0), (-60.0, ()))[0]
    dropped, added = (whole.get(key, (-60.0, ()))[0] - matched for key in ((1, 0), (0, 1)))
    return Alignment(
        matched=max(-30.0, matched) / (len(source) + 1),
        dropped=min(_BOUND, max(-_BOUND, dropped)),
        added=min(_BOUND, max(-_BOUND, added)),
        beads=whole.get((0, 0), (0.0, ()))[1],
    )


_Beads = tuple[tuple[Span, Span], ...]
_State = dict[tuple[int, int], tuple[float, _Beads]]


class _Table:
    def __init__(
        self, source: Sequence[Span], target: Sequence[Span], evidence: Sequence[Sequence[Evidence]], ratio: float
    ) -> None:
        self._source = [(end - start) * ratio for start, end in source]
        self._target = [end - start for start, end in target]
        self._total = max(1, sum(self._target))
        self._evidence = evidence

    def best(self) -> dict[tuple[int, int], tuple[float, _Beads]]:
        """Return the best score and beads by the numbers of source and target clauses left out (0 or 1 each)."""
        rows, columns = len(self._source), len(self._target)
        table: list[list[_State]] = [[{} for _ in range(columns + 1)] for _ in range(rows + 1)]
        table[0][0][(0, 0)] = (0.0, ())
        for i in range(rows + 1):
            for j in range(columns + 1):
                if table[i][j]:
                    self._extend(table, i, j)
        return table[rows][columns]

    def _extend(self, table: list[list[_State]], i: int, j: int) -> None:
        state = table[i][j]
        for (down, right), prior in _MOVES.items():
            if i + down < len(table) and j + right < len(table[0]):
                gain = prior + self._match(i, down, j, right)
                beads = ((i, i + down), (j, j + right))
                for left_out, (score, before) in state.items():
                    _keep(table[i + down][j + right], left_out, score + gain, (*before, beads))
        for (dropped, added), (score, before) in state.items():
            if not dropped and i + 1 < len(table):
                _keep(table[i + 1][j], (1, added), score, before)
            if not added and j + 1 < len(table[0]):
                _keep(table[i][j + 1], (dropped, 1), score, before)

    def _match(self, i: int, down: int, j: int, right: int) -> float:
        length = sum(self._target[j : j + right])
        share = length / self._total
        score = sum(one.score(j, j + right, share) for row in self._evidence[i : i + down] for one in row)
        expected = sum(self._source[i : i + down]) + 3
        spread = math.log((length + 3) / expected) / (_SPREAD + 3 / expected)
        return score - spread * spread / 2


def _keep(state: _State, key: tuple[int, int], score: float, beads: _Beads) -> None:
    if key not in state or score > state[key][0]:
        state[key] = (score, beads)
