"""Items as Wikibase writes them in JSON: a line of a dump, or an entity of `wbgetentities`."""

import operator
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import compress
from typing import Any, TypeVar

import msgspec

from xleval.errors import DataError
from xleval.polyfact.labels import MUL, chain, wikimedia_codes
from xleval.polyfact.links import LINK_PIDS
from xleval.polyfact.records import Statement, WikidataEntity
from xleval.polyfact.sources.wikibase_claims import Claim, gender_of, items, values

TYPE_PID, GENDER_PID = "P31", "P21"
_KEPT = frozenset((TYPE_PID, GENDER_PID, *LINK_PIDS))
_QID = re.compile(r"Q[1-9]\d{0,17}")
_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedItem:
    """An item and the statements about it.

    Attributes:
        entity: labels, aliases and sitelinks of the languages asked for; types, links and gender.
        statements: of the relations asked for, those of one in the order of the JSON; deprecated ones, "no value" and
            values that are no items are left out.
    """

    entity: WikidataEntity
    statements: tuple[Statement, ...]


class _Term(msgspec.Struct, gc=False, omit_defaults=True):
    """A label or an alias."""

    value: str


class _Sitelink(msgspec.Struct, gc=False, omit_defaults=True):
    title: str


class RawItem(msgspec.Struct, omit_defaults=True):
    """An item as it was read: structs with what is asked for, and nothing made of them yet."""

    type: str = ""
    id: str = ""
    labels: Any = None
    aliases: Any = None
    claims: Any = None
    sitelinks: dict[str, _Sitelink] | list[Any] | None = None
    missing: Any = None
    redirect: Any = None
    redirects: Any = None

    @property
    def n_sitelinks(self) -> int:
        """Pages about the item in all Wikimedia projects."""
        return len(self.sitelinks) if self.sitelinks else 0


