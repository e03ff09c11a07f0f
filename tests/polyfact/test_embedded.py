"""The embedded table is well formed, its graph answers Wikidata's SPARQL, and its Q-ids were checked."""

import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from xleval.errors import ConfigError, DataError
from xleval.polyfact.embedded import graph, table
from xleval.polyfact.embedded.graph import CldrName, cldr_names, cldr_version, load_graph
from xleval.polyfact.embedded.table import Entity, Fact, read_entities, read_facts, single_valued

if TYPE_CHECKING:
    from pyoxigraph import Store

TWELVE = ("en", "de", "id", "pt", "ar", "bn", "sw", "es", "ru", "fr", "ja", "zh")
EXTRA = ("ko", "uk", "th", "te", "vi", "it", "ms")
PREFIXES = """
PREFIX wd: <http://www.wikidata.org/entity/>
PREFIX wdt: <http://www.wikidata.org/prop/direct/>
PREFIX p: <http://www.wikidata.org/prop/>
PREFIX ps: <http://www.wikidata.org/prop/statement/>
PREFIX pq: <http://www.wikidata.org/prop/qualifier/>
PREFIX wikibase: <http://wikiba.se/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="module")
def store() -> "Store":
    return load_graph(TWELVE)


@pytest.fixture(scope="module")
def names() -> dict[str, dict[str, CldrName]]:
    return cldr_names(TWELVE)


def ask(store: "Store", query: str) -> list[tuple[str, ...]]:
    from pyoxigraph import QuerySolutions

    rows = store.query(PREFIXES + query)
    assert isinstance(rows, QuerySolutions)
    return sorted(tuple(value.value for value in row) for row in rows)


def item(qid: str) -> str:
    return f"http://www.wikidata.org/entity/{qid}"


def named_everywhere(fact: Fact, names: Mapping[str, Mapping[str, CldrName]], sources: set[str]) -> bool:
    ends = (names[fact.subject_qid], names[fact.object_qid])
    return all(lang in end and end[lang].source in sources for end in ends for lang in TWELVE)


def test_tables_are_well_formed() -> None:
    entities, facts = read_entities(), read_facts()
    assert len({entity.qid for entity in entities}) == len(entities)
    used = {qid for fact in facts for qid in (fact.subject_qid, fact.object_qid)}
    assert used == {entity.qid for entity in entities}
    kinds = Counter(entity.kind for entity in entities)
    assert kinds["country"] == 194  # 193 members of the United Nations and the Vatican
    assert kinds["continent"] == 6
    assert Counter(entity.checked for entity in entities)["unchecked"] <= 5


def test_every_property_has_subjects_and_objects_of_its_kinds() -> None:
    kind = {entity.qid: entity.kind for entity in read_entities()}
    places = {"country", "territory"}
    expected = {
        "P36": (places, {"city"}),
        "P1376": ({"city"}, places),
        "P17": ({"city"}, places),
        "P30": (places, {"continent"}),
        "P37": (places, {"language"}),
        "P38": (places, {"currency"}),
    }
    for fact in read_facts():
        subjects, objects = expected[fact.property_pid]
        assert kind[fact.subject_qid] in subjects, fact
        assert kind[fact.object_qid] in objects, fact


def test_capital_and_capital_of_are_inverse() -> None:
    status = {(f.property_pid, f.subject_qid, f.object_qid): f for f in read_facts()}
    for (pid, subject, value), fact in status.items():
        if pid == "P36":
            back = status["P1376", value, subject]
            # Nicosia is the capital of Cyprus, and another state claims it too: only the way back is ambiguous.
            assert back.status == fact.status or back.reason.startswith("disputed"), fact
        if pid == "P1376":
            assert ("P36", value, subject) in status, fact


def test_only_left_out_facts_have_reasons_and_changes() -> None:
    kinds = {"disputed", "changed", "incomplete", "ambiguous", "former"}
    for fact in read_facts():
        if fact.status == "kept":
            assert not fact.changed_since_2018, fact
        else:
            assert fact.reason.partition(":")[0] in kinds, fact
        if fact.reason.startswith("changed"):
            assert fact.changed_since_2018, fact


@pytest.mark.parametrize(
    ("subject", "pid", "value"),
    [
        ("Q801", "P36", "Q1218"),  # Israel, Jerusalem
        ("Q865", "P36", "Q1867"),  # Taiwan, Taipei
        ("Q19566", "P17", "Q212"),  # Simferopol, Ukraine
        ("Q224", "P38", "Q4916"),  # Croatia, euro since 2023
        ("Q219", "P38", "Q4916"),  # Bulgaria, euro since 2026
        ("Q792", "P38", "Q4917"),  # El Salvador, bitcoin from 2021
        ("Q912", "P37", "Q150"),  # Mali, French until 2023
        ("Q252", "P36", "Q3630"),  # Indonesia, Jakarta
    ],
)
def test_disputed_and_changed_facts_are_left_out(subject: str, pid: str, value: str) -> None:
    fact = next(f for f in read_facts() if (f.subject_qid, f.property_pid, f.object_qid) == (subject, pid, value))
    assert fact.status == "left-out"
    assert fact.reason


@pytest.mark.parametrize(
    ("qid", "pid", "n"),
    [("Q39", "P37", 4), ("Q114", "P37", 2), ("Q159", "P30", 2), ("Q43", "P30", 2), ("Q79", "P30", 2)],
)
def test_many_valued_facts_are_seen_as_such(qid: str, pid: str, n: int, store: "Store") -> None:
    assert len(ask(store, f"SELECT ?v {{ wd:{qid} wdt:{pid} ?v }}")) == n
    assert all((f.subject_qid, f.property_pid) != (qid, pid) for f in single_valued(read_facts()))


def test_single_valued_counts_one_value_apart_from_former_ones() -> None:
    def fact(value: str, status: str = "kept", reason: str = "") -> Fact:
        return Fact(
            subject_qid="Q1",
            property_pid="P17",
            object_qid=value,
            rank="normal",
            changed_since_2018=False,
            status=status,
            reason=reason,
        )

    assert single_valued([fact("Q2")]) == [fact("Q2")]
    assert single_valued([fact("Q2"), fact("Q3")]) == []
    assert single_valued([fact("Q2"), fact("Q3", "left-out", "former: until 1990")]) == [fact("Q2")]
    assert single_valued([fact("Q2"), fact("Q3", "left-out", "disputed: x")]) == []
    assert single_valued([fact("Q3", "left-out", "disputed: x")]) == []


def test_enough_single_valued_facts_are_named_in_all_twelve_languages(names: dict[str, dict[str, CldrName]]) -> None:
    facts = single_valued(read_facts())
    with_derived = Counter(f.property_pid for f in facts if named_everywhere(f, names, {"cldr", "cldr-derived"}))
    listed = Counter(f.property_pid for f in facts if named_everywhere(f, names, {"cldr"}))
    at_least = {"P36": 120, "P1376": 120, "P17": 205, "P30": 205, "P37": 110, "P38": 200}
    assert all(with_derived[pid] >= n for pid, n in at_least.items()), with_derived
    assert with_derived.total() >= 980
    at_least = {"P36": 5, "P1376": 5, "P17": 10, "P30": 205, "P37": 110, "P38": 200}
    assert all(listed[pid] >= n for pid, n in at_least.items()), listed


def test_every_item_has_a_name_in_every_language(names: dict[str, dict[str, CldrName]]) -> None:
    for entity in read_entities():
        assert set(names[entity.qid]) == set(TWELVE), entity
        if entity.kind != "city":
            assert {name.source for name in names[entity.qid].values()} == {"cldr"}, entity
    assert all(set(found) == set(EXTRA) for found in cldr_names(EXTRA).values())


def test_names_come_from_cldr_or_from_the_zone_id(names: dict[str, dict[str, CldrName]]) -> None:
    nairobi = names["Q3870"]
    assert nairobi["sw"] == CldrName(label="Nairobi", source="cldr-derived", aliases=())
    assert nairobi["ru"] == CldrName(label="Найроби", source="cldr", aliases=())
    assert names["Q1960"]["sw"].label == "Dar es Salaam"  # Africa/Dar_es_Salaam
    assert names["Q1348"]["sw"] == CldrName(label="Kolkata", source="cldr", aliases=())  # not Asia/Calcutta's last part
    assert names["Q114"]["zh"].label == "肯尼亚"
    assert "Botswana" in names["Q963"]["de"].aliases  # Swiss German, for Botsuana
    old = {"Calcutta", "Saigon", "Godthab", "Katmandu", "Kiev", "Asmera", "Rangoon", "Tirane"}
    asked = {qid for fact in single_valued(read_facts()) for qid in (fact.subject_qid, fact.object_qid)}
    derived = {name.label for qid in asked for name in names[qid].values() if name.source == "cldr-derived"}
    assert not derived & old


def test_city_names_say_neither_state_nor_country(names: dict[str, dict[str, CldrName]]) -> None:
    zone = {entity.qid: entity.cldr_key for entity in read_entities() if entity.kind == "city"}
    asked = {qid for f in single_valued(read_facts()) for qid in (f.subject_qid, f.object_qid) if qid in zone}
    with_marks = {qid for qid in asked if any(re.search(r"[(（,]", name.label) for name in names[qid].values())}
    assert {zone[qid] for qid in with_marks} == {"Asia/Rangoon"}  # es: Yangón (Rangún), its other name


def test_alias_is_never_the_label_and_keeps_to_the_script(names: dict[str, dict[str, CldrName]]) -> None:
    for found in names.values():
        for lang, name in found.items():
            assert name.label not in name.aliases
            if lang in ("en", "de", "es", "fr", "pt", "sw"):
                assert all(re.match(r"[A-Za-zÀ-ɏ]", alias) for alias in name.aliases), (lang, name)


def test_truthy_triples_are_the_kept_facts(store: "Store") -> None:
    for pid in table.RELATIONS:
        rows = ask(store, f"SELECT ?s ?v {{ ?s wdt:{pid} ?v }}")
        kept = sorted(
            (item(f.subject_qid), item(f.object_qid))
            for f in read_facts()
            if f.property_pid == pid and f.status == "kept"
        )
        assert rows == kept


def test_statement_nodes_have_rank_and_reason(store: "Store") -> None:
    rows = ask(
        store,
        "SELECT ?s ?v ?rank ?why { ?s p:P36 ?st . ?st ps:P36 ?v ; wikibase:rank ?rank . "
        "OPTIONAL { ?st <urn:xleval:leftOut> ?reason } BIND(COALESCE(?reason, '') AS ?why) }",
    )
    assert len(rows) == sum(f.property_pid == "P36" for f in read_facts())
    normal = "http://wikiba.se/ontology#NormalRank"
    assert (item("Q114"), item("Q3870"), normal, "") in rows
    assert (item("Q801"), item("Q1218"), normal, "disputed: status of Jerusalem") in rows


def test_former_value_is_no_best_rank_and_has_an_end(store: "Store") -> None:
    rows = ask(
        store,
        "SELECT ?v ?end { wd:Q1947 p:P17 ?st . ?st ps:P17 ?v . "
        "OPTIONAL { ?st pq:P582 ?date } BIND(COALESCE(STR(?date), '') AS ?end) }",
    )
    assert rows == [(item("Q1049"), "2011-01-01T00:00:00Z"), (item("Q958"), "")]
    assert ask(store, "SELECT ?v { wd:Q1947 wdt:P17 ?v }") == [(item("Q958"),)]
    assert ask(store, "SELECT ?v { wd:Q1947 p:P17 ?st . ?st a wikibase:BestRank ; ps:P17 ?v }") == [(item("Q958"),)]


def test_labels_types_and_marks(store: "Store") -> None:
    assert ask(store, 'SELECT ?l { wd:Q114 rdfs:label ?l FILTER(LANG(?l) = "zh") }') == [("肯尼亚",)]
    assert ask(store, "SELECT ?t { wd:Q114 wdt:P31 ?t }") == [(item("Q6256"),)]
    assert ask(store, "SELECT ?t { wd:Q223 wdt:P31 ?t }") == [(item("Q161243"),)]
    marks = {row[0] for row in ask(store, "SELECT ?l { wd:Q3870 <urn:xleval:derivedLabelIn> ?l }")}
    assert marks == {"en", "de", "id", "sw", "es", "fr"}
    assert ask(store, 'SELECT ?l { wd:Q963 skos:altLabel ?l FILTER(LANG(?l) = "de") }') == [("Botswana",)]
    assert ask(store, "SELECT ?l { wd:P36 wikibase:directClaim ?l }") == [("http://www.wikidata.org/prop/direct/P36",)]


def test_every_item_has_one_label_a_language_and_one_type(store: "Store") -> None:
    n = len(read_entities())
    assert len(ask(store, "SELECT ?i ?l { ?i rdfs:label ?l }")) == n * len(TWELVE)
    assert len(ask(store, "SELECT ?i ?t { ?i wdt:P31 ?t }")) == n


def test_loading_is_quick_and_repeatable() -> None:
    start = time.perf_counter()
    first = load_graph(TWELVE)
    assert time.perf_counter() - start < 3
    assert {str(quad) for quad in first} == {str(quad) for quad in load_graph(TWELVE)}


def test_versions_and_date() -> None:
    assert re.fullmatch(r"\d+(\.\d+)*", cldr_version())
    assert re.fullmatch(r"20\d\d-\d\d", graph.AS_OF)


def test_unknown_language_is_refused() -> None:
    with pytest.raises(ConfigError, match="unknown language 'xx'"):
        cldr_names(["xx"])


def test_bad_rows_are_refused() -> None:
    with pytest.raises(DataError, match="required: a Q-id"):
        Entity(qid="114", kind="country", cldr_kind="territory", cldr_key="KE", checked="slice")
    with pytest.raises(DataError, match="kind is 'town'"):
        Entity(qid="Q114", kind="town", cldr_kind="territory", cldr_key="KE", checked="slice")
    with pytest.raises(DataError, match="left-out facts have one"):
        Fact(
            subject_qid="Q114",
            property_pid="P36",
            object_qid="Q3870",
            rank="normal",
            changed_since_2018=False,
            status="left-out",
            reason="",
        )


def test_importing_the_graph_loads_no_heavy_package() -> None:
    code = "import sys, xleval.polyfact.embedded.graph; print([m for m in ('babel', 'pyoxigraph') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_q_ids_are_borne_out_by_the_data() -> None:
    if not (SHARED / "wikidata_slice_assembled").is_dir():
        pytest.skip("needs ../shared/data: wikidata_slice_assembled, linguameta, wof_places")
    script = ROOT / "scripts" / "check_qids.py"
    command = [sys.executable, str(script), "--shared", str(SHARED)]
    env = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    items = next(line for line in done.stdout.splitlines() if line.startswith("items      all"))
    assert sum(int(n) for n in re.findall(r"confirmed by \w+ (\d+)", items)) >= 575
    facts = next(line for line in done.stdout.splitlines() if line.startswith("kept facts all"))
    confirmed = re.search(r"confirmed (\d+)", facts)
    assert confirmed is not None
    assert int(confirmed[1]) >= 740
