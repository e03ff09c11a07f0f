"""What of a training is compared with test sets: facts by their ids, everything else by its texts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from xleval.data.overlap import OverlapItem
from xleval.training.config.schema import DataConfig
from xleval.training.sets.instruction_pairs import read_instructions
from xleval.training.sets.item_set import ItemSet, read_items
from xleval.training.sets.kinds import source_kind
from xleval.training.sets.selection import choose
from xleval.training.sets.text_rows import text_rows

#: Texts of a corpus that are compared: more would take longer than the training's start can wait.
MOST_TEXTS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainTexts:
    """A training's items as they are compared.

    Attributes:
        ids: of the items.
        is_facts: whether ids are compared.
        texts: questions with answers in every language; empty for facts.
        folder: of the set, for its own test splits; None without.
        is_running: whether they are running texts, in which only copies of a test item are looked for.
        notes: what is not compared, a sentence each.
    """

    ids: tuple[str, ...]
    is_facts: bool = False
    texts: tuple[OverlapItem, ...] = ()
    folder: Path | None = None
    is_running: bool = False
    notes: tuple[str, ...] = ()


def train_texts(data: DataConfig) -> TrainTexts:
    """Return what could be trained on: all items that pass the filters, so that no limit or seed decides what is refused.

    Raises:
        ConfigError, DataError: as `read_items` and `choose`.
    """
    kind = source_kind(data)
    if kind == "instructions":
        return _instructions(data)
    if kind == "texts":
        return _texts(data)
    items = read_items(data)
    unlimited = replace(data, limit=None, order="as-is")
    return item_texts(items, choose(items, unlimited, seed=0).ids)


def _instructions(data: DataConfig) -> TrainTexts:
    """Return the instructions; answers of instructions are long and say nothing about whether two are the same."""
    found = read_instructions(replace(data, on_overlap="allow"), data.langs)
    texts = tuple(
        OverlapItem(item_id=item_id, text=each.text, lang=lang)
        for lang, items in found.items()
        for item_id, each in items.items()
    )
    return TrainTexts(ids=tuple(dict.fromkeys(each.item_id for each in texts)), texts=texts)


def _texts(data: DataConfig) -> TrainTexts:
    """Return the first texts of a corpus; an item of several languages is one text, compared in the first of them."""
    first = list(
        islice(text_rows(replace(data, order="as-is", limit=None, on_overlap="allow"), seed=0), MOST_TEXTS + 1)
    )
    notes: tuple[str, ...] = ()
    if len(first) > MOST_TEXTS:
        notes = (
            f"data.source {data.source}: its first {MOST_TEXTS} texts are compared with test sets, not the others.",
        )
    texts = tuple(
        OverlapItem(item_id=f"{row.item_id}/{number}", text=line, lang=row.lang if row.lang in data.langs else "en")
        for row in first[:MOST_TEXTS]
        for number, line in enumerate(row.text.split("\n"))
        if line.strip()
    )
    return TrainTexts(ids=tuple(row.item_id for row in first[:MOST_TEXTS]), texts=texts, is_running=True, notes=notes)


def item_texts(items: ItemSet, ids: Sequence[str]) -> TrainTexts:
    """Return some items of a set as they are compared."""
    if items.is_facts:
        return TrainTexts(is_facts=True, ids=tuple(ids), folder=items.folder)
    texts = tuple(
        OverlapItem(item_id=item_id, text=found[item_id].question, answer=found[item_id].gold, lang=lang)
        for lang, found in items.items.items()
        for item_id in ids
    )
    return TrainTexts(ids=tuple(ids), texts=texts, folder=items.folder)
