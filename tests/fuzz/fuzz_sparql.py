"""Answers of a SPARQL endpoint and of a wiki's API: what is read of them equals a plain reading, or a fault says why not.

An input decides what is asked (rows of one query, all that a source reads, items of the API) and what is done to the answer:
its JSON, its bytes, its packing, its status.
"""

import gzip
import http.client
import io
import itertools
import json
from collections.abc import Iterable
from functools import cache
from typing import Any

from tests.fuzz.harness import Choices, Finding, damaged, damaged_bytes, json_text, main, outcome, to_bytes
from tests.polyfact.sources.wikidata_items import ITEMS, LANGUAGES, RELATIONS
from xleval.polyfact.sources import SourceOptions, sparql_queries, wikibase_api
from xleval.polyfact.sources.batches import AdaptiveBatches, Asker
from xleval.polyfact.sources.patience import EndpointFault, Patience
from xleval.polyfact.sources.query_cache import QueryCache
from xleval.polyfact.sources.sparql import SparqlSource
from xleval.polyfact.sources.sparql_client import SparqlClient

URL = "http://127.0.0.1:9/sparql"
_WD = "http://www.wikidata.org/entity/"
_VALUES = (
    f"{_WD}Q1", f"{_WD}Q10", f"{_WD}statement/1", "http://www.wikidata.org/prop/P31", "http://www.wikidata.org/prop/P36", "en",
    "de", "Land", "7", "-3", "1e3", "٣", "1949-05-23T00:00:00Z", "-0044-01-01T00:00:00Z", "+99999999999999999-01-01", "",
    "http://wikiba.se/ontology#PreferredRank", "https://de.wikipedia.org/", "_:b0", f"{_WD}Q" + "9" * 5000, "9" * 5000, "Q1",
)  # fmt: skip
_VARIABLES = ("i", "s", "v", "p", "rank", "st", "start", "end", "point", "lang", "name", "site", "n", "at")


def seeds() -> list[bytes]:
    """Return inputs that reach every reading, with whole answers and with each kind of damage."""
    found = [bytes([kind, status, 0, 3, *range(40)]) for kind in range(6) for status in (0, 1, 5)]
    found += [
        bytes([kind, 0, damage, n, n, 1, 2, n]) for kind in range(6) for damage in range(4) for n in range(0, 90, 11)
    ]
    return found + [bytes([n, 0, 9]) + b'{"head":{"vars":["a"]},"results":{"bindings":[]}}' for n in range(6)]


def one_input(data: bytes) -> None:
    """Read an answer made from the bytes."""
    choices = Choices(data)
    _READINGS[choices.below(len(_READINGS))](choices)


# --- rows -------------------------------------------------------------------------------------------------------------


def _rows(choices: Choices) -> None:
    """Rows of one answer, packed or not, cut or not, with a good status."""
    status = choices.below(8)
    content = _changed(_table(choices), choices)
    body = gzip.compress(content, 1) if status & 1 else content
    body = damaged_bytes(body, choices) if status & 2 else body
    response = _Response(body, packed=bool(status & 1), breaks=status == 7)
    raw, error = outcome(_client()._read, response, float("inf"))
    if error is None and not status & 2 and raw != content and status != 7:
        raise Finding(f"{len(raw)} bytes were unpacked of {len(content)}")
    rows, error = outcome(_client()._rows, content if raw is None else raw)
    if error is None:
        expected = [
            {name: ("_:" if term["type"] == "bnode" else "") + term["value"] for name, term in row.items()}
            for row in _plainly(content if raw is None else raw)
        ]
        if rows != expected:
            raise Finding("the rows are not those of the JSON")


def _plainly(content: bytes) -> list[Any]:
    found: list[Any] = json.loads(content, parse_int=str)["results"]["bindings"]
    return found


class _Response(io.BytesIO):
    """What SPARQLWrapper gives of an answer; it ends as a connection that breaks does."""

    def __init__(self, body: bytes, *, packed: bool, breaks: bool) -> None:
        super().__init__(body)
        self.headers = {"Content-Encoding": "gzip" if packed else ""}
        self._breaks = breaks

    def read1(self, size: int | None = -1) -> bytes:
        piece = super().read1(size)
        if not piece and self._breaks:
            raise http.client.IncompleteRead(b"")
        return piece


def _refused(choices: Choices) -> None:
    """An answer with a bad status: the fault is one line."""
    status = choices.pick((400, 401, 403, 404, 413, 414, 418, 429, 500, 501, 502, 503, 504, 599))
    after = choices.pick(
        ("", "1", "-1", "9" * 400, "nan", "inf", "1e9", "Wed, 21 Oct 2015 07:28:00 GMT", "soon", "٣", "\x00")
    )
    content = _changed(_table(choices), choices)
    fault = _client()._refusal(status, {"Retry-After": after}, content)
    wait = getattr(fault, "retry_after_s", None)
    if "\n" in str(fault) or (wait is not None and not 0 <= wait < float("inf")):
        raise Finding(f"a fault of several lines, or a wait of {wait} s: {fault!r:.300}")


