"""The `openai` backend against a server on the loopback that fails in every way servers do."""

import asyncio
import email.utils
import importlib
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from xleval.errors import BackendError, ConfigError, MissingExtra
from xleval.evalkit.requests import (
    ChoiceRequest,
    ChoiceScores,
    Completion,
    GenerateRequest,
    Message,
    Outcome,
    Request,
    Sampling,
    Unscored,
)

pytest.importorskip("httpx")
pytest.importorskip("tenacity")

from xleval.evalkit.backends import openai as backend_module
from xleval.evalkit.backends import openai_http
from xleval.evalkit.backends.openai import OpenaiBackend
from xleval.evalkit.backends.openai_generate import Server, request_body

KEY = "sk-test-4f9a0c"

#: Answers one request to a path; sends through the handler.
Reply = Callable[["Handler", dict[str, Any]], None]


class Handler(BaseHTTPRequestHandler):
    """Passes each request to the fault server's reply."""

    protocol_version = "HTTP/1.1"
    timeout = 10
    faults: "FaultServer"

    def do_GET(self) -> None:
        self.faults.answer(self, {})

    def do_POST(self) -> None:
        self.faults.answer(self, json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def send(self, status: int, body: object, **headers: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def drop(self) -> None:
        """Break off: the client sees the connection end without an answer."""
        self.close_connection = True

    def cut(self, data: bytes) -> None:
        """Break off in the middle of an answer."""
        self.send_response(200)
        self.send_header("Content-Length", "4000")
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass


class FaultServer:
    """Replies by path; a list of replies is used up one by one, its last one is kept."""

    def __init__(self) -> None:
        self.replies: dict[str, list[Reply]] = {"/v1/models": [models("tiny")], "/v1/completions": [complete]}
        self.seen: list[tuple[str, dict[str, Any]]] = []
        self.keys: set[str | None] = set()
        self.in_flight = self.most_in_flight = 0
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"faults": self}))
        self._http.daemon_threads = True
        self._http.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that hang up
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def answer(self, handler: Handler, body: dict[str, Any]) -> None:
        with self._lock:
            self.seen.append((handler.path, body))
            self.keys.add(handler.headers["Authorization"])
            replies = self.replies.get(handler.path, [refuse(404, {"detail": "Not Found"})])
            reply = replies.pop(0) if len(replies) > 1 else replies[0]
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            reply(handler, body)
        except OSError:
            handler.close_connection = True  # the client has gone
        finally:
            with self._lock:
                self.in_flight -= 1

    def bodies(self, path: str = "/v1/completions") -> list[dict[str, Any]]:
        return [body for seen, body in self.seen if seen == path]

    def close(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


def models(*names: str, owned_by: str = "someone") -> Reply:
    return lambda handler, body: handler.send(200, {"data": [{"id": name, "owned_by": owned_by} for name in names]})


def refuse(status: int, body: object, **headers: str) -> Reply:
    return lambda handler, _: handler.send(status, body, **headers)


def answer_with(choice: dict[str, Any], **more: Any) -> Reply:
    return lambda handler, _: handler.send(200, {"choices": [choice], **more})


def complete(handler: Handler, body: dict[str, Any]) -> None:
    """Repeat the prompt in upper case."""
    choice = {"index": 0, "text": body["prompt"].upper(), "finish_reason": "stop"}
    handler.send(200, {"choices": [choice], "usage": {"completion_tokens": 3}})


@pytest.fixture
def server() -> Iterator[FaultServer]:
    server = FaultServer()
    yield server
    server.close()


@pytest.fixture
def make(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., OpenaiBackend]]:
    """Return a maker of backends for the server; pauses between tries are short."""
    monkeypatch.setattr(openai_http, "FIRST_WAIT_S", 0.001)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    made: list[OpenaiBackend] = []

    def build(model: str = "tiny", **options: Any) -> OpenaiBackend:
        made.append(OpenaiBackend(model, **{"base_url": server.url, "timeout_s": 10, "retries": 3, **options}))
        return made[-1]

    yield build
    for backend in made:
        backend.close()


