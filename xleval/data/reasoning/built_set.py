"""The set that a build makes: source items with what became of each in every language."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from xleval.data.reasoning.outcomes import PARTS, Outcome, Part, source_text
from xleval.data.reasoning.records import SourceItem

#: Split of items whose source names none.
DEFAULT_SPLIT = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltSet:
    """Source items and outcomes.

    Attributes:
        items: in the order of the source.
        source_lang: code of the language of the source; part of the set as it is.
        languages: codes of the languages translated into, in the order asked for.
        engines: specification of the translator, by language.
        outcomes: by item id, language and part.
        min_langs: in how many of `languages` an item must have passed to be in `parallel`.
        needed: texts that must all have passed in a language for the item to be in that language.
    """

    items: tuple[SourceItem, ...]
    source_lang: str
    languages: tuple[str, ...]
    engines: Mapping[str, str]
    outcomes: Mapping[tuple[str, str, Part], Outcome]
    min_langs: int
    needed: tuple[Part, ...] = ("question",)

    @property
    def parts(self) -> list[Part]:
        """The texts that were translated, in the order of `PARTS`."""
        found = {part for _, _, part in self.outcomes}
        return [part for part in PARTS if part in found]

    @property
    def all_languages(self) -> tuple[str, ...]:
        """The source's language and then those translated into."""
        return (self.source_lang, *self.languages)

    def text(self, item: SourceItem, lang: str, part: Part) -> str | None:
        """Return one text of an item in a language; None where there is none or no translation of it passed."""
        if lang == self.source_lang:
            return source_text(item, part) or None
        outcome = self.outcomes.get((item.item_id, lang, part))
        return outcome.text if outcome else None

    def attempt(self, item: SourceItem, lang: str, part: Part) -> int:
        """Return which candidate a text is, 1 for the first; 0 in the source's language."""
        return 0 if lang == self.source_lang else len(self.outcomes[item.item_id, lang, part].attempts)

    def has(self, item: SourceItem, lang: str) -> bool:
        """Return whether all texts that are needed of an item passed in a language."""
        return all(self.text(item, lang, part) is not None for part in self.needed)

    def in_lang(self, lang: str) -> list[SourceItem]:
        """Return the items that are in a language, in the order of the source."""
        return [item for item in self.items if self.has(item, lang)]

    def parallel(self) -> list[SourceItem]:
        """Return the items that passed in at least `min_langs` of the languages."""
        return [item for item in self.items if self.n_translated(item) >= self.min_langs]

    def n_translated(self, item: SourceItem) -> int:
        """Return in how many of the languages translated into an item has passed."""
        return sum(self.has(item, lang) for lang in self.languages)

    def outcomes_in(self, lang: str, part: Part) -> Iterator[tuple[SourceItem, Outcome]]:
        """Yield the outcomes of one part in a language, in the order of the source."""
        for item in self.items:
            outcome = self.outcomes.get((item.item_id, lang, part))
            if outcome is not None:
                yield item, outcome


def split_of(item: SourceItem) -> str:
    """Return the split that an item is in."""
    return item.groups.get("split") or DEFAULT_SPLIT
