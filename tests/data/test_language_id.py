import random
from pathlib import Path

import pytest

from xleval.data.language_id import LanguageShares, detect, language_shares, prompt_names, strip_non_language
from xleval.data.language_markers import by_letters, indonesian_or_malay, is_english_word
from xleval.data.scripts import script_of, script_runs
from xleval.errors import ConfigError

DEVTEST = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "flores200_devtest" / "devtest"
FLORES = {
    "en": "eng_Latn", "de": "deu_Latn", "id": "ind_Latn", "pt": "por_Latn", "ar": "arb_Arab", "bn": "ben_Beng",
    "sw": "swh_Latn", "es": "spa_Latn", "ru": "rus_Cyrl", "fr": "fra_Latn", "ja": "jpn_Jpan", "zh": "zho_Hans",
    "ko": "kor_Hang", "uk": "ukr_Cyrl", "th": "tha_Thai", "te": "tel_Telu",
}  # fmt: skip


def flores_sentences(file: str, every: int = 5) -> list[str]:
    path = DEVTEST / f"{file}.devtest"
    if not path.exists():
        pytest.skip("needs ../shared/data: flores200_devtest")
    return path.read_text(encoding="utf-8").splitlines()[::every]


def counts(text: str, target: str, prompt: str = "") -> tuple[int, int, int, int]:
    """Target, English, other, undetermined words."""
    found = language_shares(text, target, prompt)
    return found.n_target, found.n_english, found.n_other, found.n_undetermined


@pytest.mark.parametrize(
    ("char", "script"),
    [
        ("a", "Latn"), ("ñ", "Latn"), ("ế", "Latn"), ("ж", "Cyrl"), ("ع", "Arab"), ("한", "Hang"), ("ก", "Thai"),
        ("ี", "Thai"), ("క", "Telu"), ("ক", "Beng"), ("漢", "Hani"), ("ひ", "Hira"), ("カ", "Kana"), ("ー", "Kana"),
        ("π", "Grek"), ("अ", "Deva"), ("𠮷", "Hani"), ("ꯀ", "Zzzz"), ("5", None), ("٣", None), (" ", None),
        ("،", None), ("\u0301", None), ("ℝ", None), ("😀", None),
    ],
)  # fmt: skip
def test_script_of(char: str, script: str | None) -> None:
    assert script_of(char) == script


def test_script_runs_join_kana_and_han() -> None:
    assert script_runs("GPU를") == [("Latn", (0, 3)), ("Hang", (3, 4))]
    assert script_runs("売り上げ") == [("Hani", (0, 4))]
    assert script_runs("48!") == []


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (r"so $x^2 + y = 3$ holds", "so holds"),
        (r"so \(x+1\) and \[ a \leq b \] hold", "so and hold"),
        (r"answer: \boxed{72}", "answer: { }"),
        (r"lines $\ell_A$ and $x_{max}$", "lines and"),
        (r"$5\text{ apples}$ left", "apples left"),
        (r"a \textbf{bold word} here", "a bold word here"),
        ("She sold 48/2 = <<48/2=24>>24 clips", "She sold = clips"),
        ("paid $5 for it and $10 for that", "paid $ for it and $ for that"),
        ("call total_clips and maxValue or `x.sum()` now", "call and or now"),
        ("keep `these two words` here", "keep `these two words` here"),
        ("see https://example.org/a_b?c=d now", "see now"),
        ("<think> yes </think><|im_end|>", "yes"),
        ("x = 3y and 5km", "= and"),
        ("ราคา ๔๘ บาท", "ราคา บาท"),
        ("Ｔｗｏ words", "Two words"),
        ("_emphasis_ stays", " emphasis stays"),
        ("[asy] draw((0,0)--(1,1)); // a line [/asy] end", "a line end"),
    ],
)
def test_strip_non_language(text: str, kept: str) -> None:
    assert strip_non_language(text).split() == kept.split()


@pytest.mark.parametrize(
    "text",
    [
        "답은 $\\text{she sold half of the clips}$ 이다.",
        "답은 $she sold half of the clips$ 이다.",
        "답은 \\(she sold half of the clips\\) 이다.",
        'print("she sold half of the clips")',
        "```\n# she sold half of the clips\nx = 2\n```",
        '```python\nprint("she sold half of the clips")\n```',
        "```\nshe sold half of the clips\n```",
        "“she sold half of the clips”라고 했다.",
        "`she sold half of the clips`",
        "she_sold_half_of_the_clips",
        "5she 5sold 5half 5of 5the 5clips",
        "ｓｈｅ ｓｏｌｄ ｈａｌｆ ｏｆ ｔｈｅ ｃｌｉｐｓ",
    ],
)
def test_english_cannot_hide_in_a_korean_text(text: str) -> None:
    assert language_shares(text, "ko").n_english >= 5


