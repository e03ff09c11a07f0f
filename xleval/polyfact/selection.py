"""Which facts are taken where there are too many: of one answer, or for the size of the set."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from xleval.data.storage import sha256_of
from xleval.polyfact.records import Fact, Reject


def cap_answers(facts: Sequence[Fact], share: float, seed: int) -> tuple[list[Fact], list[Reject]]:
    """Return facts in which no answer is gold in more than `share`, sorted by id, and those that had to go.

    Which facts of a frequent answer stay is decided by a hash of seed and fact, not by their order in the source.

    Args:
        facts: of one relation.
        share: above 0 and at most 1.
        seed: another seed, other facts.
    """
    limit = _largest_allowed(Counter(fact.object_qid for fact in facts), share)
    seen: Counter[str] = Counter()
    kept: list[Fact] = []
    rejects: list[Reject] = []
    for fact in sorted(facts, key=lambda fact: sha256_of([seed, "cap", fact.fact_id])):
        seen[fact.object_qid] += 1
        if seen[fact.object_qid] <= limit:
            kept.append(fact)
        else:
            rejects.append(
                Reject(fact_id=fact.fact_id, reason="answer_cap", detail=f"{fact.object_qid} at most {limit}")
            )
    return sorted(kept, key=lambda fact: fact.fact_id), rejects


def _largest_allowed(counts: Counter[str], share: float) -> int:
    """Return the largest number m such that, with every answer cut to m, none has more than `share` of what is left."""
    values = sorted(counts.values())
    for limit in range(max(values, default=1), 1, -1):
        if limit <= share * sum(min(count, limit) for count in values):
            return limit
    return 1


def sample(
    facts: Sequence[Fact], size: int, popularity: Mapping[str, int], seed: int
) -> tuple[list[Fact], list[Reject]]:
    """Return at most `size` facts, spread over relations and popularity, and those that were not drawn.

    Each relation gets the same number as far as it has so many. Within a relation each popularity stratum (pages about
    the subject, in powers of two) keeps its share. Within a stratum a hash of seed and fact decides.

    Args:
        facts: candidates.
        size: how many to keep.
        popularity: `n_sitelinks` by Q-id of the subject.
        seed: another seed, other facts.
    """
    if len(facts) <= size:
        return list(facts), []
    groups: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        groups[fact.relation_pid].append(fact)
    kept: list[Fact] = []
    left = size
    for place, (_, group) in enumerate(sorted(groups.items(), key=lambda pair: (len(pair[1]), pair[0]))):
        quota = min(len(group), left // (len(groups) - place))
        left -= quota
        kept += _spread(group, quota, popularity, seed)
    chosen = set(kept)
    return sorted(kept, key=lambda fact: fact.fact_id), [
        Reject(fact_id=fact.fact_id, reason="size") for fact in facts if fact not in chosen
    ]


def _spread(group: Sequence[Fact], quota: int, popularity: Mapping[str, int], seed: int) -> list[Fact]:
    """Return `quota` facts of a relation: every n-th of them in the order of popularity strata, then of the hash."""
    ordered = sorted(
        group,
        key=lambda fact: (popularity.get(fact.subject_qid, 0).bit_length(), sha256_of([seed, "size", fact.fact_id])),
    )
    return [ordered[turn * len(ordered) // quota] for turn in range(quota)]
