"""The numbers in digits of a text: `find_numbers` with two short ways for plain numbers, which most are.

`find_numbers` costs 30 to 600 microseconds a question, because it folds the whole text; where every digit of a text stands
in a context that no rule of it looks at, the numbers are read directly, in about 15. Where all of them are integers, one
regular expression reads them in 5. The result is the same (tests compare them).
"""

import functools
import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

from xleval.data.languages import get_language
from xleval.data.number_words import MINUS_WORDS, magnitude_before, magnitudes
from xleval.data.numbers import decimal_mark, find_numbers, scan_folded

# A backslash may begin LaTeX that is undone before reading.
_DIGIT = r"[\d\u00bc-\u00be\u2150-\u2189\\]"
_DIGITS = re.compile(
    rf"{_DIGIT}[0-9]*(?:[.,/][0-9]+|[ \u00a0\u202f][0-9]{{3}}(?![0-9]))*"
    r"(?:\s?(?:分之|分の|분의)\s?[0-9]+)?"
)
# One digit or two after a mark: decimals, whatever the decimal mark of the text is.
_DECIMALS = r"(?:[.,][0-9]{1,2}+(?![0-9]))?+"
_MINUS = "-\u2010-\u2013\u2212\ufe63\uff0d"
# Compatibility characters, which folding turns into others.
_COMPATIBLE = (
    "\u00a8-\u00af\u00b2-\u00ba\u02b0-\u036f\u1d2c-\u1dff\u2070-\u209f\u2100-\u218f\u2460-\u24ff\u3200-\u33ff"
    "\uf900-\ufdff\ufe70-\uffef"
)
_LETTER = rf"[^\W\d_{_COMPATIBLE}]"
# Letters of scripts in which a letter may touch a number without making it part of a word.
_BEFORE = (
    "\\s(\\[\"'\u201c\u201e\u00ab\u300c\u300e\u3010\uff08$\u20ac\u00a3\u20b9,\uff0c\u3001\u3002\uff1a:;\uff01\uff1f"
)
_BEFORE_LETTERS = "\u0904-\u0939\u0985-\u09b9\u0a05-\u0d39\u0e01-\u0e4e\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3\u0621-\u064a\u0c3e-\u0c56"
_AFTER = ".,;:!?)\\]\"'%$\u201d\u00bb\u300d\u3001\u3002\uff0c\uff01\uff1f\uff09\u2026\u00b0\u20ac\u060c\u061f\u0964"
# What may stand between a number and the word that multiplies it.
_UNSPACED = re.compile(r"[^A-Za-z\u00c0-\u024f\u0400-\u052f\u0600-\u06ff\u1e00-\u1eff]")
_JOINTS = " \u00a0\u202f-"
_CURRENCY = "$\u20ac\u00a3\u20b9"
# What may be before a number; `{at}` is what is matched before looking behind.
_BEHIND = (
    rf"(?<![^{_BEFORE}{_BEFORE_LETTERS}]{{at}})(?<![0-9{_MINUS}]\s{{at}})"
    rf"(?<![0-9A-Za-z_.{_MINUS}][{_CURRENCY}]{{at}})(?<![{_MINUS}]\s[{_CURRENCY}]{{at}})"
)
_AHEAD = (
    # What follows: the end, or one harmless character and no digit after it, or a ratio or a unit after a stroke; ...
    rf"(?=\Z|(?:[{_AFTER}]|{_LETTER}|\s(?![×x*]\s?1|[\\{_COMPATIBLE}]))(?!\d)|[{_MINUS}/](?=[^\W\d_])|:(?=\d))"
    # ... but no power of ten.
    r"(?![eEx×*][0-9+-])"
)
_PLAIN = re.compile(_BEHIND.format(at="") + _DIGITS.pattern + _AHEAD)
_NORMAL_FORMS: tuple[Literal["NFC", "NFKC", "NFD", "NFKD"], ...] = ("NFC", "NFKC", "NFD", "NFKD")
# Magnitude words after a number and their first letters; words before a number that change it and their last two letters;
# native digits.
_Context = tuple[
    re.Pattern[str],
    frozenset[str],
    re.Pattern[str],
    frozenset[str],
    tuple[re.Pattern[str], dict[int, int]] | None,
]
_FRACTION = re.compile(r"[0-9]+/[0-9]+")
_MIXED = re.compile(r"[0-9](?:\s(?:and|und|et|y|e|и|і)\s|\s?又\s?|\s)$")
# All that the choice of the decimal mark looks at: digits and separators, with a currency sign before them.
_EVIDENCE = re.compile(r"(?:[A-Za-z]?[$£₹] ?)?[0-9][0-9.,]*")


