"""JSON lines of a training, a step after the other, that a resumed training cuts back to its checkpoint and goes on with."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xleval.data.storage import parse_json, write_atomically
from xleval.errors import DataError


class StepRows:
    """A file of JSON objects, a line each, with a `step`.

    Args:
        path: of the file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def cut_back(self, last_step: int) -> list[dict[str, Any]]:
        """Remove the rows after a step, and a line that was cut short by a kill; return the rows that stay.

        Raises:
            DataError: a line before the last is damaged, or the file cannot be written.
        """
        lines = self._lines()
        kept = [(line, row) for number, line in enumerate(lines, 1) if (row := self._row(line, number, len(lines)))]
        kept = [(line, row) for line, row in kept if row["step"] <= last_step]
        write_atomically(self.path, b"".join(line for line, _ in kept))
        return [row for _, row in kept]

    def append(self, rows: Sequence[Mapping[str, object]]) -> None:
        """Write rows and return when they are on the disk.

        Raises:
            DataError: the disk is full or the file cannot be written.
        """
        try:
            with self.path.open("ab") as file:
                file.write("".join(_line(row) for row in rows).encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise DataError(
                f"cannot write {self.path}: {error.strerror}; --resume goes on from the last checkpoint"
            ) from error

    def _lines(self) -> list[bytes]:
        try:
            return self.path.read_bytes().splitlines(keepends=True) if self.path.exists() else []
        except OSError as error:
            raise DataError(f"cannot read {self.path}: {error.strerror}") from error

    def _row(self, line: bytes, number: int, n_lines: int) -> dict[str, Any] | None:
        """Return the row of a line; None of a last line that was not written to its end."""
        if number == n_lines and not line.endswith(b"\n"):
            return None
        try:
            row = parse_json(line)
            if isinstance(row, dict) and isinstance(row["step"], int):
                return row
        except (ValueError, KeyError):
            pass  # said below
        raise DataError(
            f"{self.path}: line {number} is damaged. The curves cannot go on with it: restore the file, or train anew "
            "with another --out"
        )


def _line(row: Mapping[str, object]) -> str:
    """Return a line; keys stay in their order, so that what is read again writes the same bytes."""
    return json.dumps(row, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"
