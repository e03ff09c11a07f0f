"""Train, validation and test without a bridge between them: facts that tell of each other stay together."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from xleval.data.storage import sha256_of
from xleval.polyfact.records import Fact
from xleval.polyfact.relations import RELATIONS

SPLITS = ("train", "validation", "test")


def components(facts: Sequence[Fact]) -> dict[str, str]:
    """Return a component name for each fact id: same subject, same pair {s, o}, or joined by an inverse relation (E14).

    France P36 Paris and Paris P1376 France have different subjects and say the same, so the subjects of a functional
    relation with an inverse and of that inverse are one unit, whether or not both facts are in the set.
    """
    parent: dict[str, str] = {}

    def find(node: str) -> str:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    def join(one: str, other: str) -> None:
        first, second = sorted((find(one), find(other)))
        parent[second] = first

    pairs: dict[frozenset[str], str] = {}
    for fact in facts:
        if RELATIONS[fact.relation_pid].inverse:
            join(fact.subject_qid, fact.object_qid)
        pair = frozenset((fact.subject_qid, fact.object_qid))
        join(fact.subject_qid, pairs.setdefault(pair, fact.subject_qid))
    return {fact.fact_id: find(fact.subject_qid) for fact in facts}


def assign_splits(facts: Sequence[Fact], fractions: Mapping[str, float], seed: int) -> dict[str, str]:
    """Return the split of each fact id, whole components together, each relation near its share in every split.

    Components are dealt largest first, ties by a hash of the seed, each to the split whose wanted number of facts of
    the component's relations is furthest from filled.

    Args:
        facts: all facts of the set.
        fractions: split name to share of the facts; shares sum to 1.
        seed: another seed, other splits.
    """
    unit_of = components(facts)
    units: dict[str, list[Fact]] = defaultdict(list)
    wanted: dict[tuple[str, str], float] = defaultdict(float)
    for fact in facts:
        units[unit_of[fact.fact_id]].append(fact)
        for split, fraction in fractions.items():
            wanted[split, fact.relation_pid] += fraction
    given: dict[tuple[str, str], int] = defaultdict(int)
    assigned: dict[str, str] = {}
    for name in sorted(units, key=lambda name: (-len(units[name]), sha256_of([seed, "split", name]))):
        unit = units[name]

        def need(split: str, unit: Sequence[Fact] = unit) -> float:
            return sum(1 - given[split, fact.relation_pid] / wanted[split, fact.relation_pid] for fact in unit)

        split = max((split for split in fractions if fractions[split] > 0), key=need)
        for fact in unit:
            given[split, fact.relation_pid] += 1
            assigned[fact.fact_id] = split
    return assigned
