"""Problems with an answer: sets of `xleval build-reasoning`, published sets, and any file with question and answer."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from xleval.data.cells import cell
from xleval.data.reasoning.source_items import final_answer
from xleval.data.reasoning.sources import KNOWN_SOURCES, read_source
from xleval.data.rows import Row, text_of
from xleval.data.storage import read_json
from xleval.errors import ConfigError, DataError
from xleval.evalkit.task import TaskItem
from xleval.training.sets.layout import SetRow, lacks_column, languages_of, rows_by_language

_QUESTIONS = ("question", "problem", "query", "m_query", "extra_info.question", "instruction", "prompt")
_ANSWERS = (
    "reward_model.ground_truth", "final_answer", "answer", "gold", "gt_answer", "target", "response", "solution", "output",
)  # fmt: skip
_SOLUTIONS = ("trace", "solution", "rationale", "worked_solution")
_LEVELS = ("level", "difficulty_level")
_SUBJECTS = ("subject", "type", "category")
#: A number as GSM8K writes its answers.
_NUMBER = re.compile(r"[-+]?[$€£]?\d[\d,. ]*%?")


def read_problems(
    path: Path, split: str, langs: Sequence[str], columns: Mapping[str, str]
) -> dict[str, list[TaskItem]]:
    """Return the problems of a folder or file by language, in the order of the set.

    Args:
        path: see `layout`.
        split: of a folder.
        langs: codes; the set must have all of them.
        columns: `question`, `answer`, `solution`, `id`, `language`, `level` -> the set's column, dotted for nested objects.

    Raises:
        ConfigError: the set lacks a language, the split, or a column; what it has is named.
        DataError: a file or a cell that cannot be read.
    """
    rows = rows_by_language(path, split, langs, columns)
    return {
        lang: [_problem(each, names) for each in found]
        for lang, found in rows.items()
        for names in [_names(found, path, columns)]
    }


def _names(rows: Sequence[SetRow], path: Path, columns: Mapping[str, str]) -> dict[str, str]:
    """Return the columns that hold what."""
    row = rows[0].row
    file = Path(row.place.rpartition(", row ")[0] or path)
    found: dict[str, str] = {}
    usual = {"question": _QUESTIONS, "answer": _ANSWERS, "solution": _SOLUTIONS, "level": _LEVELS, "subject": _SUBJECTS}
    for what, names in usual.items():
        named = columns.get(what, "")
        if named and cell(row.values, named) is None:
            raise lacks_column(file, f"{named!r} (columns.{what})", row)
        taken = set(found.values())
        there = [name for name in names if name not in taken and text_of(cell(row.values, name)) is not None]
        found[what] = named or next(iter(there), "")
    for what in ("question", "answer"):
        if not found[what]:
            raise lacks_column(file, f"for the {what}", row)
    return found


def has_question(row: Row, columns: Mapping[str, str]) -> bool:
    """Return whether a row has a question in one of the usual columns, or in the one that is named."""
    names = [columns["question"]] if "question" in columns else _QUESTIONS
    return any(text_of(cell(row.values, name)) is not None for name in names)


def _problem(each: SetRow, names: Mapping[str, str]) -> TaskItem:
    question, stated = (text_of(cell(each.row.values, names[what])) for what in ("question", "answer"))
    gold = final_answer(stated) if stated else None
    if not question or not stated or not gold:
        lacking = "question" if not question else "answer"
        raise DataError(f"{each.row.place}, column {names[lacking]!r}: no {lacking}; every row needs one")
    solution = text_of(cell(each.row.values, names["solution"])) if names["solution"] else None
    worked = solution or ("" if gold == stated else stated)
    groups = {what: text_of(cell(each.row.values, names[what])) or "" for what in ("level", "subject") if names[what]}
    groups["task"] = text_of(cell(each.row.values, "task")) or ""
    return TaskItem(
        item_id=each.item_id,
        question=question.strip(),
        gold=gold.strip(),
        solution=worked,
        groups={what: value for what, value in groups.items() if value},
    )


def task_of_answers(path: Path, items: Mapping[str, Sequence[TaskItem]]) -> str:
    """Return the task of a set: the one it names (traces), else `gsm8k` where all answers are plain numbers, or `math500`."""
    named = {item.groups.get("task", "") for found in items.values() for item in found}
    if len(named) == 1 and (task := named.pop()):
        return task
    manifest = path / "build.json"
    if manifest.is_file() and "gate_report" in (stored := read_json(manifest)):
        return "gsm8k" if stored["source"]["name"] == "gsm8k" else "math500"
    plain = all(_NUMBER.fullmatch(item.gold) for found in items.values() for item in found)
    return "gsm8k" if plain else "math500"


def known_problems(
    name: str, split: str, langs: Sequence[str], columns: Mapping[str, str]
) -> dict[str, list[TaskItem]]:
    """Return a published set: `$XLEVAL_DATA/NAME` where it has the languages, else English from there or from the hub.

    Raises:
        ConfigError: languages other than English, and no folder at hand has them.
        DataError, MissingExtra: as `read_source`.
    """
    root = os.environ.get("XLEVAL_DATA")
    names = (name, *KNOWN_SOURCES[name].others)
    homes = [home for each in names if root and (home := Path(root, each)).is_dir()]
    built = next((home for home in homes if set(langs) <= set(languages_of(home, split))), None)
    if built is not None:
        return read_problems(built, split, langs, columns)
    if list(langs) != ["en"]:
        raise ConfigError(
            f"data.source is {name}, which is published in English, and data.langs is {', '.join(langs)}. Translate it: "
            f"xleval build-reasoning --from {name} --split {split} --langs {','.join(each for each in langs if each != 'en')} "
            "--out DIR, and give DIR as data.source"
        )
    source = read_source(name, split=split)
    return {
        "en": [
            TaskItem(
                item_id=item.item_id,
                question=item.question,
                gold=item.answer,
                solution=item.solution,
                groups=item.groups,
            )
            for item in source.items
        ]
    }