def test_other_scripts_stay_inside_formulas_and_code() -> None:
    assert counts("$사과의 수 = 5$", "ko") == (2, 0, 0, 0)
    assert counts("```\nx = 5 사과\n```", "ko") == (1, 0, 0, 0)
    assert counts("`她卖了一半`", "zh")[0] >= 3


def test_korean_reasoning_with_names_and_formulas() -> None:
    text = (
        "나탈리아(Natalia)는 4월에 48개의 클립을 팔았다. $\\frac{48}{2}=24$ 이므로 5월에는 24개를 팔았다. "
        "따라서 x + y = 72, 답은 \\boxed{72}이다."
    )
    found = language_shares(text, "ko")
    # 나탈리아, 는, 월에, 개의, 클립을, 팔았다 | 이므로, 월에는, 개를, 팔았다 | 따라서, 답은, 이다; Natalia is undetermined.
    assert (found.n_target, found.n_english, found.n_other, found.n_undetermined) == (13, 0, 0, 1)
    assert found.target_of_determined == 1.0
    assert found.top == "ko"
    assert language_shares(text, "ko", prompt="Natalia는 몇 개를 팔았는가?").n_undetermined == 0


def test_sentences_of_two_languages_are_told_apart() -> None:
    # Natalia, kaufte, clips | She, sold, half
    assert counts("Natalia kaufte 48 clips. She sold half.", "de") == (3, 3, 0, 0)
    assert counts("First we need the number of clips. 그래서 답은 72이다.", "ko") == (3, 7, 0, 0)
    assert counts("그래서 답은 apples 이다. 정답은 Samsung 이다.", "ko") == (5, 1, 0, 1)
    assert counts("He said “das ist wirklich sehr schön” to her yesterday.", "en") == (5, 0, 5, 0)


def test_thai_around_digits() -> None:
    assert counts("ไทย48ไทย", "th") == (2, 0, 0, 0)


@pytest.mark.parametrize("text", ["", "48 + 24 = 72", "\\boxed{72}", "…!?", "$x+y$", "\ud800", "\u0e34"])
@pytest.mark.parametrize("target", ["en", "ko", "zh"])
def test_texts_without_words_have_no_shares(text: str, target: str) -> None:
    found = language_shares(text, target)
    assert found.n_words == 0
    assert found.shares is None
    assert found.target_of_determined is None
    assert found.target_of_characters is None
    assert found.top is None


def test_english_as_target_is_not_english_share() -> None:
    assert counts("She sold half of the clips. 그래서 답은 72이다.", "en") == (6, 0, 3, 0)


def test_shares_sum_to_one_and_characters_weigh() -> None:
    found = LanguageShares(
        target="ko", n_target=3, n_english=1, n_other=2, n_undetermined=1, target_chars=9, determined_chars=30,
        n_sentences=1, n_foreign_sentences=0, top="ko", excluded_share=0.0,
    )  # fmt: skip
    assert found.shares == (3 / 7, 1 / 7, 2 / 7, 1 / 7)
    assert found.n_words == 7
    assert found.target_of_determined == 0.5
    assert found.target_of_characters == pytest.approx(0.3)


def test_chinese_and_japanese() -> None:
    assert language_shares("答案是她在四月卖了个夹子。", "ja").n_other > 0
    assert language_shares("答えは四月に売った個数です。", "zh").n_other > 0
    # A heading in Han alone is undetermined where the text has kana, and Chinese where it has none.
    assert counts("解答\nこれは正しい答えです。", "ja")[2:] == (0, 1)
    assert counts("解答", "zh") == (1, 0, 0, 0)


def test_russian_and_ukrainian() -> None:
    assert counts("Она продала половину всех скрепок в мае.", "uk")[2] == 7
    assert counts("Вона продала половину всіх скріпок у травні.", "ru")[2] == 7
    assert by_letters("объём") == "ru"
    assert by_letters("їжак") == "uk"
    assert by_letters("дом") is None
    assert by_letters("گچ") is None


def test_indonesian_and_malay_are_one_class_unless_a_word_decides() -> None:
    neutral = "Dia membaca buku itu di rumah ibunya tadi malam."
    assert counts(neutral, "id") == counts(neutral, "ms") == (9, 0, 0, 0)
    malay = "Dia tidak membeli buku itu kerana wang tidak cukup."
    assert counts(malay, "ms")[0] == 9
    assert counts(malay, "id")[2] == 9
    assert indonesian_or_malay("karena uang") == "id"
    assert indonesian_or_malay("karena wang") is None


@pytest.mark.parametrize("word", ["the", "clips", "sold", "running", "stopped", "making", "cities", "clearly"])
def test_english_words(word: str) -> None:
    assert is_english_word(word)


