"""Compare the embedded fact table with real Wikidata content: `python scripts/check_qids.py --shared ../shared/data`.

Q-ids and facts of `xleval/polyfact/embedded` were written down by hand. This script reads three data sets that are no
part of the project (a slice of Wikidata, LinguaMeta, Who's On First) and says of each item and each fact whether they
bear it out. Names are compared with those of CLDR. Nothing is copied from the data.

An item is confirmed when an entry under its Q-id has the CLDR name (English, or two other languages), a fitting type
and, for cities, a fitting country; or when LinguaMeta gives its language code. It is a mismatch when there is an entry
and this fails, or when the column `checked` claims what was not found. A kept fact is contradicted when the slice has
values of the property for the subject and none is the table's. Exit code 1 when there is a mismatch or a contradiction.
"""

import argparse
import gzip
import json
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xleval.polyfact.embedded.graph import CldrName, cldr_names
from xleval.polyfact.embedded.table import Entity, Fact, read_entities, read_facts

LANGUAGES = ("en", "de", "id", "pt", "ar", "bn", "sw", "es", "ru", "fr", "ja", "zh", "ko", "uk", "te", "th")
LOCATED = ("P17", "P131", "P159", "P276", "P740")

TYPES = {
    "country": {"Q6256", "Q3624078", "Q7275", "Q112099", "Q15634554", "Q4209223", "Q123480", "Q202686", "Q1763527"},
    "city": {
        *("Q515", "Q1549591", "Q5119", "Q1637706", "Q3957", "Q486972", "Q532", "Q1093829", "Q21518270", "Q484170"),
        *("Q902814", "Q7930989", "Q62049", "Q1074523", "Q1306755", "Q21507383", "Q20202352", "Q748149", "Q34986717"),
    },
    "currency": {"Q8142"},
    "language": {"Q34770", "Q1288568", "Q33742", "Q25295", "Q33384", "Q315", "Q436240", "Q152559", "Q838296"},
    "continent": {"Q5107", "Q82794", "Q56061"},
}
"""Classes of which an item has at least one when the slice gives it any; territories are of too many classes to say."""

TODAY = frozenset(entity.qid for entity in read_entities() if entity.kind in ("country", "territory"))
"""The countries and territories of the table."""

EQUIVALENT = {"Q538": "Q55643"}
"""The slice (2017 to 2021) has Q538, now labelled Insular Oceania, where the table has Q55643, Oceania."""

OTHER_NAMES = {"Q219060": "CLDR names the Palestinian territories, Wikidata the state; both have the ISO code PS"}
"""Items whose name in the slice differs from CLDR's for a known reason; all facts about them are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the three data sets say about the items of the table, by Q-id."""

    names: Mapping[str, Mapping[str, frozenset[str]]]
    values: Mapping[str, Mapping[str, frozenset[str]]]
    countries_within: Mapping[str, Counter[str]]
    language_codes: Mapping[str, frozenset[str]]
    places: Mapping[str, Mapping[str, Any]]
    official: frozenset[tuple[str, str]]


def normalise(name: str) -> str:
    """Return a name without case, accents and punctuation, for comparison only."""
    letters = unicodedata.normalize("NFKD", name.replace("&", "and").casefold())
    kept = (c for c in letters if unicodedata.category(c)[0] in "LN" or c == " " or unicodedata.category(c) == "Mc")
    return " ".join("".join(kept).split())


