"""Which items of a set are trained on, and in which order: the same ones in every language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from xleval.data.reasoning.levels import curriculum_order, level_of, simplerl_mixture
from xleval.data.reasoning.records import SourceItem
from xleval.errors import ConfigError
from xleval.evalkit.task import TaskItem
from xleval.training.config.schema import DataConfig
from xleval.training.sets.item_set import ItemSet
from xleval.training.sets.regimes import rank


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Items that are trained on.

    Attributes:
        ids: in the order of the training.
        dropped: why others are not among them, in words -> how many; the limit does not count as a reason.
    """

    ids: tuple[str, ...]
    dropped: Mapping[str, int] = field(default_factory=dict)


def choose(
    items: ItemSet, data: DataConfig, *, seed: int, parallel_with: ItemSet | None = None, leave_out: Sequence[str] = ()
) -> Chosen:
    """Return the items of a training.

    An item must be there in every language (also in those of `parallel_with`), pass the filters and not be among those to
    `leave_out`. Of the rest `limit` items are drawn by seed and item id alone, so that 400 items are among the 800 of
    another limit, whatever the languages are.

    Raises:
        ConfigError: nothing is left, with what took the last ones; an unknown relation or mixture, or levels that no item has.
        DataError: the items lack a level of the mixture.
    """
    first = next(iter(items.items))
    ids = list(items.items[first])
    dropped: dict[str, int] = {}

    def keep(left: Sequence[str], reason: str) -> None:
        nonlocal ids
        kept = set(left)
        if len(kept) < len(ids):
            dropped[reason] = dropped.get(reason, 0) + len(ids) - len(kept)
        if ids and not kept:
            raise ConfigError(
                f"data.source {items.source}: no item is left, the last {len(ids)} were dropped: {reason}"
            )
        ids = [item_id for item_id in ids if item_id in kept]

    both = dict(items.items) | dict(parallel_with.items if parallel_with else {})
    for lang in both:
        _count_others(items, lang, first, dropped)
        keep([item_id for item_id in ids if item_id in both[lang]], f"not in {lang}")
    keep(_of_relations(items, ids, data.relations), f"another relation than {', '.join(data.relations)}")
    keep(_of_levels(items, ids, data), "another level of difficulty")
    left_out = frozenset(leave_out)
    keep([item_id for item_id in ids if item_id not in left_out], "also in a test set")
    drawn = sorted(ids, key=lambda item_id: rank(seed, "item", item_id))[: data.limit]
    return Chosen(ids=_ordered(items, ids, drawn, data, seed), dropped=dropped)


def _count_others(items: ItemSet, lang: str, first: str, dropped: dict[str, int]) -> None:
    """Count the items that only other languages than the first have."""
    alone = len(items.items.get(lang, {}).keys() - items.items[first].keys())
    if alone:
        dropped[f"in {lang}, not in {first}"] = alone


def _of_relations(items: ItemSet, ids: Sequence[str], relations: Sequence[str]) -> list[str]:
    if not relations:
        return list(ids)
    if not items.is_facts:
        raise ConfigError(
            f"data.relations is {', '.join(relations)} and data.source is {items.source}, which has no facts; leave it out"
        )
    texts = _first(items)
    there = {texts[item_id].groups.get("property_id", "") for item_id in ids}
    if unknown := [pid for pid in relations if pid not in there]:
        raise ConfigError(
            f"data.relations: {items.source} has no facts of {', '.join(unknown)} in these languages; "
            f"it has {', '.join(sorted(there))}"
        )
    return [item_id for item_id in ids if texts[item_id].groups["property_id"] in relations]


def _of_levels(items: ItemSet, ids: Sequence[str], data: DataConfig) -> list[str]:
    """Return the items of the mixture and the levels asked for."""
    texts = _first(items)
    left = list(ids)
    if data.mixture:
        sources = [as_source_item(texts[item_id]) for item_id in left]
        # GSM8K states no level; what has one is MATH's.
        gsm8k = [item for item in sources if level_of(item) is None]
        maths = [item for item in sources if level_of(item) is not None]
        kept = {item.item_id for item in simplerl_mixture(data.mixture, maths=maths, gsm8k=gsm8k)}
        left = [item_id for item_id in left if item_id in kept]
    if data.levels:
        of_item = {item_id: level_of(as_source_item(texts[item_id])) for item_id in left}
        there = sorted({level for level in of_item.values() if level is not None})
        if unknown := [str(level) for level in data.levels if level not in there]:
            raise ConfigError(
                f"data.levels: {items.source} has no items of level {', '.join(unknown)}; it has "
                f"{', '.join(map(str, there)) or 'no levels'}"
            )
        left = [item_id for item_id in left if of_item[item_id] in data.levels]
    return left


def _ordered(items: ItemSet, ids: Sequence[str], drawn: Sequence[str], data: DataConfig, seed: int) -> tuple[str, ...]:
    """Return the drawn items in the order of the training."""
    if data.order == "shuffled":
        return tuple(drawn)
    chosen = set(drawn)
    in_place = [item_id for item_id in ids if item_id in chosen]
    if data.order == "as-is":
        return tuple(in_place)
    texts = _first(items)
    sources = [as_source_item(texts[item_id]) for item_id in in_place]
    if all(level_of(item) is None for item in sources):
        raise ConfigError(
            f"data.order is curriculum and the items of {items.source} have no level; "
            "use the order shuffled, or a set with a column `level` (data.columns.level names another one)"
        )
    return tuple(item.item_id for item in curriculum_order(sources, seed=seed))


def _first(items: ItemSet) -> Mapping[str, TaskItem]:
    return next(iter(items.items.values()))


def as_source_item(item: TaskItem) -> SourceItem:
    """Return an item as the builders of reasoning sets know it."""
    return SourceItem(
        item_id=item.item_id, question=item.question, answer=item.gold, solution=item.solution, groups=item.groups
    )
