"""A pass over a dump: what is asked of it, and what was seen."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One reading of a dump from beginning to end.

    Attributes:
        number: 1 reads the subjects of the relations, 2 the items that are their objects.
        languages, relations, min_langs, min_sitelinks: as in `SourceOptions`.
        folder: for the parts that it writes.
        wanted: of pass 2: `.npy` file with the sorted numbers of the items.
    """

    number: int
    languages: tuple[str, ...]
    relations: tuple[str, ...]
    min_langs: int
    min_sitelinks: int
    folder: Path
    wanted: Path | None = None


@dataclass(slots=True, kw_only=True)
class Counts:
    """What was seen in a part of a dump.

    Attributes:
        lines: all lines; json_bytes: their bytes.
        items, others, redirects, broken: lines that are an item; a property or lexeme; a redirect; no JSON of an entity.
        hits: items that were parsed; hit_bytes: their bytes.
        kept, bystanders: subjects with labels in enough languages, and in too few.
        few_sitelinks: subjects with too few pages.
        objects: items that pass 2 was looking for.
        statements: of the kept subjects; uncovered: of the bystanders, by P-id.
        first_broken: byte offset in the JSON and reason of the first broken lines.
    """

    lines: int = 0
    json_bytes: int = 0
    items: int = 0
    others: int = 0
    redirects: int = 0
    broken: int = 0
    hits: int = 0
    hit_bytes: int = 0
    kept: int = 0
    bystanders: int = 0
    few_sitelinks: int = 0
    objects: int = 0
    statements: int = 0
    uncovered: Counter[str] = field(default_factory=Counter)
    first_broken: list[tuple[int, str]] = field(default_factory=list)

    def add(self, other: "Counts") -> None:
        """Add what was seen in another part."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))
        self.first_broken = sorted(self.first_broken)[:_SHOWN]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        held = {each.name: getattr(self, each.name) for each in fields(self)}
        return {**held, "uncovered": dict(sorted(self.uncovered.items()))}

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> "Counts":
        """Return what `to_json` was written of."""
        broken = [(offset, reason) for offset, reason in held["first_broken"]]
        return cls(**{**held, "uncovered": Counter(held["uncovered"]), "first_broken": broken})

    def note_broken(self, offset: int, reason: str) -> None:
        """Count a broken line."""
        self.broken += 1
        self.first_broken = sorted([*self.first_broken, (offset, reason)])[:_SHOWN]
