"""The embedded graph as a source: no network, names from Unicode CLDR, and two marks that Wikidata does not have."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from xleval.polyfact.records import UNKNOWN_YEAR, Statement
from xleval.polyfact.sources import SourceOptions, sparql_queries
from xleval.polyfact.sources.batches import AdaptiveBatches, Asker, Row, Select
from xleval.polyfact.sources.query_cache import QueryCache
from xleval.polyfact.sources.sparql import SparqlSource

if TYPE_CHECKING:
    from pyoxigraph import BlankNode, Literal, NamedNode, Store, Triple

_FORMER = "former:"  # how the reason of a value begins that was true once


class EmbeddedSource(SparqlSource):
    """A graph whose statements may say why they are left out, and whose items in which languages a name is derived.

    Args:
        select: runs a query.
        options: languages and thresholds.
        description: for the manifest.
    """

    def __init__(self, select: Select, options: SourceOptions, description: Mapping[str, str]) -> None:
        cache = QueryCache(None, "embedded")
        super().__init__(Asker(select, cache, AdaptiveBatches()), options, description)
        rows = select(f"{sparql_queries.PREFIXES}SELECT ?i ?lang WHERE {{ ?i <urn:xleval:derivedLabelIn> ?lang }}")
        self._derived = {(sparql_queries.qid_of(row["i"]), row["lang"]) for row in rows}

    def label_source(self, qid: str, lang: str) -> str:
        """Return where an item's label comes from: `cldr`, or `cldr-derived` when CLDR's rule made it from a zone id."""
        return "cldr-derived" if (qid, lang) in self._derived else "cldr"

    def _statements_of(self, pid: str, qids: Sequence[str]) -> Iterator[tuple[str, list[Statement]]]:
        question = sparql_queries.statements(pid, "OPTIONAL { ?st <urn:xleval:leftOut> ?leftOut }", "?leftOut")
        for qid, rows in self._asker.about(question, qids):
            found = sparql_queries.read_statements(qid, pid, rows)
            yield qid, [_with_end(statement) for statement in found]

    def _claims_question(self, pids: Sequence[str]) -> str:
        """Return a question for truthy values: the embedded graph has no statement nodes for types."""
        parts = (f"{{ ?i wdt:{pid} ?v BIND(p:{pid} AS ?p) BIND(wikibase:NormalRank AS ?rank) }}" for pid in pids)
        return sparql_queries.about(" UNION ".join(parts), "?p ?v ?rank")


def open_embedded(options: SourceOptions) -> EmbeddedSource:
    """Return the embedded graph with names in the languages of the options.

    Raises:
        ConfigError: a language is not in the language table.
    """
    from xleval.polyfact.embedded import graph

    description = {"name": "embedded", "as_of": graph.AS_OF, "labels": f"Unicode CLDR {graph.cldr_version()}"}
    return EmbeddedSource(select_from(graph.load_graph(options.languages)), options, description)


def select_from(store: "Store") -> Select:
    """Return a function that runs SELECT queries on a store in this process."""
    from pyoxigraph import QuerySolutions

    def select(query: str) -> Iterator[Row]:
        solutions = store.query(query)
        if not isinstance(solutions, QuerySolutions):
            raise TypeError("only SELECT queries are sent to a source")
        variables = [variable.value for variable in solutions.variables]
        for solution in solutions:
            bound = ((name, solution[name]) for name in variables)
            yield {name: _text(value) for name, value in bound if value is not None}

    return select


def _text(value: "NamedNode | BlankNode | Literal | Triple") -> str:
    from pyoxigraph import Literal, NamedNode

    return value.value if isinstance(value, NamedNode | Literal) else str(value)


def _with_end(statement: Statement) -> Statement:
    """Return a former value with an end, without a date where the graph does not give one."""
    if statement.left_out.startswith(_FORMER) and statement.end is None:
        return replace(statement, end=UNKNOWN_YEAR)
    return statement
