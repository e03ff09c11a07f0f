"""Whether a translation is in the language asked for."""

import functools
import re
from collections import Counter
from collections.abc import Callable, Mapping

from xleval.data.language_id import strip_non_language
from xleval.data.language_markers import indonesian_or_malay
from xleval.data.language_spans import LINGUA_SCRIPTS, STRICT_DISTANCE, code_detector, lingua_names, script_names
from xleval.data.languages import LANGUAGES, get_language
from xleval.data.reasoning.records import Finding, Pair
from xleval.data.scripts import script_of
from xleval.data.segmentation import encodable

MIN_LETTERS = 12
"""Texts with fewer letters are not judged: single words and names are taken for any language."""

# Formulas, code and addresses; lingua itself passes over digits and signs, so prices may stay.
_FORMULA = re.compile(r"\$[^\s\d$.,]")


def check_language(pair: Pair) -> Finding | None:
    """Return that a translation is in another language than the one asked for.

    Lingua with that language, English and the neighbours of the language as candidates, and a relative distance of
    0.25. Where it abstains, the script decides, or lingua with all languages of the script; where that abstains, too,
    there is no finding. Formulas, code and addresses are left out. Indonesian and Malay are told apart by marker words
    only.

    Score: 1.

    Raises:
        ConfigError: unknown language.
        MissingExtra: lingua is not installed.
    """
    text = pair.target
    if "\\" in text or "`" in text or "_" in text or "@" in text or "<" in text or "://" in text or _has_formula(text):
        text = strip_non_language(text)
    detector = _detector(pair.lang)
    try:
        found = detector(text)
    except UnicodeEncodeError:  # lone surrogates; looking for them first would cost a tenth of the time
        text = encodable(text)
        found = detector(text)
    if found == pair.lang:
        return None
    letters = Counter(filter(None, map(script_of, text)))
    if letters.total() < MIN_LETTERS:
        return None
    if found is None:
        found = _wider_look(text, pair.lang, letters)
    if found == "id" and pair.lang in ("id", "ms"):
        found = indonesian_or_malay(text)
    if found is None or found == pair.lang:
        return None
    return Finding(check="language", score=1.0, detail=f"the text is in {_name(found)}, not {_name(pair.lang)}")


def _wider_look(text: str, lang: str, letters: Mapping[str, int]) -> str | None:
    """Return what a text is in that is in none of the candidates for certain; None where nothing speaks against it."""
    script = max(letters, key=lambda name: letters[name])
    if 2 * sum(letters[name] for name in get_language(lang).scripts) < sum(letters.values()):
        return f"und-{script}"
    return code_detector(script_names(script), STRICT_DISTANCE)(text) if script in LINGUA_SCRIPTS else None


# Without it all Indonesian is Swahili, whose words end in vowels, too.
_MORE_REJECTERS = {"sw": frozenset({"INDONESIAN"})}


def candidates(lang: str) -> frozenset[str]:
    """Return the `lingua.Language` names that a translation into a language is told apart from, its own included."""
    return lingua_names([get_language(lang), LANGUAGES["en"]]) | _MORE_REJECTERS.get(lang, frozenset())


@functools.cache
def _detector(lang: str) -> Callable[[str], str | None]:
    return code_detector(candidates(lang), STRICT_DISTANCE)


def _has_formula(text: str) -> bool:
    return "$" in text and _FORMULA.search(text) is not None


def _name(code: str) -> str:
    if code.startswith("und-"):
        return f"the script {code[4:]}"
    return LANGUAGES[code].english_name if code in LANGUAGES else code
