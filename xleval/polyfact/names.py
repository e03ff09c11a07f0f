"""What two names share: guards against an answer that can be read off the question (classes 1, 2, 3, 20, 22, 24).

A set needs tens of millions of comparisons. `NameKeys` holds what they need of a name, made once; the functions on texts
and those on keys give the same verdicts.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache

from xleval.data.languages import get_language

#: Two words share a stem when their first STEM letters agree (Algeria, Algiers: `algie`; D3 measured with 5).
STEM = 5
#: A whole word of so many letters at the start of another one is a leak too (Peru, Peruvian).
WHOLE_WORD = 4
#: In unsegmented scripts a run of so many shared characters is a leak (polyfact.md: a floor of 3 missed 61 facts).
SHARED_RUN = 2
#: So many kana or Thai letters are a stem; a name of one letter less is one at the edge of another (ペルー, ไทย).
LETTER_RUN = 4

_PARENTHESES = re.compile(r"\s*[（(\[][^)）\]]*[)）\]]")
_WORD = re.compile(r"[^\W\d_]+(?:[\u0300-\u036f\u0980-\u0dff\u0e00-\u0eff]+[^\W\d_]*)*", re.UNICODE)
_ARTICLE = re.compile(r"(?<![\u0600-\u06ff])ال(?=[\u0600-\u06ff]{2})")
_ELISION = re.compile(r"\b(?:[cdjlmnst]|qu)['’](?=\w{2})")
_APOSTROPHES = ("'", "’")
_CLITICS = "وبلكف"
_IDEOGRAPHS = re.compile(r"[\u3400-\u9fff]+")


def strip_parentheses(name: str) -> str:
    """Return a name without what stands in brackets: `Myanmar (Burma)` is `Myanmar` (D19)."""
    return _PARENTHESES.sub("", name).strip() or name


class _Folded(dict[int, str]):
    """What each character becomes in `fold`; filled with the characters that are met."""

    def __missing__(self, code_point: int) -> str:
        letter = chr(code_point)
        if letter in "'’‘ʼʻ`´\u00ad\u0640\u200c\u200d\u0670" or "\u064b" <= letter <= "\u0652":
            folded = ""
        elif "\u00c0" <= letter < "\u0530" or "\u0620" <= letter <= "\u064a":
            folded = unicodedata.normalize("NFD", letter)[0]
        else:
            folded = letter
        self[code_point] = folded
        return folded


class _Letters(dict[int, str]):
    """Each letter or mark itself, everything else a space."""

    def __missing__(self, code_point: int) -> str:
        letter = chr(code_point)
        self[code_point] = found = letter if unicodedata.category(letter)[0] in "LM" else " "
        return found


_FOLDED, _LETTERS = _Folded(), _Letters()


@cache
def _in_word(letter: str) -> bool:
    """Whether a character is part of a word: letters, digits and the marks on them (Bengali vowels are marks)."""
    return unicodedata.category(letter)[0] in "LMN" or letter == "_"


@lru_cache(maxsize=200_000)
def fold(name: str) -> str:
    """Return a name for comparison: NFKC, case folded; accents, apostrophes and the article ال are taken off.

    Arabic vowel signs count as accents, and so does the hamza on a letter. What is elided before a vowel is no part of a
    name: `d'Espagne` is `espagne`.
    """
    if any(mark in name for mark in _APOSTROPHES):
        name = _ELISION.sub("", name.casefold())
    if name.isascii():
        return name.lower().replace("'", "").replace("`", "")
    text = unicodedata.normalize("NFKC", name).casefold().translate(_FOLDED)
    return _ARTICLE.sub("", text) if "ال" in text else text


@lru_cache(maxsize=200_000)
def _words(folded: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(folded))


@cache
def _spaced(lang: str) -> bool:
    return get_language(lang).spaced


def contains_name(text: str, name: str, lang: str) -> bool:
    """Whether a text contains a whole name: by words where the language separates them, else by characters.

    Names of one character (two outside unsegmented scripts) are not looked for.
    """
    return _contains(fold(text), fold(name), _spaced(lang))


def _contains(text: str, name: str, spaced: bool) -> bool:
    if name not in text or len(name) < (3 if spaced else SHARED_RUN):
        return False
    if not spaced:
        return True
    start = text.find(name)
    while start >= 0:
        before = start
        if before and text[before - 1] in _CLITICS:  # one-letter words that Arabic writes together with the next one
            before -= 1
        after = start + len(name)
        ends = after == len(text) or not _in_word(text[after])
        if ends and any(at == 0 or not _in_word(text[at - 1]) for at in (start, before)):
            return True
        start = text.find(name, start + 1)
    return False


def share_stem(one: str, other: str, lang: str) -> bool:
    """Whether a word of one name gives a word of the other away.

    True when two words agree in their first `STEM` letters, or one of `WHOLE_WORD` letters or more begins the other. In
    unsegmented scripts: when the names share a run of `SHARED_RUN` ideographs or of `LETTER_RUN` letters of any kind, or
    a word of three letters that are no ideographs begins or ends a word of the other (ペルー, ペルー人).
    """
    spaced = _spaced(lang)
    return not _given_away(fold(one), spaced).isdisjoint(_revealing(fold(other), spaced))


def _given_away(folded: str, spaced: bool) -> set[str]:
    """Return the keys of a subject's name; a key in common with `_revealing` of an option is a shared stem.

    A whole short word must meet the edge of a word and not another short part: the star keeps the two kinds apart.
    """
    alike, whole, edges = _stem_keys(folded, spaced)
    return {*alike, *whole, *(edge + "*" for edge in edges)}


def _revealing(folded: str, spaced: bool) -> set[str]:
    """Return the keys of an option's name, the counterpart of `_given_away`."""
    alike, whole, edges = _stem_keys(folded, spaced)
    return {*alike, *edges, *(word + "*" for word in whole)}


