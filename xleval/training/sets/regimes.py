"""How the amount of data depends on the number of languages k: `grow`, `fixed` and `english-repeat` (D7).

The published parallel training grows with k, so more languages also means more rows and steps. `fixed` keeps the number of
rows, `english-repeat` gives English as many rows as k languages would have.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from xleval.errors import ConfigError
from xleval.training.config.schema import Regime


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One row of a training set: an item in a language; `copy` counts the repetitions of the same text from 0."""

    item_id: str
    lang: str
    copy: int = 0


def place_items(ids: Sequence[str], langs: Sequence[str], regime: Regime, *, seed: int) -> list[Place]:
    """Return the rows of a training set, items in the order given, the languages of an item together.

    With n items and k languages: `grow` has n k rows, every item in every language; `fixed` has n rows, every item in one
    language, each language n/k of them (at most one more), drawn by seed and item; `english-repeat` has n k rows, every
    item k times in English.

    Raises:
        ConfigError: `english-repeat` where English is not among the languages.
    """
    if regime == "grow":
        return [Place(item_id=item_id, lang=lang) for item_id in ids for lang in langs]
    if regime == "fixed":
        # The hash, not the order of the rows, says which items a language gets.
        shuffled = sorted(ids, key=lambda item_id: rank(seed, "language", item_id))
        lang_of = {item_id: langs[number % len(langs)] for number, item_id in enumerate(shuffled)}
        return [Place(item_id=item_id, lang=lang_of[item_id]) for item_id in ids]
    if "en" not in langs:
        raise ConfigError(
            f"data.regime is english-repeat and data.langs is {', '.join(langs)}: English is repeated once for each of "
            "them, so it must be among them; add en, or use the regime grow"
        )
    return [Place(item_id=item_id, lang="en", copy=copy) for item_id in ids for copy in range(len(langs))]


def rank(seed: int, what: str, item_id: str) -> bytes:
    """Return the place of an item in an order that depends on seed and item alone, not on the other items."""
    return hashlib.sha256(f"{seed}:{what}:{item_id}".encode()).digest()
