"""`wbgetentities` of a wiki's Action API: whole items, fifty in a call, asked as its etiquette wants it."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from xleval.data.retry_after import retry_after_s
from xleval.errors import DataError, MissingExtra
from xleval.polyfact.labels import wikimedia_codes
from xleval.polyfact.links import LINK_PIDS
from xleval.polyfact.sources.batches import AdaptiveBatches
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
from xleval.polyfact.sources.query_cache import QueryCache
from xleval.polyfact.sources.wikibase_json import ItemReader, ParsedItem

IDS_IN_CALL = 50  # what the API takes from clients without a bot's right
MAXLAG_S = 5  # "do not answer while the database's copies are this far behind": what the etiquette asks of programs
TIMEOUT_S = 120.0
MAX_ANSWER_BYTES = 1 << 28
_PROPS = "labels|aliases|claims|sitelinks"
#: Error codes of the API that pass: we ask too often or at a bad moment; it is broken for the moment.
_BUSY = frozenset(("maxlag", "ratelimited", "actionthrottledtext"))
_PASSING = frozenset(("readonly",))


class WikibaseApi:
    """Items by id, from the cache or else from the API; only what is read of them is kept.

    Args:
        url: address of `api.php`.
        languages: codes of the set.
        relations: P-ids of the set.
        user_agent: see `patience.user_agent`.
        patience: decides how often and how long is tried.
        cache: keeps items by id.
        timeout_s: seconds for one whole answer.

    Raises:
        MissingExtra: httpx is not installed.
    """

    def __init__(
        self,
        url: str,
        *,
        languages: Sequence[str],
        relations: Sequence[str],
        user_agent: str,
        patience: Patience,
        cache: QueryCache,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        try:
            import httpx
        except ImportError as error:
            raise MissingExtra("wikidata", "asking the API of a wiki") from error
        self._url, self._where = url, public_url(url)
        self._patience, self._cache, self._timeout_s = patience, cache, timeout_s
        self._reader = ItemReader(languages, relations)
        self._pids = sorted({"P31", "P21", *LINK_PIDS, *relations})
        codes = wikimedia_codes(languages)
        self._question = f"{self._where} {_PROPS} {' '.join(self._pids)} {' '.join(codes)}"
        # Format 1: empty maps come as [], missing as "", as dumps write them too; format 2 is not needed for anything.
        self._fixed = {"action": "wbgetentities", "format": "json", "formatversion": "1", "props": _PROPS}
        self._fixed |= {"redirects": "no", "maxlag": str(MAXLAG_S)}
        if len(codes) <= IDS_IN_CALL:  # the same limit holds for every list
            self._fixed["languages"] = "|".join(codes)
        self._batches = AdaptiveBatches(start=IDS_IN_CALL, largest=IDS_IN_CALL)
        self._http = httpx.Client(
            headers={"User-Agent": user_agent, "Accept-Encoding": "gzip"},
            timeout=timeout_s,
            mounts={"all://localhost": None, "all://127.0.0.1": None, "all://[::1]": None},
        )

    def items(self, qids: Sequence[str]) -> Iterator[tuple[str, ParsedItem | None]]:
        """Yield each id with its item, None for a redirect, a deleted item and one that never was; in no order.

        Raises:
            EndpointFault: the API does not answer.
            DataError: an item is not as Wikibase writes it.
        """
        known = set()
        for qid, kept in self._cache.find(self._question, qids):
            known.add(qid)
            yield qid, self._parsed(qid, kept)
        found: dict[str, ParsedItem | None] = {}

        def ask(batch: Sequence[str]) -> None:
            entities = self._patience.ask(lambda: self._attempt(batch))
            answers = {qid: self._reduced(entities[qid]) for qid in batch}
            parsed = {qid: self._parsed(qid, raw) for qid, raw in answers.items()}  # what is not an item is not kept
            self._cache.store(self._question, answers)
            found.update(parsed)

        with self._cache.telling_what_is_kept():
            self._batches.run([qid for qid in qids if qid not in known], ask)
        yield from found.items()

    def close(self) -> None:
        """Close the connection; a second call does nothing."""
        self._http.close()

    def _attempt(self, batch: Sequence[str]) -> Mapping[str, Any]:
        """Return the answer about each id of a batch."""
        status, wait, content = within(self._timeout_s + 1, lambda: self._fetch(batch), self._late)
        if status != 200:
            raise self._refusal(status, wait, content)
        try:
            answer = json.loads(content)
        except (ValueError, RecursionError):
            if content.lstrip()[:1] in (b"{", b""):
                raise Truncated200(f"{self._where}: the answer is cut off after {len(content)} bytes") from None
            raise self._no_api(content) from None
        if isinstance(answer, dict) and isinstance(answer.get("error"), dict):
            raise self._failure(answer["error"], wait)
        entities = answer.get("entities") if isinstance(answer, dict) else None
        if not isinstance(entities, dict):
            raise self._no_api(content)
        by_id = {str(found.get("id", qid)): found for qid, found in entities.items() if isinstance(found, dict)}
        for qid in batch:
            if qid not in by_id:
                raise Truncated200(f"{self._where}: the answer says nothing about {qid}")
        return by_id

    def _fetch(self, batch: Sequence[str]) -> tuple[int, float | None, bytes]:
        """Return status, seconds of Retry-After and body of one answer."""
        import httpx

        ends = time.monotonic() + self._timeout_s
        content = bytearray()
        try:
            with self._http.stream("POST", self._url, data={**self._fixed, "ids": "|".join(batch)}) as response:
                for piece in response.iter_bytes():
                    content += piece
                    if len(content) > MAX_ANSWER_BYTES:
                        raise QueryTimeout(f"{self._where}: the answer is over {MAX_ANSWER_BYTES >> 20} MiB")
                    if time.monotonic() > ends:
                        raise self._late()
        except httpx.TimeoutException:
            raise self._late() from None
        except httpx.HTTPError as error:
            if content:
                raise Truncated200(f"{self._where}: the connection was closed within the answer ({error})") from None
            raise Unreached(f"{self._where} is not reached: {error}") from None
        return response.status_code, retry_after_s(response.headers.get("retry-after")), bytes(content)

    def _late(self) -> EndpointFault:
        return Transient(f"{self._where} gave no whole answer within {self._timeout_s:g} s")

    def _no_api(self, content: bytes) -> Misconfigured:
        return Misconfigured(f"{self._where} does not answer as the API of a wiki does: {saying(content)}")

    def _refusal(self, status: int, wait: float | None, content: bytes) -> EndpointFault:
        """Return the fault that an HTTP status other than success stands for."""
        at, said = f"{self._where}: HTTP {status}", saying(content)
        if status == 429:
            return Throttled(f"{at}, too many requests: {said}", wait)
        if status in (413, 414, 504):
            return QueryTimeout(f"{at}, the items take more than the API gives a call: {said}")
        if status >= 500 and status != 501:
            return Transient(f"{at}: {said}", wait)
        if status == 403:
            return Misconfigured(
                f"{at}: {said}. Wikis refuse clients whose User-Agent names no contact: is --contact right?"
            )
        return Misconfigured(f"{at}: there is no API of a wiki at this address. It says: {said}")

    def _failure(self, error: Mapping[str, Any], wait: float | None) -> EndpointFault:
        """Return the fault that the API reports, with a good status, in its own words."""
        code, said = (
            saying(str(words).encode(errors="replace")) for words in (error.get("code", ""), error.get("info", error))
        )
        if code in _BUSY:
            return Throttled(f"{self._where} is busy: {code}: {said}", float(MAXLAG_S) if wait is None else wait)
        if code in _PASSING or code.startswith("internal_api_error"):
            return Transient(f"{self._where}: {code}: {said}", wait)
        return BadQuery(f"{self._where}, the API does not take the request: {code}: {said}")

    def _reduced(self, raw: Mapping[str, Any]) -> object:
        """Return an item without the claims and references that are not read: they are most of it."""
        claims = raw.get("claims")
        if not isinstance(claims, dict):
            return raw
        kept = {pid: _without_references(claims[pid]) for pid in self._pids if pid in claims}
        return {**raw, "claims": kept}

    def _parsed(self, qid: str, raw: object) -> ParsedItem | None:
        try:
            item = self._reader.decode(json.dumps(raw, ensure_ascii=False).encode())
        except (DataError, UnicodeEncodeError, RecursionError) as error:
            raise DataError(f"{self._where}: {qid} is {error}") from error
        return item if item is not None and item.entity.qid == qid else None


def _without_references(claims: object) -> object:
    """Return claims without their references; what is no list of claims as it is."""
    if not isinstance(claims, list) or not all(isinstance(claim, dict) for claim in claims):
        return claims
    return [{key: claim[key] for key in claim if key != "references"} for claim in claims]
