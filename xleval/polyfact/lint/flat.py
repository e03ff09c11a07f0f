"""Whether the files of single languages say what `parallel` does: an audit reads the one, users load the other."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xleval.errors import DataError, first_line
from xleval.polyfact.lint.fields import LANGUAGE_COLUMNS, TRANSLATIONS
from xleval.polyfact.lint.files import MAIN, known_or_none
from xleval.polyfact.lint.view import Outcome, SetHit

if TYPE_CHECKING:
    import pyarrow as pa

_KEYS = ("fact_id", "id", "item_id")
_SHOWN = 80  # characters of a value in a finding


def compare_flat(target: Path, languages: Sequence[str]) -> Iterator[tuple[str, Outcome]]:
    """Yield language and items that its own files lack, have beside `parallel`, or have otherwise (class 40).

    Columns that both have are compared, split by split. Nothing is yielded where there is no `parallel`, or no folder of
    a single language beside it.

    Raises:
        DataError: a file cannot be read.
    """
    main = _files(target / MAIN)
    if main and any(_files(target / lang) for lang in languages):
        for lang in languages:
            checked = 0
            hits: list[SetHit] = []
            for name in sorted(main | _files(target / lang)):
                wanted, flat = _from_parallel(target / MAIN / name, lang), _read(target / lang / name)
                checked += wanted.num_rows
                hits += _differences(wanted, flat, lang, name)
            yield lang, Outcome(checked=checked, hits=hits)


def _files(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("*.parquet")}


def _read(path: Path, columns: Sequence[str] | None = None) -> "pa.Table":
    """Return a file's columns; a table without any where there is no such file."""
    import pyarrow as pa
    from pyarrow import parquet

    if not path.exists():
        return pa.table({})
    try:
        return parquet.ParquetFile(path).read(columns=columns)
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{path.parent.name}/{path.name} is not readable as Parquet: {first_line(error)}") from error


def _from_parallel(path: Path, lang: str) -> "pa.Table":
    """Return the items that a language has in a file of `parallel`, with the columns of its own file."""
    import pyarrow as pa

    whole = _read(path)
    if TRANSLATIONS not in whole.column_names:
        return pa.table({})
    table = whole.drop_columns([TRANSLATIONS])
    struct = whole.column(TRANSLATIONS).combine_chunks()
    if struct.type.get_field_index(lang) < 0:
        return pa.table({})
    part = struct.field(lang)
    for field, values in zip(part.type, part.flatten(), strict=True):
        table = table.append_column(field.name, values)
    return table.filter(part.is_valid())


def _differences(wanted: "pa.Table", flat: "pa.Table", lang: str, name: str) -> Iterator[SetHit]:
    for column in (column for column in LANGUAGE_COLUMNS if column in flat.column_names):
        codes = {str(value) for value in flat.column(column).unique().to_pylist()}
        if any(known_or_none(code) != lang for code in codes):
            yield SetHit(f"{lang}/{name}", ", ".join(sorted(codes))[:_SHOWN], f"column {column} of the files of {lang}")
    shared = [column for column in flat.column_names if column in wanted.column_names]
    key = next((key for key in _KEYS if key in shared), None)
    same_columns = all(flat.column(column).equals(wanted.column(column)) for column in shared)
    if wanted.num_rows == flat.num_rows and (same_columns or not shared):
        return
    ours, theirs = _by_key(wanted, key, shared), _by_key(flat, key, shared)
    where = f"{lang}/{name}"
    for item in sorted(ours.keys() | theirs.keys()):
        if item not in theirs:
            yield SetHit(item, "", f"not in {where}")
        elif item not in ours:
            yield SetHit(item, "", f"in {where} and not in {MAIN}/{name}")
        elif other := [column for column in shared if ours[item][column] != theirs[item][column]]:
            shown = str(theirs[item][other[0]])[:_SHOWN]
            yield SetHit(item, shown, f"column {other[0]} of {where}; {MAIN} has {ours[item][other[0]]!r:.{_SHOWN}}")
    if len(theirs) < flat.num_rows:
        yield SetHit(where, "", f"{flat.num_rows - len(theirs)} rows repeat an item")


def _by_key(table: "pa.Table", key: str | None, columns: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return rows by item id, or by their number where a set has no ids."""
    rows: list[dict[str, Any]] = table.select(
        [column for column in columns if column in table.column_names]
    ).to_pylist()
    if not columns:
        rows = [{} for _ in range(table.num_rows)]
    return {str(row.get(key)) if key else f"row {number}": row for number, row in enumerate(rows, start=1)}
