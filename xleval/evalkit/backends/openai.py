"""The `openai` backend: any server with an OpenAI-compatible interface."""

import asyncio
import difflib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from xleval.errors import BackendError, ConfigError
from xleval.evalkit.backends.openai_choices import ChoiceScorer
from xleval.evalkit.backends.openai_generate import Server, check_request, generate
from xleval.evalkit.backends.openai_http import KEY_VARIABLE, Client, NoAnswer, Refused
from xleval.evalkit.requests import ChoiceRequest, Encoded, GenerateRequest, Outcome, Request, Unscored

DEFAULT_BASE_URL = "https://api.openai.com/v1"
BASE_URL_VARIABLE = "OPENAI_BASE_URL"
#: So many batches in a row without contact are a server that is gone, not requests that failed.
LOST_IN_A_ROW = 20
_OPENAI_HOSTS = (".openai.com", ".openai.azure.com")
#: Who serves a model, as `/models` says, of servers that take vLLM's fields beyond OpenAI's.
_EXTENDED = ("vllm", "sglang")
_MODELS_NAMED = 10
_CHECK_RETRIES = 2


class OpenaiBackend:
    """A model at a server; implements `Backend`. The key is read from $OPENAI_API_KEY and never shown.

    Args:
        model: as the server calls it.
        base_url: address of the interface, up to and with `/v1`; default $OPENAI_BASE_URL, else OpenAI's own.
        concurrency: requests in flight at most.
        timeout_s: seconds until an answer must be complete.
        retries: how often a request is sent again that found the server busy, failing or out of reach.

    Raises:
        ConfigError: an option, the address or the key is not usable.
        MissingExtra: httpx or tenacity is not installed.
    """

    has_chat_template: bool | None = None

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        concurrency: int = 32,
        timeout_s: float = 600,
        retries: int = 6,
    ) -> None:
        if not model:
            raise ConfigError("openai model: the name is empty; give the name under which the server has it")
        for name, value, least in (("concurrency", concurrency, 1), ("retries", retries, 0)):
            if type(value) is not int or value < least:
                raise ConfigError(f"{name}={value!r}: needed is a whole number from {least}")
        if isinstance(timeout_s, bool) or not isinstance(timeout_s, int | float) or not timeout_s > 0:
            raise ConfigError(f"timeout_s={timeout_s!r}: needed is a number of seconds above 0")
        self._base_url = _read_base_url(base_url or os.environ.get(BASE_URL_VARIABLE) or DEFAULT_BASE_URL)
        host = urlsplit(self._base_url).hostname or ""
        self._model, self._is_openai, self._concurrency = model, f".{host}".endswith(_OPENAI_HOSTS), concurrency
        self._client = Client(key=_read_key(), concurrency=concurrency, timeout_s=timeout_s, retries=retries)
        self._server: Server | None = None
        self.fingerprint: Mapping[str, str] = MappingProxyType(
            {"backend": "openai", "model": model, "base_url": self._base_url}
        )

    def check(self) -> None:
        """Ask the server for its models, once.

        Raises:
            BackendError: it does not answer, or not as such a server does.
            ConfigError: it does not have the model.
        """
        if self._server is None:
            try:
                self._server = self._client.wait(self._find_server())
            except BaseException:
                self._client.close()
                raise
            self._scorer = ChoiceScorer(self._client, base_url=self._base_url, model=self._model)

    def encode(self, requests: Sequence[Request]) -> list[Encoded]:
        """Return the requests themselves: the server tokenises, and refuses one that is too long for its model.

        Raises:
            ConfigError: a request is empty, or asks for what a server cannot do.
        """
        for request in requests:
            check_request(request, is_openai=self._is_openai)
        return list(requests)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text by the server's `/tokenize`, which vLLM has.

        Raises:
            ConfigError: the server has none.
            BackendError: it does not answer.
        """
        self.check()

        async def count() -> list[int]:
            work = (self._scorer.tokenise(text, add_special_tokens=False) for text in texts)
            return [len(ids) for ids in await asyncio.gather(*work)]

        try:
            return self._client.wait(count())
        except Refused as error:
            raise ConfigError(
                f"{self._base_url} counts no tokens ({error}); only a server with /tokenize does, such as vLLM"
            ) from None
        except NoAnswer as error:
            raise BackendError(f"{self._base_url} counted no tokens: {error}") from None

    def plan(self, encoded: Sequence[Encoded]) -> list[list[int]]:
        """Return a batch for each request, in order."""
        return [[index] for index in range(len(encoded))]

    def run(self, batches: Iterable[Sequence[Encoded]]) -> Iterator[list[Outcome]]:
        """Yield the outcomes of each batch as they come; at most two batches for each slot are under way or waiting.

        Raises:
            BackendError: the server cannot be used, or is gone; batches that were not answered then are not yielded.
            ConfigError: the server does not have the model, or cannot do what a request asks.
        """
        self.check()
        source = iter(batches)
        working: set[Future[tuple[list[Outcome], bool]]] = set()
        unreached: list[list[Outcome]] = []
        try:
            while True:
                while len(working) < 2 * self._concurrency and (batch := next(source, None)) is not None:
                    working.add(self._client.start(self._answer_batch(batch)))
                if not working:
                    break
                done, working = wait(working, return_when=FIRST_COMPLETED)
                for outcomes, is_lost in [future.result() for future in done]:
                    unreached.append(outcomes)
                    if is_lost and len(unreached) >= LOST_IN_A_ROW:
                        raise self._gone(unreached)
                    if not is_lost:
                        yield from unreached
                        unreached = []
            yield from unreached
        finally:
            for future in working:
                future.cancel()

    def close(self) -> None:
        """Give back connections and thread; requests under way end. A second call does nothing."""
        self._client.close()
        self._server = None

    async def _answer_batch(self, batch: Sequence[Encoded]) -> tuple[list[Outcome], bool]:
        """Return the outcomes of a batch, and whether the server was out of reach for all of it."""
        answers = await asyncio.gather(*(self._answer(request) for request in batch))
        return [outcome for outcome, _ in answers], all(is_lost for _, is_lost in answers)

    async def _answer(self, request: Encoded) -> tuple[Outcome, bool]:
        try:
            if isinstance(request, ChoiceRequest):
                return await self._scorer.score(request), False
            if isinstance(request, GenerateRequest) and self._server is not None:
                return await generate(self._client, self._server, request), False
        except NoAnswer as error:
            return Unscored(key=request.key, reason=str(error)), error.lost
        raise TypeError(f"{type(request).__name__} is not what this backend's encode returns")

    async def _find_server(self) -> Server:
        """Return what the server is, from its list of models."""
        served: Mapping[str, str] | None = None
        try:
            served = await self._client.get(f"{self._base_url}/models", _read_models, retries=_CHECK_RETRIES)
        except Refused as error:
            # some gateways list no models; a forgotten /v1 is the likelier reason where the address has none
            if error.status != 404 or not self._base_url.rpartition("/")[2].startswith("v"):
                raise BackendError(
                    f"{self._base_url} is no OpenAI-compatible server ({error}); base_url mostly ends in /v1"
                ) from None
        except NoAnswer as error:
            raise BackendError(
                f"no server answers at {self._base_url} ({error}): start it, or give another base_url"
            ) from None
        if served is not None and self._model not in served:
            raise ConfigError(f"{self._base_url} does not serve {self._model!r}; it serves {self._nearest(served)}")
        return Server(
            base_url=self._base_url,
            model=self._model,
            is_openai=self._is_openai,
            takes_extensions=served is not None and served[self._model] in _EXTENDED,
        )

    def _nearest(self, served: Iterable[str]) -> str:
        """Return names of models for a message, the nearest first."""
        wanted = self._model.casefold()
        names = sorted(served, key=lambda name: -difflib.SequenceMatcher(None, wanted, name.casefold()).ratio())
        more = f" and {len(names) - _MODELS_NAMED} more" if len(names) > _MODELS_NAMED else ""
        return ", ".join(map(self._client.clean, names[:_MODELS_NAMED])) + more if names else "no model"

    def _gone(self, unreached: Sequence[Sequence[Outcome]]) -> BackendError:
        last = unreached[-1][0]
        reason = last.reason if isinstance(last, Unscored) else ""
        return BackendError(
            f"{self._base_url} is out of reach: {len(unreached)} requests in a row failed, after all retries ({reason}). "
            "See that the server runs, and go on with --resume"
        )


def _read_base_url(text: str) -> str:
    """Return an address without a slash at its end; never shown where it may hold a password."""
    try:
        parts = urlsplit(text.strip())
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise ConfigError("base_url is not a web address; needed is one such as http://127.0.0.1:8000/v1") from None
    if parts.username is not None or parts.password is not None:
        raise ConfigError(
            f"base_url holds a user name or password: put the key in {KEY_VARIABLE}, and drop the part to @"
        )
    if not usable or parts.query or parts.fragment:
        raise ConfigError(
            "base_url is not usable; needed is an address such as http://127.0.0.1:8000/v1, without ? and #"
        )
    return text.strip().rstrip("/")


def _read_key() -> str:
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ConfigError(f"{KEY_VARIABLE} holds characters that no key has, such as a space or line break")
    return key


def _read_models(answer: Any) -> dict[str, str]:
    """Return who serves each model of a list."""
    return {str(entry["id"]): str(entry.get("owned_by", "")) for entry in answer["data"]}
