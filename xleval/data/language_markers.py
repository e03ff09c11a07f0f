"""What tells languages apart where neither script nor lingua does: letters, marker words, an English word list."""

import re
from functools import cache
from importlib.resources import files

# Frequent words that only one of the two standard languages has in that spelling (kerana/karena, wang/uang). By hand.
_MALAY = frozenset(
    "kerana bahawa sahaja wang mahu syarikat isteri lapan basikal kedai doktor polis telefon "
    "teksi universiti kualiti aktiviti komuniti berbeza manakala setiausaha tayar oren epal minit ogos julai khamis "
    "jumaat esok kanak-kanak hendaklah kakitangan peratus darab setem almari pembaris lebuhraya filem muzik "
    "saintis kajian".split()
)
_INDONESIAN = frozenset(
    "karena bahwa uang mobil sepeda toko kantor istri delapan dokter polisi telepon universitas kualitas aktivitas "
    "komunitas berbeda berbagai sedangkan bisa perusahaan pabrik apel jeruk menit maret agustus juni juli kamis jumat "
    "karyawan siswa persen dikali rupiah pria jadwal gratis seringkali musik ilmuwan penelitian".split()
)

_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")

# Letters of one language's alphabet that its neighbours in the table of detectors lack, and letters that exclude it.
_LETTERS = (
    ("uk", frozenset("їєґ"), frozenset("ыэъёў")),
    ("ru", frozenset("ыэъё"), frozenset("їєґіў")),
    ("ar", frozenset("ةىإ"), frozenset("پچژگکیےٹڈڑ")),
)
_SUFFIXES = (
    *(("ies", "y"), ("es", ""), ("s", ""), ("ied", "y"), ("ed", ""), ("ed", "e")),
    *(("ing", ""), ("ing", "e"), ("ly", ""), ("er", ""), ("er", "e")),
)


def by_letters(text: str) -> str | None:
    """Return `uk`, `ru` or `ar` where a letter of the text belongs to that alphabet and none excludes it; else None."""
    letters = set(text.lower())
    for code, own, foreign in _LETTERS:
        if letters & own and not letters & foreign:
            return code
    return None


def indonesian_or_malay(text: str) -> str | None:
    """Return `id` or `ms` for a text in one of the two, None where no word (or as many words of each) decides.

    The list is short on purpose: most sentences stay undecided and count for whichever of the two is asked for.
    """
    found = _WORD.findall(text.lower())
    balance = sum(word in _INDONESIAN for word in found) - sum(word in _MALAY for word in found)
    if balance == 0:
        return None
    return "id" if balance > 0 else "ms"


def is_english_word(word: str) -> bool:
    """Return whether a lower-case word, or the word without an inflection, is in the English list of the package."""
    known = _english_words()
    if word in known:
        return True
    for suffix, ending in _SUFFIXES:
        stem = word.removesuffix(suffix)
        if stem == word or len(stem) < 3:
            continue
        doubled = stem[-1] == stem[-2] and stem[:-1] in known
        if doubled or stem + ending in known:
            return True
    return False


@cache
def _english_words() -> frozenset[str]:
    lines = (files("xleval.data") / "english_words.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))
