"""Prompt text: complete in every language, in its script, and joined as each language writes it."""

import dataclasses
import subprocess
import sys
import unicodedata

import pytest

from xleval.data.languages import LANGUAGES
from xleval.errors import ConfigError
from xleval.evalkit import prompt_words as table
from xleval.evalkit.extraction import extract_number, is_correct
from xleval.evalkit.prompts import (
    PROMPT_WORDS,
    PromptWords,
    chat_conversation,
    closing_sentence,
    continuation,
    cot_prompt,
    fact_conversation,
    fact_prompt,
    prompt_words,
    stop_strings,
)

LABELS = ("question_label", "answer_label", "step_by_step_label", "passage_label")
# Instruction that asks for the closing sentence, and what it writes in place of the answer.
CLOSED = {"cot_instruction": "N", "letter_cot_instruction": "X", "name_cot_instruction": "X"}
BOXED = ("boxed_cot_instruction", "boxed_instruction")
ALONE = ("direct_instruction", "letter_instruction", "name_instruction")
TEXT_FIELDS = (
    *LABELS,
    *CLOSED,
    *BOXED,
    *ALONE,
    "answer_prefix",
    "reasoning_opening",
    "language_request",
)
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
# How a sentence in the language names it, where that is not the endonym of the language table as it stands there.
NAMED = {"ru": "русском", "uk": "українською"}
ALL = pytest.mark.parametrize("lang", LANGUAGES)


def texts(row: PromptWords) -> list[str]:
    return [getattr(row, field) for field in TEXT_FIELDS]


def test_every_language_of_the_table_has_one_row_in_its_order():
    assert tuple(PROMPT_WORDS) == tuple(LANGUAGES)
    assert len(table._ROWS) == len(PROMPT_WORDS)


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
        words = text.replace(r"\boxed{}", "").translate({ord("N"): None, ord("X"): None})
        found = {unicodedata.name(char).split()[0].split("-")[0] for char in words if char.isalpha()}
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
    assert len({getattr(row, label) for label in LABELS}) == len(LABELS)
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
@pytest.mark.parametrize(("field", "place"), CLOSED.items())
def test_instruction_ends_in_the_closing_sentence(lang, field, place):
    text = getattr(prompt_words(lang), field)
    assert text.endswith(closing_sentence(lang, place))
    assert text.count(place) == 2


@ALL
def test_only_these_instructions_speak_of_the_closing_sentence(lang):
    row = prompt_words(lang)
    for field in (*ALONE, *BOXED, "language_request"):
        assert not {"N", "X"} & set(getattr(row, field))


@ALL
def test_box_is_written_as_latex_writes_it(lang):
    row = prompt_words(lang)
    for field in TEXT_FIELDS:
        assert getattr(row, field).count(r"\boxed{}") == (field in BOXED)
        assert getattr(row, field).count("\\") == (field in BOXED)


@ALL
def test_what_is_to_be_reasoned_or_answered_in_a_language_names_it(lang):
    name = NAMED.get(lang, LANGUAGES[lang].endonym).casefold()
    row = prompt_words(lang)
    for field in (*CLOSED, "boxed_cot_instruction", "name_instruction", "language_request"):
        assert name in getattr(row, field).casefold(), field


@ALL
def test_instructions_differ(lang):
    row = prompt_words(lang)
    fields = (*CLOSED, *BOXED, *ALONE, "language_request")
    assert len({getattr(row, field) for field in fields}) == len(fields)


@ALL
def test_opening_of_a_trace_is_one_sentence_that_names_the_language(lang):
    opening = prompt_words(lang).reasoning_opening
    assert NAMED.get(lang, LANGUAGES[lang].endonym).casefold() in opening.casefold()
    # Thai has no full stop
    assert opening.endswith({"zh": "。", "ja": "。", "bn": "।", "th": "ไทย"}.get(lang, "."))
    assert sum(map(opening.count, ".。।")) == (lang != "th")


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
    with pytest.raises(ConfigError, match=r"xleval/evalkit/prompt_words/") as caught:
        prompt_words(code)
    assert name in str(caught.value)


