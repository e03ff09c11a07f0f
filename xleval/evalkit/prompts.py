"""The one home of prompts: plain texts for base models and conversations for chat models, from the table of prompt words.

The plain-text formats are those of MGSM (arXiv 2210.03057) for reasoning and of PolyFact for facts.
A change here changes what models are asked: raise the `version` of the tasks that use it.
"""

from collections.abc import Sequence

from xleval.data.languages import get_language
from xleval.errors import unknown_name
from xleval.evalkit.prompt_words import PROMPT_WORDS, PromptWords, prompt_words
from xleval.evalkit.requests import Message

__all__ = [
    "PROMPT_WORDS",
    "PromptWords",
    "chat_conversation",
    "closing_sentence",
    "continuation",
    "cot_prompt",
    "fact_conversation",
    "fact_prompt",
    "prompt_words",
    "stop_strings",
]

_MODES = ("native", "english", "direct")
SCAFFOLDS = ("native", "english", "none")
OPTION_SPACES = ("auto", "always", "never")
_FULL_WIDTH_COLON = "："
# A solution may hold blank lines, so two of them stand between blocks that no label tells apart.
_BLOCK_GAP = "\n\n\n"


def cot_prompt(
    question: str, lang: str, exemplars: Sequence[tuple[str, str]], mode: str = "native", scaffold: str = "native"
) -> str:
    """Return a few-shot prompt in plain text for a base model; it ends with a label and no space.

    Blocks are separated by one blank line; each is a labelled question and a labelled solution. With the native
    scaffold the question keeps the label of its language in every mode, as in MGSM; only the second label changes.
    Without labels a block is a question, a blank line and a solution, two blank lines separate blocks, and the prompt
    ends with the blank line after the question.

    Args:
        question: the question that is asked, in `lang`.
        lang: code of the language table.
        exemplars: questions in `lang` with the solutions that fit the mode: worked in `lang` (`native`), worked in
            English (`english`) or the answer alone (`direct`). None for a zero-shot prompt.
        mode: `native`, `english` or `direct`.
        scaffold: language of the labels: `native` (the second one in English in mode `english`), `english` or `none`.

    Raises:
        ConfigError: an unknown mode or scaffold, or no prompt words for a language that is needed.

    Reference:
        arXiv 2210.03057, section 3: Native-CoT, EN-CoT and Direct.
    """
    _check(mode=mode, scaffold=scaffold)
    if scaffold == "none":
        blocks = [f"{shown}\n\n{solution}" for shown, solution in exemplars]
        return _BLOCK_GAP.join([*blocks, f"{question}\n\n"])
    words = _scaffold_words(lang, scaffold)
    label = {
        "native": words.step_by_step_label,
        "english": prompt_words("en").step_by_step_label,
        "direct": words.answer_label,
    }[mode]
    blocks = [f"{_join(words.question_label, shown)}\n{_join(label, solution)}" for shown, solution in exemplars]
    blocks.append(f"{_join(words.question_label, question)}\n{label}")
    return "\n\n".join(blocks)


def stop_strings(lang: str, scaffold: str = "native") -> tuple[str, ...]:
    """Return the strings at which a completion of `cot_prompt` ends: where a next question begins.

    With labels that is a label of the language or of English; models that change language write either. Without
    labels it is what separates blocks, two blank lines.

    Raises:
        ConfigError: an unknown scaffold, or labels and no prompt words for the language.
    """
    _check(scaffold=scaffold)
    if scaffold == "none":
        return (_BLOCK_GAP,)
    labels = (prompt_words(lang).question_label, prompt_words("en").question_label)
    return tuple(dict.fromkeys(f"{lines}{label}" for label in labels for lines in ("\n\n", "\n")))


def closing_sentence(lang: str, answer: str | int) -> str:
    """Return the sentence that ends a worked solution, such as "The answer is 12.".

    Args:
        lang: code of the language table.
        answer: the number as it is to be written.

    Raises:
        ConfigError: no prompt words for the language.
    """
    words = prompt_words(lang)
    # Chinese and Japanese set no space before a number; Thai does, although its words are not separated.
    space = "" if words.question_label.endswith(_FULL_WIDTH_COLON) else " "
    return f"{words.answer_prefix}{space}{answer}{words.answer_suffix}"


