"""A source in memory, made of Wikibase JSON items: what every other source must agree with."""

from collections.abc import Iterable, Iterator, Sequence

from xleval.polyfact.labels import coverage
from xleval.polyfact.links import parents
from xleval.polyfact.records import Statement, WikidataEntity
from xleval.polyfact.sources import walk_up
from xleval.polyfact.sources.wikibase_json import ItemReader


class ListSource:
    """Serves items that are given as JSON lines.

    Args:
        lines: one item each, without the comma of a dump.
        languages: codes.
        relations: P-ids.
        min_langs: subjects with fewer names are no candidates.
        as_of: month.
    """

    def __init__(
        self, lines: Iterable[bytes], languages: Sequence[str], relations: Sequence[str], min_langs: int = 1,
        as_of: str = "2026-11",
    ) -> None:  # fmt: skip
        reader = ItemReader(languages, relations)
        parsed = [item for line in lines if (item := reader.decode(line)) is not None]
        self.items = {item.entity.qid: item.entity for item in parsed}
        covered = {qid for qid, item in self.items.items() if coverage(item, languages) >= min_langs}
        found = [statement for item in parsed for statement in item.statements]
        self.description = {"name": "list", "as_of": as_of}
        self._statements = [statement for statement in found if statement.subject_qid in covered]
        self._left = [statement for statement in found if statement.subject_qid not in covered]

    def statements(self, relation_pid: str) -> list[Statement]:
        found = [statement for statement in self._statements if statement.relation_pid == relation_pid]
        return sorted(found, key=lambda statement: (statement.subject_qid, statement.object_qid))

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
