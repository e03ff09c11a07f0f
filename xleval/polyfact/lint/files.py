"""The files of a set, and their records: Parquet, JSON lines and JSON, each error with file, row and column."""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xleval.data.languages import LANGUAGES, get_language
from xleval.errors import ConfigError, DataError, first_line
from xleval.polyfact.splits import SPLITS

SUFFIXES = (".parquet", ".jsonl", ".json")
#: Keys under which a JSON object keeps its items.
_ITEM_KEYS = ("items", "data", "examples", "rows", "samples")
#: The config with all languages in a row.
MAIN = "parallel"
#: Folders beside the main config: what was left out of it, and what repeats a part of it.
ASIDE = ("rejects", "leaky", "recent", "transfer", "attested-A")
#: Files that lie beside sets and hold none.
_NO_SETS = ("build.json", "rejects.jsonl", "dataset_info.json", "dataset_infos.json", "state.json", "run.json")
_SPLITS = {"train": "train", "validation": "validation", "valid": "validation", "val": "validation", "test": "test"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFile:
    """One file of a set.

    Attributes:
        path: where it is.
        name: path for messages and places, relative to the set.
        lang: code when folder or file name says so, or empty.
        split: one of `splits.SPLITS`, or empty.
    """

    path: Path
    name: str
    lang: str
    split: str


def find_files(target: Path, config: str = "") -> list[SetFile]:
    """Return the files of a set in a fixed order; only `parallel/` where there is one, since the rest repeats it.

    Args:
        target: folder or file.
        config: folder in it to read instead; without one, those of `ASIDE` are left out.

    Raises:
        DataError: the path is missing, or holds no such config or no Parquet, JSONL or JSON file.
    """
    if target.is_file() and not config:
        paths, root = [target], target.parent
    else:
        root, folder = target, target / (config or MAIN)
        if config and not folder.is_dir():
            found = (
                sorted(path.name for path in target.iterdir() if path.is_dir() and path.name[0] != ".")
                if target.is_dir()
                else ()
            )
            raise DataError(f"{target} has no config {config!r}; it has {', '.join(found) or 'none'}")
        inside = folder if config or (folder.is_dir() and any(folder.rglob("*.parquet"))) else target
        paths = sorted(path for path in inside.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
        left_out = () if config else ASIDE
        paths = [path for path in paths if path.name not in _NO_SETS and not _hidden(path, root, left_out)]
    if not paths or any(path.suffix.lower() not in SUFFIXES for path in paths):
        raise DataError(f"{target} holds no {', '.join(SUFFIXES)} file: name a set's folder or one of its files")
    return [_describe(path, root) for path in paths]


def _hidden(path: Path, root: Path, left_out: Collection[str]) -> bool:
    folders = path.relative_to(root).parts[:-1]
    return any(part.startswith(".") or part in left_out for part in (*folders, path.stem))


def _describe(path: Path, root: Path) -> SetFile:
    """Language: the nearest folder or part of the file name that is a code; `zh_Hans` and `pt-BR` count as well."""
    relative = path.relative_to(root)
    parts = [*re.split(r"[._\-]", path.stem), *(parent.name for parent in relative.parents if parent.name)]
    if path.parent == root:
        parts.append(root.name)
    codes = [code for part in parts for code in (part.lower(), part.lower()[:2]) if _is_code(part, code)]
    splits = (
        [path.stem] if path.stem in SPLITS else [_SPLITS[part.lower()] for part in parts if part.lower() in _SPLITS]
    )
    return SetFile(path=path, name=str(relative), lang=codes[0] if codes else "", split=splits[0] if splits else "")


def _is_code(part: str, code: str) -> bool:
    return code in LANGUAGES and (part.lower() == code or re.fullmatch(r"[a-z]{2}[-_][A-Za-z]{2,4}", part) is not None)


def known_code(text: object, where: str) -> str:
    """Return the code of a language as a file names it (`zh-cn`, `ZH`).

    Raises:
        DataError: not a language of the table.
    """
    code = str(text).strip().lower()
    for spelling in (code, re.split(r"[-_]", code)[0]):
        if spelling in LANGUAGES:
            return spelling
    try:
        return get_language(code).code
    except ConfigError as error:
        raise DataError(f"{where}: {first_line(error)}. Choose the languages to read with --langs") from error


def known_or_none(text: object) -> str | None:
    """Return the code of a language, or None for one that is not in the table."""
    try:
        return known_code(text, "")
    except DataError:
        return None


def columns_of(file: SetFile) -> dict[str, tuple[str, ...]]:
    """Return a Parquet file's columns; for a struct the names of its fields, else nothing.

    Raises:
        DataError: the file cannot be read as Parquet.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        schema = parquet.read_schema(file.path)
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{file.name} is not readable as Parquet: {first_line(error)}") from error
    return {
        column.name: tuple(part.name for part in column.type) if pa.types.is_struct(column.type) else ()
        for column in schema
    }


def parquet_records(file: SetFile, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield row number, counted from 1, and record with only these columns (`translations.sw` for part of a struct).

    Raises:
        DataError: the file is damaged, or a text in it is no UTF-8.
    """
    import pyarrow as pa
    from pyarrow import parquet

    number = 0
    try:
        with parquet.ParquetFile(file.path) as opened:
            for batch in opened.iter_batches(batch_size=10_000, columns=list(columns)):
                for record in _records(batch, file, number):
                    number += 1
                    yield number, record
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{file.name} row {number + 1} or later is not readable: {first_line(error)}") from error


def _records(batch: Any, file: SetFile, before: int) -> list[dict[str, Any]]:
    """Return the rows of a batch; where a text is no UTF-8, row and column are looked for."""
    try:
        rows: list[dict[str, Any]] = batch.to_pylist()
        return rows
    except UnicodeDecodeError as error:
        for row in range(batch.num_rows):
            for name in batch.schema.names:
                try:
                    batch.column(name)[row].as_py()
                except UnicodeDecodeError:
                    where = f"{file.name} row {before + row + 1} column {name}"
                    raise DataError(f"{where} is not UTF-8 ({error.reason})") from error
        raise


def json_records(file: SetFile) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield row number (JSONL: line), counted from 1, and record of a JSON or JSON lines file.

    Raises:
        DataError: not UTF-8, not JSON, or not objects; the row is named.
    """
    try:
        content = file.path.read_bytes()
    except OSError as error:
        raise DataError(f"{file.name} is not readable: {error.strerror}") from error
    if file.path.suffix.lower() == ".jsonl":
        for number, line in enumerate(content.split(b"\n"), start=1):
            if line.strip():
                yield number, _as_object(_parse(line, f"{file.name} row {number}"), f"{file.name} row {number}")
        return
    value = _parse(content, file.name)
    if isinstance(value, dict):
        key = next((key for key in _ITEM_KEYS if isinstance(value.get(key), list)), None)
        if key is None:
            raise DataError(f"{file.name} holds a JSON object without a list under {', '.join(_ITEM_KEYS)}")
        value = value[key]
    if not isinstance(value, list):
        raise DataError(f"{file.name} holds a JSON {type(value).__name__}, a list of items is needed")
    for number, record in enumerate(value, start=1):
        yield number, _as_object(record, f"{file.name} row {number}")


def _parse(content: bytes, where: str) -> Any:
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = "" if " row " in where else f" line {content.count(bytes([10]), 0, error.start) + 1}"
        raise DataError(f"{where}{line}: byte {error.start + 1} is not UTF-8 ({error.reason})") from error
    except json.JSONDecodeError as error:
        raise DataError(f"{where} is not JSON: {error}") from error


def _as_object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise DataError(f"{where} is a JSON {type(value).__name__}, an object is needed")
    return value