def chat_conversation(
    question: str, lang: str, exemplars: Sequence[tuple[str, str]] = (), mode: str = "native", system_prompt: str = ""
) -> tuple[Message, ...]:
    """Return a reasoning question as a conversation; it ends with the user's turn.

    A user's turn is a question, a blank line and the instruction: to solve it step by step in `lang` (`native`) or in
    English (`english`), or to give the number alone, asked in `lang` (`direct`). Questions have no labels.

    Args:
        question: the question that is asked, in `lang`.
        lang: code of the language table.
        exemplars: questions in `lang` with the solutions that fit the mode, see `cot_prompt`: a user's and an
            assistant's turn each.
        mode: `native`, `english` or `direct`.
        system_prompt: turn before all others; empty for none.

    Raises:
        ConfigError: an unknown mode, or no prompt words for the language of the instruction.
    """
    _check(mode=mode)
    words = prompt_words("en" if mode == "english" else lang)
    instruction = words.direct_instruction if mode == "direct" else words.cot_instruction
    turns = [(f"{shown}\n\n{instruction}", solution) for shown, solution in exemplars]
    return _conversation(turns, f"{question}\n\n{instruction}", system_prompt)


def fact_prompt(
    question: str, lang: str, scaffold: str, shots: Sequence[tuple[str, str]] = (), option_space: str = "auto"
) -> str:
    """Return the context before a hidden option; it does not end in a space (see `continuation`).

    Args:
        question: in `lang`.
        lang: code of the language table.
        scaffold: language of the two labels: `native`, `english` (as published) or `none`, the question alone.
        shots: questions with their answers, in `lang`, that stand before the question in the same form, a blank line
            after each.
        option_space: of the answers of the shots, see `continuation`; the one that the options are given.

    Raises:
        ConfigError: an unknown scaffold or option space, or `native` and no prompt words for the language.
    """
    _check(scaffold=scaffold)
    blocks = [
        f"{_fact_block(shown, lang, scaffold)}{continuation(answer, lang, option_space)}" for shown, answer in shots
    ]
    return "\n\n".join([*blocks, _fact_block(question, lang, scaffold)])


def fact_conversation(
    question: str, lang: str, scaffold: str, shots: Sequence[tuple[str, str]] = (), system_prompt: str = ""
) -> tuple[Message, ...]:
    """Return the conversation before a hidden option; it ends with the user's turn, and the option opens the answer.

    What follows is the beginning of an assistant's turn, so options take no leading space: `continuation` with `never`.

    Args:
        question: in `lang`.
        lang: code of the language table.
        scaffold: language of the label before a question: `native`, `english` or `none`, the question alone. There is
            no label before an answer.
        shots: questions with their answers, in `lang`: a user's and an assistant's turn each.
        system_prompt: turn before all others; empty for none.

    Raises:
        ConfigError: an unknown scaffold, or `native` and no prompt words for the language.
    """
    _check(scaffold=scaffold)
    turns = [(_fact_question(shown, lang, scaffold), answer) for shown, answer in shots]
    return _conversation(turns, _fact_question(question, lang, scaffold), system_prompt)


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


def _check(*, mode: str = "native", scaffold: str = "native") -> None:
    """Raise ConfigError for an unknown mode or scaffold."""
    if mode not in _MODES:
        raise unknown_name("chain-of-thought mode", mode, _MODES)
    if scaffold not in SCAFFOLDS:
        raise unknown_name("scaffold", scaffold, SCAFFOLDS)


def _scaffold_words(lang: str, scaffold: str) -> PromptWords:
    return prompt_words(lang if scaffold == "native" else "en")


def _fact_question(question: str, lang: str, scaffold: str) -> str:
    return question if scaffold == "none" else _join(_scaffold_words(lang, scaffold).question_label, question)


def _fact_block(question: str, lang: str, scaffold: str) -> str:
    """Return a question with what stands before its answer."""
    asked = _fact_question(question, lang, scaffold)
    return asked if scaffold == "none" else f"{asked}\n{_scaffold_words(lang, scaffold).answer_label}"


def _conversation(shown: Sequence[tuple[str, str]], asked: str, system_prompt: str) -> tuple[Message, ...]:
    """Return the turns: system, then a user's and an assistant's for each pair, then the user's that is asked."""
    system = [Message(role="system", content=system_prompt)] if system_prompt else []
    pairs = [
        Message(role=role, content=content)
        for pair in shown
        for role, content in zip(("user", "assistant"), pair, strict=True)
    ]
    return (*system, *pairs, Message(role="user", content=asked))


def _join(label: str, text: str) -> str:
    """Return a label and what follows it; a full-width colon brings its own space."""
    return f"{label}{'' if label.endswith(_FULL_WIDTH_COLON) else ' '}{text}"
