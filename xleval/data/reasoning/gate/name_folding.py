"""One form for words that are written in several: lower case, and without accents where no word depends on them."""

import functools
import re
import unicodedata

from xleval.data.languages import get_language

# Hamza carriers, final ya and ta marbuta vary in print; short vowels and the stretching line are decoration.
_ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "\u0640": None, "ٱ": "ا"})
_HARAKAT = dict.fromkeys(range(0x064B, 0x0653))
_ACCENTS = re.compile("[\u0300-\u036f]+")
_APOSTROPHES = ("’", "ʼ", "`")


def fold_name(text: str, lang: str) -> str:
    """Return a text in the form that the names of numbers are compared in.

    Args:
        text: word or text, any normal form.
        lang: code of the language table; accents go in languages of the Latin script but Vietnamese, ё becomes е.
    """
    folded = unicodedata.normalize("NFC", text).lower()
    for mark in _APOSTROPHES:  # three replacements are far quicker than one str.translate
        folded = folded.replace(mark, "'")
    if lang == "ar":
        return folded.translate(_ARABIC).translate(_HARAKAT)
    if _is_accented(lang):
        return folded if folded.isascii() else _ACCENTS.sub("", unicodedata.normalize("NFD", folded))
    return folded.replace("ё", "е") if lang == "ru" else folded


@functools.cache
def _is_accented(lang: str) -> bool:
    return lang != "vi" and "Latn" in get_language(lang).scripts
