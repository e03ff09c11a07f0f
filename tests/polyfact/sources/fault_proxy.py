"""A server on this machine that passes requests on, or answers them as a public endpoint does on a bad day."""

import json
import re
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus

#: Status, headers, body.
Answer = tuple[int, dict[str, str], bytes]
Upstream = Callable[[bytes, Mapping[str, str]], Answer]

#: Faults that are nothing but another answer. Bodies as the servers write them: see `wikidata-translation-lid` part 1.
ANSWERS: dict[str, Answer] = {
    "429": (429, {"Retry-After": "7"}, b"Too Many Requests - Please retry in 7 seconds."),
    "429-without-time": (429, {}, b"Too Many Requests"),
    "500": (500, {}, b"Internal Server Error"),
    "502": (502, {}, b"<html>Bad Gateway</html>"),
    "503": (503, {"Retry-After": "3"}, b"upstream connect error"),
    "blazegraph-500": (500, {}, b"SPARQL-QUERY: queryStr=...\njava.util.concurrent.TimeoutException\n\tat java.util"),
    "504": (504, {}, b"upstream request timeout"),
    "qlever-429": (429, {}, b'{"exception": "Operation timed out.", "query": "..."}'),
    "wrong-json": (200, {"Content-Type": "application/json"}, b'{"hello": "world"}'),
    "html": (200, {"Content-Type": "text/html"}, b"<!DOCTYPE html><html><body>Maintenance</body></html>"),
    "400": (400, {}, b"Parse error: unexpected token"),
    "401": (401, {}, b"who are you"),
    "403": (403, {}, b"Please comply with the User-Agent policy"),
    "404": (404, {}, b"Not Found"),
    "maxlag": (
        200,
        {"Retry-After": "5"},
        b'{"error":{"code":"maxlag","info":"Waiting for a database server: 7 s lagged"}}',
    ),
    "api-error": (200, {}, b'{"error":{"code":"internal_api_error_DBQueryError","info":"caught exception"}}'),
}


@dataclass
class Schedule:
    """Which request gets which fault, and what was asked.

    Attributes:
        faults: number of the request, from 0, to name of the fault.
        fault_of: gives the fault of a request's text, or None; asked after `faults`.
        bodies: text of every request.
        good: text of the requests that were answered whole.
        headers: of every request.
        underway: requests that are worked on now, and the most there ever were.
    """

    faults: dict[int, str] = field(default_factory=dict)
    fault_of: Callable[[str], str | None] = lambda _: None
    bodies: list[str] = field(default_factory=list)
    good: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    underway: int = 0
    most_underway: int = 0

    def asked(self, bodies: list[str] | None = None) -> list[tuple[str, str]]:
        """Return question and item of every request in SPARQL: without the ids and with each of them."""
        found = []
        for body in self.good if bodies is None else bodies:
            values = re.search(r"VALUES \?i \{([^}]*)\}", body)
            if values:
                found += [(body.replace(values[1], ""), qid) for qid in values[1].split()]
            else:
                found.append((body, ""))
        return found


@contextmanager
def fault_proxy(upstream: str | Upstream, schedule: Schedule, path: str = "/sparql") -> Iterator[str]:
    """Yield the URL of a proxy to a URL or a function."""
    ask = _forward(upstream) if isinstance(upstream, str) else upstream
    closing = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            text = unquote_plus(body.decode())
            name = schedule.faults.get(len(schedule.bodies)) or schedule.fault_of(text)
            schedule.bodies.append(text)
            schedule.headers.append({key.lower(): value for key, value in self.headers.items()})
            schedule.underway += 1
            schedule.most_underway = max(schedule.most_underway, schedule.underway)
            self._is_underway, self._is_good = True, text if name is None else None
            try:
                self._answer(name, body)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the client has given up
            finally:
                self._ends()

        def _ends(self) -> None:
            """Count the request as done: before its last byte goes out, since the next one can come at once then."""
            if self._is_underway:
                self._is_underway = False
                schedule.underway -= 1
                if self._is_good is not None:
                    schedule.good.append(self._is_good)

        def _answer(self, name: str | None, body: bytes) -> None:
            if name in ANSWERS:
                self._send(*ANSWERS[name])
            elif name == "closed":
                self.close_connection = True
                self._ends()
                self.connection.shutdown(socket.SHUT_RDWR)
            elif name == "silence":
                self.close_connection = True
                closing.wait(5)
            else:
                status, headers, content = ask(body, self.headers)
                if name is None:
                    self._send(status, headers, content)
                elif name == "slow-drip":
                    self._drip(content)
                else:
                    self._cut(name, status, headers, content)

        def _cut(self, name: str, status: int, headers: dict[str, str], content: bytes) -> None:
            half = content[: len(content) // 2]
            if name == "cut":  # a clean end, as a proxy with a limit makes it
                self._send(status, headers, half)
            elif name == "cut-connection":
                self.close_connection = True
                self._send(status, headers, half, says=len(content))
            elif name == "blazegraph-cut":
                self._send(
                    status, headers, half + b"\njava.util.concurrent.TimeoutException\n\tat java.util.concurrent"
                )
            elif name == "oxigraph-cut":
                self._send(status, headers, half + b"The SPARQL operation has been cancelled")
            else:
                raise ValueError(name)

        def _drip(self, content: bytes) -> None:
            self.close_connection = True
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            for byte in content:
                self.wfile.write(bytes([byte]))
                if closing.wait(0.1):
                    return

        def _send(self, status: int, headers: dict[str, str], content: bytes, says: int | None = None) -> None:
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(content) if says is None else says))
            self.end_headers()
            self._ends()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}{path}"
        finally:
            closing.set()
            server.shutdown()
            thread.join()


def _forward(url: str) -> Upstream:
    def ask(body: bytes, headers: Mapping[str, str]) -> Answer:
        kept = {key: headers[key] for key in ("Content-Type", "Accept") if key in headers}
        try:
            with urllib.request.urlopen(urllib.request.Request(url, data=body, headers=kept)) as response:
                return response.status, {"Content-Type": response.headers["Content-Type"]}, response.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, {}, error.read()

    return ask


def wikibase_api(items: Mapping[str, Mapping[str, Any]], redirects: Mapping[str, str]) -> Upstream:
    """Return `api.php?action=wbgetentities` over items, in format 1, as far as it is documented."""

    def ask(body: bytes, _: Mapping[str, str]) -> Answer:
        form = {key: values[0] for key, values in parse_qs(body.decode()).items()}
        ids = form["ids"].split("|")
        if form["action"] != "wbgetentities" or form["format"] != "json" or len(ids) > 50:
            return 200, {}, b'{"error":{"code":"toomanyvalues","info":"Too many values supplied: the limit is 50."}}'
        languages, entities = form["languages"].split("|"), {}
        for qid in ids:
            if qid in redirects or qid not in items:
                entities[qid] = {"id": qid, "missing": ""}
                continue
            item = dict(items[qid])
            for part in ("labels", "aliases"):  # PHP writes an empty map as an empty list
                kept = {code: held for code, held in dict(item.get(part) or {}).items() if code in languages}
                item[part] = kept or []
            entities[qid] = item
        return 200, {"Content-Type": "application/json"}, json.dumps({"entities": entities, "success": 1}).encode()

    return ask


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, at most five seconds."""
    for _ in range(500):
        if condition():
            return
        time.sleep(0.01)
    raise TimeoutError("the condition is not met")
