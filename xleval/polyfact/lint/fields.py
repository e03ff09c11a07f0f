"""The fields of a record, whatever a set calls them, as a `Row`."""

from collections.abc import Mapping
from functools import lru_cache
from sys import intern
from typing import Any

from xleval.errors import DataError
from xleval.polyfact.lint.files import SetFile
from xleval.polyfact.lint.records import Row

TRANSLATIONS = "translations"
LANGUAGE_COLUMNS = ("language", "lang", "locale")
_QUESTION = ("question", "query", "question_text")
_LETTERED = ("option_a", "option_b", "option_c", "option_d")
_OPTIONS = ("options", "choices", "endings", "answers")
_ANSWER = ("answer_index", "gold_index", "gold", "answer", "label", "target", "answerKey", "correct", "answer_text")
_ID = ("fact_id", "id", "item_id", "sample_id", "doc_id", "question_id")


def missing_column(columns: Mapping[str, object], parallel: bool) -> str | None:
    """Return which column a set cannot do without and does not have, as words for a message; None when all are there.

    Args:
        columns: names of the record's or file's columns.
        parallel: whether question, options and answer are under `translations`.
    """
    if parallel:
        return None
    if not any(name in columns for name in _QUESTION):
        return "'question'"
    if not all(name in columns for name in _LETTERED) and not any(name in columns for name in _OPTIONS):
        return "'choices' (or 'options', or 'option_a' to 'option_d')"
    if not any(name in columns for name in _ANSWER):
        return "'answer' (or 'gold', 'label', 'answer_index')"
    return None


def to_row(record: Mapping[str, Any], file: SetFile, number: int, lang: str) -> Row:
    """Return a record as a row.

    Raises:
        DataError: a field has the wrong type, or the answer is neither an index, a letter nor an option.
    """
    place = f"{file.name} row {number}"
    where = f"{place} ({lang})"
    options, letters = _options(record, where)
    triple = str(record.get("fact_id") or "").split("|")
    subject_id, relation, object_id = triple if len(triple) == 3 else ("", "", "")
    about = bool(relation) or "property_id" in record or "relation" in record
    item_id = _first(record, _ID)
    ids = record.get("option_ids") or ()
    n_verified, n_langs = record.get("n_langs_verified"), record.get("n_langs")
    gold = _gold(record, options, letters, where)
    return Row(
        item_id=intern(str(item_id)) if item_id is not None else f"{file.name}:{number}",
        lang=lang,
        split=intern(str(record.get("split") or file.split)),
        place=intern(place),
        question=_text(record, _QUESTION, where),
        options=options,
        gold=gold,
        answer_text=_answer_text(record, options[gold] if gold >= 0 else ""),
        option_ids=tuple(intern(str(qid)) for qid in ids) if len(ids) == len(options) else (),
        subject=_subject(record, lang) if about else "",
        subject_en=intern(str(record.get("subject") or "")) if about else "",
        subject_id=intern(str(record.get("subject_id") or subject_id)),
        relation=intern(str(record.get("property_id") or relation or record.get("relation") or "")),
        object_id=intern(str(record.get("object_id") or object_id)),
        label_sources=_shared(tuple(record.get("label_sources") or ())),
        n_verified=n_verified if isinstance(n_verified, int) else None,
        n_langs=n_langs if isinstance(n_langs, int) else None,
        kind=intern(str(record.get("subject_type") or "")),
        headline=_flag(record.get("headline")),
        answer_aliases=_shared(tuple(record.get("answer_aliases") or ())),
    )


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


@lru_cache(maxsize=10_000)
def _shared(sources: tuple[object, ...]) -> tuple[str, ...]:
    """Return the texts, one tuple for all rows that have the same ones."""
    return tuple(map(str, sources))


def _first(record: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((record[name] for name in names if record.get(name) is not None), None)


def _text(record: Mapping[str, Any], names: tuple[str, ...], where: str) -> str:
    name = next(name for name in names if name in record)
    value = record[name]
    if value is None:
        return ""
    if not isinstance(value, str):
        raise DataError(f"{where} column {name} is {type(value).__name__} {value!r:.40}, a text is needed")
    return value


def _options(record: Mapping[str, Any], where: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the options and what each is called: letters, or the keys or labels that the set gives them."""
    if all(name in record for name in _LETTERED):
        found: list[Any] = [record[name] for name in _LETTERED]
        names, column = list("ABCD"), "option_a to option_d"
    else:
        column = next(name for name in _OPTIONS if name in record)
        value = record[column]
        if isinstance(value, Mapping) and isinstance(value.get("text"), list):
            found, names = value["text"], [str(name) for name in value.get("label") or ()]
        elif isinstance(value, Mapping):
            found, names = list(value.values()), [str(name) for name in value]
        elif isinstance(value, list | tuple):
            found, names = list(value), []
        else:
            raise DataError(f"{where} column {column} is {type(value).__name__}, a list of texts is needed")
    names = names if len(names) == len(found) else [chr(ord("A") + place) for place in range(len(found))]
    for text in found:
        if text is not None and not isinstance(text, str):
            raise DataError(f"{where} column {column} holds {type(text).__name__} {text!r:.40}, texts are needed")
    return tuple(intern(text) if text else "" for text in found), tuple(name.upper() for name in names)


def _gold(record: Mapping[str, Any], options: tuple[str, ...], letters: tuple[str, ...], where: str) -> int:
    """Return the place of the right option; -1 where the index lies outside (defect class 32)."""
    name = next(name for name in _ANSWER if record.get(name) is not None or name in record)
    value = record[name]
    if isinstance(value, str):
        text = value.strip()
        if text in options:
            return options.index(text)
        bare = text.strip("().").upper()
        if bare in letters:
            return letters.index(bare)
        value = int(text) if text.lstrip("-").isdigit() and text.isascii() else value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise DataError(f"{where} column {name} is {value!r:.60}: an index, a letter or one of the options is needed")
    return value if 0 <= value < len(options) else -1


def _answer_text(record: Mapping[str, Any], gold_text: str) -> str | None:
    """Return the answer as a text, only where another column already says which option it is."""
    value = record.get("answer_text")
    if not isinstance(value, str) or all(record.get(name) is None for name in _ANSWER[:-1]):
        return None
    return gold_text if value == gold_text else value  # one string for both: sets have millions


def _subject(record: Mapping[str, Any], lang: str) -> str:
    """Return the subject's name in the language; the published column `subject` is English."""
    value = record.get("subject_label")
    if not isinstance(value, str):
        value = record.get("subject") if lang == "en" else None
    return value if isinstance(value, str) else ""
