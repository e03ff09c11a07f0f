"""Wikidata over the network: its Query Service, QLever, or any SPARQL endpoint, with or without an API beside it."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from urllib.parse import urlsplit

from xleval.errors import ConfigError, unknown_name
from xleval.polyfact.records import Statement, WikidataEntity
from xleval.polyfact.sources import SourceOptions, sparql_queries
from xleval.polyfact.sources.batches import AdaptiveBatches, Asker
from xleval.polyfact.sources.patience import Patience, public_url, user_agent
from xleval.polyfact.sources.query_cache import QueryCache
from xleval.polyfact.sources.sparql import SparqlSource
from xleval.polyfact.sources.sparql_client import TIMEOUT_S, SparqlClient
from xleval.polyfact.sources.wikibase_api import WikibaseApi

DIALECTS = ("standard", "wdqs", "qlever")
_API = "https://www.wikidata.org/w/api.php"
_PATIENCE_S = 1800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A SPARQL endpoint with Wikidata's content.

    Attributes:
        name: what the manifest calls it.
        url: where it is asked.
        dialect: one of `DIALECTS`.
        api: URL of the Action API with the same content, or empty.
    """

    name: str
    url: str
    dialect: str
    api: str


#: The public endpoints, by name.
ENDPOINTS: Mapping[str, Endpoint] = MappingProxyType(
    {
        "wdqs": Endpoint(name="wdqs", url="https://query.wikidata.org/sparql", dialect="wdqs", api=_API),
        "qlever": Endpoint(name="qlever", url="https://qlever.dev/api/wikidata", dialect="qlever", api=_API),
    }
)


class EndpointSource(SparqlSource):
    """A graph behind a URL; with an API the graph says which items there are, and the API what is said about them.

    Args:
        asker: runs queries.
        options: languages, relations, thresholds and whom to tell.
        description: for the manifest; what was asked is added to it.
        dialect: one of `DIALECTS`.
        api: reads whole items, or None for SPARQL alone.
    """

    def __init__(
        self,
        asker: Asker,
        options: SourceOptions,
        description: Mapping[str, str],
        dialect: str,
        api: WikibaseApi | None,
    ) -> None:
        self._described = dict(description)
        super().__init__(asker, options, self._described, dialect)
        self._api = api
        self._claims: dict[str, tuple[Statement, ...]] = {}

    @property
    def description(self) -> Mapping[str, str]:
        """What goes into the manifest, with the number of questions so far and the SHA-256 over them."""
        n_asked, digest = self._asker.cache.asked()
        return {**self._described, "queries": str(n_asked), "query_digest": digest}

    @description.setter
    def description(self, value: Mapping[str, str]) -> None:
        self._described = dict(value)

    def close(self) -> None:
        """Close connection and cache; what is in memory is still told. A second call does nothing."""
        if self._api is not None:
            self._api.close()
        self._asker.cache.close()

    def _read(self, qids: Sequence[str]) -> dict[str, WikidataEntity | None]:
        if self._api is None:
            return super()._read(qids)
        read: dict[str, WikidataEntity | None] = {}
        for qid, item in self._api.items(qids):
            read[qid] = item.entity if item is not None else None
            if item is not None and item.statements:
                self._claims[qid] = item.statements
        return read

    def _statements_of(self, pid: str, qids: Sequence[str]) -> Iterator[tuple[str, list[Statement]]]:
        if self._api is None or pid not in self._options.relations:
            yield from super()._statements_of(pid, qids)
            return
        for qid in qids:
            yield qid, [found for found in self._claims.get(qid, ()) if found.relation_pid == pid]


def open_endpoint(
    name_or_url: str,
    options: SourceOptions,
    *,
    timeout_s: float = TIMEOUT_S,
    patience_s: float = _PATIENCE_S,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> EndpointSource:
    """Return an endpoint as a source; it is asked at once how old its content is.

    Args:
        name_or_url: `wdqs`, `qlever`, or the URL of a SPARQL endpoint; user name and password in it are not written down.
        options: `contact` is needed for what is not on this machine; `work` keeps the answers.
        timeout_s: seconds for one answer.
        patience_s: seconds from the first failure after a good answer until the end.
        sleep: waits for seconds.
        clock: seconds from any point.

    Raises:
        ConfigError: no contact, an unknown name or dialect, or no URL.
        MissingExtra: a package that asks endpoints is not installed.
        EndpointFault: it does not answer.
    """
    endpoint = _endpoint(name_or_url, options)
    where = public_url(endpoint.url)
    cache = QueryCache(options.work, where, options.progress)

    def patience(url: str) -> Patience:
        return Patience(public_url(url), longest_s=patience_s, say=options.progress, sleep=sleep, clock=clock)

    client = SparqlClient(
        endpoint.url,
        user_agent=user_agent(endpoint.url, options.contact),
        patience=patience(endpoint.url),
        dialect=endpoint.dialect,
        timeout_s=timeout_s,
    )
    asker = Asker(client.select, cache, AdaptiveBatches(clock=clock))
    description = {"name": endpoint.name, "endpoint": where, "as_of": options.as_of or _as_of(asker)}
    api = None
    if endpoint.api:
        description["api"] = public_url(endpoint.api)
        api = WikibaseApi(
            endpoint.api,
            languages=options.languages,
            relations=options.relations,
            user_agent=user_agent(endpoint.api, options.contact),
            patience=patience(endpoint.api),
            cache=cache,
            timeout_s=timeout_s,
        )
    return EndpointSource(asker, options, description, endpoint.dialect, api)


def _endpoint(name_or_url: str, options: SourceOptions) -> Endpoint:
    if name_or_url in ENDPOINTS:
        return ENDPOINTS[name_or_url]
    if "://" not in name_or_url:
        raise unknown_name("endpoint", name_or_url, ENDPOINTS)
    for url in (name_or_url, options.api):
        if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
            raise ConfigError(f"{public_url(url)} is no address of an endpoint: it must begin with https:// or http://")
    if options.dialect not in DIALECTS:
        raise unknown_name("dialect", options.dialect, DIALECTS)
    return Endpoint(name="sparql", url=name_or_url, dialect=options.dialect, api=options.api)


def _as_of(asker: Asker) -> str:
    """Return the month that the graph says it was changed in, else this month, which is then kept for `--resume`."""
    months = sorted(row["at"][:7] for row in asker.whole(sparql_queries.CHANGED) if row["at"][4:5] == "-")
    if months:
        return months[-1]
    for _, kept in asker.cache.find("month of the first question", [""]):
        return str(kept)
    month = datetime.now(UTC).strftime("%Y-%m")
    asker.cache.store("month of the first question", {"": month})
    return month
