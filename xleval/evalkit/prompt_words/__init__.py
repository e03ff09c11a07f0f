"""The table of prompt text: labels, closing sentences, instructions and openings of a trace per language.

All rows were written by a language model and none was reviewed by a person (D14); whoever reviews one puts a name into
`reviewed_by`. A change here changes what models are asked: raise the `version` of the tasks that use it.
"""

from collections.abc import Mapping
from types import MappingProxyType

from xleval.data.languages import LANGUAGES
from xleval.errors import ConfigError
from xleval.evalkit.prompt_words import africa, asia, europe
from xleval.evalkit.prompt_words.row import PromptWords

__all__ = ["PROMPT_WORDS", "PromptWords", "prompt_words"]

_ROWS = (*europe.ROWS, *asia.ROWS, *africa.ROWS)
_ORDER = tuple(LANGUAGES)

#: The prompt text by language, in the order of the language table.
PROMPT_WORDS: Mapping[str, PromptWords] = MappingProxyType(
    {row.lang: row for row in sorted(_ROWS, key=lambda row: _ORDER.index(row.lang))}
)


def prompt_words(code: str) -> PromptWords:
    """Return the prompt text of one language.

    Args:
        code: BCP-47 code of the language table, in any case.

    Raises:
        ConfigError: the language has no row; language, rows and the folder to add one to are named.
    """
    lang = code.strip().lower()
    row = PROMPT_WORDS.get(lang)
    if row is None:
        name = f"{LANGUAGES[lang].english_name} ({lang})" if lang in LANGUAGES else f"language {code!r}"
        raise ConfigError(
            f"{name} has no prompt words; rows exist for {', '.join(PROMPT_WORDS)}. "
            "Choose one of these or add a row in xleval/evalkit/prompt_words/"
        )
    return row
