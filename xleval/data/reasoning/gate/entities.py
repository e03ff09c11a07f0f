"""Names that changed places, were lost, or came from elsewhere."""

import re
from collections.abc import Mapping

from xleval.data.language_markers import is_english_word
from xleval.data.languages import get_language
from xleval.data.reasoning.gate.lexicon import english_words
from xleval.data.reasoning.gate.names import form_of, names
from xleval.data.reasoning.gate.omission import matched
from xleval.data.reasoning.gate.sounds import distance, skeleton
from xleval.data.reasoning.records import Finding, Pair

# A capital inside a sentence marks a name; in German it marks every noun.
_CAPITALISED = {
    "ru": re.compile(r"(?<=[а-яё,] )[А-ЯЁ][а-яё]{2,}"),
    "es": re.compile(r"(?<=[a-záéíóúñ,] )[A-ZÁÉÍÓÚÑ][a-záéíóúñ]{2,}"),
    "fr": re.compile(r"(?<=[a-zà-ÿ,] )[A-ZÀ-Ý][a-zà-ÿ]{2,}"),
    "sw": re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}"),
    "ja": re.compile(r"[\u30a1-\u30fa\u30fc]{3,}"),
}


#: The least sum that counts by language, fitted as in `wording`.
LEAST: Mapping[str, float] = {
    "bn": 1.2,
    "de": 1.2,
    "es": 1.2,
    "fr": 3.0,
    "ja": 3.0,
    "ru": 1.2,
    "sw": 3.0,
    "te": 1.2,
    "th": 1.2,
    "zh": 1.2,
    "ko": 1.2,
}
UNFITTED = 2.0


def changed_entity(pair: Pair) -> Finding | None:
    """Return a finding where names do not match clause by clause.

    The score is a sum over the least that counts in the language. It adds 2 for each clause that has another
    name of the item in place of its own, 1.5 if a name is not in the source (languages whose script shows names), 1 if a
    name of the source is missing.
    """
    found = {name: form_of(name, pair.target, pair.lang) for name in dict.fromkeys(names(pair.source))}
    if not found:
        return None
    lost = [name for name, form in found.items() if form is None and _is_proper(name)]
    moved = _moved(pair, {name: form for name, form in found.items() if form is not None})
    foreign = _foreign(pair)
    score = 2.0 * moved + 1.5 * min(1, len(foreign)) + 1.0 * min(1, len(lost))
    if not score:
        return None
    parts = [f"{moved} clauses with another name"] if moved else []
    parts += [f"{foreign[0]} is not in the source"] if foreign else []
    parts += [f"{lost[0]} is missing"] if lost else []
    return Finding(check="entity", score=score / LEAST.get(pair.lang, UNFITTED), detail="; ".join(parts))


def _is_proper(name: str) -> bool:
    """Return whether a name is no English word, too: Farmers Market and Scottish are translated, not carried over."""
    return len(skeleton(name)) > 1 and not is_english_word(name.lower())


def _moved(pair: Pair, forms: dict[str, str]) -> int:
    """Return the number of matched clauses in which one name stands where the source has another."""
    if len(forms) < 2:
        return 0
    cut = matched(pair)
    count = 0
    for (first, last), (begin, stop) in cut.alignment.beads:
        source = pair.source[cut.source[first][0] : cut.source[last - 1][1]]
        target = pair.target[cut.target[begin][0] : cut.target[stop - 1][1]]
        own = {name for name in forms if re.search(rf"\b{re.escape(name)}\b", source)}
        there = {name for name, form in forms.items() if form in target}
        count += min(len(own - there), len(there - own))
    return count


def _foreign(pair: Pair) -> list[str]:
    pattern = _CAPITALISED.get(pair.lang)
    if pattern is None:
        return []
    latin = get_language(pair.lang).scripts == ("Latn",)
    words = english_words(pair.source)
    lowered, sounds = {word.lower() for word in words}, {skeleton(word) for word in words}
    found: list[str] = []
    for match in pattern.finditer(pair.target):
        word = match.group()
        mine = skeleton(word)
        if word.lower() in lowered or len(mine) < 2:
            continue
        near = any(distance(mine, other) <= max(1, len(mine) // 3) for other in sounds)
        if not near and (not latin or word.lower()[:4] not in {one[:4] for one in lowered}):
            found.append(word)
    return found
