"""One language of a set as the checks see it, and how they say what they saw."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from xleval.polyfact.lint.mentions import Form, form_of
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
    """

    checked: int
    hits: Sequence[Hit | SetHit] = ()
    missing: str = ""


@dataclass(slots=True)
class Across:
    """What one language must know of the others; filled before the checks, in one pass over the set.

    Attributes:
        english: item id to folded English question.
        options: item id to, for each language, a hash of the option ids and of the gold id.
        numbers: item id to how many questions have each number.
        n_langs: item id to the number of languages it is in.
        languages: number of languages of the set.
        parallel: whether ids are shared between languages.
    """

    english: dict[str, str] = field(default_factory=dict)
    options: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    numbers: dict[str, Counter[str]] = field(default_factory=dict)
    n_langs: Counter[str] = field(default_factory=Counter)
    languages: int = 0
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
    def rests(self) -> list[str]:
        """Each question in lower case, without the subject's name: what the wording says."""
        return [_without(_without(row.question, row.subject), row.subject_en).casefold() for row in self.rows]

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
        subjects = {row.subject for row in self.rows if row.subject}
        counts = Counter(stem for subject in subjects for stem in {w[:_STEM] for w in form_of(subject).words})
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
    """Return a question without the subject's name as it stands there."""
    if not subject:
        return question
    if subject in question:
        return question.replace(subject, " ")
    bare = strip_parentheses(subject)
    return re.sub(re.escape(bare), " ", question, flags=re.IGNORECASE) if len(bare) > 2 else question
