"""What two names share: guards against an answer that can be read off the question (classes 1, 2, 3, 20, 22)."""

import re
import unicodedata
from functools import lru_cache

from xleval.data.languages import get_language

#: Two words share a stem when their first STEM letters agree (Algeria, Algiers: `algie`; D3 measured with 5).
STEM = 5
#: A whole word of so many letters at the start of another one is a leak too (Peru, Peruvian).
WHOLE_WORD = 4
#: In unsegmented scripts a run of so many shared characters is a leak (polyfact.md: a floor of 3 missed 61 facts).
SHARED_RUN = 2

_PARENTHESES = re.compile(r"\s*[（(\[][^)）\]]*[)）\]]")
_WORD = re.compile(r"[^\W\d_]+(?:[\u0300-\u036f\u0980-\u0dff\u0e00-\u0eff]+[^\W\d_]*)*", re.UNICODE)


def strip_parentheses(name: str) -> str:
    """Return a name without what stands in brackets: `Myanmar (Burma)` is `Myanmar` (D19)."""
    return _PARENTHESES.sub("", name).strip() or name


@lru_cache(maxsize=200_000)
def fold(name: str) -> str:
    """Return a name for comparison: NFKC, case folded; accents, apostrophes and the article ال are taken off."""
    text = unicodedata.normalize("NFKC", name).casefold()
    letters = [
        unicodedata.normalize("NFD", letter)[0] if "\u00c0" <= letter < "\u0530" else letter
        for letter in text
        if letter not in "'’ʼʻ`´\u0640\u200c\u200d"
    ]
    return re.sub(r"(?<![\u0600-\u06ff])ال(?=[\u0600-\u06ff]{2})", "", "".join(letters))


@lru_cache(maxsize=200_000)
def _words(folded: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(folded))


def contains_name(text: str, name: str, lang: str) -> bool:
    """Whether a text contains a whole name: by words where the language separates them, else by characters.

    Names of one character (two outside unsegmented scripts) are not looked for.
    """
    folded_text, folded_name = fold(text), fold(name)
    if not get_language(lang).spaced:
        return len(folded_name) >= SHARED_RUN and folded_name in folded_text
    if len(folded_name) < 3:
        return False
    return re.search(rf"(?<!\w){re.escape(folded_name)}(?!\w)", folded_text) is not None


def share_stem(one: str, other: str, lang: str) -> bool:
    """Whether a word of one name gives a word of the other away.

    True when two words agree in their first `STEM` letters, or one of `WHOLE_WORD` letters or more begins the other. In
    unsegmented scripts: when the names share a run of `SHARED_RUN` ideographs, or of four letters of another script.
    """
    first, second = fold(one), fold(other)
    if not get_language(lang).spaced:
        return any(_is_telling(run) and run in second for run in _runs(first))
    for left in _words(first):
        for right in _words(second):
            shorter = min(len(left), len(right))
            same = _common_prefix(left, right)
            if same >= STEM or (same == shorter and shorter >= WHOLE_WORD):
                return True
    return False


def _runs(text: str) -> set[str]:
    return {text[start : start + length] for length in (SHARED_RUN, 4) for start in range(len(text) - length + 1)}


def _is_telling(run: str) -> bool:
    """Two ideographs name something; two kana or Thai letters are a syllable, four are a stem."""
    ideographs = all("\u3400" <= character <= "\u9fff" for character in run)
    letters = all(unicodedata.category(character)[0] in "LM" or character == "ー" for character in run)
    return ideographs if len(run) == SHARED_RUN else letters


def _common_prefix(left: str, right: str) -> int:
    for index, (one, other) in enumerate(zip(left, right, strict=False)):  # strict=False: words differ in length
        if one != other:
            return index
    return min(len(left), len(right))


def differ_by_head_word(one: str, other: str, lang: str) -> bool:
    """Whether one name is the other with a word more (Guinea, Equatorial Guinea): defect class 30."""
    first, second = fold(one), fold(other)
    if not get_language(lang).spaced:
        return min(len(first), len(second)) >= SHARED_RUN and (first in second or second in first)
    left, right = set(_words(first)), set(_words(second))
    return bool(left and right) and (left <= right or right <= left)


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


def foreign_letters(name: str, lang: str) -> str:
    """Return the letters of a name that its language's scripts do not have, in order; empty when it is clean."""
    blocks = "".join(_SCRIPT_BLOCKS[script] for script in get_language(lang).scripts if script in _SCRIPT_BLOCKS)
    allowed = re.compile(f"[{blocks}]")
    return "".join(character for character in name if character.isalpha() and not allowed.match(character))
