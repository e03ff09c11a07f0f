"""The embedded word problems: complete, right, parallel in their numbers and each in its own language and script."""

import json
import re
import unicodedata
from collections import Counter
from importlib import resources
from typing import Any

import pytest
from lingua import Language, LanguageDetector, LanguageDetectorBuilder

LANGUAGES = ("en", "de", "id", "pt", "ar", "bn", "sw", "es", "ru", "fr", "ja", "zh", "ko", "uk")

LINGUA = {
    "en": Language.ENGLISH,
    "de": Language.GERMAN,
    "id": Language.INDONESIAN,
    "pt": Language.PORTUGUESE,
    "ar": Language.ARABIC,
    "bn": Language.BENGALI,
    "sw": Language.SWAHILI,
    "es": Language.SPANISH,
    "ru": Language.RUSSIAN,
    "fr": Language.FRENCH,
    "ja": Language.JAPANESE,
    "zh": Language.CHINESE,
    "ko": Language.KOREAN,
    "uk": Language.UKRAINIAN,
}

# First words of the Unicode names of the letters that may stand in a text; all others are Latin.
SCRIPTS = {
    "ar": ("ARABIC",),
    "bn": ("BENGALI",),
    "ru": ("CYRILLIC",),
    "uk": ("CYRILLIC",),
    "ja": ("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "CJK"),
    "zh": ("CJK",),
    "ko": ("HANGUL",),
}

# Letters that Russian and Ukrainian do not share: a text with one of them is in the wrong language.
FOREIGN_LETTERS = {"ru": "іїєґІЇЄҐ", "uk": "ыэъёЫЭЪЁ"}

# Each problem worked once more, by the arithmetic of its story.
WORKED = {
    "s01": 14 + 19 - 9,
    "s02": 38 - 15 + 7,
    "s03": 180 // 12,
    "s04": 6 * 24 // 18,
    "s05": 7 * 13 - 16,
    "s06": 240 // 8 * 3,
    "s07": 9 * 7 + 5,
    "s08": (500 - 150) // 25,
    "s09": 8 * 45 - 285,
    "s10": 56 * 5 * 4,
    "s11": 48 - 48 * 25 // 100,
    "s12": 4 * 90 + 130,
    "s13": 11 * 16 - 139,
    "s14": 64 + (64 - 18),
    "s15": 12 * 4 + 15 * 3,
    "s16": 2 * 6 * 5,
    "s17": 900 // 6 * 10,
    "s18": 3 * 120 + 8 * 70,
    "s19": 84 // 6 - 9,
    "s20": 1250 - 175 + 60 * 3,
    "s21": 30 * 15 + (36 - 30) * 20,
    "s22": (72 + 85 + 89) // 3,
    "s23": 5 + 8 + 5 * 3,
    "s24": 7 * 5 * 80,
    "s25": 5 * 3 + (27 - 5) * 4,
    "x1": 3 * 8 - 9,
    "x2": 4 * 45 // 20,
}

ANSWER_SENTENCES = {
    "en": "The answer is {}.",
    "de": "Die Antwort ist {}.",
    "id": "Jawabannya adalah {}.",
    "pt": "A resposta é {}.",
    "ar": "الإجابة هي {}.",
    "bn": "উত্তর হল {}।",
    "sw": "Jibu ni {}.",
    "es": "La respuesta es {}.",
    "ru": "Ответ: {}.",
    "fr": "La réponse est {}.",
    "ja": "答えは{}です。",
    "zh": "答案是{}。",
    "ko": "답은 {}입니다.",
    "uk": "Відповідь: {}.",
}

EQUATION = re.compile(r"(\d+) ([*/+-]) (\d+) = (\d+)")


def read_rows(name: str) -> list[dict[str, Any]]:
    text = resources.files("xleval.tasks").joinpath(name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


PROBLEMS = read_rows("sample_problems.jsonl")
EXEMPLARS = read_rows("sample_exemplars.jsonl")
ALL_ROWS = PROBLEMS + EXEMPLARS


def numbers(text: str) -> Counter[str]:
    return Counter(re.findall(r"\d+", text, re.ASCII))


def own_script_share(text: str, lang: str) -> float:
    letters = [char for char in text if unicodedata.category(char)[0] in "LM"]
    scripts = SCRIPTS.get(lang, ("LATIN",))
    return sum(unicodedata.name(char).split()[0] in scripts for char in letters) / len(letters)


@pytest.fixture(scope="module")
def detector() -> LanguageDetector:
    return LanguageDetectorBuilder.from_languages(*LINGUA.values()).build()


def test_rows_and_ids() -> None:
    assert [row["item_id"] for row in PROBLEMS] == [f"s{number:02d}" for number in range(1, 26)]
    assert [row["item_id"] for row in EXEMPLARS] == ["x1", "x2"]
    assert all(set(row) == {"item_id", "answer", "questions"} for row in PROBLEMS)
    assert all(set(row) == {"item_id", "answer", "questions", "solutions"} for row in EXEMPLARS)


@pytest.mark.parametrize("row", ALL_ROWS, ids=lambda row: row["item_id"])
def test_every_language_is_there_in_order(row: dict[str, Any]) -> None:
    for texts in (row["questions"], row.get("solutions", row["questions"])):
        assert tuple(texts) == LANGUAGES
        for text in texts.values():
            assert text == unicodedata.normalize("NFC", text)
            assert text == " ".join(text.split())


@pytest.mark.parametrize("row", ALL_ROWS, ids=lambda row: row["item_id"])
def test_answer_is_right(row: dict[str, Any]) -> None:
    assert type(row["answer"]) is int
    assert row["answer"] == WORKED[row["item_id"]]
    assert 2 <= row["answer"] <= 5000


def test_worked_answers_are_whole_numbers() -> None:
    # The divisions of WORKED are floor divisions; each must come out even.
    for dividend, divisor in [(180, 12), (6 * 24, 18), (240, 8), (500 - 150, 25), (48 * 25, 100), (900, 6), (84, 6)]:
        assert dividend % divisor == 0
    assert (72 + 85 + 89) % 3 == 0
    assert 4 * 45 % 20 == 0


@pytest.mark.parametrize("row", ALL_ROWS, ids=lambda row: row["item_id"])
def test_same_numbers_in_every_language(row: dict[str, Any]) -> None:
    for texts in (row["questions"], row.get("solutions", row["questions"])):
        assert {lang: numbers(text) for lang, text in texts.items()} == dict.fromkeys(LANGUAGES, numbers(texts["en"]))
        # Native and full-width digits would escape the comparison.
        assert all(char.isascii() for text in texts.values() for char in text if unicodedata.category(char)[0] == "N")


@pytest.mark.parametrize("row", PROBLEMS, ids=lambda row: row["item_id"])
def test_answer_is_not_given_away(row: dict[str, Any]) -> None:
    assert str(row["answer"]) not in numbers(row["questions"]["en"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_texts_are_in_their_script(lang: str) -> None:
    for row in ALL_ROWS:
        for text in [row["questions"][lang], *([row["solutions"][lang]] if "solutions" in row else [])]:
            assert own_script_share(text, lang) == 1.0, text
            assert not set(FOREIGN_LETTERS.get(lang, "")) & set(text), text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_two_equal_questions(lang: str) -> None:
    texts = [row["questions"][lang] for row in ALL_ROWS]
    assert len(set(texts)) == len(texts)


def test_no_text_is_shared_by_languages() -> None:
    for row in ALL_ROWS:
        assert len(set(row["questions"].values())) == len(LANGUAGES)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("row", EXEMPLARS, ids=lambda row: row["item_id"])
def test_solutions_are_right_and_end_with_the_answer_sentence(row: dict[str, Any], lang: str) -> None:
    solution = row["solutions"][lang]
    assert solution.endswith(ANSWER_SENTENCES[lang].format(row["answer"]))
    operations = {"*": int.__mul__, "/": int.__floordiv__, "+": int.__add__, "-": int.__sub__}
    equations = EQUATION.findall(solution)
    assert len(equations) == 2
    for left, sign, right, result in equations:
        assert operations[sign](int(left), int(right)) == int(result)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_questions_are_detected_as_their_language(lang: str, detector: LanguageDetector) -> None:
    found = {row["item_id"]: detector.detect_language_of(row["questions"][lang]) for row in ALL_ROWS}
    assert found == dict.fromkeys(found, LINGUA[lang])
