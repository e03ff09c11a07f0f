"""A dozen hand-written items in Wikibase's JSON, one for each thing that can be said, and all that a source says of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from xleval.polyfact.sources import Source

LANGUAGES = ("en", "de", "zh")
RELATIONS = ("P36", "P19")


def snak(value: str) -> dict[str, Any]:
    """Return a snak: `Q5`, `P5`, a time `+1990-…`, another string, `?` for some value or `-` for no value."""
    if value in ("?", "-"):
        return {"snaktype": "somevalue" if value == "?" else "novalue", "property": "P0"}
    if value[0] in "QP" and value[1:].isdigit():
        kind = "item" if value[0] == "Q" else "property"
        held: Any = {"entity-type": kind, "numeric-id": int(value[1:]), "id": value}
        return {"snaktype": "value", "datavalue": {"value": held, "type": "wikibase-entityid"}}
    if value[0] in "+-":
        held = {"time": value, "precision": 9, "calendarmodel": "http://www.wikidata.org/entity/Q1985727"}
        return {"snaktype": "value", "datavalue": {"value": held, "type": "time"}}
    return {"snaktype": "value", "datavalue": {"value": value, "type": "string"}}


def claim(value: str, rank: str = "normal", **qualifiers: list[str]) -> dict[str, Any]:
    held = {pid: [snak(each) for each in values] for pid, values in qualifiers.items()}
    return {
        "mainsnak": snak(value),
        "type": "statement",
        "rank": rank,
        "qualifiers": held or [],
        "references": [{"hash": "0"}],
    }


def item(qid: str, labels: dict[str, str], n_sites: int = 2, **claims: list[dict[str, Any]]) -> dict[str, Any]:
    sites = {site: {"site": site, "title": f"{qid} in {site}"} for site in ("enwiki", "dewiki", "frwiki")[:n_sites]}
    terms = {lang: {"language": lang, "value": text} for lang, text in labels.items()}
    return {
        "type": "item",
        "id": qid,
        "labels": terms or [],
        "aliases": [],
        "sitelinks": sites or [],
        "claims": claims or [],
    }


ITEMS: dict[str, dict[str, Any]] = {
    found["id"]: found
    for found in (
        item(
            "Q1", {"en": 'A "quoted" \\ land', "de": "Land", "zh-hans": "国", "fr": "Pays"}, 3,
            P31=[claim("Q6256"), claim("Q3624078", "preferred"), claim("Q7275", "deprecated"), claim("?")],
            P36=[
                claim("Q10", "preferred", P580=["+1990-10-03T00:00:00Z"]),
                claim("Q11", P580=["+1900-00-00T00:00:00Z"], P582=["+1989-11-00T00:00:00Z"]),
                claim("Q12", "deprecated"),
            ],
            P150=[claim("Q10")], P1366=[claim("Q2"), claim("Q2", P585=["+1999-00-00T00:00:00Z"])],
        ),
        item("Q2", {"en": "Two", "mul": "Deux"}, P31=[claim("Q6256")], P36=[claim("?"), claim("Q10", P582=["?"])]),
        item("Q3", {"en": "Three", "de": "Drei"}, P36=[claim("-")]),
        item(
            "Q4", {"en": "Four", "de": "Vier"},
            P36=[
                claim("Q13", P580=["+1950-00-00T00:00:00Z", "+1920-00-00T00:00:00Z"], P582=["+1960-01-01T00:00:00Z", "?"]),
                claim("Q13", P585=["+1970-00-00T00:00:00Z", "+1975-00-00T00:00:00Z"], P582=["-"], P580=["?"]),
                claim("P17"), claim("a string"),
            ],
        ),
        item(
            "Q5", {"en": "Five", "de": "Fünf"},
            P36=[claim("Q14", P580=["-0044-03-15T00:00:00Z"], P582=["+0014-08-19T00:00:00Z"]),
                 claim("Q13", P585=["-0001-00-00T00:00:00Z"])],
        ),
        item("Q6", {"en": "Only English"}, 1, P31=[claim("Q6256")], P36=[claim("Q10"), claim("Q11", "preferred")]),
        item("Q7", {"en": "Seven", "de": "Sieben"}, 0, P36=[claim("Q10")]),
        item("Q10", {"en": "Ten", "de": "Zehn"}, P31=[claim("Q515")], P131=[claim("Q1"), claim("Q20")], P36=[claim("Q10")]),
        item("Q11", {"zh": "十一", "en-gb": "Eleven"}, P131=[claim("Q20", "deprecated"), claim("Q21")]),
        item("Q13", {"en": "Thirteen"}, 0, P361=[claim("Q21")]),
        item("Q14", {}, 0),
        item("Q20", {"en": "Twenty"}, P131=[claim("Q21")]),
        item("Q21", {"en": "Twenty-one"}, P131=[claim("Q20")], P279=[claim("Q515")]),
        item("Q515", {"en": "city"}, P279=[claim("Q486972")]),
        item("Q486972", {"en": "settlement"}, P279=[claim("Q35120")]),
        item("Q130", {"en": "A", "zh": "甲"}, P21=[claim("Q6581072")], P19=[claim("Q10")]),
        item("Q131", {"en": "B", "zh": "乙"}, P21=[claim("Q6581072"), claim("Q6581097")], P19=[claim("Q11"), claim("Q10")]),
        item("Q1131", {"en": "C", "zh": "丙"}, P21=[claim("Q6581097", "preferred"), claim("Q6581072")], P19=[claim("Q10")]),
    )
}  # fmt: skip
ITEMS["Q1"]["aliases"] = {
    "en": [{"language": "en", "value": text} for text in ("Landia", "A land")],
    "zh-tw": [{"language": "zh-tw", "value": "國"}],
    "fr": [{"language": "fr", "value": "Le pays"}],
}
ITEMS["Q4"]["claims"]["P36"][1]["qualifiers"]["P580"].append(snak("+1970-00-00T00:00:00Z"))
#: Ids that have no item: a redirect (to Q1), and one that never was.
REDIRECT, NOTHING = "Q99", "Q98"
EVERY_ID = (*ITEMS, REDIRECT, NOTHING, "Q6256", "Q35120")


def everything(
    source: Source, relations: Iterable[str] = RELATIONS, qids: Iterable[str] = EVERY_ID
) -> Mapping[str, Any]:
    """Return all that a source says, in the order that the builder asks it."""
    wanted = list(qids)
    return {
        "statements": {pid: source.statements(pid) for pid in relations},
        "uncovered": dict(source.uncovered()),
        "bystanders": sorted(source.bystanders(), key=lambda entity: entity.qid),
        "entities": list(source.entities(wanted)),
        "superclasses": source.superclasses(["Q515", "Q21", "Q35120"]),
        "ancestors": source.ancestors(wanted),
    }
