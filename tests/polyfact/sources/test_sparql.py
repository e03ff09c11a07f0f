"""What a graph says in SPARQL, by hand and beside the reader of the JSON that the graph was made from."""

import gzip
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.polyfact.sources.oxigraph_server import serve
from tests.polyfact.sources.wikidata_items import EVERY_ID, ITEMS, LANGUAGES, RELATIONS, everything
from tests.polyfact.sources.wikidata_rdf import n_triples
from xleval.data.languages import POLYFACT_LANGUAGES
from xleval.polyfact.records import UNKNOWN_YEAR, Statement, WikidataEntity
from xleval.polyfact.sources import SourceOptions, sparql_queries
from xleval.polyfact.sources.batches import AdaptiveBatches, Asker, Row, Select
from xleval.polyfact.sources.embedded import EmbeddedSource, open_embedded, select_from
from xleval.polyfact.sources.endpoint import open_endpoint
from xleval.polyfact.sources.patience import Misconfigured, QueryTimeout
from xleval.polyfact.sources.query_cache import QueryCache
from xleval.polyfact.sources.sparql import SparqlSource
from xleval.polyfact.sources.wikibase_json import ItemReader

pyoxigraph = pytest.importorskip("pyoxigraph")


def options(work: Path, **changed: Any) -> SourceOptions:
    found = SourceOptions(languages=LANGUAGES, relations=RELATIONS, work=work, min_langs=2, min_sitelinks=1)
    return replace(found, **changed)


def in_process(shape: str) -> Select:
    store = pyoxigraph.Store()
    store.load("\n".join(n_triples(ITEMS.values(), shape)).encode(), format=pyoxigraph.RdfFormat.N_TRIPLES)
    return select_from(store)


def source_of(select: Select, work: Path, dialect: str = "standard", **changed: Any) -> SparqlSource:
    asker = Asker(select, QueryCache(work, "test"), AdaptiveBatches())
    return SparqlSource(asker, options(work, **changed), {"name": "test", "as_of": "2026-11"}, dialect)


def test_statements_by_hand(tmp_path: Path) -> None:
    source = source_of(in_process("dump"), tmp_path)
    found = [
        (s.subject_qid, s.object_qid, s.rank, s.start, s.end, s.point, s.left_out) for s in source.statements("P36")
    ]
    assert found == [
        ("Q1", "Q10", "preferred", 1990, None, None, ""),
        ("Q1", "Q11", "normal", 1900, 1989, None, ""),
        ("Q10", "Q10", "normal", None, None, None, ""),
        ("Q2", "", "normal", None, None, None, ""),  # some value
        ("Q2", "Q10", "normal", None, UNKNOWN_YEAR, None, ""),
        ("Q4", "Q13", "normal", 1920, 1960, None, ""),  # the longest span
        ("Q4", "Q13", "normal", 1970, None, 1975, ""),
        ("Q5", "Q13", "normal", None, None, -1, ""),  # the year 1 before our era is 0000 in RDF
        ("Q5", "Q14", "normal", -44, 14, None, ""),
    ]
    assert source.uncovered() == {"P36": 2}  # Q6 has an English name only; Q7 has no page and is not counted
    assert [entity.qid for entity in source.bystanders()] == ["Q6"]


def test_an_item_by_hand(tmp_path: Path) -> None:
    (first,) = source_of(in_process("dump"), tmp_path).entities(["Q98", "Q1", ""])
    assert first == WikidataEntity(
        qid="Q1",
        labels={"en": 'A "quoted" \\ land', "de": "Land", "zh-hans": "国"},
        aliases={"en": ("A land", "Landia"), "zh-tw": ("國",)},
        sitelinks={"en": "Q1 in enwiki", "de": "Q1 in dewiki"},
        n_sitelinks=3,
        types=("Q3624078", "Q6256"),
        links=("P1366 Q2", "P150 Q10"),
        gender="",
    )


