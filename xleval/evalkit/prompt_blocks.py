"""How prompts are put together: the choices there are, labels before texts, options after them, turns in a row."""

from collections.abc import Sequence

from xleval.data.languages import get_language
from xleval.errors import unknown_name
from xleval.evalkit.prompt_words import PromptWords, prompt_words
from xleval.evalkit.requests import Message

MODES = ("native", "english", "direct")
SCAFFOLDS = ("native", "english", "none")
OPTION_SPACES = ("auto", "always", "never")
#: between blocks that no label tells apart: a solution may hold blank lines, so two of them stand here
BLOCK_GAP = "\n\n\n"
_FULL_WIDTH_COLON = "："


def check_choices(*, mode: str = "native", scaffold: str = "native") -> None:
    """Refuse an unknown mode or scaffold.

    Raises:
        ConfigError: as said; the known ones are named.
    """
    if mode not in MODES:
        raise unknown_name("chain-of-thought mode", mode, MODES)
    if scaffold not in SCAFFOLDS:
        raise unknown_name("scaffold", scaffold, SCAFFOLDS)


def scaffold_words(lang: str, scaffold: str) -> PromptWords:
    """Return the row that the labels come from: that of the language, or of English (scaffold `english`)."""
    return prompt_words(lang if scaffold == "native" else "en")


def is_full_width(label: str) -> bool:
    """Return whether a label ends in a full-width colon, as in Chinese and Japanese: it brings its own space."""
    return label.endswith(_FULL_WIDTH_COLON)


def labelled(label: str, text: str) -> str:
    """Return a label and the text it stands before, with the space that the label's colon needs."""
    return f"{label}{'' if is_full_width(label) else ' '}{text}"


def labelled_question(question: str, lang: str, scaffold: str) -> str:
    """Return a question with its label, or alone (scaffold `none`)."""
    return question if scaffold == "none" else labelled(scaffold_words(lang, scaffold).question_label, question)


def continuation(option: str, lang: str, option_space: str) -> str:
    """Return an option as it follows the context of `fact_prompt`, with or without a leading space.

    Args:
        option: in `lang`.
        lang: code of the language table.
        option_space: `always` (as published), `never`, or `auto`: a space where the language separates words by spaces,
            so none in Chinese, Japanese and Thai.

    Raises:
        ConfigError: an unknown option space or language.
    """
    if option_space not in OPTION_SPACES:
        raise unknown_name("option space", option_space, OPTION_SPACES)
    has_space = get_language(lang).spaced if option_space == "auto" else option_space == "always"
    return f" {option}" if has_space else option


def conversation(shown: Sequence[tuple[str, str]], asked: str, system_prompt: str) -> tuple[Message, ...]:
    """Return the turns: system, then a user's and an assistant's for each pair, then the user's that is asked."""
    system = [Message(role="system", content=system_prompt)] if system_prompt else []
    pairs = [
        Message(role=role, content=content)
        for pair in shown
        for role, content in zip(("user", "assistant"), pair, strict=True)
    ]
    return (*system, *pairs, Message(role="user", content=asked))
