"""Any set of questions with options as rows, one language after the other; what is too large is read twice."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from xleval.errors import DataError
from xleval.polyfact.lint.fields import LANGUAGE_COLUMNS, TRANSLATIONS, missing_column, to_row
from xleval.polyfact.lint.files import (
    SetFile,
    columns_of,
    find_files,
    json_records,
    known_code,
    known_or_none,
    parquet_records,
)
from xleval.polyfact.lint.records import Row

#: Rows that stay in memory for the second reading: 1.2 million of them take 1.5 GB.
_KEPT = 1_300_000
_UNUSED = ("embedding", "image", "audio")


class LintSet:
    """A set on disk, opened.

    Args:
        target: its folder or file.
        languages: codes to read; empty for all there are.
        config: folder to read instead of the main one, or empty.

    Attributes:
        target: as it was given.
        config: as it was given.
        languages: codes there are of those asked for, in the order of the language table's set or of the files.
        skipped: languages that were not asked for.
        n_left_out: number of them.

    Raises:
        DataError: no file, a missing column, a language that is not in the table, or one asked for that is not there.
    """

    def __init__(self, target: Path, languages: Sequence[str] = (), config: str = "") -> None:
        self.target, self.config = target, config
        self._files = find_files(target, config)
        self._wanted = tuple(languages)
        self._json: dict[str, list[Row]] = defaultdict(list)
        self._parquet: list[tuple[SetFile, Mapping[str, tuple[str, ...]]]] = []
        self._kept: dict[str, list[Row]] = {}
        self._seen: dict[str, None] = {}
        self._left_out: dict[str, None] = {}
        for file in self._files:
            if file.path.suffix.lower() == ".parquet":
                self._look_at_parquet(file)
            else:
                self._read_json(file)
        self.languages = tuple(lang for lang in (self._wanted or self._seen) if lang in self._seen)
        self.skipped = tuple(f"language {lang}: not asked for" for lang in self._left_out)
        self.n_left_out = len(self._left_out)
        absent = [lang for lang in self._wanted if lang not in self._seen]
        if absent:
            raise DataError(f"{target} has no {', '.join(absent)}; it has {', '.join([*self._seen, *self._left_out])}")
        if not self._seen:
            raise DataError(f"{target} has no rows")

    def rows(self, lang: str) -> list[Row]:
        """Return all items of a language, file after file.

        Raises:
            DataError: a field that cannot be read; file, row and column are named.
        """
        if lang in self._kept:
            return self._kept[lang]
        rows = list(self._json.get(lang, ()))
        for file, columns in self._parquet:
            rows += self._parquet_rows(file, columns, lang)
        if len(rows) + sum(map(len, self._kept.values())) <= _KEPT:
            self._kept[lang] = rows
        return rows

    def _note(self, text: object, where: str) -> str:
        """Return a language's code, or nothing where it was not asked for."""
        if self._wanted and str(text).strip().lower()[:2] not in self._wanted:
            self._left_out[str(text)] = None
            return ""
        code = known_code(text, where)
        self._seen[code] = None
        return code

    def _look_at_parquet(self, file: SetFile) -> None:
        columns = columns_of(file)
        if (missing := missing_column(columns, TRANSLATIONS in columns)) is not None:
            raise DataError(f"{file.name} has no column {missing}; it has {', '.join(columns)}")
        if TRANSLATIONS in columns:
            for name in columns[TRANSLATIONS]:
                self._note(name, f"{file.name} column {TRANSLATIONS}")
        elif (column := _language_column(columns)) is not None:
            for number, record in parquet_records(file, [column]):
                if record[column] not in self._seen and record[column] not in self._left_out:
                    self._note(record[column], f"{file.name} row {number} column {column}")
        else:
            self._note(self._lang_of_file(file), file.name)
        self._parquet.append((file, columns))

    def _lang_of_file(self, file: SetFile) -> str:
        """Return the language that a file's name says, or the only one asked for."""
        if not file.lang and len(self._wanted) == 1:
            return self._wanted[0]
        if not file.lang:
            raise DataError(
                f"{file.name} does not say its language: a column 'language', a folder or file name such as sw/ or "
                "test_sw.jsonl, or --langs with the one language is needed"
            )
        return file.lang

    def _parquet_rows(self, file: SetFile, columns: Mapping[str, tuple[str, ...]], lang: str) -> Iterator[Row]:
        plain = [name for name in columns if name not in _UNUSED and name != TRANSLATIONS]
        if TRANSLATIONS in columns:
            name = next((name for name in columns[TRANSLATIONS] if known_or_none(name) == lang), None)
            if name is None:
                return
            for number, record in parquet_records(file, [*plain, f"{TRANSLATIONS}.{name}"]):
                part = (record.pop(TRANSLATIONS) or {}).get(name)
                if part is not None:  # the item is not there in this language: defect class 38
                    yield to_row({**record, **part}, file, number, lang)
            return
        column = _language_column(columns)
        if column is None and self._lang_of_file(file) != lang:
            return
        for number, record in parquet_records(file, plain):
            if column is None or known_or_none(record[column]) == lang:
                yield to_row(record, file, number, lang)

    def _read_json(self, file: SetFile) -> None:
        for number, record in json_records(file):
            where = f"{file.name} row {number}"
            if (missing := missing_column(record, TRANSLATIONS in record)) is not None:
                raise DataError(f"{where} has no column {missing}; it has {', '.join(record)}")
            for name, fields in _by_language(record, file, self, where):
                code = self._note(name, where)
                if code:
                    self._json[code].append(to_row(fields, file, number, code))


def _by_language(
    record: dict[str, Any], file: SetFile, opened: LintSet, where: str
) -> Iterator[tuple[object, dict[str, Any]]]:
    """Yield language and fields of each part of a JSON record: all translations, or the one it is."""
    translations = record.get(TRANSLATIONS)
    if translations is None:
        column = _language_column(record)
        yield (record[column] if column else opened._lang_of_file(file)), record
        return
    if not isinstance(translations, dict):
        raise DataError(f"{where} column {TRANSLATIONS} is no object from language to item")
    head = {key: value for key, value in record.items() if key != TRANSLATIONS}
    for name, part in translations.items():
        if part is not None:
            if not isinstance(part, dict):
                raise DataError(f"{where} column {TRANSLATIONS}.{name} is no object")
            if (missing := missing_column({**head, **part}, False)) is not None:
                raise DataError(f"{where} column {TRANSLATIONS}.{name} has no {missing}")
            yield name, {**head, **part}


def _language_column(columns: Mapping[str, object]) -> str | None:
    return next((name for name in LANGUAGE_COLUMNS if name in columns), None)
