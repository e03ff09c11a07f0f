"""Tables of translations, such as human ones, as translators: what is not in the table is a failure, never a guess.

A table is a file with an English column (or item identifiers) and columns of translations, or a folder with one file per
language. Both are read as they are published:

* MGSM: `mgsm_en.tsv` and `mgsm_sw.tsv` without headers, aligned by row.
* MSVAMP: `test_Swahili.json` with `query` (English) and `m_query`.
* GSM8K-ko: `kor-gsm8k-test.jsonl` with `question` and `kor_question`; worked solutions are `answer` and `kor_answer`.
* any columns named by a language: `es`, `question_es`, `Spanish`, `spa`.
* a set of `xleval build-reasoning`: `en/test.parquet` and `es/test.parquet`, aligned by `item_id`; what it rejected is not read.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from xleval.data.languages import LANGUAGES
from xleval.data.reasoning.records import SourceItem
from xleval.data.reasoning.translators.protocol import Translated, TranslationRequest
from xleval.data.rows import ENDINGS, Row, read_rows, text_of
from xleval.data.storage import sha256_of, sha256_of_file
from xleval.errors import ConfigError, DataError

_ENGLISH = ("en", "english", "eng", "question", "query", "problem", "text", "source", "source_text", "1")
_IDS = ("item_id", "id")
_TRANSLATION = ("m_query", "translation", "question", "query", "problem", "text", "1")
_CODES = {
    "en": "eng", "de": "deu", "id": "ind", "pt": "por", "ar": "ara", "bn": "ben", "sw": "swa", "es": "spa", "ru": "rus",
    "fr": "fra", "ja": "jpn", "zh": "zho", "ko": "kor", "uk": "ukr", "th": "tha", "te": "tel", "vi": "vie", "it": "ita",
    "ms": "msa", "yo": "yor", "hi": "hin",
}  # fmt: skip


class Table:
    """A translator that looks texts up: exact but for spaces and the shape of quotation marks.

    Args:
        place: a file or a folder.
        items: of the source, for a table that has identifiers and no English texts.

    Raises:
        DataError: nothing there, or no column or file in a language.
    """

    candidates = 1
    placeholders = False

    def __init__(self, place: str, *, items: Sequence[SourceItem] = ()) -> None:
        self.spec = f"table:{place}"
        path = Path(place)
        if not path.exists():
            raise DataError(f"the table {path} does not exist")
        self._english_by_id = {item.item_id: item.question for item in items}
        files = [path] if path.is_file() else _files_in(path)
        self._texts: dict[str, dict[str, str]] = {}
        used = self._read_folder(files) if path.is_dir() else self._read_file(path, read_rows(path))
        if not any(lang != "en" for lang in self._texts):
            raise DataError(
                f"{path} has no translations: files or columns named by a language (es, question_es, Spanish, mgsm_es.tsv) "
                "beside English texts or item identifiers are needed"
            )
        self._sha256 = sha256_of([sha256_of_file(each) for each in used])

    def fingerprint(self) -> Mapping[str, str]:
        """Return the table's name and the SHA-256 over the bytes of the files that are used."""
        return {"spec": f"table:{Path(self.spec.removeprefix('table:')).name}", "sha256": self._sha256}

    def check_languages(self, source_lang: str, target_langs: Sequence[str]) -> None:
        """Refuse languages that the table lacks.

        Raises:
            ConfigError: such a language; those there are are named.
        """
        there = ", ".join(sorted(self._texts))
        for lang in target_langs:
            if source_lang != "en" or lang not in self._texts:
                raise ConfigError(
                    f"{self.spec} has no translations from {source_lang} to {lang}; from en it has {there}"
                )

    def translate(self, requests: Sequence[TranslationRequest]) -> Iterator[Translated]:
        """Yield what the table has, in the order of the requests."""
        for request in requests:
            text = self._texts.get(request.target_lang, {}).get(_key(request.text), "")
            yield Translated(key=request.key, text=text, failure="" if text else "not in the table")

    def close(self) -> None:
        """Free the texts."""
        self._texts = {}

    def _read_folder(self, files: Sequence[Path]) -> list[Path]:
        """Read a folder with one file per language, or files with several columns; return the files that were used."""
        by_lang: dict[tuple[Path, str], dict[str, tuple[Path, list[Row]]]] = {}
        used: list[Path] = []
        for path in files:
            lang = _language_of(path.stem) or _language_of(path.parent.name)
            if lang is None:
                continue
            series = re.sub(r"[A-Za-z]+$", "", path.stem) if _language_of(path.stem) else path.stem
            home = path.parent if _language_of(path.stem) else path.parent.parent
            by_lang.setdefault((home, series), {})[lang] = (path, read_rows(path))
        for languages in by_lang.values():
            english = languages.get("en")
            for lang, (path, rows) in sorted(languages.items()):
                if lang == "en":
                    continue
                if self._read_file(path, rows, lang=lang):
                    used.append(path)
                elif english is not None:
                    self._align(english, (path, rows), lang)
                    used += [path] if english[0] in used else [path, english[0]]
        return used

    def _align(self, english: tuple[Path, list[Row]], other: tuple[Path, list[Row]], lang: str) -> None:
        """Take two files whose rows correspond: by identifiers that they share, else one by one."""
        rows, translated = english[1], other[1]
        before_by_id, after_by_id = _by_identifier(rows), _by_identifier(translated)
        if shared := [name for name in before_by_id if name in after_by_id]:
            rows, translated = [before_by_id[name] for name in shared], [after_by_id[name] for name in shared]
        if len(rows) != len(translated):
            raise DataError(
                f"{other[0]} has {len(other[1])} rows and {english[0].name} {len(english[1])}: they cannot be aligned by row"
            )
        columns = [_first(each[0], _TRANSLATION) if each else None for each in (rows, translated)]
        for before, after in zip(rows, translated, strict=True):
            self._add(
                lang,
                text_of(before.values.get(columns[0] or "")),
                text_of(after.values.get(columns[1] or "")),
                other[0],
            )

    def _read_file(self, path: Path, rows: list[Row], *, lang: str | None = None) -> list[Path]:
        """Read a file with English texts or known identifiers beside translations; return it, or nothing if it is not one.

        Args:
            path: names the file in errors.
            rows: of the file.
            lang: of its translations where the file is named by it.
        """
        if not rows:
            return []
        names = [name for name in rows[0].values if isinstance(name, str)]
        columns = {name: found for name in names if (found := _language_of(name)) is not None and found != "en"}
        english = _first(rows[0], _ENGLISH, besides=columns)
        if not columns and lang is not None:
            named = [name for name in ("m_query", "translation") if name in names]
            columns = dict.fromkeys(named[:1], lang)
        if not columns:
            return []
        identifier = next((name for name in _IDS if name in names), None) if self._english_by_id else None
        if english is None and identifier is None:
            return []
        for row in rows:
            source = text_of(row.values.get(english or ""))
            if source is None and identifier is not None:
                source = self._english_by_id.get(text_of(row.values[identifier]) or "")
            for name, found in columns.items():
                before = row.values.get(re.sub(r"^[a-z]+_", "", name)) if name.endswith("_answer") else None
                self._add(found, text_of(before) if before is not None else source, text_of(row.values.get(name)), path)
        return [path]

    def _add(self, lang: str, english: str | None, text: str | None, path: Path) -> None:
        """Keep a pair; a pair with an empty side is not in the table."""
        if english is None or text is None:
            return
        if len(english) < 12 and english.strip(" .,%$-").isdecimal():
            return  # a column of final answers, which are carried over untouched
        texts = self._texts.setdefault(lang, {})
        known = texts.setdefault(_key(english), text)
        if known != text:
            raise DataError(f"{path} has two translations of {english[:60]!r} into {lang}. Remove one of them")


