"""Which facts are asked in which languages, where not every fact can be asked in all of them.

Options are exchangeable among facts that are asked in the same languages, and not beyond: a person who is known in
Swahili is more often American than one who is not, so among options drawn for all people the American one would be right
more often in the Swahili items. Facts of a relation are therefore put into a few groups by language set, and options are
drawn, and answers capped, within a group. A fact may lose a language or two to its group; a set in which every fact is
asked in every language has one group for each relation.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from xleval.polyfact.records import Fact, Reject
from xleval.polyfact.selection import cap_answers

#: More groups keep more languages of each fact, and leave fewer facts to draw options from in each.
MAX_GROUPS = 32
#: A group is worth having from so many facts on.
MIN_FACTS = 8
#: So many of the most frequent language sets can be groups, …
_ALONE = 300
#: … and so many are also looked at in pairs, for what they share.
_PAIRED = 40

Languages = tuple[str, ...]


def choose_language_sets(counts: Mapping[Languages, int], min_langs: int) -> list[Languages]:
    """Return the language sets of a relation's groups, the largest first.

    Sets are chosen one after the other, each the one by which most (fact, language) pairs are gained.

    Args:
        counts: number of facts by the languages in which they can be asked, each in the order of the set's languages.
        min_langs: smallest set.
    """
    sets = sorted(counts, key=lambda langs: (-counts[langs], langs))
    shared = {tuple(lang for lang in one if lang in other) for one in sets[:_PAIRED] for other in sets[:_PAIRED]}
    candidates = sorted(langs for langs in shared | set(sets[:_ALONE]) if len(langs) >= min_langs)
    if not candidates:
        return []
    n_facts = np.array([counts[langs] for langs in sets])
    fits = np.array([[set(langs).issuperset(group) for langs in sets] for group in candidates])
    sizes = np.array([len(group) for group in candidates])
    reached = np.zeros(len(sets), dtype=np.int64)  # languages in which the facts of each set are asked so far
    chosen: list[int] = []
    while len(chosen) < MAX_GROUPS:
        gained = np.clip(sizes[:, None] - reached, 0, None) * fits
        gains = gained @ n_facts
        if chosen:
            gains[(gained > 0) @ n_facts < MIN_FACTS] = 0
        best = int(np.argmax(gains))
        if gains[best] == 0:
            break
        chosen.append(best)
        reached = np.maximum(reached, sizes[best] * fits[best])
    return sorted((candidates[place] for place in chosen), key=lambda langs: (-len(langs), langs))


def assign_languages(
    facts: Sequence[Fact], langs: Mapping[str, Languages], min_langs: int, answer_cap: float, seed: int
) -> tuple[dict[str, Languages], list[Reject]]:
    """Return the languages in which each fact is asked, by fact id, and the facts that no group takes.

    A fact goes to the largest set that it can be asked in. What the answer cap leaves out of a group is offered to the
    smaller ones.

    Args:
        facts: candidates of all relations.
        langs: the languages in which each can be asked, by fact id.
        min_langs: in how many it must be.
        answer_cap: largest share of a group with the same gold.
        seed: decides which facts of a frequent answer stay.
    """
    by_relation: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        by_relation[fact.relation_pid].append(fact)
    assigned: dict[str, Languages] = {}
    rejects: list[Reject] = []
    for _, waiting in sorted(by_relation.items()):
        dropped: dict[str, Reject] = {}
        counts = Counter(langs[fact.fact_id] for fact in waiting)
        for group in choose_language_sets(counts, min_langs):
            able = [fact for fact in waiting if set(group).issubset(langs[fact.fact_id])]
            kept, capped = cap_answers(able, answer_cap, seed)
            assigned |= {fact.fact_id: group for fact in kept}
            dropped |= {reject.fact_id: reject for reject in capped}
            waiting = [fact for fact in waiting if fact.fact_id not in assigned]
        rejects += [
            dropped.get(fact.fact_id)
            or Reject(fact_id=fact.fact_id, reason="small_group", detail=" ".join(langs[fact.fact_id]))
            for fact in waiting
        ]
    return assigned, rejects
