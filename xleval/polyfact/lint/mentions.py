"""Whether a text names something, whatever ending, clitic or word order the language gives it there."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from xleval.data.languages import get_language
from xleval.polyfact.names import fold, strip_parentheses

#: Marks of Indic and Thai writing are part of words, though Python's `\w` leaves them out.
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u064b-\u065f\u0900-\u0dff\u0e31-\u0e4e\u200c\u200d])*")
_APOSTROPHE = re.compile(r"(?<=\w)['’](?=\w)")
_KATAKANA = re.compile(r"[\u30a0-\u30ff]+")
#: Arabic words that are written on to the next one: and, so, by, to, like, and these before the article.
CLITICS = ("و", "ف", "ب", "ل", "ك", "وب", "ول", "بال", "وال", "كال", "فال", "لل", "ال", "وبال", "ولل")
#: Longest ending, in characters, that a name takes in a language (bn: এর, গুলোর; te: longer); 2 where not listed.
_ENDINGS = {"ru": 3, "uk": 3, "bn": 4, "te": 5, "id": 3, "ko": 3, "sw": 1, "zh": 0, "ja": 0, "th": 0}
#: Endings, folded, of which a name has one in each case: Russian Москва, Москвы; German Vereinigtes, Vereinigten.
_CASES: Mapping[str, frozenset[str]] = {
    "ru": frozenset(
        " а е и о у ы ь ю я ам ах ая ев ее еи ем ею ии ие им их ию ия ов ое ои ом ою ую ые ым ых ью юю ям ях яя ами ями "
        "ого его ому ему ими ыми ием иеи иею иям иях".split(" ")
    ),
    "uk": frozenset(
        " а е и о у ь ю я і ам ах ая ев ее ем ею еи ии им их ию ія іи ів іх ію ов ое ои ом ою оі ям ях ами ями ого ому "
        "еві ові ими іми ією іею".split(" ")
    ),
    "de": frozenset(("", "e", "en", "em", "er", "es", "s", "n")),
    "te": frozenset(("", "ం", "మ", "ల", "లు", "ు", "ి", "ా")),
}
_SHORTEST = 3
"""Names of fewer characters are not looked for in texts with spaces (two in ideographs): they are syllables."""


@dataclass(frozen=True, slots=True)
class Form:
    """A question for comparison: folded, and its words."""

    folded: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """A name for comparison: folded, its words in order and as a set, and the beginnings a question must have."""

    folded: str
    words: tuple[str, ...]
    word_set: frozenset[str]
    starts: tuple[str, ...]


def form_of(text: str) -> Form:
    """Return a question's form; not cached, since hardly a question comes twice.

    Folding takes apostrophes off; what they part stands beside it as well, so that d'Osaka has Osaka.
    """
    folded = " ".join(fold(text).split())
    if _APOSTROPHE.search(text) is not None:
        folded += "\n" + " ".join(fold(_APOSTROPHE.sub(" ", text)).split())
    return Form(folded, tuple(_WORD.findall(folded)))


def make_name(text: str) -> Name:
    """Return a name's form."""
    folded = " ".join(fold(text).split())
    words = tuple(_WORD.findall(folded))
    return Name(folded, words, frozenset(words), tuple(word[:_SHORTEST] for word in words))


#: The same for names that come up again and again: options.
name_of = lru_cache(maxsize=100_000)(make_name)


@lru_cache(maxsize=100_000)
def bare_name_of(text: str) -> Name:
    """Return a name's form without what is in brackets."""
    return name_of(strip_parentheses(text))


def mentions(question: Form, name: Name, lang: str) -> bool:
    """Whether a question has a whole name: as it is, with an ending or clitic, or all its words inflected."""
    if not get_language(lang).spaced:
        return _stands_in(question.folded, name.folded, lang)
    if len(name.folded) < _SHORTEST:
        return False
    folded = question.folded
    longest = _ENDINGS.get(lang, 2) if len(name.folded) > _SHORTEST else 0
    if name.folded in folded and _with_ending(folded, name.folded, lang, longest):
        return True
    for start in name.starts:  # nearly every name ends here
        if start not in folded:
            return False
    if not any(len(word) > _SHORTEST for word in name.words):
        return False
    return all(any(inflected(word, other, lang) for other in question.words) for word in name.words)


def quotes(question: Form, name: Name, lang: str) -> bool:
    """Whether a question has a name in one piece and, but in languages that inflect names, as it is.

    For other names of a thing, which may be descriptions (capital of Malta) or another language's (Roma, Romano Prodi).
    """
    if not get_language(lang).spaced or (lang in _ENDINGS and len(name.words) < 2):
        return mentions(question, name, lang)
    if len(name.folded) < _SHORTEST or name.folded not in question.folded:
        return False
    return _with_ending(question.folded, name.folded, lang, longest=_ENDINGS.get(lang, 0))


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


def _with_ending(question: str, name: str, lang: str, longest: int) -> bool:
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
    """Whether a word is another with an ending: written on (`_ENDINGS` letters), or put in place of its own (`_CASES`).

    Arabic clitics are left out, and its ة is a ت before an ending. Words must agree in four letters; Russian
    and Ukrainian ones in three.
    """
    if word == other:
        return True
    if lang == "ar":
        other = _without_clitic(other, word)
        if word.endswith("ة") and len(other) > len(word):
            word = word[:-1] + "ت"
    same = 0
    for one, two in zip(word, other, strict=False):  # words differ in length
        if one != two:
            break
        same += 1
    if same == len(word):
        return same >= 4 and len(other) - same <= _ENDINGS.get(lang, 2)
    cases = _CASES.get(lang)
    shortest = 3 if lang in ("ru", "uk") else 4  # Рига, Риге; but Wien is no case of wie
    return cases is not None and any(
        word[cut:] in cases and other[cut:] in cases for cut in range(max(shortest, len(word) - 2), same + 1)
    )


def _without_clitic(other: str, word: str) -> str:
    if other[:1] == word[:1]:
        return other
    return next((other[len(clitic) :] for clitic in CLITICS if other == clitic + word), other)


def names_it(question: Form, name: Name, telling: Sequence[str], lang: str) -> bool:
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