def _stem_keys(folded: str, spaced: bool) -> tuple[list[str], list[str], list[str]]:
    """Return stems that must be equal, whole short words, and the edges of words that a short word can be."""
    if spaced:
        words = [word for word in _words(folded) if len(word) >= WHOLE_WORD]
        stems = [word[:STEM] for word in words if len(word) >= STEM]
        return stems, [word for word in words if len(word) == WHOLE_WORD], [word[:WHOLE_WORD] for word in words]
    letters = folded.translate(_LETTERS)
    runs = [part[at : at + LETTER_RUN] for part in letters.split() for at in range(len(part) - LETTER_RUN + 1)]
    for part in _IDEOGRAPHS.findall(letters):
        runs += [part[at : at + SHARED_RUN] for at in range(len(part) - SHARED_RUN + 1)]
    short = LETTER_RUN - 1
    parts = [part for part in _IDEOGRAPHS.sub(" ", letters).split() if len(part) >= short]
    edges = [edge for part in parts for edge in (part[:short], part[-short:])]
    return runs, [part for part in parts if len(part) == short], edges


def differ_by_head_word(one: str, other: str, lang: str) -> bool:
    """Whether one name is the other with a word more (Guinea, Equatorial Guinea): defect class 30."""
    return _same_head(fold(one), fold(other), _spaced(lang))


def _same_head(first: str, second: str, spaced: bool) -> bool:
    if not spaced:
        return min(len(first), len(second)) >= SHARED_RUN and (first in second or second in first)
    left, right = set(_words(first)), set(_words(second))
    return bool(left and right) and (left <= right or right <= left)


