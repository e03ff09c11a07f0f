"""Formulas, code, calculator marks and addresses: a translation repeats them as they are."""

import functools
import re
from collections import Counter
from collections.abc import Mapping

from xleval.data.reasoning.protection import leftover_placeholders, protected_spans
from xleval.data.reasoning.records import Finding, Pair

# Letters of placeholders as translators spell them: a text without one of each row has none.
PLACEHOLDER_LETTERS = ("xX\uff38\uff58\u0425\u0445", "qQ\uff31\uff51", "zZ\uff3a\uff5a")
# Some of the words by which `protected_spans` sees that two dollar signs are two prices.
_PROSE = re.compile(" (?:and|the|each|per|for|of|in|on|to|is|was|he|she|then|from|by) ")
_WORDING = re.compile(r"\\(?:text\w*|mbox)\s*\{[^{}]*\}")
_SPACE = re.compile(r"\s+|\\[,;! ]")


def check_placeholders(pair: Pair) -> Finding | None:
    r"""Return the formulas, code, calculator marks and addresses that only one side has, and placeholders left over.

    Compared without white space and without the words inside `\text{}`, each as often as it occurs.

    Score: number of such parts.
    """
    source = _parts(pair.source)
    text = pair.target
    compared = bool(source) or _is_marked(text)
    possible = _may_have_placeholders(text)
    if not compared and not possible:
        return None
    target = Counter(_found(text)) if compared else Counter()
    lost, added = Counter(source) - target, target - Counter(source)
    left = [one for one in leftover_placeholders(text) if one not in pair.source] if possible else []
    score = lost.total() + added.total() + len(left)
    if not score:
        return None
    named = (("lost", list(lost.elements())), ("added", list(added.elements())), ("placeholder left", left))
    detail = "; ".join(f"{name} {' , '.join(parts[:3])}" for name, parts in named if parts)
    return Finding(check="placeholders", score=float(score), detail=detail)


@functools.lru_cache(maxsize=1 << 15)
def _parts(source: str) -> Mapping[str, int]:
    may_have = _is_marked(source) or "[asy]" in source or not _has_only_prices(source)
    return Counter(_found(source)) if may_have else {}


def _has_only_prices(text: str) -> bool:
    """Return whether a text without backslashes has no formula: words of a sentence between all of its dollar signs."""
    return all(_PROSE.search(between) for between in text.split("$")[1:-1])


def _may_have_placeholders(text: str) -> bool:
    for letters in PLACEHOLDER_LETTERS:
        for letter in letters:
            if letter in text:
                break
        else:
            return False
    return True


def _is_marked(text: str) -> bool:
    """Return whether a text has what a model writes of its own accord; two prices are not worth a closer look."""
    return "\\" in text or "`" in text or "<<" in text or "://" in text


def _found(text: str) -> list[str]:
    spans = protected_spans(text, numbers=False)
    return [_SPACE.sub("", _WORDING.sub("", text[span.start : span.end])) for span in spans]
