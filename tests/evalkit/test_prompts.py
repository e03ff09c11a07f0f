"""Prompt text: complete in every language, in its script, and joined as each language writes it."""

import dataclasses
import subprocess
import sys
import unicodedata

import pytest

from xleval.data.languages import LANGUAGES
from xleval.errors import ConfigError
from xleval.evalkit import prompts
from xleval.evalkit.extraction import extract_number, is_correct
from xleval.evalkit.prompts import (
    PROMPT_WORDS,
    PromptWords,
    closing_sentence,
    continuation,
    cot_prompt,
    fact_prompt,
    prompt_words,
    stop_strings,
)

TEXT_FIELDS = (
    "question_label",
    "answer_label",
    "step_by_step_label",
    "answer_prefix",
    "cot_instruction",
    "direct_instruction",
)
LABELS = TEXT_FIELDS[:3]
# First word of the Unicode name of the letters of a script.
SCRIPT_NAMES = {
    "Latn": "LATIN",
    "Arab": "ARABIC",
    "Beng": "BENGALI",
    "Cyrl": "CYRILLIC",
    "Hira": "HIRAGANA",
    "Kana": "KATAKANA",
    "Hani": "CJK",
    "Hang": "HANGUL",
    "Thai": "THAI",
    "Telu": "TELUGU",
}
CLOSING = {
    "en": "The answer is 12.",
    "de": "Die Antwort ist 12.",
    "id": "Jawabannya adalah 12.",
    "pt": "A resposta é 12.",
    "ar": "الإجابة هي 12.",
    "bn": "উত্তর হল 12।",
    "sw": "Jibu ni 12.",
    "es": "La respuesta es 12.",
    "ru": "Ответ: 12.",
    "fr": "La réponse est 12.",
    "ja": "答えは12です。",
    "zh": "答案是12。",
    "ko": "답은 12입니다.",
    "uk": "Відповідь: 12.",
    "th": "คำตอบคือ 12",
    "te": "సమాధానం 12.",
    "yo": "Ìdáhùn náà ni 12.",
    "vi": "Đáp án là 12.",
    "it": "La risposta è 12.",
    "ms": "Jawapannya ialah 12.",
}
ALL = pytest.mark.parametrize("lang", LANGUAGES)


def texts(row: PromptWords) -> list[str]:
    return [getattr(row, field) for field in TEXT_FIELDS]


def test_every_language_of_the_table_has_one_row_in_its_order():
    assert tuple(PROMPT_WORDS) == tuple(LANGUAGES)
    assert len(prompts._ROWS) == len(PROMPT_WORDS)


@ALL
def test_row_is_complete_trimmed_and_composed(lang):
    row = prompt_words(lang)
    assert row.lang == lang
    assert all(texts(row))
    for field in dataclasses.fields(row):
        value = getattr(row, field.name)
        assert value == value.strip()
        assert unicodedata.is_normalized("NFC", value)
        assert "\n" not in value
        assert "  " not in value


@ALL
def test_row_is_in_its_script(lang):
    row = prompt_words(lang)
    allowed = {SCRIPT_NAMES[script] for script in LANGUAGES[lang].scripts}
    for text in [*texts(row), row.answer_suffix]:
        found = {unicodedata.name(char).split()[0].split("-")[0] for char in text if char.isalpha() and char != "N"}
        assert found <= allowed, (text, found)


@pytest.mark.parametrize(
    ("lang", "foreign"), [("ru", "іїєґ"), ("uk", "ыэъё"), ("zh", "問題請數這結換"), ("ja", "问题请这结换顺")]
)
def test_letters_of_a_neighbour_are_absent(lang, foreign):
    for text in texts(prompt_words(lang)):
        assert not set(text.lower()) & set(foreign)


@ALL
def test_colons_are_those_of_the_language(lang):
    end = {"zh": "：", "ja": "：", "fr": " :"}.get(lang, ":")
    row = prompt_words(lang)
    for field in LABELS:
        label = getattr(row, field)
        assert label.endswith(end)
        assert label[: -len(end)].rstrip(" :：") == label[: -len(end)]
    if end == "：":
        assert not any(":" in text for text in texts(row))


@ALL
def test_labels_differ_and_the_reasoning_does_not_open_like_an_answer(lang):
    row = prompt_words(lang)
    assert len({row.question_label, row.answer_label, row.step_by_step_label}) == 3
    assert not row.step_by_step_label.startswith((row.answer_prefix, row.answer_label))