def test_language_of_the_table_without_a_row(monkeypatch):
    rows = {code: row for code, row in PROMPT_WORDS.items() if code != "te"}
    monkeypatch.setattr(table, "PROMPT_WORDS", rows)
    for call in (
        lambda: prompt_words("te"),
        lambda: cot_prompt("?", "te", []),
        lambda: stop_strings("te"),
        lambda: closing_sentence("te", 1),
        lambda: fact_prompt("?", "te", "native"),
        lambda: fact_conversation("?", "te", "native"),
        lambda: chat_conversation("?", "te"),
    ):
        with pytest.raises(ConfigError, match=r"Telugu \(te\) has no prompt words.*xleval/evalkit/prompt_words/"):
            call()
    assert fact_prompt("?", "te", "english") == "Question: ?\nAnswer:"
    assert fact_prompt("?", "te", "none") == "?"
    assert cot_prompt("?", "te", [], scaffold="english") == "Question: ?\nStep-by-step answer:"
    assert cot_prompt("?", "te", [], scaffold="none") == "?\n\n"
    assert chat_conversation("?", "te", mode="english")[0].content.startswith("?\n\nSolve the problem")


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


def test_labels_in_english_around_native_text():
    exemplars = [("1加2等于几？", "1+2=3。答案是3。")]
    assert cot_prompt("3加4等于几？", "zh", exemplars, scaffold="english") == (
        "Question: 1加2等于几？\nStep-by-step answer: 1+2=3。答案是3。\n\nQuestion: 3加4等于几？\nStep-by-step answer:"
    )
    assert cot_prompt("Q2", "fr", [("Q1", "3")], mode="direct", scaffold="english") == (
        "Question: Q1\nAnswer: 3\n\nQuestion: Q2\nAnswer:"
    )


@pytest.mark.parametrize("mode", ["native", "english", "direct"])
def test_no_labels_at_all(mode):
    assert cot_prompt("Q3", "zh", [("Q1", "S1"), ("Q2", "S2")], mode=mode, scaffold="none") == (
        "Q1\n\nS1\n\n\nQ2\n\nS2\n\n\nQ3\n\n"
    )


def test_native_scaffold_is_the_default():
    for mode in ("native", "english", "direct"):
        default = cot_prompt("Q2", "ja", [("Q1", "3")], mode=mode)
        assert default == cot_prompt("Q2", "ja", [("Q1", "3")], mode=mode, scaffold="native")
    assert stop_strings("ja") == stop_strings("ja", "native") == stop_strings("ja", "english")


def test_a_prompt_without_labels_stops_where_its_blocks_end():
    (stop,) = stop_strings("zh", "none")
    prompt = cot_prompt("Q2", "zh", [("Q1", "S1, line 1\n\nS1, line 2")], scaffold="none")
    assert prompt.split(stop) == ["Q1\n\nS1, line 1\n\nS1, line 2", "Q2\n\n"]


def turns(conversation):
    return [(turn.role, turn.content) for turn in conversation]


INSTRUCTIONS = {
    "native": "请用中文逐步解答这道题。最后以下面这句话结尾，并把N换成数字：答案是N。",
    "english": "Solve the problem step by step in English. "
    "End with this sentence, with the number in place of N: The answer is N.",
    "direct": "请只回答数字。",
}


@pytest.mark.parametrize("mode", INSTRUCTIONS)
def test_conversation_of_a_reasoning_question(mode):
    asked = ("user", f"3加4等于几？\n\n{INSTRUCTIONS[mode]}")
    assert turns(chat_conversation("3加4等于几？", "zh", mode=mode)) == [asked]
    shown = [("user", f"1加2等于几？\n\n{INSTRUCTIONS[mode]}"), ("assistant", "3")]
    with_all = chat_conversation("3加4等于几？", "zh", [("1加2等于几？", "3")], mode, "You are a calculator.")
    assert turns(with_all) == [("system", "You are a calculator."), *shown, asked]


