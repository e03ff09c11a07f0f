"""HTTP for the `openai` backend: one thread, a limit on requests in flight, retries, and what they end in."""

import asyncio
import json
import random
import threading
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from typing import Any, TypeVar

from xleval.data.retry_after import retry_after_s
from xleval.errors import BackendError, MissingExtra

try:
    import httpx
    import tenacity
except ModuleNotFoundError as error:
    raise MissingExtra("openai", "the openai backend") from error

T = TypeVar("T")

KEY_VARIABLE = "OPENAI_API_KEY"
FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0
#: A server that wants a longer pause is asked again after this one.
LONGEST_RETRY_AFTER_S = 300.0
LONGEST_CONNECT_S = 30.0
LONGEST_REASON = 300
MAX_ANSWER_BYTES = 1 << 26
_KEY_REFUSED = (401, 403)
_WORTH_A_RETRY = (408, 409, 425, 429)
_NEVER_IMPLEMENTED = 501


class NoAnswer(Exception):
    """A request without an answer; the text is the reason, in one line.

    Attributes:
        lost: whether the server could not be reached, broke off or was silent, rather than said no.
    """

    def __init__(self, reason: str, *, lost: bool = False) -> None:
        super().__init__(reason)
        self.lost = lost


class Refused(NoAnswer):
    """A request that the server does not take, however often it is sent; `status` is the HTTP status."""

    def __init__(self, reason: str, *, status: int) -> None:
        super().__init__(reason)
        self.status = status


class _Passing(NoAnswer):
    """A failure that may be over when the request is sent again, after `wait_s` where the server says so."""

    def __init__(self, reason: str, *, lost: bool = False, wait_s: float | None = None) -> None:
        super().__init__(reason, lost=lost)
        self.wait_s = wait_s


