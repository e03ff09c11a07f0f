"""Prompts with shown options or a passage: what is asked by letter.

The form of a block (question, one option a line as `A. option`, answer label, letter) is that of MMLU (arXiv 2009.03300,
appendix) with labels in the language; passages stand before the question as in Belebele (arXiv 2308.16884).
A change here changes what models are asked: raise the `version` of the tasks that use it.
"""

from collections.abc import Sequence

from xleval.errors import DataError
from xleval.evalkit.prompt_blocks import (
    BLOCK_GAP,
    check_choices,
    continuation,
    labelled,
    labelled_question,
    scaffold_words,
)

#: what shown options are called, in every language; ten are the most that a set has (MMLU-ProX)
LETTERS = "ABCDEFGHIJ"


def with_options(question: str, options: Sequence[str]) -> str:
    """Return a question followed by its options, a line each: `A. option`.

    Args:
        question: as it is asked; may hold a passage, see `with_passage`.
        options: 2 to 10 texts in the order of their letters.

    Raises:
        DataError: fewer than two options or more than there are letters.
    """
    if not 2 <= len(options) <= len(LETTERS):
        raise DataError(
            f"{len(options)} options found, 2 to {len(LETTERS)} can be shown with letters; "
            f"correct the item or leave it out: {question[:80]!r}"
        )
    # zip ends with the options; letters beyond them are not used
    return "\n".join([question, *(f"{letter}. {option}" for letter, option in zip(LETTERS, options, strict=False))])


def with_passage(passage: str, question: str, lang: str, scaffold: str = "native") -> str:
    """Return a question after the passage it is about, each with its label on a line of its own.

    Without labels (scaffold `none`) a blank line stands between them. The result has its labels already: it is given
    to `letter_prompt` with `has_label=True`, and to conversations as it is.

    Args:
        passage: in `lang`, never cut.
        question: in `lang`, without options (`with_options` takes the result) or with them.
        lang: code of the language table.
        scaffold: language of the labels: `native`, `english` or `none`.

    Raises:
        ConfigError: an unknown scaffold, or labels and no prompt words for their language.
    """
    check_choices(scaffold=scaffold)
    if scaffold == "none":
        return f"{passage}\n\n{question}"
    words = scaffold_words(lang, scaffold)
    return f"{labelled(words.passage_label, passage)}\n{labelled(words.question_label, question)}"


def letter_prompt(
    question: str,
    options: Sequence[str],
    lang: str,
    exemplars: Sequence[tuple[str, str]] = (),
    scaffold: str = "native",
    option_space: str = "auto",
    *,
    has_label: bool = False,
) -> str:
    """Return the context before a letter in plain text, for a choice among shown options by log-probability.

    Blocks are separated by one blank line; each is a labelled question, its options and the answer label, after which
    the letter follows (see `letter_continuations`). Without labels (scaffold `none`) a block is question and options, a
    blank line and the letter, two blank lines separate blocks, and the context ends with the blank line.

    Args:
        question: as it is asked, without options.
        options: 2 to 10 texts in the order of their letters.
        lang: code of the language table.
        exemplars: questions with their options (`with_options`) and their letters, in the form of the asked one.
        scaffold: language of the labels: `native`, `english` or `none`.
        option_space: before the letters of the exemplars, see `continuation`; not used without labels.
        has_label: questions bring their label, as those of `with_passage` do.

    Raises:
        ConfigError: an unknown scaffold or option space, or labels and no prompt words for their language.
        DataError: fewer than two options or more than there are letters.
    """
    check_choices(scaffold=scaffold)
    blocks = [*exemplars, (with_options(question, options), "")]
    if scaffold == "none":
        return BLOCK_GAP.join(f"{text}\n\n{letter}" for text, letter in blocks)
    answer = scaffold_words(lang, scaffold).answer_label
    asked = [text if has_label else labelled_question(text, lang, scaffold) for text, _ in blocks]
    letters = [*(continuation(letter, lang, option_space) for _, letter in exemplars), ""]
    return "\n\n".join(f"{text}\n{answer}{letter}" for text, letter in zip(asked, letters, strict=True))


def letter_continuations(n: int, lang: str, option_space: str = "auto", scaffold: str = "native") -> tuple[str, ...]:
    """Return the first `n` letters as they follow the context of `letter_prompt`, such as `" A"`, `" B"`.

    After a label they have the space that `continuation` gives an option; without labels they begin a line and have none.

    Raises:
        ConfigError: an unknown option space, scaffold or language.
        DataError: `n` is below 2 or above the number of letters.
    """
    check_choices(scaffold=scaffold)
    if not 2 <= n <= len(LETTERS):
        raise DataError(
            f"{n} options found, 2 to {len(LETTERS)} can be shown with letters; correct or leave out the item"
        )
    space = "never" if scaffold == "none" else option_space
    return tuple(continuation(letter, lang, space) for letter in LETTERS[:n])
