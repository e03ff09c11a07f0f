"""The rules by which texts of two sets are one item, from the surest to the least sure."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from xleval.data.overlap_numbers import ALONE, EVEN, LEAST, MARGIN, Clues, best_matches, read_clues
from xleval.data.overlap_text import likeness, near_pairs, normalise
from xleval.errors import DataError

Rule = Literal["id", "exact", "near", "cross"]
RULES: tuple[Rule, ...] = ("id", "exact", "near", "cross")
#: Likeness from which two texts of one language are one item. MATH levels 3 to 5 against MATH-500, 40 pairs from 0.6 on
#: read by hand: from 0.7 on all 24 are one problem with other numbers or names, below 10 of 16 are another of its kind.
NEAR_LIMIT = 0.7
#: Plain likeness from which texts of one language with the same numbers and answer are one item reworded. Two
#: independent Korean translations: 96 of 104 pairs whose numbers agree reach it; chance pairs: 0.13 at most.
REWORDED = 0.15
#: Evidence that the same numbers and answer need in one language.
_SAME_LANGUAGE = 0.0
#: Likeness that texts without numbers need: short questions of one template differ in one name, and names are alike
#: (Gambia and Zambia: 0.81 in German).
_WITHOUT_NUMBERS = 0.9
#: From so many items whose evidence stands alone on, sets are related and less is enough for the others.
_RELATED_ITEMS = 3
#: Share of true pairs whose evidence stands alone (MGSM in ten languages against the GSM8K test set: 0.36 to 0.56).
_STANDS_ALONE = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlapItem:
    """One item in one language.

    Attributes:
        item_id: the same in every language of its set.
        text: the question.
        answer: as the set writes it; empty: none.
        lang: code of the language table.
        source: the data whose ids `item_id` has, such as `wikidata`; empty: ids mean nothing outside the set.
    """

    item_id: str
    text: str
    answer: str = ""
    lang: str = "en"
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPair:
    """A training text that an evaluation text was found to be.

    Attributes:
        rule: what says so.
        position: of the training text.
        score: see `SharedPair`.
    """

    rule: Rule
    position: int
    score: float


class Side:
    """The texts of one set, and what is read of them once."""

    def __init__(self, items: Sequence[OverlapItem], name: str) -> None:
        self.items = items
        self.languages: dict[str, list[int]] = {}
        self.of_item: dict[str, dict[str, int]] = {}
        for position, item in enumerate(items):
            if self.of_item.setdefault(item.item_id, {}).setdefault(item.lang, position) != position:
                raise DataError(f"the {name} set has the id {item.item_id!r} twice in {item.lang}; make ids unique")
            self.languages.setdefault(item.lang, []).append(position)
        self.texts = [normalise(item.text) for item in items]
        self._clues: dict[int, Clues] = {}

    def clues(self, position: int) -> Clues:
        """Return the clues of a text, read when first asked for."""
        if position not in self._clues:
            item = self.items[position]
            self._clues[position] = read_clues(item.text, item.answer, item.lang)
        return self._clues[position]


class Search:
    """The rules, from the surest to the least sure, and the pairs found so far."""

    def __init__(self, train: Side, evaluation: Side) -> None:
        self.train, self.evaluation = train, evaluation
        self._found: dict[int, dict[str, FoundPair]] = {}

    @property
    def found(self) -> Iterator[tuple[int, FoundPair]]:
        """The pairs so far: position of the evaluation text and training text."""
        for place in sorted(self._found):
            for pair in self._found[place].values():
                yield place, pair

    def by_id(self) -> None:
        """Find items of one source with one id; each text is paired with its own language where there is one."""
        known: dict[tuple[str, str], int] = {}
        for position, item in enumerate(self.train.items):
            if item.source:
                known.setdefault((item.source, item.item_id), position)
        for position, item in enumerate(self.evaluation.items):
            if item.source and (item.source, item.item_id) in known:
                other = self.train.of_item[item.item_id].get(item.lang, known[item.source, item.item_id])
                self._keep("id", other, position, 1.0)

    def by_text(self) -> None:
        """Find equal texts, each training item once."""
        known: dict[str, list[int]] = {}
        for position, text in enumerate(self.train.texts):
            known.setdefault(text, []).append(position)
        for position, text in enumerate(self.evaluation.texts):
            if text and position not in self._found:
                for other in known.get(text, ()):
                    self._keep("exact", other, position, 1.0)

    def by_ngrams(self, limit: float) -> None:
        """Find near copies in each language that both sets have."""
        for lang, places in self.evaluation.languages.items():
            others = self.train.languages.get(lang, [])
            wanted = [place for place in places if place not in self._found and self.evaluation.texts[place]]
            texts = [self.train.texts[other] for other in others]
            for left, right, score in near_pairs(
                texts, [self.evaluation.texts[place] for place in wanted], lang, limit
            ):
                if score >= _WITHOUT_NUMBERS or any(map(str.isdecimal, self.evaluation.texts[wanted[right]])):
                    self._keep("near", others[left], wanted[right], score)

    def by_clues(self) -> None:
        """Find reworded items and then translations of items that no language has shown yet."""
        for lang, places in self.evaluation.languages.items():
            self._reworded(lang, [place for place in places if place not in self._found])
        found = {self.evaluation.items[place].item_id for place in self._found}
        for lang, places in self.evaluation.languages.items():
            wanted = [place for place in places if self.evaluation.items[place].item_id not in found]
            for other_lang in self.train.languages:
                if other_lang != lang:
                    self._translated(other_lang, wanted)

    def _reworded(self, lang: str, wanted: Sequence[int]) -> None:
        others = self.train.languages.get(lang, [])
        if not others or not wanted:
            return
        # Any two texts of a language share words: here likeness stands for them.
        left = [replace(self.train.clues(other), words=frozenset()) for other in others]
        right = [replace(self.evaluation.clues(place), words=frozenset()) for place in wanted]
        for match in best_matches(left, right):
            other, place = others[match.train], wanted[match.evaluation]
            if match.evidence >= _SAME_LANGUAGE and match.lead >= MARGIN:
                score = likeness(self.train.texts[other], self.evaluation.texts[place], lang)
                if score >= REWORDED:
                    self._keep("near", other, place, score)

    def _translated(self, lang: str, wanted: Sequence[int]) -> None:
        others = self.train.languages[lang]
        if not wanted:
            return
        matches = best_matches(
            [self.train.clues(other) for other in others], [self.evaluation.clues(place) for place in wanted]
        )
        matches = [match for match in matches if match.lead >= MARGIN]
        alone = sum(match.evidence >= ALONE for match in matches)
        limit = _limit_between(alone, len(wanted))
        for match in matches:
            other, place = others[match.train], wanted[match.evaluation]
            if match.evidence >= (ALONE if self._share_a_language(other, place) else limit):
                self._keep("cross", other, place, match.evidence)

    def _share_a_language(self, other: int, place: int) -> bool:
        own = self.evaluation.of_item[self.evaluation.items[place].item_id]
        return not own.keys().isdisjoint(self.train.of_item[self.train.items[other].item_id])

    def _keep(self, rule: Rule, other: int, place: int, score: float) -> None:
        """Keep a pair of texts; of several texts of one training item, the first."""
        pairs = self._found.setdefault(place, {})
        pairs.setdefault(self.train.items[other].item_id, FoundPair(rule=rule, position=other, score=score))


def _limit_between(alone: int, n_items: int) -> float:
    """Return the evidence, in nats, that a pair of two languages needs where some pairs stand alone.

    Evidence is a log likelihood ratio, so the log odds that an item is shared at all shift what is needed of it.
    """
    if alone < _RELATED_ITEMS:
        return ALONE
    share = min(0.99, alone / (_STANDS_ALONE * n_items))
    return min(ALONE, max(LEAST, EVEN - math.log(share / (1 - share))))
