"""Difficulty: levels of a set, SimpleRL-Zoo's three mixtures, and an order from easy to hard.

Levels are MATH's own, 1 (easiest) to 5 (Hendrycks et al. 2021, arXiv 2103.03874). SimpleRL-Zoo (Zeng et al. 2025,
arXiv 2503.18892, section 2.1) trains on easy (GSM8K and MATH level 1), medium (MATH 1 to 4) and hard (MATH 3 to 5). GSM8K
states no level; as in that mixture it stands at the easy end, before level 1.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from xleval.data.reasoning.records import SourceItem
from xleval.errors import DataError, unknown_name

#: levels of MATH in each mixture of SimpleRL-Zoo
MIXTURES: Mapping[str, tuple[int, ...]] = MappingProxyType({"easy": (1,), "medium": (1, 2, 3, 4), "hard": (3, 4, 5)})
_LEVEL = re.compile(r"(?:level\s*)?(\d+)", re.IGNORECASE)


def level_of(item: SourceItem) -> int | None:
    """Return the level that an item states (`5` and `Level 5` are 5); None without one."""
    found = _LEVEL.fullmatch(item.groups.get("level", "").strip())
    return None if found is None else int(found[1])


def by_level(items: Sequence[SourceItem]) -> dict[int, list[SourceItem]]:
    """Return the items of each level, easy levels first, in the order given; items without a level are in none."""
    found: dict[int, list[SourceItem]] = {}
    for item in items:
        level = level_of(item)
        if level is not None:
            found.setdefault(level, []).append(item)
    return dict(sorted(found.items()))


def curriculum_order(items: Sequence[SourceItem], *, seed: int) -> list[SourceItem]:
    """Return the items from easy to hard; within a level in an order that depends on the seed and the identifiers alone.

    An item keeps its place relative to the others when items are added or removed. Items without a level come first.

    Args:
        items: identifiers must differ.
        seed: any number.
    """

    def place(item: SourceItem) -> tuple[int, bytes]:
        level = level_of(item)
        return -1 if level is None else level, hashlib.sha256(f"{seed}:{item.item_id}".encode()).digest()

    return sorted(items, key=place)


def simplerl_mixture(name: str, *, maths: Sequence[SourceItem], gsm8k: Sequence[SourceItem] = ()) -> list[SourceItem]:
    """Return the items of a mixture of SimpleRL-Zoo, GSM8K first, in the order given.

    Args:
        name: `easy`, `medium` or `hard`.
        maths: items of MATH with levels; those of other levels are not taken. The file published as level3to5 makes `hard`.
        gsm8k: needed for `easy`.

    Raises:
        ConfigError: unknown name.
        DataError: the items lack a level of the mixture, or GSM8K.
    """
    if name not in MIXTURES:
        raise unknown_name("mixture of SimpleRL-Zoo", name, MIXTURES)
    levels = by_level(maths)
    missing = [str(level) for level in MIXTURES[name] if level not in levels]
    if missing:
        raise DataError(
            f"the mixture {name!r} needs MATH level {', '.join(missing)}, and the items given have "
            f"{', '.join(map(str, levels)) or 'no level'}. Give a source with all of MATH's levels"
        )
    if name == "easy" and not gsm8k:
        raise DataError("the mixture 'easy' needs items of GSM8K beside MATH level 1. Give the source gsm8k, too")
    wanted = set(MIXTURES[name])
    return [*(gsm8k if name == "easy" else ()), *(item for item in maths if level_of(item) in wanted)]
