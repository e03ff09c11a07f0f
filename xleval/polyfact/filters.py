"""From statements to facts that can be asked: every filter keeps a candidate or drops it with a reason."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from xleval.data.storage import sha256_of
from xleval.polyfact import names
from xleval.polyfact.records import Entity, Fact, Reject, Statement
from xleval.polyfact.relations import Relation, Template, render_question

#: Every reason for which a candidate can be dropped; the build report counts each, also those that never happened.
REASONS: Mapping[str, str] = {
    "left_out": "the source's table does not vouch for it: disputed, bound to a time, or not completely known",
    "ended": "the value was true once and is not now",
    "multi_valued": "the subject has more than one value that is not deprecated",
    "reflexive": "subject and answer are the same item",
    "no_type": "the source does not say what kind of thing the subject or the answer is",
    "subject_type": "the relation has no question for this kind of subject",
    "object_type": "the answer is not of the kind that the question asks for",
    "no_label": "subject or answer has no attested name in a language of the set",
    "script": "a name is not written in a script of its language",
    "ambiguous_subject": "another item of the subject's kind has the same name in a language",
    "ambiguous_answer": "another item of the answer's kind has the same name in a language",
    "gold_in_question": "the answer, or an alias of it, stands in the question",
    "gold_stem_in_subject": "the names of subject and answer share a stem",
    "size": "not drawn: the set was limited by --size",
    "answer_cap": "the answer is gold more often than one item in four allows",
    "small_pool": "fewer than four different answers of this kind in the relation",
    "no_distractors": "no three other answers are wrong, distinct and unrevealing in every language",
}


def single_valued(statements: Iterable[Statement]) -> tuple[list[Fact], list[Reject]]:
    """Return the facts whose subject has exactly one value now, of any rank but deprecated, and the rest as rejects.

    All statements are looked at and not only the truthy ones: a preferred value hides others that are true too
    (defect class 7).
    """
    by_subject: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    rejects: list[Reject] = []
    for statement in statements:
        if statement.ended:
            fact_id = "|".join((statement.subject_qid, statement.relation_pid, statement.object_qid))
            rejects.append(Reject(fact_id=fact_id, reason="ended", detail=statement.left_out))
            continue
        values = by_subject[statement.subject_qid, statement.relation_pid]
        values[statement.object_qid] = values.get(statement.object_qid) or statement.left_out
    facts: list[Fact] = []
    for (subject, pid), values in sorted(by_subject.items()):
        doubtful = "; ".join(sorted({reason for reason in values.values() if reason}))
        for value in sorted(values):
            fact = Fact(subject_qid=subject, relation_pid=pid, object_qid=value)
            if doubtful:
                rejects.append(Reject(fact_id=fact.fact_id, reason="left_out", detail=doubtful))
            elif len(values) > 1:
                rejects.append(Reject(fact_id=fact.fact_id, reason="multi_valued", detail=" ".join(sorted(values))))
            elif value == subject:
                rejects.append(Reject(fact_id=fact.fact_id, reason="reflexive"))
            else:
                facts.append(fact)
    return facts, rejects


def true_values(statements: Iterable[Statement]) -> dict[tuple[str, str], frozenset[str]]:
    """Return all values by (subject, relation), doubtful ones too: none of them may be a distractor."""
    values: dict[tuple[str, str], set[str]] = defaultdict(set)
    for statement in statements:
        values[statement.subject_qid, statement.relation_pid].add(statement.object_qid)
    return {key: frozenset(found) for key, found in values.items()}


def check_entities(
    fact: Fact, relation: Relation, entities: Mapping[str, Entity], languages: Sequence[str]
) -> Reject | None:
    """Return why a fact's two items cannot be asked about in every language, or None when they can."""
    ends = {"subject": fact.subject_qid, "answer": fact.object_qid}
    for role, qid in ends.items():
        if qid not in entities:
            return Reject(fact_id=fact.fact_id, reason="no_type", detail=f"{role} {qid}")
    if (kind := entities[fact.subject_qid].kind) not in relation.subject_types:
        return Reject(fact_id=fact.fact_id, reason="subject_type", detail=kind)
    if (kind := entities[fact.object_qid].kind) != relation.object_type:
        return Reject(fact_id=fact.fact_id, reason="object_type", detail=kind)
    for lang in languages:
        for role, qid in ends.items():
            label = entities[qid].labels.get(lang)
            if label is None:
                return Reject(fact_id=fact.fact_id, reason="no_label", detail=f"{lang} {role} {qid}")
            if foreign := names.foreign_letters(label.text, lang):
                return Reject(
                    fact_id=fact.fact_id, reason="script", detail=f"{lang} {role} {label.text!r}: {foreign!r}"
                )
    return None


def shared_names(entities: Mapping[str, Entity], languages: Sequence[str]) -> dict[str, str]:
    """Return the items that share a name with another item of their kind, as Q-id to `lang name`.

    Two items of one kind with one name make a question with two answers, or an answer that is two things, whatever the
    relation (defect classes 3 and 20).
    """
    owners: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for entity in entities.values():
        for lang, label in entity.labels.items():
            owners[lang, entity.kind, names.fold(label.text)].add(entity.qid)
    shared: dict[str, str] = {}
    for entity in entities.values():
        for lang in languages:
            own = entity.labels.get(lang)
            if own is not None and len(owners[lang, entity.kind, names.fold(own.text)]) > 1:
                shared.setdefault(entity.qid, f"{lang} {own.text!r}")
    return shared


def check_ambiguity(fact: Fact, shared: Mapping[str, str]) -> Reject | None:
    """Return why a fact's subject or answer is not one thing by its name alone; `shared` comes from `shared_names`."""
    for reason, qid in (("ambiguous_subject", fact.subject_qid), ("ambiguous_answer", fact.object_qid)):
        if qid in shared:
            return Reject(fact_id=fact.fact_id, reason=reason, detail=shared[qid])
    return None


def reveals(
    option: Entity, subject: Entity, templates: Mapping[str, Template], languages: Sequence[str]
) -> tuple[str, str] | None:
    """Return why and where an option can be seen in, or ruled out by, the question; None when it cannot.

    The same rule holds for gold and distractors: were only golds checked, a shared stem would mark a wrong option.
    """
    for lang in languages:
        question = render_question(templates[lang], subject.labels[lang].text)
        for name in option.names(lang):
            if names.contains_name(question, name, lang):
                return "gold_in_question", f"{lang} {name!r}"
        for name in subject.names(lang):
            if names.share_stem(name, option.labels[lang].text, lang):
                return "gold_stem_in_subject", f"{lang} {name!r} {option.labels[lang].text!r}"
    return None


def cap_answers(facts: Sequence[Fact], share: float, seed: int) -> tuple[list[Fact], list[Reject]]:
    """Return facts in which no answer is gold in more than `share` of its relation, and those that had to go.

    Which facts of a frequent answer stay is decided by a hash of seed and fact, not by their order in the source.
    """
    kept: list[Fact] = []
    rejects: list[Reject] = []
    by_relation: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        by_relation[fact.relation_pid].append(fact)
    for _, group in sorted(by_relation.items()):
        limit = _largest_allowed(Counter(fact.object_qid for fact in group), share)
        seen: Counter[str] = Counter()
        for fact in sorted(group, key=lambda fact: sha256_of([seed, "cap", fact.fact_id])):
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
    for limit in range(max(counts.values()), 1, -1):
        if limit <= share * sum(min(count, limit) for count in counts.values()):
            return limit
    return 1
