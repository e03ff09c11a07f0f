"""Formulas, code, calculator marks and addresses: a translation repeats them as they are."""

import functools
import re
from collections import Counter
from collections.abc import Mapping

from xleval.data.reasoning.protection import leftover_placeholders, protected_spans
from xleval.data.reasoning.records import Finding, Pair

# Without one of these a text has nothing of the kind; one dollar sign is a price.
_SIGNS = re.compile(r"[\\`]|<<|\$[^$]*\$|://|\[asy\]")
# What a model writes of its own accord; two prices in dollars are not worth a closer look.
_CLEAR_SIGNS = ("\\", "`", "<<", "://")
_PROSE = re.compile(r"\\(?:text\w*|mbox)\s*\{[^{}]*\}")
_SPACE = re.compile(r"\s+|\\[,;! ]")


def check_placeholders(pair: Pair) -> Finding | None:
    r"""Return the formulas, code, calculator marks and addresses that only one side has, and placeholders left over.

    Compared without white space and without the words inside `\text{}`, each as often as it occurs.

    Score: number of such parts.
    """
    source = _parts(pair.source)
    lost: Counter[str] = Counter()
    added: Counter[str] = Counter()
    if source or any([sign in pair.target for sign in _CLEAR_SIGNS]):
        target = Counter(_found(pair.target))
        lost, added = Counter(source) - target, target - Counter(source)
    left = [one for one in leftover_placeholders(pair.target) if one not in pair.source]
    score = lost.total() + added.total() + len(left)
    if not score:
        return None
    named = (("lost", list(lost.elements())), ("added", list(added.elements())), ("placeholder left", left))
    detail = "; ".join(f"{name} {' , '.join(parts[:3])}" for name, parts in named if parts)
    return Finding(check="placeholders", score=float(score), detail=detail)


@functools.lru_cache(maxsize=4096)
def _parts(source: str) -> Mapping[str, int]:
    return Counter(_found(source)) if _SIGNS.search(source) else {}


def _found(text: str) -> list[str]:
    spans = protected_spans(text, numbers=False)
    return [_SPACE.sub("", _PROSE.sub("", text[span.start : span.end])) for span in spans]