class ItemReader:
    """Decodes items, and of each only what is asked for; the rest of the JSON is checked and skipped.

    `read` and what takes a `RawItem` are for dumps, where most items are looked at and not kept.

    Args:
        languages: codes of the set.
        relations: P-ids of the set.
    """

    def __init__(self, languages: Sequence[str], relations: Sequence[str]) -> None:
        self._codes = wikimedia_codes(languages)
        self._sites = {lang.replace("-", "_") + "wiki": lang for lang in languages}
        self._relations = frozenset(relations)
        self._pids = tuple(dict.fromkeys((TYPE_PID, GENDER_PID, *LINK_PIDS, *relations)))
        self._dropped = ["" if pid in _KEPT else _field(index) for index, pid in enumerate(self._pids)]
        # bit n: the n-th language has a name by a label (an alias) with this code; see `covers`
        chains = {lang: chain(lang) for lang in languages}
        self._aliased = [
            sum(1 << n for n, lang in enumerate(languages) if code in chains[lang]) for code in self._codes
        ]
        self._labelled = [
            (1 << len(languages)) - 1 if code == MUL else bits
            for code, bits in zip(self._codes, self._aliased, strict=True)
        ]
        self._linked = {site: 1 << n for n, site in enumerate(self._sites)}
        item = msgspec.defstruct(
            "Item",
            [
                ("labels", _map("Labels", self._codes, _Term), None),
                ("aliases", _map("Aliases", self._codes, list[_Term]), None),
                ("claims", _map("Claims", self._pids, list[Claim]), None),
            ],
            bases=(RawItem,),
            omit_defaults=True,
        )
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(item)
        self._encoder = msgspec.json.Encoder()

    def decode(self, line: bytes) -> ParsedItem | None:
        """Return the item in the JSON of one entity; None for a property, a lexeme, a redirect or a missing item.

        Raises:
            DataError: the bytes are no JSON, or not an entity of Wikibase.
        """
        raw = self.read(line)
        return None if raw is None else self.build(raw)

    def read(self, line: bytes) -> RawItem | None:
        """Return what `decode` makes its item of.

        Raises:
            DataError: as in `decode`.
        """
        try:
            raw: RawItem = self._decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise DataError(f"not an entity as Wikibase writes it: {error}") from error
        if raw.missing is not None or raw.redirect is not None or raw.redirects is not None:
            return None
        if not raw.type or not raw.id:
            raise DataError("not an entity as Wikibase writes it: 'type' or 'id' is not there")
        if raw.type != "item":
            return None
        if not _QID.fullmatch(raw.id):
            raise DataError(f"not an item as Wikibase writes it: its id is {raw.id[:40]!r}")
        return raw

    def build(self, raw: RawItem) -> ParsedItem:
        """Return the item and its statements."""
        statements = [
            Statement(
                subject_qid=raw.id,
                relation_pid=pid,
                object_qid=value.qid,
                rank=value.rank,
                start=value.start,
                end=value.end,
                point=value.point,
            )
            for pid, claims in self.claims(raw)
            if pid in self._relations
            for value in values(claims)
        ]
        return ParsedItem(entity=self.entity(raw), statements=tuple(statements))

    def entity(self, raw: RawItem) -> WikidataEntity:
        """Return the item without its statements."""
        claims = dict(self.claims(raw))
        links = {f"{pid} {qid}" for pid in LINK_PIDS if pid in claims for qid in items(claims[pid])}
        sites = raw.sitelinks if isinstance(raw.sitelinks, dict) else {}
        return WikidataEntity(
            qid=raw.id,
            labels={code: label.value for code, label in _present(self._codes, raw.labels)},
            # as a graph has them: no order, each once
            aliases={
                code: tuple(sorted({term.value for term in also})) for code, also in _present(self._codes, raw.aliases)
            },
            sitelinks={lang: sites[site].title for site, lang in self._sites.items() if site in sites} if sites else {},
            n_sitelinks=raw.n_sitelinks,
            types=tuple(sorted(set(items(claims.get(TYPE_PID, ()))))),
            links=tuple(sorted(links)),
            gender=gender_of(claims.get(GENDER_PID, ())),
        )

    def claims(self, raw: RawItem) -> list[tuple[str, list[Claim]]]:
        """Return P-id and claims of the properties that are read, deprecated ones too."""
        return _present(self._pids, raw.claims)

    def covers(self, raw: RawItem, least: int) -> bool:
        """Whether `labels.coverage` of the item, which is not made for it, is at least so many languages."""
        bits = reduce(operator.or_, _held(self._labelled, raw.labels), 0)
        if bits.bit_count() >= least:
            return True
        bits = reduce(operator.or_, _held(self._aliased, raw.aliases), bits)
        sites = raw.sitelinks or ()
        bits = reduce(operator.or_, [bit for site, bit in self._linked.items() if site in sites], bits)
        return bits.bit_count() >= least

    def slim(self, raw: RawItem) -> bytes:
        """Return JSON that `read` takes and `entity` makes the same item of; `raw` is changed for it."""
        for field in _held(self._dropped, raw.claims):
            if field:
                setattr(raw.claims, field, None)
        if isinstance(raw.sitelinks, dict):
            none = _Sitelink(title="")
            raw.sitelinks = {site: link if site in self._sites else none for site, link in raw.sitelinks.items()}
        return self._encoder.encode(raw)


def _field(index: int) -> str:
    return f"k{index}"


def _map(name: str, keys: Sequence[str], of: Any) -> Any:
    """Return the type of a JSON object of which some keys are read; an empty one is `[]`, as PHP writes it."""
    fields = [(_field(index), of | None, None) for index in range(len(keys))]
    rename = {_field(index): key for index, key in enumerate(keys)}
    struct = msgspec.defstruct(name, fields, rename=rename, gc=False, omit_defaults=True)
    return struct | list[Any] | None


def _present(keys: Sequence[_Key], read: Any) -> list[tuple[_Key, Any]]:
    """Return key and value of what is there of a `_map`, in the order of `keys`."""
    if not isinstance(read, msgspec.Struct):
        return []
    held = msgspec.structs.astuple(read)
    return list(compress(zip(keys, held, strict=True), held))


def _held(keys: Iterable[_Key], read: Any) -> Iterable[_Key]:
    """Return the keys of `_present`."""
    return compress(keys, msgspec.structs.astuple(read)) if isinstance(read, msgspec.Struct) else ()