def text_request(key: str = "a", prompt: str = "hello", **more: Any) -> GenerateRequest:
    return GenerateRequest(key=key, prompt=prompt, **more)


def run(backend: OpenaiBackend, requests: Sequence[Request]) -> list[Outcome]:
    encoded = backend.encode(requests)
    groups = list(backend.run([encoded[index] for index in batch] for batch in backend.plan(encoded)))
    assert all(len(group) == 1 for group in groups)
    return [group[0] for group in groups]


def one(backend: OpenaiBackend, request: Request) -> Outcome:
    (outcome,) = run(backend, [request])
    return outcome


# --- what is sent ---------------------------------------------------------------------------------------------------

CHAT = (Message(role="system", content="Be short."), Message(role="user", content="Hi"))
TURNS = [{"role": "system", "content": "Be short."}, {"role": "user", "content": "Hi"}]
DRAWN = Sampling(max_tokens=9, temperature=0.7, top_p=0.9, top_k=20, min_p=0.1)


def kind_of_server(*, is_openai: bool = False, takes_extensions: bool = False) -> Server:
    return Server(base_url="http://h/v1", model="tiny", is_openai=is_openai, takes_extensions=takes_extensions)


def test_an_unknown_server_gets_standard_fields_and_those_that_do_something() -> None:
    request = text_request(prompt="2+2=", prefill=" it", sampling=DRAWN, seed=11, stop=("\n",))
    assert request_body(kind_of_server(), request) == {
        "model": "tiny", "prompt": "2+2= it", "max_tokens": 9, "temperature": 0.7, "top_p": 0.9, "seed": 11, "stop": ["\n"],
        "top_k": 20, "min_p": 0.1,
    }  # fmt: skip
    assert request_body(kind_of_server(), text_request()) == {
        "model": "tiny", "prompt": "hello", "max_tokens": 256, "temperature": 0.0, "top_p": 1.0,
    }  # fmt: skip


def test_vllm_gets_neutral_values_too_as_it_would_fill_them_from_the_model() -> None:
    assert request_body(kind_of_server(takes_extensions=True), text_request()) == {
        "model": "tiny", "prompt": "hello", "max_tokens": 256, "temperature": 0.0, "top_p": 1.0,
        "top_k": -1, "min_p": 0.0, "repetition_penalty": 1.0, "ignore_eos": False,
    }  # fmt: skip


def test_openai_gets_its_own_name_of_the_limit_for_a_conversation() -> None:
    request = GenerateRequest(key="a", prompt=CHAT, sampling=Sampling(max_tokens=5), stop=("a", "b", "c", "d", "e"))
    assert request_body(kind_of_server(is_openai=True), request) == {
        "model": "tiny", "messages": TURNS, "max_completion_tokens": 5, "temperature": 0.0, "top_p": 1.0,
        "stop": ["a", "b", "c", "d"],
    }  # fmt: skip


def test_a_prefilled_answer_is_gone_on_with_where_the_server_is_known_to_do_so(
    server: FaultServer, make: Callable[..., OpenaiBackend]
) -> None:
    request = GenerateRequest(key="a", prompt=CHAT, prefill="The answer is")
    body = request_body(kind_of_server(takes_extensions=True), request)
    assert body["messages"] == [*TURNS, {"role": "assistant", "content": "The answer is"}]
    assert (body["continue_final_message"], body["add_generation_prompt"]) == (True, False)
    with pytest.raises(ConfigError, match="not known to go on with it"):
        run(make(), [request])
    assert not server.bodies("/v1/chat/completions")


