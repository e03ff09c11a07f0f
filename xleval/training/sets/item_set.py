"""The items that a training can use, with the task that asks and scores them, from every kind of source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from xleval.data.parquet_faults import reading_parquet
from xleval.errors import ConfigError, DataError, unknown_name
from xleval.evalkit.task import Task, TaskItem, data_folder, load_task
from xleval.tasks import TASKS, polyfact
from xleval.tasks.polyfact_free import POLYFACT_FREE
from xleval.training.config.schema import DataConfig
from xleval.training.sets.embedded import embedded_folder
from xleval.training.sets.layout import lacks_languages, languages_of
from xleval.training.sets.problems import known_problems, read_problems, task_of_answers

#: Sources that are part of the package, and those with a reader of their own, looked for in $XLEVAL_DATA and on the hub.
EMBEDDED = "embedded"
KNOWN_PROBLEMS = ("gsm8k", "simplerl", "math500")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSet:
    """A set by language.

    Attributes:
        source: as it was named.
        task: how items are asked and scored: as `xleval run` does.
        items: language to items by id, in the order of the set.
        shots: language to the worked examples that `xleval run` shows; empty without.
        folder: where it is; None where several places or the hub have it.
    """

    source: str
    task: Task
    items: Mapping[str, Mapping[str, TaskItem]]
    shots: Mapping[str, Sequence[TaskItem]] = field(default_factory=dict)
    folder: Path | None = None

    @property
    def is_facts(self) -> bool:
        """Whether the items are facts with options that have ids."""
        return self.task.data_name == "polyfact"


def read_items(data: DataConfig, langs: Sequence[str] | None = None) -> ItemSet:
    """Return the items of a training's source in its languages, before any choice among them.

    Args:
        data: says source, split, task and columns.
        langs: languages to read in place of the training's.

    Raises:
        ConfigError: no such source, split, column or language (those there are named), or a task that does not fit.
        DataError: the data cannot be read.
        MissingExtra: the hub is asked and huggingface_hub is not installed.
    """
    asked = tuple(langs or data.langs)
    if not asked:
        raise ConfigError("data.langs is empty; at least one language is needed, such as --set data.langs=[en,ko]")
    parts = [data.source] if Path(data.source).exists() else [part.strip() for part in data.source.split("+")]
    sets = [_read_one(replace(data, source=part), asked) for part in parts]
    found = sets[0] if len(sets) == 1 else _joined(data.source, sets)
    if data.task and found.task.name != data.task:
        found = replace(found, task=_task(data.task, found))
    return found


def _read_one(data: DataConfig, langs: Sequence[str]) -> ItemSet:
    """Return the items of one source."""
    source, path = data.source, Path(data.source)
    if path.exists():
        return _read_path(data, path, langs)
    if source == EMBEDDED:
        return _read_facts(source, embedded_folder(), data.split, langs)
    if source in KNOWN_PROBLEMS and not (data.split == "test" and source in TASKS):
        items = known_problems(source, data.split, langs, data.columns)
        task = TASKS["gsm8k" if source == "gsm8k" else "math500"]
        return ItemSet(source=source, task=task, items=_by_id(items))
    if source in TASKS:
        return _read_task(source, langs)
    if "/" in source or source.startswith(".") or path.suffix:
        raise ConfigError(f"data.source: {source} does not exist; give a folder or file of a set, or one of {_names()}")
    raise unknown_name("source of training data", source, [EMBEDDED, *KNOWN_PROBLEMS, *TASKS])


def _names() -> str:
    return ", ".join([EMBEDDED, *KNOWN_PROBLEMS])


def _read_path(data: DataConfig, path: Path, langs: Sequence[str]) -> ItemSet:
    if path.is_dir() and is_facts(path):
        return _read_facts(data.source, path, data.split, langs)
    items = read_problems(path, data.split, langs, data.columns)
    return ItemSet(source=data.source, task=TASKS[task_of_answers(path, items)], items=_by_id(items), folder=path)


def is_facts(folder: Path) -> bool:
    """Return whether a folder is a set of facts as `xleval build-polyfact` writes it: options with their ids."""
    from pyarrow import parquet

    file = next((path for path in sorted(folder.glob("*/*.parquet")) if path.parent.name != "parallel"), None)
    if file is None:
        return False
    with reading_parquet(file), parquet.ParquetFile(file) as table:
        return {"fact_id", "option_ids"} <= set(table.schema_arrow.names)


def _read_facts(source: str, folder: Path, split: str, langs: Sequence[str]) -> ItemSet:
    there = languages_of(folder, split)
    if not there:
        splits = sorted({path.stem.partition("-0")[0] for path in folder.glob("en/*.parquet")})
        raise ConfigError(
            f"data.split: {source} has no split {split!r}; it has {', '.join(splits) or 'no English file'}"
        )
    if lacking := [lang for lang in langs if lang not in there]:
        raise lacks_languages(source, lacking, there, split)
    items = polyfact.load(folder, langs, split=split)
    return ItemSet(source=source, task=POLYFACT_FREE, items=_by_id(items), folder=folder)


def _read_task(name: str, langs: Sequence[str]) -> ItemSet:
    """Return the items of a task whose data is at hand, with the examples that it is asked with."""
    task = TASKS[name]
    folder = None if task.is_embedded else data_folder(task, {})
    if folder is None and not task.is_embedded:
        raise ConfigError(f"data.source: the data of {name} is not at hand; put it at $XLEVAL_DATA/{task.data_name}")
    loaded = load_task(task, folder, langs, None)
    if loaded.skipped:
        raise lacks_languages(name, list(loaded.skipped), loaded.items, "")
    return ItemSet(source=name, task=task, items=_by_id(loaded.items), shots=loaded.shots, folder=folder)


def _task(name: str, found: ItemSet) -> Task:
    """Return the task that the configuration names, where it can ask such items."""
    if name not in TASKS:
        raise unknown_name("task", name, TASKS)
    task = TASKS[name]
    if (task.data_name == "polyfact") != found.is_facts:
        raise ConfigError(
            f"data.task is {name} and data.source is {found.source}, whose items are "
            f"{'facts with options' if found.is_facts else 'problems without options'}; "
            f"leave data.task out, then it is {found.task.name}"
        )
    if task.kind != "generation":
        raise ConfigError(
            f"data.task is {name}, which scores given options; a training needs a task that writes its answer: "
            "polyfact_free for facts"
        )
    return task


def _by_id(items: Mapping[str, Sequence[TaskItem]]) -> dict[str, dict[str, TaskItem]]:
    return {lang: {item.item_id: item for item in found} for lang, found in items.items()}


def _joined(source: str, sets: Sequence[ItemSet]) -> ItemSet:
    """Return several sets as one; expressions are compared as mathematics where any of them has some."""
    if len({found.is_facts for found in sets}) > 1:
        raise ConfigError(f"data.source {source} joins facts and problems; they are trained on apart")
    joined: dict[str, dict[str, TaskItem]] = {}
    for found in sets:
        for lang, items in found.items.items():
            if twice := joined.setdefault(lang, {}).keys() & items.keys():
                raise DataError(
                    f"data.source {source}: the item {min(twice)!r} is in two of them ({lang}); ids must differ"
                )
            joined[lang].update(items)
    tasks = {found.task.name: found.task for found in sets}
    return ItemSet(source=source, task=tasks.get("math500", sets[0].task), items=joined)