# Written by hand, language by language: a script from right to left, one without spaces, one without a full stop.
ASKED = {
    ("en", "native", "boxed"): r"Solve the problem step by step in English and give the final answer within \boxed{}.",
    ("en", "direct", "boxed"): r"Give only the final answer, within \boxed{}.",
    ("en", "native", "letter"): "Think step by step in English. "
    "End with this sentence, with the letter of the right option in place of X: The answer is X.",
    ("en", "direct", "letter"): "Answer with the letter of the right option only.",
    ("en", "native", "name"): "Think step by step in English. "
    "End with this sentence, with the answer in place of X: The answer is X.",
    ("en", "direct", "name"): "Give only a short answer in English, without explanation.",
    ("ar", "native", "boxed"): r"حُلّ المسألة خطوة بخطوة باللغة العربية، واكتب الإجابة النهائية داخل \boxed{}.",
    ("ar", "native", "letter"): "فكّر خطوة بخطوة باللغة العربية. "
    "اختم بهذه الجملة مع وضع حرف الخيار الصحيح مكان X: الإجابة هي X.",
    ("ar", "direct", "letter"): "أجب بحرف الخيار الصحيح فقط.",
    ("zh", "native", "boxed"): r"请用中文逐步解答这道题，并把最终答案写在\boxed{}中。",
    ("zh", "native", "letter"): "请用中文逐步思考。最后以下面这句话结尾，并把X换成正确选项的字母：答案是X。",
    ("zh", "native", "name"): "请用中文逐步思考。最后以下面这句话结尾，并把X换成答案：答案是X。",
    ("zh", "direct", "name"): "请直接用中文给出简短的答案，不要解释。",
    ("th", "direct", "boxed"): r"จงตอบเฉพาะคำตอบสุดท้าย โดยใส่ไว้ใน \boxed{}",
    ("th", "native", "letter"): "จงคิดทีละขั้นตอนเป็นภาษาไทย แล้วจบด้วยประโยคต่อไปนี้ "
    "โดยแทน X ด้วยตัวอักษรของตัวเลือกที่ถูกต้อง: คำตอบคือ X",
    ("th", "native", "name"): "จงคิดทีละขั้นตอนเป็นภาษาไทย แล้วจบด้วยประโยคต่อไปนี้ โดยแทน X ด้วยคำตอบ: คำตอบคือ X",
}


@pytest.mark.parametrize(("lang", "mode", "ask"), ASKED)
def test_conversation_asks_for_a_kind_of_answer(lang, mode, ask):
    instruction = ASKED[lang, mode, ask]
    conversation = chat_conversation("Q2", lang, [("Q1", "S1")], mode, ask=ask)
    assert turns(conversation) == [
        ("user", f"Q1\n\n{instruction}"),
        ("assistant", "S1"),
        ("user", f"Q2\n\n{instruction}"),
    ]


@pytest.mark.parametrize("ask", ["boxed", "letter", "name"])
@ALL
def test_reasoning_in_english_is_asked_for_in_english(lang, ask):
    assert turns(chat_conversation("Q", lang, mode="english", ask=ask)) == [
        ("user", f"Q\n\n{ASKED['en', 'native', ask]}")
    ]


@pytest.mark.parametrize("mode", ["native", "english", "direct"])
def test_conversation_of_a_question_that_says_what_it_wants(mode):
    conversation = chat_conversation("Write a poem.", "sw", [("Sing.", "La.")], mode, "Be kind.", ask="none")
    assert turns(conversation) == [
        ("system", "Be kind."),
        ("user", "Sing."),
        ("assistant", "La."),
        ("user", "Write a poem."),
    ]


def test_conversation_asks_natively_unless_told():
    assert chat_conversation("Q", "sw", []) == chat_conversation("Q", "sw", [], "native", "")


@pytest.mark.parametrize(
    ("scaffold", "asked", "shown"),
    [
        ("native", "Question : Capitale du Kenya ?", "Question : Capitale du Togo ?"),
        ("english", "Question: Capitale du Kenya ?", "Question: Capitale du Togo ?"),
        ("none", "Capitale du Kenya ?", "Capitale du Togo ?"),
    ],
)
def test_conversation_of_a_fact(scaffold, asked, shown):
    assert turns(fact_conversation("Capitale du Kenya ?", "fr", scaffold)) == [("user", asked)]
    conversation = fact_conversation(
        "Capitale du Kenya ?", "fr", scaffold, [("Capitale du Togo ?", "Lomé")], "Soyez bref."
    )
    assert turns(conversation) == [("system", "Soyez bref."), ("user", shown), ("assistant", "Lomé"), ("user", asked)]