def test_what_a_server_cannot_do_is_refused_before_anything_is_sent(
    server: FaultServer, make: Callable[..., OpenaiBackend]
) -> None:
    backend = make()
    with pytest.raises(ConfigError, match="script mask"):
        backend.encode([text_request(script_mask="ar")])
    with pytest.raises(ConfigError, match="prompt is empty"):
        backend.encode([text_request(prompt="")])
    with pytest.raises(ConfigError, match="prompt is empty"):
        backend.encode([ChoiceRequest(key="c", context=" \n", continuations=("a", "b"))])
    with pytest.raises(ConfigError, match="OpenAI's servers have no top_k, min_p"):
        make(base_url="https://api.openai.com/v1").encode([text_request(sampling=DRAWN)])
    assert not server.seen


# --- what comes back ------------------------------------------------------------------------------------------------


def test_a_completion_is_read_with_its_tokens_and_the_key_is_sent(
    server: FaultServer, make: Callable[..., OpenaiBackend]
) -> None:
    assert one(make(), text_request()) == Completion(key="a", text="HELLO", finish_reason="stop", n_tokens=3)
    assert server.keys == {f"Bearer {KEY}"}


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"content": "Yes."}, "Yes."),
        ({"content": None}, ""),
        ({"content": "4", "reasoning_content": "2+2"}, "<think>2+2</think>4"),
        ({"content": None, "reasoning": "2+"}, "<think>2+</think>"),
        ({"content": None, "refusal": "I can't."}, "I can't."),
        (
            {"content": "a\ud800b \U0001f600"},
            "a\N{REPLACEMENT CHARACTER}b \U0001f600",
        ),  # half a pair; a whole one is a character
    ],
)
def test_a_chat_answer_is_read_with_its_reasoning(
    server: FaultServer, make: Callable[..., OpenaiBackend], message: dict[str, Any], text: str
) -> None:
    server.replies["/v1/chat/completions"] = [answer_with({"message": message, "finish_reason": "length"})]
    outcome = one(make(), GenerateRequest(key="a", prompt=CHAT))
    assert outcome == Completion(key="a", text=text, finish_reason="length", n_tokens=None)


def test_a_filtered_answer_is_missing(server: FaultServer, make: Callable[..., OpenaiBackend]) -> None:
    server.replies["/v1/completions"] = [answer_with({"text": None, "finish_reason": "content_filter"})]
    outcome = one(make(), text_request())
    assert outcome == Unscored(key="a", reason="the server ended the completion with 'content_filter'")
    assert len(server.bodies()) == 1


def test_stop_strings_beyond_the_fourth_are_cut_afterwards(
    server: FaultServer, make: Callable[..., OpenaiBackend]
) -> None:
    server.replies["/v1/completions"] = [answer_with({"text": "one two six five", "finish_reason": "length"})]
    outcome = one(make(), text_request(stop=("p", "q", "r", "s", " five", " six")))
    # " six" stands before " five": the text ends at the first of them
    assert outcome == Completion(key="a", text="one two", finish_reason="stop", n_tokens=None)
    assert server.bodies()[0]["stop"] == ["p", "q", "r", "s"]


# --- faults ---------------------------------------------------------------------------------------------------------

PASSING: dict[str, Reply] = {
    **{str(status): refuse(status, {"error": {"message": "busy"}}) for status in (408, 429, 500, 502, 503, 504)},
    "dropped": lambda handler, _: handler.drop(),
    "cut off": lambda handler, _: handler.cut(b'{"choices": [{"te'),
    "truncated JSON": lambda handler, _: handler.send(200, b'{"choices": [{"text": "a'),
    "a page": lambda handler, _: handler.send(200, b"<html>login</html>"),
    "a list": lambda handler, _: handler.send(200, [1, 2]),
    "no choices": lambda handler, _: handler.send(200, {"choices": []}),
    "a number for text": answer_with({"text": 5, "finish_reason": "stop"}),
    "no reason": answer_with({"text": "a", "finish_reason": None}),
    "error inside": lambda handler, _: handler.send(200, {"error": {"message": "upstream"}}),
    "not UTF-8": lambda handler, _: handler.send(200, b"\xff\xfe{"),
}


