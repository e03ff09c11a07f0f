"""Checks of the question's wording: negation, another language, an invented number, an end in the middle."""

import re
import unicodedata
from collections.abc import Mapping

from xleval.data.languages import get_language
from xleval.data.scripts import script_of
from xleval.polyfact.lint.mentions import form_of
from xleval.polyfact.lint.records import Row
from xleval.polyfact.lint.view import Outcome, View
from xleval.polyfact.lint.word_lists import ALIKE, FUNCTION_WORDS, NEGATIONS

_CLOSING = "?？؟।॥。.!！…:：»”\"')）」』"
_BRACKETS: Mapping[str, str] = {"(": ")", "（": "）", "[": "]", "«": "»", "「": "」", "『": "』", "„": "“”", "《": "》"}
_OPENING = re.compile("[" + re.escape("".join(_BRACKETS)) + "]")
_MOST = 0.7  # a language whose questions mostly have a closing mark needs one in all (Thai has none)
_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"\d{2,}")
_FOREIGN_LETTERS = 6  # so many letters outside the language's scripts make a question foreign, where they are
_FEW_LETTERS, _FEW_IDEOGRAPHS = 8, 3  # three quarters of all, or more than half and the language's own are so few


def negated_question(view: View) -> Outcome:
    """Class 8."""
    pattern = NEGATIONS.get(view.lang)
    if pattern is None:
        return Outcome(checked=0, missing=f"a list of negation words for {view.lang}")
    seen: dict[str, str] = {}

    def look(index: int, row: Row) -> tuple[str, str] | None:
        rest = view.rests[index]
        if rest not in seen:
            found = pattern.search(unicodedata.normalize("NFC", rest))
            seen[rest] = f"{found.group()!r}" if found else ""
        return (row.question, seen[rest]) if seen[rest] else None

    return view.each(look)


def numbers_of(row: Row) -> frozenset[str]:
    """Return the numbers of two digits or more in a question, as ASCII, without those of the subject's name."""
    if _DIGIT.search(row.question) is None:
        return frozenset()
    return _numbers(row.question) - _numbers(row.subject)


def _numbers(text: str) -> frozenset[str]:
    digits = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)
    return frozenset(_NUMBER.findall(digits))


def invented_number(view: View) -> Outcome:
    """Class 13."""
    across = view.across
    if not across.parallel:
        return Outcome(checked=0, missing="the same items in another language")

    def look(_: int, row: Row) -> tuple[str, str] | None:
        counts = across.numbers.get(row.item_id)
        if counts is None or across.n_langs[row.item_id] < 2:
            return None
        alone = [number for number in numbers_of(row) if 2 * counts[number] <= across.n_langs[row.item_id]]
        return (row.question, f"{alone[0]} is not in the other languages' questions") if alone else None

    return view.each(look)


def other_language(view: View) -> Outcome:
    """Class 23."""
    language = get_language(view.lang)
    home = set(language.scripts)
    seen: dict[str, str] = {}

    def look(index: int, row: Row) -> tuple[str, str] | None:
        question, rest = view.questions[index], view.rests[index]
        english = view.across.english.get(row.item_id)
        if view.lang != "en" and english == question.folded and len(question.words) > len(view.subjects[index].words):
            return row.question, "equal to the English question"
        if rest not in seen:
            if "Latn" in home:
                seen[rest] = _other_words(rest, view.lang) or _foreign_letters(rest, home)
            else:
                seen[rest] = _foreign_letters(rest, home) or _neighbour(rest, view.lang)
        return (row.question, seen[rest]) if seen[rest] else None

    return view.each(look)


def _other_words(rest: str, lang: str) -> str:
    own = FUNCTION_WORDS.get(lang)
    if own is None:
        return ""
    words = form_of(rest).words
    if sum(word in own for word in words) > len(words) // 2:
        return ""
    for code, theirs in FUNCTION_WORDS.items():
        if code != lang and frozenset((code, lang)) not in ALIKE:
            others = sorted({word for word in words if word in theirs and word not in own and len(word) > 1})
            if len(others) >= 2 and len(others) > len({word for word in words if word in own and word not in theirs}):
                return f"words of {code}: {', '.join(others[:4])}"
    return ""


def _foreign_letters(rest: str, home: set[str]) -> str:
    scripts = [script for char in rest if (script := script_of(char)) is not None]
    foreign = sum(script not in home for script in scripts)
    few = len(scripts) - foreign < (_FEW_IDEOGRAPHS if "Hani" in home else _FEW_LETTERS)
    if foreign >= _FOREIGN_LETTERS and (foreign > 0.75 * len(scripts) or (few and 2 * foreign > len(scripts))):
        return f"{foreign} of {len(scripts)} letters are not {', '.join(sorted(home))}"
    return ""


def _neighbour(rest: str, lang: str) -> str:
    """Return why a text in the right script is another language's: kana, Ukrainian and Persian letters."""
    if lang == "zh" and sum("\u3041" <= char <= "\u30fa" for char in rest) >= 2:
        return "kana"
    if lang == "ja" and not any("\u3041" <= char <= "\u3096" for char in rest) and len(rest.strip()) >= 4:
        return "no kana"
    if lang == "ru" and set(rest) & set("іїєґ"):
        return "Ukrainian letters"
    if lang == "uk" and set(rest) & set("ыэъё"):
        return "Russian letters"
    if lang == "ar" and len(set(rest) & set("پچژگکیےٹڈڑں")) >= 1:
        return "letters of Persian or Urdu"
    return ""


def cut_off(view: View) -> Outcome:
    """Class 36."""
    ends = [row.question.rstrip()[-1:] in _CLOSING for row in view.rows if row.question.strip()]
    closed = bool(ends) and sum(ends) >= _MOST * len(ends)

    def look(_: int, row: Row) -> tuple[str, str] | None:
        text = row.question.rstrip()
        if not text:
            return None
        if closed and text[-1] not in _CLOSING:
            return row.question, "no closing mark"
        if _OPENING.search(text) is None:
            return None
        open_one = next(
            (left for left, right in _BRACKETS.items() if text.count(left) > sum(map(text.count, right))), None
        )
        return (row.question, f"{open_one} is not closed") if open_one else None

    return view.each(look)