@ALL
def test_row_says_who_wrote_it_and_claims_no_review(lang):
    row = prompt_words(lang)
    assert row.written_by == "claude (language model)"
    assert row.reviewed_by == ""


@ALL
def test_closing_sentence(lang):
    assert closing_sentence(lang, 12) == CLOSING[lang]
    assert closing_sentence(lang, "12") == CLOSING[lang]


@ALL
def test_instruction_ends_in_the_closing_sentence(lang):
    row = prompt_words(lang)
    assert row.cot_instruction.endswith(closing_sentence(lang, "N"))
    assert row.cot_instruction.count("N") == 2
    assert "N" not in row.direct_instruction


@ALL
def test_the_answer_is_found_in_a_completion_that_ends_as_asked(lang):
    row = prompt_words(lang)
    completion = f"5 + 6 = 11. 11 + 1 = 12. {closing_sentence(lang, 12)}\n\n{row.question_label} 7 + 8"
    found = extract_number(completion, lang, prefixes=(row.answer_prefix,))
    assert is_correct(found, "12")
    assert found.path == "answer_prefix"


def test_row_by_code_in_any_case():
    assert prompt_words(" FR ") is PROMPT_WORDS["fr"]


@pytest.mark.parametrize(("code", "name"), [("hi", "'hi'"), ("", "''")])
def test_unknown_language_names_it_and_the_file(code, name):
    with pytest.raises(ConfigError, match=r"xleval/evalkit/prompts\.py") as caught:
        prompt_words(code)
    assert name in str(caught.value)


def test_language_of_the_table_without_a_row(monkeypatch):
    rows = {code: row for code, row in PROMPT_WORDS.items() if code != "te"}
    monkeypatch.setattr(prompts, "PROMPT_WORDS", rows)
    for call in (
        lambda: prompt_words("te"),
        lambda: cot_prompt("?", "te", []),
        lambda: stop_strings("te"),
        lambda: closing_sentence("te", 1),
        lambda: fact_prompt("?", "te", "native"),
    ):
        with pytest.raises(ConfigError, match=r"Telugu \(te\) has no prompt words.*xleval/evalkit/prompts\.py"):
            call()
    assert fact_prompt("?", "te", "english") == "Question: ?\nAnswer:"
    assert fact_prompt("?", "te", "none") == "?"


@pytest.mark.parametrize(
    ("lang", "question", "exemplar", "expected"),
    [
        (
            "en",
            "What is 3 + 4?",
            ("What is 1 + 2?", "1 + 2 = 3. The answer is 3."),
            "Question: What is 1 + 2?\nStep-by-step answer: 1 + 2 = 3. The answer is 3.\n\n"
            "Question: What is 3 + 4?\nStep-by-step answer:",
        ),
        (
            "fr",
            "Combien font 3 + 4 ?",
            ("Combien font 1 + 2 ?", "1 + 2 = 3. La réponse est 3."),
            "Question : Combien font 1 + 2 ?\nRéponse étape par étape : 1 + 2 = 3. La réponse est 3.\n\n"
            "Question : Combien font 3 + 4 ?\nRéponse étape par étape :",
        ),
        (
            "zh",
            "3加4等于几？",
            ("1加2等于几？", "1+2=3。答案是3。"),
            "问题：1加2等于几？\n逐步解答：1+2=3。答案是3。\n\n问题：3加4等于几？\n逐步解答：",
        ),
        (
            "ja",
            "3足す4はいくつですか？",
            ("1足す2はいくつですか？", "1+2=3。答えは3です。"),
            "質問：1足す2はいくつですか？\nステップごとの解答：1+2=3。答えは3です。\n\n"
            "質問：3足す4はいくつですか？\nステップごとの解答：",
        ),
        (
            "ar",
            "كم يساوي 3 + 4؟",
            ("كم يساوي 1 + 2؟", "1 + 2 = 3. الإجابة هي 3."),
            "السؤال: كم يساوي 1 + 2؟\nالحل خطوة بخطوة: 1 + 2 = 3. الإجابة هي 3.\n\n"
            "السؤال: كم يساوي 3 + 4؟\nالحل خطوة بخطوة:",
        ),
        (
            "sw",
            "3 + 4 ni ngapi?",
            ("1 + 2 ni ngapi?", "1 + 2 = 3. Jibu ni 3."),
            "Swali: 1 + 2 ni ngapi?\nJibu la hatua kwa hatua: 1 + 2 = 3. Jibu ni 3.\n\n"
            "Swali: 3 + 4 ni ngapi?\nJibu la hatua kwa hatua:",
        ),
    ],
)
def test_native_chain_of_thought(lang, question, exemplar, expected):
    assert cot_prompt(question, lang, [exemplar]) == expected