def read_evidence(folder: Path, qids: frozenset[str]) -> Evidence:
    """Return what the data sets under `folder` say about these items."""
    names: dict[str, dict[str, frozenset[str]]] = {}
    for entry in _json_lines(folder / "wikidata_slice_assembled" / "entities.json.gz"):
        if entry["id"] in qids:
            found = {lang: {label["value"]} for lang, label in entry["labels"].items()}
            for lang, aliases in entry.get("aliases", {}).items():
                found.setdefault(lang, set()).update(alias["value"] for alias in aliases)
            found.setdefault("zh", set()).update(found.get("zh-hans", set()))
            names[entry["id"]] = {lang: frozenset(map(normalise, texts)) for lang, texts in found.items()}
    values, within = _read_claims(folder / "wikidata_slice_assembled" / "facts.tsv.gz", qids)
    codes: dict[str, frozenset[str]] = defaultdict(frozenset)
    official = set()
    for record in _json_lines(folder / "linguameta" / "languages.jsonl"):
        codes[record["wikidata_id"]] |= {record["bcp_47_code"]}
        for use in record.get("language_script_locale", []):
            if use.get("official_status", {}).get("has_official_status"):
                official.add((record["bcp_47_code"], use["locale"]["iso_3166_code"].upper()))
    places = {p["qid"]: p for p in _json_lines(folder / "wof_places" / "places.jsonl") if p["qid"] in qids}
    return Evidence(
        names=names,
        values=values,
        countries_within=within,
        language_codes=codes,
        places=places,
        official=frozenset(official),
    )


def _read_claims(
    path: Path, qids: frozenset[str]
) -> tuple[dict[str, dict[str, frozenset[str]]], dict[str, Counter[str]]]:
    """Return the claims about the items, and the countries of whatever lies in them."""
    values: dict[str, dict[str, frozenset[str]]] = defaultdict(lambda: defaultdict(frozenset))
    country_of: dict[str, str] = {}
    inside: dict[str, set[str]] = defaultdict(set)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            subject, pid, value = line.split("\t", 3)[:3]
            if subject in qids:
                values[subject][pid] |= {EQUIVALENT.get(value, value)}
            if pid == "P17":
                country_of[subject] = value
            elif pid in LOCATED and value in qids:
                inside[value].add(subject)
    within = {place: Counter(country_of[s] for s in subjects if s in country_of) for place, subjects in inside.items()}
    return values, within


def judge_entity(
    entity: Entity, names: Mapping[str, CldrName], countries: frozenset[str], evidence: Evidence
) -> tuple[str, str]:
    """Return (`confirmed`, source), (`mismatch`, why) or (`not found`, empty) for an item.

    Args:
        entity: the item.
        names: its CLDR names by language.
        countries: the values that the table has as its country, kept or left out; empty for all but cities.
        evidence: what the data say.
    """
    codes = evidence.language_codes.get(entity.qid, frozenset())
    if entity.qid in evidence.names:
        why = _slice_objection(entity, names, countries, evidence)
        if not why:
            return "confirmed", "slice"
        if entity.cldr_key not in codes or entity.kind != "language":
            return "mismatch", why
    if entity.kind == "language" and codes:
        return ("confirmed", "linguameta") if entity.cldr_key in codes else ("mismatch", f"LinguaMeta: {sorted(codes)}")
    place = evidence.places.get(entity.qid)
    if place is not None:
        same = _same_name(names, {lang: frozenset({normalise(text)}) for lang, text in place["labels"].items()})
        return ("confirmed", "wof") if same else ("mismatch", f"Who's On First: {place['name']}")
    return "not found", ""


def _slice_objection(
    entity: Entity, names: Mapping[str, CldrName], countries: frozenset[str], evidence: Evidence
) -> str:
    """Return why the slice's entry is not this item, or an empty string."""
    found, claims = evidence.names[entity.qid], evidence.values.get(entity.qid, {})
    if not _same_name(names, found) and entity.qid not in OTHER_NAMES:
        return f"slice: other names, such as {sorted(found.get('en', []))[:3]}"
    types, fitting = claims.get("P31", frozenset()), TYPES.get(entity.kind)
    if types and fitting and not types & fitting:
        return f"slice: types {sorted(types)}"
    near = evidence.countries_within.get(entity.qid, Counter())
    stated = claims.get("P17", frozenset()) & TODAY  # the slice also has former states and empires
    foreign = stated.isdisjoint(countries) if stated else near.keys().isdisjoint(countries) if near else False
    if countries and foreign:
        return f"slice: country {sorted(stated)}, around it {near.most_common(2)}"
    return ""


def _same_name(names: Mapping[str, CldrName], found: Mapping[str, frozenset[str]]) -> bool:
    same = [
        lang
        for lang, name in names.items()
        if {normalise(text) for text in (name.label, *name.aliases)} & found.get(lang, frozenset())
    ]
    return "en" in same or len(same) >= 2


