"""The rows of a set by language, in the layouts that sets are written in.

A folder with `LANG/SPLIT.parquet` (as xleval builds them), in parts, or with `.jsonl`, `.json`, `.csv`, `.tsv` in place of
`.parquet`; a folder with `SPLIT.parquet` or `SPLIT-00000-of-00001.parquet` whose rows name their language; or one file.
The language of a row is that of its column `language` or `lang`, else the code in the file's name or folder, else English.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xleval.data.cells import cell
from xleval.data.language_names import language_code, language_in
from xleval.data.languages import LANGUAGES
from xleval.data.rows import ENDINGS, Row, read_rows, text_of
from xleval.errors import ConfigError, DataError
from xleval.tasks.language_files import language_files

#: Columns that a row's language may be in, and those of an item's id.
_LANGUAGE = ("language", "lang")
_IDS = ("item_id", "fact_id", "unique_id", "id")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRow:
    """One row of a set.

    Attributes:
        item_id: joins the languages: the set's, else the row's place among those of its language.
        lang: code.
        row: its columns.
    """

    item_id: str
    lang: str
    row: Row


def rows_by_language(
    path: Path, split: str, langs: Sequence[str], columns: Mapping[str, str]
) -> dict[str, list[SetRow]]:
    """Return the rows of a split by language, in the order of the files; languages that were not asked for are left out.

    Args:
        path: folder or file.
        split: of a folder; a file is all one split.
        langs: codes.
        columns: our name -> the set's; `language` and `id` are used here.

    Raises:
        ConfigError: no such path, a language that the set lacks (those it has are named), or a named column that it lacks.
        DataError: a file, row or cell that cannot be read, or an id twice in one language.
    """
    if not path.exists():
        raise ConfigError(f"data.source: {path} does not exist; give a folder or file of a set")
    files = [(path, "")] if path.is_file() else _files(path, split, langs)
    found: dict[str, list[SetRow]] = {}
    unnamed = f"{path.name}-{split}" if path.is_dir() else path.stem
    for file, lang in files:
        if file.suffix not in ENDINGS:
            raise ConfigError(
                f"data.source: {file} ends in {file.suffix!r}; files of a set end in {', '.join(ENDINGS)}"
            )
        for row, code, stated in _rows(file, lang or _named_in(file), columns):
            rows = found.setdefault(code, [])
            # A row without an id is joined by its place among the rows of its language, through all files.
            rows.append(SetRow(item_id=stated or f"{unnamed}-{len(rows) + 1}", lang=code, row=row))
    if lacking := [lang for lang in langs if lang not in found]:
        raise lacks_languages(str(path), lacking, found, split if path.is_dir() else "")
    return {lang: _unique(found[lang], path) for lang in langs}


def lacks_languages(
    source: str, lacking: Sequence[str], there: Sequence[str] | Mapping[str, object], split: str
) -> ConfigError:
    """Return the error for languages that a set does not have."""
    where = f" in the split {split}" if split else ""
    return ConfigError(
        f"data.langs: {source} has no rows{where} in {', '.join(lacking)}; it has {', '.join(there) or 'none'}. "
        "Leave the language out of data.langs, or give a set that has it"
    )


def languages_of(folder: Path, split: str) -> list[str]:
    """Return the languages that a folder has files of a split in, in the order of the language table."""
    return [lang for lang in LANGUAGES if language_files(folder, lang, split)]


def _files(folder: Path, split: str, langs: Sequence[str]) -> list[tuple[Path, str]]:
    """Return the files of a folder with the language that each is in; nothing where its rows say."""
    if there := languages_of(folder, split):
        if lacking := [lang for lang in langs if lang not in there]:
            raise lacks_languages(str(folder), lacking, there, split)
        return [(path, lang) for lang in langs for path in language_files(folder, lang, split)]
    for home in (folder, folder / "data", folder / "main", folder / "default"):
        for ending in ENDINGS:
            for pattern in (f"{split}{ending}", f"{split}-*{ending}"):
                if found := sorted(home.glob(pattern)):
                    return [(path, "") for path in found]
    listed = sorted(path.relative_to(folder).as_posix() for ending in ENDINGS for path in folder.rglob(f"*{ending}"))
    splits = sorted({Path(name).stem.partition("-0")[0] for name in listed})
    raise ConfigError(
        f"data.split: {folder} has no files of the split {split!r} (LANG/{split}.parquet or {split}.jsonl); it has "
        f"{', '.join(splits[:8]) or 'no file with rows'}. Give --set data.split=NAME, or a set with that split"
    )


def _named_in(path: Path) -> str:
    """Return the language that the file's name or its folder's says, else nothing."""
    return language_in(path.stem) or language_code(path.parent.name)


def _rows(path: Path, lang: str, columns: Mapping[str, str]) -> list[tuple[Row, str, str | None]]:
    """Return the rows of a file with their languages and the ids that they state."""
    rows = read_rows(path)
    lang_column = _column(rows[0], path, "language", columns, _LANGUAGE)
    id_column = _column(rows[0], path, "id", columns, _IDS)
    return [
        (row, _language(row, lang_column, lang), text_of(cell(row.values, id_column)) if id_column else None)
        for row in rows
    ]


def _column(row: Row, path: Path, what: str, columns: Mapping[str, str], usual: Sequence[str]) -> str:
    named = columns.get(what, "")
    if named and cell(row.values, named) is None:
        raise lacks_column(path, f"{named!r} (columns.{what})", row)
    return named or next((name for name in usual if name in row.values), "")


def lacks_column(path: Path, what: str, row: Row) -> ConfigError:
    """Return the error for a column that a file does not have."""
    return ConfigError(
        f"{path} has no column {what}; it has {', '.join(map(str, row.values))}. "
        "Say which holds what, such as --set data.columns.question=problem"
    )


def _language(row: Row, column: str, otherwise: str) -> str:
    stated = text_of(cell(row.values, column)) if column else None
    if stated is None:
        return otherwise or "en"
    code = language_code(stated)
    if not code:
        raise DataError(
            f"{row.place}, column {column!r}: {stated!r} is no language of the table: {', '.join(LANGUAGES)}"
        )
    return code


def _unique(rows: list[SetRow], path: Path) -> list[SetRow]:
    seen: dict[str, str] = {}
    for each in rows:
        if each.item_id in seen:
            raise DataError(
                f"{each.row.place}: the item {each.item_id!r} is in {path} twice in {each.lang} (also {seen[each.item_id]}). "
                "Ids must be unique in a language; data.columns.id names the column"
            )
        seen[each.item_id] = each.row.place
    return rows
