"""Sentences of one file or table by language, under the keys that join them with the other languages'."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xleval.data.language_names import language_code
from xleval.data.rows import ENDINGS, Row, read_rows, text_of
from xleval.errors import ConfigError, DataError

_TEXT = ("text", "sentence", "translation", "content")
_LANGUAGE = ("language", "lang", "language_code")
#: FLORES+ names language and script apart.
_ISO = ("iso_639_3", "iso_15924")
_IDS = ("id", "item_id", "sentence_id")
#: A table of FLORES-200 with a column for each language.
_PREFIX = "sentence_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """The sentences of one language.

    Attributes:
        texts: by key, an id or the number of the line or row, in order; empty where the sentence is missing.
        has_ids: the keys are ids of the set.
        place: file, for messages.
    """

    texts: Mapping[str, str]
    has_ids: bool
    place: str


def lines_of(paths: Sequence[Path], lang: str) -> Column:
    """Return the sentences of files that hold one language: lines of text, or tables with a column of text.

    Raises:
        ConfigError: a table without a column of text.
        DataError: a file cannot be read or is not UTF-8, or an id is there twice.
    """
    place = str(paths[0])
    if paths[0].suffix in ENDINGS:
        rows = [row for path in paths for row in read_rows(path)]
        column = _text_column(rows[0], paths[0])
        return _column([(row, text_of(row.values.get(column)) or "") for row in rows], place, lang)
    lines = [line for path in paths for line in _lines(path)]
    return Column(texts={str(i): line for i, line in enumerate(lines, start=1)}, has_ids=False, place=place)


def table_of(paths: Sequence[Path], langs: Sequence[str]) -> dict[str, Column]:
    """Return the sentences of a table that holds all languages: a column for each, or rows that say theirs.

    Raises:
        ConfigError: the table is none, or lacks a language or a column.
        DataError: a file cannot be read, or an id is there twice in a language.
    """
    if paths[0].suffix not in ENDINGS:
        raise ConfigError(
            f"{paths[0]} is one file of text; give the folder with a file for each language, or a table "
            f"({', '.join(ENDINGS)})"
        )
    rows = [row for path in paths for row in read_rows(path)]
    place = str(paths[0])
    wide = _language_columns(rows[0])
    cells: dict[str, list[tuple[Row, str]]] = {}
    if len(wide) > 1:
        cells = {lang: [(row, text_of(row.values.get(name)) or "") for row in rows] for lang, name in wide.items()}
    else:
        column = _text_column(rows[0], paths[0])
        for row in rows:
            cells.setdefault(_language_of(row, paths[0]), []).append((row, text_of(row.values.get(column)) or ""))
    if lacking := [lang for lang in langs if lang not in cells]:
        there = ", ".join(lang for lang in cells if lang) or "none of the language table"
        raise ConfigError(f"{place} has no sentences in {', '.join(lacking)}; it has {there}. Leave the language out")
    return {lang: _column(cells[lang], f"{place} in {lang}", lang) for lang in langs}


def _column(cells: Sequence[tuple[Row, str]], place: str, lang: str) -> Column:
    # In a table with a column for each language, `id` may be Indonesian.
    name = next((each for each in _IDS if all(_is_id(row.values.get(each)) for row, _ in cells)), "")
    texts: dict[str, str] = {}
    for number, (row, text) in enumerate(cells, start=1):
        key = str(row.values[name]).strip() if name else str(number)
        if key in texts:
            raise DataError(
                f"{row.place}, column {name!r}: {key!r} is there twice in {lang}; ids must be unique in a language. Give one "
                "split of the set"
            )
        texts[key] = text.strip()
    return Column(texts=texts, has_ids=bool(name), place=place)


def _is_id(value: object) -> bool:
    text = text_of(value)
    return text is not None and " " not in text.strip()


def _text_column(row: Row, path: Path) -> str:
    found = next((name for name in _TEXT if name in row.values), "")
    if not found:
        raise ConfigError(
            f"{path} has no column {' or '.join(_TEXT)}, and none for each language; it has "
            f"{', '.join(map(str, row.values))}. Rename the column of the sentences to text"
        )
    return found


def _language_columns(row: Row) -> dict[str, str]:
    """Return the columns that are named by a language, as `de`, `deu_Latn` or `sentence_deu_Latn`."""
    found: dict[str, str] = {}
    for name, value in row.values.items():
        code = language_code(str(name).removeprefix(_PREFIX))
        if code and not (name in _IDS and _is_id(value)):
            found.setdefault(code, str(name))
    return found


def _language_of(row: Row, path: Path) -> str:
    """Return the language that a row says; nothing where it is none of the language table."""
    if all(name in row.values for name in _ISO):
        return language_code("_".join(str(row.values[name]) for name in _ISO))
    name = next((each for each in _LANGUAGE if each in row.values), "")
    if not name:
        raise ConfigError(
            f"{path} has no column {' or '.join(_LANGUAGE)} that says the language of a row; it has "
            f"{', '.join(map(str, row.values))}"
        )
    return language_code(str(row.values[name]))


def _lines(path: Path) -> list[str]:
    """Return the lines of a file without blanks at their ends; only line feeds end a line, as where texts are aligned."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from error
    lines = []
    raws = content.removesuffix(b"\n").split(b"\n") if content else []
    for number, raw in enumerate(raws, start=1):
        try:
            lines.append(raw.decode("utf-8-sig" if number == 1 else "utf-8").strip())
        except UnicodeDecodeError as error:
            raise DataError(f"{path}, line {number}: not UTF-8 ({error.reason}). Convert the file to UTF-8") from error
    return lines
