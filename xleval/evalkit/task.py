"""What a task is: where its items come from, what is asked, and how an answer becomes a verdict."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xleval.data.languages import get_language
from xleval.data.storage import sha256_of
from xleval.errors import ConfigError, DataError, unknown_name
from xleval.evalkit.prompts import OPTION_SPACES, SCAFFOLDS
from xleval.evalkit.requests import Request, Sampling
from xleval.evalkit.samples import Kind, Sample

#: language of a reason prefix or a script mask: none, that of the question, or a code
NONE, NATIVE = "none", "native"


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
        solution: worked solution, where the item is an example in a prompt.
    """

    item_id: str
    question: str
    gold: str
    choices: tuple[str, ...] = ()
    choice_ids: tuple[str, ...] = ()
    gold_index: int | None = None
    groups: Mapping[str, str] = field(default_factory=dict)
    solution: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskOptions:
    """What the user can change about how items are asked; all of it is part of a run's signature (D22).

    Attributes:
        scaffold: language of the words around a question: `native`, `english` or `none`.
        option_space: whether a space stands before a hidden option: `auto` (not in zh, ja, th), `always` or `never`.
        chat: ask in a conversation, by the model's chat template.
        system_prompt: first turn of the conversation; empty for none.
        reason_prefix: language of the sentence that a solution is begun with: `none`, `native` or a code (D7).
        script_mask: language whose scripts a completion is held to: `none`, `native` or a code (D9).
        sampling: how completions are drawn.
    """

    scaffold: str = "native"
    option_space: str = "auto"
    chat: bool = False
    system_prompt: str = ""
    reason_prefix: str = NONE
    script_mask: str = NONE
    sampling: Sampling = field(default_factory=Sampling)

    def __post_init__(self) -> None:
        """Refuse values that do not exist."""
        if self.scaffold not in SCAFFOLDS:
            raise unknown_name("scaffold", self.scaffold, SCAFFOLDS)
        if self.option_space not in OPTION_SPACES:
            raise unknown_name("option space", self.option_space, OPTION_SPACES)
        for lang in (self.reason_prefix, self.script_mask):
            if lang not in (NONE, NATIVE):
                get_language(lang)

    def language_of(self, setting: str, lang: str) -> str:
        """Return the language that `reason_prefix` or `script_mask` means for a question in `lang`; empty for none."""
        return "" if setting == NONE else lang if setting == NATIVE else setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A benchmark as a value; a task module exports one.

    Attributes:
        name: as in `--tasks`.
        version: raised when prompts or scoring change.
        kind: `choice` or `generation`.
        summary: one line for `xleval tasks`.
        reference: where the format and the choices come from.
        load: data folder (None when embedded) and languages to items by language; a language without items is absent.
        request: item, language, options and worked examples to what the model is asked.
        score: a sample with the model's answer and no verdict to the same sample with one; needs no model and no data, so
            that saved samples can be scored again.
        exemplars: data folder, languages and how many to worked examples by language, the same ones in each.
        default_shots: worked examples in a prompt where the user does not say.
        primary: normalisation of the headline accuracy of a choice: `byte` where options are hidden, `letter` where shown
            (D22); not used by a generation.
        languages: codes it can be asked in; empty when the data decide.
        is_embedded: whether its items are part of the package.
        derived_from: task whose items these are, so that no mean counts them twice; or empty.
        data_of: task whose data folder this one reads; such a part is run when it is named, not by default. Or empty.
    """

    name: str
    version: int
    kind: Kind
    summary: str
    reference: str
    load: Callable[[Path | None, Sequence[str]], Mapping[str, Sequence[TaskItem]]]
    request: Callable[[TaskItem, str, TaskOptions, Sequence[TaskItem]], Request]
    score: Callable[[Sample], Sample]
    exemplars: Callable[[Path | None, Sequence[str], int], Mapping[str, Sequence[TaskItem]]]
    default_shots: int = 0
    primary: str = "byte"
    languages: tuple[str, ...] = ()
    is_embedded: bool = False
    derived_from: str = ""
    data_of: str = ""

    @property
    def data_name(self) -> str:
        """Name of its data in `--data` and under `$XLEVAL_DATA`."""
        return self.data_of or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedTask:
    """A task with the items that a run asks, by language.

    Attributes:
        task: the task.
        folder: where its data are; None when they are part of the package.
        items: language to items, each language with the same items in the same order where it has them.
        shots: language to the worked examples of every prompt.
        skipped: language to the reason why it is not run.
        fingerprint: SHA-256 of all items and examples, whatever file they came from (E7).
    """

    task: Task
    folder: Path | None
    items: Mapping[str, Sequence[TaskItem]]
    shots: Mapping[str, Sequence[TaskItem]]
    skipped: Mapping[str, str]
    fingerprint: str


def data_folder(task: Task, given: Mapping[str, Path]) -> Path | None:
    """Return the folder of a task's data: `--data NAME=DIR`, else `$XLEVAL_DATA/NAME`, else None.

    Raises:
        ConfigError: the folder that was given does not exist.
    """
    if task.data_name in given:
        folder = given[task.data_name]
        if not folder.is_dir():
            raise ConfigError(f"--data {task.data_name}={folder}: there is no such folder")
        return folder
    root = os.environ.get("XLEVAL_DATA")
    at_root = Path(root) / task.data_name if root else None
    return at_root if at_root is not None and at_root.is_dir() else None


def load_task(
    task: Task, folder: Path | None, languages: Sequence[str], limit: int | None, shots: int | None = None
) -> LoadedTask:
    """Return a task's items in the languages that it has, cut to the first `limit` items of the set.

    The first items are the same ones in every language: `limit` counts item ids, in the order of the first language.

    Args:
        task: the task.
        folder: of its data; None when embedded.
        languages: codes, in order.
        limit: number of items; None for all.
        shots: worked examples in each prompt; None for the task's own number.

    Raises:
        ConfigError: the task has fewer examples.
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
    examples = _exemplars(task, folder, list(cut), task.default_shots if shots is None else shots)
    content = [[{lang: [_as_json(item) for item in found] for lang, found in part.items()}] for part in (cut, examples)]
    return LoadedTask(
        task=task, folder=folder, items=cut, shots=examples, skipped=skipped, fingerprint=sha256_of(content)
    )


def _exemplars(task: Task, folder: Path | None, languages: Sequence[str], n: int) -> Mapping[str, Sequence[TaskItem]]:
    if n < 0:
        raise ConfigError(f"--shots is {n}; 0 or more is needed")
    found = task.exemplars(folder, languages, n) if n and languages else {}
    for lang in languages:
        if len(found.get(lang, ())) < n:
            raise ConfigError(f"--shots {n}: {task.name} has {len(found.get(lang, ()))} worked examples in {lang}")
    return {lang: found.get(lang, ()) for lang in languages}


def _as_json(item: TaskItem) -> list[object]:
    return [
        item.item_id, item.question, item.gold, item.choices, item.choice_ids, item.gold_index, dict(item.groups),
        item.solution,
    ]  # fmt: skip
