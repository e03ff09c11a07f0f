"""The test sets that trainings must not share items with: tasks whose data is at hand, sets that are named, own splits."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xleval.data.overlap import OverlapItem
from xleval.data.parquet_faults import reading_parquet
from xleval.data.set_reader import read_set
from xleval.errors import ConfigError, XlevalError, unknown_name
from xleval.evalkit.task import Task, TaskItem, data_folder
from xleval.tasks import GROUPS, TASKS
from xleval.training.config.schema import DataConfig
from xleval.training.sets.item_set import is_facts
from xleval.training.sets.layout import languages_of
from xleval.training.sets.problems import read_problems

#: Splits of a training's own set that are for tests, by how their names begin.
_TEST_SPLITS = ("test", "validation")


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationSet:
    """A test set.

    Attributes:
        name: for messages.
        texts: questions with answers, in every language that was read; empty for facts.
        fact_ids: ids of its facts; empty for other sets.
    """

    name: str
    texts: tuple[OverlapItem, ...] = ()
    fact_ids: frozenset[str] = frozenset()


def evaluation_sets(
    data: DataConfig, folder: Path | None, langs: Sequence[str], *, facts: bool
) -> tuple[list[EvaluationSet], list[str]]:
    """Return the test sets that a training is compared with, and what could not be read, a sentence each.

    Args:
        data: `evaluation` names sets, tasks or groups of tasks; None: every task whose data is in $XLEVAL_DATA, and the embedded sample.
        folder: of the training's set, whose own test and validation splits are added; None without.
        langs: languages of the training.
        facts: whether facts are compared, by their ids, or texts.

    Raises:
        ConfigError: a name that is no task, or a task whose data is not at hand.
        DataError: a set that was named cannot be read.
    """
    notes: list[str] = []
    found = _own_splits(folder, data.split, langs, facts=facts)
    read = tuple(dict.fromkeys((*langs, "en")))
    named = [name for each in data.evaluation or () for name in GROUPS.get(each, (each,))]
    for name in named if data.evaluation is not None else _at_hand(facts=facts):
        try:
            each = _named(name, read, facts=facts)
        except XlevalError as error:
            if data.evaluation is not None:
                raise
            notes.append(f"{name}: not compared, its data cannot be read: {error}")
            continue
        if each is not None:
            found.append(each)
    return found, notes


def _at_hand(*, facts: bool) -> list[str]:
    """Return the tasks whose data needs no download: those in $XLEVAL_DATA, and what is part of the package."""
    root = os.environ.get("XLEVAL_DATA")
    at_hand = [
        task for task in TASKS.values() if not task.data_of and (task.is_embedded or (root and data_folder(task, {})))
    ]
    # The wording of facts is that of their relation, so texts of one relation are near each other whatever they ask.
    return [task.name for task in at_hand if (_has_facts(task) if facts else task.group != "facts")]


def _has_facts(task: Task) -> bool:
    """Return whether a task asks the facts of PolyFact, which are told apart by ids and not by their wording."""
    return task.data_name == "polyfact"


def _named(name: str, langs: Sequence[str], *, facts: bool) -> EvaluationSet | None:
    """Return a set by its path or its task; None where it is of the other kind."""
    path = Path(name)
    if path.exists():
        if path.is_dir() and is_facts(path):
            return EvaluationSet(name=name, fact_ids=fact_ids(path)) if facts else None
        return None if facts else EvaluationSet(name=name, texts=read_set(path).items)
    if name not in TASKS:
        raise unknown_name("set or task in data.evaluation", name, TASKS)
    task = TASKS[name]
    folder = None if task.is_embedded else data_folder(task, {})
    if folder is None and not task.is_embedded:
        raise ConfigError(
            f"data.evaluation: the data of {name} is not at hand; put it at $XLEVAL_DATA/{task.data_name}"
        )
    if _has_facts(task):
        return EvaluationSet(name=name, fact_ids=fact_ids(folder)) if facts and folder else None
    if facts:
        return None
    asked = [lang for lang in langs if not task.languages or lang in task.languages]
    return EvaluationSet(name=name, texts=_texts(task.load(folder, asked))) if asked else None


def _texts(items: Mapping[str, Sequence[TaskItem]]) -> tuple[OverlapItem, ...]:
    return tuple(
        OverlapItem(item_id=item.item_id, text=item.question, answer=item.gold, lang=lang)
        for lang, found in items.items()
        for item in found
    )


def _own_splits(folder: Path | None, split: str, langs: Sequence[str], *, facts: bool) -> list[EvaluationSet]:
    """Return the test and validation splits of a training's own set; a training on `test` shares all of it."""
    if folder is None or not folder.is_dir():
        return []
    but = "" if split.startswith("test") else split
    if facts:
        return [
            EvaluationSet(name=f"{folder.name} (its test and validation splits)", fact_ids=fact_ids(folder, but=but))
        ]
    found = []
    for other in _TEST_SPLITS:
        read = [lang for lang in langs if lang in languages_of(folder, other)]
        if other != but and read:
            texts = _texts(read_problems(folder, other, read, {}))
            found.append(EvaluationSet(name=f"{folder.name} (split {other})", texts=texts))
    return found


def fact_ids(folder: Path, but: str = "") -> frozenset[str]:
    """Return the ids of the facts in the test and validation splits of a set, all languages together.

    Raises:
        DataError: a file cannot be read.
    """
    from pyarrow import parquet

    found: set[str] = set()
    for path in sorted(folder.glob("*/*.parquet")):
        if path.stem == but or path.parent.name == "parallel" or not path.stem.startswith(_TEST_SPLITS):
            continue
        with reading_parquet(path), parquet.ParquetFile(path) as file:
            if "fact_id" in file.schema_arrow.names:
                found.update(file.read(["fact_id"]).column(0).to_pylist())
    return frozenset(found)
