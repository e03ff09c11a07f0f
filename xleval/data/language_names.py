"""Which language a name in a corpus stands for: `de`, `German`, `deu_Latn`, `zh-cn`."""

import re
from collections.abc import Mapping

from xleval.data.languages import LANGUAGES

_NAMES = {language.english_name.casefold(): code for code, language in LANGUAGES.items()}
#: ISO 639-3 codes of the table's languages, as FLORES and the FineWeb sets name their files; macrolanguages too.
_ISO_639_3: Mapping[str, str] = {
    "eng": "en", "deu": "de", "ind": "id", "por": "pt", "arb": "ar", "ara": "ar", "ben": "bn", "swh": "sw", "swa": "sw",
    "spa": "es", "rus": "ru", "fra": "fr", "jpn": "ja", "zho": "zh", "cmn": "zh", "kor": "ko", "ukr": "uk", "tha": "th",
    "tel": "te", "yor": "yo", "vie": "vi", "ita": "it", "zsm": "ms", "msa": "ms",
}  # fmt: skip
#: `deu_Latn`; a table language in another script than its own (`zho_Hant`) is another language.
_WITH_SCRIPT = re.compile(r"([a-z]{3})_([A-Z][a-z]{3})")
#: ISO 15924 codes of several scripts together, which the language table lists one by one.
_MIXED_SCRIPTS: Mapping[str, str] = {"ja": "Jpan", "ko": "Kore"}
#: FLORES-101, FLORES-200 and FLORES+ call it `zho_simpl`, `zho_Hans` and `cmn_Hans`.
_SIMPLIFIED = ("zh-cn", "zh_cn", "zh-hans", "zh_hans", "zho_hans", "cmn_hans", "zho_simpl")


def language_code(name: str) -> str:
    """Return the code that a name stands for; nothing where it is no language of the table."""
    text = name.strip()
    if text.casefold() in _SIMPLIFIED:
        return "zh"
    if found := _WITH_SCRIPT.fullmatch(text):
        code = _ISO_639_3.get(found[1], "")
        return code if code and found[2] in (*LANGUAGES[code].scripts, _MIXED_SCRIPTS.get(code)) else ""
    lowered = text.casefold()
    return lowered if lowered in LANGUAGES else _ISO_639_3.get(lowered, _NAMES.get(lowered, ""))


def language_in(name: str) -> str:
    """Return the language that a file's or folder's name is or ends in: `de`, `train_de`, `corpus.en-de.de`; or nothing."""
    parts = (name, name.rpartition(".")[2], name.rpartition("_")[2], name.rpartition("-")[2], name.partition(".")[0])
    return next((code for part in parts if (code := language_code(part))), "")