@pytest.mark.parametrize("fault", PASSING)
def test_a_passing_failure_is_tried_again(server: FaultServer, make: Callable[..., OpenaiBackend], fault: str) -> None:
    server.replies["/v1/completions"] = [PASSING[fault], PASSING[fault], complete]
    assert one(make(), text_request()) == Completion(key="a", text="HELLO", finish_reason="stop", n_tokens=3)
    assert len(server.bodies()) == 3


@pytest.mark.parametrize("fault", PASSING)
def test_a_failure_that_stays_is_missing_with_its_reason(
    server: FaultServer, make: Callable[..., OpenaiBackend], fault: str
) -> None:
    server.replies["/v1/completions"] = [PASSING[fault]]
    outcome = one(make(retries=2), text_request())
    assert isinstance(outcome, Unscored)
    assert outcome.reason
    assert len(server.bodies()) == 3


@pytest.mark.parametrize("status", [400, 404, 413, 422, 501])
def test_a_refusal_is_not_tried_again(server: FaultServer, make: Callable[..., OpenaiBackend], status: int) -> None:
    server.replies["/v1/completions"] = [refuse(status, {"error": {"message": "too\nlong\x1b[31m " + "x" * 999}})]
    outcome = one(make(), text_request())
    assert isinstance(outcome, Unscored)
    assert outcome.reason.startswith(f"HTTP {status}: too long\\x1b[31m xxx")
    assert len(outcome.reason) == len(f"HTTP {status}: ") + 300
    assert len(server.bodies()) == 1


def test_a_drip_ends_at_the_time_limit(server: FaultServer, make: Callable[..., OpenaiBackend]) -> None:
    def drip(handler: Handler, body: dict[str, Any]) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "400")
        handler.end_headers()
        for _ in range(400):  # 8 s, if nobody hangs up
            handler.wfile.write(b" ")
            time.sleep(0.02)

    server.replies["/v1/completions"] = [drip]
    outcome = one(make(timeout_s=0.3, retries=1), text_request())
    assert outcome == Unscored(key="a", reason="no whole answer within 0.3 s")
    assert len(server.bodies()) == 2


def test_an_endless_answer_is_given_up(
    server: FaultServer, make: Callable[..., OpenaiBackend], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openai_http, "MAX_ANSWER_BYTES", 1 << 20)
    server.replies["/v1/completions"] = [lambda handler, _: handler.send(200, b" " * (1 << 21))]
    assert one(make(retries=0), text_request()) == Unscored(key="a", reason="the answer is over 1 MiB")


