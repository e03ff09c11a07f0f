"""Which rows are trained on and which are only scored, before and after."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from xleval.errors import XlevalError
from xleval.training.config.schema import DataConfig, TrainConfig

#: Split that held-out pairs come from where the training's source has it.
SPLIT = "validation"


class _Row(Protocol):
    @property
    def item_id(self) -> str: ...


RowT = TypeVar("RowT", bound=_Row)


def train_and_held_out(config: TrainConfig, read: Callable[[DataConfig], list[RowT]]) -> tuple[list[RowT], list[RowT]]:
    """Return the rows to train on, and those of `monitor.limit` other items.

    The others are of `monitor.source`, else of the validation split of the training's source, else of the last items of
    the training, a tenth of them at most, which are then not trained on. All languages of an item are on one side.

    Args:
        config: the training.
        read: reads the rows of a source.

    Raises:
        ConfigError, DataError: the training's rows, or those of `monitor.source`, cannot be read.
    """
    rows = read(config.data)
    if config.monitor.limit < 1:
        return rows, []
    other = _read_others(config, read)
    trained = {row.item_id for row in rows}
    fresh = [row for row in other if row.item_id not in trained]
    if fresh or config.monitor.source:
        return rows, _first_items(fresh, config.monitor.limit)
    return held_apart(rows, config.monitor.limit)


def _read_others(config: TrainConfig, read: Callable[[DataConfig], list[RowT]]) -> list[RowT]:
    data = config.data
    if config.monitor.source:
        return read(replace(data, source=config.monitor.source, limit=None, columns={}, relations=()))
    if data.split == SPLIT:
        return []
    try:
        return read(replace(data, split=SPLIT, limit=None))
    except XlevalError:
        return []  # the source has no such split: items of the training are held out instead


def _first_items(rows: Sequence[RowT], limit: int) -> list[RowT]:
    kept = set(list(dict.fromkeys(row.item_id for row in rows))[:limit])
    return [row for row in rows if row.item_id in kept]


def held_apart(rows: Sequence[RowT], limit: int) -> tuple[list[RowT], list[RowT]]:
    """Return rows to train on and held-out ones: those of the last items, a tenth and `limit` items at most.

    All languages of an item are on one side.
    """
    items = list(dict.fromkeys(row.item_id for row in rows))
    held = set(items[len(items) - min(limit, len(items) // 10) :])
    return [row for row in rows if row.item_id not in held], [row for row in rows if row.item_id in held]
