"""What becomes of each thing that an endpoint can answer; the real Oxigraph server, and a proxy that breaks its answers."""

import email.utils
import gzip
import json
import re
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.polyfact.sources.fault_proxy import ANSWERS, Schedule, fault_proxy
from tests.polyfact.sources.oxigraph_server import serve
from xleval import __version__
from xleval.data.retry_after import retry_after_s
from xleval.errors import BackendError, ConfigError
from xleval.polyfact.sources import sparql_client
from xleval.polyfact.sources.patience import (
    BadQuery,
    EndpointFault,
    Misconfigured,
    Patience,
    QueryTimeout,
    Throttled,
    Transient,
    Truncated200,
    Unanswered,
    public_url,
    user_agent,
    within,
)
from xleval.polyfact.sources.sparql_client import SparqlClient, check_dialect

pytest.importorskip("SPARQLWrapper")
pytest.importorskip("tenacity")

QUERY = "SELECT ?l WHERE { <http://www.wikidata.org/entity/Q1> <http://www.w3.org/2000/01/rdf-schema#label> ?l } ORDER BY ?l"
ROWS = [{"l": 'A "quoted" \\ land'}, {"l": "Land"}, {"l": "Pays"}, {"l": "国"}]


class Clock:
    """Time that passes only while it is slept."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def __call__(self) -> float:
        return self.now


def client_of(url: str, clock: Clock, *, longest_s: float = 1800.0, timeout_s: float = 20.0) -> SparqlClient:
    patience = Patience(public_url(url), longest_s=longest_s, sleep=clock.sleep, clock=clock)
    return SparqlClient(url, user_agent=user_agent(url, ""), patience=patience, timeout_s=timeout_s)


def test_rows_of_the_real_server(service_graph: str) -> None:
    client = client_of(service_graph, Clock())
    assert client.select(QUERY) == ROWS
    assert client.select("SELECT ?x ?y WHERE { BIND(BNODE() AS ?x) }")[0]["x"].startswith("_:")
    assert client.select("SELECT ?x WHERE { ?x <urn:nothing> ?x }") == []
    many = "SELECT ?v WHERE { VALUES ?v { " + " ".join(f"<urn:{n}>" for n in range(5000)) + " } }"
    assert len(client.select(many)) == 5000  # 60 KB: too much for an address


@pytest.mark.parametrize(
    ("name", "waits"),
    [
        ("429", (7, 8)),  # Retry-After, and up to a second so that not all come back at once
        ("429-without-time", (60, 61)),
        ("500", (0.5, 1)),
        ("502", (0.5, 1)),
        ("503", (3, 4)),
        ("closed", (0.5, 1)),
        ("cut", (0.5, 1)),
        ("cut-connection", (0.5, 1)),
    ],
)
def test_a_fault_that_passes_is_waited_for(service_graph: str, name: str, waits: tuple[float, float]) -> None:
    clock, schedule = Clock(), Schedule(faults={0: name})
    with fault_proxy(service_graph, schedule) as url:
        assert client_of(url, clock).select(QUERY) == ROWS
    assert len(schedule.bodies) == 2
    assert len(clock.slept) == 1
    assert waits[0] <= clock.slept[0] <= waits[1]


@pytest.mark.parametrize("name", ["silence", "slow-drip"])
def test_an_answer_that_does_not_come_in_time_is_asked_again(service_graph: str, name: str) -> None:
    clock, schedule = Clock(), Schedule(faults={0: name})
    with fault_proxy(service_graph, schedule) as url:
        assert client_of(url, clock, timeout_s=1).select(QUERY) == ROWS
    assert len(schedule.bodies) == 2


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("blazegraph-500", QueryTimeout, "TimeoutException"),
        ("504", QueryTimeout, "HTTP 504"),
        ("qlever-429", QueryTimeout, "Operation timed out"),
        ("blazegraph-cut", QueryTimeout, "stopped within the answer"),
        ("oxigraph-cut", QueryTimeout, "operation has been cancelled"),
        ("400", BadQuery, "Parse error: unexpected token"),
        ("401", Misconfigured, "user name and password"),
        ("403", Misconfigured, "is --contact right"),
        ("404", Misconfigured, "no SPARQL endpoint at this address"),
        ("html", Misconfigured, "the answer is HTML, not JSON"),
        ("wrong-json", Misconfigured, "JSON, but not of SPARQL"),
    ],
)
def test_a_fault_that_stays_ends_at_once(service_graph: str, name: str, kind: type[Exception], words: str) -> None:
    clock, schedule = Clock(), Schedule(fault_of=lambda _: name)
    with fault_proxy(service_graph, schedule) as url, pytest.raises(kind, match=words) as caught:
        client_of(url, clock).select(QUERY)
    assert isinstance(caught.value, BackendError)
    assert url in str(caught.value)
    assert len(schedule.bodies) == 1
    assert clock.slept == []


def test_the_real_server_stops_within_a_good_answer(service_graph: str, tmp_path: Path) -> None:
    lines = [f"<urn:{n}> <urn:p> <urn:{n + 1}> ." for n in range(300)]
    slow = "SELECT ?a ?b ?c ?d WHERE { ?a <urn:p> ?x . ?b <urn:p> ?y . ?c <urn:p> ?z . FILTER(STR(?a) = STR(?c) && ?z = ?b) }"
    with (
        serve(lines, tmp_path, "--timeout-s", "1") as url,
        pytest.raises(QueryTimeout, match="stopped within the answer"),
    ):
        client_of(url, Clock()).select(slow)


def test_bad_syntax_is_shown_as_the_real_server_says_it(service_graph: str) -> None:
    with pytest.raises(BadQuery, match=r"HTTP 400, the endpoint does not take the query: .*expected"):
        client_of(service_graph, Clock()).select("SELECT ?x WHERE { ?x ?y }")
    with pytest.raises(Misconfigured, match="no SPARQL endpoint at this address"):
        client_of(service_graph.replace("/query", "/sparkle"), Clock()).select(QUERY)


def test_a_dead_endpoint_ends(service_graph: str) -> None:
    clock = Clock()
    with fault_proxy(service_graph, Schedule()) as url:
        client = client_of(url, clock)
    with pytest.raises(
        Unanswered, match=r"is not reached: .*; given up after \d+ s\. Check the address and the network"
    ):
        client.select(QUERY)
    assert len(clock.slept) == 3  # four tries: it was never there
    assert clock.now - 1000 < 10


def test_an_endpoint_that_dies_is_waited_for(service_graph: str) -> None:
    clock = Clock()
    with fault_proxy(service_graph, Schedule()) as url:
        client = client_of(url, clock)
        client.select(QUERY)
    with pytest.raises(Unanswered, match=r"is not reached: .*; given up after \d+ s$"):
        client.select(QUERY)
    assert len(clock.slept) == 9  # ten tries
    assert 120 < clock.now - 1000 < 360


def test_patience_with_a_throttle_has_an_end(service_graph: str) -> None:
    clock, schedule = Clock(), Schedule(fault_of=lambda _: "429")
    with fault_proxy(service_graph, schedule) as url, pytest.raises(Unanswered, match=r"too many requests: .*given up"):
        client_of(url, clock, longest_s=100).select(QUERY)
    assert clock.now - 1000 <= 100
    assert len(schedule.bodies) in (13, 14, 15)  # 7 to 8 s each
    long = (429, {"Retry-After": "86400"}, b"come back tomorrow")
    clock = Clock()
    with fault_proxy(lambda *_: long, Schedule()) as url, pytest.raises(Unanswered, match="come back tomorrow"):
        client_of(url, clock).select(QUERY)
    assert clock.slept == []


def test_good_answers_renew_the_patience(service_graph: str) -> None:
    clock = Clock()
    schedule = Schedule(faults={number: "429" for number in range(0, 40, 2)})
    with fault_proxy(service_graph, schedule) as url:
        client = client_of(url, clock, longest_s=30)
        for _ in range(20):
            assert client.select(QUERY) == ROWS
    assert clock.now - 1000 > 140


def test_an_answer_that_is_cut_each_time_is_said_to_be(service_graph: str) -> None:
    schedule = Schedule(fault_of=lambda _: "cut")
    with fault_proxy(service_graph, schedule) as url, pytest.raises(Truncated200, match=r"cut off after \d+ bytes"):
        client_of(url, Clock()).select(QUERY)
    assert len(schedule.bodies) == 3


def test_what_is_sent(service_graph: str) -> None:
    schedule = Schedule()
    with fault_proxy(service_graph, schedule) as url:
        named = url.replace("http://", "http://reader:p%40ss@") + "?graph=1"
        patience = Patience(public_url(named))
        SparqlClient(named, user_agent=user_agent(url, "me@example.org"), patience=patience).select(QUERY)
    sent = schedule.headers[0]
    assert re.fullmatch(
        rf"xleval/{re.escape(__version__)} \(me@example\.org; PolyFact builder\) Python/[\d.]+", sent["user-agent"]
    )
    assert sent["authorization"] == "Basic cmVhZGVyOnBAc3M="  # printf 'reader:p@ss' | base64
    assert sent["accept-encoding"] == "gzip"
    assert "application/sparql-results+json" in sent["accept"]
    assert public_url(named) == url


def test_a_packed_answer_is_unpacked_and_a_torn_one_is_not_taken() -> None:
    whole = gzip.compress(
        json.dumps(
            {"head": {"vars": ["n"]}, "results": {"bindings": [{"n": {"type": "literal", "value": "7"}}]}}
        ).encode()
    )
    for content in (whole[:-20], whole[:30]):
        answers = [(200, {"Content-Encoding": "gzip"}, content), (200, {"Content-Encoding": "gzip"}, whole)]
        with fault_proxy(lambda *_, left=answers: left.pop(0), Schedule()) as url:
            clock = Clock()
            assert client_of(url, clock).select(QUERY) == [{"n": "7"}]
            assert len(clock.slept) == 1


def test_a_packed_answer_is_unpacked_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """A megabyte of gzip may hold a gigabyte: it is not unpacked past the limit."""
    monkeypatch.setattr(sparql_client, "MAX_ANSWER_BYTES", 1 << 20)
    bomb = gzip.compress(bytes(1 << 28), 1)
    tracemalloc.start()
    try:
        with fault_proxy(lambda *_: (200, {"Content-Encoding": "gzip"}, bomb), Schedule()) as url:
            with pytest.raises(QueryTimeout, match="the answer is over 1 MiB"):
                client_of(url, Clock()).select(QUERY)
        assert tracemalloc.get_traced_memory()[1] < 100 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"head": {}, "results": {"bindings": []}}', b'{"head": {"vars": []}, "boolean": true}',
                                  b'{"head": {"vars": []}, "results": {"bindings": [{"a": "b"}]}}', b"ok", b"null",
                                  b'{"head": {"vars": []}, "more": ' + b"[" * 100_000])  # fmt: skip
def test_what_is_no_answer_is_never_taken_for_an_empty_one(body: bytes) -> None:
    with fault_proxy(lambda *_: (200, {}, body), Schedule()) as url, pytest.raises(EndpointFault):
        client_of(url, Clock()).select(QUERY)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?s WHERE { hint:Query hint:optimizer 'None' . ?s ?p ?o }",
        "SELECT ?s WHERE { SERVICE bd:slice { ?s ?p ?o . bd:serviceParam bd:slice.offset 0 } }",
        "SELECT ?sLabel WHERE { ?s ?p ?o SERVICE wikibase:label { } }",
        "SELECT ?s WHERE { service silent wikibase:label { } }",
        "SELECT ?s WITH { SELECT ?s {} } AS %x WHERE { INCLUDE %x }",
    ],
)
def test_an_extension_is_refused_before_it_is_sent(query: str) -> None:
    schedule = Schedule()
    with (
        fault_proxy(lambda *_: ANSWERS["html"], schedule) as url,
        pytest.raises(ConfigError, match="only the dialect wdqs has"),
    ):
        client_of(url, Clock()).select(query)
    assert schedule.bodies == []
    check_dialect(query, "wdqs")
    check_dialect(QUERY + " # wikibase:rank", "standard")


def test_a_contact_is_needed_for_what_is_not_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XLEVAL_CONTACT", raising=False)
    with pytest.raises(
        ConfigError, match=r"https://query.wikidata.org/sparql wants to know .*--contact or \$XLEVAL_CONTACT"
    ):
        user_agent("https://user:secret@query.wikidata.org/sparql?key=1", "")
    for wrong in ("me", "me@example.org\r\nX: y", "mé@example.org"):
        with pytest.raises(ConfigError, match="neither an e-mail address nor a URL"):
            user_agent("https://query.wikidata.org/sparql", wrong)
    monkeypatch.setenv("XLEVAL_CONTACT", "https://example.org/me")
    assert "(https://example.org/me; " in user_agent("https://query.wikidata.org/sparql", "")
    assert "(local; " not in user_agent("http://localhost:7878/query", "")


def test_retry_after() -> None:
    moment = datetime.now(UTC) + timedelta(seconds=90)
    assert 85 < (retry_after_s(email.utils.format_datetime(moment, usegmt=True)) or 0) <= 90
    values = ("120", "0", "-5", "soon", "nan", "inf", "", None, "Wed, 21 Oct 2015 07:28:00 GMT")
    assert [retry_after_s(value) for value in values] == [120, 0, 0, None, None, None, None, None, 0]


def test_within_gives_back_and_raises_what_the_call_does() -> None:
    late = Transient("late")
    assert within(5, lambda: 7, lambda: late) == 7
    with pytest.raises(Throttled, match="no"):
        within(5, lambda: (_ for _ in ()).throw(Throttled("no")), lambda: late)
    import threading

    gate = threading.Event()
    with pytest.raises(Transient, match="late"):
        within(0.05, lambda: gate.wait(5), lambda: late)
    gate.set()
