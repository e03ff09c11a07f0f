"""A whole source over the network: under every fault it says the same, or ends clearly and goes on from there."""

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.polyfact.sources.fault_proxy import Schedule, fault_proxy, wikibase_api
from tests.polyfact.sources.test_sparql_client import Clock
from tests.polyfact.sources.wikidata_items import ITEMS, LANGUAGES, REDIRECT, RELATIONS, everything
from xleval.errors import ConfigError
from xleval.polyfact.sources import SourceOptions, endpoint, query_cache
from xleval.polyfact.sources.batches import AdaptiveBatches
from xleval.polyfact.sources.endpoint import EndpointSource, open_endpoint
from xleval.polyfact.sources.patience import EndpointFault, Misconfigured, Unanswered

pytest.importorskip("SPARQLWrapper")
pytest.importorskip("httpx")

PASSING = ("429", "429-without-time", "500", "502", "503", "closed", "cut", "cut-connection")
TOO_MUCH = ("blazegraph-500", "504", "qlever-429", "blazegraph-cut", "oxigraph-cut")
STAYING = ("html", "wrong-json", "400", "403", "404")


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a dozen items make several batches."""
    monkeypatch.setattr(query_cache, "SYNCHRONOUS", "OFF")  # 20 ms for each answer, in thousands
    monkeypatch.setattr(endpoint, "AdaptiveBatches", functools.partial(AdaptiveBatches, start=4, largest=6))


def open_at(url: str, work: Path, clock: Clock | None = None, api: str = "", **more: Any) -> EndpointSource:
    options = SourceOptions(languages=LANGUAGES, relations=RELATIONS, work=work, min_langs=2, min_sitelinks=1, api=api)
    clock = clock or Clock()
    return open_endpoint(url, options, sleep=clock.sleep, clock=clock, **more)


def tell(url: str, work: Path, api: str = "", **more: Any) -> Mapping[str, Any]:
    """Return everything that a newly opened source says."""
    source = open_at(url, work, api=api, **more)
    try:
        return everything(source)
    finally:
        source.close()


@pytest.fixture(scope="module")
def plain(service_graph: str, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """Return what the graph says when nothing goes wrong."""
    found = tell(service_graph, tmp_path_factory.mktemp("plain"))
    assert len(found["statements"]["P36"]) == 9
    assert len(found["entities"]) == len(ITEMS)
    return found


@pytest.fixture
def api() -> Iterator[tuple[str, Schedule]]:
    schedule = Schedule()
    with fault_proxy(wikibase_api(ITEMS, {REDIRECT: "Q1"}), schedule, "/w/api.php") as url:
        yield url, schedule


@pytest.mark.parametrize("name", PASSING)
def test_faults_that_pass_change_nothing(
    name: str, service_graph: str, plain: Mapping[str, Any], tmp_path: Path
) -> None:
    schedule = Schedule(faults={number: name for number in range(0, 400, 3)})
    with fault_proxy(service_graph, schedule) as url:
        assert tell(url, tmp_path) == plain
    asked = schedule.asked()
    assert len(asked) == len(set(asked))
    assert len(schedule.bodies) - len(schedule.good) > 10
    assert schedule.most_underway == 1


@pytest.mark.parametrize("name", TOO_MUCH)
def test_too_much_is_asked_in_parts(name: str, service_graph: str, plain: Mapping[str, Any], tmp_path: Path) -> None:
    def fault_of(query: str) -> str | None:
        if "VALUES ?i {" in query:
            return name if query.split("VALUES ?i {")[1].split("}")[0].count("wd:") > 3 else None
        return name if "DISTINCT ?s" in query and "STRENDS" not in query else None

    schedule = Schedule(fault_of=fault_of)
    with fault_proxy(service_graph, schedule) as url:
        assert tell(url, tmp_path) == plain
        assert any("STRENDS" in query for query in schedule.good)
        n_asked = len(schedule.bodies)
        assert tell(url, tmp_path) == plain
        assert len(schedule.bodies) == n_asked
    asked = schedule.asked()
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("name", ["silence", "slow-drip"])
def test_answers_that_never_end_change_nothing(
    name: str, service_graph: str, plain: Mapping[str, Any], tmp_path: Path
) -> None:
    with fault_proxy(service_graph, Schedule(faults={7: name})) as url:
        assert tell(url, tmp_path, timeout_s=1) == plain


@pytest.mark.parametrize("name", [*STAYING, "502", "429"])
@pytest.mark.parametrize("good", [0, 1, 9, 23])
def test_an_end_is_clear_and_goes_on_from_there(
    name: str, good: int, service_graph: str, plain: Mapping[str, Any], tmp_path: Path
) -> None:
    schedule = Schedule(faults={number: name for number in range(good, 1000)})
    with fault_proxy(service_graph, schedule) as url:
        words = r"answers so far are kept: go on with --resume" if good else "HTTP|HTML|JSON"
        with pytest.raises(EndpointFault, match=words) as caught:
            tell(url, tmp_path)
        assert isinstance(caught.value, Unanswered) is (name in ("502", "429"))
        assert url in str(caught.value)
        assert len(schedule.good) == good
        schedule.faults = {}
        assert tell(url, tmp_path) == plain
        asked = schedule.asked()
        assert len(asked) == len(set(asked))
        n_asked = len(schedule.bodies)
        assert tell(url, tmp_path) == plain
    assert len(schedule.bodies) == n_asked


def test_with_an_api_the_same_is_said(
    service_graph: str, plain: Mapping[str, Any], api: tuple[str, Schedule], tmp_path: Path
) -> None:
    graph = Schedule()
    with fault_proxy(service_graph, graph) as url:
        assert tell(url, tmp_path, api[0]) == plain
        asked = (len(graph.bodies), len(api[1].bodies))
        assert tell(url, tmp_path, api[0]) == plain
        assert (len(graph.bodies), len(api[1].bodies)) == asked
    assert not any("rdfs:label ?name" in query for query in graph.bodies)
    assert 1 <= len(api[1].bodies) <= 4


@pytest.mark.parametrize("name", ["maxlag", "429", "500", "502", "503", "closed", "cut", "cut-connection", "api-error"])
def test_with_an_api_faults_change_nothing(
    name: str, service_graph: str, plain: Mapping[str, Any], api: tuple[str, Schedule], tmp_path: Path
) -> None:
    api[1].faults = {number: name for number in range(0, 100, 2)}
    assert tell(service_graph, tmp_path, api[0]) == plain
    assert len(api[1].bodies) >= 2


def test_description(service_graph: str, dump_graph: str, api: tuple[str, Schedule], tmp_path: Path) -> None:
    named = service_graph.replace("http://", "http://reader:secret@") + "?key=secret"
    source = open_at(named, tmp_path / "one", api=api[0])
    everything(source)
    description = dict(source.description)
    source.close()
    assert description["name"] == "sparql"
    assert description["endpoint"] == service_graph
    assert description["api"] == api[0]
    assert description["as_of"] == "2026-10"  # what the graph says: see `service_graph`
    assert int(description["queries"]) > len(ITEMS)
    assert "secret" not in str(description)

    without_faults, with_faults = (open_at(service_graph, tmp_path / name) for name in ("two", "three"))
    everything(without_faults)
    for pid in reversed(RELATIONS):
        with_faults.statements(pid)
    everything(with_faults)
    assert without_faults.description == with_faults.description  # the order of questions makes no difference
    assert without_faults.description["query_digest"] != description["query_digest"]
    again = open_at(service_graph, tmp_path / "two")
    everything(again)
    assert again.description == without_faults.description

    now = open_at(dump_graph, tmp_path / "four").description["as_of"]
    assert now[:2] == "20"
    assert len(now) == 7
    options = SourceOptions(languages=LANGUAGES, relations=RELATIONS, work=tmp_path / "five", as_of="2025-01")
    assert open_endpoint(dump_graph, options).description["as_of"] == "2025-01"


def test_names_of_endpoints(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("XLEVAL_CONTACT", raising=False)
    options = SourceOptions(languages=LANGUAGES, relations=RELATIONS, work=tmp_path, as_of="2026-11")
    for name in ("wdqs", "qlever", "https://sparql.example/wikidata"):
        with pytest.raises(ConfigError, match="--contact"):
            open_endpoint(name, options)
    with pytest.raises(ConfigError, match=r"unknown endpoint 'wdq'. Did you mean wdqs"):
        open_endpoint("wdq", options)
    with pytest.raises(ConfigError, match="no address of an endpoint"):
        open_endpoint("ftp://sparql.example/", options)
    odd = SourceOptions(languages=LANGUAGES, relations=RELATIONS, work=tmp_path, dialect="blaze")
    with pytest.raises(ConfigError, match="unknown dialect 'blaze'"):
        open_endpoint("http://127.0.0.1:1/", odd)


def test_the_named_endpoints_are_opened_with_their_dialect_and_api(tmp_path: Path) -> None:
    options = SourceOptions(
        languages=LANGUAGES, relations=RELATIONS, work=tmp_path, as_of="2026-11", contact="me@example.org"
    )
    for name, url in (("wdqs", "https://query.wikidata.org/sparql"), ("qlever", "https://qlever.dev/api/wikidata")):
        source = open_endpoint(name, options)  # with a month given nothing is asked
        assert source.description["name"] == name
        assert source.description["endpoint"] == url
        assert source.description["api"] == "https://www.wikidata.org/w/api.php"
        assert source.description["queries"] == "0"
        source.close()


def test_what_is_waited_for_is_told(service_graph: str, tmp_path: Path) -> None:
    said: list[str] = []
    options = SourceOptions(languages=LANGUAGES, relations=RELATIONS, work=tmp_path, progress=said.append)
    with fault_proxy(service_graph, Schedule(faults={0: "429"})) as url:
        open_endpoint(url, options, sleep=lambda _: None).close()
    assert len(said) == 1
    assert "too many requests" in said[0]
    assert said[0].endswith(("asking again in 7 s", "asking again in 8 s"))


def test_a_misconfigured_endpoint_ends_at_once(tmp_path: Path) -> None:
    schedule = Schedule(fault_of=lambda _: "html")
    with (
        fault_proxy("http://127.0.0.1:9/", schedule) as url,
        pytest.raises(Misconfigured, match="Is it a SPARQL endpoint"),
    ):
        open_at(url, tmp_path)
    assert len(schedule.bodies) == 1
