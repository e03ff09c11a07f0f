from collections.abc import Iterator

import pyoxigraph
import pytest

from xleval.errors import ConfigError
from xleval.polyfact.sources import SparqlSource, open_source

# Hand-written in the shape of Wikidata's RDF: a preferred and a normal value, a deprecated one, an unknown value.
GRAPH = """
@prefix wd: <http://www.wikidata.org/entity/> . @prefix wdt: <http://www.wikidata.org/prop/direct/> .
@prefix p: <http://www.wikidata.org/prop/> . @prefix ps: <http://www.wikidata.org/prop/statement/> .
@prefix wikibase: <http://wikiba.se/ontology#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
wd:Q1 p:P36 [ ps:P36 wd:Q10 ; wikibase:rank wikibase:PreferredRank ] , [ ps:P36 wd:Q11 ; wikibase:rank wikibase:NormalRank ] ,
  [ ps:P36 wd:Q12 ; wikibase:rank wikibase:DeprecatedRank ] .
wd:Q2 p:P36 [ ps:P36 <http://www.wikidata.org/.well-known/genid/x> ; wikibase:rank wikibase:NormalRank ] ,
  [ ps:P36 [] ; wikibase:rank wikibase:NormalRank ] .
wd:Q3 p:P36 [ ps:P36 wd:Q13 ; wikibase:rank wikibase:NormalRank ; <urn:xleval:leftOut> "disputed: two claims" ] ,
  [ ps:P36 wd:Q14 ; wikibase:rank wikibase:NormalRank ; <urn:xleval:leftOut> "former: until 1991" ] .
wd:Q1 wdt:P31 wd:Q6256 ; rdfs:label "Kenya"@en , "Kenia"@de , "Kenia"@nl ; skos:altLabel "Republic of Kenya"@en .
wd:Q10 wdt:P31 wd:Q515 ; rdfs:label "Nairobi (city)"@en , "Nairobi"@de ; <urn:xleval:derivedLabelIn> "de" .
wd:Q11 wdt:P31 wd:Q4167410 ; rdfs:label "a disambiguation page"@en .
"""


@pytest.fixture
def source() -> SparqlSource:
    store = pyoxigraph.Store()
    store.load(GRAPH.encode(), format=pyoxigraph.RdfFormat.TURTLE)

    def select(query: str) -> Iterator[dict[str, str]]:
        solutions = store.query(query)
        assert isinstance(solutions, pyoxigraph.QuerySolutions)
        names = [variable.value for variable in solutions.variables]
        for row in solutions:
            yield {name: row[name].value for name in names if row[name] is not None}

    return SparqlSource(select, {"name": "test", "as_of": "2026-11"}, label_source="label")


def test_statements_of_every_rank_but_deprecated(source: SparqlSource) -> None:
    found = [(s.subject_qid, s.object_qid, s.rank, s.ended, s.left_out) for s in source.statements("P36")]
    assert found == [
        ("Q1", "Q10", "preferred", False, ""),
        ("Q1", "Q11", "normal", False, ""),
        ("Q3", "Q13", "normal", False, "disputed: two claims"),
        ("Q3", "Q14", "normal", True, "former: until 1991"),
    ]


def test_entities_with_a_known_kind_only(source: SparqlSource) -> None:
    entities = source.entities(["Q1", "Q10", "Q11", "Q99"], ("en", "de"))
    assert sorted(entities) == ["Q1", "Q10"]
    assert entities["Q1"].names("en") == ("Kenya", "Republic of Kenya")
    assert entities["Q1"].kind == "country"
    assert set(entities["Q1"].labels) == {"en", "de"}
    nairobi = entities["Q10"].labels
    assert (nairobi["en"].text, nairobi["en"].source, nairobi["en"].tier) == ("Nairobi", "label", "B")
    assert (nairobi["de"].source, nairobi["de"].tier) == ("cldr-derived", "C")


def test_unknown_source() -> None:
    with pytest.raises(ConfigError, match=r"unknown source 'embeded'. Did you mean embedded"):
        open_source("embeded", ("en",))
