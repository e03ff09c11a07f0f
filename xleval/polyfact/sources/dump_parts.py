"""The tables of an extracted dump, written in parts as they fill: items, statements and edges of the class tree."""

from array import array
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

#: A year that a statement does not have.
NO_YEAR = -(2**63)
#: Ranks as they are stored.
RANKS = ("normal", "preferred")
#: Tables of items: Q-number and slim JSON (`ItemReader.slim`); subjects that are kept, left out, and read as objects.
ITEM_TABLES = ("kept", "bystanders", "objects")
#: Columns of the other tables, numbers all: P-ids, Q-ids (0 is "some value"), places in `RANKS`, years.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "statements": ("pid", "subject", "object", "rank", "start", "end", "point"),
    "edges": ("child", "pid", "parent"),
}
_NUMBERS = 1 << 20
_BODY_BYTES = 8 << 20


class PartWriter:
    """Collects rows in columns and writes a part of a table when it is full.

    Args:
        folder: for the parts; it exists.
        name: part of their names, different for every writer of a folder.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._written = 0
        self._qids = {table: array("q") for table in ITEM_TABLES}
        self._bodies: dict[str, list[bytes]] = {table: [] for table in ITEM_TABLES}
        self._held = dict.fromkeys(ITEM_TABLES, 0)
        self._numbers = {table: array("q") for table in COLUMNS}

    def item(self, table: str, number: int, body: bytes) -> None:
        """Add an item to one of `ITEM_TABLES`."""
        self._qids[table].append(number)
        self._bodies[table].append(body)
        self._held[table] += len(body)
        if self._held[table] >= _BODY_BYTES:
            self._flush_items(table)

    def row(self, table: str, numbers: tuple[int, ...]) -> None:
        """Add a row to one of the tables of `COLUMNS`."""
        held = self._numbers[table]
        held.extend(numbers)
        if len(held) >= _NUMBERS:
            self._flush_numbers(table)

    def close(self) -> None:
        """Write what is left."""
        for table in ITEM_TABLES:
            self._flush_items(table)
        for table in COLUMNS:
            self._flush_numbers(table)

    def _flush_items(self, table: str) -> None:
        self._write(table, {"qid": self._qids[table], "body": _binary(self._bodies[table])})
        self._qids[table] = array("q")
        self._bodies[table] = []
        self._held[table] = 0

    def _flush_numbers(self, table: str) -> None:
        import numpy as np

        names = COLUMNS[table]
        rows = np.asarray(self._numbers[table]).reshape(-1, len(names))
        self._write(table, {name: rows[:, index] for index, name in enumerate(names)})
        self._numbers[table] = array("q")

    def _write(self, table: str, columns: Mapping[str, Any]) -> None:
        import pyarrow as pa
        from pyarrow import parquet

        made = pa.table({name: pa.array(held) for name, held in columns.items()})
        if made.num_rows:
            path = self._folder / f"{table}-{self._name}-{self._written:05d}.parquet"
            parquet.write_table(made, path, compression="lz4", use_dictionary=False)
            self._written += 1


def _binary(bodies: Sequence[bytes]) -> Any:
    """Return an Arrow array of bytes, made of one buffer: ten times as fast as from a list."""
    import numpy as np
    import pyarrow as pa

    offsets = np.zeros(len(bodies) + 1, dtype=np.int32)
    np.cumsum([len(body) for body in bodies], out=offsets[1:])
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(bodies))]
    return pa.Array.from_buffers(pa.binary(), len(bodies), buffers)


def among(numbers: Any, wanted: Any) -> Any:
    """Return for each of an array of numbers whether a sorted array holds it (numpy's `isin` would sort that each time)."""
    where = wanted.searchsorted(numbers)
    found = where < len(wanted)
    found[found] = wanted[where[found]] == numbers[found]
    return found
