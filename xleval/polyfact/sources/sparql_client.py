"""A SPARQL 1.1 endpoint, asked through SPARQLWrapper: whole answers or a fault that says what to do about it."""

import ast
import http.client
import json
import re
import time
import urllib.error
import zlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from xleval.data.retry_after import retry_after_s
from xleval.errors import ConfigError, MissingExtra
from xleval.polyfact.sources.batches import Row
from xleval.polyfact.sources.patience import (
    BadQuery,
    EndpointFault,
    Misconfigured,
    Patience,
    QueryTimeout,
    Throttled,
    Transient,
    Truncated200,
    Unreached,
    public_url,
    saying,
    within,
)

try:
    import msgspec
except ImportError as error:  # this module is imported only where an endpoint is opened
    raise MissingExtra("wikidata", "asking a SPARQL endpoint") from error

TIMEOUT_S = 180.0  # public endpoints stop a query after 60 s; the answer has to travel too
MAX_ANSWER_BYTES = 1 << 30
_CHUNK, _UNPACKED = 1 << 20, 1 << 24
_ERROR_BYTES = 1 << 16
#: What engines write when they stop a query, in an error or at the end of a cut answer: Blazegraph, Oxigraph, QLever.
_STOPPED = (
    b"TimeoutException",
    b"The SPARQL operation has been cancelled",
    b"Operation timed out",
    b"Tried to allocate",  # more memory than QLever gives one query
)
#: Blazegraph's own: query hints, slices and samples, services of Wikidata's installation, named subqueries.
_EXTENSION = re.compile(
    r"\b(?:hint|bd|gas|mwapi):\w+|\bSERVICE\s+(?:SILENT\s+)?wikibase:\w+|\bINCLUDE\s+%\w+", re.IGNORECASE
)


class _Term(msgspec.Struct, gc=False):
    type: str
    value: str


class _Head(msgspec.Struct, gc=False):
    vars: list[str]


class _Results(msgspec.Struct, gc=False):
    bindings: list[dict[str, _Term]]


class _Answer(msgspec.Struct, gc=False):
    """SPARQL 1.1 Query Results JSON Format, of SELECT."""

    head: _Head
    results: _Results


def check_dialect(query: str, dialect: str) -> None:
    """Refuse extensions of Blazegraph for other engines, which take some of them for ordinary triples and find nothing.

    Raises:
        ConfigError: the query holds one, and the dialect is not `wdqs`.
    """
    found = _EXTENSION.search(query)
    if found and dialect != "wdqs":
        raise ConfigError(f"the query uses {found[0]!r}, which only the dialect wdqs has; this endpoint's is {dialect}")


