"""The tables of an extracted dump, read again; their parts are in no order, so that everything is sorted here."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xleval.polyfact.records import Statement
from xleval.polyfact.sources import walk_up
from xleval.polyfact.sources.dump_parts import COLUMNS, ITEM_TABLES, NO_YEAR, RANKS, among

_BATCH = 8192


def column(folder: Path, table: str, name: str) -> Any:
    """Return a column of numbers of a table, over all parts of both passes, as a numpy array; in no order."""
    import numpy as np
    from pyarrow import parquet

    found = [parquet.read_table(part, columns=[name]).column(name).to_numpy() for part in _parts(folder, table)]
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def statements(folder: Path, pid: str) -> list[Statement]:
    """Return the statements of a property, sorted by subject and object."""
    import pyarrow.compute as pc
    from pyarrow import parquet

    found: list[Statement] = []
    for part in _parts(folder, "statements"):
        table = parquet.read_table(part)
        table = table.filter(pc.equal(table.column("pid"), int(pid[1:])))
        columns = [table.column(name).to_pylist() for name in COLUMNS["statements"][1:]]
        found += [_statement(pid, *row) for row in zip(*columns, strict=True)]
    return sorted(found, key=_order)


def bodies_of(folder: Path, qids: Sequence[str]) -> dict[str, bytes]:
    """Return Q-id to slim JSON of the items that are there."""
    import numpy as np
    import pyarrow as pa

    numbers = np.unique(
        np.array([int(qid[1:]) for qid in qids if qid[1:].isdecimal() and len(qid) < 20], dtype=np.int64)
    )
    found: dict[str, bytes] = {}
    for table in ITEM_TABLES:
        for held, bodies in _batches(folder, table):
            wanted = among(held, numbers)
            if wanted.any():
                names = [f"Q{number}" for number in held[wanted].tolist()]
                found.update(zip(names, bodies.filter(pa.array(wanted)).to_pylist(), strict=True))
    return found


def in_order(folder: Path, table: str) -> Iterator[bytes]:
    """Yield the slim JSON of all items of a table by Q-number; all of it is held."""
    import numpy as np
    import pyarrow as pa

    numbers, chunks = [], []
    for held, bodies in _batches(folder, table):
        numbers.append(held)
        chunks.append(bodies)
    if not chunks:
        return
    order = np.argsort(np.concatenate(numbers), kind="stable")
    bodies = pa.chunked_array(chunks)
    for start in range(0, len(order), _BATCH):
        yield from bodies.take(pa.array(order[start : start + _BATCH])).to_pylist()


@dataclass(frozen=True, slots=True)
class Edges:
    """Children and parents as Q-numbers, sorted by child: 8 bytes an edge, 16 where a number needs more than 32 bits.

    Attributes:
        children: numpy array.
        parents: numpy array of the same length.
    """

    children: Any
    parents: Any

    @classmethod
    def load(cls, folder: Path, pid: int | None = None) -> "Edges":
        """Read the edges of a property, or of all.

        Args:
            folder: of the extraction.
            pid: number of the property, or None.
        """
        import numpy as np
        from pyarrow import parquet

        parts = []
        for part in _parts(folder, "edges"):
            rows = np.stack([column.to_numpy() for column in parquet.read_table(part).columns])
            chosen = rows[::2] if pid is None else rows[::2, rows[1] == pid]
            parts.append(chosen.astype(np.uint32) if chosen.size and chosen.max() < 2**32 else chosen)
        if not parts:
            return cls(*np.zeros((2, 0), dtype=np.int64))
        edges = np.concatenate(parts, axis=1)
        parts.clear()
        order = np.argsort(edges[0], kind="stable")
        return cls(edges[0][order], edges[1][order])

    def above(self, qids: Iterable[str]) -> dict[str, frozenset[str]]:
        """Return everything that is reached from each item, the item left out."""
        return walk_up([qid for qid in qids if qid[1:].isdecimal()], self._parents)

    def _parents(self, qids: Sequence[str]) -> dict[str, list[str]]:
        import numpy as np

        most = np.iinfo(self.children.dtype).max
        # of the same type: else numpy would copy all children for it
        numbers = np.array([min(int(qid[1:]), most) for qid in qids], dtype=self.children.dtype)
        starts = np.searchsorted(self.children, numbers, side="left").tolist()
        ends = np.searchsorted(self.children, numbers, side="right").tolist()
        return {
            qid: [f"Q{parent}" for parent in self.parents[start:end].tolist()]
            for qid, start, end in zip(qids, starts, ends, strict=True)
            if start < end
        }


def _batches(folder: Path, table: str) -> Iterator[tuple[Any, Any]]:
    """Yield Q-numbers (numpy) and slim JSON (Arrow) of items."""
    from pyarrow import parquet

    for part in _parts(folder, table):
        with parquet.ParquetFile(part) as file:
            for batch in file.iter_batches(batch_size=_BATCH):
                yield batch.column("qid").to_numpy(), batch.column("body")


def _parts(folder: Path, table: str) -> list[Path]:
    return sorted(folder.glob(f"pass[12]/{table}-*.parquet"))


def _statement(pid: str, subject: int, target: int, rank: int, start: int, end: int, point: int) -> Statement:
    return Statement(
        subject_qid=f"Q{subject}",
        relation_pid=pid,
        object_qid=f"Q{target}" if target else "",
        rank=RANKS[rank],
        start=None if start == NO_YEAR else start,
        end=None if end == NO_YEAR else end,
        point=None if point == NO_YEAR else point,
    )


def _order(statement: Statement) -> tuple[str, str, str, tuple[int, ...]]:
    years = (statement.start, statement.end, statement.point)
    return (
        statement.subject_qid,
        statement.object_qid,
        statement.rank,
        tuple(NO_YEAR if year is None else year for year in years),
    )
