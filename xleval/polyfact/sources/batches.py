"""Questions about many items: each asked once, fewer at a time when it is too much, more while answers come quickly."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import cast

from xleval.polyfact.sources.patience import EndpointFault, Misconfigured, QueryTimeout, Truncated200
from xleval.polyfact.sources.query_cache import QueryCache

#: Variable to value: IRIs in full, literals without their tag, blank nodes as `_:name`; unbound ones are absent.
Row = Mapping[str, str]


class _Bound(dict[str, str]):
    """A row of an answer; a variable that must have a value and has none is the endpoint's fault."""

    def __missing__(self, name: str) -> str:
        has = ", ".join(f"?{each}" for each in self)
        raise Misconfigured(
            f"the endpoint gives a row without ?{name[:40]}, which every row has in Wikidata's content; it has {has or 'nothing'}. "
            "Is it a copy of Wikidata?"
        )


def count_in(row: Row, name: str) -> int:
    """Return a number that a row counts.

    Raises:
        Misconfigured: it is none.
    """
    value = row[name]
    if not (value.isascii() and value.isdecimal() and len(value) <= _LONGEST_COUNT):
        raise Misconfigured(f"the endpoint counts {value[:40]!r} for ?{name}; a whole number is needed")
    return int(value)


#: digits of a count: Wikidata has some 10**9 statements
_LONGEST_COUNT = 10

#: Runs a SELECT query.
Select = Callable[[str], Iterable[Row]]

START, LARGEST = 200, 500
QUICK_S = 5.0
GROWTH = 1.5


class AdaptiveBatches:
    """Cuts lists of ids into batches of a size that the endpoint answers in time; the size is kept between lists.

    Args:
        start: ids in the first batch.
        largest: ids in the largest one.
        clock: seconds from any point.
    """

    def __init__(
        self, *, start: int = START, largest: int = LARGEST, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.size = min(start, largest)
        self._largest, self._clock = largest, clock

    def run(self, ids: Sequence[str], ask: Callable[[Sequence[str]], None]) -> None:
        """Ask about all ids, batch by batch.

        Raises:
            QueryTimeout: one id alone is too much.
        """
        position = 0
        while position < len(ids):
            batch = ids[position : position + self.size]
            began = self._clock()
            try:
                ask(batch)
            except (QueryTimeout, Truncated200) as fault:
                if len(batch) == 1:
                    raise QueryTimeout(f"{fault}; that was for {batch[0]} alone, so less cannot be asked") from fault
                self.size = len(batch) // 2
                continue
            position += len(batch)
            if self._clock() - began < QUICK_S and len(batch) == self.size:
                self.size = min(self._largest, max(self.size + 1, int(self.size * GROWTH)))


#: Stands for the ids of a batch in a question, as `VALUES ?i { IDS }`.
IDS = "IDS"
_WHOLE = ""  # takes the place of an id where a question is about no single item
_STOPPED = "stopped"
_HELD = 5000  # items whose rows are in memory at a time


class Asker:
    """Answers of a graph, from the cache or else from the graph.

    Args:
        select: runs a query.
        cache: keeps whole answers.
        batches: decides how many ids go into one query.
    """

    def __init__(self, select: Select, cache: QueryCache, batches: AdaptiveBatches) -> None:
        self._select, self.cache, self._batches = select, cache, batches

    def about(self, question: str, qids: Iterable[str]) -> Iterator[tuple[str, list[Row]]]:
        """Yield each item with its rows, in no order; `?i` is left out of them. An item without rows comes with none.

        Args:
            question: a query with `VALUES ?i { IDS }`.
            qids: Q-ids, each once.

        Raises:
            EndpointFault: no answer; says that what was answered is kept.
        """
        wanted = list(qids)
        for start in range(0, len(wanted), _HELD):
            yield from self._about(question, wanted[start : start + _HELD])

    def _about(self, question: str, wanted: Sequence[str]) -> Iterator[tuple[str, list[Row]]]:
        known = set()
        for qid, answer in self.cache.find(question, wanted):
            known.add(qid)
            yield qid, _bound(answer)
        found: dict[str, list[Row]] = {}

        def ask(batch: Sequence[str]) -> None:
            rows: dict[str, list[Row]] = {qid: [] for qid in batch}
            for row in _bound(self._select(question.replace(IDS, " ".join(f"wd:{qid}" for qid in batch)))):
                qid = row["i"].rpartition("/")[2]
                if qid not in rows:
                    raise Misconfigured(f"the endpoint tells of {row['i']}, which it was not asked about")
                rows[qid].append(_Bound({name: row[name] for name in row if name != "i"}))
            self.cache.store(question, rows)
            found.update(rows)

        with self.cache.telling_what_is_kept():
            self._batches.run([qid for qid in wanted if qid not in known], ask)
        yield from found.items()

    def whole(self, query: str, *, can_be_cut: bool = False) -> list[Row]:
        """Return the rows of a query about no single item.

        Args:
            query: SPARQL.
            can_be_cut: parts of it are asked when it takes too long, so that is remembered and it is not tried again.

        Raises:
            QueryTimeout: it takes longer than the graph allows.
            EndpointFault: no answer; says that what was answered is kept.
        """
        for _, answer in self.cache.find(query, [_WHOLE]):
            if answer == _STOPPED:
                raise QueryTimeout("the endpoint stopped this query when it was asked before")
            return _bound(answer)
        try:
            rows = _bound(self._select(query))
        except (QueryTimeout, Truncated200) as fault:
            if can_be_cut:
                self.cache.store(query, {_WHOLE: _STOPPED})
            raise QueryTimeout(str(fault)) from fault
        except EndpointFault:
            with self.cache.telling_what_is_kept():
                raise
        self.cache.store(query, {_WHOLE: rows})
        return rows


def _bound(rows: object) -> list[Row]:
    return [_Bound(row) for row in cast(Iterable[Row], rows)]