def test_classes_and_ancestors_by_hand(tmp_path: Path) -> None:
    source = source_of(in_process("dump"), tmp_path)
    assert source.superclasses(["Q515", "Q35120"]) == {
        "Q515": frozenset({"Q515", "Q486972", "Q35120"}),
        "Q35120": frozenset({"Q35120"}),
    }
    assert source.ancestors(["Q10", "Q11"]) == {
        "Q10": frozenset({"Q1", "Q20", "Q21", "Q515", "Q486972", "Q35120"}),
        "Q11": frozenset({"Q20", "Q21", "Q515", "Q486972", "Q35120"}),  # Q20 and Q21 are in each other
    }
    genders = {entity.qid: entity.gender for entity in source.entities(["Q130", "Q131", "Q1131"])}
    assert genders == {"Q130": "Q6581072", "Q131": "", "Q1131": "Q6581097"}


@pytest.mark.parametrize(("shape", "dialect"), [("service", "standard"), ("service", "wdqs"), ("dump", "qlever")])
def test_shapes_and_dialects_give_the_same(shape: str, dialect: str, tmp_path: Path) -> None:
    plain = everything(source_of(in_process("dump"), tmp_path / "plain"))
    assert everything(source_of(in_process(shape), tmp_path / "other", dialect)) == plain
    assert len(plain["statements"]["P36"]) == 9
    assert len(plain["entities"]) == len(ITEMS)


def stopping(select: Select, is_too_much: "re.Pattern[str]", log: list[str]) -> Select:
    def stop(query: str) -> Iterator[Row]:
        if is_too_much.search(query):
            raise QueryTimeout("stopped")
        log.append(query)
        yield from select(query)

    return stop


def test_a_long_list_is_asked_by_endings(tmp_path: Path) -> None:
    select, log = in_process("dump"), list[str]()
    # the whole list takes too long, and so do those that end on 1 and on 31
    too_much = re.compile(r"DISTINCT \?s(?!.*STRENDS)|DISTINCT \?s.*\"(1|31)\"\)", re.DOTALL)
    source = source_of(stopping(select, too_much, log), tmp_path)
    plain = source_of(select, tmp_path / "plain")
    assert source.statements("P19") == plain.statements("P19")
    assert [s.subject_qid for s in source.statements("P19")] == ["Q1131", "Q130", "Q131", "Q131"]
    assert source.statements("P36") == plain.statements("P36")
    n_asked = len(log)
    again = source_of(stopping(select, too_much, log), tmp_path)
    assert again.statements("P19") == plain.statements("P19")
    assert len(log) == n_asked  # nothing is asked twice, nor is what took too long


def test_a_list_that_is_never_short_enough_ends(tmp_path: Path) -> None:
    source = source_of(stopping(in_process("dump"), re.compile(r"DISTINCT \?s"), []), tmp_path)
    with pytest.raises(QueryTimeout, match="the subjects of P36 cannot be listed, not even in parts"):
        source.statements("P36")
    plain = source_of(in_process("dump"), tmp_path / "plain")
    assert source_of(in_process("dump"), tmp_path).statements("P36") == plain.statements("P36")  # it has recovered


