"""Where facts come from, behind one protocol: today the embedded graph, asked in SPARQL as Wikidata would be."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from xleval.errors import unknown_name
from xleval.polyfact.names import strip_parentheses
from xleval.polyfact.records import Entity, Name, Statement

#: Names of `--source`.
SOURCES = ("embedded",)

#: Wikidata classes to the kinds of thing that templates distinguish; the first that fits decides.
KINDS: Mapping[str, str] = {
    "Q3624078": "country",  # sovereign state
    "Q6256": "country",
    "Q161243": "territory",  # dependent territory
    "Q515": "city",
    "Q8142": "currency",
    "Q34770": "language",
    "Q5107": "continent",
}

_PREFIXES = """PREFIX wd: <http://www.wikidata.org/entity/>
PREFIX wdt: <http://www.wikidata.org/prop/direct/>
PREFIX p: <http://www.wikidata.org/prop/>
PREFIX ps: <http://www.wikidata.org/prop/statement/>
PREFIX wikibase: <http://wikiba.se/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
_ENTITY = "http://www.wikidata.org/entity/"
_BATCH = 200  # ids in one VALUES clause: what Wikidata's own service still answers in time

Row = Mapping[str, str]
Select = Callable[[str], Iterable[Row]]


class Source(Protocol):
    """Statements and names, from whatever access to Wikidata there is."""

    #: What goes into the manifest: name, snapshot date, versions.
    description: Mapping[str, str]

    def statements(self, relation_pid: str) -> list[Statement]:
        """Return all statements of a property that are not deprecated, truthy or not."""
        ...

    def entities(self, qids: Iterable[str], languages: Sequence[str]) -> dict[str, Entity]:
        """Return the items that have a known kind, with their names in the languages."""
        ...


class SparqlSource:
    """A SPARQL 1.1 graph in the shape of Wikidata's; standard SPARQL only.

    Args:
        select: runs a SELECT query and returns rows of variable to string (IRIs in full, literals without their tag).
        description: for the manifest.
        label_source: value of `Name.source` for an ordinary label of this graph.
    """

    def __init__(self, select: Select, description: Mapping[str, str], label_source: str) -> None:
        self.description = description
        self._select = select
        self._label_source = label_source

    def statements(self, relation_pid: str) -> list[Statement]:
        """Return all statements of a property that are not deprecated, sorted."""
        rows = self._select(
            f"{_PREFIXES}SELECT ?s ?v ?rank ?leftOut WHERE {{ ?s p:{relation_pid} ?st . ?st ps:{relation_pid} ?v ; "
            "wikibase:rank ?rank . OPTIONAL { ?st <urn:xleval:leftOut> ?leftOut } "
            "FILTER(?rank != wikibase:DeprecatedRank) FILTER(isIRI(?v)) }"
        )
        found = (
            Statement(
                subject_qid=row["s"].removeprefix(_ENTITY),
                relation_pid=relation_pid,
                object_qid=row["v"].removeprefix(_ENTITY),
                rank="preferred" if row["rank"].endswith("PreferredRank") else "normal",
                ended=row.get("leftOut", "").startswith("former:"),
                left_out=row.get("leftOut", ""),
            )
            for row in rows
            if row["v"].startswith(_ENTITY)  # a skolemised "some value" names no item
        )
        return sorted(found, key=lambda statement: (statement.subject_qid, statement.object_qid))

    def entities(self, qids: Iterable[str], languages: Sequence[str]) -> dict[str, Entity]:
        """Return the items whose class is in `KINDS`, with their names; names in brackets are cut (D19)."""
        wanted = sorted(set(qids))
        types: dict[str, set[str]] = defaultdict(set)
        labels: dict[str, dict[str, Name]] = defaultdict(dict)
        aliases: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        derived: set[tuple[str, str]] = set()
        for row in self._about(wanted, "?i wdt:P31 ?type", "?type"):
            types[row["i"]].add(row["type"].removeprefix(_ENTITY))
        for row in self._about(wanted, "?i <urn:xleval:derivedLabelIn> ?lang", "?lang"):
            derived.add((row["i"], row["lang"]))
        in_languages = f"FILTER(LANG(?name) IN ({', '.join(repr(lang) for lang in languages)}))".replace("'", '"')
        for row in self._about(
            wanted, f"?i rdfs:label ?name . {in_languages} BIND(LANG(?name) AS ?lang)", "?name ?lang"
        ):
            is_derived = (row["i"], row["lang"]) in derived
            labels[row["i"]][row["lang"]] = Name(
                text=strip_parentheses(row["name"]),
                source="cldr-derived" if is_derived else self._label_source,
                tier="C" if is_derived else "B",
            )
        for row in self._about(
            wanted, f"?i skos:altLabel ?name . {in_languages} BIND(LANG(?name) AS ?lang)", "?name ?lang"
        ):
            aliases[row["i"]][row["lang"]].append(row["name"])
        return {
            qid: Entity(
                qid=qid,
                kind=next(kind for type_, kind in KINDS.items() if type_ in types[qid]),
                labels=labels[qid],
                aliases={lang: tuple(sorted(found)) for lang, found in aliases[qid].items()},
            )
            for qid in wanted
            if types[qid] & KINDS.keys()
        }

    def _about(self, qids: Sequence[str], pattern: str, variables: str) -> Iterator[dict[str, str]]:
        """Yield rows of a pattern for items, asked in batches; `?i` comes back as a Q-id."""
        for start in range(0, len(qids), _BATCH):
            values = " ".join(f"wd:{qid}" for qid in qids[start : start + _BATCH])
            for row in self._select(f"{_PREFIXES}SELECT ?i {variables} WHERE {{ VALUES ?i {{ {values} }} {pattern} }}"):
                yield {**row, "i": row["i"].removeprefix(_ENTITY)}


def open_source(name: str, languages: Sequence[str]) -> Source:
    """Return the source that `--source` names.

    Raises:
        ConfigError: there is no such source.
    """
    if name != "embedded":
        raise unknown_name("source", name, SOURCES)
    from pyoxigraph import QuerySolutions

    from xleval.polyfact.embedded import graph

    store = graph.load_graph(languages)

    def select(query: str) -> Iterator[dict[str, str]]:
        solutions = store.query(query)
        if not isinstance(solutions, QuerySolutions):
            raise TypeError("only SELECT queries are sent to a source")
        variables = [variable.value for variable in solutions.variables]
        for solution in solutions:
            yield {name: solution[name].value for name in variables if solution[name] is not None}

    description = {"name": "embedded", "as_of": graph.AS_OF, "labels": f"Unicode CLDR {graph.cldr_version()}"}
    return SparqlSource(select, description, label_source="cldr")