SHOTS = [("Q1?", "A1"), ("Q2?", "A2")]


@pytest.mark.parametrize(
    ("lang", "scaffold", "option_space", "expected"),
    [
        ("sw", "native", "auto", "Swali: Q1?\nJibu: A1\n\nSwali: Q2?\nJibu: A2\n\nSwali: Q?\nJibu:"),
        ("sw", "native", "never", "Swali: Q1?\nJibu:A1\n\nSwali: Q2?\nJibu:A2\n\nSwali: Q?\nJibu:"),
        ("zh", "native", "auto", "问题：Q1?\n答案：A1\n\n问题：Q2?\n答案：A2\n\n问题：Q?\n答案："),
        ("zh", "native", "always", "问题：Q1?\n答案： A1\n\n问题：Q2?\n答案： A2\n\n问题：Q?\n答案："),
        ("zh", "english", "auto", "Question: Q1?\nAnswer:A1\n\nQuestion: Q2?\nAnswer:A2\n\nQuestion: Q?\nAnswer:"),
        ("th", "native", "auto", "คำถาม: Q1?\nคำตอบ:A1\n\nคำถาม: Q2?\nคำตอบ:A2\n\nคำถาม: Q?\nคำตอบ:"),
        ("en", "none", "auto", "Q1? A1\n\nQ2? A2\n\nQ?"),
        ("ja", "none", "auto", "Q1?A1\n\nQ2?A2\n\nQ?"),
    ],
)
def test_fact_prompt_with_shots(lang, scaffold, option_space, expected):
    assert fact_prompt("Q?", lang, scaffold, SHOTS, option_space) == expected


@pytest.mark.parametrize("scaffold", ["native", "english", "none"])
@ALL
def test_a_scored_option_looks_like_the_answers_of_the_shots(lang, scaffold):
    for space in ("auto", "always", "never"):
        one_more = fact_prompt("Q?", lang, scaffold, [*SHOTS, ("Q?", "A")], space)
        scored = fact_prompt("Q?", lang, scaffold, SHOTS, space) + continuation("A", lang, space)
        assert one_more.startswith(f"{scored}\n\n")


def test_unknown_choices_are_refused():
    with pytest.raises(ConfigError, match=r"'nativ'.*Did you mean native"):
        cot_prompt("Q", "en", [], mode="nativ")
    for call in (
        lambda: fact_prompt("Q", "en", "German"),
        lambda: fact_conversation("Q", "en", "German"),
        lambda: cot_prompt("Q", "en", [], scaffold="German"),
        lambda: stop_strings("en", "German"),
    ):
        with pytest.raises(ConfigError, match="scaffold 'German'"):
            call()
    with pytest.raises(ConfigError, match=r"'cot'\. Known: native, english, direct"):
        chat_conversation("Q", "en", mode="cot")
    with pytest.raises(ConfigError, match=r"'leter'.*Did you mean letter"):
        chat_conversation("Q", "en", ask="leter")
    with pytest.raises(ConfigError, match="'cot'"):
        chat_conversation("Q", "en", mode="cot", ask="none")
    with pytest.raises(ConfigError, match="option space 'sometimes'"):
        fact_prompt("Q", "en", "none", SHOTS, "sometimes")
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
        "xleval", "xleval.data", "xleval.data.languages", "xleval.errors", "xleval.evalkit",
        "xleval.evalkit.option_prompts", "xleval.evalkit.prompt_blocks", "xleval.evalkit.prompt_words",
        "xleval.evalkit.prompt_words.africa", "xleval.evalkit.prompt_words.asia", "xleval.evalkit.prompt_words.europe",
        "xleval.evalkit.prompt_words.row", "xleval.evalkit.prompts", "xleval.evalkit.requests", "False",
    ]  # fmt: skip
