"""What a source says about the relations of a set: candidates, the items they are about, and everything that is true."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from xleval.data.plurals import counted
from xleval.polyfact import filters
from xleval.polyfact.kinds import kind_of
from xleval.polyfact.labels import choose_names, mark_english_copies
from xleval.polyfact.links import Ties
from xleval.polyfact.records import Entity, Fact, Reject, Statement, WikidataEntity
from xleval.polyfact.relations import RELATIONS
from xleval.polyfact.sources import Progress, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Everything that a source says, in the builder's words.

    Attributes:
        facts: candidates with one value now that is not bound to a time.
        rejects: the others, with reasons.
        counts: candidates read, by P-id.
        true_values: every value that is, was or may be true, by (subject, relation).
        recent: (subject, relation) pairs whose value changed since 2018.
        single_share: share of subjects with one value, by P-id; None without subjects.
        entities: both ends of every candidate, by Q-id.
        shared: languages in which an item shares its name with another of its kind.
        ties: which answers are tied to each other.
    """

    facts: list[Fact]
    rejects: list[Reject]
    counts: Mapping[str, int]
    true_values: Mapping[tuple[str, str], frozenset[str]]
    recent: frozenset[tuple[str, str]]
    single_share: Mapping[str, float | None]
    entities: Mapping[str, Entity]
    shared: Mapping[str, frozenset[str]]
    ties: Ties


def read_candidates(
    source: Source, relations: Sequence[str], languages: Sequence[str], progress: Progress = lambda _: None
) -> Candidates:
    """Return what a source says about the relations, names chosen and kinds decided.

    Args:
        source: any.
        relations: P-ids.
        languages: codes.
        progress: is told the name of each step.
    """
    year = int(source.description["as_of"][:4])
    facts: list[Fact] = []
    rejects: list[Reject] = []
    counts: dict[str, int] = {}
    true_values: dict[tuple[str, str], frozenset[str]] = {}
    recent: set[tuple[str, str]] = set()
    single_share: dict[str, float | None] = {}
    ends: set[str] = set()
    for pid in relations:
        progress(f"reading statements of {pid} {RELATIONS[pid].name}")
        statements = source.statements(pid)
        kept, dropped = filters.single_valued(statements, year)
        counts[pid] = len(kept) + len(dropped)
        facts += kept
        rejects += dropped
        true_values |= filters.true_values(statements)
        recent |= filters.changed_recently(statements)
        single_share[pid] = filters.single_value_share(statements, year)
        ends |= _ends(statements)
    progress(f"reading {counted(len(ends), 'item')}")
    label_source: Callable[[str, str], str] | None = getattr(source, "label_source", None)
    entities = dict(_as_entities(source, source.entities(sorted(ends)), languages, label_source))
    progress("reading what the answers are part of")
    answers = sorted({fact.object_qid for fact in facts} & entities.keys())
    ties = Ties(source.ancestors(answers), {qid: entities[qid].links for qid in answers})
    entities = mark_english_copies(entities, languages)
    progress("looking for shared names")
    bystanders = (entity for _, entity in _as_entities(source, source.bystanders(), languages, label_source))
    return Candidates(
        facts=facts,
        rejects=rejects,
        counts=counts,
        true_values=true_values,
        recent=frozenset(recent),
        single_share=single_share,
        entities=entities,
        shared=filters.shared_names(entities, bystanders, languages),
        ties=ties,
    )


def _ends(statements: Iterable[Statement]) -> set[str]:
    return {qid for statement in statements for qid in (statement.subject_qid, statement.object_qid) if qid}


#: Items whose classes are asked for together.
_BATCH = 20_000


def _as_entities(
    source: Source,
    items: Iterable[WikidataEntity],
    languages: Sequence[str],
    label_source: Callable[[str, str], str] | None,
) -> Iterator[tuple[str, Entity]]:
    """Yield Q-id and item with kind and names; classes are asked for in batches, each once."""
    above: dict[str, frozenset[str]] = {}

    def kinds(batch: Sequence[WikidataEntity]) -> Iterator[tuple[str, Entity]]:
        classes = {type_ for item in batch for type_ in item.types} - above.keys()
        above.update(source.superclasses(sorted(classes)))
        # An item without a kind may be a class itself: a guitar is a kind of musical instrument, not one of them.
        untyped = {
            item.qid
            for item in batch
            if any(link.startswith("P279 ") for link in item.links) and not _kind(item.types, above)
        }
        own = source.superclasses(sorted(untyped)) if untyped else {}
        for item in batch:
            kind = _kind(item.types, above) or (kind_of(own[item.qid]) if item.qid in own else "")
            yield item.qid, choose_names(item, kind, languages, label_source=label_source)

    batch: list[WikidataEntity] = []
    for item in items:
        batch.append(item)
        if len(batch) == _BATCH:
            yield from kinds(batch)
            batch = []
    yield from kinds(batch)


def _kind(types: Iterable[str], above: Mapping[str, frozenset[str]]) -> str:
    return kind_of({qid for type_ in types for qid in above[type_]})


def count_reasons(rejects: Iterable[Reject]) -> Counter[tuple[str, str]]:
    """Return how many candidates were dropped, by P-id and reason."""
    return Counter((reject.fact_id.split("|")[1], reject.reason) for reject in rejects)
