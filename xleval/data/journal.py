"""The append-only journal of a run: one checksummed line for each batch of outcomes that a model has finished.

A batch is in the journal whole or not at all, so a run that is killed and resumed asks the model for the same batches
as an unbroken one, and float32 results are equal to the last bit. Engines that batch by themselves finish single
requests, a line each. A line is
`{"rows": {id: outcome, …}, "sha256": "…"}`.

The outcomes stay on the disk: in memory is where each one stands, some 200 bytes an id whatever its text is.
"""

import contextlib
import json
import os
import shutil
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from xleval.data.storage import parse_json, sha256_of
from xleval.errors import DataError

#: lines of more rows than any batch has stay in memory: merges once wrote a whole shard as one line,
#: and to read that again for each of its rows would take hours
_MANY_ROWS = 1024
#: bytes of lines whose rows stay in memory: engines batch by length, results take samples item by item, and to parse a
#: batch again for each of its rows would take a hundred times as long
_RECENT_BYTES = 1 << 23


class StoredRows(Mapping[str, dict[str, Any]]):
    """Outcomes by id, in the order in which they were first written, read from the file when they are asked for.

    The rows of a line are read together, and those of the last lines are held. One thread may read while
    another one appends.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._starts: dict[str, int] = {}
        self._long: dict[int, dict[str, dict[str, Any]]] = {}
        self._recent: OrderedDict[int, tuple[int, dict[str, dict[str, Any]]]] = OrderedDict()
        self._n_recent = 0  # bytes

    def add(self, names: Iterable[str], start: int) -> None:
        """Take note of a line: the ids of its rows, and where it starts in the file, in bytes."""
        self._starts.update(dict.fromkeys(names, start))

    def keep(self, rows: dict[str, dict[str, Any]], start: int) -> None:
        """Hold the rows of a line in memory, where it is too long to be read for each of them."""
        self._long[start] = rows

    def __getitem__(self, key: str) -> dict[str, Any]:
        """Return the outcome of an id.

        Raises:
            DataError: the file was changed by another program.
        """
        start = self._starts[key]
        if start in self._long:
            return self._long[start][key]
        rows = self._line(start)
        if key not in rows:
            raise DataError(f"{self._path} was changed while it was being read; end what writes there, then --resume")
        return rows[key]

    def __iter__(self) -> Iterator[str]:
        """Return the ids, in the order in which they were first written."""
        return iter(self._starts)

    def __len__(self) -> int:
        """Return the number of ids."""
        return len(self._starts)

    def __contains__(self, key: object) -> bool:
        """Return whether there is an outcome of an id."""
        return key in self._starts

    def _line(self, start: int) -> dict[str, dict[str, Any]]:
        if start in self._recent:
            self._recent.move_to_end(start)
            return self._recent[start][1]
        try:
            with self._path.open("rb") as file:
                file.seek(start)
                line = file.readline()
            rows: dict[str, dict[str, Any]] = parse_json(line)["rows"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(f"cannot read the journal {self._path} again: {error}; --resume goes on") from error
        self._recent[start] = len(line), rows
        self._n_recent += len(line)
        while self._n_recent > _RECENT_BYTES and len(self._recent) > 1:
            self._n_recent -= self._recent.popitem(last=False)[1][0]
        return rows


class Journal:
    """Outcomes by request id, kept on disk as they come.

    Args:
        path: the JSONL file; it is made when absent.

    Raises:
        DataError: the file cannot be written, or a line before the last is damaged (the line is named).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = StoredRows(path)
        try:
            self._n_bytes = self._read()
            self._file = path.open("ab")
            self._file.truncate(self._n_bytes)  # a torn last line: the batch was not finished, it is run again
        except OSError as error:
            raise DataError(f"cannot open the journal {path}: {error.strerror}") from error

    def _read(self) -> int:
        """Read what is there; return the number of bytes up to the end of the last whole line."""
        if not self.path.exists():
            return 0
        whole_bytes = 0
        with self.path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.endswith(b"\n"):
                    break
                rows = _checked_rows(line, self.path, number)
                self.rows.add(rows, whole_bytes)
                if len(rows) > _MANY_ROWS:
                    self.rows.keep(rows, whole_bytes)
                whole_bytes += len(line)
        return whole_bytes

    def append(self, *batches: Mapping[str, Mapping[str, object]]) -> None:
        """Write finished batches, a line each, and return when they are on the disk.

        Args:
            batches: outcome by request id, JSON values.

        Raises:
            DataError: the disk is full or the file cannot be written; what was written before stays good.
        """
        lines = [
            (json.dumps({"rows": rows, "sha256": sha256_of(rows)}, ensure_ascii=False, allow_nan=False) + "\n").encode()
            for rows in batches
        ]
        try:
            self._file.writelines(lines)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise DataError(
                f"cannot write the journal {self.path}: {error.strerror}. Make room, and --resume goes on from here"
            ) from error
        for rows, line in zip(batches, lines, strict=True):
            self.rows.add(rows, self._n_bytes)
            self._n_bytes += len(line)

    def copy_to(self, file: BinaryIO) -> None:
        """Write all lines of the journal to a file, as they are.

        Raises:
            DataError: the journal cannot be read any more.
        """
        try:
            source = self.path.open("rb")
        except OSError as error:
            raise DataError(f"cannot read the journal {self.path} again: {error.strerror}") from error
        with source:
            shutil.copyfileobj(source, file, 1 << 20)

    def close(self) -> None:
        """Close the file. What a full disk kept from being written was reported by `append`, and is not reported again."""
        with contextlib.suppress(OSError):
            self._file.close()

    def __enter__(self) -> Self:
        """Return the journal itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()


def _checked_rows(line: bytes, path: Path, number: int) -> dict[str, dict[str, Any]]:
    try:
        entry = parse_json(line)
        rows, digest = entry["rows"], entry["sha256"]
        if sha256_of(rows) == digest and all(isinstance(row, dict) for row in rows.values()):
            return dict(rows)
        problem = "its checksum does not fit"
    except (ValueError, KeyError, TypeError, AttributeError):
        problem = "it is not a journal entry"
    raise DataError(
        f"{path}: line {number} is damaged: {problem}. Cut the file before that line, and --resume runs the rest again"
    )
