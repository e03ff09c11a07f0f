"""What a study evaluates on: tasks with their languages as words of `xleval run`, without those whose data is not at hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xleval.evalkit.task import Task, data_folder
from xleval.tasks import TASKS
from xleval.training.studies.records import StudyOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedTasks:
    """Tasks of one evaluation.

    Attributes:
        langs: by task, each in the order asked for; tasks that are left out are absent.
        words: `--tasks`, `--langs` and `--data` of `xleval run`; empty where no task is left.
        notes: what is left out and why, a sentence each.
    """

    langs: Mapping[str, tuple[str, ...]]
    words: tuple[str, ...]
    notes: tuple[str, ...]


def asked_tasks(
    options: StudyOptions, wanted: Mapping[str, Sequence[str]], made: Mapping[str, Path] | None = None
) -> AskedTasks:
    """Return the tasks that can be asked, in the languages that they have.

    Args:
        options: of the study: `data`, and whether this is a smoke run, which fetches nothing.
        wanted: task -> languages.
        made: name of data -> folder that the study makes.
    """
    made = made or {}
    langs: dict[str, tuple[str, ...]] = {}
    folders: dict[str, str] = {}
    notes = []
    without_data: dict[str, list[str]] = {}
    for name, asked in wanted.items():
        task = TASKS[name]
        has = tuple(lang for lang in asked if not task.languages or lang in task.languages)
        given = next((key for key in (task.data_name, *task.data_names) if key in made or key in options.data), "")
        if not has:
            notes.append(f"{name} is left out: it has none of the languages {', '.join(asked)}.")
        elif given or task.is_embedded or _comes_by_itself(options, task):
            langs[name] = has
            if given:
                folders[given] = str(made.get(given) or options.data[given])
        else:
            without_data.setdefault(task.data_name, []).append(name)
    notes += [_left_out(names, data) for data, names in without_data.items()]
    return AskedTasks(langs=langs, words=_words(langs, folders), notes=tuple(notes))


def _comes_by_itself(options: StudyOptions, task: Task) -> bool:
    """Return whether data is in $XLEVAL_DATA, or `xleval run` fetches it from the hub."""
    return data_folder(task, {}) is not None or (task.hub is not None and not options.is_smoke)


def _left_out(names: Sequence[str], data: str) -> str:
    verb = "is" if len(names) == 1 else "are"
    return (
        f"{' and '.join(names)} {verb} left out, as the data is not at hand: give --data {data}=DIR, or put it at "
        f"$XLEVAL_DATA/{data}."
    )


def _words(langs: Mapping[str, Sequence[str]], folders: Mapping[str, str]) -> tuple[str, ...]:
    if not langs:
        return ()
    every = tuple(dict.fromkeys(lang for each in langs.values() for lang in each))
    # A task that lacks a language says so in brackets, so that nothing looks skipped in the log.
    tasks = ",".join(name if set(each) == set(every) else f"{name}[{','.join(each)}]" for name, each in langs.items())
    data = [word for name, folder in folders.items() for word in ("--data", f"{name}={folder}")]
    return ("--tasks", tasks, "--langs", ",".join(every), *data)
