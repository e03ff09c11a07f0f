import re

import pytest

from xleval.data.segmentation import icu_version, sentences, words
from xleval.errors import ConfigError


def word_texts(text: str, lang: str) -> list[str]:
    return [text[start:end] for start, end in words(text, lang)]


def sentence_texts(text: str, lang: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text, lang)]


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        ("en", "Don't stop, it's e-mail.", ["Don't", "stop", "it's", "e", "mail"]),
        ("th", "ไทย48ไทย", ["ไทย", "ไทย"]),
        ("th", "ผมมีเงิน", ["ผม", "มี", "เงิน"]),
        ("th", "ราคา๔๘บาท", ["ราคา", "บาท"]),
        ("zh", "她卖了48个夹子。然后呢？", ["她", "卖", "了", "个", "夹子", "然后", "呢"]),
        ("ja", "彼女は友達に売りました", ["彼女", "は", "友達", "に", "売り", "ま", "した"]),
        ("ko", "나탈리아는 48개의 클립을 팔았다.", ["나탈리아는", "개의", "클립을", "팔았다"]),
        ("ar", "باعت ٤٨ مشبكا.", ["باعت", "مشبكا"]),
        ("en", "48 + 3.5 = !", []),
        ("en", "", []),
    ],
)
def test_words(lang: str, text: str, expected: list[str]) -> None:
    assert word_texts(text, lang) == expected


def test_offsets_are_characters_after_astral_ones() -> None:
    # ICU counts UTF-16 units: every emoji, and every Han character beyond the first plane, is two.
    assert word_texts("😀👍🏽 one 𠮷野家 two", "en") == ["one", "𠮷", "野家", "two"]
    assert sentence_texts("😀 One. 👍🏽 Two. Three.", "en") == ["😀 One. ", "👍🏽 Two. ", "Three."]


def test_lone_surrogates_are_spaces() -> None:
    assert words("a\ud800b", "en") == [(0, 1), (2, 3)]
    assert sentences("a\ud800b", "en") == [(0, 3)]


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        ("en", "He met Mr. Smith. It was 3.5 km. Done!", ["He met Mr. Smith. ", "It was 3.5 km. ", "Done!"]),
        ("de", "Natalia kaufte 48 clips. She sold half.", ["Natalia kaufte 48 clips. ", "She sold half."]),
        ("zh", "她卖了48个。然后呢？好！", ["她卖了48个。", "然后呢？", "好！"]),
        ("en", "one\ntwo\n\n", ["one\n", "two\n"]),
        ("bn", "সে খায়। সে যায়।", ["সে খায়। ", "সে যায়।"]),
        ("en", " \n ", []),
        ("en", "", []),
    ],
)
def test_sentences(lang: str, text: str, expected: list[str]) -> None:
    assert sentence_texts(text, lang) == expected


def test_no_quadratic_time_on_abbreviations() -> None:
    assert len(sentences("Mr. " * 5000, "en")) == 1


def test_icu_version_is_a_version() -> None:
    assert re.fullmatch(r"\d+(\.\d+)+", icu_version())


def test_unknown_language() -> None:
    with pytest.raises(ConfigError, match="unknown language 'xx'"):
        words("text", "xx")