def digit_values(text: str, lang: str) -> list[Decimal]:
    """Return the values of the numbers in digits of a text, in reading order, as `find_numbers` reads them.

    Args:
        text: source or translation.
        lang: code of the language table.

    Raises:
        ConfigError: unknown language.
    """
    simple = _simple_pattern(lang).findall(text + " ")
    if not simple:
        return []
    if simple[-1][-1] != " ":
        return [Decimal(number.replace(",", ".")) for number in simple]
    return [value for _, _, value in digit_spans(text, lang)]


def digit_spans(text: str, lang: str) -> list[tuple[int, int, Decimal]]:
    """Return start, end and value of the numbers in digits of a text, in reading order, as `find_numbers` reads them.

    Where `88, 71` is written `88,71`, both numbers have the place of the whole.

    Raises:
        ConfigError: unknown language.
    """
    spans = _plain_spans(text, lang)
    return [(one.start, one.end, one.value) for one in find_numbers(text, lang)] if spans is None else spans


def _plain_spans(text: str, lang: str) -> list[tuple[int, int, Decimal]] | None:
    """Return the numbers of a text, or None where the surroundings of a digit may matter."""
    native = _context(lang)[-1]
    if native is not None and native[0].search(text):
        text = text.translate(native[1])
    spans: list[tuple[int, int, Decimal]] = []
    padded, mark, at = f"{text} ", "", 0
    while True:
        for found in _simple_pattern(lang).finditer(padded, at):
            start, at = found.span()
            if at > len(text):
                break
            spans.append((start, at, Decimal(found.group().replace(",", "."))))
        else:
            return spans
        cluster = _plain_cluster(text, start, lang)
        if not cluster:
            return None
        if not mark and not cluster.isdigit() and "/" not in cluster:
            mark = decimal_mark("\n".join(_EVIDENCE.findall(text)), lang)
        at = start + len(cluster)
        spans.extend((start, at, value) for value in _cluster_values(cluster, lang, mark or "."))


def _plain_cluster(text: str, start: int, lang: str) -> str:
    """Return the digits and separators from a place on, or nothing where their surroundings may matter."""
    factor_words, first_letters, words_before, last_letters, _ = _context(lang)
    plain = _PLAIN.match(text, start)
    found = _DIGITS.match(text, start)
    if plain is None or found is None or plain.end() != found.end():
        return ""
    end, cluster = found.end(), found.group()
    after = text[end : end + 1]
    if after in _JOINTS:
        after = text[end + 1 : end + 2]
    if after in first_letters and _multiplied(text[end : end + 24], factor_words):
        return ""
    ending = text[max(0, start - 3) : start].rstrip()[-2:].lower()
    if ending in last_letters or ending[-1:] in last_letters:
        if words_before.search(unicodedata.normalize("NFKC", text[max(0, start - 24) : start])):
            return ""
    if not "0" <= cluster[0] <= "9":
        return ""
    if "/" in cluster and (_FRACTION.fullmatch(cluster) is None or _is_part(text, start, end)):
        return ""
    return cluster


@functools.lru_cache(maxsize=1 << 14)
def _cluster_values(cluster: str, lang: str, mark: str) -> tuple[Decimal, ...]:
    """Return the numbers of digits and separators; a set has the same prices, shares and thousands again and again."""
    return tuple(number.value for number in scan_folded(cluster.replace("\u202f", "\u00a0"), lang, mark=mark))


def _multiplied(after: str, factor_words: re.Pattern[str]) -> bool:
    return factor_words.match(unicodedata.normalize("NFKC", after)) is not None


