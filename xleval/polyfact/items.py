"""From facts to parallel items: the same four options in every language, in orders that give nothing away."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from xleval.data.storage import sha256_of
from xleval.polyfact import filters, names
from xleval.polyfact.distractors import N_OPTIONS, OptionPool
from xleval.polyfact.records import Entity, Fact, Item, Reject
from xleval.polyfact.relations import Template

#: A split with so many different answers to a relation draws its options from them alone.
MIN_SPLIT_POOL = 8


def make_items(
    facts: Sequence[Fact],
    entities: Mapping[str, Entity],
    templates: Callable[[Fact], Mapping[str, Template]],
    true_values: Mapping[tuple[str, str], frozenset[str]],
    split_of: Mapping[str, str],
    languages: Sequence[str],
    seed: int,
) -> tuple[list[Item], list[Reject]]:
    """Return items with gold and three distractors from the relation's own answers, and facts for which there are none.

    The answers are those of the item's own split where it has `MIN_SPLIT_POOL` of them. Were they those of the whole
    relation, an option that was gold in train would be no answer in test wherever an answer is gold only once: a
    capital is the capital of one country.

    Args:
        facts: after the answer cap.
        entities: every subject and answer, by Q-id.
        templates: the wording of a fact's question, by language.
        true_values: every value that is or may be true, by (subject, relation).
        split_of: split of each fact id.
        languages: codes; an option must be unrevealing and unlike the others in each of them.
        seed: decides the draws, together with the fact id.
    """
    pools = _pools(facts, split_of)
    items: list[Item] = []
    rejects: list[Reject] = []
    for fact in facts:
        split = split_of[fact.fact_id]
        pool = pools.get((fact.relation_pid, split)) or pools.get((fact.relation_pid, ""))
        if pool is None:
            rejects.append(Reject(fact_id=fact.fact_id, reason="small_pool"))
            continue
        check = _OptionCheck(
            entities[fact.subject_qid], true_values, fact.relation_pid, entities, templates(fact), languages
        )
        drawn = pool.draw(fact.object_qid, f"{seed}|{fact.fact_id}", allowed=check.allows, fits=check.fits)
        if drawn is None:
            rejects.append(Reject(fact_id=fact.fact_id, reason="no_distractors"))
        else:
            kind = entities[fact.subject_qid].kind
            items.append(Item(fact=fact, subject_kind=kind, option_qids=(fact.object_qid, *drawn), split=split))
    return items, rejects


def _pools(facts: Sequence[Fact], split_of: Mapping[str, str]) -> dict[tuple[str, str], OptionPool]:
    """Return the answers to draw from by (relation, split); the split is empty for those of the whole relation."""
    golds: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for fact in facts:
        golds[fact.relation_pid, split_of[fact.fact_id]][fact.object_qid] += 1
        golds[fact.relation_pid, ""][fact.object_qid] += 1
    return {
        (pid, split): OptionPool(counts)
        for (pid, split), counts in golds.items()
        if len(counts) >= (MIN_SPLIT_POOL if split else N_OPTIONS)
    }


class _OptionCheck:
    """Which options one item can have."""

    def __init__(
        self,
        subject: Entity,
        true_values: Mapping[tuple[str, str], frozenset[str]],
        relation_pid: str,
        entities: Mapping[str, Entity],
        wording: Mapping[str, Template],
        languages: Sequence[str],
    ) -> None:
        self._subject, self._entities, self._wording, self._languages = subject, entities, wording, languages
        self._true = true_values[subject.qid, relation_pid]
        self._true_names = {
            lang: {names.fold(name) for qid in self._true if qid in entities for name in entities[qid].names(lang)}
            for lang in languages
        }

    def allows(self, qid: str) -> bool:
        """Whether an answer is wrong here and shows neither itself nor its stem in the question."""
        option = self._entities[qid]
        if qid in self._true or qid == self._subject.qid:
            return False
        if any(names.fold(option.labels[lang].text) in self._true_names[lang] for lang in self._languages):
            return False  # a homonym of a true value is read as true
        return filters.reveals(option, self._subject, self._wording, self._languages) is None

    def fits(self, qids: Sequence[str]) -> bool:
        """Whether options go together in one item."""
        return options_differ([self._entities[qid] for qid in qids], self._languages)


def options_differ(options: Sequence[Entity], languages: Sequence[str]) -> bool:
    """Whether no two options look alike in any language: equal, or one is the other and a word more (class 30)."""
    for lang in languages:
        labels = [option.labels[lang].text for option in options]
        for index, one in enumerate(labels):
            for other in labels[index + 1 :]:
                if names.fold(one) == names.fold(other) or names.differ_by_head_word(one, other, lang):
                    return False
    return True


def shuffle_options(items: Sequence[Item], languages: Sequence[str], seed: int) -> list[Item]:
    """Return items with an order of options for each language, in which the gold stands in each place equally often.

    Within each split and language the places are dealt in turn over the items sorted by a hash, so no place is gold
    more than one time above its share; the distractors are shuffled in the places that are left.
    """
    orders: dict[str, dict[str, tuple[int, ...]]] = {item.fact.fact_id: {} for item in items}
    for split in sorted({item.split for item in items}):
        group = [item.fact.fact_id for item in items if item.split == split]
        for lang in languages:
            dealt = sorted(group, key=lambda fact_id: sha256_of([seed, "place", lang, fact_id]))
            for turn, fact_id in enumerate(dealt):
                generator = np.random.default_rng(int(sha256_of([seed, "order", lang, fact_id])[:16], 16))
                order = [int(index) + 1 for index in generator.permutation(N_OPTIONS - 1)]
                order.insert(turn % N_OPTIONS, 0)
                orders[fact_id][lang] = tuple(order)
    return [replace(item, order=orders[item.fact.fact_id]) for item in items]
