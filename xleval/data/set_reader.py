"""Questions and answers of a set in any usual layout, in all its languages: what two sets are compared by.

A file (`rows`), or a folder of files. The language of a row is that of its column `language` or `lang`, else the code
or English name in the path (`sw/test.parquet`, `mgsm_sw.tsv`, `test_Swahili.json`), else the one given. Languages are joined
on the id without the language in it (`low-sw-0` is `low-0`), rows without an id on their place in the file.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xleval.data.cells import cell
from xleval.data.column_names import listed
from xleval.data.languages import LANGUAGES
from xleval.data.overlap import OverlapItem
from xleval.data.reasoning.source_items import final_answer
from xleval.data.rows import ENDINGS, Row, read_rows, text_of
from xleval.errors import ConfigError, DataError

_QUESTIONS = (
    "m_query",
    "question",
    "problem",
    "query",
    "extra_info.question",
    "instruction",
    "prompt",
    "messages",
    "1",
)
_ANSWERS = (
    "answer_text", "reward_model.ground_truth", "final_answer", "answer_s", "answer", "gt_answer", "target", "response",
    "ans", "solution", "2",
)  # fmt: skip
_IDS = ("item_id", "fact_id", "unique_id", "id")
_LANGUAGE = ("language", "lang")
_NAMES = {language.english_name.casefold(): code for code, language in LANGUAGES.items()}
#: What a set of xleval's holds beside its languages: the same items again, or what is not of the set.
_BESIDE_LANGUAGES = frozenset(
    {"build.json", "parallel", "curriculum", "rejects", "review", "transfer", "leaky", "recent", "attested-A"}
)
_BREAK = re.compile(r"([-_./ ])")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetColumns:
    """What the user says about a set; empty: find it out.

    Attributes:
        question: column of the question, dotted for a field of an object.
        answer: column of the answer.
        lang: language of rows and files that do not say theirs.
    """

    question: str = ""
    answer: str = ""
    lang: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSet:
    """A set's texts.

    Attributes:
        items: in the order of files and rows.
        notes: what was left out or could not be joined, one sentence each.
    """

    items: tuple[OverlapItem, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    path: Path
    stem: str  # path without ending and language: files of one stem are languages of one part
    lang: str


def read_set(path: Path, columns: SetColumns | None = None) -> ReadSet:
    """Return the texts of a file or of all files of a folder.

    Where some files of a folder have a language in their path, those without one are not of the set (worked examples,
    manifests) and are left out.

    Raises:
        ConfigError: no such path, no file that can be read, a column or language that is not there.
        DataError: a file, row or cell that cannot be read.
    """
    columns = columns or SetColumns()
    if not path.exists():
        raise ConfigError(
            f"{path}: there is no such file or folder; give a set, or the name of a task whose data is at hand"
        )
    files, notes = _files(path)
    items: list[OverlapItem] = []
    lengths: dict[str, set[int]] = {}
    rows = [(file, read_rows(file.path)) for file in files]
    for file, found in rows:
        if found and not _named(found[0], _IDS):
            lengths.setdefault(file.stem, set()).add(len(found))
    many = len({file.stem for file in files}) > 1
    for file, found in rows:
        aligned = len(lengths.get(file.stem, ())) <= 1
        if not aligned:
            notes.append(
                f"{file.path.name}: the files of its languages differ in length, so its rows are not joined with theirs"
            )
        items += _items(file, found, columns, many=many, aligned=aligned)
    if not items:
        raise DataError(f"{path} has no rows")
    return ReadSet(items=tuple(items), notes=tuple(notes))


def _files(path: Path) -> tuple[list[_File], list[str]]:
    """Return the files of a set, and what was left out."""
    if path.is_file():
        _, lang = _without_language(f"{path.parent.name}/{path.stem}")
        return [_File(path=path, stem=path.stem, lang=lang)], []
    aside = _BESIDE_LANGUAGES if (path / "build.json").is_file() else frozenset()
    paths = sorted(
        each
        for each in path.rglob("*")
        if each.is_file()
        and each.suffix in ENDINGS
        and not any(part.startswith(".") for part in each.relative_to(path).parts)
        and each.relative_to(path).parts[0] not in aside
        and not (aside and each.parent.name.startswith("level-"))
    )
    if not paths:
        raise ConfigError(f"{path} has no file that can be read; those end in {', '.join(ENDINGS)}")
    files = []
    for each in paths:
        stem, lang = _without_language(each.relative_to(path).with_suffix("").as_posix())
        files.append(_File(path=each, stem=stem, lang=lang))
    if not any(file.lang for file in files):
        return files, []
    notes = [f"{file.path.relative_to(path)}: left out, its path names no language" for file in files if not file.lang]
    return [file for file in files if file.lang], notes


def _without_language(name: str) -> tuple[str, str]:
    """Return a path or id without the last part of it that is a language, and that language's code or nothing."""
    parts = _BREAK.split(name)
    for place in range(len(parts) - 1, -1, -1):
        code = _code(parts[place])
        if code:
            rest = parts[: max(0, place - 1)] + parts[place + (2 if place == 0 else 1) :]
            return "".join(rest), code
    return name, ""


