"""What a task is: where its items come from, what is asked, and how an answer becomes a verdict."""

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from xleval.data.languages import get_language
from xleval.data.storage import sha256_of
from xleval.errors import ConfigError, DataError, unknown_name
from xleval.evalkit.hub import HubSet, download
from xleval.evalkit.metrics.weighted import Weighting
from xleval.evalkit.prompts import OPTION_SPACES, SCAFFOLDS
from xleval.evalkit.requests import Request, Sampling
from xleval.evalkit.samples import Kind, Sample

#: language of a reason prefix or a script mask: none, that of the question, or a code
NONE, NATIVE = "none", "native"
#: in which language a solution is asked for: that of the question, English, or no solution but the answer alone
COT_MODES = ("native", "english", "direct")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskItem:
    """One item in one language; `item_id` is the same in every language.

    Attributes:
        item_id: joins the languages.
        question: as it is asked.
        passage: text that the question is about; empty without one.
        gold: text of the right option, or the right answer.
        choices: options, empty for a generation.
        choice_ids: what the options are in every language, empty where their order aligns them.
        gold_index: index of the right option, None for a generation.
        groups: facts to group results by.
        solution: worked solution in the item's language, where it is an example in a prompt.
        english_solution: the same in English, where it is known.
        fact: Wikidata property and English name of the subject, where the files say both: what is looked up in a training
            set. It decides nothing of what is asked.
    """

    item_id: str
    question: str
    gold: str
    choices: tuple[str, ...] = ()
    choice_ids: tuple[str, ...] = ()
    gold_index: int | None = None
    passage: str = ""
    groups: Mapping[str, str] = field(default_factory=dict)
    solution: str = ""
    english_solution: str = ""
    fact: tuple[str, str] | None = None


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
        cot: chain of thought that is asked for: `native`, `english` or `direct`, the answer alone.
        sampling: how completions are drawn.
        named: settings of `sampling` that the user chose, the others being the task's own; None if all of them are.
    """

    scaffold: str = "native"
    option_space: str = "auto"
    chat: bool = False
    system_prompt: str = ""
    reason_prefix: str = NONE
    script_mask: str = NONE
    cot: str = NATIVE
    sampling: Sampling = field(default_factory=Sampling)
    named: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Refuse values that do not exist."""
        if self.scaffold not in SCAFFOLDS:
            raise unknown_name("scaffold", self.scaffold, SCAFFOLDS)
        if self.option_space not in OPTION_SPACES:
            raise unknown_name("option space", self.option_space, OPTION_SPACES)
        if self.cot not in COT_MODES:
            raise unknown_name("chain-of-thought mode", self.cot, COT_MODES)
        for lang in (self.reason_prefix, self.script_mask):
            if lang not in (NONE, NATIVE):
                get_language(lang)

    def language_of(self, setting: str, lang: str) -> str:
        """Return the language that `reason_prefix` or `script_mask` means for a question in `lang`; empty for none."""
        return "" if setting == NONE else lang if setting == NATIVE else setting

    def mode(self) -> str:
        """Return the mode of the prompt; in a conversation English words around a question ask for English reasoning."""
        return "english" if self.cot == NATIVE and self.chat and self.scaffold == "english" else self.cot

    def requested_language(self, lang: str) -> str:
        """Return the language in which a completion to a question in `lang` is asked to be written."""
        prefix = self.language_of(self.reason_prefix, lang)
        return prefix or ("en" if self.mode() == "english" else lang)

    def for_task(self, task: "Task") -> "TaskOptions":
        """Return the options with the sampling that a task is asked with: the user's settings, else its own."""
        if self.named is None:
            return self
        chosen = {name: getattr(self.sampling, name) for name in self.named}
        return replace(self, sampling=replace(task.sampling, **chosen), named=None)


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
        group: name under which tasks of a kind are run together, such as `maths`; or empty.
        sampling: how completions are drawn where the user does not say.
        samples: completions of each prompt where the user does not say; above 1 only with a temperature.
        follows_cot: whether `--cot` and `--reason-prefix` change what it asks; not where a short answer is all it wants.
        judged: answers have no verdict of their own, `xleval judge` compares two runs.
        weighting: of the items' groups in a weighted accuracy beside the plain one (PolyMath's DW-ACC), or None.
        derived_from: sets that its items come from, by name, so that no mean counts them twice (D21).
        data_of: task whose data folder this one reads; such a part is run when it is named, not by default. Or empty.
        data_names: further names under which its data may be found.
        need: raises MissingExtra where a package that scoring needs is not installed; or None.
        hub: where the hub has it, or None.
        edition: version of the data that a folder holds, where a task takes several; or None.
        facts_in: name in `--data` of the set of facts whose training split may hold its items' facts; or empty.
        trained_facts: SHA-256 of the training facts that its items are told apart by; empty where they are not.
        verified: the published files that the loader was seen to read; empty where none was at hand (E9).
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
    group: str = ""
    sampling: Sampling = field(default_factory=Sampling)
    samples: int = 1
    follows_cot: bool = True
    judged: bool = False
    weighting: Weighting | None = None
    derived_from: tuple[str, ...] = ()
    data_of: str = ""
    data_names: tuple[str, ...] = ()
    need: Callable[[], None] | None = None
    hub: HubSet | None = None
    edition: Callable[[Path | None], str] | None = None
    facts_in: str = ""
    trained_facts: str = ""
    verified: str = ""

    @property
    def data_name(self) -> str:
        """Name of its data in `--data` and under `$XLEVAL_DATA`."""
        return self.data_of or self.name

    @property
    def sources(self) -> frozenset[str]:
        """Names of the sets whose items it asks, its own among them."""
        return frozenset({self.data_name, *self.derived_from})


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
        edition: version of the data, where the task takes several; or empty.
        n_shots: worked examples in each prompt; `shots` may hold more, to choose from by subject.
    """

    task: Task
    folder: Path | None
    items: Mapping[str, Sequence[TaskItem]]
    shots: Mapping[str, Sequence[TaskItem]]
    skipped: Mapping[str, str]
    fingerprint: str
    edition: str = ""
    n_shots: int = 0


def data_folder(task: Task, given: Mapping[str, Path], *, ask_hub: bool = False) -> Path | None:
    """Return the folder of a task's data: `--data NAME=DIR`, else `$XLEVAL_DATA/NAME`, else the hub's, else None.

    Args:
        task: the task.
        given: folders by name.
        ask_hub: whether to download what is not at hand.

    Raises:
        ConfigError: the folder that was given does not exist.
        DataError: the hub cannot be reached, or lacks the set.
    """
    names = (task.data_name, *task.data_names)
    for name in names:
        if name in given:
            if not given[name].is_dir():
                raise ConfigError(f"--data {name}={given[name]}: there is no such folder")
            return given[name]
    root = os.environ.get("XLEVAL_DATA")
    found = (Path(root) / name for name in names) if root else ()
    at_hand = next((folder for folder in found if folder.is_dir()), None)
    if at_hand is None and ask_hub and task.hub is not None:
        return download(task.hub, task.data_name)
    return at_hand


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
        MissingExtra: a package that scoring needs is not installed.
    """
    if task.need:
        task.need()  # not after hours of generation
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
    cut = {lang: _first(items[lang], chosen, items, limit) for lang in languages if items.get(lang)}
    n_shots = task.default_shots if shots is None else shots
    examples = _exemplars(task, folder, list(cut), n_shots)
    content = [[{lang: [_as_json(item) for item in found] for lang, found in part.items()}] for part in (cut, examples)]
    return LoadedTask(
        task=task,
        folder=folder,
        items=cut,
        shots=examples,
        skipped=skipped,
        fingerprint=sha256_of(content),
        edition=task.edition(folder) if task.edition else "",
        n_shots=n_shots,
    )


def _first(
    found: Sequence[TaskItem], chosen: Collection[str], items: Mapping[str, Sequence[TaskItem]], limit: int | None
) -> list[TaskItem]:
    """Return a language's items among the chosen ones; the first of its own where it shares none with any other language."""
    others = {item.item_id for each in items.values() if each is not found for item in each}
    if others and not any(item.item_id in others for item in found):  # a set that is not parallel
        return list(found[:limit])
    return [item for item in found if item.item_id in chosen]


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
        item.solution, item.english_solution, item.passage,
    ]  # fmt: skip
