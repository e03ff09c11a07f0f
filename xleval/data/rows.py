"""Rows of a table in any format that sets are published in; an error names the file, the row and what is wrong with it.

JSON lines (`.jsonl`, and `.json` files that hold them), JSON lists, CSV, TSV and Parquet. Numbers of JSON stay the text
that they are in the file (`8.0` stays `8.0`), so that an answer can be carried over untouched.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from xleval.data.column_names import check_names, listed
from xleval.data.parquet_faults import reading_parquet
from xleval.errors import ConfigError, DataError

#: endings that can be read
ENDINGS = (".parquet", ".jsonl", ".json", ".csv", ".tsv")
_LETTERS = "ABCDEFGHIJ"
_LONGEST_INDEX = 9  # digits of the place of an option
_LARGEST_FIELD = 1 << 24  # of a CSV field; the standard library's own limit of 128 KB is below a long passage


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a file.

    Attributes:
        place: file and row, for messages.
        values: by column; nested objects and lists as they are.
        number: its place in its file, from 1; in JSON lines and tables the header and blank lines do not count.
    """

    place: str
    values: Mapping[str, Any]
    number: int = 0

    def get(self, *names: str) -> Any:
        """Return the value of the first of some columns that the row has and that is not null.

        Raises:
            DataError: it has none of them; file, row and columns are named.
        """
        for name in names:
            if self.values.get(name) is not None:
                return self.values[name]
        wanted = " or ".join(names)
        raise DataError(f"{self.place}: no column {wanted}; found: {listed(self.values)}")

    def text(self, *names: str) -> str:
        """Return the first of some columns as text without spaces at its ends.

        Raises:
            DataError: it has none of them, the text is empty, or it is neither a text nor a number.
        """
        value, column = self.get(*names), " or ".join(names)
        if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
            raise DataError(
                f"{self.place}, column {column}: found a {type(value).__name__}; a text or a number is needed"
            )
        text = "" if value != value else str(value).strip()  # pandas writes NaN for a text that is not there
        if not text:
            raise DataError(f"{self.place}, column {column}: it is empty; every item needs it")
        return text

    def index(self, names: Sequence[str], n: int) -> int:
        """Return the place of the right option, from 0, that a column gives as a number from 0 or as a letter.

        Raises:
            DataError: it is neither, or past the last of the `n` options.
        """
        value = self.get(*names)
        found = -1
        if isinstance(value, int) and not isinstance(value, bool):
            found = value
        elif isinstance(value, str) and value.strip().isdecimal() and len(value.strip()) <= _LONGEST_INDEX:
            found = int(value)
        elif isinstance(value, str) and len(value.strip()) == 1:
            found = _LETTERS.find(value.strip().upper())
        if not 0 <= found < n:
            letters = _LETTERS[:n]
            raise DataError(
                f"{self.place}, column {' or '.join(names)}: found {value!r:.60}; 0 to {n - 1} or one of {', '.join(letters)} "
                "is needed"
            )
        return found


def read_rows(path: Path, *, columns: Sequence[str] = ()) -> list[Row]:
    """Return all rows of a file, at least one.

    Args:
        path: a file that ends in one of `ENDINGS`.
        columns: names for a CSV or TSV file without a header. Where none are given, the first line has them; a TSV whose
            first line looks like a row (MGSM) gets the columns `1`, `2`, ...

    Raises:
        ConfigError: the ending is not one of `ENDINGS`.
        DataError: the file cannot be read, is not UTF-8, has no rows, or a row is not what the layout says.
    """
    readers: dict[str, Callable[[Path], Iterator[Mapping[str, Any]]]] = {
        ".parquet": _parquet,
        ".jsonl": _json_lines,
        ".json": _json,
        ".csv": lambda file: _table(file, ",", columns),
        ".tsv": lambda file: _table(file, "\t", columns),
    }
    if path.suffix not in readers:
        raise ConfigError(f"{path} ends in {path.suffix!r}; files that can be read end in {', '.join(ENDINGS)}")
    try:
        rows = [
            Row(place=f"{path}, row {number}", number=number, values=values)
            for number, values in enumerate(readers[path.suffix](path), start=1)
        ]
    except FileNotFoundError as error:
        raise DataError(f"{path} does not exist") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from error
    if not rows:
        raise DataError(f"{path} has no rows")
    return rows


