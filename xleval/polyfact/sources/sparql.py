"""A graph in the shape of Wikidata's RDF as a source, asked in SPARQL 1.1."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from xleval.polyfact import labels
from xleval.polyfact.links import LINK_PIDS, UP_PIDS
from xleval.polyfact.records import Statement, WikidataEntity
from xleval.polyfact.sources import SourceOptions, sparql_queries, walk_up
from xleval.polyfact.sources.batches import Asker, Row, count_in
from xleval.polyfact.sources.sparql_subjects import list_subjects

_TYPE, _GENDER, _SUBCLASS = "P31", "P21", "P279"
_AT_ONCE = 5000  # items whose rows are held at a time


class SparqlSource:
    """Statements and items of a graph; what it has been asked is kept in memory.

    Args:
        asker: runs queries.
        options: languages, thresholds and whom to tell.
        description: for the manifest.
        dialect: `standard`, `qlever` or `wdqs`.
    """

    def __init__(
        self, asker: Asker, options: SourceOptions, description: Mapping[str, str], dialect: str = "standard"
    ) -> None:
        self.description = description
        self._asker, self._options, self._dialect = asker, options, dialect
        self._entities: dict[str, WikidataEntity | None] = {}
        self._up: dict[str, tuple[str, ...]] = {}
        self._uncovered: dict[str, int] = {}
        self._bystanders: set[str] = set()

    def close(self) -> None:
        """Do nothing: a graph in this process has nothing open."""

    def statements(self, relation_pid: str) -> list[Statement]:
        """Return all statements of a property that are not deprecated, truthy or not, sorted by subject and object.

        Raises:
            EndpointFault: the graph does not answer.
        """
        say = self._options.progress
        say(f"{relation_pid}: listing subjects")
        subjects = list_subjects(self._asker, relation_pid, self._dialect, self._options.min_sitelinks)
        say(f"{relation_pid}: reading {len(subjects):,} subjects")
        self._load(subjects)
        popular = [qid for qid in subjects if self._is_popular(qid)]
        say(f"{relation_pid}: reading statements of {len(popular):,} subjects")
        kept: list[Statement] = []
        n_uncovered = 0
        for qid, found in self._statements_of(relation_pid, popular):
            if self._is_covered(qid):
                kept += found
            elif found:
                n_uncovered += len(found)
                self._bystanders.add(qid)
        self._uncovered[relation_pid] = n_uncovered
        return sorted(kept, key=_place)

    def uncovered(self) -> Mapping[str, int]:
        """Return how many statements were left out because their subject has too few labels, by P-id."""
        return dict(self._uncovered)

    def entities(self, qids: Iterable[str]) -> Iterator[WikidataEntity]:
        """Yield the items that the graph has, in the order of `qids`; redirects and unknown ids are left out.

        Raises:
            EndpointFault: the graph does not answer.
        """
        wanted = list(qids)
        self._load(wanted)
        for qid in wanted:
            entity = self._entities.get(qid)
            if entity is not None:
                yield entity

    def bystanders(self) -> Iterator[WikidataEntity]:
        """Yield the subjects that were left out for too few labels, by the calls of `statements` so far."""
        return self.entities(sorted(self._bystanders, key=number))

    def superclasses(self, qids: Iterable[str]) -> dict[str, frozenset[str]]:
        """Return the items and, for each, itself and all its superclasses (P279, any number of steps)."""
        return {
            qid: found | {qid} for qid, found in walk_up(qids, lambda level: self._above(level, (_SUBCLASS,))).items()
        }

    def ancestors(self, qids: Iterable[str]) -> dict[str, frozenset[str]]:
        """Return, for each item, all that it is in, part of or a kind of (P131, P361, P279, any number of steps)."""
        return walk_up(qids, lambda level: self._above(level, UP_PIDS))

    def _is_popular(self, qid: str) -> bool:
        entity = self._entities[qid]
        return entity is not None and entity.n_sitelinks >= self._options.min_sitelinks

    def _is_covered(self, qid: str) -> bool:
        entity = self._entities[qid]
        return entity is not None and labels.coverage(entity, self._options.languages) >= self._options.min_langs

    def _above(self, qids: Sequence[str], pids: tuple[str, ...]) -> dict[str, list[str]]:
        """Return the values of the properties that lead up, for each item; they are asked once for all such properties."""
        for qid in qids:
            entity = self._entities.get(qid)
            if entity is not None:
                self._up[qid] = entity.links
        unknown = [qid for qid in qids if qid not in self._up]
        for qid, rows in self._asker.about(self._claims_question(UP_PIDS), unknown):
            self._up[qid] = _links(rows, UP_PIDS)
        return {qid: [target for pid, target in map(str.split, self._up[qid]) if pid in pids] for qid in qids}

    def _statements_of(self, pid: str, qids: Sequence[str]) -> Iterator[tuple[str, list[Statement]]]:
        """Yield items with their statements of a property."""
        for qid, rows in self._asker.about(sparql_queries.statements(pid), qids):
            yield qid, list(sparql_queries.read_statements(qid, pid, rows))

    def _load(self, qids: Iterable[str]) -> None:
        """Read items that were not read before; None stands for those that are not there."""
        unread = sorted({qid for qid in qids if qid[1:].isdecimal() and qid not in self._entities}, key=number)
        for start in range(0, len(unread), _AT_ONCE):
            self._entities.update(self._read(unread[start : start + _AT_ONCE]))

    def _read(self, qids: Sequence[str]) -> dict[str, WikidataEntity | None]:
        questions = {
            "labels": sparql_queries.names("rdfs:label", self._options.languages),
            "aliases": sparql_queries.names("skos:altLabel", self._options.languages),
            "articles": sparql_queries.articles(self._options.languages),
            "pages": sparql_queries.pages(self._dialect),
            "claims": self._claims_question((_TYPE, _GENDER, *LINK_PIDS)),
        }
        rows: dict[str, dict[str, list[Row]]] = {qid: {} for qid in qids}
        for part, question in questions.items():
            for qid, found in self._asker.about(question, qids):
                if found:
                    rows[qid][part] = found
        return {qid: _entity(qid, parts) if parts else None for qid, parts in rows.items()}

    def _claims_question(self, pids: Sequence[str]) -> str:
        return sparql_queries.claims(pids)


def number(qid: str) -> int:
    """Return the number of a Q-id, to sort by."""
    return int(qid[1:])


def _place(statement: Statement) -> tuple[object, ...]:
    """Return what statements are sorted by: subject, object, then all the rest, so that any source has one order."""
    times = (statement.start, statement.end, statement.point)
    marks = tuple((time is not None, time or 0) for time in times)
    return statement.subject_qid, statement.object_qid, statement.rank, marks, statement.left_out


def _entity(qid: str, parts: Mapping[str, list[Row]]) -> WikidataEntity:
    aliases: dict[str, set[str]] = defaultdict(set)
    for row in parts.get("aliases", ()):
        aliases[row["lang"]].add(row["name"])
    claims = parts.get("claims", [])
    genders = [row for row in claims if _pid(row) == _GENDER]
    best = [row for row in genders if sparql_queries.is_preferred(row)] or genders
    found = {value for row in best if (value := sparql_queries.qid_of(row["v"]))}
    return WikidataEntity(
        qid=qid,
        labels={row["lang"]: row["name"] for row in parts.get("labels", ())},
        aliases={lang: tuple(sorted(texts)) for lang, texts in aliases.items()},
        sitelinks={
            row["site"].removeprefix("https://").partition(".")[0]: row["name"] for row in parts.get("articles", ())
        },
        n_sitelinks=max((count_in(row, "n") for row in parts.get("pages", ())), default=0),
        types=tuple(link.split()[1] for link in _links(claims, (_TYPE,))),
        links=_links(claims, LINK_PIDS),
        gender=found.pop() if len(found) == 1 else "",
    )


def _links(rows: Iterable[Row], pids: Sequence[str]) -> tuple[str, ...]:
    """Return `P… Q…` of the rows of `sparql_queries.claims`, sorted, each once."""
    values = ((_pid(row), sparql_queries.qid_of(row["v"])) for row in rows)
    return tuple(sorted({f"{pid} {value}" for pid, value in values if value and pid in pids}))


def _pid(row: Row) -> str:
    return row["p"].rpartition("/")[2]
