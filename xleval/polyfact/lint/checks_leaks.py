"""Checks of what question and options say to each other: leaks, head words, a subject that is never named."""

from functools import lru_cache

from xleval.data.languages import get_language
from xleval.polyfact.lint.mentions import Form, Name, bare_name_of, mentions, name_of, names_it, quotes
from xleval.polyfact.lint.records import Row
from xleval.polyfact.lint.view import Outcome, View
from xleval.polyfact.names import NameKeys, keys_share_stem, name_keys

_STEM = 5


@lru_cache(maxsize=100_000)
def _option_keys(text: str, lang: str) -> NameKeys:
    return name_keys(text, (), lang)


def gold_in_question(view: View) -> Outcome:
    """Class 1."""
    lang = view.lang

    def look(index: int, row: Row) -> tuple[str, str] | None:
        if row.gold < 0 or not row.gold_text:
            return None
        question = view.questions[index]
        if mentions(question, bare_name_of(row.gold_text), lang):
            return row.question, f"gold {row.gold_text!r}"
        for alias in row.answer_aliases:
            if quotes(question, bare_name_of(alias), lang):
                return row.question, f"{alias!r}, another name of the gold {row.gold_text!r}"
        if row.subject:
            subject = name_keys(row.subject, (), lang)
            if keys_share_stem(subject, _option_keys(row.gold_text, lang)) and not all(
                keys_share_stem(subject, _option_keys(text, lang)) for text in row.distractors
            ):
                return row.question, f"gold {row.gold_text!r} shares a stem with the subject {row.subject!r}"
            return None
        stem = _telling_stem(view, row, question)
        return (row.question, f"gold {row.gold_text!r} shares {stem!r}") if stem else None

    return view.each(look)


def _telling_stem(view: View, row: Row, question: Form) -> str:
    """Return the word beginning that gold and question share, and neither the wording nor all options have."""
    wording = view.wording.get(row.relation)
    if wording is None or not get_language(view.lang).spaced:
        return ""
    stems = {word[:_STEM] for word in question.words if len(word) >= _STEM} - wording
    found = stems & {word[:_STEM] for word in name_of(row.gold_text).words}
    for text in row.distractors:
        found -= {word[:_STEM] for word in name_of(text).words}
    return min(found, default="")


def distractor_in_question(view: View) -> Outcome:
    """Class 2."""

    def look(index: int, row: Row) -> tuple[str, str] | None:
        question, subject = view.questions[index], view.subjects[index].folded
        if row.subject_id and row.option_ids and row.gold >= 0:
            others = [qid for place, qid in enumerate(row.option_ids) if place != row.gold]
            if row.subject_id in others:
                return row.question, f"option {row.subject_id} is the subject"
        for text in row.distractors:
            if text and name_of(text).folded == subject:
                return row.question, f"option {text!r} is the subject"
            if text and mentions(question, bare_name_of(text), view.lang):
                return row.question, f"option {text!r}"
        return None

    return view.each(look)


def subject_never_named(view: View) -> Outcome:
    """Class 14."""
    with_name = [index for index, row in enumerate(view.rows) if row.subject]
    if not with_name:
        return Outcome(checked=0, missing="names of the subjects in this language (column 'subject_label')")

    def look(index: int, row: Row) -> tuple[str, str] | None:
        question, name = view.questions[index], view.subjects[index]
        if name.folded in question.folded:
            return None
        name = bare_name_of(row.subject)
        common, wording = view.common_in_subjects, view.wording.get(row.relation, frozenset())
        stems = {word: word[:_STEM] for word in name.words}
        telling = [word for word, stem in stems.items() if stem not in common and stem not in wording] or name.words
        return None if names_it(question, name, telling, view.lang) else (row.question, f"no word of {row.subject!r}")

    return view.each(look, with_name)


def head_word(view: View) -> Outcome:
    """Class 30."""
    spaced = get_language(view.lang).spaced

    def look(_: int, row: Row) -> tuple[str, str] | None:
        forms = [name_of(text) for text in row.options]
        for place, one in enumerate(forms):
            for later in range(place + 1, len(forms)):
                if _is_longer_name(one, forms[later], spaced):
                    return f"{row.options[place]} | {row.options[later]}", "one is the other with a word more"
        return None

    return view.each(look)


def _is_longer_name(one: Name, other: Name, spaced: bool) -> bool:
    """The rule of `names.differ_by_head_word`, on forms; equal names are class 31."""
    if one.folded == other.folded:
        return False
    if not spaced:
        short, long = sorted((one.folded, other.folded), key=len)
        return len(short) >= 2 and short in long
    left, right = one.word_set, other.word_set
    return bool(left and right) and (left <= right or right <= left)