def _files_in(folder: Path) -> list[Path]:
    """Return the files of a folder that may hold rows, without the rejects of a built set."""
    built = (folder / "build.json").is_file()
    aside = ("rejects", "review", ".work") if built else ()
    files = [each for each in folder.rglob("*") if each.suffix in ENDINGS and each.name != "build.json"]
    return sorted(each for each in files if each.relative_to(folder).parts[0] not in aside)


def _by_identifier(rows: Sequence[Row]) -> dict[str, Row]:
    """Return rows by their identifier; none where a row has none or two have the same."""
    found = {text_of(row.values.get(next((name for name in _IDS if name in row.values), ""))): row for row in rows}
    return {name: row for name, row in found.items() if name} if len(found) == len(rows) and None not in found else {}


def _first(row: Row, names: Sequence[str], besides: Mapping[str, str] | None = None) -> str | None:
    lower = {name.lower(): name for name in row.values if name not in (besides or {})}
    return next((lower[name] for name in names if name in lower), None)


@cache
def _spellings() -> Mapping[str, str]:
    """Return the ways in which files and columns name a language, in lower case, to its code."""
    found: dict[str, str] = {}
    for code, language in LANGUAGES.items():
        for spelling in (code, language.english_name, language.endonym, _CODES.get(code, code)):
            found.setdefault(spelling.lower(), code)
    return found


def _language_of(name: str) -> str | None:
    """Return the language that the first or the last part of a name names: `mgsm_sw`, `question_es`, `kor_question`."""
    parts = [part for part in re.split(r"[_\s.-]+", name.lower()) if part]
    if not parts or (parts[-1] == "id" and parts[0] not in ("mgsm", "msvamp", "test", "train", *_TRANSLATION)):
        return None  # `item_id` and `unique_id` are not Indonesian
    return _spellings().get(parts[-1]) or _spellings().get(parts[0])


def _key(text: str) -> str:
    """Return a text as it is looked up: NFKC, straight quotation marks, single spaces."""
    folded = unicodedata.normalize("NFKC", text).translate({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'})
    return " ".join(folded.split())
