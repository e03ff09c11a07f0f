"""Words of units, opposites, negation and questions by language, from `strict_wording.tsv`."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

#: Concepts of one group are taken for one another by mistake.
GROUPS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "unit": (
        ("second", "minute", "hour", "day", "week", "month", "year"),
        ("dollar", "euro", "cent"),
        ("gram", "kilogram", "ounce", "pound", "ton"),
        ("centimetre", "metre", "kilometre", "inch", "foot", "mile"),
    ),
    "comparison": (
        ("more", "less"),
        ("before", "after"),
        ("half", "twice"),
        ("older", "younger"),
        ("first", "last"),
        ("longer", "shorter"),
        ("expensive", "cheap"),
    ),
}


def word_forms(table: str, lang: str) -> Mapping[str, tuple[str, str]]:
    """Return by concept the forms that mean it and those that may mean it, `|` between forms; empty without a list.

    Args:
        table: `unit`, `comparison`, `negation` or `question`.
        lang: code of the language.
    """
    return _tables().get((table, lang), {})


@cache
def _tables() -> Mapping[tuple[str, str], Mapping[str, tuple[str, str]]]:
    made: dict[tuple[str, str], dict[str, tuple[str, str]]] = {}
    text = (files("xleval.data.reasoning.gate") / "strict_wording.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            table, lang, concept, sure, loose = line.split("\t")
            made.setdefault((table, lang), {})[concept] = (sure, loose)
    return made