def test_pauses_follow_the_server_and_else_double(
    server: FaultServer, make: Callable[..., OpenaiBackend], monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = make(retries=8)
    monkeypatch.setattr(openai_http, "FIRST_WAIT_S", 1.0)
    pauses: list[float] = []
    real_sleep = asyncio.sleep

    async def note(seconds: float, *_: object) -> None:
        pauses.append(seconds)
        await real_sleep(0)

    monkeypatch.setattr(asyncio, "sleep", note)
    date = email.utils.formatdate(time.time() + 100, usegmt=True)
    values = ["7", "0", date, "4000", "soon", "", "Thu, 01 Jan 2026 00:00:00 GMT"]
    server.replies["/v1/completions"] = [*(refuse(429, {}, Retry_After=value) for value in values), complete]
    assert isinstance(one(backend, text_request()), Completion)
    bounds = [(7, 8), (0, 1), (80, 101), (300, 301), (8, 16), (16, 32), (0, 1)]  # 2^4 and 2^5 s at the fifth and sixth
    assert len(pauses) == len(bounds)
    for pause, (least, most) in zip(pauses, bounds, strict=True):
        assert least <= pause <= most


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_ends_the_run_and_is_not_shown(
    server: FaultServer, make: Callable[..., OpenaiBackend], status: int
) -> None:
    server.replies["/v1/completions"] = [refuse(status, {"error": {"message": f"Incorrect API key: {KEY}"}})]
    with pytest.raises(BackendError, match=r"OPENAI_API_KEY is not accepted.*Incorrect API key: \*\*\*") as caught:
        run(make(), [text_request(str(number)) for number in range(50)])
    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_used_up_account_ends_the_run(server: FaultServer, make: Callable[..., OpenaiBackend]) -> None:
    error = {"error": {"code": "insufficient_quota", "message": "You exceeded your current quota"}}
    server.replies["/v1/completions"] = [refuse(429, error)]
    with pytest.raises(BackendError, match="used up"):
        one(make(), text_request())
    assert len(server.bodies()) == 1


def test_the_key_is_in_no_text(
    server: FaultServer, make: Callable[..., OpenaiBackend], monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = make()
    server.replies["/v1/completions"] = [refuse(400, KEY.encode())]
    assert one(backend, text_request()) == Unscored(key="a", reason="HTTP 400: ***")
    assert dict(backend.fingerprint) == {"backend": "openai", "model": "tiny", "base_url": server.url}
    assert KEY not in repr(vars(backend))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-te st\nx")
    with pytest.raises(ConfigError, match="OPENAI_API_KEY holds characters") as caught:
        make()
    assert "sk-te" not in str(caught.value)


# --- a server that is gone ------------------------------------------------------------------------------------------


def test_a_server_that_is_gone_ends_the_run_instead_of_losing_its_items(
    server: FaultServer, make: Callable[..., OpenaiBackend]
) -> None:
    server.replies["/v1/completions"] = [PASSING["dropped"]]
    requests = [text_request(str(number)) for number in range(500)]
    backend, yielded = make(retries=0, concurrency=4), []
    with pytest.raises(BackendError, match=r"out of reach: 20 requests in a row .* --resume"):
        yielded += list(backend.run([request] for request in requests))
    assert yielded == []
    assert len(server.bodies()) <= 20 + 2 * 4


def test_requests_lost_in_between_are_missing(server: FaultServer, make: Callable[..., OpenaiBackend]) -> None:
    server.replies["/v1/completions"] = [*[PASSING["dropped"]] * 19, complete, *[PASSING["dropped"]] * 19, complete]
    outcomes = run(make(retries=0, concurrency=1), [text_request(str(number)) for number in range(45)])
    assert [type(outcome) for outcome in outcomes] == [
        *[Unscored] * 19, Completion, *[Unscored] * 19, *[Completion] * 6,
    ]  # fmt: skip
    assert [outcome.key for outcome in outcomes] == [str(number) for number in range(45)]


# --- check ----------------------------------------------------------------------------------------------------------


def test_a_model_that_is_not_served_is_named_with_the_nearest_ones(
    server: FaultServer, make: Callable[..., OpenaiBackend]
) -> None:
    server.replies["/v1/models"] = [models(*(f"other-{number:02}" for number in range(12)), "tiny-chat")]
    with pytest.raises(ConfigError, match=r"does not serve 'tiny'; it serves tiny-chat, other-.* and 3 more$"):
        run(make(), [text_request()])
    assert not server.bodies()


def test_an_address_where_nothing_is_served_is_told(server: FaultServer, make: Callable[..., OpenaiBackend]) -> None:
    with pytest.raises(BackendError, match="base_url mostly ends in /v1"):
        make(base_url=server.url.removesuffix("/v1")).check()
    with pytest.raises(BackendError, match="no server answers at"):
        make(base_url="http://127.0.0.1:1/v1").check()
    server.replies["/v1/models"] = [refuse(200, b"<html>")]
    with pytest.raises(BackendError, match="not JSON"):
        make().check()


def test_a_server_without_a_list_of_models_is_used(server: FaultServer, make: Callable[..., OpenaiBackend]) -> None:
    server.replies["/v1/models"] = [refuse(404, {"detail": "Not Found"})]
    assert isinstance(one(make(), text_request()), Completion)


def test_the_constructor_asks_nothing_and_check_asks_once(
    server: FaultServer, make: Callable[..., OpenaiBackend]
) -> None:
    backend = make()
    assert not server.seen
    backend.check()
    run(backend, [text_request(), text_request("b")])
    assert [path for path, _ in server.seen].count("/v1/models") == 1


def test_a_loopback_server_is_not_asked_through_a_proxy(
    make: Callable[..., OpenaiBackend], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert isinstance(one(make(), text_request()), Completion)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://me:secret@h/v1", "user name or password"),
        ("http://me@h/v1", "user name or password"),
        ("ftp://h/v1", "not usable"),
        ("h/v1", "not usable"),
        ("http://h:99999/v1", "not a web address"),
        ("http://h/v1?api-key=secret", "not usable"),
    ],
)
def test_an_unusable_address_is_refused_and_not_repeated(url: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem) as caught:
        OpenaiBackend("m", base_url=url)
    assert "secret" not in str(caught.value)


def test_the_address_comes_from_argument_environment_or_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://h:8000/v1/")
    assert OpenaiBackend("m").fingerprint["base_url"] == "http://h:8000/v1"
    assert OpenaiBackend("m", base_url="https://g/v1").fingerprint["base_url"] == "https://g/v1"
    monkeypatch.delenv("OPENAI_BASE_URL")
    assert OpenaiBackend("m").fingerprint["base_url"] == "https://api.openai.com/v1"


@pytest.mark.parametrize(
    "options", [{"concurrency": 0}, {"concurrency": 1.5}, {"retries": -1}, {"timeout_s": 0}, {"timeout_s": "5"}]
)
def test_an_option_out_of_range_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(options))):
        OpenaiBackend("m", **options)