# --- a whole source ---------------------------------------------------------------------------------------------------


def _source(choices: Choices) -> None:
    """Everything that a source asks of a graph, which answers with odd rows."""
    options = SourceOptions(languages=LANGUAGES, relations=RELATIONS, min_langs=1, min_sitelinks=0, work=None)
    steps = itertools.count()

    def select(query: str) -> Iterable[dict[str, str]]:
        if next(steps) > 200:
            raise EndpointFault("no more answers")
        return [_row(choices, query) for _ in range(choices.below(4))]

    dialect = choices.pick(("standard", "qlever", "wdqs"))
    source = SparqlSource(Asker(select, QueryCache(None, "fuzz"), AdaptiveBatches()), options, {}, dialect)
    statements, error = outcome(source.statements, "P36")
    if error is None and any(not each.subject_qid.startswith("Q") or each.relation_pid != "P36" for each in statements):
        raise Finding(f"statements of another relation: {statements[:2]}")
    outcome(lambda: list(source.entities(["Q1", "Q10", "Q2"])))
    outcome(source.superclasses, ["Q1"])
    outcome(source.ancestors, ["Q1"])
    outcome(sparql_queries_years, choices)


def sparql_queries_years(choices: Choices) -> None:
    """Read one time."""
    sparql_queries.year_of(choices.pick(_VALUES))


def _row(choices: Choices, query: str) -> dict[str, str]:
    """Return a row with the variables of a query, most with a value that fits."""
    usual = {
        "i": f"{_WD}Q1", "s": f"{_WD}Q1", "v": f"{_WD}Q10", "p": "http://www.wikidata.org/prop/P31", "n": "3", "lang": "en",
        "rank": "http://wikiba.se/ontology#NormalRank", "st": f"{_WD}statement/1", "name": "Land", "site": "https://en.wikipedia.org/",
    }  # fmt: skip
    head = query.partition("WHERE")[0]
    row = {name: value for name, value in usual.items() if f"?{name}" in head}
    for _ in range(choices.below(3)):
        name = choices.pick(_VARIABLES)
        if choices.below(3):
            row[name] = choices.pick(_VALUES)
        else:
            row.pop(name, None)
    return row


# --- the API of a wiki ------------------------------------------------------------------------------------------------


def _items(choices: Choices) -> None:
    """Items of one call: those that a reader of plain JSON finds, or a fault."""
    status = choices.pick((200, 200, 200, 200, 200, 429, 500, 404))
    wanted = [qid for qid in ITEMS if qid.startswith("Q")][: 1 + choices.below(4)]
    answer: Any = {"entities": {qid: ITEMS[qid] for qid in wanted}, "success": 1}
    content = _changed(answer, choices)
    api = _api()
    api._fetch = lambda batch: (status, 0.0, content)  # type: ignore[method-assign]
    found, error = outcome(lambda: dict(api.items(wanted)))
    if error is None:
        if status != 200 or set(found) != set(wanted):
            raise Finding(f"asked for {wanted}, got {sorted(found)} with status {status}")
        for qid, item in found.items():
            if item is not None and item.entity.qid != qid:
                raise Finding(f"{item.entity.qid} was given for {qid}")


def _api_words(choices: Choices) -> None:
    """An error that the API reports: the fault is one line."""
    error = damaged({"code": "maxlag", "info": "Waiting for a server", "lag": 3}, choices)
    fault = _api()._failure(error if isinstance(error, dict) else {"code": error}, None)
    if "\n" in str(fault):
        raise Finding(f"a fault of several lines: {fault!r:.300}")


# --- what is shared ---------------------------------------------------------------------------------------------------


def _table(choices: Choices) -> Any:
    names = _VARIABLES[: 1 + choices.below(5)]
    kinds = ("uri", "literal", "bnode", "typed-literal")
    rows = [
        {name: {"type": choices.pick(kinds), "value": choices.pick(_VALUES)} for name in names if choices.below(5)}
        for _ in range(choices.below(5))
    ]
    return {"head": {"vars": list(names)}, "results": {"bindings": rows}}


def _changed(answer: Any, choices: Choices) -> bytes:
    damage = choices.below(10)
    if damage == 9:
        return choices.rest()
    value = damaged(answer, choices) if damage in (1, 2, 3) else answer
    content = to_bytes(json_text(value, choices))
    return damaged_bytes(content, choices) if damage in (3, 4) else content


def _patience() -> Patience:
    return Patience("the endpoint", tries=2, longest_s=5, sleep=lambda _: None, clock=itertools.count().__next__)


@cache
def _client() -> SparqlClient:
    return SparqlClient(URL, user_agent="fuzz", patience=_patience())


@cache
def _api() -> wikibase_api.WikibaseApi:
    return wikibase_api.WikibaseApi(
        URL,
        languages=LANGUAGES,
        relations=RELATIONS,
        user_agent="fuzz",
        patience=_patience(),
        cache=QueryCache(None, "fuzz"),
    )


_READINGS = (_rows, _rows, _source, _items, _refused, _api_words)

if __name__ == "__main__":
    main(one_input, seeds())
