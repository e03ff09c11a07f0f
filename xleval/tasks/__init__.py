"""The benchmarks: one module each, and the one mapping from names to them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from xleval.errors import ConfigError, unknown_name
from xleval.evalkit.task import Task
from xleval.tasks.polyfact import PARTS, POLYFACT
from xleval.tasks.sample import SAMPLE

#: Every task by its name, in the order of `xleval tasks`.
TASKS: Mapping[str, Task] = {task.name: task for task in (POLYFACT, *PARTS, SAMPLE)}


def get_tasks(names: Sequence[str]) -> list[Task]:
    """Return the tasks of some names, in that order, each once.

    Raises:
        ConfigError: an unknown name, with the nearest ones.
    """
    for name in names:
        if name not in TASKS:
            raise unknown_name("task", name, TASKS)
    return [TASKS[name] for name in dict.fromkeys(names)]


def task_of_folder(folder: Path) -> Task:
    """Return the task whose data a folder holds.

    Raises:
        ConfigError: no such folder, or it holds no set of xleval's.
    """
    if not folder.is_dir():
        raise ConfigError(f"{folder}: there is no such folder; give one that xleval build-polyfact made")
    if any(folder.glob("*/test.parquet")) or any(folder.glob("*/test-*.parquet")):
        return POLYFACT
    raise ConfigError(f"{folder} holds no LANG/test.parquet; give a folder that xleval build-polyfact made")
