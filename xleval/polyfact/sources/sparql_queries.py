"""The SPARQL that a graph in the shape of Wikidata's is asked in, and what its rows say."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from xleval.polyfact.labels import wikimedia_codes
from xleval.polyfact.records import UNKNOWN_YEAR, Statement
from xleval.polyfact.sources.batches import IDS, Row

ENTITY = "http://www.wikidata.org/entity/"
PREFIXES = f"""PREFIX wd: <{ENTITY}>
PREFIX wdt: <http://www.wikidata.org/prop/direct/>
PREFIX p: <http://www.wikidata.org/prop/>
PREFIX ps: <http://www.wikidata.org/prop/statement/>
PREFIX pq: <http://www.wikidata.org/prop/qualifier/>
PREFIX wikibase: <http://wikiba.se/ontology#>
PREFIX schema: <http://schema.org/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
#: Where the number of an item's pages hangs: on the item (Wikidata's service), on the node about it (dumps), either.
_ON_ITEM, _ON_NODE = "{item} wikibase:sitelinks ?n .", "{item} ^schema:about/wikibase:sitelinks ?n ."
_PAGES = {"wdqs": _ON_ITEM, "qlever": _ON_NODE, "standard": f"{{{{ {_ON_ITEM} }}}} UNION {{{{ {_ON_NODE} }}}}"}
_ALL_ROWS = 1_000_000_000  # QLever gives only some rows to a query without a limit
_NOT_DEPRECATED = "wikibase:rank ?rank . FILTER(?rank != wikibase:DeprecatedRank)"
_ITEM = re.compile(re.escape(ENTITY) + r"(Q[1-9][0-9]{0,17})")
_UNKNOWN = re.compile(r"_:|.*/\.well-known/genid/")
_YEAR = re.compile(r"([+-]?[0-9]{1,16})-")


def about(pattern: str, variables: str) -> str:
    """Return a question about items (`Asker.about`)."""
    return f"{PREFIXES}SELECT ?i {variables} WHERE {{ VALUES ?i {{ {IDS} }} {pattern} }}"


def subjects(
    pid: str, dialect: str, min_sitelinks: int, ending: str = "", window: tuple[int, int] | None = None
) -> str:
    """Return a query for the items that have statements of a property, as `?s`.

    Args:
        pid: P-id.
        dialect: `standard`, `qlever` or `wdqs`.
        min_sitelinks: items with fewer pages are left out.
        ending: last characters of the Q-ids.
        window: start and number of statements, for `wdqs` only.
    """
    pattern = f"?s p:{pid} ?st ."
    prefixes = PREFIXES
    if window is not None:
        prefixes += "PREFIX bd: <http://www.bigdata.com/rdf#>\n"
        place = f"bd:serviceParam bd:slice.offset {window[0]} ; bd:slice.limit {window[1]} ."
        pattern = f"SERVICE bd:slice {{ {pattern} {place} }}"
    if min_sitelinks > 0:
        pattern += f" {_PAGES[dialect].format(item='?s')} FILTER(?n >= {min_sitelinks})"
    if ending:
        pattern += f' FILTER(STRENDS(STR(?s), "{ending}"))'
    limit = f" LIMIT {_ALL_ROWS}" if dialect == "qlever" else ""
    return f"{prefixes}SELECT DISTINCT ?s WHERE {{ {pattern} }}{limit}"


def n_statements(pid: str) -> str:
    """Return a query for the number of statements of a property, as `?n`; Blazegraph reads it off its index."""
    return f"{PREFIXES}SELECT (COUNT(*) AS ?n) WHERE {{ ?s p:{pid} ?st }}"


#: When the graph was last changed, as `?at`: as Wikidata's service says it, and as its dumps do.
CHANGED = (
    f"{PREFIXES}SELECT ?at WHERE {{ VALUES ?graph {{ <http://www.wikidata.org> wikibase:Dump }} "
    "?graph schema:dateModified ?at }"
)


