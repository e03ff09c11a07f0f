"""The language that a foreign task name ends in, and the name that its languages share.

lm-eval and lighteval make one task per language: `mgsm_native_cot_sw`, `belebele_swh_Latn`, `mgsm_swa|0`,
`global_mmlu_all_zho_mcf:anatomy`, `mmmlu_PT_BR`. Codes are those of the language table, ISO 639-3 and English names.
"""

import re
from collections.abc import Mapping

from xleval.data.languages import LANGUAGES

#: ISO 639-3 codes, as FLORES, Belebele and lighteval write them: of the language, its macrolanguage, its standard form.
_ISO_639_3: Mapping[str, str] = {
    "eng": "en", "deu": "de", "ind": "id", "por": "pt", "ara": "ar", "arb": "ar", "ben": "bn", "swa": "sw", "swh": "sw",
    "spa": "es", "rus": "ru", "fra": "fr", "jpn": "ja", "zho": "zh", "cmn": "zh", "kor": "ko", "ukr": "uk", "tha": "th",
    "tel": "te", "yor": "yo", "vie": "vi", "ita": "it", "msa": "ms", "zsm": "ms",
}  # fmt: skip
_CODES = {
    **{code: code for code in LANGUAGES},
    **{row.english_name.lower(): row.code for row in LANGUAGES.values()},
    **{row.endonym.lower(): row.code for row in LANGUAGES.values()},
    **_ISO_639_3,
}
_SCRIPT_OR_REGION = r"(?:[_-](?:[A-Z][a-z]{3}|[A-Z]{2}))?"
# What may follow the language: lighteval's formulation, a numbered prompt, few-shot count or subset after a mark.
_AFTER = r"(?P<after>(?:_(?:mcf|cf|hybrid)|_prompt_?[0-9]+)?(?:[:|].*)?)"
_LANGUAGE = re.compile(rf"[_:./ -](?P<lang>[^\W_]+){_SCRIPT_OR_REGION}{_AFTER}")


def language_code(text: str) -> str | None:
    """Return the code of a language written as a code (with script or region), by ISO 639-3, or by name; else None."""
    name = text.strip().lower()
    return _CODES.get(name) or _CODES.get(re.split(r"[_-]", name)[0])


def split_language(name: str) -> tuple[str, str | None]:
    """Return the name of a task without its language, and the language's code; the whole name and None without one."""
    for mark in re.finditer(r"(?<=.)[_:./ -]", name):
        # from the left, so that `DE_DE` is a language with its region; the pattern reaches to the end of the name
        found = _LANGUAGE.fullmatch(name, mark.start())
        code = _CODES.get(found["lang"].lower()) if found else None
        if found is not None and code is not None:
            return name[: mark.start()] + found["after"], code
    return name, None
