"""Undoes what makes letters look like others or come apart: styled, look-alike, invisible and spaced-out letters.

A policy that is rewarded for a language can hide another one behind them, and broken or decorated output has them, too.
"""

import re
import unicodedata

# Full-width, mathematical, circled, squared and superscript letters; the letter-like symbols are the holes in the
# mathematical alphabets (Planck's h is the italic one) and are left alone elsewhere.
_STYLE = (
    "\uff01-\uff5e\U0001d400-\U0001d7ff\u24b6-\u24e9\u02b0-\u02b8\u02e0-\u02e4\u1d2c-\u1d6a\u2071\u207f\u2090-\u209c"
    "\U0001f130-\U0001f149\U0001f150-\U0001f169\U0001f170-\U0001f189"
)
_STYLED = re.compile(
    f"[{_STYLE}](?:[{_STYLE}\u2100-\u214f]*[{_STYLE}\u2100-\u214f])?|(?<![\u2100-\u214f])[\u2100-\u214f]+(?=[{_STYLE}])"
)
# Alphabets that compatibility normalisation does not know: negative circled and squared letters.
_ALPHABETS = {first + index: chr(ord("a") + index) for first in (0x1F150, 0x1F170) for index in range(26)}

# Zero-width space, word joiner, soft hyphen, byte-order mark, marks of direction, private-use characters (which
# `non_language` uses as marks), strokes through letters.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u0332-\u0338\u20d0-\u20f0\ue000\ue001]"
)
# In both patterns a run is looked at from its first character alone: from each of them it would take quadratic time.
# The joiners belong to the spelling of Persian and Bengali, never of Latin.
_JOINERS = re.compile("(?<=[A-Za-z])[\u200c\u200d]+|(?<![\u200c\u200d])[\u200c\u200d]+(?=[A-Za-z])")

_CYRILLIC = "авеёкмнорстухіѕјԁһԛԝүАВЕЅІЈКМНОРСТУХҮԌԚԜ"
_GREEK = "αεικνορτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"
_TO_LATIN = dict(
    zip(
        map(ord, _CYRILLIC + _GREEK),
        "abeekmhopctyxisjdhqwyABESIJKMHOPCTYXYGQW" + "aeiknoptuxABEZHIKMNOPTYX",
        strict=True,
    )
)
_TO_CYRILLIC = str.maketrans("aeopcyxikABEKMHOPCTYX", "аеорсухікАВЕКМНОРСТУХ")
_MIXED = re.compile("[A-Za-z][\u0370-\u04ff]|[\u0370-\u04ff][A-Za-z]")
_LETTERS = re.compile("[A-Za-z\u0370-\u052f]+")

# Eight lower-case letters apart are not variables: "s h e   s o l d". Three with a mark between are a word: "s-h-e".
_MIN_APART = 8
_SPACED = re.compile(r"(?<![^\W_])[a-z](?:\s{1,4}[a-z]){7,}(?![^\W_])")
_GAP = re.compile(r"\s{2,}")
_DOTTED = re.compile(r"(?<![A-Za-z])[a-z](?:[-.*_\u00b7|/][a-z]){2,}(?![A-Za-z])")
_LETTERS_A_WORD = 5


_HAS_DOTTED = re.compile(r"[-.*_\u00b7|/][a-z][-.*_\u00b7|/]")


_LATIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_LOOK_ALIKES = frozenset(map(chr, _TO_LATIN))
# Characters seen so far that are neither styled nor invisible: a text has a few dozen different ones.
_plain_characters: set[str] = set()


def _has_odd(characters: set[str]) -> bool:
    new = characters - _plain_characters
    odd = {char for char in new if _STYLED.match(char) or _INVISIBLE.match(char) or char in "\u200c\u200d"}
    _plain_characters.update(new - odd)
    return bool(odd)


def plain_letters(text: str) -> str:
    """Return the text in composed letters (NFC) with disguised ones made plain.

    Styled letters (full-width, circled, mathematical) become the letters they show, invisible characters go, a word of
    Latin letters with Cyrillic or Greek look-alikes becomes the one or the other, and letters that stand apart become
    words again (of five letters where no wider gap tells the words).
    """
    if not text.isascii():
        if not unicodedata.is_normalized("NFC", text):
            text = unicodedata.normalize("NFC", text)
        characters = set(text)
        if _has_odd(characters):
            text = _JOINERS.sub("", _INVISIBLE.sub("", _STYLED.sub(_plain, text)))
        if not (characters.isdisjoint(_LOOK_ALIKES) or characters.isdisjoint(_LATIN)) and _MIXED.search(text):
            text = _LETTERS.sub(_one_script, text)
    # Splitting takes a tenth of the time of searching.
    if sum([len(word) == 1 for word in text.split()]) >= _MIN_APART:
        text = _SPACED.sub(_respaced, text)
    return _DOTTED.sub(_joined, text) if _HAS_DOTTED.search(text) else text


def _plain(styled: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", styled.group().translate(_ALPHABETS))


def _one_script(word: re.Match[str]) -> str:
    """Return a word in Latin letters, or else in Cyrillic ones, if look-alikes are all that is in the way."""
    if not _MIXED.search(word.group()):
        return word.group()
    latin = word.group().translate(_TO_LATIN)
    if latin.isascii():
        return latin
    cyrillic = word.group().translate(_TO_CYRILLIC)
    return word.group() if any(map(str.isascii, cyrillic)) else cyrillic


def _respaced(letters: re.Match[str]) -> str:
    words = ["".join(part.split()) for part in _GAP.split(letters.group())]
    if len(words) == 1:
        n = _LETTERS_A_WORD
        words = [words[0][first : first + n] for first in range(0, len(words[0]), n)]
    return " ".join(words)


def _joined(word: re.Match[str]) -> str:
    return "".join(filter(str.isalpha, word.group()))
