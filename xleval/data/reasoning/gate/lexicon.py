"""The learned word list of the strict gate: which pieces of text stand for an English word in a translation.

`strict_lexicon.tsv` has a row for a language and an English stem: how often a translation of a text with the word has one
of the pieces (`expected`), how often other texts have one (`background`), by how many characters the word changes the
length of a translation, and the pieces. `benchmarks/strict_lexicon.py` makes it from human translations and says how.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType

_WORD = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?")
_SPACES = re.compile(r"\s+")
DATA = "strict_lexicon.tsv"
#: Length features beside the words, each with a weight of its own in a row whose stem begins with `#`.
LENGTH_FEATURES = ("#characters", "#words", "#digits", "#capitals", "#marks", "#constant")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is known of one English stem in one language.

    Attributes:
        pieces: parts of a folded translation (`fold_text`), any of which shows the word.
        expected: share of the texts with the word whose translation has a piece, above 0 and below 1.
        background: share of the other texts whose translation has a piece.
    """

    pieces: tuple[str, ...]
    expected: float
    background: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """The word list of one language; empty for a language that has none.

    Attributes:
        entries: by stem.
        lengths: characters of a translation by stem and by `LENGTH_FEATURES`.
    """

    entries: Mapping[str, Entry] = field(default_factory=dict)
    lengths: Mapping[str, float] = field(default_factory=dict)

    def expected_length(self, source: str) -> float:
        """Return the number of characters that a translation of an English text is likely to have, at least 8."""
        counts = length_features(source)
        for word in english_words(source):
            stem = english_stem(word)
            counts[stem] = counts.get(stem, 0.0) + 1.0
        return max(8.0, sum(self.lengths.get(name, 0.0) * count for name, count in counts.items()))


def length_features(source: str) -> dict[str, float]:
    """Return the values of `LENGTH_FEATURES` for an English text, scaled to be of similar size."""
    return {
        "#characters": len(source) / 10,
        "#words": len(source.split()) / 3,
        "#digits": sum(map(str.isdigit, source)) / 2,
        "#capitals": float(sum(map(str.isupper, source))),
        "#marks": float(sum(char in ".?!," for char in source)),
        "#constant": 1.0,
    }


def english_words(text: str) -> list[str]:
    """Return the words of an English text as written."""
    return [found.group() for found in _WORD.finditer(text)]


@lru_cache(maxsize=20000)
def english_stem(word: str) -> str:
    """Return the first seven letters of a word without its ending: a crude stem under which its forms meet."""
    stem = word.lower().replace("’", "'").replace("'s", "").replace("'", "")
    if len(stem) > 4 and stem.endswith("ies"):
        stem = stem[:-3] + "y"
    elif len(stem) > 4 and stem.endswith("es") and stem[-3] in "sxzh":
        stem = stem[:-2]
    elif len(stem) > 3 and stem.endswith("s") and stem[-2] not in "su":
        stem = stem[:-1]
    if len(stem) > 5 and stem.endswith("ing"):
        stem = stem[:-3]
    elif len(stem) > 4 and stem.endswith("ed"):
        stem = stem[:-2]
    if len(stem) > 4 and stem[-1] == stem[-2] and stem[-1] not in "aeiou":
        stem = stem[:-1]
    return (stem[:-1] if len(stem) > 3 and stem.endswith("e") else stem)[:7]


@lru_cache(maxsize=256)
def fold_text(text: str) -> str:
    """Return a text in the form that pieces are looked for in: NFKC, lower case, single spaces, one at either end."""
    return f" {_SPACES.sub(' ', unicodedata.normalize('NFKC', text).lower()).strip()} "


def lexicon(lang: str) -> Lexicon:
    """Return the word list of a language; an empty one where none was learned."""
    return _lexicons().get(lang, Lexicon())


@cache
def _lexicons() -> Mapping[str, Lexicon]:
    text = (files("xleval.data.reasoning.gate") / DATA).read_text(encoding="utf-8")
    return MappingProxyType(dict(read_lexicons(text)))


def read_lexicons(text: str) -> Iterator[tuple[str, Lexicon]]:
    """Yield the languages of a table with their word lists; lines that begin with `#` are remarks."""
    entries: dict[str, dict[str, Entry]] = {}
    lengths: dict[str, dict[str, float]] = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        lang, stem, expected, background, length, pieces = line.split("\t")
        lengths.setdefault(lang, {})[stem] = float(length or 0)
        if pieces:
            shown = tuple(piece.replace("_", " ") for piece in pieces.split("|"))
            entry = Entry(pieces=shown, expected=float(expected), background=float(background))
            entries.setdefault(lang, {})[stem] = entry
    for lang in lengths:
        yield lang, Lexicon(entries=MappingProxyType(entries.get(lang, {})), lengths=MappingProxyType(lengths[lang]))
