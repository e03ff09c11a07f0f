"""The clean set in memory, and a small source that knows its facts."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.polyfact.lint.measure import read_world
from tests.polyfact.lint.planting import World
from xleval.polyfact.records import Statement, WikidataEntity


@dataclass
class SmallSource:
    """A source in memory; the protocol of `xleval.polyfact.sources.Source`."""

    facts: list[Statement]
    items: dict[str, WikidataEntity]
    parents: Mapping[str, frozenset[str]] = field(default_factory=dict)
    wholes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    description: Mapping[str, str] = field(default_factory=lambda: {"name": "small", "as_of": "2026-11"})

    def statements(self, relation_pid: str) -> list[Statement]:
        return [fact for fact in self.facts if fact.relation_pid == relation_pid]

    def uncovered(self) -> Mapping[str, int]:
        return {}

    def entities(self, qids: Iterable[str]) -> Iterator[WikidataEntity]:
        return (self.items[qid] for qid in qids if qid in self.items)

    def bystanders(self) -> Iterator[WikidataEntity]:
        return iter(())

    def superclasses(self, qids: Iterable[str]) -> dict[str, frozenset[str]]:
        return {qid: frozenset({qid}) | self.parents.get(qid, frozenset()) for qid in qids}

    def ancestors(self, qids: Iterable[str]) -> dict[str, frozenset[str]]:
        return {qid: self.wholes.get(qid, frozenset()) for qid in qids}


@pytest.fixture(scope="session")
def world(embedded_set: Path) -> World:
    return read_world(embedded_set)


@pytest.fixture
def truth_of_world(world: World) -> SmallSource:
    """A source that states exactly the facts of the clean set, with the set's own names."""
    facts = [
        Statement(subject_qid=row.subject_id, relation_pid=row.relation, object_qid=row.object_id)
        for row in world.rows["en"]
    ]
    labels: dict[str, dict[str, str]] = {}
    kinds: dict[str, set[str]] = {}
    for lang, rows in world.rows.items():
        for row in rows:
            labels.setdefault(row.subject_id, {})[lang] = row.subject
            for qid, text in zip(row.option_ids, row.options, strict=True):
                labels.setdefault(qid, {})[lang] = text
                kinds.setdefault(qid, set()).add(f"Q9{row.relation[1:]}")  # a class for each relation's answers
    items = {
        qid: WikidataEntity(qid=qid, labels=names, types=tuple(sorted(kinds.get(qid, {"Q1"}))))
        for qid, names in labels.items()
    }
    return SmallSource(facts=facts, items=items)
