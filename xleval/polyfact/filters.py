"""From statements to facts that can be asked: every filter keeps a candidate or drops it with a reason."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from xleval.polyfact import names
from xleval.polyfact.records import Entity, Fact, Reject, Statement
from xleval.polyfact.relations import Relation

#: Every reason for which a candidate can be dropped; the build report counts each, also those that never happened.
REASONS: Mapping[str, str] = {
    "left_out": "the source's table does not vouch for it: disputed, bound to a time, or not completely known",
    "ended": "the value was true once and is not now",
    "temporal": "the value is stated for a point in time only",
    "unknown_value": "the source says that there is a value that it does not know",
    "multi_valued": "the subject has more than one value that is not deprecated",
    "reflexive": "subject and answer are the same item",
    "no_entity": "the source has no item of that id: deleted, or a redirect",
    "no_type": "the source does not say what kind of thing the subject or the answer is",
    "subject_type": "the relation has no question for this kind of subject",
    "object_type": "the answer is not of the kind that the question asks for",
    "designation": "the subject's name is a catalogue number",
    "no_label": "subject or answer has no attested name in enough languages of the set",
    "script": "a name is not written in a script of its language, in too many languages",
    "ambiguous_subject": "another item of the subject's kind has the same name, in too many languages",
    "ambiguous_answer": "another item of the answer's kind has the same name, in too many languages",
    "gold_in_question": "the answer, or an alias of it, stands in the question (kept in the config `leaky`)",
    "gold_stem_in_subject": "the names of subject and answer share a stem (kept in the config `leaky`)",
    "recent": "the value changed since 2018 (kept in the config `recent`)",
    "small_group": "too few facts of the relation are asked in the same languages (only with --min-langs)",
    "size": "not drawn: the set was limited by --size",
    "answer_cap": "the answer is gold more often than one item in four allows",
    "small_pool": "fewer than four different answers of this kind in the relation",
    "no_distractors": "no three other answers are wrong, untied, distinct and unrevealing in enough languages",
}
#: A value that changed in this year or later may be newer than a model (D18).
RECENT_SINCE = 2018


def single_valued(statements: Iterable[Statement], year: int) -> tuple[list[Fact], list[Reject]]:
    """Return the facts whose subject has exactly one value now, of any rank but deprecated, and the rest as rejects.

    All statements are looked at and not only the truthy ones: a preferred value hides others that are true too
    (defect class 7).

    Args:
        statements: of one relation or several.
        year: year of the source's content; what ended in it or before is over.
    """
    now: dict[tuple[str, str], dict[str, tuple[str, str]]] = defaultdict(dict)
    ended: dict[str, str] = {}
    for statement in statements:
        problem = _problem(statement, year)
        if statement.ended(year):
            ended[_fact_id(statement)] = problem[1]
        else:
            values = now[statement.subject_qid, statement.relation_pid]
            known = values.get(statement.object_qid, ("", ""))
            values[statement.object_qid] = known if known[0] else problem
    facts: list[Fact] = []
    rejects: list[Reject] = []
    for (subject, pid), found in sorted(now.items()):
        problems = sorted({problem for problem in found.values() if problem[0]})
        for value in sorted(found):
            fact = Fact(subject_qid=subject, relation_pid=pid, object_qid=value)
            ended.pop(fact.fact_id, None)  # over once, and true again
            if problems:
                detail = "; ".join(dict.fromkeys(detail for _, detail in problems if detail))
                rejects.append(Reject(fact_id=fact.fact_id, reason=problems[0][0], detail=detail))
            elif len(found) > 1:
                rejects.append(Reject(fact_id=fact.fact_id, reason="multi_valued", detail=" ".join(sorted(found))))
            elif value == subject:
                rejects.append(Reject(fact_id=fact.fact_id, reason="reflexive"))
            else:
                facts.append(fact)
    rejects += [Reject(fact_id=fact_id, reason="ended", detail=detail) for fact_id, detail in ended.items()]
    return facts, rejects


def _fact_id(statement: Statement) -> str:
    return f"{statement.subject_qid}|{statement.relation_pid}|{statement.object_qid}"


def _problem(statement: Statement, year: int) -> tuple[str, str]:
    """Return reason and detail for which a statement's subject cannot be asked about, both empty when there is none."""
    if statement.ended(year):
        end = statement.end if statement.end is not None and statement.end > -10_000 else "an unknown year"
        return "ended", statement.left_out or f"until {end}"
    if statement.left_out:
        return "left_out", statement.left_out
    if not statement.object_qid:
        return "unknown_value", ""
    if statement.point is not None:
        return "temporal", f"in {statement.point}"
    return "", ""


def true_values(statements: Iterable[Statement]) -> dict[tuple[str, str], frozenset[str]]:
    """Return all values by (subject, relation), doubtful and former ones too: none of them may be a distractor."""
    values: dict[tuple[str, str], set[str]] = defaultdict(set)
    for statement in statements:
        if statement.object_qid:
            values[statement.subject_qid, statement.relation_pid].add(statement.object_qid)
    return {key: frozenset(found) for key, found in values.items()}


