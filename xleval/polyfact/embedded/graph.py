"""The embedded fact table as an RDF graph shaped like Wikidata's, with the names that Unicode CLDR gives.

The facts are those of `table.py`, the names come from CLDR through Babel. Left-out values are in the graph as statement
nodes that carry `<urn:xleval:leftOut> "reason"` and never as truthy triples, so that a builder can refuse them as
questions and still knows that they are no false options.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xleval.data.languages import get_language
from xleval.polyfact.embedded.table import RELATIONS, Entity, Fact, read_entities, read_facts

if TYPE_CHECKING:
    import pyoxigraph
    from babel import Locale

AS_OF = "2026-11"
"""Month up to which the facts were kept current."""

WD, WDT = "http://www.wikidata.org/entity/", "http://www.wikidata.org/prop/direct/"
P, PS, PQ = (f"http://www.wikidata.org/prop/{part}" for part in ("", "statement/", "qualifier/"))
WIKIBASE, STATEMENT = "http://wikiba.se/ontology#", "http://www.wikidata.org/entity/statement/"
LEFT_OUT, DERIVED_IN = "urn:xleval:leftOut", "urn:xleval:derivedLabelIn"

_RANKS = {"preferred": "PreferredRank", "normal": "NormalRank", "deprecated": "DeprecatedRank"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CldrName:
    """A name in one language.

    `source` is `cldr` when the locale lists the name, `cldr-derived` when CLDR's rule makes it from the zone id.
    `aliases` are other names of the same thing in regional locales of the language, in the same script.
    """

    label: str
    source: str
    aliases: tuple[str, ...]


def cldr_version() -> str:
    """Return the version of Unicode CLDR that Babel carries, such as `47`."""
    from babel.core import get_global

    return str(get_global("cldr")["version"])


def cldr_names(languages: Sequence[str]) -> dict[str, dict[str, CldrName]]:
    """Return the CLDR names of all items: Q-id to language code to name; a language without a name is absent.

    Args:
        languages: codes such as `sw`; `zh` takes its names from `zh_Hans`.

    Raises:
        ConfigError: a language is not in the language table.
    """
    names: dict[str, dict[str, CldrName]] = {entity.qid: {} for entity in read_entities()}
    for language in languages:
        locale, regional = _locales(language)
        for entity in read_entities():
            label = _listed(locale, entity)
            source = "cldr" if label else "cldr-derived"
            if not label and entity.cldr_kind == "city":
                label = entity.cldr_key.rpartition("/")[2].replace("_", " ")
            if label:
                others = {_listed(other, entity) for other in regional} - {label, None}
                aliases = tuple(sorted(other for other in others if other))
                names[entity.qid][language] = CldrName(label=label, source=source, aliases=aliases)
    return names


def load_graph(languages: Sequence[str]) -> "pyoxigraph.Store":
    """Return an in-memory store of the fact table with labels in these languages.

    Triples are those of Wikidata's own RDF (`rdfs:label`, `skos:altLabel`, `wdt:`, `p:`/`ps:`/`pq:` with
    `wikibase:rank`), one `wdt:P31` type an item, and two marks: `wd:Q <urn:xleval:derivedLabelIn> "sw"` and
    `<statement> <urn:xleval:leftOut> "reason"`.
    """
    from pyoxigraph import Quad, Store

    store = Store()
    triples = [*_label_triples(cldr_names(languages)), *_fact_triples(read_facts()), *_property_triples()]
    store.bulk_extend(Quad(*triple) for triple in triples)
    return store


_Triple = tuple["pyoxigraph.NamedNode", "pyoxigraph.NamedNode", "pyoxigraph.NamedNode | pyoxigraph.Literal"]


def _label_triples(names: Mapping[str, Mapping[str, CldrName]]) -> Iterator[_Triple]:
    from pyoxigraph import Literal, NamedNode

    label = NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
    alias = NamedNode("http://www.w3.org/2004/02/skos/core#altLabel")
    for entity in read_entities():
        item = NamedNode(WD + entity.qid)
        yield item, NamedNode(f"{WDT}P31"), NamedNode(WD + entity.type_qid)
        for language, name in names[entity.qid].items():
            yield item, label, Literal(name.label, language=language)
            for other in name.aliases:
                yield item, alias, Literal(other, language=language)
            if name.source == "cldr-derived":
                yield item, NamedNode(DERIVED_IN), Literal(language)


def _fact_triples(facts: Sequence[Fact]) -> Iterator[_Triple]:
    from pyoxigraph import Literal, NamedNode

    a = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    date = NamedNode("http://www.w3.org/2001/XMLSchema#dateTime")
    preferred = {(f.subject_qid, f.property_pid) for f in facts if f.status == "kept" and f.rank == "preferred"}
    for fact in facts:
        pid, item, value = fact.property_pid, NamedNode(WD + fact.subject_qid), NamedNode(WD + fact.object_qid)
        node = NamedNode(f"{STATEMENT}{fact.subject_qid}-{pid}-{fact.object_qid}")
        yield item, NamedNode(P + pid), node
        yield node, NamedNode(PS + pid), value
        yield node, NamedNode(f"{WIKIBASE}rank"), NamedNode(WIKIBASE + _RANKS[fact.rank])
        best = fact.rank == "preferred" or (fact.rank == "normal" and (fact.subject_qid, pid) not in preferred)
        if fact.status == "kept" and best:
            yield item, NamedNode(WDT + pid), value
            yield node, a, NamedNode(f"{WIKIBASE}BestRank")
        if fact.status == "left-out":
            yield node, NamedNode(LEFT_OUT), Literal(fact.reason)
        ended = re.match(r"former: until (\d{4})", fact.reason)
        if ended:
            yield node, NamedNode(f"{PQ}P582"), Literal(f"{ended[1]}-01-01T00:00:00Z", datatype=date)


def _property_triples() -> Iterator[_Triple]:
    from pyoxigraph import NamedNode

    for pid in RELATIONS:
        for link, prefix in (("directClaim", WDT), ("claim", P), ("statementProperty", PS), ("qualifier", PQ)):
            yield NamedNode(WD + pid), NamedNode(WIKIBASE + link), NamedNode(prefix + pid)


def _locales(language: str) -> tuple["Locale", list["Locale"]]:
    """Return the locale of a language and its regional ones; those in another script (`en_Shaw`) stay out."""
    from babel import Locale
    from babel.localedata import locale_identifiers

    code = get_language(language).cldr
    locale = Locale.parse(code)
    regional = [i for i in locale_identifiers() if re.fullmatch(rf"{code}_([A-Z]{{2}}|\d{{3}})", i)]
    return locale, [Locale.parse(i) for i in sorted(regional)]


def _listed(locale: "Locale", entity: Entity) -> str | None:
    """Return the name that a locale lists for an item."""
    if entity.cldr_kind == "city":
        name = locale.time_zones.get(entity.cldr_key, {}).get("city")
    else:
        table = {"territory": locale.territories, "language": locale.languages, "currency": locale.currencies}
        name = table[entity.cldr_kind].get(entity.cldr_key)
    return str(name) if name else None
