"""Items that ask what a training split has, apart from those that do not."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from xleval.data.trained_facts import TrainedFacts
from xleval.evalkit.task import Task, TaskItem

#: The group of an item; none where its files do not say what fact it is.
TRAINED_FACT = "trained_fact"


def told_apart(task: Task, facts: TrainedFacts) -> Task:
    """Return a task whose items are grouped by `trained_fact`, `yes` or `no`; its examples are as they were.

    An item that is known in one language is known in all: the verdict is the item's.
    """
    return replace(task, load=partial(_load, task.load, facts), trained_facts=facts.digest)


def _load(
    load: Callable[[Path | None, Sequence[str]], Mapping[str, Sequence[TaskItem]]],
    facts: TrainedFacts,
    folder: Path | None,
    languages: Sequence[str],
) -> dict[str, list[TaskItem]]:
    found = load(folder, languages)
    known = {item.item_id: facts.holds(*item.fact) for items in found.values() for item in items if item.fact}
    return {lang: [_grouped(item, known.get(item.item_id)) for item in items] for lang, items in found.items()}


def _grouped(item: TaskItem, known: bool | None) -> TaskItem:
    if known is None:
        return item
    return replace(item, groups={**item.groups, TRAINED_FACT: "yes" if known else "no"})


def trained_line(items: Mapping[str, Sequence[TaskItem]]) -> str:
    """Return how many of the different items of a task ask a fact of the training split, and for how many it is not known."""
    marks = Counter(
        {item.item_id: item.groups.get(TRAINED_FACT) for found in items.values() for item in found}.values()
    )
    unknown = f"; {marks[None]} do not say what fact they are, and are in neither group" if marks[None] else ""
    return f"{marks['yes']} of {marks.total()} items are facts of the training split ({TRAINED_FACT}){unknown}"
