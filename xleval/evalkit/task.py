"""What a task is: where its items come from, what is asked, and how an answer becomes a sample."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xleval.data.storage import canonical_json, sha256_of
from xleval.errors import ConfigError, DataError, unknown_name
from xleval.evalkit.requests import ChoiceRequest, Outcome, Request
from xleval.evalkit.samples import Kind, Sample

SCAFFOLDS = ("native", "english", "none")
OPTION_SPACES = ("auto", "always", "never")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskItem:
    """One item in one language; `item_id` is the same in every language.

    Attributes:
        item_id: joins the languages.
        question: as it is asked.
        gold: text of the right option, or the right answer.
        choices: options, empty for a generation.
        choice_ids: what the options are in every language, empty where their order aligns them.
        gold_index: index of the right option, None for a generation.
        groups: facts to group results by.
    """

    item_id: str
    question: str
    gold: str
    choices: tuple[str, ...] = ()
    choice_ids: tuple[str, ...] = ()
    gold_index: int | None = None
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskOptions:
    """What the user can change about how items are asked; all of it is part of a run's signature (D22).

    Attributes:
        scaffold: language of the words around a question: `native`, `english` or `none`.
        option_space: whether a space stands before a hidden option: `auto` (not in zh, ja, th), `always` or `never`.
        max_tokens: limit of a completion.
    """

    scaffold: str = "native"
    option_space: str = "auto"
    max_tokens: int = 128

    def __post_init__(self) -> None:
        """Refuse values that do not exist."""
        if self.scaffold not in SCAFFOLDS:
            raise unknown_name("scaffold", self.scaffold, SCAFFOLDS)
        if self.option_space not in OPTION_SPACES:
            raise unknown_name("option space", self.option_space, OPTION_SPACES)
        if self.max_tokens < 1:
            raise ConfigError(f"--max-tokens is {self.max_tokens}; at least 1 is needed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A benchmark as a value; a task module exports one.

    Attributes:
        name: as in `--tasks`.
        version: raised when prompts or scoring change.
        kind: `choice` or `generation`.
        summary: one line for `xleval tasks`.
        reference: where the format and the choices come from.
        primary: normalisation of the headline accuracy of a choice: `byte` where options are hidden, `letter` where shown
            (D22); not used by a generation.
        languages: codes it can be asked in; empty when the data decide.
        is_embedded: whether its items are part of the package.
        derived_from: task whose items these are, so that no mean counts them twice; or empty.
        load: data folder (None when embedded) and languages to items by language; a language without items is absent.
        request: item, language and options to what the model is asked.
        score: item, language, request and the model's outcome to a sample.
    """

    name: str
    version: int
    kind: Kind
    summary: str
    reference: str
    load: Callable[[Path | None, Sequence[str]], Mapping[str, Sequence[TaskItem]]]
    request: Callable[[TaskItem, str, TaskOptions], Request]
    score: Callable[[TaskItem, str, Request, Outcome], Sample]
    primary: str = "byte"
    languages: tuple[str, ...] = ()
    is_embedded: bool = False
    derived_from: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedTask:
    """A task with the items that a run asks, by language.

    Attributes:
        task: the task.
        items: language to items, each language with the same items in the same order where it has them.
        skipped: language to the reason why it is not run.
        fingerprint: SHA-256 of all items, whatever file they came from (E7).
    """

    task: Task
    items: Mapping[str, Sequence[TaskItem]]
    skipped: Mapping[str, str]
    fingerprint: str


def data_folder(task: Task, given: Mapping[str, Path]) -> Path | None:
    """Return the folder of a task's data: `--data NAME=DIR`, else `$XLEVAL_DATA/NAME`, else None.

    Raises:
        ConfigError: the folder that was given does not exist.
    """
    if task.name in given:
        folder = given[task.name]
        if not folder.is_dir():
            raise ConfigError(f"--data {task.name}={folder}: there is no such folder")
        return folder
    root = os.environ.get("XLEVAL_DATA")
    at_root = Path(root) / task.name if root else None
    return at_root if at_root is not None and at_root.is_dir() else None


def load_task(task: Task, folder: Path | None, languages: Sequence[str], limit: int | None) -> LoadedTask:
    """Return a task's items in the languages that it has, cut to the first `limit` items of the set.

    The first items are the same ones in every language: `limit` counts item ids, in the order of the first language.

    Raises:
        DataError: the folder holds no such set, or the same item twice.
    """
    asked = [lang for lang in languages if not task.languages or lang in task.languages]
    items = dict(task.load(folder, asked)) if asked else {}
    skipped = {lang: f"{task.name} has no {lang}" for lang in languages if not items.get(lang)}
    order: dict[str, None] = {}
    for lang, found in items.items():
        ids = [item.item_id for item in found]
        if len(set(ids)) != len(ids):
            twice = next(item_id for item_id in ids if ids.count(item_id) > 1)
            raise DataError(f"{task.name}: item {twice!r} is in the {lang} data more than once")
        order |= dict.fromkeys(ids)
    chosen = set(list(order)[:limit])
    cut = {lang: [item for item in items[lang] if item.item_id in chosen] for lang in languages if items.get(lang)}
    content = {lang: [_as_json(item) for item in found] for lang, found in cut.items()}
    return LoadedTask(task=task, items=cut, skipped=skipped, fingerprint=sha256_of(content))


def _as_json(item: TaskItem) -> list[object]:
    return [item.item_id, item.question, item.gold, item.choices, item.choice_ids, item.gold_index, dict(item.groups)]


def sample_fields(task: Task, item: TaskItem, lang: str, asked: Request) -> dict[str, Any]:
    """Return the columns of a `Sample` that are known before the model answers; a scorer adds the verdict."""
    return {
        "task": task.name,
        "task_version": task.version,
        "lang": lang,
        "item_id": item.item_id,
        "kind": task.kind,
        "prompt": asked.context if isinstance(asked, ChoiceRequest) else asked.prompt,
        "gold": item.gold,
        "choices": item.choices,
        "choice_ids": item.choice_ids,
        "gold_index": item.gold_index,
        "groups": canonical_json(dict(item.groups)),
    }
