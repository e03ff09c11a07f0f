"""Questions with shown options and with passages; every expected text is written by hand."""

import pytest

from xleval.data.languages import LANGUAGES
from xleval.errors import ConfigError, DataError
from xleval.evalkit.prompts import (
    LETTERS,
    chat_conversation,
    cot_prompt,
    letter_continuations,
    letter_prompt,
    with_options,
    with_passage,
)

ALL = pytest.mark.parametrize("lang", LANGUAGES)


def test_options_stand_on_a_line_each():
    assert with_options("Which is even?", ["1", "2", "3"]) == "Which is even?\nA. 1\nB. 2\nC. 3"
    ten = with_options("Q", [str(n) for n in range(10)])
    assert ten.splitlines()[1:] == [
        "A. 0", "B. 1", "C. 2", "D. 3", "E. 4", "F. 5", "G. 6", "H. 7", "I. 8", "J. 9",
    ]  # fmt: skip


@pytest.mark.parametrize("n", [0, 1, 11])
def test_options_that_letters_cannot_name(n):
    for call in (
        lambda: with_options("Which one?", ["x"] * n),
        lambda: letter_prompt("Which one?", ["x"] * n, "en"),
        lambda: letter_continuations(n, "en"),
    ):
        with pytest.raises(DataError, match=rf"{n} options found, 2 to 10"):
            call()
    with pytest.raises(DataError, match=r"'Which one\?'"):
        with_options("Which one?", ["x"] * n)


@pytest.mark.parametrize(
    ("lang", "question", "options", "expected"),
    [
        ("en", "Which is even?", ("1", "2"), "Question: Which is even?\nA. 1\nB. 2\nAnswer:"),
        ("ar", "أيهما زوجي؟", ("واحد", "اثنان"), "السؤال: أيهما زوجي؟\nA. واحد\nB. اثنان\nالإجابة:"),
        ("zh", "哪个是偶数？", ("一", "二"), "问题：哪个是偶数？\nA. 一\nB. 二\n答案："),
        ("th", "ข้อใดเป็นเลขคู่", ("หนึ่ง", "สอง"), "คำถาม: ข้อใดเป็นเลขคู่\nA. หนึ่ง\nB. สอง\nคำตอบ:"),
        ("fr", "Lequel est pair ?", ("1", "2"), "Question : Lequel est pair ?\nA. 1\nB. 2\nRéponse :"),
    ],
)
def test_letter_prompt(lang, question, options, expected):
    assert letter_prompt(question, options, lang) == expected


@pytest.mark.parametrize(
    ("lang", "scaffold", "option_space", "expected"),
    [
        ("sw", "native", "auto", "Swali: Q1\nA. x\nB. y\nJibu: B\n\nSwali: Q2\nA. v\nB. w\nJibu:"),
        ("sw", "native", "never", "Swali: Q1\nA. x\nB. y\nJibu:B\n\nSwali: Q2\nA. v\nB. w\nJibu:"),
        ("sw", "english", "auto", "Question: Q1\nA. x\nB. y\nAnswer: B\n\nQuestion: Q2\nA. v\nB. w\nAnswer:"),
        ("zh", "native", "auto", "问题：Q1\nA. x\nB. y\n答案：B\n\n问题：Q2\nA. v\nB. w\n答案："),
        ("zh", "native", "always", "问题：Q1\nA. x\nB. y\n答案： B\n\n问题：Q2\nA. v\nB. w\n答案："),
        ("sw", "none", "auto", "Q1\nA. x\nB. y\n\nB\n\n\nQ2\nA. v\nB. w\n\n"),
    ],
)
def test_letter_prompt_with_an_exemplar(lang, scaffold, option_space, expected):
    shown = [(with_options("Q1", ["x", "y"]), "B")]
    assert letter_prompt("Q2", ["v", "w"], lang, shown, scaffold, option_space) == expected


@ALL
def test_letters_are_latin_in_every_language(lang):
    assert LETTERS == "ABCDEFGHIJ"
    assert letter_continuations(3, lang, "always") == (" A", " B", " C")
    assert letter_continuations(3, lang, "never") == ("A", "B", "C")
    space = "" if lang in {"zh", "ja", "th"} else " "
    assert letter_continuations(3, lang) == (f"{space}A", f"{space}B", f"{space}C")


@pytest.mark.parametrize("scaffold", ["native", "english", "none"])
@ALL
def test_a_scored_letter_looks_like_those_of_the_exemplars(lang, scaffold):
    options = ["x", "y"]
    shown = [(with_options("Q1", options), "A")]
    for space in ("auto", "always", "never"):
        one_more = letter_prompt("Q3", options, lang, [*shown, (with_options("Q2", options), "B")], scaffold, space)
        context = letter_prompt("Q2", options, lang, shown, scaffold, space)
        scored = context + letter_continuations(2, lang, space, scaffold)[1]
        assert one_more.startswith(f"{scored}\n\n")


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("en", "Passage: P. P.\nQuestion: Q?"),
        ("ar", "النص: P. P.\nالسؤال: Q?"),
        ("zh", "文章：P. P.\n问题：Q?"),
        ("th", "บทอ่าน: P. P.\nคำถาม: Q?"),
        ("fr", "Texte : P. P.\nQuestion : Q?"),
    ],
)
def test_passage(lang, expected):
    assert with_passage("P. P.", "Q?", lang) == expected
    assert with_passage("P. P.", "Q?", lang, "english") == "Passage: P. P.\nQuestion: Q?"
    assert with_passage("P. P.", "Q?", lang, "none") == "P. P.\n\nQ?"


def test_letter_prompt_about_passages_has_each_label_once():
    shown = [(with_options(with_passage("P1", "Q1", "sw"), ["x", "y"]), "A")]
    asked = with_passage("P2", "Q2", "sw")
    assert letter_prompt(asked, ["v", "w"], "sw", shown, has_label=True) == (
        "Kifungu: P1\nSwali: Q1\nA. x\nB. y\nJibu: A\n\nKifungu: P2\nSwali: Q2\nA. v\nB. w\nJibu:"
    )


def test_solution_about_a_passage_has_each_label_once():
    shown, asked = with_passage("P1", "Q1", "fr"), with_passage("P2", "Q2", "fr")
    assert cot_prompt(asked, "fr", [(shown, "S1")], mode="english", has_label=True) == (
        "Texte : P1\nQuestion : Q1\nStep-by-step answer: S1\n\nTexte : P2\nQuestion : Q2\nStep-by-step answer:"
    )
    bare = with_passage("P2", "Q2", "fr", "none")
    assert cot_prompt(bare, "fr", [], scaffold="none", has_label=True) == "P2\n\nQ2\n\n"


def test_conversation_about_a_passage():
    asked = with_options(with_passage("P", "Q", "zh"), ["一", "二"])
    (turn,) = chat_conversation(asked, "zh", mode="direct", ask="letter")
    assert turn.content == "文章：P\n问题：Q\nA. 一\nB. 二\n\n请只回答正确选项的字母。"


def test_unknown_choices_are_refused():
    for call in (
        lambda: with_passage("P", "Q", "en", "German"),
        lambda: letter_prompt("Q", ["x", "y"], "en", scaffold="German"),
        lambda: letter_continuations(2, "en", scaffold="German"),
    ):
        with pytest.raises(ConfigError, match="scaffold 'German'"):
            call()
    with pytest.raises(ConfigError, match="option space 'sometimes'"):
        letter_continuations(2, "en", "sometimes")
    with pytest.raises(ConfigError, match="'hi' has no prompt words"):
        letter_prompt("Q", ["x", "y"], "hi")
