"""The number check. Expected verdicts follow from the sentences themselves; each is a true or a wrong translation."""

import random
from decimal import Decimal
from pathlib import Path

import pytest

from xleval.data.languages import LANGUAGES
from xleval.data.number_words import MINUS_WORDS, magnitudes
from xleval.data.numbers import find_numbers
from xleval.data.reasoning.gate.digit_reading import digit_spans, digit_values
from xleval.data.reasoning.gate.number_names import number_names
from xleval.data.reasoning.gate.numbers import check_numbers
from xleval.data.reasoning.gate.spelt_numbers import spelt_numbers
from xleval.data.reasoning.records import Pair


def score(lang: str, source: str, target: str) -> float:
    found = check_numbers(Pair(item_id="1", lang=lang, source=source, target=target))
    return found.score if found else 0.0


@pytest.mark.parametrize(
    ("lang", "source", "target"),
    [
        ("de", "She has 12 eggs.", "Sie hat zwölf Eier."),
        ("de", "He buys a dozen eggs and 21 apples.", "Er kauft 12 Eier und einundzwanzig Äpfel."),
        ("es", "It took 2.5 hours.", "Tardó 2 horas y media."),
        ("fr", "He paid $1,500.", "Il a payé 1 500 $."),
        ("fr", "97 people came.", "Quatre-vingt-dix-sept personnes sont venues."),
        ("zh", "The town has 12,000 people.", "这个镇有1.2万人。"),
        ("zh", "Tom has three cats.", "汤姆有3只猫。"),
        ("ja", "A third of the 60 letters", "60通の手紙の3分の1"),
        ("ja", "It costs $5 per day for 2 weeks.", "1日5ドルで、14日間かかります。"),
        ("ko", "He read 15 books.", "그는 책을 열다섯 권 읽었다."),
        ("ko", "One-fourth of the 40 pupils", "학생 40명의 1/4"),
        ("bn", "Half of the 30 eggs", "৩০টি ডিমের অর্ধেক"),
        ("te", "He has 3 cows and twenty-five hens.", "అతనికి మూడు ఆవులు, 25 కోళ్ళు ఉన్నాయి."),
        ("th", "35 children", "เด็กสามสิบห้าคน"),
        ("sw", "There were 25 birds.", "Kulikuwa na ndege ishirini na watano."),
        ("ru", "He has 2 brothers and 1.5 kg of rice.", "У него двое братьев и полтора кг риса."),
        ("uk", "She has 5 cats.", "У неї п'ять котів."),
        ("ar", "He bought 27 books twice.", "اشترى سبعة وعشرين كتابا مرتين."),
        ("id", "He has 12 cows.", "Ia punya dua belas ekor sapi."),
        ("ms", "He has 8 cows.", "Dia ada lapan ekor lembu."),
        ("pt", "He ran 200 meters in half a minute.", "Ele correu duzentos metros em 30 segundos."),
        ("it", "28 boxes", "ventotto scatole"),
        ("vi", "He has 25 cows.", "Anh ấy có hai mươi lăm con bò."),
        ("yo", "He has 2 cows.", "Ó ní màlúù méjì."),
        ("fr", "It burns from 1:00 PM to 5:00 PM.", "Elle brûle de 13 h à 17 h."),
        ("ko", "By 16:00 they were done.", "오후 4시까지 끝났다."),
        ("es", "The store closes at noon; 50% are sold.", "La tienda cierra a las 12; se vende 0,5."),
    ],
)
def test_other_forms_of_a_number_are_no_finding(lang: str, source: str, target: str) -> None:
    assert score(lang, source, target) == 0


@pytest.mark.parametrize(
    ("lang", "source", "target", "expected"),
    [
        ("es", "She has 12 eggs and 3 hens.", "Ella tiene huevos y 3 gallinas.", 0.9),
        ("es", "She has 12 eggs and 3 hens.", "Ella tiene 13 huevos y 3 gallinas.", 1.9),
        ("es", "She has eggs.", "Ella tiene 13 huevos.", 1.0),
        ("zh", "The town has 12,000 people.", "这个镇有1.2人。", 1.9),
        # three became 8: nothing in digits is lost, so what is added decides
        ("ja", "Tom has three cats and 40 dogs.", "トムは8匹の猫と40匹の犬を飼っています。", 1.0),
        # 5 and 9 are in the source, but `two` is nowhere: it was changed into 9
        ("ja", "He has two cats, 9 dogs, 5 hens.", "彼は猫を9匹、犬を9匹、鶏を5羽飼っている。", 1.0),
        # the second 400 is left out as people do
        ("fr", "The 400-meter hurdles and the 400 meters again.", "Le 400 mètres haies, et encore une fois.", 0.5),
        ("de", "It costs $1.50.", "Es kostet 150 Cent.", 1.9),
        ("bn", "5 birds and 5 dogs", "৬টি পাখি এবং ৫টি কুকুর", 1.5),
    ],
)
def test_lost_added_and_changed_numbers(lang: str, source: str, target: str, expected: float) -> None:
    assert score(lang, source, target) == pytest.approx(expected)


