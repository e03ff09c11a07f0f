"""What a source says about the facts and options of a set."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from xleval.polyfact.filters import single_value_share
from xleval.polyfact.links import Ties
from xleval.polyfact.lint.records import Row
from xleval.polyfact.records import Statement, WikidataEntity
from xleval.polyfact.sources import Source

_LATER_THAN_ALL = 9999


class Truth:
    """What a source says about the facts and options of a set.

    Args:
        source: where to ask.
        rows: items of every language whose subjects, relations and options are asked about; ids only.

    Attributes:
        entities: items by Q-id; what the source does not have is absent.
        classes: Q-id of an option to its classes with all their superclasses.
        ties: which options are tied.
    """

    def __init__(self, source: Source, rows: Iterable[Row]) -> None:
        relations: set[str] = set()
        subjects: set[str] = set()
        options: set[str] = set()
        for row in rows:
            relations.add(row.relation)
            subjects.add(row.subject_id)
            options.update(row.option_ids or (row.object_id,))
        self._year = _year(source.description.get("as_of", ""))
        self._values: dict[tuple[str, str], list[Statement]] = defaultdict(list)
        self._single: dict[str, float] = {}
        asked = subjects | options  # of golds too: a fact may be stated the other way round
        for pid in sorted(pid for pid in relations if pid.startswith("P")):
            self._read(pid, source.statements(pid), asked)
        self.entities: dict[str, WikidataEntity] = {
            entity.qid: entity for entity in source.entities(sorted((subjects | options) - {""}))
        }
        known = sorted(options & self.entities.keys())
        types = {qid: self.entities[qid].types for qid in known}
        above = source.superclasses(sorted({kind for kinds in types.values() for kind in kinds}))
        self.classes: dict[str, frozenset[str]] = {
            qid: frozenset().union(*(above.get(kind, frozenset((kind,))) for kind in kinds))
            for qid, kinds in types.items()
        }
        self.ties = Ties(source.ancestors(known), {qid: self.entities[qid].links for qid in known})

    def _read(self, pid: str, statements: Sequence[Statement], asked: Collection[str]) -> None:
        for statement in statements:
            if statement.subject_qid in asked:
                self._values[statement.subject_qid, pid].append(statement)
        if (share := single_value_share(statements, self._year)) is not None:
            self._single[pid] = share

    def values(self, subject: str, pid: str, *, ended: bool) -> set[str]:
        """Return the objects of a subject; values that were true once only with `ended`."""
        found = self._values.get((subject, pid), ())
        return {one.object_qid for one in found if ended or not one.ended(self._year)} - {""}

    def speaks_of(self, row: Row) -> bool:
        """Whether the source has any value for a row's subject and relation, or the fact the other way round."""
        return bool(self.values(row.subject_id, row.relation, ended=True)) or self.reversed(row)

    def reversed(self, row: Row) -> bool:
        """Whether the source states that the answer's value is the subject."""
        return row.subject_id in self.values(row.object_id, row.relation, ended=True)

    def single_valued_share(self, pid: str) -> float | None:
        """Return the share of the relation's subjects that have one value now; None where there are none."""
        return self._single.get(pid)


def _year(as_of: str) -> int:
    return int(as_of[:4]) if as_of[:4].isdigit() else _LATER_THAN_ALL
