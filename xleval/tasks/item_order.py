"""In which order items are asked: so that the first ones, which `--limit` takes, are of every kind.

Published files hold one subject or relation after the other. Ids are given before the order is changed, and the order is
the same in every language.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from xleval.evalkit.task import TaskItem


def in_turn(found: Mapping[str, Sequence[TaskItem]], *groups: str) -> dict[str, list[TaskItem]]:
    """Return the items by language: the first of every kind, then the second of every kind, and so on.

    Args:
        found: items by language, in the order of their files.
        groups: which of an item's groups make its kind.
    """
    counts: dict[tuple[str, ...], int] = {}
    places: dict[tuple[str, ...], int] = {}
    ranks: dict[str, tuple[int, int]] = {}
    for items in found.values():
        for item in items:
            if item.item_id not in ranks:
                kind = tuple(item.groups.get(group, "") for group in groups)
                counts[kind] = counts.get(kind, 0) + 1
                ranks[item.item_id] = counts[kind], places.setdefault(kind, len(places))
    return {lang: sorted(items, key=lambda item: ranks[item.item_id]) for lang, items in found.items()}


def mixed(found: Mapping[str, Sequence[TaskItem]]) -> dict[str, list[TaskItem]]:
    """Return the items by language in the order of a hash of their ids, for sets that do not say what kind an item is."""
    return {
        lang: sorted(items, key=lambda item: sha256(item.item_id.encode()).digest()) for lang, items in found.items()
    }
