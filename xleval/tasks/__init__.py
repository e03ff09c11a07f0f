"""The benchmarks: one module each, and the one mapping from names to them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xleval.data.languages import LANGUAGES
from xleval.data.storage import read_json
from xleval.errors import ConfigError, unknown_name
from xleval.evalkit.task import Task
from xleval.tasks import (
    alpaca_eval,
    belebele,
    bmlama,
    cmmlu,
    eclektic,
    global_mmlu_lite,
    gsm8k,
    include,
    klar,
    m_arena_hard,
    math500,
    mgsm,
    mmath,
    mmlu,
    mmlu_prox_lite,
    mmmlu,
    msvamp,
    polyfact,
    polyfact_free,
    polymath,
    sample,
    xreasoning,
)

#: Every task by its name, in the order of `xleval tasks`.
TASKS: Mapping[str, Task] = {
    task.name: task
    for task in (
        polyfact.POLYFACT, *polyfact.PARTS, polyfact_free.POLYFACT_FREE,
        klar.KLAR, *klar.PARTS, bmlama.BMLAMA17, bmlama.BMLAMA53, eclektic.ECLEKTIC,
        mgsm.MGSM, *mgsm.PARTS,
        gsm8k.GSM8K, msvamp.MSVAMP, math500.MATH500, polymath.POLYMATH,
        mmath.MMATH, *xreasoning.TASKS,
        mmlu.MMLU, mmmlu.MMMLU, cmmlu.CMMLU, global_mmlu_lite.GLOBAL_MMLU_LITE, global_mmlu_lite.GENERATIVE,
        mmlu_prox_lite.MMLU_PROX_LITE, mmlu_prox_lite.CHOICE, belebele.BELEBELE, include.INCLUDE,
        alpaca_eval.ALPACA_EVAL, m_arena_hard.M_ARENA_HARD,
        sample.SAMPLE,
    )
}  # fmt: skip

#: Names for several tasks at once: what kind they are, and benchmarks that are several tasks.
GROUPS: Mapping[str, tuple[str, ...]] = {
    group: tuple(task.name for task in TASKS.values() if task.group == group and not task.data_of)
    for group in dict.fromkeys(task.group for task in TASKS.values() if task.group)
} | {
    "xreasoning": tuple(task.name for task in xreasoning.TASKS),
    "bmlama": (bmlama.BMLAMA17.name, bmlama.BMLAMA53.name),
}

_SELECTION = re.compile(r"\s*([^\[\],]+?)\s*(?:\[([^\[\]]*)\])?\s*(?:,|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """A task that is to be run, and in which languages.

    Attributes:
        task: the task.
        languages: codes; empty for all that the run asks.
    """

    task: Task
    languages: tuple[str, ...] = ()


def get_tasks(names: Sequence[str]) -> list[Task]:
    """Return the tasks of some names, in that order, each once.

    Raises:
        ConfigError: an unknown name, with the nearest ones.
    """
    for name in names:
        if name not in TASKS:
            raise unknown_name("task", name, TASKS)
    return [TASKS[name] for name in dict.fromkeys(names)]


def select_tasks(text: str, languages: Sequence[str]) -> list[Selection]:
    """Return the tasks of a `--tasks` value, such as `mgsm[ko,zh],maths,polyfact[leaky]`, each once.

    Brackets hold languages, or a part or version of the task: `mgsm[original]` is `mgsm_original`.

    Args:
        text: tasks and groups, separated by commas.
        languages: of the run; those in brackets must be among them.

    Raises:
        ConfigError: an unknown task, group, part or language, brackets that do not close, or a task twice.
    """
    found: dict[str, Selection] = {}
    position = 0
    while position < len(text):
        match = _SELECTION.match(text, position)
        if match is None:
            raise ConfigError(f"--tasks {text!r}: needed are names separated by commas, such as mgsm[ko,zh],polyfact")
        position = match.end()
        for selection in _selections(match[1], match[2], languages):
            if selection.task.name in found:
                raise ConfigError(f"--tasks {text!r}: {selection.task.name} is there more than once; name it once")
            found[selection.task.name] = selection
    return list(found.values())


def _selections(name: str, brackets: str | None, languages: Sequence[str]) -> list[Selection]:
    inside = [part.strip() for part in brackets.split(",")] if brackets is not None else []
    parts = [part for part in inside if part not in LANGUAGES]
    chosen = tuple(part for part in inside if part in LANGUAGES)
    if outside := [lang for lang in chosen if lang not in languages]:
        raise ConfigError(
            f"--tasks {name}[{brackets}]: {', '.join(outside)} is not among the languages of --langs; add it there"
        )
    names = [name]
    if parts:
        names = [_part_of(name, part) for part in parts]
    elif name in GROUPS and name not in TASKS:
        names = list(GROUPS[name])
    elif name not in TASKS:
        raise unknown_name("task", name, [*TASKS, *GROUPS])
    return [Selection(task=TASKS[each], languages=chosen) for each in names]


def _part_of(name: str, part: str) -> str:
    parts = {each.removeprefix(name).lstrip("_"): each for each in TASKS if each.startswith(name) and each != name}
    if part not in parts:
        if name not in TASKS and name not in GROUPS:
            raise unknown_name("task", name, [*TASKS, *GROUPS])
        raise unknown_name(f"language or part of {name}", part, [*parts, *LANGUAGES])
    return parts[part]


def task_of_folder(folder: Path) -> Task:
    """Return the task whose data a folder holds, of the sets that xleval builds.

    Raises:
        ConfigError: no such folder, or it holds no set of xleval's.
    """
    if not folder.is_dir():
        raise ConfigError(
            f"{folder}: there is no such folder; give one that xleval build-polyfact or build-reasoning made"
        )
    manifest = read_json(folder / "build.json") if (folder / "build.json").is_file() else {}
    if "gate_report" in manifest:
        # Numbers are compared exactly; answers of any other source are expressions.
        return gsm8k.GSM8K if manifest["source"]["name"] == "gsm8k" else math500.MATH500
    if any(folder.glob("*/test.parquet")) or any(folder.glob("*/test-*.parquet")):
        return polyfact.POLYFACT
    raise ConfigError(
        f"{folder} holds no LANG/test.parquet; give a folder that xleval build-polyfact or build-reasoning made"
    )