def test_missing_packages_name_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tenacity", None)
    monkeypatch.delitem(sys.modules, "xleval.evalkit.backends.openai_http")
    with pytest.raises(MissingExtra, match=r"the openai backend needs .* 'xleval\[openai\]'"):
        importlib.import_module("xleval.evalkit.backends.openai_http")


# --- order, limits, memory ------------------------------------------------------------------------------------------


def test_outcomes_belong_to_their_requests_and_come_as_they_are_finished(
    server: FaultServer, make: Callable[..., OpenaiBackend]
) -> None:
    others = threading.Semaphore(0)

    def late(handler: Handler, body: dict[str, Any]) -> None:
        if body["prompt"] == "p0":
            for _ in range(7):
                others.acquire(timeout=5)
        complete(handler, body)
        others.release()

    server.replies["/v1/completions"] = [late]
    outcomes = run(make(), [text_request(f"k{number}", f"p{number}") for number in range(8)])
    assert {outcome.key: getattr(outcome, "text", None) for outcome in outcomes} == {f"k{n}": f"P{n}" for n in range(8)}
    assert outcomes[-1].key == "k0"


def test_no_more_requests_are_in_flight_than_allowed(server: FaultServer, make: Callable[..., OpenaiBackend]) -> None:
    together = threading.Barrier(3)

    def meet(handler: Handler, body: dict[str, Any]) -> None:
        together.wait(timeout=5)  # three are here at once, or it breaks
        complete(handler, body)

    server.replies["/v1/completions"] = [meet]
    outcomes = run(make(concurrency=3, retries=0), [text_request(str(number)) for number in range(30)])
    assert all(isinstance(outcome, Completion) for outcome in outcomes)
    assert server.most_in_flight == 3


def test_the_options_of_choices_keep_to_the_limit_too(server: FaultServer, make: Callable[..., OpenaiBackend]) -> None:
    fake_vllm(server)
    requests = [ChoiceRequest(key=str(n), context="c", continuations=(" a", " b", " c", " d")) for n in range(12)]
    assert len(run(make(concurrency=2), requests)) == 12
    assert server.most_in_flight <= 2


