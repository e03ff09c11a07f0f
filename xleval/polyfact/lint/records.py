"""What a linter reads (rows) and what it says (findings, counts, the report), for any set of questions with options."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One item in one language, as it was read; what a set does not have is empty.

    Attributes:
        item_id: `S|P|O`, or the set's own id; equal in every language where the set is parallel.
        lang: code of the language table.
        split: as the file or column says, or empty.
        place: file and row, counted from 1, for messages.
        question: text.
        options: texts in the order shown.
        gold: place of the right option, counted from 0; -1 when it lies outside the options.
        answer_text: the answer as the set repeats it, or None.
        option_ids: Q-ids in the order of `options`, or empty.
        subject: name of the subject in this language, or empty.
        subject_en: the subject's English name, or empty.
        subject_id: Q-id or empty.
        relation: P-id, else the relation's name, else empty.
        object_id: Q-id of the answer, or empty.
        label_sources: where the names of subject and options come from, or empty.
        n_verified: in how many languages names are attested, or None.
        n_langs: in how many languages the set says that the item is asked, or None.
        kind: of the subject, as the set says (`subject_type`), or empty.
        headline: whether the set counts the relation in its mean, or None where it does not say.
        answer_aliases: other names of the answer in this language, or empty.
    """

    item_id: str
    lang: str
    split: str
    place: str
    question: str
    options: tuple[str, ...]
    gold: int
    answer_text: str | None = None
    option_ids: tuple[str, ...] = ()
    subject: str = ""
    subject_en: str = ""
    subject_id: str = ""
    relation: str = ""
    object_id: str = ""
    label_sources: tuple[str, ...] = ()
    n_verified: int | None = None
    n_langs: int | None = None
    kind: str = ""
    headline: bool | None = None
    answer_aliases: tuple[str, ...] = ()

    @property
    def gold_text(self) -> str:
        """The right option's text; empty when the index lies outside."""
        return self.options[self.gold] if self.gold >= 0 else ""

    @property
    def distractors(self) -> list[str]:
        """The texts of the wrong options, in the order shown."""
        return [text for place, text in enumerate(self.options) if place != self.gold]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One item, or one value of a whole language, that has a defect.

    Attributes:
        number: defect class.
        lang: code, or `*` for what holds in every language.
        item_id: the item, or the relation or figure where a whole language is meant.
        shown: the text that has the defect.
        detail: what is wrong with it.
        place: file and row; empty where a whole language is meant.
    """

    number: int
    lang: str
    item_id: str
    shown: str
    detail: str
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassCount:
    """What was seen of one defect class in one language.

    Attributes:
        checked: items (relations, figures) that could be looked at.
        found: those of them with the defect.
        unknown: items that the source says nothing about; not among those checked.
        examples: the first findings.
    """

    checked: int
    found: int
    unknown: int = 0
    examples: Sequence[Finding] = ()

    @property
    def share(self) -> float:
        """Found of checked, in [0, 1]; 0 where nothing was checked."""
        return self.found / self.checked if self.checked else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LintReport:
    """The result of an audit.

    Attributes:
        target: what was audited, as the user named it.
        rows: language to items read.
        counts: defect class to language to count; classes that could not be checked are absent.
        not_checked: defect class to what is missing.
        baselines: language to guesser without a model to accuracy, in [0, 1].
        chance: language to the accuracy of a blind guess, in [0, 1].
        limits: defect class to the largest share allowed, None for classes that are only reported.
        skipped: languages and files that were not read, each with the reason.
    """

    target: str
    rows: Mapping[str, int]
    counts: Mapping[int, Mapping[str, ClassCount]]
    not_checked: Mapping[int, str]
    baselines: Mapping[str, Mapping[str, float]]
    chance: Mapping[str, float]
    limits: Mapping[int, float | None]
    skipped: Sequence[str] = field(default=())

    def over_limit(self) -> list[tuple[int, str]]:
        """Return class and language of each share that is above its limit."""
        found = []
        for number, by_lang in self.counts.items():
            limit = self.limits[number]
            if limit is not None:
                found += [(number, lang) for lang, count in by_lang.items() if count.share > limit]
        return found


Kind = Literal["set-only", "needs-source", "needs-judge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DefectClass:
    """One class of defect.

    Attributes:
        number: 1 to 27 as in the study of the published set, 28 to 30 later, from 31 mechanical ones.
        name: a few words.
        says: what an item of the class does wrong.
        seen: how it is detected; for a signal, what part of the class can be seen.
        kind: whether the set's own text and ids suffice, statements of a source or a reader of the language are needed.
        limit: share of items above which the audit fails; None where the class is only reported. 0 for what a builder
            can avoid altogether, 0.02 for signals (the false alarms allowed to a detector).
        languages: codes it applies to; empty for all.
    """

    number: int
    name: str
    says: str
    seen: str
    kind: Kind = "set-only"
    limit: float | None = 0.0
    languages: tuple[str, ...] = ()
