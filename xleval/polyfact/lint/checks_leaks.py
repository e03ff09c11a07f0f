"""Checks of what question and options say to each other: leaks, head words, a subject that is never named."""

from xleval.data.languages import get_language
from xleval.polyfact.lint.mentions import Form, form_of, mentions, names_it
from xleval.polyfact.lint.records import Row
from xleval.polyfact.lint.view import Outcome, View
from xleval.polyfact.names import fold, share_stem, strip_parentheses

_STEM = 5


def gold_in_question(view: View) -> Outcome:
    """Class 1."""

    def look(index: int, row: Row) -> tuple[str, str] | None:
        if row.gold < 0 or not row.gold_text:
            return None
        question = view.questions[index]
        if mentions(question, form_of(strip_parentheses(row.gold_text)), view.lang):
            return row.question, f"gold {row.gold_text!r}"
        if row.subject:
            shared = share_stem(row.subject, row.gold_text, view.lang)
            if shared and not all(share_stem(row.subject, text, view.lang) for text in row.distractors):
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
    found = stems & {word[:_STEM] for word in form_of(row.gold_text).words}
    for text in row.distractors:
        found -= {word[:_STEM] for word in form_of(text).words}
    return min(found, default="")


def distractor_in_question(view: View) -> Outcome:
    """Class 2."""

    def look(index: int, row: Row) -> tuple[str, str] | None:
        question, subject = view.questions[index], fold(row.subject)
        if row.subject_id and row.option_ids and row.gold >= 0:
            others = [qid for place, qid in enumerate(row.option_ids) if place != row.gold]
            if row.subject_id in others:
                return row.question, f"option {row.subject_id} is the subject"
        for text in row.distractors:
            if text and (form_of(text).folded == subject):
                return row.question, f"option {text!r} is the subject"
            if text and mentions(question, form_of(strip_parentheses(text)), view.lang):
                return row.question, f"option {text!r}"
        return None

    return view.each(look)


def subject_never_named(view: View) -> Outcome:
    """Class 14."""
    with_name = [index for index, row in enumerate(view.rows) if row.subject]
    if not with_name:
        return Outcome(checked=0, missing="names of the subjects in this language (column 'subject_label')")

    def look(index: int, row: Row) -> tuple[str, str] | None:
        name = form_of(strip_parentheses(row.subject))
        wording = view.wording.get(row.relation, frozenset())
        usual = view.common_in_subjects | wording
        telling = [word for word in name.words if word[:_STEM] not in usual] or list(name.words)
        if names_it(view.questions[index], name, telling, view.lang):
            return None
        return row.question, f"no word of {row.subject!r}"

    return view.each(look, with_name)


def head_word(view: View) -> Outcome:
    """Class 30."""
    spaced = get_language(view.lang).spaced

    def look(_: int, row: Row) -> tuple[str, str] | None:
        forms = [form_of(text) for text in row.options]
        for place, one in enumerate(forms):
            for later in range(place + 1, len(forms)):
                if _is_longer_name(one, forms[later], spaced):
                    return f"{row.options[place]} | {row.options[later]}", "one is the other with a word more"
        return None

    return view.each(look)


def _is_longer_name(one: Form, other: Form, spaced: bool) -> bool:
    """The rule of `names.differ_by_head_word`, on forms; equal names are class 31."""
    if one.folded == other.folded:
        return False
    if not spaced:
        short, long = sorted((one.folded, other.folded), key=len)
        return len(short) >= 2 and short in long
    left, right = one.word_set, other.word_set
    return bool(left and right) and (left <= right or right <= left)