class Client:
    """Sends requests to one server from a thread of its own; the thread starts with the first request.

    Args:
        key: goes into the Authorization header and nowhere else; empty for none.
        concurrency: requests in flight at most; a request that waits for its next try is not in flight.
        timeout_s: seconds until an answer must be complete.
        retries: how often a request is sent again.
    """

    def __init__(self, *, key: str, concurrency: int, timeout_s: float, retries: int) -> None:
        self._key, self._concurrency, self._timeout_s, self._retries = key, concurrency, timeout_s, retries
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        """Return the future of some work that runs in the client's thread."""
        if self._loop is None:
            self._open()
        return asyncio.run_coroutine_threadsafe(work, self._loop)  # type: ignore[arg-type]

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what some work returns; an interrupt cancels it."""
        future = self.start(work)
        try:
            return future.result()
        finally:
            future.cancel()

    async def get(self, url: str, read: Callable[[Any], T], *, retries: int) -> T:
        """Return what `read` makes of the JSON at an address; see `post`."""
        return await self._retrying(retries)(self._attempt, "GET", url, None, read)

    async def post(self, url: str, body: Mapping[str, object], read: Callable[[Any], T]) -> T:
        """Return what `read` makes of the JSON answer to a JSON request.

        Args:
            url: whole address.
            body: JSON object to send.
            read: raises ValueError, TypeError, LookupError or AttributeError where the answer lacks what is needed.

        Raises:
            NoAnswer: none after the last retry, or the server refuses the request (`Refused`).
            BackendError: the server refuses the key, or the account is used up.
        """
        return await self._retrying(self._retries)(self._attempt, "POST", url, body, read)

    def close(self) -> None:
        """End what is under way, the connections and the thread; a second call does nothing."""
        if self._loop is None:
            return
        loop, self._loop = self._loop, None
        asyncio.run_coroutine_threadsafe(self._end(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        self._thread.join()
        loop.close()

    def clean(self, text: str) -> str:
        """Return a server's words for an error message: one line, no control characters, no key, 300 characters."""
        line = " ".join((text.replace(self._key, "***") if self._key else text).split())
        line = "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in line)
        return line if len(line) <= LONGEST_REASON else f"{line[: LONGEST_REASON - 1]}…"

    def _open(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._slots = asyncio.Semaphore(self._concurrency)
        self._http = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {self._key}"} if self._key else {},
            # the whole answer has its time limit in `_fetch`; a read limit alone is never met by a slow drip
            timeout=httpx.Timeout(None, connect=min(LONGEST_CONNECT_S, self._timeout_s)),
            limits=httpx.Limits(max_connections=self._concurrency, max_keepalive_connections=self._concurrency),
            # a server on this machine is never asked through a proxy
            mounts={"all://localhost": None, "all://127.0.0.1": None, "all://[::1]": None},
        )
        self._thread = threading.Thread(target=self._loop.run_forever, name="xleval-openai", daemon=True)
        self._thread.start()

    async def _end(self) -> None:
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._http.aclose()

    def _retrying(self, retries: int) -> tenacity.AsyncRetrying:
        return tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(_Passing),
            stop=tenacity.stop_after_attempt(retries + 1),
            wait=_wait_s,
            reraise=True,
        )

    async def _attempt(self, method: str, url: str, body: Mapping[str, object] | None, read: Callable[[Any], T]) -> T:
        async with self._slots:
            status, headers, content = await self._fetch(method, url, body)
        if not 200 <= status < 300:
            raise self._failure(status, headers, content)
        try:
            answer = json.loads(content)
        except (ValueError, RecursionError):
            raise _Passing(f"the answer is not JSON ({len(content)} bytes)") from None
        try:
            return read(answer)
        except (ValueError, TypeError, LookupError, AttributeError):
            said = self._message(content)
            raise _Passing(f"the answer is not what was asked for: {said}") from None

    async def _fetch(
        self, method: str, url: str, body: Mapping[str, object] | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        content = bytearray()
        try:
            async with asyncio.timeout(self._timeout_s), self._http.stream(method, url, json=body) as response:
                async for chunk in response.aiter_bytes():
                    content += chunk
                    if len(content) > MAX_ANSWER_BYTES:
                        raise _Passing(f"the answer is over {MAX_ANSWER_BYTES >> 20} MiB")
        except TimeoutError:
            raise _Passing(f"no whole answer within {self._timeout_s:g} s", lost=True) from None
        except httpx.TimeoutException:
            raise _Passing("no connection in time", lost=True) from None
        except httpx.HTTPError as error:
            raise _Passing(self.clean(f"{type(error).__name__}: {error}"), lost=True) from None
        return response.status_code, response.headers, bytes(content)

    def _failure(self, status: int, headers: Mapping[str, str], content: bytes) -> Exception:
        """Return the error of an HTTP status other than success."""
        said = self._message(content)
        if status in _KEY_REFUSED:
            need = f"the key in {KEY_VARIABLE} is not accepted" if self._key else f"set {KEY_VARIABLE}"
            return BackendError(f"the server refuses access (HTTP {status}): {need}. It says: {said}")
        if status == 429 and b"insufficient_quota" in content:
            return BackendError(f"the server's account is used up (HTTP 429): {said}. Then go on with --resume")
        if status in _WORTH_A_RETRY or (status >= 500 and status != _NEVER_IMPLEMENTED):
            return _Passing(f"HTTP {status}: {said}", wait_s=_at_most(retry_after_s(headers.get("retry-after"))))
        return Refused(f"HTTP {status}: {said}", status=status)

    def _message(self, content: bytes) -> str:
        """Return what an error answer says, in the forms that servers use."""
        text = content[: 1 << 16].decode(errors="replace")
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        while isinstance(found, dict):
            found = next((found[name] for name in ("error", "message", "detail") if found.get(name)), None)
        return self.clean(found if isinstance(found, str) else text) or "nothing"


def _wait_s(state: tenacity.RetryCallState) -> float:
    """Return the pause before the next try: what the server asks for, else twice the last one, with jitter."""
    failure = state.outcome.exception() if state.outcome else None
    if isinstance(failure, _Passing) and failure.wait_s is not None:
        # all that were told the same moment would come back in it
        return failure.wait_s + random.uniform(0, min(1.0, FIRST_WAIT_S))
    longest = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (state.attempt_number - 1))
    return random.uniform(longest / 2, longest)


def _at_most(seconds: float | None) -> float | None:
    return None if seconds is None else min(seconds, LONGEST_RETRY_AFTER_S)
