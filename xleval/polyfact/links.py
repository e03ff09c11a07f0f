"""Which items are tied so closely that one is true where the other is (defect class 28, D17)."""

from collections.abc import Iterable, Mapping

#: located in, part of, subclass of: an item is in all it reaches this way.
UP_PIDS = ("P131", "P361", "P279")
#: contains (administrative), has part: the other way round.
DOWN_PIDS = ("P150", "P527")
#: replaces, replaced by, follows, followed by, said to be the same as, different from.
PEER_PIDS = ("P1365", "P1366", "P155", "P156", "P460", "P1889")
#: What is read of every item into `WikidataEntity.links`.
LINK_PIDS = UP_PIDS + DOWN_PIDS + PEER_PIDS


def parents(links: Iterable[str]) -> frozenset[str]:
    """Return the items that an item is in, part of or a kind of, one step up; `links` as in `WikidataEntity.links`."""
    return frozenset(target for pid, target in map(str.split, links) if pid in UP_PIDS)


class Ties:
    """Answers "are these two items tied?" for the options of a set.

    Args:
        ancestors: everything above each option (`Source.ancestors`).
        links: `WikidataEntity.links` of each option.
    """

    def __init__(self, ancestors: Mapping[str, frozenset[str]], links: Mapping[str, Iterable[str]]) -> None:
        self._ancestors = ancestors
        self._direct: dict[str, frozenset[str]] = {
            qid: frozenset(target for pid, target in map(str.split, found) if pid in DOWN_PIDS + PEER_PIDS)
            for qid, found in links.items()
        }

    def tied(self, one: str, other: str) -> bool:
        """Whether one holds, is in, is part of, is a kind of, succeeds or is said to be the other."""
        nothing: frozenset[str] = frozenset()
        return (
            other in self._ancestors.get(one, nothing)
            or one in self._ancestors.get(other, nothing)
            or other in self._direct.get(one, nothing)
            or one in self._direct.get(other, nothing)
        )
