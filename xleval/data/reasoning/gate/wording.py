"""Units, opposites and negation: a word of the source that the translation has as the one it is mistaken for."""

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from xleval.data.reasoning.gate.lexicon import fold_text
from xleval.data.reasoning.gate.wording_lists import GROUPS, word_forms
from xleval.data.reasoning.records import Finding, Pair

_ANYWHERE = frozenset({"zh", "ja", "th"})
# Vowel signs and other marks are no letters to `re`; a word goes on with them.
_MARK = r"[\u0300-\u036f\u0900-\u0dff]"
_NO_LETTER_BEFORE = rf"(?<![^\W\d_])(?<!{_MARK})"
_NO_LETTER_AFTER = rf"(?![^\W\d_])(?!{_MARK})"
_SPECIAL = re.compile(r"[(\[]")


#: The least score that counts, by check and language: fitted so that at most 2 % of the human items with odd numbers reach
#: it (`python -m benchmarks.gate_strict --least`); steps are those of the scores.
LEAST: Mapping[str, Mapping[str, float]] = {
    "unit": {
        "bn": 0.5,
        "de": 0.5,
        "es": 0.5,
        "fr": 1.0,
        "ja": 1.2,
        "ru": 1.0,
        "sw": 1.0,
        "te": 0.5,
        "th": 1.0,
        "zh": 1.0,
        "ko": 1.2,
    },
    "comparison": {
        "bn": 1.0,
        "de": 0.5,
        "es": 0.5,
        "fr": 0.5,
        "ja": 0.5,
        "ru": 0.5,
        "sw": 0.5,
        "te": 1.0,
        "th": 1.0,
        "zh": 0.5,
        "ko": 0.5,
    },
    "negation": {
        "bn": 0.5,
        "de": 1.2,
        "es": 1.2,
        "fr": 2.0,
        "ja": 2.0,
        "ru": 1.2,
        "sw": 1.2,
        "te": 2.5,
        "th": 1.2,
        "zh": 1.2,
        "ko": 2.5,
    },
}
#: In languages that were not fitted only the surest findings count.
UNFITTED = 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Forms:
    """Patterns of one concept: `sure` means it, `any` may mean it."""

    sure: re.Pattern[str]
    any: re.Pattern[str]


@cache
def _forms(table: str, lang: str) -> Mapping[str, _Forms]:
    """Return the patterns of each concept of a language; none for a language without a row."""
    made: dict[str, _Forms] = {}
    for concept, (sure, loose) in word_forms(table, lang).items():
        both = f"{sure}|{loose}" if loose else sure
        first = lang not in _ANYWHERE
        made[concept] = _Forms(sure=_pattern(sure, from_start=first), any=_pattern(both, from_start=first))
    return made


def _pattern(forms: str, *, from_start: bool) -> re.Pattern[str]:
    return re.compile("|".join(_form(form, from_start) for form in forms.split("|")))


def _form(form: str, from_start: bool) -> str:
    """Return the pattern of a form: `_` at its ends is the edge of a word, inside it a space."""
    opened, closed = form.startswith("_"), form.endswith("_")
    inner = form.strip("_").replace("_", " ").replace("$", r"\$")
    inner = inner if _SPECIAL.search(inner) else inner.replace(".", r"\.")
    before = opened or (from_start and inner[0].isalpha())
    return (_NO_LETTER_BEFORE if before else "") + inner + (_NO_LETTER_AFTER if closed else "")


@lru_cache(maxsize=64)
def _counts(table: str, text: str, lang: str) -> Mapping[str, tuple[int, int]]:
    """Return by concept how often it is surely meant in a text, and how often it may be."""
    folded = fold_text(text)
    return {
        concept: (len(forms.sure.findall(folded)), len(forms.any.findall(folded)))
        for concept, forms in _forms(table, lang).items()
    }


