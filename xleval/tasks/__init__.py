"""The benchmarks: one module each, and the one mapping from names to them."""

from collections.abc import Mapping, Sequence

from xleval.errors import unknown_name
from xleval.evalkit.task import Task
from xleval.tasks.polyfact import POLYFACT
from xleval.tasks.sample import SAMPLE

#: Every task by its name, in the order of `xleval tasks`.
TASKS: Mapping[str, Task] = {task.name: task for task in (POLYFACT, SAMPLE)}


def get_tasks(names: Sequence[str]) -> list[Task]:
    """Return the tasks of some names, in that order, each once.

    Raises:
        ConfigError: an unknown name, with the nearest ones.
    """
    for name in names:
        if name not in TASKS:
            raise unknown_name("task", name, TASKS)
    return [TASKS[name] for name in dict.fromkeys(names)]