def names(predicate: str, languages: Sequence[str]) -> str:
    """Return a question for labels or aliases in every code of a set's languages: `?name`, `?lang`."""
    codes = ", ".join(f'"{code}"' for code in wikimedia_codes(languages))
    pattern = f"?i {predicate} ?name . BIND(LCASE(LANG(?name)) AS ?lang) FILTER(?lang IN ({codes}))"
    return about(pattern, "?name ?lang")


def articles(languages: Sequence[str]) -> str:
    """Return a question for the titles of an item's articles in the languages' Wikipedias: `?site`, `?name`."""
    sites = " ".join(f"<https://{lang}.wikipedia.org/>" for lang in languages)
    return about(
        f"?page schema:about ?i . VALUES ?site {{ {sites} }} ?page schema:isPartOf ?site ; schema:name ?name",
        "?site ?name",
    )


def pages(dialect: str) -> str:
    """Return a question for the number of an item's pages: `?n`."""
    return about(_PAGES[dialect].format(item="?i"), "?n")


def claims(pids: Sequence[str]) -> str:
    """Return a question for the values of several properties, deprecated statements left out: `?p`, `?v`, `?rank`.

    A part for each property: Oxigraph reads all statements there are where the property is a variable (4 s, not 0.04 s,
    for 200 of 40,000 items).
    """
    parts = (f"{{ ?i p:{pid} ?st . ?st ps:{pid} ?v ; {_NOT_DEPRECATED} BIND(p:{pid} AS ?p) }}" for pid in pids)
    return about(" UNION ".join(parts), "?p ?v ?rank")


def statements(pid: str, more: str = "", variables: str = "") -> str:
    """Return a question for the statements of a property: `?st`, `?v`, `?rank`, `?start`, `?end`, `?point`."""
    times = " ".join(
        f"OPTIONAL {{ ?st pq:{time} ?{name} }}"
        for time, name in (("P580", "start"), ("P582", "end"), ("P585", "point"))
    )
    pattern = f"?i p:{pid} ?st . ?st ps:{pid} ?v ; {_NOT_DEPRECATED} {times} {more}"
    return about(pattern, f"?st ?v ?rank ?start ?end ?point {variables}")


def qid_of(value: str) -> str | None:
    """Return the Q-id of an item's IRI, or None."""
    found = _ITEM.fullmatch(value)
    return found[1] if found else None


def is_preferred(row: Row) -> bool:
    """Whether a statement's rank is the best one."""
    return row["rank"].endswith("PreferredRank")


def read_statements(subject_qid: str, pid: str, rows: Iterable[Row]) -> Iterator[Statement]:
    """Yield the statements in the rows of `statements`; values that are neither items nor "some value" are left out.

    A statement with several qualifiers of a kind has several rows: the first start and the last end and point count.
    """
    nodes: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        nodes[row["st"]].append(row)
    for found in nodes.values():
        value = "" if _UNKNOWN.match(found[0]["v"]) else qid_of(found[0]["v"])
        if value is None:
            continue
        ends = [year_of(row["end"]) for row in found if "end" in row]
        yield Statement(
            subject_qid=subject_qid,
            relation_pid=pid,
            object_qid=value,
            rank="preferred" if is_preferred(found[0]) else "normal",
            start=min(_years(found, "start"), default=None),
            end=max((UNKNOWN_YEAR if year is None else year for year in ends), default=None),
            point=max(_years(found, "point"), default=None),
            left_out=found[0].get("leftOut", ""),
        )


def year_of(time: str) -> int | None:
    """Return the year of an `xsd:dateTime`, None for a blank node.

    RDF has a year 0 and JSON has none: the year before 1 is 0 here and -1 in records.
    """
    found = _YEAR.match(time)
    if found is None:
        return None
    year = int(found[1])
    return year if year > 0 else year - 1


def _years(rows: Iterable[Row], name: str) -> list[int]:
    years = (year_of(row[name]) for row in rows if name in row)
    return [year for year in years if year is not None]
