"""The names of numbers in the twenty languages: what a digit of one text may be spelt as in the other.

Small numbers, tens, powers, simple fractions and multiples, from `number_names.tsv`: `spelt_numbers` puts longer ones
together.
"""

import functools
from collections.abc import Mapping
from fractions import Fraction
from importlib.resources import files
from types import MappingProxyType

from xleval.data.reasoning.gate.name_folding import fold_name


@functools.cache
def number_names(lang: str) -> Mapping[str, tuple[Fraction, ...]]:
    """Return what each folded name of a number in a language may stand for; words of a longer name are split by spaces.

    Args:
        lang: code of the language table; one that has no names gives an empty mapping.
    """
    table: dict[str, tuple[Fraction, ...]] = {}
    for code, value, forms in _rows():
        if code == lang:
            for form in forms:
                name = fold_name(form, lang)
                table[name] = (*table.get(name, ()), Fraction(value))
    if lang == "de":
        table.update(_german_compounds(table))
    if lang == "it":
        table.update(_italian_compounds(table))
    return MappingProxyType(table)


@functools.cache
def _rows() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Return language, value and names of every row of the table."""
    lines = (files("xleval.data.reasoning.gate") / "number_names.tsv").read_text(encoding="utf-8").splitlines()
    cells = [line.split("\t") for line in lines if not line.startswith("#")]
    return tuple((lang, value, tuple(forms.split("|"))) for lang, value, forms in cells)


def _german_compounds(table: Mapping[str, tuple[Fraction, ...]]) -> dict[str, tuple[Fraction, ...]]:
    """Return einundzwanzig to neunundneunzig."""
    units = {"ein": 1, "zwei": 2, "drei": 3, "vier": 4, "funf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9}
    tens = {name: values[0] for name, values in table.items() if values[0] in range(20, 100, 10)}
    return {f"{unit}und{ten}": (tens[ten] + units[unit],) for unit in units for ten in tens}


def _italian_compounds(table: Mapping[str, tuple[Fraction, ...]]) -> dict[str, tuple[Fraction, ...]]:
    """Return ventuno to novantanove; the vowel of the tens goes before uno and otto."""
    units = {"uno": 1, "due": 2, "tre": 3, "quattro": 4, "cinque": 5, "sei": 6, "sette": 7, "otto": 8, "nove": 9}
    tens = {name: values[0] for name, values in table.items() if values[0] in range(20, 100, 10)}
    return {(ten[:-1] if unit[0] in "uo" else ten) + unit: (tens[ten] + units[unit],) for unit in units for ten in tens}