class SparqlClient:
    """Runs SELECT queries, one at a time.

    Args:
        endpoint: URL; user name and password in it are sent as HTTP Basic authentication.
        user_agent: see `patience.user_agent`.
        patience: decides how often and how long is tried.
        dialect: `standard`, `qlever` or `wdqs`.
        timeout_s: seconds for one whole answer.

    Raises:
        MissingExtra: SPARQLWrapper is not installed.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        user_agent: str,
        patience: Patience,
        dialect: str = "standard",
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        try:
            from SPARQLWrapper import JSON, POST, SPARQLWrapper
        except ImportError as error:
            raise MissingExtra("wikidata", "asking a SPARQL endpoint") from error
        self._where = public_url(endpoint)
        self._patience, self._dialect, self._timeout_s = patience, dialect, timeout_s
        parts = urlsplit(endpoint)
        wrapper = SPARQLWrapper(urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])), agent=user_agent)
        wrapper.setReturnFormat(JSON)
        wrapper.setMethod(POST)  # a long list of ids does not fit into an address
        wrapper.setTimeout(max(1, int(timeout_s)))
        wrapper.addCustomHttpHeader("Accept-Encoding", "gzip")
        if parts.username:
            wrapper.setCredentials(unquote(parts.username), unquote(parts.password or ""))
        self._wrapper = wrapper

    def select(self, query: str) -> list[Row]:
        """Return the rows of a query, all of them.

        Raises:
            ConfigError: an extension that is not of the endpoint's dialect.
            EndpointFault: the kinds that `Patience.ask` names.
        """
        check_dialect(query, self._dialect)
        return self._patience.ask(lambda: self._attempt(query))

    def _attempt(self, query: str) -> list[Row]:
        # a thread that is left behind in a drip of headers ends with its socket
        return self._rows(within(self._timeout_s + 1, lambda: self._fetch(query), self._late))

    def _late(self) -> EndpointFault:
        return Transient(f"{self._where} gave no whole answer within {self._timeout_s:g} s")

    def _fetch(self, query: str) -> bytes:
        """Return the body of an answer with a good status."""
        from SPARQLWrapper import SPARQLExceptions as Refused

        ends = time.monotonic() + self._timeout_s
        self._wrapper.setQuery(query)
        codes: Mapping[type[Exception], int] = {
            Refused.QueryBadFormed: 400,
            Refused.Unauthorized: 401,
            Refused.EndPointNotFound: 404,
            Refused.URITooLong: 414,
            Refused.EndPointInternalError: 500,
        }
        try:
            response = self._wrapper.query().response
            with response:
                return self._read(response, ends)
        except tuple(codes) as error:
            raise self._refusal(codes[type(error)], {}, _body(error)) from None
        except urllib.error.HTTPError as error:
            with error:
                raise self._refusal(error.code, dict(error.headers.items()), error.read(_ERROR_BYTES)) from None
        except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
            reason = getattr(error, "reason", error)
            if isinstance(reason, TimeoutError):
                raise self._late() from None
            raise Unreached(f"{self._where} is not reached: {reason!s}") from None

    def _read(self, response: Any, ends: float) -> bytes:
        """Return the whole body, unpacked; it is read in pieces, so that time and size have a limit."""
        packed = response.headers.get("Content-Encoding", "").lower() == "gzip"
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)  # 1 MB may hold 1 GB, so it unpacks piece by piece
        content = bytearray()
        try:
            while piece := unpacker.unconsumed_tail or response.read1(_CHUNK):
                content += unpacker.decompress(piece, _UNPACKED) if packed else piece
                if len(content) > MAX_ANSWER_BYTES:
                    raise QueryTimeout(f"{self._where}: the answer is over {MAX_ANSWER_BYTES >> 20} MiB")
                if time.monotonic() > ends:
                    raise self._late()
        except http.client.IncompleteRead:
            raise Truncated200(f"{self._where}: the connection was closed within the answer") from None
        except zlib.error:
            raise Truncated200(f"{self._where}: the answer is no whole gzip") from None
        return bytes(content + unpacker.flush())

    def _refusal(self, status: int, headers: Mapping[str, str], content: bytes) -> EndpointFault:
        """Return the fault that an HTTP status other than success stands for."""
        at, said = f"{self._where}: HTTP {status}", saying(content)
        wait = retry_after_s(next((value for name, value in headers.items() if name.lower() == "retry-after"), None))
        stopped = any(mark in content for mark in _STOPPED) or (status == 429 and _is_exception(content))
        if status in (413, 414, 504) or (stopped and (status == 429 or status >= 500)):
            return QueryTimeout(f"{at}, the query takes more than the endpoint gives it: {said}")
        if status == 429:
            return Throttled(f"{at}, too many requests: {said}", wait)
        if status == 400:
            return BadQuery(f"{at}, the endpoint does not take the query: {said}")
        if status == 403:
            return Misconfigured(
                f"{at}: {said}. Public endpoints refuse clients whose User-Agent names no contact: is --contact right?"
            )
        if status == 401:
            return Misconfigured(
                f"{at}: it wants a user name and password. Write them into the URL: https://user:password@…"
            )
        if status >= 500 and status != 501:
            return Transient(f"{at}: {said}", wait)
        return Misconfigured(f"{at}: there is no SPARQL endpoint at this address. It says: {said}")

    def _rows(self, content: bytes) -> list[Row]:
        """Return the rows of an answer; nothing is made of one that is not whole."""
        try:
            answer = msgspec.json.decode(content, type=_Answer)
        except msgspec.ValidationError as error:
            raise Misconfigured(
                f"{self._where}: the answer is JSON, but not of SPARQL ({error}). Is it a SPARQL endpoint? {saying(content)}"
            ) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise self._cut(content, error) from None
        return [
            {name: f"_:{term.value}" if term.type == "bnode" else term.value for name, term in row.items()}
            for row in answer.results.bindings
        ]

    def _cut(self, content: bytes, error: Exception) -> EndpointFault:
        if any(mark in content[-_ERROR_BYTES:] for mark in _STOPPED):
            return QueryTimeout(f"{self._where}: the endpoint stopped within the answer: {saying(content[-200:])}")
        if content.lstrip()[:1] in (b"{", b""):
            return Truncated200(f"{self._where}: the answer is cut off after {len(content)} bytes ({error})")
        kind = "HTML" if content.lstrip()[:1] == b"<" else "something else"
        return Misconfigured(
            f"{self._where}: the answer is {kind}, not JSON. Is it a SPARQL endpoint? {saying(content)}"
        )


def _body(error: Exception) -> bytes:
    """Return the body of an answer from SPARQLWrapper's exception, which writes it as Python does bytes."""
    try:
        body = ast.literal_eval(str(error).partition("Response:\n")[2])
    except (ValueError, SyntaxError):
        return str(error).encode()
    return body if isinstance(body, bytes) else b""


def _is_exception(content: bytes) -> bool:
    """Whether an error is QLever's JSON about the query itself, not about the client."""
    try:
        return "exception" in json.loads(content)
    except (ValueError, TypeError, RecursionError):
        return False