def test_a_long_list_is_sliced_in_the_dialect_that_can(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xleval.polyfact.sources.sparql_subjects.WINDOW", 8)
    monkeypatch.setattr("xleval.polyfact.sources.sparql_subjects.SMALLEST_WINDOW", 2)
    inner = in_process("service")
    slice_ = re.compile(
        r"SERVICE bd:slice \{ (\?s p:P\d+ \?st \.) bd:serviceParam bd:slice.offset (\d+) ; bd:slice.limit (\d+) \. \}"
    )
    log: list[str] = []

    def blazegraph(query: str) -> Iterator[Row]:
        """Stand in for Blazegraph, which cannot be had here: a slice is an ordered part of all statements."""
        log.append(query)
        return iter(inner(slice_.sub(r"{ SELECT ?s ?st WHERE { \1 } ORDER BY ?s ?st OFFSET \2 LIMIT \3 }", query)))

    too_much = re.compile(r"DISTINCT \?s(?!.*bd:slice)|slice.limit 8", re.DOTALL)
    source = source_of(stopping(blazegraph, too_much, []), tmp_path, "wdqs")
    assert everything(source) == everything(source_of(inner, tmp_path / "plain", "wdqs"))
    windows = [slice_.search(query) for query in log]
    offsets = [int(found[2]) for found in windows if found and "p:P36 " in found[1]]
    assert offsets == [0, 4, 8, 12]  # 16 statements of P36, of every rank, value or none


def test_batches_shrink_to_what_is_answered_and_grow_again(tmp_path: Path) -> None:
    sizes: list[int] = []

    def select(query: str) -> Iterator[Row]:
        n = len(query.split("VALUES ?i {")[1].split("}")[0].split())
        if n > 30:
            raise QueryTimeout("stopped")
        sizes.append(n)
        yield from ({"i": f"{sparql_queries.ENTITY}Q{number}"} for number in ())

    asker = Asker(select, QueryCache(tmp_path, "test"), AdaptiveBatches(clock=itertools.count().__next__))
    ids = [f"Q{number}" for number in range(1, 101)]
    found = dict(asker.about(sparql_queries.pages("standard"), ids))
    assert found == {qid: [] for qid in ids}
    assert sizes == [25, 18, 27, 30]  # 100 → 50 → 25; ×1.5 is 37 → 18; 27; of 40 the 30 that are left


def test_one_item_that_is_too_much_is_named(tmp_path: Path) -> None:
    def select(query: str) -> Iterator[Row]:
        if "wd:Q7 " in query:
            raise QueryTimeout("stopped")
        return iter(())

    asker = Asker(select, QueryCache(tmp_path, "test"), AdaptiveBatches())
    ids = [f"Q{number}" for number in range(1, 20)]
    with pytest.raises(QueryTimeout, match=r"that was for Q7 alone.* 6 answers so far are kept: go on with --resume"):
        list(asker.about(sparql_queries.pages("standard"), ids))


def as_graph(entity: WikidataEntity) -> WikidataEntity:
    """Return an entity as a graph has it: aliases have no order and no repetition."""
    return replace(entity, aliases={lang: tuple(sorted(set(texts))) for lang, texts in entity.aliases.items()})


def by_content(statement: Statement) -> str:
    return repr(statement)


def check_against_json(items: Mapping[str, Mapping[str, Any]], url: str, found: SourceOptions) -> int:
    """Compare all that a graph says about items with what the reader of their JSON says; return the number of statements."""
    reader = ItemReader(found.languages, found.relations)
    parsed = [reader.decode(json.dumps(each).encode()) for each in items.values()]
    source = open_endpoint(url, found)
    entities = {entity.qid: entity for entity in source.entities(items)}
    assert entities == {each.entity.qid: as_graph(each.entity) for each in parsed if each is not None}
    n_statements = 0
    for pid in found.relations:
        expected = [s for each in parsed if each is not None for s in each.statements if s.relation_pid == pid]
        assert sorted(source.statements(pid), key=by_content) == sorted(expected, key=by_content), pid
        n_statements += len(expected)
    source.close()
    return n_statements


def test_a_server_says_what_the_json_says(dump_graph: str, tmp_path: Path) -> None:
    found = options(tmp_path, min_langs=0, min_sitelinks=0)
    assert check_against_json(ITEMS, dump_graph, found) == 16  # of P36 12, of P19 4
    assert {entity.qid for entity in open_endpoint(dump_graph, found).entities(EVERY_ID)} == set(ITEMS)


def test_real_items_with_ranks_qualifiers_and_sitelinks(shared_data: Path, tmp_path: Path) -> None:
    lines = (shared_data / "wikidata_raw" / "dump_first49" / "entities").read_text(encoding="utf-8").splitlines()
    items = {(found := json.loads(line.rstrip(",")))["id"]: found for line in lines if line.startswith("{")}
    assert len(items) == 49
    relations = (
        "P17",
        "P19",
        "P26",
        "P30",
        "P31",
        "P36",
        "P37",
        "P38",
        "P39",
        "P47",
        "P69",
        "P102",
        "P131",
        "P150",
        "P190",
    )
    found = SourceOptions(languages=POLYFACT_LANGUAGES, relations=relations, work=tmp_path, min_langs=0)
    with serve(n_triples(items.values()), tmp_path) as url:
        assert check_against_json(items, url, found) > 400


def test_a_thousand_items_of_the_slice(shared_data: Path, tmp_path: Path) -> None:
    items: dict[str, dict[str, Any]] = {}
    with gzip.open(shared_data / "wikidata_slice_assembled" / "entities.json.gz", "rt", encoding="utf-8") as file:
        for line in itertools.islice(file, 1, 1001):
            item = json.loads(line.rstrip(",\n"))
            items[item["id"]] = item
    relations = ("P17", "P19", "P27", "P36", "P37", "P38", "P50", "P57", "P106", "P131", "P136", "P495")
    found = SourceOptions(languages=POLYFACT_LANGUAGES, relations=relations, work=tmp_path, min_langs=0)
    with serve(n_triples(items.values()), tmp_path) as url:
        assert check_against_json(items, url, found) > 1000


# Hand-written in the shape of the embedded graph: two marks, and types as truthy triples only.
EMBEDDED = """
@prefix wd: <http://www.wikidata.org/entity/> . @prefix wdt: <http://www.wikidata.org/prop/direct/> .
@prefix p: <http://www.wikidata.org/prop/> . @prefix ps: <http://www.wikidata.org/prop/statement/> .
@prefix pq: <http://www.wikidata.org/prop/qualifier/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix wikibase: <http://wikiba.se/ontology#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
wd:Q3 p:P36 [ ps:P36 wd:Q13 ; wikibase:rank wikibase:NormalRank ; <urn:xleval:leftOut> "disputed: two claims" ] ,
  [ ps:P36 wd:Q14 ; wikibase:rank wikibase:NormalRank ; <urn:xleval:leftOut> "former: until long ago" ] ,
  [ ps:P36 wd:Q15 ; wikibase:rank wikibase:NormalRank ; <urn:xleval:leftOut> "former: until 1991" ;
    pq:P582 "1991-01-01T00:00:00Z"^^xsd:dateTime ] .
wd:Q3 wdt:P31 wd:Q6256 ; rdfs:label "Three"@en , "Drei"@de ; <urn:xleval:derivedLabelIn> "de" .
"""


def test_the_marks_of_the_embedded_graph(tmp_path: Path) -> None:
    store = pyoxigraph.Store()
    store.load(EMBEDDED.encode(), format=pyoxigraph.RdfFormat.TURTLE)
    source = EmbeddedSource(
        select_from(store), options(tmp_path, min_sitelinks=0), {"name": "test", "as_of": "2026-11"}
    )
    assert [(s.object_qid, s.end, s.left_out, s.ended(2026)) for s in source.statements("P36")] == [
        ("Q13", None, "disputed: two claims", False),
        ("Q14", UNKNOWN_YEAR, "former: until long ago", True),
        ("Q15", 1991, "former: until 1991", True),
    ]
    (entity,) = source.entities(["Q3"])
    assert entity.types == ("Q6256",)
    assert entity.labels == {"en": "Three", "de": "Drei"}
    assert [source.label_source("Q3", lang) for lang in ("en", "de")] == ["cldr", "cldr-derived"]


def test_the_embedded_graph_itself(tmp_path: Path) -> None:
    source = open_embedded(SourceOptions(languages=("en", "sw", "zh"), relations=("P36",), work=tmp_path))
    kenya = next(s for s in source.statements("P36") if s.subject_qid == "Q114")
    assert kenya == Statement(subject_qid="Q114", relation_pid="P36", object_qid="Q3870")
    (nairobi,) = source.entities(["Q3870"])
    assert nairobi.labels == {"en": "Nairobi", "sw": "Nairobi", "zh": "内罗毕"}
    assert source.label_source("Q3870", "sw") == "cldr-derived"
    assert source.label_source("Q3870", "zh") == "cldr"
    assert source.description["name"] == "embedded"
    assert not list(tmp_path.iterdir())  # it keeps nothing


@pytest.mark.parametrize(
    ("odd", "words"),
    [
        ({"n": "many"}, r"the endpoint counts 'many' for \?n; a whole number is needed"),
        ({"n": "9" * 5000}, r"the endpoint counts '9{40}' for \?n"),
        ({"v": None}, r"the endpoint gives a row without \?v"),
        ({"name": None}, r"the endpoint gives a row without \?name"),
        ({"rank": None}, r"the endpoint gives a row without \?rank"),
    ],
)
def test_rows_that_no_copy_of_wikidata_gives_are_named(
    odd: Mapping[str, str | None], words: str, tmp_path: Path
) -> None:
    """First from the endpoint, then from what was kept of its answers."""
    real = in_process("dump")

    def select(query: str) -> Iterator[Row]:
        for row in real(query):
            changed = {name: odd.get(name, value) for name, value in row.items()}
            yield {name: value for name, value in changed.items() if value is not None}

    for _ in range(2):
        with pytest.raises(Misconfigured, match=words):
            source_of(select, tmp_path).statements("P36")