def _scaled(finding: Finding | None, lang: str) -> Finding | None:
    """Return the finding with its score over the least that counts in the language: 1 is the limit everywhere."""
    if finding is None:
        return None
    return replace(finding, score=finding.score / LEAST[finding.check].get(lang, UNFITTED))


def exchanged_word(pair: Pair, table: str) -> Finding | None:
    """Return a finding where a translation has a concept in place of another of its group, None without a list.

    The score is 3 or 2.5 where the translation cannot mean the one and the source cannot mean the other, 2 or 1.5 where
    only the former holds, 1.2 or 1 where both are counted by sure forms alone, 0.5 where nothing is lost.
    """
    target, source = _counts(table, pair.target, pair.lang), _counts(table, pair.source, "en")
    best: Finding | None = None
    for group in GROUPS[table]:
        known = [concept for concept in group if concept in target]
        for lost, gained in itertools.permutations(known, 2):
            score = _exchange(source[lost], target[lost], source[gained], target[gained])
            if score and (best is None or score > best.score):
                best = Finding(check=table, score=score, detail=f"{gained} where the source has {lost}")
    return best


_Count = tuple[int, int]


def _exchange(lost_before: _Count, lost_after: _Count, gained_before: _Count, gained_after: _Count) -> float:
    """Return how sure it is that one concept became another; each count is (surely meant, possibly meant)."""
    sure, possible = 0, 1
    if gained_after[sure] <= gained_before[sure]:
        return 0.0
    fewer, fewer_at_all = lost_after[sure] < lost_before[sure], lost_after[possible] < lost_before[sure]
    more_at_all = gained_after[sure] > gained_before[possible]
    if fewer_at_all and more_at_all:
        return 3.0 if not lost_after[possible] and not gained_before[possible] else 2.5
    if fewer_at_all:
        return 2.0 if not gained_before[sure] else 1.5
    if fewer:
        return 1.2 if more_at_all else 1.0
    return 0.5 if more_at_all else 0.0


def exchanged_unit(pair: Pair) -> Finding | None:
    """Return a finding where a unit stands in place of another of its kind."""
    return _scaled(exchanged_word(pair, "unit"), pair.lang)


def exchanged_opposite(pair: Pair) -> Finding | None:
    """Return a finding where a word stands in place of its opposite."""
    return _scaled(exchanged_word(pair, "comparison"), pair.lang)


@cache
def _negation(lang: str) -> re.Pattern[str]:
    return _pattern(word_forms("negation", lang)["no"][0], from_start=False)


def changed_negation(pair: Pair) -> Finding | None:
    """Return a finding where one text negates and the other does not."""
    return _scaled(_changed_negation(pair), pair.lang)


def _changed_negation(pair: Pair) -> Finding | None:
    """Return a finding with a score that is not scaled yet.

    The score is 3 where the source negates outright (not, no, never, without) and the translation does not at all, 2.5
    where it does so less often; 2 where the translation negates and nothing in the source may mean that, 1.5 where it
    does so more often, 1 where the source has only words such as `less`, `left` or `un-`.
    """
    if not word_forms("negation", pair.lang):
        return None
    target = len(_negation(pair.lang).findall(fold_text(pair.target)))
    source = fold_text(pair.source)
    plain, possible = len(_PLAIN_NEGATION.findall(source)), len(_negation("en").findall(source))
    if plain > target:
        return Finding(
            check="negation", score=2.5 if target else 3.0, detail="the source negates, the translation less often"
        )
    if target <= plain:
        return None
    score = (2.0 if not possible else 1.5) if target > possible else 1.0 if not plain else 0.5
    return Finding(check="negation", score=score, detail="the translation negates, the source less often")


_PLAIN_NEGATION = re.compile(
    r"(?<![a-z])(?:not|no|never|without|none|nothing|neither|cannot)(?![a-z])(?! (?:only|more than|less than|one|longer))|n['’]t(?![a-z])"
)