def test_the_finding_names_the_numbers() -> None:
    found = check_numbers(Pair(item_id="1", lang="de", source="7 of 1,200", target="7 von 1.300"))
    assert found is not None
    assert found.detail == "lost 1200; added 1300"


def test_spelt_numbers_are_put_together() -> None:
    words = spelt_numbers("two thousand three hundred five, two and a half dozen, 2 and a half", "en")
    assert {Decimal(2305), Decimal("2.5"), Decimal(12)} <= words.values.keys()
    assert (Decimal("2.5"), (Decimal(2),)) in words.mixed


def test_every_language_has_the_names_of_the_numbers_that_problems_use() -> None:
    for lang in LANGUAGES:
        values = {value for values in number_names(lang).values() for value in values}
        # Chinese, Japanese and Korean write the rest in Han numerals, which are read apart.
        needed = [0.5, 2] if lang in ("zh", "ja") else [0.5, *range(1, 11)]
        assert not [value for value in needed if value not in values], lang


def test_reading_is_that_of_find_numbers_on_contexts_it_looks_at() -> None:
    texts = {
        "en": ["minus 5", "-5", "5-10", "$-5", "1,2,3", "1/2", "2 1/2", "2 and 1/2", "1/2 = 0.5", "5k", "5 million", "$5B",
               "3 x 10^5", "x5", "H2", "¾ of 5", ".5", "5 (6)", "1.2.3", "7:11", "20 thousand", "1/2/2024", "5%", "$ 5.50"],
        "de": ["1.500 €", "1.500,25", "2,5", "minus 3", "5 Mio.", "70,000", "3 Millionen", "2.50 Euro"],
        "fr": ["5 000 m", "5\u202f000", "au moins 5", "1 000 000", "2 et 1/2", "5\u202fmillions", "MOINS 5",
               "la température est de moins 5", "il y en a au dessous 5", "5 me\u0301gots, 5 kilos, 5k"],
        "sw": ["elfu 7", "akatumia 28", "mia 5", "elfu 2 mia 5"],
        "zh": ["3万", "负5", "三分之一", "4分之3", "2又1/2", "5，6"],
        "ko": ["3만 5000", "5만큼", "4분의 3", "2천", "5 조로"],
        "bn": ["৫০ শতাংশ", "১,২০,০০০", "২ মিলিয়ন", "২ মিলিয\u09bcন", "৫ শত",
               "2 মিলি\u09dfন", "2 মিলিয\u09bcন", "5 শত"],
        "ru": ["5 тысяч", "5 минут", "5 млн", "это минус 5", "15 Тысяч", "5 м"],
        "vi": ["5 triệu", "5 trie\u0323\u0302u", "5 tri\u00ea\u0323u", "5 trang"],
        "ar": ["٢٫٥", "١٬٢٠٠", "5 آلاف", "ناقص 5", "٥-"],
        "th": ["๑๒.๕", "5 พันธุ์", "5พัน", "ลบ 5"],
    }  # fmt: skip
    for lang, lines in texts.items():
        for line in lines:
            expected = [number.value for number in find_numbers(line, lang)]
            assert digit_values(line, lang) == expected, (lang, line)
            assert digit_values(f"a {line} b", lang) == [one.value for one in find_numbers(f"a {line} b", lang)]


@pytest.mark.parametrize("lang", ["en", "bn", "de", "es", "fr", "ja", "ru", "sw", "te", "th", "zh"])
def test_reading_is_that_of_find_numbers_on_questions(shared_data: Path, lang: str) -> None:
    lines = (shared_data / "mgsm" / f"mgsm_{lang}.tsv").read_text(encoding="utf-8").splitlines()
    questions = [line.split("\t")[0] for line in lines]
    assert len(questions) == 250
    for question in questions:
        assert digit_values(question, lang) == [number.value for number in find_numbers(question, lang)], question


def test_reading_is_that_of_find_numbers_on_random_surroundings() -> None:
    numbers = ["3", "12", "0", "1,5", "2.50", "1.000", "1 000", "80\u202f000", "3/4", "1,2,3", "½", "５", "৫"]
    around = [" ", "  ", "\u00a0", "-", "\u2013", "$", "€", "R$", ".", ",", ":", "(", ")", "x", "×", "=", "%", "k", "M", "e", "é",
              "\n", "/", "²", "m", "\\", "the ", "los ", "in no ", "and ", " et ", "人", "分之", "の", "명", "กก", "টি", "ж"]  # fmt: skip
    rng = random.Random(20261121)
    for lang in ("en", "de", "es", "fr", "sw", "ru", "ar", "th", "zh"):
        words = [*(f" {word}" for word in magnitudes(lang)), *(f"{word} " for word in MINUS_WORDS)]
        for _ in range(200):
            parts = [rng.choice(rng.choice((numbers, around, words))) for _ in range(rng.randrange(2, 7))]
            text = "".join(parts)
            assert digit_values(text, lang) == [number.value for number in find_numbers(text, lang)], (lang, text)


def test_spans_hold_the_digits() -> None:
    text = "Er zahlt 1.500 € für 3 Räder."
    assert [text[start:end] for start, end, _ in digit_spans(text, "de")] == ["1.500", "3"]
