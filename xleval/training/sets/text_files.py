"""Texts of corpora, read a part at a time: lines of text files, rows with text and language, rows with several languages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xleval.data.column_names import check_names
from xleval.data.language_names import language_code, language_in
from xleval.data.parquet_faults import reading_parquet
from xleval.data.rows import ENDINGS, Row, read_rows, text_of
from xleval.data.storage import parse_json
from xleval.errors import ConfigError, DataError
from xleval.training.sets.layout import lacks_column

#: Column of the texts where `data.columns.text` names none, and of an object that holds them by language (TED2025).
_TEXT, _BY_LANGUAGE = ("text", "sentence", "content", "document"), ("para_data", "translation", "translations")
_IDS = ("item_id", "id", "idx")
_BATCH = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusItem:
    """What a file says of one item: its texts by language, of one language or several.

    Attributes:
        item_id: of the row, or the place of the line.
        texts: language to text.
        weight: size by which languages are balanced: English tokens where the corpus states them, else characters.
    """

    item_id: str
    texts: Mapping[str, str]
    weight: int


def corpus_files(path: Path) -> list[tuple[Path, str]]:
    """Return the files of a corpus, sorted, with the language that the name of the file or a folder says, or nothing.

    Text files are those that end in `.txt` or in a language (`corpus.en-de.de`), or whose name begins with one
    (`deu_Latn.devtest`).

    Raises:
        ConfigError: no such path, or no file with texts.
    """
    if not path.exists():
        raise ConfigError(f"data.source: {path} does not exist; give a file or folder of texts")
    if path.is_file():
        return [(path, _language_of(path, path.parent))]
    found = [
        (each, _language_of(each, path))
        for each in sorted(path.rglob("*"))
        if each.is_file()
        and not any(part.startswith(".") for part in each.relative_to(path).parts)
        and _has_texts(each)
    ]
    if not found:
        raise ConfigError(
            f"data.source: {path} has no texts; needed are LANG.txt, LANG/*.txt, or {', '.join(ENDINGS)} with a column text"
        )
    return found


def _has_texts(path: Path) -> bool:
    return (path.suffix in (*ENDINGS, ".txt") and path.name != "build.json") or (
        not is_table(path) and bool(language_in(path.name))
    )


def is_table(path: Path) -> bool:
    """Return whether a file has rows with columns, not lines of text."""
    return path.suffix in ENDINGS


def _language_of(path: Path, root: Path) -> str:
    folders = path.relative_to(root).parent.parts if path.is_relative_to(root) else ()
    named = language_in(path.stem) or language_in(path.name)
    return named or next((code for part in reversed(folders) if (code := language_in(part))), "")


def read_corpus_file(path: Path, lang: str, columns: Mapping[str, str]) -> Iterator[CorpusItem]:
    """Yield the texts of a file; empty lines and texts are left out, as they hold nothing to learn.

    Raises:
        ConfigError: a file of rows without a text, or without a word about their language.
        DataError: the file cannot be read, or is not UTF-8.
    """
    if not is_table(path):
        if not lang:
            raise ConfigError(
                f"data.source: {path.name} names no language; call it LANG.txt or put it into a folder LANG"
            )
        yield from _lines(path, lang)
        return
    for row in rows_of(path):
        yield from _of_row(row, path, lang, columns)


def _lines(path: Path, lang: str) -> Iterator[CorpusItem]:
    with path.open("rb") as file:
        for number, raw in enumerate(file, start=1):
            try:
                text = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
            except UnicodeDecodeError as error:
                raise DataError(
                    f"{path}, line {number}: not UTF-8 ({error.reason}). Convert the file to UTF-8"
                ) from error
            if text:
                yield CorpusItem(item_id=str(number), texts={lang: text}, weight=len(text))


def rows_of(path: Path) -> Iterator[Row]:
    """Yield rows without holding a file's: corpora are larger than memory."""
    if path.suffix == ".parquet":
        yield from _parquet(path)
    elif path.suffix == ".jsonl":
        yield from _json_lines(path)
    else:
        yield from read_rows(path)


def _parquet(path: Path) -> Iterator[Row]:
    number = 0
    for batch in _batches(path):
        for values in batch:
            number += 1
            yield Row(place=f"{path}, row {number}", values=values, number=number)


def _batches(path: Path) -> Iterator[list[dict[str, Any]]]:
    from pyarrow import parquet

    with reading_parquet(path):
        file = parquet.ParquetFile(path)
    with file:
        check_names(path, file.schema_arrow.names)
        batches = file.iter_batches(batch_size=_BATCH)
        while True:
            with reading_parquet(path):  # not around the `yield`: what is done with the rows has errors of its own
                batch = next(batches, None)
                rows = [] if batch is None else batch.to_pylist()
            if batch is None:
                return
            yield rows


def _json_lines(path: Path) -> Iterator[Row]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                values: Any = parse_json(line.decode("utf-8-sig" if number == 1 else "utf-8"))
            except ValueError as error:  # of the decoding, too
                raise DataError(f"{path}, line {number}: not JSON in UTF-8: {error}") from error
            if not isinstance(values, dict):
                raise DataError(
                    f"{path}, line {number}: a JSON {type(values).__name__}; an object with columns is needed"
                )
            yield Row(place=f"{path}, line {number}", values=values, number=number)


def _of_row(row: Row, path: Path, lang: str, columns: Mapping[str, str]) -> Iterator[CorpusItem]:
    item_id = next(
        (text for name in (columns.get("id", ""), *_IDS) if (text := text_of(row.values.get(name)))), str(row.number)
    )
    texts = _texts(row, path, lang, columns)
    if texts:
        yield CorpusItem(item_id=item_id, texts=texts, weight=sum(map(len, texts.values())))


def _texts(row: Row, path: Path, lang: str, columns: Mapping[str, str]) -> dict[str, str]:
    """Return the texts of a row by language."""
    column = columns.get("text") or next((name for name in _TEXT if name in row.values), "")
    if column:
        if column not in row.values:
            raise lacks_column(path, f"{column!r} (columns.text)", row)
        stated = text_of(row.values.get(columns.get("language", "language"))) or text_of(row.values.get("lang"))
        code = language_code(stated) if stated else lang
        if not code and not stated:
            raise lacks_column(path, "for the language of a text, and its name says none", row)
        text = text_of(row.values[column])
        return {code: text.strip()} if text and code else {}
    wide = next((row.values[name] for name in _BY_LANGUAGE if isinstance(row.values.get(name), Mapping)), row.values)
    found = {
        code: text.strip()
        for name, value in wide.items()
        if (code := language_code(str(name))) and (text := text_of(value))
    }
    if not found and wide is row.values and not any(language_code(str(name)) for name in wide):
        raise lacks_column(path, "text, and none that is named by a language", row)
    return found