def test_a_slow_reader_holds_back_the_requests(server: FaultServer, make: Callable[..., OpenaiBackend]) -> None:
    taken: list[str] = []

    def batches() -> Iterator[list[Request]]:
        for number in range(1000):
            taken.append(str(number))
            yield [text_request(str(number))]

    answers = make(concurrency=4).run(batches())
    for _ in range(5):
        next(answers)
        time.sleep(0.05)  # the server could answer all that is asked
    # 8 at first, and one more for each group that was taken at most
    assert len(taken) <= 8 + 5 * 8
    assert len(server.bodies()) <= len(taken)
    answers.close()  # type: ignore[attr-defined]


def test_a_closed_backend_lets_go_of_its_requests_and_can_be_used_again(
    server: FaultServer, make: Callable[..., OpenaiBackend]
) -> None:
    gone = threading.Event()

    def stuck(handler: Handler, body: dict[str, Any]) -> None:
        if body["prompt"] != "stuck":
            return complete(handler, body)
        handler.connection.settimeout(5)
        if handler.connection.recv(1) == b"":  # the client hung up
            gone.set()
        handler.close_connection = True
        return None

    server.replies["/v1/completions"] = [stuck]
    backend = make()
    answers = backend.run([[text_request("a", "stuck")], [text_request("b")]])
    assert next(answers) == [Completion(key="b", text="HELLO", finish_reason="stop", n_tokens=3)]
    backend.close()
    backend.close()
    assert gone.wait(timeout=5)
    answers.close()  # type: ignore[attr-defined]
    assert isinstance(one(backend, text_request("c")), Completion)


# --- choices --------------------------------------------------------------------------------------------------------


def logprob_of(byte: int) -> float:
    return -byte / 100


def fake_vllm(server: FaultServer) -> None:
    """Give the server vLLM's addresses: a token is a byte, its log-probability minus a hundredth of it."""

    def tokenize(handler: Handler, body: dict[str, Any]) -> None:
        text = body["prompt"] if "prompt" in body else "<u>" + body["messages"][0]["content"] + "<a> "
        handler.send(200, {"tokens": list(text.encode()), "count": len(text.encode()), "max_model_len": 99})

    def score(handler: Handler, body: dict[str, Any]) -> None:
        entries = [[None, *({str(id_): {"logprob": logprob_of(id_)}} for id_ in ids[1:])] for ids in body["prompt"]]
        choices = [{"index": index, "prompt_logprobs": entry} for index, entry in enumerate(entries)]
        handler.send(200, {"choices": choices[::-1]})

    server.replies["/v1/models"] = [models("tiny", owned_by="vllm")]
    server.replies["/tokenize"] = [tokenize]
    server.replies["/detokenize"] = [
        lambda handler, body: handler.send(200, {"prompt": bytes(body["tokens"]).decode()})
    ]
    server.replies["/v1/completions"] = [score]


def fake_echo(server: FaultServer, *, usage: bool = True) -> None:
    """Let the server echo prompts with log-probabilities, with the token it generates after them."""

    def score(handler: Handler, body: dict[str, Any]) -> None:
        ids = list(body["prompt"].encode())
        values = [None, *map(logprob_of, ids[1:]), -0.5]
        answer = {"choices": [{"text": "", "finish_reason": "length", "logprobs": {"token_logprobs": values}}]}
        handler.send(200, {**answer, **({"usage": {"prompt_tokens": len(ids)}} if usage else {})})

    server.replies["/v1/completions"] = [score]


#: " A" is the bytes 32 and 65, "é" is 195 and 169; the context's last blank goes to the options.
ASKED = ChoiceRequest(key="c", context="Q: ", continuations=("A", "é"))
EXPECTED_SUMS = (-(32 + 65) / 100, -(32 + 195 + 169) / 100)


@pytest.mark.parametrize("way", ["ids", "echo", "echo without usage"])
def test_options_are_scored_from_the_last_letter_of_the_context(
    server: FaultServer, make: Callable[..., OpenaiBackend], way: str
) -> None:
    if way == "ids":
        fake_vllm(server)
    else:
        fake_echo(server, usage=way == "echo")
    outcome = one(make(), ASKED)
    assert isinstance(outcome, ChoiceScores)
    assert outcome.sum_logprobs == pytest.approx(EXPECTED_SUMS, abs=1e-12)
    assert outcome.n_tokens == (2, 3)


