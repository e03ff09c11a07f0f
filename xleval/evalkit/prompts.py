"""The one home of prompts: plain texts for base models and conversations for chat models, from the table of prompt words.

The plain-text formats are those of MGSM (arXiv 2210.03057) for reasoning and of PolyFact for facts.
A change here changes what models are asked: raise the `version` of the tasks that use it.
"""

from collections.abc import Sequence

from xleval.errors import unknown_name
from xleval.evalkit.option_prompts import LETTERS, letter_continuations, letter_prompt, with_options, with_passage
from xleval.evalkit.prompt_blocks import (
    BLOCK_GAP,
    OPTION_SPACES,
    SCAFFOLDS,
    check_choices,
    continuation,
    conversation,
    is_full_width,
    labelled,
    labelled_question,
    scaffold_words,
)
from xleval.evalkit.prompt_words import PROMPT_WORDS, PromptWords, prompt_words
from xleval.evalkit.requests import Message

__all__ = [
    "ASKS",
    "LETTERS",
    "OPTION_SPACES",
    "PROMPT_WORDS",
    "SCAFFOLDS",
    "PromptWords",
    "chat_conversation",
    "closing_sentence",
    "continuation",
    "cot_prompt",
    "fact_conversation",
    "fact_prompt",
    "letter_continuations",
    "letter_prompt",
    "prompt_words",
    "stop_strings",
    "with_options",
    "with_passage",
]

#: what a conversation asks for
ASKS = ("number", "boxed", "letter", "name", "none")


def cot_prompt(
    question: str,
    lang: str,
    exemplars: Sequence[tuple[str, str]],
    mode: str = "native",
    scaffold: str = "native",
    *,
    has_label: bool = False,
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
        has_label: questions bring their label, as those of `with_passage` do.

    Raises:
        ConfigError: an unknown mode or scaffold, or no prompt words for a language that is needed.

    Reference:
        arXiv 2210.03057, section 3: Native-CoT, EN-CoT and Direct.
    """
    check_choices(mode=mode, scaffold=scaffold)
    if scaffold == "none":
        blocks = [f"{shown}\n\n{solution}" for shown, solution in exemplars]
        return BLOCK_GAP.join([*blocks, f"{question}\n\n"])
    texts = [*(shown for shown, _ in exemplars), question]
    asked = texts if has_label else [labelled_question(text, lang, scaffold) for text in texts]
    label = _solution_label(lang, mode, scaffold)
    solved = [*(labelled(label, solution) for _, solution in exemplars), label]
    return "\n\n".join(f"{text}\n{end}" for text, end in zip(asked, solved, strict=True))


def _solution_label(lang: str, mode: str, scaffold: str) -> str:
    """Return the label before a solution of the mode."""
    words = prompt_words("en") if mode == "english" else scaffold_words(lang, scaffold)
    return words.answer_label if mode == "direct" else words.step_by_step_label


def stop_strings(lang: str, scaffold: str = "native") -> tuple[str, ...]:
    """Return the strings at which a completion of `cot_prompt` ends: where a next question begins.

    With labels that is a label of the language or of English; models that change language write either. Without
    labels it is what separates blocks, two blank lines.

    Raises:
        ConfigError: an unknown scaffold, or labels and no prompt words for the language.
    """
    check_choices(scaffold=scaffold)
    if scaffold == "none":
        return (BLOCK_GAP,)
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
    space = "" if is_full_width(words.question_label) else " "
    return f"{words.answer_prefix}{space}{answer}{words.answer_suffix}"


def chat_conversation(
    question: str,
    lang: str,
    exemplars: Sequence[tuple[str, str]] = (),
    mode: str = "native",
    system_prompt: str = "",
    *,
    ask: str = "number",
) -> tuple[Message, ...]:
    r"""Return a question as a conversation; it ends with the user's turn.

    A user's turn is a question, a blank line and the instruction: to solve it step by step in `lang` (`native`) or in
    English (`english`), or to give the answer alone, asked in `lang` (`direct`). The instruction to solve is written in
    the language it asks for and names it. Questions get no labels.

    Args:
        question: the question that is asked, in `lang`; with its options where a letter is asked for (`with_options`).
        lang: code of the language table.
        exemplars: questions in `lang` with the solutions that fit the mode (see `cot_prompt`) and what is asked for: a
            user's and an assistant's turn each.
        mode: `native`, `english` or `direct`.
        system_prompt: turn before all others; empty for none.
        ask: what the answer is given as: a `number` or a `name` in the closing sentence, a `letter` there, `boxed` for
            anything within \boxed{}, or `none` for a question that says itself what it wants: no instruction at all.

    Raises:
        ConfigError: an unknown mode or kind of answer, or no prompt words for the language of the instruction.
    """
    check_choices(mode=mode)
    if ask not in ASKS:
        raise unknown_name("kind of answer asked for", ask, ASKS)
    instruction = _instruction(lang, mode, ask)
    turns = [(f"{shown}{instruction}", solution) for shown, solution in exemplars]
    return conversation(turns, f"{question}{instruction}", system_prompt)


def _instruction(lang: str, mode: str, ask: str) -> str:
    """Return the instruction after the blank line that parts it from the question; empty for `none`."""
    if ask == "none":
        return ""
    words = prompt_words("en" if mode == "english" else lang)
    worked, alone = {
        "number": (words.cot_instruction, words.direct_instruction),
        "boxed": (words.boxed_cot_instruction, words.boxed_instruction),
        "letter": (words.letter_cot_instruction, words.letter_instruction),
        "name": (words.name_cot_instruction, words.name_instruction),
    }[ask]
    return f"\n\n{alone if mode == 'direct' else worked}"


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
    check_choices(scaffold=scaffold)
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
    check_choices(scaffold=scaffold)
    turns = [(labelled_question(shown, lang, scaffold), answer) for shown, answer in shots]
    return conversation(turns, labelled_question(question, lang, scaffold), system_prompt)


def _fact_block(question: str, lang: str, scaffold: str) -> str:
    """Return a question with what stands before its answer."""
    asked = labelled_question(question, lang, scaffold)
    return asked if scaffold == "none" else f"{asked}\n{scaffold_words(lang, scaffold).answer_label}"
