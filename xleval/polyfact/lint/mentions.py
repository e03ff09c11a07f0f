"""Whether a text names something, whatever ending, clitic or word order the language gives it there."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from xleval.data.languages import get_language
from xleval.polyfact.names import fold

#: Marks of Indic and Thai writing are part of words, though Python's `\w` leaves them out.
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u064b-\u065f\u0900-\u0dff\u0e31-\u0e4e\u200c\u200d])*")
_KATAKANA = re.compile(r"[\u30a0-\u30ff]+")
#: Arabic words that are written on to the next one: and, so, by, to, like, and these before the article.
CLITICS = ("و", "ف", "ب", "ل", "ك", "وب", "ول", "بال", "وال", "كال", "فال", "لل", "ال", "وبال", "ولل")
#: Longest ending, in characters, that a name takes in a language (bn: এর, গুলোর; te: longer); 2 where not listed.
_ENDINGS = {"ru": 3, "uk": 3, "bn": 4, "te": 5, "id": 3, "ko": 3, "sw": 1, "zh": 0, "ja": 0, "th": 0}
_SHORTEST = 3
"""Names of fewer characters are not looked for in texts with spaces (two in ideographs): they are syllables."""


@dataclass(frozen=True, slots=True)
class Form:
    """A text for comparison: folded, and its words."""

    folded: str
    words: tuple[str, ...]
    word_set: frozenset[str]


@lru_cache(maxsize=300_000)
def form_of(text: str) -> Form:
    """Return a name's or question's form."""
    folded = " ".join(fold(text).split())
    words = tuple(_WORD.findall(folded))
    return Form(folded, words, frozenset(words))


def mentions(question: Form, name: Form, lang: str) -> bool:
    """Whether a question has a whole name: as it is, with an ending or clitic, or all its words inflected."""
    if not get_language(lang).spaced:
        return _stands_in(question.folded, name.folded, lang)
    if len(name.folded) < _SHORTEST:
        return False
    if name.folded in question.folded and _with_ending(question.folded, name.folded, lang):
        return True
    if not name.words or not any(word[:3] in question.folded for word in name.words):
        return False
    return all(any(inflected(word, other, lang) for other in question.words) for word in name.words) and any(
        len(word) > _SHORTEST for word in name.words
    )


def _stands_in(question: str, name: str, lang: str) -> bool:
    if len(name) < (_SHORTEST if lang == "th" else 2):
        return False
    start = question.find(name)
    while start >= 0:
        # A katakana name inside a longer katakana word is another name (インド in インドネシア).
        around = question[max(start - 1, 0) : start] + question[start + len(name) : start + len(name) + 1]
        if not (_KATAKANA.fullmatch(name) and _KATAKANA.search(around.replace("・", ""))):
            return True
        start = question.find(name, start + 1)
    return False


def _with_ending(question: str, name: str, lang: str) -> bool:
    longest = _ENDINGS.get(lang, 2) if len(name) > _SHORTEST else 0
    start = question.find(name)
    while start >= 0:
        left, right = start, start + len(name)
        while left and _in_word(question[left - 1]):
            left -= 1
        while right < len(question) and _in_word(question[right]):
            right += 1
        before, after = question[left:start], question[start + len(name) : right]
        if (not before or (lang == "ar" and before in CLITICS)) and len(after) <= longest:
            return True
        start = question.find(name, start + 1)
    return False


def _in_word(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character)[0] == "M"


def inflected(word: str, other: str, lang: str) -> bool:
    """Whether a word is another with its ending changed: at most two letters off, `_ENDINGS` on; clitics left out."""
    if word == other:
        return True
    if lang == "ar":
        other = _without_clitic(other, word)
    same = 0
    for one, two in zip(word, other, strict=False):  # words differ in length
        if one != two:
            break
        same += 1
    longest = _ENDINGS.get(lang, 2)
    return same >= 4 and same >= len(word) - 2 and len(other) - same <= longest


def _without_clitic(other: str, word: str) -> str:
    if other[:1] == word[:1]:
        return other
    return next((other[len(clitic) :] for clitic in CLITICS if other == clitic + word), other)


def names_it(question: Form, name: Form, telling: Sequence[str], lang: str) -> bool:
    """Whether a question says of what it is about: one telling word of the name, or half of an unspaced name.

    Args:
        question: the question.
        name: the subject's name.
        telling: its words without those that many subjects share; all of them where none is left.
        lang: code.
    """
    if name.folded in question.folded:
        return True
    if not get_language(lang).spaced:
        half = max(2, (len(name.folded) + 1) // 2)
        runs = (name.folded[start : start + half] for start in range(len(name.folded) - half + 1))
        return any(run in question.folded for run in runs)
    for word in telling:
        needed = min(len(word), max(3, -(-len(word) * 3 // 5)))
        if word[:needed] in question.folded and any(_begins(other, word[:needed], lang) for other in question.words):
            return True
    return not telling


def _begins(word: str, start: str, lang: str) -> bool:
    if word.startswith(start):
        return True
    return lang == "ar" and any(word.startswith(clitic + start) for clitic in CLITICS)