@pytest.mark.parametrize("word", ["klipu", "sin", "km", "samsung", "mod", "natalia", ""])
def test_not_english_words(word: str) -> None:
    assert not is_english_word(word)


def test_prompt_names_are_tokens_of_another_script_only() -> None:
    assert prompt_names("Natalia가 Kylian Mbappe에게 apple을 팔았다.", "ko") == {"Natalia", "Kylian", "Mbappe", "apple"}
    # From an English prompt only names: a completion that copies the prompt is English.
    english = "Yesterday Natalia sold clips to Sarah. How many clips did Natalia sell?"
    assert prompt_names(english, "ko") == {"Natalia", "Sarah"}
    assert language_shares(english, "ko", prompt=english).n_english >= 9
    assert prompt_names(english, "de") == frozenset()
    # An instruction in English under a Korean question does not make English words exempt.
    mixed = "사과는 몇 개인가? Please reason step by step, and put your final answer within \\boxed{}."
    assert prompt_names(mixed, "ko") == frozenset()


def test_excluded_share_is_of_letters() -> None:
    # 사과 and abcd: 4 of 6 letters are inside the formula.
    assert language_shares("사과 $abcd$", "ko").excluded_share == pytest.approx(4 / 6)
    assert language_shares("사과", "ko").excluded_share == 0.0


def test_foreign_sentences_need_five_words() -> None:
    found = language_shares("She sold half. Now he counts all of the other clips. Das ist ein sehr schöner Tag.", "de")
    assert (found.n_sentences, found.n_foreign_sentences) == (2, 1)


@pytest.mark.parametrize(
    ("text", "candidates", "expected"),
    [
        ("Das ist ein Satz auf Deutsch.", ["de", "en"], "de"),
        ("Das ist ein Satz auf Deutsch.", ["fr", "en"], None),
        ("이것은 문장입니다.", ["ko"], "ko"),
        ("Це речення українською мовою.", ["ru"], None),
        ("Dit is een zin in het Nederlands.", ["de"], None),
        ("Saya tidak membeli buku itu kerana wang tidak cukup.", ["id"], None),
        ("Saya tidak membeli buku itu karena uang tidak cukup.", ["id", "ms"], "id"),
        ("Dia membaca buku itu di rumah ibunya tadi malam.", ["id", "ms"], None),
        ("Dia membaca buku itu di rumah ibunya tadi malam.", ["ms"], "ms"),
        ("48", ["ko", "yo"], None),
        ("", ["ko"], None),
        ("\ud800", ["ko"], None),
    ],
)
def test_detect(text: str, candidates: list[str], expected: str | None) -> None:
    assert detect(text, candidates) == expected


def test_bad_languages() -> None:
    with pytest.raises(ConfigError, match="unknown language 'xx'"):
        language_shares("text", "xx")
    with pytest.raises(ConfigError, match="no candidate languages"):
        detect("text", [])


@pytest.mark.parametrize(
    "text", ["\\[ " * 8000, "\\( a " * 5000, '" a b c d ' * 4000, "``` " * 8000, "Mr. " * 6000, "\\begin{a}" * 3000]
)
def test_runaway_output_takes_no_quadratic_time(text: str) -> None:
    # Seconds, not minutes, even on a busy machine; the figures are in benchmarks/language_id.py.
    language_shares(text, "ko")


@pytest.mark.parametrize("lang", FLORES)
def test_calibration_on_monolingual_text(lang: str) -> None:
    found = [language_shares(sentence, lang) for sentence in flores_sentences(FLORES[lang])]
    n_words = sum(one.n_words for one in found)
    determined = sum(one.n_determined for one in found)
    assert sum(one.n_target for one in found) / determined >= 0.99
    assert 1 - determined / n_words <= 0.06
    assert sum(one.n_english for one in found) / n_words <= 0.005


@pytest.mark.parametrize("lang", ["ko", "sw", "id", "pt", "zh"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_known_mixture_of_sentences_with_english(lang: str, share: float) -> None:
    rng = random.Random(7)
    pairs = list(zip(flores_sentences(FLORES[lang], 10), flores_sentences(FLORES["en"], 10), strict=True))
    chosen = [(own, True) if rng.random() < share else (english, False) for own, english in pairs]
    true_target = sum(language_shares(text, lang).n_words for text, own in chosen if own)
    mixed = language_shares(" ".join(text for text, _ in chosen), lang)
    assert mixed.target_of_determined == pytest.approx(true_target / mixed.n_words, abs=0.03)
    assert mixed.n_english / mixed.n_words == pytest.approx(1 - true_target / mixed.n_words, abs=0.03)


def test_traditional_chinese_is_chinese() -> None:
    found = [language_shares(sentence, "zh") for sentence in flores_sentences("zho_Hant", 20)]
    assert sum(one.n_target for one in found) / sum(one.n_determined for one in found) >= 0.99
