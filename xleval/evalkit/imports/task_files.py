"""Files of other tools that hold one task of one run, with the task and the time in their names."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from xleval.evalkit.imports.foreign import LeftOut

_NAME = re.compile(r"[^_]+_(?P<task>.+)_(?P<time>\d{4}-\d\d-\d\dT[\d.:-]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFile:
    """One file: the name of its task, when it was written, and by which model.

    Attributes:
        time: as in the name, which sorts by it; empty where the name has none.
    """

    file: Path
    task: str
    time: str
    model: str | None


def task_and_time(file: Path, kind: str) -> tuple[str, str]:
    """Return what a name such as `details_TASK_2026-01-02T03-04-05.parquet` says, its kind being `details`."""
    match = _NAME.fullmatch(file.stem) if file.stem.startswith(f"{kind}_") else None
    return (match["task"], match["time"]) if match else (file.stem.removeprefix(f"{kind}_"), "")


def newest(files: Iterable[TaskFile], run: Callable[[TaskFile], object]) -> tuple[list[TaskFile], list[LeftOut]]:
    """Return the newest file of each task, and the older ones as left out.

    Args:
        files: in the order in which they are read.
        run: what files of one run have in common, such as a folder or a model.
    """
    kept: dict[tuple[object, str], TaskFile] = {}
    older = []
    for found in files:
        key = (run(found), found.task)
        other = kept.get(key)
        if other is not None:
            file = min(other, found, key=lambda each: each.time).file
            older.append(LeftOut(reason=f"older file of the same task: {file}"))
        if other is None or found.time > other.time:
            kept[key] = found
    return list(kept.values()), older
