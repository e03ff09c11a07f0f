"""The rows of foreign files: JSON lines, JSON lists and Parquet; which files of a folder are meant."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from xleval.errors import DataError
from xleval.evalkit.imports.fields import Row
from xleval.evalkit.imports.foreign import Rejected
from xleval.evalkit.imports.values import foreign_json


def find_files(path: Path, *patterns: str) -> list[Path]:
    """Return a file itself, or the files of a folder and its subfolders that match; `2.jsonl` before `10.jsonl`.

    Raises:
        DataError: the path does not exist, or nothing in the folder matches.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise DataError(f"{path} does not exist; name a file or a folder")
    found = {file for pattern in patterns for file in path.rglob(pattern) if file.is_file()}
    if not found:
        raise DataError(f"{path} holds no file like {' or '.join(patterns)}")
    return sorted(found, key=_natural)


def table_rows(file: Path) -> Iterator[Row | Rejected]:
    """Yield the rows of a Parquet file, or of a JSON list or JSON lines; a line that is no JSON object as rejected.

    Raises:
        DataError: the file cannot be read at all.
    """
    if file.suffix == ".parquet":
        yield from _parquet_rows(file)
        return
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file} is not readable: {error}") from error
    if text.lstrip().startswith("["):
        yield from _list_rows(file, text)
        return
    # only "\n" ends a row: texts may hold the other line ends of Unicode as they are
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                value = foreign_json(line)
            except ValueError as error:
                yield Rejected(where=f"{file}, row {number}", reason=f"no JSON: {error}")
                continue
            yield row_of(file, number, value)


def _list_rows(file: Path, text: str) -> Iterator[Row | Rejected]:
    try:
        values = foreign_json(text)
    except ValueError as error:
        raise DataError(f"{file} begins as a JSON list and is none: {error}") from error
    for number, value in enumerate(values, start=1):
        yield row_of(file, number, value)


def row_of(file: Path, number: int, value: object) -> Row | Rejected:
    """Return a value as a row, or as rejected where it is no JSON object."""
    if not isinstance(value, Mapping):
        return Rejected(where=f"{file}, row {number}", reason=f"a JSON {type(value).__name__}; an object is needed")
    return Row(values=value, file=file, number=number)


def _parquet_rows(file: Path) -> Iterator[Row]:
    import pyarrow
    from pyarrow import parquet

    try:
        # ParquetFile, not read_table: a path with `key=value` folders in it must not add columns
        with parquet.ParquetFile(file) as opened:
            rows = opened.read().to_pylist()
    except (OSError, pyarrow.ArrowException, UnicodeDecodeError) as error:
        raise DataError(f"{file} is not readable as Parquet: {error}") from error
    for number, row in enumerate(rows, start=1):
        yield Row(values=row, file=file, number=number)


def _natural(file: Path) -> list[tuple[int, str]]:
    parts = re.findall(r"\d+|\D+", file.as_posix())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