def text_of(value: object) -> str | None:
    """Return a cell's text; None where it is empty, missing or not a single value."""
    if (
        isinstance(value, bool) or not isinstance(value, str | int | float) or value != value
    ):  # NaN: of pandas, no value
        return None
    text = str(value)
    return text if text.strip() else None


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not blank with their places in the file, from 1."""
    for place, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        try:
            text = line.decode("utf-8-sig" if place == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise DataError(
                f"{path}, line {place}: byte {error.start + 1} is not UTF-8 ({error.reason}). Convert the file to UTF-8"
            ) from error
        if text.strip():
            yield place, text.removesuffix("\r")


def _json_lines(path: Path) -> Iterator[Mapping[str, Any]]:
    for place, line in _lines(path):
        yield _object(_value(line, f"{path}, line {place}"), f"{path}, line {place}")


def _json(path: Path) -> Iterator[Mapping[str, Any]]:
    lines = list(_lines(path))
    if len(lines) > 1 and lines[0][1].lstrip().startswith("{") and lines[0][1].rstrip().endswith("}"):
        yield from _json_lines(path)  # several published `.json` files hold JSON lines
        return
    value = _value("\n".join(line for _, line in lines), str(path))
    if isinstance(value, dict):  # {"data": [...]}, or one row
        inner = [each for each in value.values() if isinstance(each, list)]
        value = inner[0] if len(inner) == 1 and len(value) <= 3 else [value]
    if not isinstance(value, list):
        raise DataError(f"{path}: a JSON {type(value).__name__}; a list of objects is needed")
    for number, each in enumerate(value, start=1):
        yield _object(each, f"{path}, row {number}")


def _value(text: str, where: str) -> Any:
    """Return the value of JSON text; numbers as they are written, a key once in each object."""
    try:
        value = json.loads(text, parse_int=str, parse_float=str, parse_constant=_constant, object_pairs_hook=_once)
        if "\\ud" in text.lower():
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise DataError(
            f"{where}: half of a surrogate pair (\\ud800 to \\udfff), which is no character; repair the text"
        ) from error
    except ValueError as error:
        raise DataError(f"{where}: not JSON: {error}") from error
    except RecursionError as error:
        raise DataError(f"{where}: its lists and objects are nested too deeply to be read") from error
    return value


def _constant(name: str) -> str | None:
    """Return `Infinity` as it is written; NaN is what pandas writes for a value that is not there."""
    return None if name == "NaN" else name


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; a key that stands there twice would hide one of its values."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(
            f"the key {next(name for name in names if names.count(name) > 1)!r:.60} is there twice in one object"
        )
    return found


def _object(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise DataError(f"{where}: a JSON {type(value).__name__}; an object with columns is needed")
    return value


def _table(path: Path, separator: str, columns: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    for _ in _lines(path):  # names the line that is not UTF-8
        pass
    text = io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")
    # Quotation marks in a TSV are marks of the text, in CSV they may hold line breaks.
    reader = csv.reader(text) if separator == "," else csv.reader(text, delimiter=separator, quoting=csv.QUOTE_NONE)
    before = csv.field_size_limit(_LARGEST_FIELD)
    try:
        rows = [row for row in reader if row]
    except csv.Error as error:
        raise DataError(f"{path}, line {reader.line_num}: {error}") from error
    finally:
        csv.field_size_limit(before)
    if not rows:
        return
    header = None if columns else _header(rows, separator)
    names = header or list(columns) or [str(place) for place in range(1, len(rows[0]) + 1)]
    check_names(path, names)
    for number, cells in enumerate(rows if header is None else rows[1:], start=1):
        if len(cells) != len(names):
            raise DataError(f"{path}, row {number}: {len(cells)} fields; {len(names)} are needed: {listed(names)}")
        yield dict(zip(names, cells, strict=True))


def _header(rows: Sequence[Sequence[str]], separator: str) -> list[str] | None:
    """Return the column names, or None for a TSV whose first line is a row."""
    first = [cell.strip() for cell in rows[0]]
    if separator == "\t" and any(
        not cell or len(cell) > 40 or cell[-1] in ".?!。？" or _is_number(cell) for cell in first
    ):
        return None
    return first


def _is_number(text: str) -> bool:
    return text.replace(",", "").replace(".", "").lstrip("-").isdecimal()


def _parquet(path: Path) -> Iterator[Mapping[str, Any]]:
    from pyarrow import parquet

    # ParquetFile reads this one file; read_table would take `LANG` and `split=…` in a path for partitions.
    with reading_parquet(path), parquet.ParquetFile(path) as file:
        check_names(path, file.schema_arrow.names)
        rows: list[Mapping[str, Any]] = file.read().to_pylist()
    yield from rows
