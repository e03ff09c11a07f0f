"""The set that a build makes: source items with what became of each in every language."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from xleval.data.reasoning.outcomes import Outcome, Part
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
        min_langs: in how many of `languages` a question must have passed for the item to be in `parallel`.
    """

    items: tuple[SourceItem, ...]
    source_lang: str
    languages: tuple[str, ...]
    engines: Mapping[str, str]
    outcomes: Mapping[tuple[str, str, Part], Outcome]
    min_langs: int

    @property
    def all_languages(self) -> tuple[str, ...]:
        """The source's language and then those translated into."""
        return (self.source_lang, *self.languages)

    def question(self, item: SourceItem, lang: str) -> str | None:
        """Return an item's question in a language; None where no translation passed."""
        return item.question if lang == self.source_lang else self.outcomes[item.item_id, lang, "question"].text

    def solution(self, item: SourceItem, lang: str) -> str | None:
        """Return an item's worked solution in a language; None where there is none or it is not in that language."""
        if lang == self.source_lang:
            return item.solution or None
        outcome = self.outcomes.get((item.item_id, lang, "solution"))
        return outcome.text if outcome else None

    def attempt(self, item: SourceItem, lang: str) -> int:
        """Return which candidate a question is, 1 for the first; 0 in the source's language."""
        return 0 if lang == self.source_lang else len(self.outcomes[item.item_id, lang, "question"].attempts)

    def in_lang(self, lang: str) -> list[SourceItem]:
        """Return the items that have a question in a language, in the order of the source."""
        return [item for item in self.items if self.question(item, lang) is not None]

    def parallel(self) -> list[SourceItem]:
        """Return the items whose question passed in at least `min_langs` of the languages."""
        return [item for item in self.items if self.n_translated(item) >= self.min_langs]

    def n_translated(self, item: SourceItem) -> int:
        """Return in how many of the languages translated into an item has a question."""
        return sum(self.question(item, lang) is not None for lang in self.languages)

    def outcomes_in(self, lang: str, part: Part) -> Iterator[tuple[SourceItem, Outcome]]:
        """Yield the outcomes of one part in a language, in the order of the source."""
        for item in self.items:
            outcome = self.outcomes.get((item.item_id, lang, part))
            if outcome is not None:
                yield item, outcome


def split_of(item: SourceItem) -> str:
    """Return the split that an item is in."""
    return item.groups.get("split") or DEFAULT_SPLIT