def changed_recently(statements: Iterable[Statement]) -> set[tuple[str, str]]:
    """Return the (subject, relation) pairs of which a value began or ended in `RECENT_SINCE` or later."""
    return {
        (statement.subject_qid, statement.relation_pid)
        for statement in statements
        if any(time is not None and time >= RECENT_SINCE for time in (statement.start, statement.end))
    }


def single_value_share(statements: Iterable[Statement], year: int) -> float | None:
    """Return the share of subjects with one value now among those with any (defect class 29); None without any."""
    now: dict[str, set[str]] = defaultdict(set)
    for statement in statements:
        if not statement.ended(year):
            now[statement.subject_qid].add(statement.object_qid)
    return sum(len(values) == 1 for values in now.values()) / len(now) if now else None


def shared_names(
    entities: Mapping[str, Entity], bystanders: Iterable[Entity], languages: Sequence[str]
) -> dict[str, frozenset[str]]:
    """Return the items that share their name with another item of their kind, as Q-id to languages.

    Two items of one kind with one name make a question with two answers, or an answer that is two things, whatever the
    relation (defect classes 3 and 20).

    Args:
        entities: the items of candidates.
        bystanders: items that are no candidates, yet bear names.
        languages: codes.
    """
    others: dict[str, set[str]] = defaultdict(set)
    for entity in bystanders:
        for lang, label in entity.labels.items():
            others[lang].add(f"{entity.kind}\t{names.fold(label.text)}")
    shared: dict[str, set[str]] = defaultdict(set)
    for lang in languages:  # one language after the other: a table of all names at once would not fit
        first: dict[str, str] = {}
        for qid, entity in entities.items():
            own = entity.labels.get(lang)
            if own is None:
                continue
            name = f"{entity.kind}\t{names.fold(own.text)}"
            if name in others[lang]:
                shared[qid].add(lang)
            if (other := first.setdefault(name, qid)) != qid:
                shared[qid].add(lang)
                shared[other].add(lang)
    return {qid: frozenset(found) for qid, found in shared.items()}


def name_problems(entity: Entity, languages: Sequence[str], shared: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """Return why an item cannot be named, by language: `no_label`, `script` or `ambiguous`; empty when it can."""
    problems: dict[str, str] = {}
    ambiguous = shared.get(entity.qid, frozenset())
    for lang in languages:
        label = entity.labels.get(lang)
        if label is None:
            problems[lang] = "no_label"
        elif names.foreign_letters(label.text, lang):
            problems[lang] = "script"
        elif lang in ambiguous:
            problems[lang] = "ambiguous"
    return problems


def check_entities(
    fact: Fact,
    relation: Relation,
    entities: Mapping[str, Entity],
    shared: Mapping[str, frozenset[str]],
    languages: Sequence[str],
    min_langs: int,
) -> Reject | tuple[str, ...]:
    """Return the languages in which a fact can be asked, or why there are too few of them.

    Args:
        fact: a candidate.
        relation: its relation.
        entities: items by Q-id.
        shared: languages in which an item shares its name, by Q-id (`shared_names`).
        languages: codes.
        min_langs: how many languages a fact needs.
    """

    def reject(reason: str, detail: str) -> Reject:
        return Reject(fact_id=fact.fact_id, reason=reason, detail=detail)

    ends = {"subject": fact.subject_qid, "answer": fact.object_qid}
    for role, qid in ends.items():
        if qid not in entities:
            return reject("no_entity", f"{role} {qid}")
    for role, qid in ends.items():
        if not entities[qid].kind:
            return reject("no_type", f"{role} {qid}")
    if (kind := entities[fact.subject_qid].kind) not in relation.subject_types:
        return reject("subject_type", kind)
    if (kind := entities[fact.object_qid].kind) != relation.object_type:
        return reject("object_type", kind)
    if any(names.is_designation(label.text) for label in entities[fact.subject_qid].labels.values()):
        return reject("designation", next(iter(entities[fact.subject_qid].labels.values())).text)
    lost = {
        lang: (role, problem)
        for role, qid in reversed(ends.items())
        for lang, problem in name_problems(entities[qid], languages, shared).items()
    }
    usable = tuple(lang for lang in languages if lang not in lost)
    if len(usable) >= min_langs:
        return usable
    worst = min(lost, key=lambda lang: (_ORDER.index(lost[lang][1]), languages.index(lang)))
    role, problem = lost[worst]
    reason = f"ambiguous_{role}" if problem == "ambiguous" else problem
    label = entities[ends[role]].labels.get(worst)
    named = f" {label.text!r}" if label else ""
    return reject(reason, f"{worst} {role} {ends[role]}{named}; usable in {len(usable)}")


_ORDER = ("no_label", "script", "ambiguous")
