import subprocess
import sys

import pytest

from xleval.data.languages import LANGUAGES, POLYFACT_LANGUAGES, get_language, parse_languages
from xleval.errors import ConfigError


def test_table_has_twenty_languages_with_polyfact_first() -> None:
    assert (
        tuple(LANGUAGES)[:12]
        == POLYFACT_LANGUAGES
        == ("en", "de", "id", "pt", "ar", "bn", "sw", "es", "ru", "fr", "ja", "zh")
    )
    assert tuple(LANGUAGES)[12:] == ("ko", "uk", "th", "te", "yo", "vi", "it", "ms")
    assert all(row.code == code for code, row in LANGUAGES.items())


def test_resource_classes_of_polyfact_are_the_published_ones() -> None:
    assert {code for code in POLYFACT_LANGUAGES if LANGUAGES[code].resource == "low"} == {"id", "bn", "sw"}
    assert {LANGUAGES[code].resource for code in POLYFACT_LANGUAGES} == {"high", "low"}


@pytest.mark.parametrize("code", LANGUAGES)
def test_native_digits_are_zero_to_nine(code: str) -> None:
    digits = LANGUAGES[code].digits
    assert digits is None or [int(digit) for digit in digits] == list(range(10))


def test_languages_with_native_digits() -> None:
    assert {code for code, row in LANGUAGES.items() if row.digits} == {"ar", "bn", "th", "te"}


@pytest.mark.parametrize("code", LANGUAGES)
def test_facts_agree_with_lingua_and_cldr(code: str) -> None:
    from babel import Locale
    from babel.numbers import get_decimal_symbol, get_group_symbol
    from lingua import Language as Lingua

    row = LANGUAGES[code]
    assert all(hasattr(Lingua, name) for name in (row.lingua, *row.neighbours))
    locale = Locale.parse(row.cldr)
    assert row.direction == locale.text_direction
    assert row.decimal_separator == get_decimal_symbol(locale, numbering_system="latn")
    assert get_group_symbol(locale, numbering_system="latn") in row.group_separators
    assert row.decimal_separator not in row.group_separators


def test_unspaced_languages() -> None:
    assert {code for code, row in LANGUAGES.items() if not row.spaced} == {"ja", "zh", "th"}


def test_get_language_is_case_insensitive_and_names_the_nearest() -> None:
    assert get_language(" KO ").english_name == "Korean"
    with pytest.raises(ConfigError, match=r"unknown language 'kok'.*ko.*Known: en, de"):
        get_language("kok")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ko,zh", ("ko", "zh")),
        (" ko , ZH ", ("ko", "zh")),
        ("all", tuple(LANGUAGES)),
        ("polyfact", POLYFACT_LANGUAGES),
        ("ko,polyfact", ("ko", *POLYFACT_LANGUAGES)),
    ],
)
def test_parse_languages(text: str, expected: tuple[str, ...]) -> None:
    assert parse_languages(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty language"),
        ("ko,,zh", "empty language"),
        ("ko,", "empty language"),
        ("ko,zh,ko", "more than once.*ko"),
        ("polyfact,de", "more than once.*de"),
        ("xx", "unknown language 'xx'"),
    ],
)
def test_parse_languages_refuses(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_languages(text)


def test_import_is_light() -> None:
    code = (
        "import sys, xleval.data.languages, xleval.data.language_id, xleval.data.segmentation;"
        "heavy = {'lingua', 'icu4py', 'babel', 'numpy', 'torch'} & set(sys.modules); assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("swahili", "sw"),
        ("Korean", "ko"),
        ("한국어", "ko"),
        ("kr", "ko"),
        ("jp", "ja"),
        ("zh-CN", "zh"),
        ("Ukranian", "uk"),
    ],
)
def test_names_and_country_codes_lead_to_the_code(written: str, meant: str) -> None:
    with pytest.raises(ConfigError, match=rf"unknown language '{written}'\. Did you mean {meant}\b"):
        parse_languages(written)
