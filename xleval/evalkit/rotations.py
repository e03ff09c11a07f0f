"""Shown options in every rotation, so that a liking for a letter does not count as knowledge (D22)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from xleval.evalkit.task import Task, TaskItem

Value = TypeVar("Value")


def shows_options(task: Task) -> bool:
    """Return whether a task scores letters of options that its prompt shows: only then an order can matter."""
    return task.kind == "choice" and task.primary == "letter"


def rotated(item: TaskItem, rotation: int) -> TaskItem:
    """Return the item with its options shifted: what stood at place `rotation` stands first."""
    if not rotation:
        return item
    n = len(item.choices)
    places = [(place + rotation) % n for place in range(n)]
    return replace(
        item,
        choices=tuple(item.choices[place] for place in places),
        choice_ids=tuple(item.choice_ids[place] for place in places) if item.choice_ids else (),
        gold_index=None if item.gold_index is None else (item.gold_index - rotation) % n,
    )


def in_item_order(values: Sequence[Value], rotation: int) -> tuple[Value, ...]:
    """Return values that stand in the order of a rotation in the order of the item's own options."""
    n = len(values)
    return tuple(values[(place - rotation) % n] for place in range(n))