def _is_part(text: str, start: int, end: int) -> bool:
    """Return whether a fraction may be a division (`1/2 =`) or the rest of a mixed number (`2 and 1/2`)."""
    return text[end:].lstrip()[:1] == "=" or _MIXED.search(text[max(0, start - 8) : start]) is not None


@functools.cache
def _simple_pattern(lang: str) -> re.Pattern[str]:
    """Return what matches each number of a text of plain integers and short decimals, or all the rest at another digit.

    The conditions are those of `_plain_spans`. The digit comes first, so that `re` skips to it: what was before it is
    looked at behind it.
    """
    factor_words, first_letters, _, last_letters, _ = _context(lang)
    first = "".join(map(re.escape, sorted(letter[:1] for letter in first_letters)))
    # Words are compared as they are where their letters have one form; the others are left to `_plain_cluster`. Endings
    # come first: they are rare, but `los` ends like `menos`.
    ascii_words = [word for words in _changing_words(lang) for word in words if word.isascii()]
    no_word = rf"(?:{_not_behind(last_letters)}|(?<=[ -~]{{9}}[0-9]){_not_behind(ascii_words)})"
    no_factor = (
        rf"(?:(?![{_JOINTS}]?[{first}])|(?![{_JOINTS}]?[^\x00-\x7f\u0410-\u044f])(?!.[^\W\d_]*[{_COMPATIBLE}])"
        rf"(?!(?i:{factor_words.pattern})))"
    )
    return re.compile(
        rf"{_DIGIT}(?:(?<=[0-9]){_BEHIND.format(at='[0-9]')}{no_word}[0-9]*+{_DECIMALS}{_AHEAD}"
        rf"(?!\s?[分분]){no_factor}|[\s\S]*)"
    )


def _not_behind(words: Iterable[str]) -> str:
    """Return the pattern of a place behind the first digit of a number that none of these stands before."""
    by_length: dict[int, list[str]] = {}
    for word in words:
        by_length.setdefault(len(word), []).append(re.escape(word))
    return "".join(
        rf"(?<!(?i:{'|'.join(sorted(same))}){space}[0-9])" for same in by_length.values() for space in ("", r"\s")
    )


@functools.cache
def _changing_words(lang: str) -> tuple[set[str], set[str]]:
    """Return the words for minus, and the magnitude words that may stand before a number."""
    minus = {unicodedata.normalize("NFKC", word).lower() for word in MINUS_WORDS}
    before = {unicodedata.normalize("NFKC", word) for word in magnitudes(lang)} if magnitude_before(lang) else set()
    return minus, before


@functools.cache
def _context(lang: str) -> _Context:
    """Return what is to be known of a language to see that a number is plain."""
    # Half in Chinese, Japanese and Korean: 2分之1, 2分の1, 2분의 1; and 5M, $5B.
    fractions = [unicodedata.normalize(form, word) for word in ("分之", "分の", "분의") for form in ("NFC", "NFD")]
    forms = {unicodedata.normalize(form, word) for word in magnitudes(lang) for form in _NORMAL_FORMS}
    ends = [re.escape(form) + ("" if form[-1] == "." or _UNSPACED.match(form) else r"(?![^\W\d_])") for form in forms]
    pattern = "|".join((*sorted(ends, key=len, reverse=True), *fractions))
    first = {letter for form in (*forms, *fractions, "k", "m", "b") for letter in (form[0].lower(), form[0].upper())}
    minus, before = _changing_words(lang)
    last = {unicodedata.normalize(form, word)[-2:] for word in minus | before for form in _NORMAL_FORMS}
    words_before = "|".join((*map(re.escape, minus), *(rf"(?<![^\W\d_]){re.escape(word)}" for word in before)))
    digits = get_language(lang).digits
    return (
        re.compile(rf"[{_JOINTS}]?(?:{pattern}|[kmb](?![^\W_]))", re.IGNORECASE),
        frozenset(first),
        re.compile(rf"(?:{words_before})\s*$", re.IGNORECASE),
        frozenset(last),
        (re.compile(f"[{digits}]"), str.maketrans(digits, "0123456789")) if digits else None,
    )
