"""Which facts the subject's name gives away: the flag `guessable`, and what the classifier of names scores (D3)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from xleval.data.parallel import in_parallel
from xleval.polyfact.name_classifier import NamedItem, NameScore, name_ngram
from xleval.polyfact.records import Entity, Item

#: From so many items on the relations are spread over processes.
_WORTH_PROCESSES = 10_000


def flag_guessable(
    items: Sequence[Item], entities: Mapping[str, Entity], languages: Sequence[str], seed: int
) -> tuple[list[Item], dict[str, Any]]:
    """Return the items with `guessable` set, and what the classifier did as JSON values.

    The latter has `guessable` and `by_luck`, the numbers of facts that the classifier and its control get right in
    `RIGHT_IN` languages, and `scores`: relation to language to `n`, `accuracy` and `shuffled` of the splits other than
    train, and `n_train` … of train, where there are any.

    Args:
        items: of all splits.
        entities: items by Q-id, with the names of all subjects.
        languages: codes, in the order of the scores.
        seed: deals out the answers of the control.
    """
    groups: dict[str, list[NamedItem]] = defaultdict(list)
    for item in items:
        groups[item.fact.relation_pid].append(_named(item, entities[item.fact.subject_qid]))
    order = sorted(groups, key=lambda pid: -len(groups[pid]))
    work = in_parallel(
        lambda pid: name_ngram(groups[pid], languages, seed=seed), order, size=len(items), worth=_WORTH_PROCESSES
    )
    by_relation = dict(zip(order, work, strict=True))
    found = [by_relation[pid] for pid in sorted(by_relation)]
    guessable = frozenset[str]().union(*(part.guessable for part in found))
    scores: dict[str, dict[str, dict[str, float]]] = defaultdict(dict)
    for score in (score for part in found for score in part.scores):
        if score.accuracy is None:
            continue
        measured = {name: getattr(score, name) for name in NameScore.__slots__ if name not in ("relation_pid", "lang")}
        scores[score.relation_pid][score.lang] = {
            name: round(value, 4) for name, value in measured.items() if value is not None
        }
    flagged = [replace(item, guessable=item.fact.fact_id in guessable) for item in items]
    return flagged, {
        "guessable": len(guessable),
        "by_luck": sum(part.guessable_shuffled for part in found),
        "scores": dict(scores),
    }


def _named(item: Item, subject: Entity) -> NamedItem:
    return NamedItem(
        fact_id=item.fact.fact_id,
        relation_pid=item.fact.relation_pid,
        split=item.split,
        gold_qid=item.fact.object_qid,
        option_qids=item.option_qids,
        labels={lang: subject.labels[lang].text for lang in item.langs},
    )
