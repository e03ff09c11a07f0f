"""One language of a set as the checks see it, and how they say what they saw."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from xleval.data.scripts import run_scripts
from xleval.polyfact.lint.mentions import Form, Name, form_of, make_name
from xleval.polyfact.lint.records import Row
from xleval.polyfact.names import fold, strip_parentheses

#: A relation is judged as a whole from so many items on.
MANY = 20
_FEW_SUBJECTS = 3  # a word in more subjects' names than that (and 1 %) does not name one of them
_STEM = 5


@dataclass(frozen=True, slots=True)
class Hit:
    """A row with a defect: its place in the view, what is shown, and what is wrong."""

    index: int
    shown: str
    detail: str


@dataclass(frozen=True, slots=True)
class SetHit:
    """A defect of a whole language: what it is about, what is shown, and what is wrong."""

    about: str
    shown: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a check saw in one language.

    Attributes:
        checked: rows, relations or figures that could be looked at.
        hits: those with the defect; at most one for each.
        missing: what the set lacks, where nothing could be checked.
        unknown: rows that the source says nothing about; none of them is among those checked.
    """

    checked: int
    hits: Sequence[Hit | SetHit] = ()
    missing: str = ""
    unknown: int = 0


@dataclass(slots=True)
class Across:
    """What one language must know of the others; filled before the checks, in one pass over the set.

    Attributes:
        english: item id to folded English question.
        options: item id to a hash of the option ids, one of the gold id, and in how many languages they came first.
        disputed: the same items to counts of all such pairs of hashes, where languages differ.
        numbers: item id to how many questions have each number.
        n_langs: item id to the number of languages it was read in.
        stated: item id to the number of languages that the set says it is asked in, where it says so.
        languages: number of languages read.
        left_out: number of languages of the set that were not read.
        parallel: whether ids are shared between languages.
    """

    english: dict[str, str] = field(default_factory=dict)
    options: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    disputed: dict[str, Counter[tuple[int, int]]] = field(default_factory=dict)
    numbers: dict[str, Counter[str]] = field(default_factory=dict)
    n_langs: Counter[str] = field(default_factory=Counter)
    stated: dict[str, int] = field(default_factory=dict)
    languages: int = 0
    left_out: int = 0
    parallel: bool = False


class View:
    """The rows of one language, with what several checks need of them.

    Args:
        lang: code.
        rows: all items.
        across: what is known of the other languages.
    """

    def __init__(self, lang: str, rows: Sequence[Row], across: Across) -> None:
        self.lang, self.rows, self.across = lang, rows, across

    @cached_property
    def questions(self) -> list[Form]:
        """Each question's form."""
        return [form_of(row.question) for row in self.rows]

    @cached_property
    def subjects(self) -> list[Name]:
        """Each subject's name, brackets included; empty where there is none."""
        return [make_name(row.subject) for row in self.rows]

    @cached_property
    def rests(self) -> list[str]:
        """Each question in lower case, without the subject's name: what the wording says."""
        seen: dict[str, str] = {}  # few wordings, many questions
        rests = (_without(_without(row.question.casefold(), row.subject), row.subject_en) for row in self.rows)
        return [seen.setdefault(rest, rest) for rest in rests]

    @cached_property
    def question_scripts(self) -> list[frozenset[str]]:
        """The scripts of each question's letters, as `run_scripts` names them."""
        seen: dict[frozenset[str], frozenset[str]] = {}
        found = (frozenset(run_scripts(row.question)) for row in self.rows)
        return [seen.setdefault(scripts, scripts) for scripts in found]

    @cached_property
    def by_relation(self) -> Mapping[str, list[int]]:
        """Relation to the places of its rows; rows without a relation are left out."""
        groups: dict[str, list[int]] = defaultdict(list)
        for index, row in enumerate(self.rows):
            if row.relation:
                groups[row.relation].append(index)
        return groups

    @cached_property
    def wording(self) -> Mapping[str, frozenset[str]]:
        """Relation (of `MANY` rows or more) to the word beginnings of its usual questions."""
        found = {}
        for relation, places in self.by_relation.items():
            if len(places) >= MANY:
                counts = Counter(stem for index in places for stem in {w[:_STEM] for w in self.questions[index].words})
                found[relation] = frozenset(stem for stem, n in counts.items() if n > max(2, len(places) // 50))
        return found

    @cached_property
    def common_in_subjects(self) -> frozenset[str]:
        """Word beginnings that many subjects' names have: republic, islands."""
        subjects = {row.subject: self.subjects[index] for index, row in enumerate(self.rows) if row.subject}
        counts = Counter(stem for name in subjects.values() for stem in {w[:_STEM] for w in name.words})
        return frozenset(stem for stem, n in counts.items() if n > max(_FEW_SUBJECTS, len(subjects) // 100))

    def each(self, look: Callable[[int, Row], tuple[str, str] | None], rows: Iterable[int] | None = None) -> Outcome:
        """Return the outcome of a look at every row (or at these): what is shown and wrong, or None."""
        checked, hits = 0, []
        for index in range(len(self.rows)) if rows is None else rows:
            checked += 1
            found = look(index, self.rows[index])
            if found is not None:
                hits.append(Hit(index, *found))
        return Outcome(checked=checked, hits=hits)


def gold_key(row: Row) -> str:
    """Return what the gold is: its Q-id, else its folded text."""
    if row.option_ids and row.gold >= 0:
        return row.option_ids[row.gold]
    return row.object_id or fold(row.gold_text)


def _without(question: str, subject: str) -> str:
    """Return a question in lower case without the subject's name, or else without what of it is not in brackets."""
    name = subject.casefold()
    if not name:
        return question
    if name in question:
        return question.replace(name, " ")
    bare = strip_parentheses(name)
    return question.replace(bare, " ") if len(bare) > 2 else question
