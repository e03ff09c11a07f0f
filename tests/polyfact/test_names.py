import pytest

from xleval.polyfact import names


@pytest.mark.parametrize(
    ("one", "other", "lang"),
    [
        ("Argelia", "Argel", "es"),  # argel, five letters
        ("Algeria", "Algerian Dinar", "en"),
        ("Austria", "Australia", "en"),  # austr: the guard is wide, a lost fact costs less than a leak
        ("Peru", "Peruvian Sol", "en"),  # a whole word of four letters
        ("España", "español", "es"),  # ñ is folded
        ("Côte d’Ivoire", "Cote", "fr"),
        ("الجزائر", "جزائري", "ar"),  # the article is no part of the stem
        ("বাংলাদেশ", "বাংলা", "bn"),
        ("Украина", "украинский", "ru"),
        ("中国", "中国人民币", "zh"),
        ("アルジェリア", "アルジェ", "ja"),
        ("南アフリカ", "アフリカ", "ja"),
        ("日本", "日本語", "ja"),
    ],
)
def test_names_that_share_a_stem(one: str, other: str, lang: str) -> None:
    assert names.share_stem(one, other, lang)
    assert names.share_stem(other, one, lang)


@pytest.mark.parametrize(
    ("one", "other", "lang"),
    [
        ("Kenya", "Nairobi", "en"),
        ("Iran", "Iraq", "en"),
        ("São Tomé", "Santo", "pt"),
        ("アルゼンチン", "アルバニア", "ja"),  # two kana are a syllable, not a stem
        ("法国", "巴黎", "zh"),
    ],
)
def test_names_that_do_not(one: str, other: str, lang: str) -> None:
    assert not names.share_stem(one, other, lang)
    assert not names.share_stem(other, one, lang)


@pytest.mark.parametrize(
    ("text", "name", "lang", "found"),
    [
        ("What is the capital of Mexico?", "Mexico", "en", True),
        ("Mexico City: which country is it in?", "Mexico", "en", True),
        ("Turkmenistan?", "Turkmen", "en", False),  # inside a word: the stem guard sees it, not this one
        ("墨西哥城位于哪个国家？", "墨西哥", "zh", True),
        ("法国的首都是哪里？", "国", "zh", False),  # one character is no name
        ("Ist das in Peru?", "peru", "de", True),
        ("Ciudad de Guatemala", "Guatemala", "es", True),
        ("ما عاصمة الكويت؟", "الكويت", "ar", True),
    ],
)
def test_contains_name(text: str, name: str, lang: str, found: bool) -> None:
    assert names.contains_name(text, name, lang) is found


def test_bengali_vowel_signs_belong_to_words() -> None:
    assert names.share_stem("কেনিয়ার", "কেনিয়া", "bn")
    assert not names.share_stem("কানাডা", "কেনিয়া", "bn")  # same consonant, other vowel sign


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Myanmar (Burma)", "Myanmar"), ("刚果（金）", "刚果"), ("Kenya", "Kenya"), ("(Georgia)", "(Georgia)")],
)
def test_strip_parentheses(name: str, expected: str) -> None:
    assert names.strip_parentheses(name) == expected


@pytest.mark.parametrize(
    ("one", "other", "lang", "alike"),
    [
        ("Guinea", "Equatorial Guinea", "en", True),
        ("Guinea", "Guinea-Bissau", "en", True),
        ("Oman", "Jordan", "en", False),
        ("几内亚", "赤道几内亚", "zh", True),
        ("US Dollar", "Euro", "en", False),
    ],
)
def test_differ_by_head_word(one: str, other: str, lang: str, alike: bool) -> None:
    assert names.differ_by_head_word(one, other, lang) is alike


@pytest.mark.parametrize(
    ("name", "lang", "foreign"),
    [
        ("Найроби", "ru", ""),
        ("Найроби BEAC", "ru", "BEAC"),
        ("Côte d’Ivoire", "fr", ""),
        ("Việt Nam", "vi", ""),
        ("ナイロビ", "ja", ""),
        ("CFA フラン", "ja", "CFA"),
        ("লিঙ্কনNear", "bn", "Near"),  # defect class 15
        ("서울", "ja", "서울"),  # defect class 22
        ("北京", "ko", "北京"),
    ],
)
def test_foreign_letters(name: str, lang: str, foreign: str) -> None:
    assert names.foreign_letters(name, lang) == foreign
