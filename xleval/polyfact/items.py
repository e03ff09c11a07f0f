"""From facts to parallel items: the same four options in every language, in orders that give nothing away."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from xleval.data.storage import sha256_of
from xleval.polyfact import names
from xleval.polyfact.distractors import N_OPTIONS, OptionPool
from xleval.polyfact.leaks import AskedSubject, LeakGuard
from xleval.polyfact.links import Ties
from xleval.polyfact.records import Entity, Fact, Item, Reject

#: A split with so many different answers to a relation draws its options from them alone.
MIN_SPLIT_POOL = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Askable:
    """What is known about candidates when options are drawn.

    Attributes:
        entities: items by Q-id.
        usable: the languages in which an item can be named, by Q-id.
        true_values: every value that is, was or may be true, by (subject, relation).
        guard: tells what shows in a question.
        ties: tells which options are tied to each other.
    """

    entities: Mapping[str, Entity]
    usable: Mapping[str, frozenset[str]]
    true_values: Mapping[tuple[str, str], frozenset[str]]
    guard: LeakGuard
    ties: Ties


def make_items(
    facts: Sequence[Fact],
    langs: Sequence[str],
    askable: Askable,
    split_of: Mapping[str, str],
    seed: int,
    others: Sequence[Fact] = (),
) -> tuple[list[Item], list[Reject]]:
    """Return items with gold and three distractors from the relation's own answers, and facts for which there are none.

    The answers are those of the item's own split where it has `MIN_SPLIT_POOL` of them. Were they those of the whole
    relation, an option that was gold in train would be no answer in test wherever an answer is gold only once: a
    capital is the capital of one country.

    Args:
        facts: of one relation, after the answer cap; all of them are asked in `langs`.
        langs: languages; an option has a name in each.
        askable: what is known about them.
        split_of: split of each fact id.
        seed: decides the draws, together with the fact id.
        others: facts of the relation that are not asked here, whose answers are wrong options as well.
    """
    pools = _pools([*facts, *others], split_of)
    items: list[Item] = []
    rejects: list[Reject] = []
    for fact in facts:
        split = split_of.get(fact.fact_id, "")
        pool = pools.get((fact.relation_pid, split)) or pools.get((fact.relation_pid, ""))
        if pool is None:
            rejects.append(Reject(fact_id=fact.fact_id, reason="small_pool"))
            continue
        check = _OptionCheck(fact, langs, askable)
        drawn = pool.draw(fact.object_qid, f"{seed}|{fact.fact_id}", allowed=check.allows, fits=check.fits)
        if drawn is None:
            rejects.append(Reject(fact_id=fact.fact_id, reason="no_distractors"))
        else:
            items.append(
                Item(
                    fact=fact,
                    subject_kind=askable.entities[fact.subject_qid].kind,
                    option_qids=(fact.object_qid, *drawn),
                    langs=tuple(langs),
                    split=split,
                )
            )
    return items, rejects


def _pools(facts: Sequence[Fact], split_of: Mapping[str, str]) -> dict[tuple[str, str], OptionPool]:
    """Return the answers to draw from by (relation, split); the split is empty for those of the whole relation."""
    golds: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for fact in facts:
        golds[fact.relation_pid, ""][fact.object_qid] += 1
        if split := split_of.get(fact.fact_id):
            golds[fact.relation_pid, split][fact.object_qid] += 1
    return {
        (pid, split): OptionPool(counts)
        for (pid, split), counts in golds.items()
        if len(counts) >= (MIN_SPLIT_POOL if split else N_OPTIONS)
    }


class _OptionCheck:
    """Which options one item can have."""

    def __init__(self, fact: Fact, langs: Sequence[str], askable: Askable) -> None:
        self._fact, self._langs, self._askable = fact, langs, askable
        self._asked: AskedSubject = askable.guard.subject(fact, self._langs)
        self._true = askable.true_values[fact.subject_qid, fact.relation_pid]
        self._true_names = {
            lang: frozenset(
                names.fold(name)
                for qid in self._true
                if qid in askable.entities
                for name in askable.entities[qid].names(lang)
            )
            for lang in self._langs
        }

    def allows(self, qid: str) -> bool:
        """Whether an answer is wrong here, has a name in every language and shows neither itself nor its stem."""
        if qid in self._true or qid == self._fact.subject_qid:
            return False
        if not self._askable.usable[qid].issuperset(self._langs):
            return False
        if any(self._askable.ties.tied(qid, value) for value in self._true):
            return False  # where Europe is true, Eurasia is not wrong
        option = self._askable.guard.option
        if any(option(qid, lang).folded in self._true_names[lang] for lang in self._langs):
            return False  # a homonym of a true value is read as true
        return not self._askable.guard.shows(qid, self._asked, self._langs)

    def fits(self, qids: Sequence[str]) -> bool:
        """Whether options go together in one item: unlike each other in every language and not tied."""
        pairs = [(one, other) for index, one in enumerate(qids) for other in qids[index + 1 :]]
        if any(self._askable.ties.tied(one, other) for one, other in pairs):
            return False
        option = self._askable.guard.option
        return not any(
            names.keys_alike(option(one, lang), option(other, lang)) for lang in self._langs for one, other in pairs
        )


#: The orders of three distractors.
_ORDERS = ((1, 2, 3), (1, 3, 2), (2, 1, 3), (2, 3, 1), (3, 1, 2), (3, 2, 1))


def shuffle_options(items: Sequence[Item], languages: Sequence[str], seed: int) -> list[Item]:
    """Return items with an order of options for each language, in which the gold stands in each place equally often.

    Within each split and language the places are dealt in turn over the items sorted by a hash, so no place is gold
    more than one time above its share; the distractors are shuffled in the places that are left.
    """
    orders: dict[str, dict[str, tuple[int, ...]]] = {item.fact.fact_id: {} for item in items}
    for split in sorted({item.split for item in items}):
        for lang in languages:
            group = [item.fact.fact_id for item in items if item.split == split and lang in item.langs]
            hashes = {fact_id: sha256_of([seed, "place", lang, fact_id]) for fact_id in group}
            for turn, fact_id in enumerate(sorted(group, key=hashes.__getitem__)):
                # The end of the hash, not its beginning: that one decided the place of the gold.
                order = list(_ORDERS[int(hashes[fact_id][-16:], 16) % len(_ORDERS)])
                order.insert(turn % N_OPTIONS, 0)
                orders[fact_id][lang] = tuple(order)
    return [replace(item, order=orders[item.fact.fact_id]) for item in items]