def test_english_chain_of_thought_keeps_the_label_of_the_question():
    prompt = cot_prompt("3加4等于几？", "zh", [("1加2等于几？", "1 + 2 = 3. The answer is 3.")], mode="english")
    assert prompt == (
        "问题：1加2等于几？\nStep-by-step answer: 1 + 2 = 3. The answer is 3.\n\n问题：3加4等于几？\nStep-by-step answer:"
    )


def test_direct_answers():
    assert (
        cot_prompt("Q2", "fr", [("Q1", "3")], mode="direct") == "Question : Q1\nRéponse : 3\n\nQuestion : Q2\nRéponse :"
    )
    assert cot_prompt("Q2", "zh", [("Q1", "3")], mode="direct") == "问题：Q1\n答案：3\n\n问题：Q2\n答案："


def test_prompt_without_and_with_two_exemplars():
    assert cot_prompt("Q", "en", []) == "Question: Q\nStep-by-step answer:"
    assert cot_prompt("Q3", "en", [("Q1", "S1"), ("Q2", "S2")]) == (
        "Question: Q1\nStep-by-step answer: S1\n\nQuestion: Q2\nStep-by-step answer: S2\n\n"
        "Question: Q3\nStep-by-step answer:"
    )


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("en", ("\n\nQuestion:", "\nQuestion:")),
        ("fr", ("\n\nQuestion :", "\nQuestion :", "\n\nQuestion:", "\nQuestion:")),
        ("zh", ("\n\n问题：", "\n问题：", "\n\nQuestion:", "\nQuestion:")),
        ("ja", ("\n\n質問：", "\n質問：", "\n\nQuestion:", "\nQuestion:")),
        ("ar", ("\n\nالسؤال:", "\nالسؤال:", "\n\nQuestion:", "\nQuestion:")),
        ("sw", ("\n\nSwali:", "\nSwali:", "\n\nQuestion:", "\nQuestion:")),
    ],
)
def test_stop_strings(lang, expected):
    assert stop_strings(lang) == expected


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("en", "Question: Q?\nAnswer:"),
        ("fr", "Question : Q?\nRéponse :"),
        ("zh", "问题：Q?\n答案："),
        ("ja", "質問：Q?\n回答："),
        ("ar", "السؤال: Q?\nالإجابة:"),
        ("sw", "Swali: Q?\nJibu:"),
        ("ru", "Вопрос: Q?\nОтвет:"),
    ],
)
def test_fact_prompt(lang, expected):
    assert fact_prompt("Q?", lang, "native") == expected
    assert fact_prompt("Q?", lang, "english") == "Question: Q?\nAnswer:"
    assert fact_prompt("Q?", lang, "none") == "Q?"


@ALL
def test_continuation(lang):
    assert continuation("12", lang, "always") == " 12"
    assert continuation("12", lang, "never") == "12"
    assert continuation("12", lang, "auto") == ("12" if lang in {"zh", "ja", "th"} else " 12")


def test_unknown_choices_are_refused():
    with pytest.raises(ConfigError, match=r"'nativ'.*Did you mean native"):
        cot_prompt("Q", "en", [], mode="nativ")
    with pytest.raises(ConfigError, match="scaffold 'German'"):
        fact_prompt("Q", "en", "German")
    with pytest.raises(ConfigError, match="option space 'sometimes'"):
        continuation("A", "en", "sometimes")
    with pytest.raises(ConfigError, match="language 'xx'"):
        continuation("A", "xx", "auto")


def test_import_is_light():
    code = (
        "import sys, xleval.evalkit.prompts; "
        "print(*sorted(name for name in sys.modules if name.startswith('xleval')), 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [
        "xleval", "xleval.data", "xleval.data.languages", "xleval.errors", "xleval.evalkit", "xleval.evalkit.prompts", "False",
    ]  # fmt: skip
