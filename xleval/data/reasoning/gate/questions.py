"""What the last question asks for: a number, a thing, a person, a time, a place or a reason.

The words are those of questions in word problems (`wording_lists`); a language without a list is not checked.
"""

import re
from collections.abc import Mapping
from functools import cache

from xleval.data.reasoning.gate.lexicon import fold_text
from xleval.data.reasoning.gate.wording_lists import word_forms
from xleval.data.reasoning.records import Pair
from xleval.data.segmentation import sentences

# A question for a number may be put as one for a thing (`what is the total?`) and the other way round.
_ALIKE = frozenset({"number", "what"})


@cache
def _patterns(lang: str) -> Mapping[str, re.Pattern[str]]:
    return {kind: re.compile(forms.replace("_", " ")) for kind, (forms, _) in word_forms("question", lang).items()}


def asked_for(text: str, lang: str) -> frozenset[str]:
    """Return the kinds of question words in a text; a language without a list has none."""
    folded = (
        re.sub(r"([?!.,;:¿？。，、])", r" \1 ", fold_text(text)) if lang not in ("ja", "zh", "th") else fold_text(text)
    )
    return frozenset(kind for kind, pattern in _patterns(lang).items() if pattern.search(folded))


def last_question(text: str, lang: str) -> str:
    """Return the last sentence of a text that ends with a question mark, else its last sentence."""
    parts = [text[start:end].strip() for start, end in sentences(text, lang)]
    asking = [part for part in parts if part.endswith(("?", "？", "؟"))]
    return (asking or parts or [text])[-1]


def lost_question(pair: Pair) -> bool:
    """Return whether the source asks for something and the translation has neither question mark nor question word."""
    if not word_forms("question", pair.lang) or not (asked := asked_for(last_question(pair.source, "en"), "en")):
        return False
    tail = last_question(pair.target, pair.lang)
    return bool(asked) and not tail.endswith(("?", "？", "؟")) and not asked_for(tail[-80:], pair.lang)


def question_kind_score(pair: Pair) -> float:
    """Return 2 where what is asked for has nothing in common with the source, 1 where part of it differs, else 0."""
    wanted = asked_for(last_question(pair.source, "en"), "en")
    if not word_forms("question", pair.lang) or not wanted:
        return 0.0
    got = asked_for(last_question(pair.target, pair.lang), pair.lang)
    if not got:
        return 1.5 if lost_question(pair) else 0.0
    wide = wanted | (_ALIKE if wanted & _ALIKE else frozenset())
    if not got & wide:
        return 2.0
    if got - wide and "number" in wanted and "number" not in got:
        return 1.5
    # `what` for a number is often only another wording, so it counts little.
    return 0.5 if "number" in wanted and "number" not in got else 0.0
