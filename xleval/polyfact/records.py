"""What a source says (statements, names, types) and what the builder makes of it (facts, items, rejects)."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One non-deprecated statement of a source, truthy or not.

    Attributes:
        subject_qid: Wikidata item, `Q…`.
        relation_pid: Wikidata property, `P…`.
        object_qid: Wikidata item, `Q…`.
        rank: `preferred` or `normal`.
        ended: it was true once and is not now; it is no gold, and no distractor either.
        left_out: why the source does not vouch for the subject's value (disputed, changed, not known whole), or empty.
    """

    subject_qid: str
    relation_pid: str
    object_qid: str
    rank: str = "normal"
    ended: bool = False
    left_out: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A label in one language, with where it comes from.

    Attributes:
        text: the label as it is shown.
        source: `cldr`, `cldr-derived` (made from a zone id by CLDR's rule), later `label`, `mul`, `sitelink` …
        tier: `B` attested by one source, `C` derived or not attested (D19; `A` needs a second source that agrees).
    """

    text: str
    source: str
    tier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """An item with its types and its names in every language asked for.

    Attributes:
        qid: Wikidata item.
        kind: subject or object type in the words of the relation table: country, territory, city, language, …
        labels: language code to label; a language without one is absent.
        aliases: language code to further names; may be empty.
    """

    qid: str
    kind: str
    labels: Mapping[str, Name]
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def names(self, lang: str) -> tuple[str, ...]:
        """Return the label and every alias in a language, the label first; empty when there is none."""
        label = (self.labels[lang].text,) if lang in self.labels else ()
        return label + tuple(self.aliases.get(lang, ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A statement that is the only true value of its subject and relation, and is not bound to a time."""

    subject_qid: str
    relation_pid: str
    object_qid: str

    @property
    def fact_id(self) -> str:
        """`S|P|O`, as in the published set."""
        return f"{self.subject_qid}|{self.relation_pid}|{self.object_qid}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """A candidate that did not become an item, and why.

    Attributes:
        fact_id: `S|P|O`.
        reason: one of `REASONS` in `filters.py`.
        detail: language, name or value that decided.
    """

    fact_id: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A fact with its four options, the same in every language.

    Attributes:
        fact: what is asked.
        subject_kind: decides the wording of the question.
        option_qids: gold first, then the distractors; each language shows them in an order of its own.
        split: `train`, `validation` or `test`.
        order: language code to the order of options there: indices into `option_qids`.
    """

    fact: Fact
    subject_kind: str
    option_qids: tuple[str, ...]
    split: str = ""
    order: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