def _code(text: str) -> str:
    return text if text in LANGUAGES else _NAMES.get(text.casefold(), "")


def _items(file: _File, rows: Sequence[Row], columns: SetColumns, *, many: bool, aligned: bool) -> list[OverlapItem]:
    """Return the items of one file."""
    if not rows:
        return []
    question = _column(rows[0], file.path, "question", columns.question, _QUESTIONS)
    answer = _column(rows[0], file.path, "answer", columns.answer, _ANSWERS, needed=bool(columns.answer))
    id_column = _named(rows[0], _IDS)
    lang_column = _named(rows[0], _LANGUAGE)
    seen: set[tuple[str, str]] = set()
    items = []
    for row in rows:
        where = f"{file.path}, row {row.number}"
        lang = _language(row, lang_column, file.lang or columns.lang, where)
        text = _text(cell(row.values, question))
        if text is None:
            raise DataError(f"{where}, column {question!r}: empty, or not a text")
        item_id = _item_id(row, id_column, file, lang, many=many, aligned=aligned)
        if (item_id, lang) in seen:
            raise DataError(f"{where}, column {id_column!r}: {item_id!r} is there twice in {lang}; make ids unique")
        seen.add((item_id, lang))
        stated = (text_of(cell(row.values, answer)) if answer else None) or ""
        items.append(OverlapItem(item_id=item_id, text=text, answer=final_answer(stated) or "", lang=lang))
    return items


def _item_id(row: Row, column: str, file: _File, lang: str, *, many: bool, aligned: bool) -> str:
    stated = text_of(cell(row.values, column)) if column else None
    if stated is not None:
        bare = "".join(_drop(_BREAK.split(stated), lang))
        return f"{file.stem}/{bare}" if many else bare
    return f"{file.stem}-{row.number}" if aligned else f"{file.stem}-{lang}-{row.number}"


def _drop(parts: list[str], lang: str) -> list[str]:
    """Return the parts of an id without the language's code and the mark before it."""
    if lang not in parts[2:]:
        return parts
    place = parts.index(lang, 2)
    return parts[: place - 1] + parts[place + 1 :]


def _language(row: Row, column: str, otherwise: str, where: str) -> str:
    stated = text_of(cell(row.values, column)) if column else None
    if stated is None:
        return otherwise or "en"
    code = _code(stated.strip()) or _without_language(stated.strip())[1]
    if not code:
        raise DataError(
            f"{where}, column {column!r}: {stated!r} is no language of the table; it has {', '.join(LANGUAGES)}"
        )
    return code


def _column(row: Row, path: Path, what: str, name: str, usual: Sequence[str], *, needed: bool = True) -> str:
    if name and cell(row.values, name) is None:
        raise ConfigError(f"{path} has no column {name!r} ({what}); it has {listed(row.values)}")
    found = name or next((each for each in usual if _text(cell(row.values, each)) is not None), "")
    if needed and not found:
        raise ConfigError(f"{path} has none of the usual columns for the {what}; it has {listed(row.values)}. Name it")
    return found


def _named(row: Row, usual: Sequence[str]) -> str:
    return next((each for each in usual if each in row.values), "")


def _text(value: object) -> str | None:
    """Return a cell's text; of a conversation, what the user says last."""
    if isinstance(value, list):
        said = [turn.get("content") for turn in value if isinstance(turn, dict) and turn.get("role") == "user"]
        return text_of(said[-1]) if said else None
    return text_of(value)
