"""Text that was left in English."""

import functools
import re
from collections.abc import Sequence

from xleval.data.language_markers import is_english_word
from xleval.data.languages import get_language
from xleval.data.reasoning.records import Finding, Pair

RUN = 6
"""English words in a row from which they are taken for untranslated text: fewer may be a name or a title."""

_LETTER = "A-Za-z\u00c0-\u024f"
_WORD = re.compile(rf"[{_LETTER}][{_LETTER}]*(?:['\u2019][A-Za-z]+)?")
_LATIN_WORD = r"[A-Za-z][A-Za-z]*['\u2019]?[A-Za-z]*[ ,;:.!?\"0-9$%-]+"
# The first word stands apart from the repetition: `re` skips to a class of characters only where one comes first.
_LATIN_RUN = re.compile(rf"{_LATIN_WORD}(?:{_LATIN_WORD}){{4}}[A-Za-z]+")
_LATIN_RUNS = re.compile(rf"{_LATIN_WORD}(?:{_LATIN_WORD}){{4,}}[A-Za-z]+")
# A run of six words of the source holds one of its aligned blocks of three words: if none is in the text, no run is.
_ONE_OF_BLOCK = rf"[{_LETTER}][{_LETTER}]*+(?:['\u2019][A-Za-z]++)?+"
_BLOCK = re.compile(rf"{_ONE_OF_BLOCK}(?:[^{_LETTER}]*+{_ONE_OF_BLOCK}){{2}}")
_MAX_NAMES = 2


def check_copy(pair: Pair) -> Finding | None:
    """Return the English text in a translation: runs of six and more words, of which at most two are names.

    In a language of the Latin script, words that the source has in the same order; in others any English words.

    Score: number of words in such runs; a source of fewer than six words that is repeated word for word counts as six.
    """
    if pair.lang == "en":
        return None
    runs = _runs_of_source(pair) if "Latn" in get_language(pair.lang).scripts else _english_runs(pair.target)
    if not runs and pair.source.strip() == pair.target.strip() and _has_words(pair.source):
        return Finding(check="copy", score=float(RUN), detail="the same as the source")
    if not runs:
        return None
    longest = " ".join(max(runs, key=len)[:8])
    return Finding(check="copy", score=float(sum(map(len, runs))), detail=f"left in English: {longest} ...")


def _has_words(text: str) -> bool:
    return any(word.islower() and len(word) > 1 for word in _WORD.findall(text))


def _english_runs(text: str) -> list[list[str]]:
    if _LATIN_RUN.search(text) is None:
        return []
    found = [_WORD.findall(match.group()) for match in _LATIN_RUNS.finditer(text)]
    return [run for run in found if sum(map(_is_name, run)) <= max(_MAX_NAMES, len(run) // 3)]


def _is_name(word: str) -> bool:
    return not is_english_word(word.lower().replace("\u2019", "'").removesuffix("'s"))


@functools.lru_cache(maxsize=1 << 15)
def _blocks(source: str) -> tuple[str, ...]:
    """Return the parts of a source of three words, side by side, as they stand in it."""
    return tuple(_BLOCK.findall(source))


def _runs_of_source(pair: Pair) -> list[list[str]]:
    target = pair.target
    if not any(map(target.__contains__, _blocks(pair.source))):
        return []
    source, words = _WORD.findall(pair.source), _WORD.findall(target)
    grams = {tuple(source[start : start + RUN]) for start in range(len(source) - RUN + 1)}
    covered = [False] * len(words)
    for start in range(len(words) - RUN + 1):
        if tuple(words[start : start + RUN]) in grams:
            covered[start : start + RUN] = [True] * RUN
    return [run for run in _covered_runs(words, covered) if sum(word[0].isupper() for word in run) <= len(run) // 2]


def _covered_runs(words: Sequence[str], covered: Sequence[bool]) -> list[list[str]]:
    runs: list[list[str]] = []
    for index, (word, inside) in enumerate(zip(words, covered, strict=True)):
        if inside and index and covered[index - 1]:
            runs[-1].append(word)
        elif inside:
            runs.append([word])
    return runs
