"""`wbgetentities`: what is sent, what is taken, what is waited for; a stub answers as the API is documented to."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.polyfact.sources.fault_proxy import Answer, Schedule, Upstream, fault_proxy, wikibase_api
from tests.polyfact.sources.test_sparql_client import Clock
from tests.polyfact.sources.wikidata_items import EVERY_ID, ITEMS, LANGUAGES, NOTHING, REDIRECT, RELATIONS
from xleval.errors import DataError
from xleval.polyfact.sources.patience import BadQuery, EndpointFault, Misconfigured, Patience, QueryTimeout, Unanswered
from xleval.polyfact.sources.query_cache import QueryCache
from xleval.polyfact.sources.wikibase_api import WikibaseApi
from xleval.polyfact.sources.wikibase_json import ItemReader, ParsedItem

pytest.importorskip("httpx")
pytest.importorskip("tenacity")

STUB = wikibase_api(ITEMS, {REDIRECT: "Q1"})
MANY = tuple(f"Q{number}" for number in range(1, 121))


def read(
    url: str, folder: Path, clock: Clock, qids: tuple[str, ...] = EVERY_ID, timeout_s: float = 20
) -> dict[str, ParsedItem | None]:
    api = WikibaseApi(
        url,
        languages=LANGUAGES,
        relations=RELATIONS,
        user_agent="xleval/test (me@example.org)",
        patience=Patience(url, longest_s=300, sleep=clock.sleep, clock=clock),
        cache=QueryCache(folder, "here"),
        timeout_s=timeout_s,
    )
    try:
        return dict(api.items(qids))
    finally:
        api.close()


def expected() -> dict[str, ParsedItem | None]:
    """Return what the reader of the JSON says; aliases have no order, as in a graph."""
    reader = ItemReader(LANGUAGES, RELATIONS)
    found: dict[str, ParsedItem | None] = {}
    for qid in EVERY_ID:
        parsed = reader.decode(json.dumps(ITEMS[qid]).encode()) if qid in ITEMS else None
        if parsed is not None:
            aliases = {lang: tuple(sorted(texts)) for lang, texts in parsed.entity.aliases.items()}
            parsed = replace(parsed, entity=replace(parsed.entity, aliases=aliases))
        found[qid] = parsed
    return found


def form(body: str) -> Mapping[str, str]:
    return dict(part.split("=", 1) for part in body.split("&"))


def test_items_are_those_of_the_json(tmp_path: Path) -> None:
    schedule = Schedule()
    with fault_proxy(STUB, schedule) as url:
        found = read(url, tmp_path, Clock())
    assert found == expected()
    assert found[REDIRECT] is found[NOTHING] is None
    assert found["Q1"] is not None
    assert found["Q1"].entity.aliases["en"] == ("A land", "Landia")
    assert len(found["Q1"].statements) == 2  # the deprecated one is left out
    sent = form(schedule.bodies[0])
    assert sent["maxlag"] == "5"
    assert sent["redirects"] == "no"
    assert sent["props"] == "labels|aliases|claims|sitelinks"
    assert schedule.headers[0]["user-agent"] == "xleval/test (me@example.org)"
    assert schedule.headers[0]["accept-encoding"] == "gzip"


def test_fifty_ids_in_a_call_and_one_call_at_a_time(tmp_path: Path) -> None:
    schedule = Schedule()
    with fault_proxy(STUB, schedule) as url:
        found = read(url, tmp_path, Clock(), MANY)
    assert [len(form(body)["ids"].split("|")) for body in schedule.bodies] == [50, 50, 20]
    assert schedule.most_underway == 1
    assert set(found) == set(MANY)
    assert [qid for qid in MANY if found[qid]] == [qid for qid in MANY if qid in ITEMS]


@pytest.mark.parametrize(
    ("name", "waits"),
    [
        ("maxlag", (5, 6)),
        ("429", (7, 8)),
        ("503", (3, 4)),
        ("500", (0.5, 1)),
        ("502", (0.5, 1)),
        ("api-error", (0.5, 1)),
        ("closed", (0.5, 1)),
        ("cut", (0.5, 1)),
        ("cut-connection", (0.5, 1)),
        ("silence", (0.5, 1)),
        ("slow-drip", (0.5, 1)),
    ],
)
def test_faults_that_pass(name: str, waits: tuple[float, float], tmp_path: Path) -> None:
    clock = Clock()
    with fault_proxy(STUB, Schedule(faults={0: name})) as url:
        assert read(url, tmp_path, clock, timeout_s=0.6) == expected()
    assert len(clock.slept) == 1
    assert waits[0] <= clock.slept[0] <= waits[1]


@pytest.mark.parametrize("name", ["html", "wrong-json", "404", "403", "maxlag", "500", "cut"])
def test_a_fault_that_stays_ends_and_what_was_answered_is_not_asked_again(name: str, tmp_path: Path) -> None:
    schedule = Schedule(fault_of=lambda text: name if "Q60" in text else None)
    with fault_proxy(STUB, schedule) as url:
        with pytest.raises(EndpointFault, match=r"answers so far are kept: go on with --resume") as caught:
            read(url, tmp_path, Clock(), MANY)
        assert isinstance(caught.value, Misconfigured | Unanswered | QueryTimeout)
        before = [qid for body in schedule.good for qid in form(body)["ids"].split("|")]
        schedule.fault_of = lambda _: None
        found = read(url, tmp_path, Clock(), MANY)
        assert [qid for qid in MANY if found[qid]] == [qid for qid in MANY if qid in ITEMS]
        asked = [qid for body in schedule.good for qid in form(body)["ids"].split("|")]
        assert sorted(asked) == sorted(MANY)
        assert len(before) >= 50
        n_asked = len(schedule.bodies)
        assert read(url, tmp_path, Clock(), MANY) == found
        assert len(schedule.bodies) == n_asked


def test_an_answer_that_is_silent_about_an_id_is_not_taken(tmp_path: Path) -> None:
    def upstream(body: bytes, headers: Mapping[str, str]) -> Answer:
        answer = json.loads(STUB(body, headers)[2])
        answer["entities"].pop("Q60", None)
        return 200, {}, json.dumps(answer).encode()

    with (
        fault_proxy(upstream, Schedule()) as url,
        pytest.raises(QueryTimeout, match=r"says nothing about Q60; .*for Q60 alone"),
    ):
        read(url, tmp_path, Clock(), MANY)


def test_the_batch_is_halved_when_it_is_too_much(tmp_path: Path) -> None:
    schedule = Schedule(fault_of=lambda text: "504" if len(form(text)["ids"].split("|")) > 12 else None)
    with fault_proxy(STUB, schedule) as url:
        found = read(url, tmp_path, Clock(), MANY)
    assert set(found) == set(MANY)


def test_words_of_the_api_are_shown(tmp_path: Path) -> None:
    too_many = b'{"error":{"code":"toomanyvalues","info":"Too many values supplied for parameter"}}'
    with (
        fault_proxy(lambda *_: (200, {}, too_many), Schedule()) as url,
        pytest.raises(BadQuery, match="toomanyvalues: Too many"),
    ):
        read(url, tmp_path, Clock())


def test_an_item_that_is_none_is_named(tmp_path: Path) -> None:
    def upstream(body: bytes, _: Mapping[str, str]) -> Answer:
        entities: dict[str, Any] = {qid: {"id": qid, "missing": ""} for qid in EVERY_ID}
        entities["Q10"] = {"id": "Q10", "type": "item", "labels": {"en": 7}}
        return 200, {}, json.dumps({"entities": entities}).encode()

    answers: Upstream = upstream
    with (
        fault_proxy(answers, Schedule()) as url,
        pytest.raises(DataError, match="Q10 is not an entity as Wikibase writes it"),
    ):
        read(url, tmp_path, Clock())


@pytest.mark.parametrize(
    "change",
    [{"claims": {"P36": 7}}, {"claims": {"P36": [7]}}, {"labels": {"en": {"value": "\ud800"}}}, {"claims": 7}],
)
def test_an_item_that_cannot_be_read_is_named_and_not_kept(change: Mapping[str, Any], tmp_path: Path) -> None:
    broken = wikibase_api({**ITEMS, "Q1": {**ITEMS["Q1"], **change}}, {})
    with fault_proxy(broken, Schedule()) as url, pytest.raises(DataError, match="Q1 is"):
        read(url, tmp_path, Clock(), ("Q1",))
    with fault_proxy(STUB, Schedule()) as url:
        assert read(url, tmp_path, Clock(), ("Q1",)) == {"Q1": expected()["Q1"]}