def judge_fact(fact: Fact, siblings: frozenset[str], keys: Mapping[str, str], evidence: Evidence) -> str:
    """Return `confirmed`, `contradicted` or `absent` for a kept fact; `siblings`: all the table's values beside it."""
    stated = evidence.values.get(fact.subject_qid, {}).get(fact.property_pid, frozenset())
    if fact.property_pid == "P17":
        stated &= TODAY
    place = evidence.places.get(fact.subject_qid, {}).get("country")
    is_place = fact.property_pid == "P17" and place == keys[fact.object_qid]
    is_official = fact.property_pid == "P37" and (keys[fact.object_qid], keys[fact.subject_qid]) in evidence.official
    if fact.object_qid in stated or is_place or is_official:
        return "confirmed"
    return "contradicted" if stated and not stated & siblings else "absent"


def check(folder: Path) -> tuple[dict[str, Counter[str]], dict[str, Counter[str]], list[str]]:
    """Return verdict counts of items by kind and of kept facts by property, and a line for every fault."""
    entities, facts = read_entities(), read_facts()
    by_qid = {entity.qid: entity for entity in entities}
    evidence = read_evidence(folder, frozenset(by_qid))
    names = cldr_names(LANGUAGES)
    values: dict[tuple[str, str], frozenset[str]] = defaultdict(frozenset)
    for fact in facts:
        values[fact.subject_qid, fact.property_pid] |= {fact.object_qid}
    item_counts: dict[str, Counter[str]] = defaultdict(Counter)
    fact_counts: dict[str, Counter[str]] = defaultdict(Counter)
    faults = []
    for entity in entities:
        verdict, why = judge_entity(entity, names[entity.qid], values[entity.qid, "P17"], evidence)
        item_counts[entity.kind][f"confirmed by {why}" if verdict == "confirmed" else verdict] += 1
        label = f"{entity.qid} {entity.kind} {entity.cldr_key}"
        if verdict == "mismatch":
            faults.append(f"{label}: {why}")
        elif verdict == "confirmed" and entity.checked != why:
            faults.append(f"{label}: checked is {entity.checked!r}, found: {why!r}")
        elif verdict == "not found" and entity.checked in ("slice", "linguameta", "wof"):
            faults.append(f"{label}: checked is {entity.checked!r}, found: nothing")
    keys = {entity.qid: entity.cldr_key for entity in entities}
    for fact in facts:
        if fact.status == "kept":
            verdict = judge_fact(fact, values[fact.subject_qid, fact.property_pid], keys, evidence)
            fact_counts[fact.property_pid][verdict] += 1
            if verdict == "contradicted":
                stated = sorted(evidence.values[fact.subject_qid][fact.property_pid])
                ends = f"{keys[fact.subject_qid]} {fact.property_pid} {keys[fact.object_qid]}"
                faults.append(f"{fact.subject_qid} {fact.property_pid} {fact.object_qid} ({ends}): slice has {stated}")
    return dict(item_counts), dict(fact_counts), faults


def _json_lines(path: Path) -> Iterable[dict[str, Any]]:
    opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")
    with opened as lines:
        for line in lines:
            text = line.strip().rstrip(",")
            if text not in ("[", "]", ""):
                yield json.loads(text)


def main() -> int:
    """Print the counts and the faults; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True, help="folder with the three data sets")
    folder = parser.parse_args().shared
    if not (folder / "wikidata_slice_assembled").is_dir():
        print(f"{folder} has no wikidata_slice_assembled; give the folder of the data sets", file=sys.stderr)
        return 2
    items, facts, faults = check(folder)
    for title, counts in (("items", items), ("kept facts", facts)):
        total = sum(counts.values(), Counter())
        for key, row in (*counts.items(), ("all", total)):
            print(f"{title:10} {key:10} {', '.join(f'{verdict} {n}' for verdict, n in sorted(row.items()))}")
    for fault in faults:
        print(fault)
    print(f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
