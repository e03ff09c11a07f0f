"""Errors put into human translations, one at a time and deterministically: what the strict gate is measured on.

`inject(pair, error, others)` changes the target text only. Which place is changed follows from the item, the language and
the error, so that every run makes the same texts. Where a text offers no place (no unit, no second name) there is no pair.
"""

import hashlib
import itertools
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from benchmarks.injected_words import NEGATIONS, OPPOSITES, QUESTIONS, UNITS, Swap
from xleval.data.numbers import find_numbers
from xleval.data.reasoning.gate.names import name_pairs
from xleval.data.reasoning.records import Pair
from xleval.data.segmentation import Span, sentences, words

ERRORS = ("number", "unit", "negation", "comparison", "entity", "dropped", "doubled", "question")
MIN_WORDS = 3
# A Thai stretch between spaces is often a phrase such as `and Friday`; a clause has more words than that.
THAI_WORDS = 5
# Thai has no comma; its clauses are the stretches between spaces, except spaces around figures.
_CLAUSE_END = {"th": re.compile(r"(?<![0-9]) (?![0-9])")}
_COMMA = re.compile(r"[,;:](?=\s)|[，、；：،]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Injected:
    """A pair with one error.

    Attributes:
        pair: the damaged pair; its source is untouched.
        error: one of `ERRORS`.
        variant: what was done within the class, such as `sentence` or `clause`.
    """

    pair: Pair
    error: str
    variant: str


def inject(pair: Pair, error: str, others: Sequence[Pair] = ()) -> Injected | None:
    """Return the pair with an error of a class, or None where the text offers no place for it.

    Args:
        pair: a human translation.
        error: one of `ERRORS`.
        others: other pairs of the language; their questions and names are taken for `question` and `entity`.
    """
    seed = hashlib.sha256(f"{pair.item_id}/{pair.lang}/{error}".encode()).digest()
    made = _MAKERS[error](pair, others, random.Random(seed))
    if made is None or made[0] == pair.target:
        return None
    return Injected(pair=replace(pair, target=made[0]), error=error, variant=made[1])


_Made = tuple[str, str] | None


def _number(pair: Pair, others: Sequence[Pair], rng: random.Random) -> _Made:
    """Change one digit of one number, so that its value changes and is in neither text."""
    present = {
        found.value
        for text, lang in ((pair.source, "en"), (pair.target, pair.lang))
        for found in find_numbers(text, lang)
    }
    spans = find_numbers(pair.target, pair.lang)
    rng.shuffle(spans)
    for span in spans:
        places = [at for at in range(span.start, span.end) if pair.target[at].isdecimal()]
        rng.shuffle(places)
        for at in places:
            zero = ord(pair.target[at]) - int(pair.target[at])
            for digit in rng.sample(range(1, 10), 9):
                text = pair.target[:at] + chr(zero + digit) + pair.target[at + 1 :]
                values = [found.value for found in find_numbers(text, pair.lang)]
                if len(values) == len(spans) and len(set(values) - present) == 1:
                    return text, "digit"
    return None


def _swapped(pair: Pair, swaps: Mapping[str, Sequence[Swap]], rng: random.Random) -> _Made:
    places = [
        (found.start(), found.end(), swap.after, swap.variant)
        for swap in swaps.get(pair.lang, ())
        for found in swap.before.finditer(pair.target)
    ]
    if not places:
        return None
    # One variant first, then one of its places: a frequent word shall not crowd out the others.
    variant = rng.choice(sorted({place[3] for place in places}))
    start, end, after, _ = rng.choice([place for place in places if place[3] == variant])
    return pair.target[:start] + after + pair.target[end:], variant


def _unit(pair: Pair, others: Sequence[Pair], rng: random.Random) -> _Made:
    return _swapped(pair, UNITS, rng)


def _negation(pair: Pair, others: Sequence[Pair], rng: random.Random) -> _Made:
    return _swapped(pair, NEGATIONS, rng)


def _comparison(pair: Pair, others: Sequence[Pair], rng: random.Random) -> _Made:
    return _swapped(pair, OPPOSITES, rng)


def _entity(pair: Pair, others: Sequence[Pair], rng: random.Random) -> _Made:
    """Exchange one mention each of two names, or replace one mention by a name of another item."""
    own = name_pairs(pair)
    mentions = [
        (found.start(), found.end(), form) for _, form in own for found in re.finditer(re.escape(form), pair.target)
    ]
    forms = sorted({form for _, form in own})
    if not mentions:
        return None
    if len(forms) >= 2 and rng.random() < 0.5:
        first, second = rng.sample(forms, 2)
        one = rng.choice([mention for mention in mentions if mention[2] == first])
        two = rng.choice([mention for mention in mentions if mention[2] == second])
        left, right = sorted((one, two))
        if left[1] <= right[0]:
            text = pair.target
            return (
                text[: left[0]] + right[2] + text[left[1] : right[0]] + left[2] + text[right[1] :],
                "exchanged",
            )
    foreign = [form for other in rng.sample(list(others), min(40, len(others))) for _, form in name_pairs(other)]
    foreign = [form for form in foreign if form not in pair.target and form not in forms]
    if not foreign:
        return None
    start, end, _ = rng.choice(mentions)
    return pair.target[:start] + rng.choice(foreign) + pair.target[end:], "replaced"


def clauses(text: str, lang: str) -> list[Span]:
    """Return the parts of the sentences of a text between commas (in Thai: spaces), without the sentences that have one part."""
    found: list[Span] = []
    for start, end in sentences(text, lang):
        cuts = [
            cut.end() for cut in _CLAUSE_END.get(lang, _COMMA).finditer(text, start, end) if start < cut.end() < end
        ]
        edges = [start, *cuts, end]
        if cuts:
            found.extend(itertools.pairwise(edges))
    return found


def _sentences(text: str, lang: str) -> list[Span]:
    """Return the sentences; in Thai, which does not mark them, the clauses."""
    found = sentences(text, lang)
    return (clauses(text, lang) or found) if lang == "th" and len(found) == 1 else found


def parts(pair: Pair) -> list[tuple[Span, str]]:
    """Return the sentences and comma clauses of a translation with at least `MIN_WORDS` words; never the only sentence."""
    text, lang = pair.target, pair.lang
    whole = sentences(text, lang)
    spans = [(span, "sentence") for span in whole if len(whole) > 1] + [
        (span, "clause") for span in clauses(text, lang)
    ]
    return [
        (span, kind)
        for span, kind in spans
        if len(words(text[span[0] : span[1]], lang)) >= (THAI_WORDS if lang == "th" and kind == "clause" else MIN_WORDS)
    ]


def _part(pair: Pair, rng: random.Random) -> tuple[Span, str] | None:
    """Return a part, sentences and clauses with the same chance."""
    found = parts(pair)
    if not found:
        return None
    chosen = rng.choice(sorted({kind for _, kind in found}))
    return rng.choice([part for part in found if part[1] == chosen])


def _dropped(pair: Pair, others: Sequence[Pair], rng: random.Random) -> _Made:
    part = _part(pair, rng)
    return None if part is None else (without(pair, *part), part[1])


def without(pair: Pair, span: Span, kind: str) -> str:
    """Return the translation without a part of it."""
    text, gone = pair.target, pair.target[span[0] : span[1]].rstrip()
    left, right = text[: span[0]].rstrip(), text[span[1] :].lstrip()
    # A last clause takes the comma before it along and leaves the mark that ends the sentence.
    if kind == "clause" and gone[-1:] in tuple(".?!。？！।"):
        left = left.rstrip(",;:，、；：") + gone[-1]
    return f"{left}{_gap(pair)}{right}".strip()


def _gap(pair: Pair) -> str:
    return "" if pair.lang in ("zh", "ja") else " "


def _doubled(pair: Pair, others: Sequence[Pair], rng: random.Random) -> _Made:
    """Repeat a sentence or clause directly, or once more before the last sentence."""
    part = _part(pair, rng)
    if part is None:
        return None
    (start, end), kind = part
    text, again = pair.target, pair.target[start:end]
    last = _sentences(text, pair.lang)[-1][0]
    if end < last and rng.random() < 0.5:
        return f"{text[:last].rstrip()}{_gap(pair)}{again.strip()}{_gap(pair)}{text[last:]}", f"{kind} later"
    return f"{text[:end].rstrip()}{_gap(pair)}{again.strip()}{_gap(pair)}{text[end:].lstrip()}".strip(), kind


def _question(pair: Pair, others: Sequence[Pair], rng: random.Random) -> _Made:
    """Put the question of another item in place of the last sentence, or ask for something else with another wh-word."""
    whole = _sentences(pair.target, pair.lang)
    start = whole[-1][0]
    if rng.random() < 0.5:
        swapped = _swapped(replace(pair, target=pair.target[start:]), QUESTIONS, rng)
        if swapped is not None:
            return pair.target[:start] + swapped[0], f"wh {swapped[1]}"
    if len(whole) < 2 or not others:
        return None
    for other in rng.sample(list(others), min(20, len(others))):
        question = other.target[_sentences(other.target, other.lang)[-1][0] :].strip()
        if (
            other.item_id != pair.item_id
            and len(_sentences(other.target, other.lang)) > 1
            and question not in pair.target
        ):
            return pair.target[:start] + question, "other item"
    return None


_MAKERS: Mapping[str, Callable[[Pair, Sequence[Pair], random.Random], _Made]] = {
    "number": _number, "unit": _unit, "negation": _negation, "comparison": _comparison,
    "entity": _entity, "dropped": _dropped, "doubled": _doubled, "question": _question,
}  # fmt: skip
