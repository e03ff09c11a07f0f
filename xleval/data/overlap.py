"""Items that two sets share: copies, renumbered and reworded items, translations.

What is certain is told apart from what is likely:

* `id`: both items name the same source and have the same id in it.
* `exact`: the normalised texts are equal (`overlap_text.normalise`).
* `near`: one language, and either the likeness of n-grams with masked numbers reaches `NEAR_LIMIT` (a renumbered copy, or
  the same text with other names), or numbers and answer agree beyond chance and the plain likeness reaches `REWORDED`.
* `cross`: two languages, and numbers, answer and names agree far beyond chance (`overlap_numbers`). Between sets that
  evidently share items less is enough, unless the two items have a language in common that did not show it.

An item found in one language is found in all its languages: a set's items are joined on their ids.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from xleval.data.overlap_numbers import read_answer
from xleval.data.overlap_rules import NEAR_LIMIT, REWORDED, RULES, FoundPair, OverlapItem, Rule, Search, Side
from xleval.data.overlap_text import digits

__all__ = [
    "NEAR_LIMIT",
    "REWORDED",
    "RULES",
    "LanguageOverlap",
    "Overlap",
    "OverlapItem",
    "Rule",
    "SharedPair",
    "find_overlap",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPair:
    """A training item and an evaluation item that are one.

    Attributes:
        train_id, evaluation_id: ids of the two.
        train_lang, evaluation_lang: languages of the two texts that were compared.
        rule: what says so.
        score: likeness, 0 to 1, for `near`; nats of evidence above chance for `cross`; 1 otherwise.
        same_answer: None where one has no answer.
        same_numbers: whether both texts write the same numbers in digits; not so in a renumbered copy.
    """

    train_id: str
    evaluation_id: str
    train_lang: str
    evaluation_lang: str
    rule: Rule
    score: float
    same_answer: bool | None
    same_numbers: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageOverlap:
    """What of the evaluation set's texts in one language is shared.

    Attributes:
        lang: code.
        n_items: texts in this language.
        direct: per rule, items whose text in this language was found, each under its most certain rule.
        joined: items found only in another of their languages.
    """

    lang: str
    n_items: int
    direct: Mapping[Rule, int]
    joined: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Shared items of two sets.

    Attributes:
        pairs: by evaluation item and language in the order given, for each the training items.
        languages: one for each language of the evaluation set, in order of appearance.
        n_train, n_evaluation: items of each set, all languages of an item counted once.
    """

    pairs: tuple[SharedPair, ...]
    languages: tuple[LanguageOverlap, ...]
    n_train: int
    n_evaluation: int

    @property
    def items(self) -> dict[str, Rule]:
        """The evaluation items found, each with the most certain rule."""
        return _surest((pair.evaluation_id, pair.rule) for pair in self.pairs)


def find_overlap(
    train: Sequence[OverlapItem], evaluation: Sequence[OverlapItem], *, near_limit: float = NEAR_LIMIT
) -> Overlap:
    """Return the items that two sets share.

    A text that an earlier rule has found is not searched by a later one, and an item found in its own language is not
    searched in others. Time is near linear: pairs are found through rare n-grams and through answers with a number.

    Args:
        train: texts of the one set, several languages of an item under one id.
        evaluation: texts of the other.
        near_limit: likeness from which texts of one language are near copies, above 0 and at most 1.

    Raises:
        DataError: a set has an id twice in one language.
        ConfigError: unknown language.
    """
    search = Search(Side(train, "training"), Side(evaluation, "evaluation"))
    search.by_id()
    search.by_text()
    search.by_ngrams(near_limit)
    search.by_clues()
    pairs = tuple(_pair(search, place, found) for place, found in search.found)
    shared = {pair.evaluation_id for pair in pairs}
    return Overlap(
        pairs=pairs,
        languages=tuple(_language(search.evaluation, lang, pairs, shared) for lang in search.evaluation.languages),
        n_train=len(search.train.of_item),
        n_evaluation=len(search.evaluation.of_item),
    )


def _surest(found: Iterable[tuple[str, Rule]]) -> dict[str, Rule]:
    surest: dict[str, Rule] = {}
    for item_id, rule in found:
        surest[item_id] = min(surest.get(item_id, rule), rule, key=RULES.index)
    return surest


def _pair(search: Search, place: int, found: FoundPair) -> SharedPair:
    left, right = search.train.items[found.position], search.evaluation.items[place]
    answers = read_answer(left.answer), read_answer(right.answer)
    return SharedPair(
        train_id=left.item_id,
        evaluation_id=right.item_id,
        train_lang=left.lang,
        evaluation_lang=right.lang,
        rule=found.rule,
        score=found.score,
        same_answer=answers[0] == answers[1] if all(answer != "" for answer in answers) else None,
        same_numbers=_same_numbers(search, place, found),
    )


def _same_numbers(search: Search, place: int, found: FoundPair) -> bool:
    if found.rule == "cross":
        return search.train.clues(found.position).numbers == search.evaluation.clues(place).numbers
    return digits(search.train.texts[found.position]) == digits(search.evaluation.texts[place])


def _language(evaluation: Side, lang: str, pairs: Sequence[SharedPair], shared: set[str]) -> LanguageOverlap:
    direct = _surest((pair.evaluation_id, pair.rule) for pair in pairs if pair.evaluation_lang == lang)
    places = evaluation.languages[lang]
    counts = Counter(direct.values())
    return LanguageOverlap(
        lang=lang,
        n_items=len(places),
        direct={rule: counts[rule] for rule in RULES},
        joined=sum(evaluation.items[place].item_id in shared for place in places) - len(direct),
    )
