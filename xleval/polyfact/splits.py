"""Train, validation and tests without a bridge between them: facts that tell of each other stay together.

Beside the test that is drawn as the training facts are (iid), three tests ask what was learnt (D24): answers that are
never gold in training, relations that training never sees, and a wording that training never sees. What a subject or an
inverse fact would carry over stays on one side: nothing in any test has its subject, or its pair of items, in train or
validation.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xleval.data.storage import sha256_of
from xleval.polyfact.records import Fact
from xleval.polyfact.relations import RELATIONS

TESTS = ("test", "test_unseen_object", "test_unseen_relation", "test_held_out_template")
SPLITS = ("train", "validation", *TESTS)
#: With fewer relations than this, one that is left out of training would be too much of the set.
MIN_RELATIONS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Shares of the facts that go to each split, train taking the rest.

    Attributes:
        validation: to choose checkpoints on.
        test: iid.
        unseen: each of the three other tests.
    """

    validation: float
    test: float
    unseen: float


def components(facts: Iterable[Fact]) -> dict[str, str]:
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

    facts = list(facts)
    pairs: dict[tuple[str, str], str] = {}
    for fact in facts:
        if RELATIONS[fact.relation_pid].inverse:
            join(fact.subject_qid, fact.object_qid)
        one, other = sorted((fact.subject_qid, fact.object_qid))
        join(fact.subject_qid, pairs.setdefault((one, other), fact.subject_qid))
    return {fact.fact_id: find(fact.subject_qid) for fact in facts}


def assign_splits(facts: Sequence[Fact], shares: Shares, seed: int) -> dict[str, str]:
    """Return the split of each fact id, whole components together, each relation near its share in every split.

    Facts with a reserved answer or relation go to their own test, the rest of their components to `test`; whole
    components are dealt to the other splits, largest first, ties by a hash of the seed, each to the split whose wanted
    number of facts of the component's relations is furthest from filled.

    Args:
        facts: all facts of the set.
        shares: of the facts; must leave some to train on.
        seed: another seed, other splits.
    """
    unit_of = components(facts)
    assigned = _reserved(facts, shares.unseen, seed)
    cut_off = {unit_of[fact_id] for fact_id in assigned}
    units: dict[str, list[Fact]] = defaultdict(list)
    per_relation: Counter[str] = Counter()
    for fact in facts:
        per_relation[fact.relation_pid] += 1
        if fact.fact_id in assigned:
            continue
        if unit_of[fact.fact_id] in cut_off:
            assigned[fact.fact_id] = "test"
        else:
            units[unit_of[fact.fact_id]].append(fact)
    fractions = {"validation": shares.validation, "test": shares.test, "test_held_out_template": shares.unseen}
    fractions["train"] = 1 - sum(fractions.values())
    wanted = {(split, pid): share * n for split, share in fractions.items() for pid, n in per_relation.items()}
    given = Counter((split, fact.relation_pid) for fact in facts if (split := assigned.get(fact.fact_id)))
    order = {name: sha256_of([seed, "split", name]) for name in units}
    dealt = [split for split in SPLITS if fractions.get(split, 0) > 0]
    for name in sorted(units, key=lambda name: (-len(units[name]), order[name])):
        unit = units[name]

        def need(split: str, unit: Sequence[Fact] = unit) -> float:
            return sum(1 - given[split, fact.relation_pid] / wanted[split, fact.relation_pid] for fact in unit)

        split = max(dealt, key=need)
        for fact in unit:
            given[split, fact.relation_pid] += 1
            assigned[fact.fact_id] = split
    return assigned


def _reserved(facts: Sequence[Fact], share: float, seed: int) -> dict[str, str]:
    """Return the facts of relations and answers that training is not to see, with their test.

    Relations that lose the fewest facts to other tests go first; answers are reserved in relations where they come up
    more than once, since elsewhere every answer of a test is unseen anyhow.
    """
    groups: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        groups[fact.relation_pid].append(fact)
    found: dict[str, str] = {}
    limit = share * len(facts)
    held_out: set[str] = set()
    if len(groups) >= MIN_RELATIONS:
        taken = 0
        for pid in sorted(groups, key=lambda pid: sha256_of([seed, "unseen relation", pid])):
            if taken + len(groups[pid]) <= limit and not RELATIONS[pid].inverse:
                taken += len(groups[pid])
                held_out.add(pid)
        found.update({fact.fact_id: "test_unseen_relation" for pid in held_out for fact in groups[pid]})
    for pid, group in sorted(groups.items()):
        golds = Counter(fact.object_qid for fact in group)
        if pid in held_out or RELATIONS[pid].inverse or len(golds) == len(group):
            continue
        taken, reserved = 0, set()
        for qid in sorted(golds, key=lambda qid: sha256_of([seed, "unseen object", pid, qid])):
            if taken + golds[qid] <= share * len(group):
                taken += golds[qid]
                reserved.add(qid)
        found.update({fact.fact_id: "test_unseen_object" for fact in group if fact.object_qid in reserved})
    return found