class NameKeys:
    """The names of one item in one language, prepared for comparison.

    Attributes:
        folded: the label, folded.
        names: label and aliases, folded, each once; the label first.
        spaced: whether the language separates words.
    """

    __slots__ = ("_given_away", "_revealing", "_words", "folded", "names", "spaced")

    def __init__(self, folded: str, names: tuple[str, ...], spaced: bool) -> None:
        self.folded, self.names, self.spaced = folded, names, spaced
        # An item is mostly either subject or option: what only one of them needs is made when it is asked for.
        self._revealing: frozenset[str] | None = None
        self._given_away: frozenset[str] | None = None
        self._words: frozenset[str] | None = None

    @property
    def revealing(self) -> frozenset[str]:
        """Keys of the label as an option, see `_revealing`."""
        if self._revealing is None:
            self._revealing = frozenset(_revealing(self.folded, self.spaced))
        return self._revealing

    @property
    def given_away(self) -> frozenset[str]:
        """Keys of all names as a subject, see `_given_away`."""
        if self._given_away is None:
            self._given_away = frozenset(key for name in self.names for key in _given_away(name, self.spaced))
        return self._given_away

    @property
    def words(self) -> frozenset[str]:
        """Words of the label."""
        if self._words is None:
            self._words = frozenset(_words(self.folded))
        return self._words


def name_keys(label: str, aliases: Iterable[str], lang: str) -> NameKeys:
    """Return a label and its aliases prepared for comparison."""
    folded = fold(label)
    return NameKeys(folded, tuple(dict.fromkeys((folded, *map(fold, aliases)))), _spaced(lang))


def keys_share_stem(subject: NameKeys, option: NameKeys) -> bool:
    """Whether a name of the subject, or an alias, gives the option's label away: `share_stem`."""
    return not subject.given_away.isdisjoint(option.revealing)


def question_contains(folded_question: str, option: NameKeys) -> bool:
    """Whether a folded question contains the option's label or an alias of it: `contains_name`."""
    spaced = option.spaced
    return any(name in folded_question and _contains(folded_question, name, spaced) for name in option.names)


def keys_alike(one: NameKeys, other: NameKeys) -> bool:
    """Whether two options have one label, or labels of which one is the other with a word more."""
    if one.folded == other.folded:
        return True
    if one.spaced:
        left, right = one.words, other.words
        return bool(left and right) and (left <= right or right <= left)
    return _same_head(one.folded, other.folded, False)


#: Unicode blocks of the ISO 15924 codes in the language table; Latin letters with marks included.
_SCRIPT_BLOCKS = {
    "Latn": "A-Za-z\u00aa\u00ba\u00c0-\u024f\u0250-\u02bf\u1e00-\u1eff",
    "Cyrl": "\u0400-\u052f",
    "Arab": "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff",
    "Beng": "\u0980-\u09ff",
    "Telu": "\u0c00-\u0c7f",
    "Thai": "\u0e00-\u0e7f",
    "Hang": "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af",
    "Hira": "\u3040-\u309f",
    "Kana": "\u30a0-\u30ff\u31f0-\u31ff",
    "Hani": "\u3005\u3007\u3400-\u9fff\uf900-\ufaff",
}


@cache
def _foreign(lang: str) -> re.Pattern[str]:
    """Return what finds a character that is of no script of a language, letters and common marks alike."""
    blocks = "".join(_SCRIPT_BLOCKS[script] for script in get_language(lang).scripts if script in _SCRIPT_BLOCKS)
    return re.compile(f"[^{blocks} \u0021-\u0040\u005b-\u0060\u007b-\u00a9·–—’]")


def foreign_letters(name: str, lang: str) -> str:
    """Return the letters of a name that its language's scripts do not have, in order; empty when it is clean."""
    foreign = _foreign(lang)
    if foreign.search(name) is None:
        return ""
    return "".join(character for character in foreign.findall(name) if character.isalpha())


# Year, half-month (A-Y without I), order in it (A-Z without I, then cycles); survey planets; comets; small moons.
_DESIGNATION = re.compile(
    r"(?:\(?\d+\)? )?(?:[A-Z]/)?(?:1[89]|20)\d\d [A-HJ-Y](?:[A-HJ-Z] ?\d{0,3}|\d{1,3})"
    r"|(?:\(?\d+\)? )?\d{4} (?:P-L|T-[123])|S/(?:19|20)\d\d (?:\([^)]*\) |[JSUNP] ?)\d+"
)


def is_designation(name: str) -> bool:
    """Whether a name is the provisional designation of a minor planet, comet or moon (`2008 TC3`): defect class 24."""
    return name[-2:] != "AD" and _DESIGNATION.fullmatch(name) is not None  # 2000 AD is a magazine
