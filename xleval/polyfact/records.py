"""What a source says (statements, names, types) and what the builder makes of it (facts, items, rejects)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

#: A qualifier says that there is a time and not which one; it lies before every year.
UNKNOWN_YEAR = -100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One non-deprecated statement of a source, truthy or not.

    Times are years, the one precision that dumps, the API and the RDF of Wikidata state alike.

    Attributes:
        subject_qid: Wikidata item, `Q…`.
        relation_pid: Wikidata property, `P…`.
        object_qid: Wikidata item, `Q…`; empty when the source says that there is a value but not which ("some value").
        rank: `preferred` or `normal`.
        start: year of the qualifier P580 (start time), or None.
        end: year of P582 (end time), `UNKNOWN_YEAR` when there is one without a date, or None.
        point: year of P585 (point in time), or None.
        left_out: why the source does not vouch for the subject's value (disputed, changed, not known whole), or empty.
    """

    subject_qid: str
    relation_pid: str
    object_qid: str
    rank: str = "normal"
    start: int | None = None
    end: int | None = None
    point: int | None = None
    left_out: str = ""

    def ended(self, year: int) -> bool:
        """Whether the value was true once and is not at the end of a year: it is no gold, and no distractor either."""
        return self.end is not None and self.end <= year


@dataclass(frozen=True, slots=True, kw_only=True)
class WikidataEntity:
    """An item as Wikidata has it, before a name is chosen for each language (`labels.choose_names`).

    Attributes:
        qid: Wikidata item, `Q…`.
        labels: Wikimedia language code (`zh-hans` and `mul` too) to label; codes of `labels.wikimedia_codes` only.
        aliases: Wikimedia language code to further names, sorted, each once; the same codes.
        sitelinks: language code to title of the item's article in that Wikipedia; the languages asked for only.
        n_sitelinks: pages about the item in all Wikimedia projects: its popularity.
        types: Q-ids of its classes (P31), deprecated statements left out; sorted, each once.
        links: `P… Q…` of the properties in `links.LINK_PIDS`, deprecated statements left out; sorted, each once.
        gender: Q-id of P21 when there is one value, or empty.
    """

    qid: str
    labels: Mapping[str, str]
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sitelinks: Mapping[str, str] = field(default_factory=dict)
    n_sitelinks: int = 0
    types: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    gender: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A label in one language, with where it comes from.

    Attributes:
        text: the label as it is shown.
        source: of Wikidata `label`, `variant` (`zh-hans`, `pt-br` …), `converted` (Traditional to Simplified Chinese),
            `mul` (the label for all languages), `sitelink` (title of the article), `alias`; of the embedded graph `cldr`
            or `cldr-derived` (made from a zone id by CLDR's rule).
        tier: `A` a label that a sitelink title or an alias of another source agrees with; `B` attested by one source;
            `C` derived, or equal to the English name where most names of its kind are not (D19).
    """

    text: str
    source: str
    tier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """An item with its types and its names in every language asked for.

    Attributes:
        qid: Wikidata item.
        kind: subject or object type in the words of `kinds.KINDS`: country, city, person, film, …; empty when unknown.
        labels: language code to label; a language without one is absent.
        aliases: language code to further names; may be empty.
        wiki_langs: languages asked for whose Wikipedia has an article about the item, sorted (D11).
        n_sitelinks: pages about the item in all Wikimedia projects: its popularity.
        gender: `female`, `male`, `other` or empty (not stated): P21 (D15).
        links: `P… Q…` that tie it to other items (defect class 28), sorted.
    """

    qid: str
    kind: str
    labels: Mapping[str, Name]
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    wiki_langs: tuple[str, ...] = ()
    n_sitelinks: int = 0
    gender: str = ""
    links: tuple[str, ...] = ()

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
        langs: languages in which it is asked: those in which the subject and every option have a name.
        split: one of `splits.SPLITS`.
        order: language code to the order of options there: indices into `option_qids`.
        template_letter: which paraphrase asks it.
        leak_langs: languages in which the question shows the answer; empty but in the config `leaky`.
        guessable: the subject's name alone gives the answer away (D3).
    """

    fact: Fact
    subject_kind: str
    option_qids: tuple[str, ...]
    langs: tuple[str, ...]
    split: str = ""
    order: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    template_letter: str = ""
    leak_langs: tuple[str, ...] = ()
    guessable: bool = False
