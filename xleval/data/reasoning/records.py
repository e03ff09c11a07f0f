"""The records of a reasoning set: source items, pairs of source and translation, and what a check finds in a pair."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceItem:
    r"""One item of the set that is translated.

    Attributes:
        item_id: the same in every language of the set that is built, such as `gsm8k-test-17`.
        question: as the source has it.
        answer: final answer, carried over untouched: `18`, `70,000`, `\\frac{1}{2}`.
        solution: worked solution in the source's language, empty where the source has none.
        lang: code of the source's language.
        groups: facts to group by, such as `{"level": "5", "subject": "Geometry", "split": "test"}`.
    """

    item_id: str
    question: str
    answer: str
    solution: str = ""
    lang: str = "en"
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A source text and its translation, as the gate sees them.

    Attributes:
        item_id: of the source item.
        lang: code of the translation's language.
        source: English text, placeholders restored.
        target: translation, placeholders restored.
    """

    item_id: str
    lang: str
    source: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check finds wrong with a pair.

    Attributes:
        check: name of the check, such as `numbers`.
        score: how bad it is, above 0; each check says its unit. A pair is rejected where it reaches the check's limit.
        detail: one short sentence for people: what was found and what was expected.
    """

    check: str
    score: float
    detail: str


#: A check of one pair: None where it finds nothing.
Check = Callable[[Pair], Finding | None]
