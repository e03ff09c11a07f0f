"""Facts as trainings read them: the other names of an answer, which count as right answers where options are hidden."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from xleval.data.parquet_faults import reading_parquet
from xleval.evalkit.task import TaskItem
from xleval.training.sets.item_set import ItemSet

AddNames = Callable[[TaskItem, str], TaskItem]


def with_aliases(items: ItemSet) -> AddNames:
    """Return what adds the other names of a fact's answer to its options, with the answer's id, as `polyfact_free` does.

    A name that another option has too is not added. Items that are no facts stay as they are, and so does a fact
    without a right option: its names would count as those of another one.
    """
    if not items.is_facts or items.folder is None:
        return lambda item, lang: item
    names = {lang: _names(items.folder, lang) for lang in items.items}

    def add(item: TaskItem, lang: str) -> TaskItem:
        if item.gold_index is None:
            return item
        new = tuple(name for name in dict.fromkeys(names[lang].get(item.item_id, ())) if name not in item.choices)
        answer = item.choice_ids[item.gold_index]
        return replace(item, choices=(*item.choices, *new), choice_ids=(*item.choice_ids, *(answer for _ in new)))

    return add


def _names(folder: Path, lang: str) -> dict[str, tuple[str, ...]]:
    """Return the other names of the answers of all splits, by fact."""
    from pyarrow import parquet

    found = {}
    for path in sorted(folder.glob(f"{lang}/*.parquet")):
        with reading_parquet(path), parquet.ParquetFile(path) as file:
            if "answer_aliases" not in file.schema_arrow.names:
                continue
            rows = file.read(["fact_id", "answer_aliases"]).to_pylist()
        found.update({row["fact_id"]: tuple(row["answer_aliases"] or ()) for row in rows})
    return found
