"""The two tables of the embedded facts: which Wikidata items there are, and which statements between them.

Tab-separated with a header line. `entities.tsv` ties a Wikidata item to a CLDR key; `facts.tsv` lists statements
between these items. Neither holds names: these come from CLDR (`graph.py`).

A fact is `kept` or `left-out`. Left-out values (disputed, changed since 2018, incomplete, ambiguous, former) are no
questions, but no false options either. A reason that starts with `former:` concerns only that value: the present value
of the same subject and property stays askable. P1376 is listed at the level of countries and territories only; P17 is
not asked for cities in dependent territories.

`checked` in `entities.tsv` says what bears the Q-id out: `slice`, `linguameta` or `wof` (`scripts/check_qids.py` looks
there), `public` (read once in public repositories; most currencies in the country table of the German Wikivoyage of
2023-07-07), or `unchecked`.
"""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from xleval.errors import DataError

RELATIONS = ("P36", "P1376", "P17", "P30", "P37", "P38")
"""Capital, capital of, country, continent, official language, currency."""

RANKS = ("preferred", "normal", "deprecated")
_CLDR_KINDS = ("territory", "language", "currency", "city")
_CHECKED = ("slice", "linguameta", "wof", "public", "unchecked")

TYPE_OF_KIND = {
    "country": "Q6256",
    "territory": "Q161243",
    "city": "Q515",
    "currency": "Q8142",
    "language": "Q34770",
    "continent": "Q5107",
}
"""The class the graph gives to a kind; `territory` is any place with an ISO 3166 code that is no sovereign state."""

_TYPE_OF_KEY = {
    **dict.fromkeys(("HK", "MO"), "Q779415"),  # special administrative region
    **dict.fromkeys(("TW", "XK", "PS"), "Q15634554"),  # state with limited recognition
    "EH": "Q15239622",  # disputed territory
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A Wikidata item and the CLDR key that names it."""

    qid: str
    kind: str
    cldr_kind: str
    cldr_key: str
    checked: str

    def __post_init__(self) -> None:
        """Refuse what is not a Q-id or not one of the known words."""
        allowed = (("kind", tuple(TYPE_OF_KIND)), ("cldr_kind", _CLDR_KINDS), ("checked", _CHECKED))
        for field, words in allowed:
            if getattr(self, field) not in words:
                found = getattr(self, field)
                raise DataError(f"entities.tsv, {self.qid}: {field} is {found!r}; required: one of {', '.join(words)}")
        if not re.fullmatch(r"Q[1-9]\d*", self.qid) or not self.cldr_key:
            raise DataError(f"entities.tsv: {self.qid!r} with CLDR key {self.cldr_key!r}; required: a Q-id and a key")

    @property
    def type_qid(self) -> str:
        """The one P31 value the graph gives to this item."""
        return _TYPE_OF_KEY.get(self.cldr_key, TYPE_OF_KIND[self.kind])


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One statement of the table; `reason` is empty exactly when `status` is `kept`."""

    subject_qid: str
    property_pid: str
    object_qid: str
    rank: str
    changed_since_2018: bool
    status: str
    reason: str

    def __post_init__(self) -> None:
        """Refuse unknown words, and a reason where none belongs."""
        where = f"facts.tsv, {self.subject_qid} {self.property_pid} {self.object_qid}"
        if self.property_pid not in RELATIONS or self.rank not in RANKS or self.status not in ("kept", "left-out"):
            raise DataError(f"{where}: unknown property, rank {self.rank!r} or status {self.status!r}")
        if (self.status == "kept") == bool(self.reason):
            raise DataError(f"{where}: status {self.status!r} with reason {self.reason!r}; left-out facts have one")

    @property
    def former(self) -> bool:
        """Whether the value was true once and is not now; its property is not refused for it."""
        return self.reason.startswith("former:")


@cache
def read_entities() -> tuple[Entity, ...]:
    """Return the items of `entities.tsv` in file order.

    Raises:
        DataError: a Q-id or a CLDR key occurs twice, or a field is not what it must be.
    """
    entities = tuple(Entity(**row) for row in _rows("entities.tsv"))
    uses = Counter(key for e in entities for key in (e.qid, f"{e.cldr_kind} {e.cldr_key}"))
    for key, n in uses.items():
        if n > 1:
            raise DataError(f"entities.tsv: {key} occurs {n} times; required: once")
    return entities


@cache
def read_facts() -> tuple[Fact, ...]:
    """Return the statements of `facts.tsv` in file order.

    Raises:
        DataError: an end is not in `entities.tsv`, a statement occurs twice, or a field is not what it must be.
    """
    known, seen = {entity.qid for entity in read_entities()}, set()
    facts = []
    for row in _rows("facts.tsv"):
        changed = {"yes": True, "no": False}.get(row.pop("changed_since_2018"))
        key = (row["subject_qid"], row["property_pid"], row["object_qid"])
        if changed is None or key in seen or not {key[0], key[2]} <= known:
            raise DataError(f"facts.tsv, {key}: repeated, an end not in entities.tsv, or changed_since_2018 not yes/no")
        seen.add(key)
        facts.append(Fact(changed_since_2018=changed, **row))
    return tuple(facts)


def single_valued(facts: Iterable[Fact]) -> list[Fact]:
    """Return the kept facts whose subject and property have no other value, former ones apart."""
    groups: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in facts:
        if not fact.former:
            groups[fact.subject_qid, fact.property_pid].append(fact)
    return [group[0] for group in groups.values() if len(group) == 1 and group[0].status == "kept"]


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("xleval.polyfact.embedded").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE, strict=True))