def test_the_way_is_found_once_and_options_go_in_one_request(
    server: FaultServer, make: Callable[..., OpenaiBackend]
) -> None:
    fake_vllm(server)
    run(make(), [ASKED, ChoiceRequest(key="d", context="x", continuations=("y", "z", "w"))])
    assert sorted(len(body["prompt"]) for body in server.bodies()) == [1, 2, 3]  # the trial and the two requests


def test_options_after_a_conversation_keep_the_templates_last_blank(
    server: FaultServer, make: Callable[..., OpenaiBackend]
) -> None:
    fake_vllm(server)
    request = ChoiceRequest(key="c", context=(Message(role="user", content="Q"),), continuations=("A", "BB"))
    outcome = one(make(), request)
    assert isinstance(outcome, ChoiceScores)
    assert outcome.sum_logprobs == pytest.approx((-0.65, -1.32), abs=1e-12)
    assert bytes(server.bodies()[-1]["prompt"][1]).decode() == "<u>Q<a> BB"


@pytest.mark.parametrize(
    "reply",
    [
        complete,
        refuse(400, {"error": {"message": "logprobs are not supported"}}),
        answer_with({"text": "x", "logprobs": {"token_logprobs": [-0.1]}}, usage={"prompt_tokens": 5}),
        answer_with({"text": "x", "logprobs": None}),
    ],
)
def test_a_server_without_log_probabilities_of_prompts_ends_the_run(
    server: FaultServer, make: Callable[..., OpenaiBackend], reply: Reply
) -> None:
    server.replies["/v1/completions"] = [reply]
    with pytest.raises(BackendError, match=r"returns no log-probabilities of a prompt.* hf or vllm backend"):
        run(make(), [ASKED])


def test_an_option_without_a_token_is_missing(server: FaultServer, make: Callable[..., OpenaiBackend]) -> None:
    fake_vllm(server)
    server.replies["/tokenize"].insert(0, server.replies["/tokenize"][0])
    server.replies["/tokenize"][1] = lambda handler, _: handler.send(200, {"tokens": [65, 66], "count": 2})
    outcome = one(make(), ASKED)
    assert outcome == Unscored(key="c", reason="the option 'A' adds no token to the context")


def test_a_score_that_is_no_number_is_missing(server: FaultServer, make: Callable[..., OpenaiBackend]) -> None:
    fake_vllm(server)
    good = server.replies["/v1/completions"][0]
    bad = b'{"choices": [{"index": 0, "prompt_logprobs": [null, {"58": {"logprob": NaN}}]}]}'
    server.replies["/v1/completions"] = [good, refuse(200, bad)]
    outcome = one(make(retries=0), ASKED)
    assert isinstance(outcome, Unscored)
    assert outcome.reason.startswith("the answer is not what was asked for")


# --- tokens ---------------------------------------------------------------------------------------------------------


def test_tokens_are_counted_by_the_server(server: FaultServer, make: Callable[..., OpenaiBackend]) -> None:
    fake_vllm(server)
    assert make().count_tokens(["abc", "", "é"]) == [3, 0, 2]
    assert all(body["add_special_tokens"] is False for body in server.bodies("/tokenize"))


def test_a_server_that_does_not_tokenise_says_so(server: FaultServer, make: Callable[..., OpenaiBackend]) -> None:
    with pytest.raises(ConfigError, match="only a server with /tokenize"):
        make().count_tokens(["abc"])


def test_the_class_is_what_the_protocol_asks_for() -> None:
    assert backend_module.OpenaiBackend.has_chat_template is None
    assert set(OpenaiBackend.__init__.__kwdefaults__ or {}) == {"base_url", "concurrency", "timeout_s", "retries"}
