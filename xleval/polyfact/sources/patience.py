"""How a public endpoint is asked: who asks, what may go wrong, how long it is waited for.

BackendError
└── EndpointFault
    ├── Throttled       asked too often: wait as long as it says
    ├── Transient       not reached, or broken for the moment: ask again
    ├── Truncated200    an answer that is cut off: ask again, then ask for less
    ├── QueryTimeout    it takes longer than the endpoint allows, each time: ask for less
    ├── BadQuery        the endpoint does not take the query: nothing helps
    ├── Misconfigured   this is no such endpoint, or it refuses us: nothing helps
    └── Unanswered      patience has run out
"""

import os
import platform
import random
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit, urlunsplit

from xleval import __version__
from xleval.errors import BackendError, ConfigError, MissingExtra

if TYPE_CHECKING:
    import tenacity

T = TypeVar("T")

CONTACT_VARIABLE = "XLEVAL_CONTACT"
TRIES = 10  # of a broken answer, before it is said to be dead: about five minutes
FIRST_TRIES = 4  # of an address that was never reached: a wrong one, or no network
CUT_TRIES = 3  # of a cut answer: a larger one is cut each time
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
UNSAID_WAIT_S = 60.0  # after "too many requests" that do not say how long
LONGEST_SAYING = 300


class EndpointFault(BackendError):
    """An endpoint that does not give what it is asked for."""


class _Passing(EndpointFault):
    """A fault that may be gone at the next try; `retry_after_s` is what the endpoint says, or None."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Throttled(_Passing):
    """Asked too often."""


class Transient(_Passing):
    """Not reached, or broken for the moment."""


class Unreached(Transient):
    """No connection."""


class Truncated200(_Passing):
    """A good status and an answer that is cut off."""


class QueryTimeout(EndpointFault):
    """More than the endpoint computes in the time it allows: the same query fails again, a smaller one does not."""


class BadQuery(EndpointFault):
    """The endpoint does not take the query."""


class Misconfigured(EndpointFault):
    """There is no such endpoint at the address, or it refuses us."""


class Unanswered(EndpointFault):
    """Patience has run out."""


class Patience:
    """Asks again as long as it makes sense, one question at a time.

    Args:
        where: address of the endpoint, for messages; without credentials.
        longest_s: seconds from the first failure after a good answer until the end.
        tries: how often one question is asked while the endpoint is broken.
        say: is told of each wait.
        sleep: waits for seconds.
        clock: seconds from any point.

    Raises:
        MissingExtra: tenacity is not installed.
    """

    def __init__(
        self,
        where: str,
        *,
        longest_s: float = 1800.0,
        tries: int = TRIES,
        say: Callable[[str], None] = lambda _: None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        try:
            import tenacity
        except ImportError as error:
            raise MissingExtra("wikidata", "asking an endpoint") from error
        self.where = where
        self._longest_s, self._tries, self._say, self._clock = longest_s, tries, say, clock
        self._failing_since: float | None = None
        self._reached = False
        self._retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_Passing),
            wait=_wait_s,
            stop=self._gives_up,
            before_sleep=self._announce,
            sleep=sleep,
            reraise=True,
        )

    def ask(self, attempt: Callable[[], T]) -> T:
        """Return what an attempt returns, tried again after faults that pass.

        Raises:
            QueryTimeout: the answer cannot be computed in time.
            Truncated200: the answer is cut off each time.
            BadQuery: the query is not taken.
            Misconfigured: the endpoint is not what it must be.
            Unanswered: tries or time have run out.
        """
        try:
            answer = self._retrying(attempt)
        except Truncated200:
            raise
        except _Passing as fault:
            lasted = self._clock() - (self._failing_since or self._clock())
            hint = "" if self._reached else ". Check the address and the network"
            raise Unanswered(f"{fault}; given up after {lasted:.0f} s{hint}") from fault
        self._failing_since = None
        self._reached = True
        return answer

    def _gives_up(self, state: "tenacity.RetryCallState") -> bool:
        now = self._clock()
        if self._failing_since is None:
            self._failing_since = now
        fault = state.outcome.exception() if state.outcome else None
        self._reached |= not isinstance(fault, Unreached)
        tries = CUT_TRIES if isinstance(fault, Truncated200) else self._tries
        if not self._reached:
            tries = min(tries, FIRST_TRIES)
        if not isinstance(fault, Throttled) and state.attempt_number >= tries:
            return True
        return now + state.upcoming_sleep - self._failing_since > self._longest_s

    def _announce(self, state: "tenacity.RetryCallState") -> None:
        fault = state.outcome.exception() if state.outcome else None
        self._say(f"{fault}; asking again in {state.upcoming_sleep:.0f} s")


def _wait_s(state: "tenacity.RetryCallState") -> float:
    """Return the pause before the next try: what the endpoint asks for, else twice the last one, with jitter."""
    fault = state.outcome.exception() if state.outcome else None
    said = fault.retry_after_s if isinstance(fault, _Passing) else None
    if said is None and isinstance(fault, Throttled):
        said = UNSAID_WAIT_S
    if said is not None:
        return said + random.uniform(0, 1)  # all that were told the same moment would come back in it
    longest = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (state.attempt_number - 1))
    return random.uniform(longest / 2, longest)


def within(seconds: float, call: Callable[[], T], late: Callable[[], EndpointFault]) -> T:
    """Return what a call returns; after so many seconds by the clock on the wall its fault is raised instead.

    A time limit of a socket holds for each piece of an answer, so a slow drip never meets it.
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(call())
        except BaseException as error:  # it is raised again in the thread that asked
            errors.append(error)

    thread = threading.Thread(target=run, name="xleval-endpoint", daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise late()
    return results[0]


def is_local(url: str) -> bool:
    """Whether an address is on this machine."""
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


def public_url(url: str) -> str:
    """Return an address without user name, password, query and fragment: these may hold a secret."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def user_agent(url: str, contact: str) -> str:
    """Return the User-Agent: this program, and whom to write to; public endpoints block those that do not say.

    Raises:
        ConfigError: no contact for an endpoint that is not on this machine, or one that is none.
    """
    contact = (contact or os.environ.get(CONTACT_VARIABLE, "")).strip()
    if not contact and not is_local(url):
        raise ConfigError(
            f"{public_url(url)} wants to know whom to write to: give an e-mail address or a URL of yours with --contact "
            f"or ${CONTACT_VARIABLE}"
        )
    if contact and (
        not contact.isascii() or not contact.isprintable() or ("@" not in contact and "://" not in contact)
    ):
        raise ConfigError(f"the contact {contact!r} is neither an e-mail address nor a URL. Give one with --contact")
    return f"xleval/{__version__} ({contact or 'local'}; PolyFact builder) Python/{platform.python_version()}"


def saying(content: bytes) -> str:
    """Return an endpoint's words for a message: one line, printable, at most 300 characters."""
    line = " ".join(content[: 1 << 14].decode(errors="replace").split())
    line = "".join(each if each.isprintable() else "?" for each in line)
    return (line if len(line) <= LONGEST_SAYING else f"{line[: LONGEST_SAYING - 1]}…") or "nothing"
