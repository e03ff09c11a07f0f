"""Rows of a table in any of the formats that sets are published in: JSON lines, JSON, CSV, TSV, Parquet."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xleval.errors import DataError

#: Endings of the files that `read_rows` reads.
FORMATS = (".jsonl", ".json", ".csv", ".tsv", ".parquet")
_LARGEST_FIELD = 1 << 24  # of a CSV field; the standard library's own limit of 128 KB is below a long passage


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a file.

    Attributes:
        place: file and row number, from 1, for messages.
        values: by column.
    """

    place: str
    values: Mapping[str, Any]

    def get(self, *names: str) -> Any:
        """Return the value of the first of some columns that the row has and that is not null.

        Raises:
            DataError: it has none of them; file, row and columns are named.
        """
        for name in names:
            if self.values.get(name) is not None:
                return self.values[name]
        wanted = " or ".join(names)
        raise DataError(f"{self.place}: no column {wanted}; found: {', '.join(map(str, self.values))}")

    def text(self, *names: str) -> str:
        """Return the first of some columns as text without spaces at its ends.

        Raises:
            DataError: it has none of them, or the text is empty.
        """
        value = str(self.get(*names)).strip()
        if not value:
            raise DataError(f"{self.place}, column {' or '.join(names)}: it is empty; every item needs it")
        return value

    def index(self, names: Sequence[str], n: int) -> int:
        """Return the place of the right option, from 0, that a column gives as a number from 0 or as a letter.

        Raises:
            DataError: it is neither, or past the last of the `n` options.
        """
        value = self.get(*names)
        found = -1
        if isinstance(value, int) and not isinstance(value, bool):
            found = value
        elif isinstance(value, str) and value.strip().isdecimal():
            found = int(value)
        elif isinstance(value, str) and len(value.strip()) == 1:
            found = "ABCDEFGHIJ".find(value.strip().upper())
        if not 0 <= found < n:
            letters = "ABCDEFGHIJ"[:n]
            raise DataError(
                f"{self.place}, column {' or '.join(names)}: found {value!r}; 0 to {n - 1} or one of {', '.join(letters)} "
                "is needed"
            )
        return found


def read_rows(path: Path, *, columns: Sequence[str] = ()) -> list[Row]:
    """Return the rows of a file, read as its ending says.

    Args:
        path: `.jsonl`, `.json` (a list of objects, or of one object that holds such a list), `.csv`, `.tsv` or `.parquet`.
        columns: names of the columns of a CSV or TSV file without a header; empty where its first line has them.

    Raises:
        DataError: the file is missing, unreadable, not of its format or has no rows; file and line are named.
    """
    try:
        if path.suffix == ".parquet":
            found: Iterable[Mapping[str, Any]] = _parquet(path)
        else:
            text = path.read_text(encoding="utf-8-sig")
            if path.suffix == ".json":
                found = _json(text, path)
            else:
                found = _json_lines(text, path) if path.suffix == ".jsonl" else _separated(text, path, columns)
    except FileNotFoundError as error:
        raise DataError(f"{path} does not exist") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8: byte {error.start} is {error.object[error.start]:#04x}") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from error
    rows = [Row(place=f"{path}, row {number}", values=values) for number, values in enumerate(found, start=1)]
    if not rows:
        raise DataError(f"{path} has no rows")
    return rows


def _json_lines(text: str, path: Path) -> list[Mapping[str, Any]]:
    rows = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                value = json.loads(line)
            except json.JSONDecodeError as error:
                raise DataError(f"{path}, line {number} is not JSON: {error.msg} at character {error.pos}") from error
            if not isinstance(value, dict):
                raise DataError(f"{path}, line {number} holds a JSON {type(value).__name__}, an object is needed")
            rows.append(value)
    return rows


def _json(text: str, path: Path) -> list[Mapping[str, Any]]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        if "\n{" in text.strip():  # JSON lines that are called .json, as MSVAMP's are
            return _json_lines(text, path)
        raise DataError(f"{path} is not JSON: {error.msg} in line {error.lineno}") from error
    if isinstance(value, dict):
        lists = [part for part in value.values() if isinstance(part, list)]
        value = lists[0] if len(lists) == 1 else [value]
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise DataError(f"{path} is no list of JSON objects")
    return list(value)


def _separated(text: str, path: Path, columns: Sequence[str]) -> list[Mapping[str, Any]]:
    if path.suffix not in FORMATS:
        raise DataError(f"{path}: {', '.join(FORMATS)} can be read, found {path.suffix or 'no ending'}")
    tabs = path.suffix == ".tsv"
    before = csv.field_size_limit(_LARGEST_FIELD)
    try:
        # Quotation marks in a TSV are text: the published ones do not quote.
        reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if tabs else ",",
                            quoting=csv.QUOTE_NONE if tabs else csv.QUOTE_MINIMAL)  # fmt: skip
        lines = [(reader.line_num, line) for line in reader if line]
    except csv.Error as error:
        raise DataError(f"{path} is not readable as {path.suffix[1:].upper()}: {error}") from error
    finally:
        csv.field_size_limit(before)
    header = list(columns) or (lines.pop(0)[1] if lines else [])
    for number, line in lines:
        if len(line) != len(header):
            raise DataError(f"{path}, line {number}: {len(line)} fields, {len(header)} are needed: {', '.join(header)}")
    return [dict(zip(header, line, strict=True)) for _, line in lines]


def _parquet(path: Path) -> list[Mapping[str, Any]]:
    import pyarrow as pa
    from pyarrow import parquet

    if not path.is_file():
        raise FileNotFoundError(path)
    try:
        # ParquetFile reads this one file; read_table would take `LANG` and `split=…` in a path for partitions.
        with parquet.ParquetFile(path) as file:
            rows: list[Mapping[str, Any]] = file.read().to_pylist()
            return rows
    except pa.ArrowException as error:
        raise DataError(f"{path} is not readable as Parquet: {error}") from error
