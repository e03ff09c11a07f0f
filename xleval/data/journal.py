"""The append-only journal of a run: one checksummed line for each batch of outcomes that a model has finished.

A batch is in the journal whole or not at all, so a run that is killed and resumed asks the model for the same batches
as an unbroken one, and float32 results are equal to the last bit. Engines that batch by themselves finish single
requests, a line each. A line is
`{"rows": {id: outcome, …}, "sha256": "…"}`.
"""

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from xleval.data.storage import sha256_of
from xleval.errors import DataError


class Journal:
    """Outcomes by request id, kept on disk as they come.

    Args:
        path: the JSONL file; it is made when absent.

    Raises:
        DataError: the file cannot be written, or a line before the last is damaged (the line is named).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: dict[str, dict[str, Any]] = {}
        try:
            whole_bytes = self._read()
            self._file = path.open("ab")
            self._file.truncate(whole_bytes)  # a torn last line: the batch was not finished, it is run again
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
                self.rows.update(_checked_rows(line, self.path, number))
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
            json.dumps({"rows": rows, "sha256": sha256_of(rows)}, ensure_ascii=False, allow_nan=False) + "\n"
            for rows in batches
        ]
        try:
            self._file.write("".join(lines).encode())
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise DataError(
                f"cannot write the journal {self.path}: {error.strerror}; --resume goes on from here"
            ) from error
        for rows in batches:
            self.rows.update({key: dict(value) for key, value in rows.items()})

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
        entry = json.loads(line)
        rows, digest = entry["rows"], entry["sha256"]
        if sha256_of(rows) == digest and all(isinstance(row, dict) for row in rows.values()):
            return dict(rows)
        problem = "its checksum does not fit"
    except (ValueError, KeyError, TypeError, AttributeError):
        problem = "it is not a journal entry"
    raise DataError(
        f"{path}: line {number} is damaged: {problem}. Cut the file before that line, and --resume runs the rest again"
    )
