"""Servers that several test modules of sources ask."""

from collections.abc import Iterator

import pytest

from tests.polyfact.sources.oxigraph_server import serve
from tests.polyfact.sources.wikidata_items import ITEMS, REDIRECT
from tests.polyfact.sources.wikidata_rdf import n_triples

_REDIRECTS = (
    f"<http://www.wikidata.org/entity/{REDIRECT}> <http://www.w3.org/2002/07/owl#sameAs> <http://www.wikidata.org/entity/Q1> .",
)


@pytest.fixture(scope="session")
def dump_graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of a real SPARQL server with the hand-written items in the shape of Wikidata's dumps."""
    with serve((*n_triples(ITEMS.values()), *_REDIRECTS), tmp_path_factory.mktemp("dump_graph")) as url:
        yield url


@pytest.fixture(scope="session")
def service_graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of one in the shape of Wikidata's Query Service, which says when it was changed."""
    changed = (
        '<http://www.wikidata.org> <http://schema.org/dateModified> "2026-10-31T23:59:00Z"'
        "^^<http://www.w3.org/2001/XMLSchema#dateTime> ."
    )
    lines = (*n_triples(ITEMS.values(), "service"), *_REDIRECTS, changed)
    with serve(lines, tmp_path_factory.mktemp("service_graph")) as url:
        yield url
