"""What the claims of an item in Wikibase's JSON state: items, ranks and years; the rest of a claim is skipped."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from xleval.polyfact.records import UNKNOWN_YEAR

_YEAR = re.compile(r"([+-]?\d{1,16})-")
_QID = re.compile(r"Q[1-9]\d{0,17}")


class _Value(msgspec.Struct, gc=False, omit_defaults=True):
    """What a snak says, as far as it is read: an item (old dumps give its number only) or a time."""

    id: str = ""
    numeric_id: int | None = msgspec.field(default=None, name="numeric-id")
    entity_type: str = msgspec.field(default="", name="entity-type")
    time: str = ""


class _DataValue(msgspec.Struct, gc=False, omit_defaults=True):
    value: _Value | str | float | bool | list[Any] | None = None


class _Snak(msgspec.Struct, gc=False, omit_defaults=True):
    snaktype: str
    datavalue: _DataValue | None = None


class _Qualifiers(msgspec.Struct, gc=False, omit_defaults=True):
    P580: list[_Snak] = []
    P582: list[_Snak] = []
    P585: list[_Snak] = []


class Claim(msgspec.Struct, gc=False, omit_defaults=True):
    """A statement as Wikibase writes it, as far as it is read."""

    mainsnak: _Snak
    rank: Literal["preferred", "normal", "deprecated"] = "normal"
    qualifiers: _Qualifiers | list[Any] | None = None


class Value(NamedTuple):
    """What a claim states: see `Statement`."""

    qid: str
    rank: str
    start: int | None
    end: int | None
    point: int | None


def year_of(time: str) -> int | None:
    """Return the year of a time of Wikibase (`+1949-05-23T00:00:00Z`), negative before our era; None if it has none."""
    found = _YEAR.match(time)
    return int(found[1]) if found else None


def values(claims: Iterable[Claim]) -> Iterator[Value]:
    """Yield the items, and "some value", that claims state; deprecated ones are left out."""
    for claim in claims:
        qid = _qid(claim.mainsnak)
        if claim.rank != "deprecated" and (qid or claim.mainsnak.snaktype == "somevalue"):
            start, end, point = _times(claim.qualifiers) if claim.qualifiers else (None, None, None)
            yield Value(qid, claim.rank, start, end, point)


def items(claims: Iterable[Claim]) -> list[str]:
    """Return the Q-ids that claims state; deprecated ones are left out."""
    return [qid for claim in claims if claim.rank != "deprecated" and (qid := _qid(claim.mainsnak))]


def _qid(snak: _Snak) -> str:
    """Return the item that a snak states, or empty."""
    data = snak.datavalue
    if data is None or snak.snaktype != "value" or not isinstance(data.value, _Value):
        return ""
    value = data.value
    if not value.id and value.entity_type == "item":
        return f"Q{value.numeric_id}" if value.numeric_id and 0 < value.numeric_id < 10**18 else ""
    return value.id if _QID.fullmatch(value.id) else ""


def gender_of(claims: Sequence[Claim]) -> str:
    """Return the one value of P21, by the best rank, or empty; "no value" is passed over: a graph's rows do not have it."""
    stated = [claim for claim in claims if claim.mainsnak.snaktype != "novalue"]
    best = [claim for claim in stated if claim.rank == "preferred"] or stated
    found = set(items(best))
    return found.pop() if len(found) == 1 else ""


def _times(qualifiers: _Qualifiers | list[Any]) -> tuple[int | None, int | None, int | None]:
    """Return start, end and point in time; of several the longest span: the first start, the last end and point."""
    if not isinstance(qualifiers, _Qualifiers):
        return None, None, None
    ends = _years(qualifiers.P582)
    if any(snak.snaktype == "somevalue" for snak in qualifiers.P582):
        ends.append(UNKNOWN_YEAR)
    return (
        min(_years(qualifiers.P580), default=None),
        max(ends, default=None),
        max(_years(qualifiers.P585), default=None),
    )


def _years(snaks: Iterable[_Snak]) -> list[int]:
    values = (snak.datavalue.value for snak in snaks if snak.datavalue is not None)
    years = (year_of(value.time) for value in values if isinstance(value, _Value))
    return [year for year in years if year is not None]
