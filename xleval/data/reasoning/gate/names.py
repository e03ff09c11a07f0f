"""Names of people and places in a pair: those of the English text, and where the translation has them."""

import re
from functools import lru_cache

from xleval.data.language_markers import is_english_word
from xleval.data.languages import get_language
from xleval.data.reasoning.gate.sounds import distance, is_name_character, skeleton, skeletons
from xleval.data.reasoning.records import Pair

_CAPITALISED = re.compile(r"(?<![\w'’])[A-Z][a-z]+(?:-[A-Z][a-z]+)*")
_SENTENCE_START = re.compile(r"(?:^|[.?!:\n]['\"”]?\s+|[\"“]\s*)$")
_DATES = frozenset(
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August September"
    " October November December English Christmas Halloween Easter Thanksgiving Mr Mrs Ms Dr Mom Dad I Each Every".split()
)
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u0900-\u0dff\u0e00-\u0e7f\u30fc\u30fb'’-])*")
_HAN_RUN = re.compile(r"[\u4e00-\u9fff·]+")
_KATAKANA = re.compile(r"[\u30a0-\u30ff]+")


@lru_cache(maxsize=4000)
def names(text: str) -> tuple[str, ...]:
    """Return the names of an English text in order, repeated ones each time.

    A name is a capitalised word inside a sentence, or at its beginning if it is no common English word or is met
    inside a sentence elsewhere. Days, months and titles are none. A text without capitals has none.
    """
    inside: set[str] = set()
    found: list[tuple[str, bool]] = []
    for match in _CAPITALISED.finditer(text):
        word = match.group()
        if word in _DATES:
            continue
        first = _SENTENCE_START.search(text[max(0, match.start() - 4) : match.start()]) is not None
        if not first:
            inside.add(word)
        found.append((word, first and is_english_word(word.lower())))
    return tuple(word for word, doubtful in found if not doubtful or word in inside)


def name_pairs(pair: Pair) -> list[tuple[str, str]]:
    """Return the different names of the source that the target has, each with its form there."""
    taken: list[tuple[str, str]] = []
    for name in dict.fromkeys(names(pair.source)):
        form = form_of(name, pair.target, pair.lang)
        if form is not None and form not in [other for _, other in taken]:
            taken.append((name, form))
    return taken


def form_of(name: str, target: str, lang: str) -> str | None:
    """Return the word of a translation that is an English name: the same letters, or the same sounds in another script."""
    if name in target:
        return name
    if get_language(lang).scripts == ("Latn",):
        return None
    best: tuple[int, str] | None = None
    for wanted in skeletons(name):
        if len(wanted) < 2:
            continue
        # One sound may differ in a name of four: transliterations follow pronunciation, not spelling.
        allowed = len(wanted) // 4
        for word in _words(target, lang):
            sounds = skeleton(word)
            # Case endings follow the name, so the word may run on by a few sounds; its beginning counts.
            if len(sounds) > len(wanted) + (1 if len(wanted) == 2 else 3):
                continue
            missed = distance(wanted, sounds if lang in ("zh", "ja", "th") else sounds[: len(wanted)])
            if missed <= allowed and (best is None or missed < best[0]):
                best = (missed, word)
    return None if best is None else best[1]


@lru_cache(maxsize=200)
def _words(text: str, lang: str) -> tuple[str, ...]:
    if lang == "zh":
        return tuple(dict.fromkeys(_transliterated_runs(text)))
    if lang == "ja":
        return tuple(dict.fromkeys(match.group() for match in _KATAKANA.finditer(text)))
    if lang == "th":
        from xleval.data.segmentation import words

        spans = words(text, lang)
        joined = [text[spans[i][0] : spans[j][1]] for i in range(len(spans)) for j in range(i, min(i + 4, len(spans)))
                  if spans[j][1] - spans[i][0] <= 12 and " " not in text[spans[i][0] : spans[j][1]]]  # fmt: skip
        return tuple(dict.fromkeys(joined))
    return tuple(
        dict.fromkeys(match.group() for match in _WORD.finditer(text) if lang != "ru" or match.group()[0].isupper())
    )


def _transliterated_runs(text: str) -> list[str]:
    """Return the stretches of two to five characters that transliterations use."""
    made: list[str] = []
    for run in _HAN_RUN.finditer(text):
        chars = run.group()
        for start in range(len(chars) - 1):
            for end in range(start + 2, min(start + 5, len(chars)) + 1):
                if not is_name_character(chars[end - 1]):
                    break
                if is_name_character(chars[start]):
                    made.append(chars[start:end])
    return made
