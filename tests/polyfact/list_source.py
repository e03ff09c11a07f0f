"""A source in memory, made of Wikibase JSON items: what every other source must agree with."""

from collections.abc import Iterable, Iterator, Sequence

from xleval.polyfact.labels import coverage
from xleval.polyfact.links import parents
from xleval.polyfact.records import Statement, WikidataEntity
from xleval.polyfact.sources import SourceOptions, walk_up
from xleval.polyfact.sources.wikibase_json import ItemReader


class ListSource:
    """The protocol by its words: every item decoded, nothing looked up, filtered or cut.

    Args:
        items: JSON lines, without the comma of a dump.
        options: languages, relations, limits and month are looked at.
    """

    def __init__(self, items: Iterable[str], options: SourceOptions) -> None:
        reader = ItemReader(options.languages, options.relations)
        parsed = [found for line in items if (found := reader.decode(line.encode())) is not None]
        self.items = {found.entity.qid: found.entity for found in parsed}
        self.description = {"name": "list", "as_of": options.as_of}
        self._statements, self._left = [], []
        for found in parsed:
            if found.entity.n_sitelinks >= options.min_sitelinks:
                covered = coverage(found.entity, options.languages) >= options.min_langs
                (self._statements if covered else self._left).extend(found.statements)

    def statements(self, relation_pid: str) -> list[Statement]:
        """Return them in the one order that there can be: a reject names what is said last."""

        def place(found: Statement) -> tuple[object, ...]:
            years = (found.start, found.end, found.point)
            return found.subject_qid, found.object_qid, found.rank, [year or -(10**9) for year in years]

        return sorted((found for found in self._statements if found.relation_pid == relation_pid), key=place)

    def close(self) -> None:
        pass

    def uncovered(self) -> dict[str, int]:
        pids = {statement.relation_pid for statement in self._left}
        return {pid: sum(statement.relation_pid == pid for statement in self._left) for pid in pids}

    def entities(self, qids: Iterable[str]) -> Iterator[WikidataEntity]:
        return (self.items[qid] for qid in qids if qid in self.items)

    def bystanders(self) -> Iterator[WikidataEntity]:
        return (self.items[qid] for qid in sorted({statement.subject_qid for statement in self._left}))

    def superclasses(self, qids: Iterable[str]) -> dict[str, frozenset[str]]:
        wanted = list(qids)
        above = walk_up(wanted, lambda asked: {qid: self._targets(qid, ("P279",)) for qid in asked})
        return {qid: above[qid] | {qid} for qid in wanted}

    def ancestors(self, qids: Iterable[str]) -> dict[str, frozenset[str]]:
        return walk_up(
            qids, lambda asked: {qid: parents(self.items[qid].links) if qid in self.items else () for qid in asked}
        )

    def _targets(self, qid: str, pids: Sequence[str]) -> list[str]:
        links = self.items[qid].links if qid in self.items else ()
        return [target for pid, target in map(str.split, links) if pid in pids]
