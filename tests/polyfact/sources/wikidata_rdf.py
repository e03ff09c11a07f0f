"""Items in Wikibase's JSON as N-Triples in the shape of Wikidata's RDF dumps, or of its Query Service.

Written after https://www.mediawiki.org/wiki/Wikibase/Indexing/RDF_Dump_Format (as known on 2026-11-21). What differs between
the two shapes is where the number of sitelinks hangs and how "some value" is written: a blank node in dumps, an IRI with
`.well-known/genid` in the service.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

WD, PROP, WIKIBASE = "http://www.wikidata.org/entity/", "http://www.wikidata.org/prop/", "http://wikiba.se/ontology#"
SCHEMA, RDFS, SKOS = (
    "http://schema.org/",
    "http://www.w3.org/2000/01/rdf-schema#",
    "http://www.w3.org/2004/02/skos/core#",
)
XSD, A = "http://www.w3.org/2001/XMLSchema#", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
RANKS = {"preferred": "PreferredRank", "normal": "NormalRank", "deprecated": "DeprecatedRank"}


def n_triples(items: Iterable[Mapping[str, Any]], shape: str = "dump") -> Iterator[str]:
    """Yield the lines of items; `shape` is `dump` or `service`."""
    for item in items:
        node = f"<{WD}{item['id']}>"
        yield from _names(node, item)
        yield from _sitelinks(node, item, shape)
        for pid, claims in dict(item.get("claims") or {}).items():
            yield from _claims(node, pid, claims, f"{shape} {item['id']}")


def _names(node: str, item: Mapping[str, Any]) -> Iterator[str]:
    for label in dict(item.get("labels") or {}).values():
        yield f"{node} <{RDFS}label> {_text(label['value'], label['language'])} ."
    for aliases in dict(item.get("aliases") or {}).values():
        for alias in aliases:
            yield f"{node} <{SKOS}altLabel> {_text(alias['value'], alias['language'])} ."


def _sitelinks(node: str, item: Mapping[str, Any], shape: str) -> Iterator[str]:
    sites = dict(item.get("sitelinks") or {})
    count = f'<{WIKIBASE}sitelinks> "{len(sites)}"^^<{XSD}integer> .'
    about = f"<https://www.wikidata.org/wiki/Special:EntityData/{item['id']}>"
    if shape == "dump":
        yield f"{about} <{SCHEMA}about> {node} ."
        yield f"{about} {count}"
    else:
        yield f"{node} {count}"
    for site, link in sites.items():
        if site.endswith("wiki"):
            code = site.removesuffix("wiki").replace("_", "-")
            page = f"<https://{code}.wikipedia.org/wiki/{item['id']}>"
            yield f"{page} <{SCHEMA}about> {node} ."
            yield f"{page} <{SCHEMA}isPartOf> <https://{code}.wikipedia.org/> ."
            yield f"{page} <{SCHEMA}name> {_text(link['title'], code)} ."


def _claims(node: str, pid: str, claims: list[Mapping[str, Any]], scope: str) -> Iterator[str]:
    best = "preferred" if any(claim["rank"] == "preferred" for claim in claims) else "normal"
    for n, claim in enumerate(claims):
        statement = f"<{WD}statement/{scope.split()[1]}-{pid}-{n}>"
        yield f"{node} <{PROP}{pid}> {statement} ."
        yield f"{statement} <{WIKIBASE}rank> <{WIKIBASE}{RANKS[claim['rank']]}> ."
        value = _value(claim["mainsnak"], f"{scope} {pid} {n}")
        if value is None:
            yield f"{statement} <{A}> <{PROP}novalue/{pid}> ."
        else:
            yield f"{statement} <{PROP}statement/{pid}> {value} ."
            if claim["rank"] == best:
                yield f"{node} <{PROP}direct/{pid}> {value} ."
                yield f"{statement} <{A}> <{WIKIBASE}BestRank> ."
        for qualifier, snaks in dict(claim.get("qualifiers") or {}).items():
            for m, snak in enumerate(snaks):
                held = _value(snak, f"{scope} {pid} {n} {qualifier} {m}")
                if held is None:
                    yield f"{statement} <{A}> <{PROP}novalue/{qualifier}> ."
                else:
                    yield f"{statement} <{PROP}qualifier/{qualifier}> {held} ."


def _value(snak: Mapping[str, Any], place: str) -> str | None:
    """Return a value's term; None for "no value"."""
    if snak["snaktype"] == "novalue":
        return None
    if snak["snaktype"] == "somevalue":
        name = place.replace(" ", "")
        return f"_:{name}" if place.startswith("dump") else f"<http://www.wikidata.org/.well-known/genid/{name}>"
    value, kind = snak["datavalue"]["value"], snak["datavalue"]["type"]
    if kind == "wikibase-entityid":
        letter = {"item": "Q", "property": "P"}[value["entity-type"]]
        return f"<{WD}{value.get('id') or letter + str(value['numeric-id'])}>"
    if kind == "time":
        return f'"{_date_time(value["time"])}"^^<{XSD}dateTime>'
    return _text(json.dumps(value), "") if not isinstance(value, str) else _text(value, "")


def _date_time(time: str) -> str:
    """Return `+1990-00-00T00:00:00Z` as RDF has it: months and days from 1, and a year 0 before the year 1."""
    sign, (year, month, rest) = time[0], time[1:].split("-", 2)
    number = int(year) if sign == "+" else 1 - int(year)
    day, clock = rest.split("T")
    return f"{'-' if number < 0 else ''}{abs(number):04d}-{max(1, int(month)):02d}-{max(1, int(day)):02d}T{clock}"


def _text(text: str, lang: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"@{lang}' if lang else f'"{escaped}"'
