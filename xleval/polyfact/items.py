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


def make_items(
    facts: Sequence[Fact],
    entities: Mapping[str, Entity],
    templates: Callable[[Fact], Mapping[str, Template]],
    true_values: Mapping[tuple[str, str], frozenset[str]],
    languages: Sequence[str],
    seed: int,
) -> tuple[list[Item], list[Reject]]:
    """Return items with gold and three distractors from the relation's own answers, and facts for which there are none.

    Args:
        facts: after the answer cap.
        entities: every subject and answer, by Q-id.
        templates: the wording of a fact's question, by language.
        true_values: every value that is or may be true, by (subject, relation).
        languages: codes; an option must be unrevealing and unlike the others in each of them.
        seed: decides the draws, together with the fact id.
    """
    golds: dict[str, Counter[str]] = defaultdict(Counter)
    for fact in facts:
        golds[fact.relation_pid][fact.object_qid] += 1
    pools = {pid: OptionPool(counts) for pid, counts in golds.items() if len(counts) >= N_OPTIONS}
    items: list[Item] = []
    rejects: list[Reject] = []
    for fact in facts:
        if fact.relation_pid not in pools:
            found = f"{len(golds[fact.relation_pid])} answers"
            rejects.append(Reject(fact_id=fact.fact_id, reason="small_pool", detail=found))
            continue
        check = _OptionCheck(
            entities[fact.subject_qid], true_values, fact.relation_pid, entities, templates(fact), languages
        )
        drawn = pools[fact.relation_pid].draw(fact.object_qid, check.fits, f"{seed}|{fact.fact_id}")
        if drawn is None:
            rejects.append(Reject(fact_id=fact.fact_id, reason="no_distractors"))
        else:
            kind = entities[fact.subject_qid].kind
            items.append(Item(fact=fact, subject_kind=kind, option_qids=(fact.object_qid, *drawn)))
    return items, rejects


class _OptionCheck:
    """Which options one item can have; each answer is looked at once, however often it is drawn."""

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
        self._allowed: dict[str, bool] = {}

    def fits(self, qids: Sequence[str]) -> bool:
        """Whether a gold and three others, gold first, make an item."""
        for qid in qids[1:]:
            if qid not in self._allowed:
                self._allowed[qid] = self._is_wrong_and_unrevealing(self._entities[qid])
        return all(self._allowed[qid] for qid in qids[1:]) and options_differ(
            [self._entities[qid] for qid in qids], self._languages
        )

    def _is_wrong_and_unrevealing(self, option: Entity) -> bool:
        if option.qid in self._true or option.qid == self._subject.qid:
            return False
        if any(names.fold(option.labels[lang].text) in self._true_names[lang] for lang in self._languages):
            return False  # a homonym of a true value is read as true
        return filters.reveals(option, self._subject, self._wording, self._languages) is None


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
