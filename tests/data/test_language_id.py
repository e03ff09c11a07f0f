import random
from pathlib import Path

import pytest

from xleval.data.language_id import (
    LanguageShares,
    detect,
    guarded_share,
    language_ratio,
    language_shares,
    prompt_names,
    strip_non_language,
)
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
    "text",
    [
        "\\[ " * 8000, "\\( a " * 5000, '" a b c d ' * 4000, "``` " * 8000, "Mr. " * 6000, "\\begin{a}" * 3000,
        "( a b c d e f g h " * 4000, "| a b c d " * 4000, "a-b-" * 10000, "s h e " * 8000, "/a/b" * 10000, "$she$ " * 8000,
        "https://" + "a" * 50000, "a" * 50000 + "@", "а" * 20000 + "a" + "b" * 30000, "```" + "a" * 50000,
        "```// " + "f(a " * 10000, "she_sold " * 6000, "\u200d" * 50000, "\u2110" * 50000,
    ],
)  # fmt: skip
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


@pytest.mark.parametrize(
    ("text", "target", "lines"),
    [
        # Two of three lines have five words: one German, one English.
        ("Das ist ein sehr schöner Tag.\nShe sold half of the clips.\nGut so.", "de", (2, 1)),
        # One line of two sentences, most of whose words are German.
        ("She sold half of it. Das ist ein wirklich sehr schöner langer Tag gewesen.", "de", (1, 0)),
        ("그래서 그녀는 오늘 클립을 모두 팔았다.\r\nShe sold half of the clips to me.", "ko", (2, 1)),
        ("Dr.\nShe sold half of the clips.", "de", (1, 1)),
        ("", "de", (0, 0)),
    ],
)
def test_lines_are_judged_by_their_most_frequent_language(text: str, target: str, lines: tuple[int, int]) -> None:
    found = language_shares(text, target)
    assert (found.n_lines, found.n_foreign_lines) == lines


@pytest.mark.parametrize(
    ("text", "target", "n"),
    [
        # half and clips; not "the" (three letters), not Natalia (a name), not "klipu" (no English word).
        ("그녀는 half 와 clips를 the 상자에 넣고 Natalia는 klipu 를 넣었다.", "ko", 2),
        ("Она купила apples и 3 oranges.", "ru", 2),
        ("She bought apples and oranges.", "de", 0),
        ("`apples` 와 $apples$", "ko", 0),
    ],
)
def test_intruders_are_english_words_in_another_script(text: str, target: str, n: int) -> None:
    assert language_shares(text, target).n_intruders == n


def test_words_of_the_prompt_are_intruders_only_if_they_are_no_names() -> None:
    assert language_shares("그녀는 apple 을 먹었다.", "ko", prompt="apple 은 몇 개인가?").n_intruders == 0


def test_language_ratio() -> None:
    # 그래서, 답은, 이다 | So, the, answer, is
    assert language_ratio("그래서 답은 72이다. So the answer is 72.", "ko") == pytest.approx(3 / 7)
    assert language_ratio("72", "ko") is None


GERMAN = (
    "Zuerst lesen wir die Aufgabe genau und schreiben die bekannten Zahlen auf. "
    "Danach berechnen wir Schritt für Schritt den Rest der Brötchen."
)


def test_guarded_share_needs_words() -> None:
    # 12 + 10 words, "die", "wir" and "Schritt" twice: 19 spellings.
    found = language_shares(GERMAN, "de")
    assert (found.n_target, found.n_distinct, found.n_distinct_target) == (22, 19, 19)
    assert guarded_share(found) == 1.0
    short = language_shares("Zuerst lesen wir die Aufgabe.", "de")
    assert guarded_share(short) == 0.0
    assert guarded_share(short, reference_words=10) == 1.0
    assert guarded_share(short, reference_words=11) == 0.0
    assert guarded_share(language_shares("", "de"), reference_words=0) == 0.0


def test_guarded_share_leaves_out_what_the_prompt_says() -> None:
    question = "Zuerst lesen wir die Aufgabe genau und schreiben die bekannten Zahlen auf."
    assert language_shares(GERMAN, "de", prompt=question).n_copied == 12
    assert guarded_share(language_shares(GERMAN, "de", prompt=question)) == 0.0
    # Ten German words of its own against 14 English ones.
    english = "She sold half of the rolls to the teacher and kept the other half."
    found = language_shares(f"{GERMAN} {english}", "de", prompt=question)
    assert guarded_share(found) == pytest.approx(min(10 / 24, 9 / 20))


def test_guarded_share_counts_every_spelling_once() -> None:
    found = language_shares("Das ist wirklich sehr gut so. " * 30, "de")
    assert found.target_of_determined == 1.0
    assert guarded_share(found) == 0.0


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("keep she_sold and total_clips", "keep and"),
        ("see /about/contact/ and/or that", "see and/or that"),
        (r"so \mathrm{rate} \times \operatorname{time} and $rate \times time$", "so {rate} {time} and"),
        ("```\nsize(250); // a note draw(A); fill(B);\n```", "a note"),
        ("a\u00adb\u200bc", "abc"),
        ("\u24e2\u24d7\u24d4 s\u0336h\u0336e\u0336", "she she"),
        ("sh\u0435 s\u043eld", "she sold"),
        ("s h e s o l d h a l f", "sheso ldhal f"),
        ("s h e  s o l d  h a l f", "she sold half"),
        ("s-h-e z.B. e.g.", "she z.B. e.g."),
        ("점 a b c d", "점 a b c d"),
    ],
)
def test_disguises_and_names_in_code(text: str, kept: str) -> None:
    assert strip_non_language(text).split() == kept.split()


def test_a_single_word_has_no_language_where_its_script_has_several() -> None:
    # lingua takes "Encontre" for French.
    assert counts("Encontre.", "pt") == (0, 0, 0, 1)
    assert counts("объём", "ru") == (1, 0, 0, 0)


def test_a_run_without_full_stops_is_cut() -> None:
    german = "und dann nehmen wir noch einmal die Hälfte der Brötchen weg "
    english = "and then we take away half of all the rolls that remain "
    found = language_shares(german * 8 + english * 8, "de")
    # 184 words in five pieces: the one that holds the change counts for its larger part.
    assert found.target_of_determined == pytest.approx(0.5, abs=0.12)
