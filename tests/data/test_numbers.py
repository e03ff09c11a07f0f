import re
import subprocess
import sys
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xleval.data.languages import LANGUAGES, get_language
from xleval.data.number_folding import STABLE
from xleval.data.number_words import magnitudes, parse_han_numeral
from xleval.data.numbers import find_numbers, normalise_digits, parse_number
from xleval.errors import ConfigError


def grouped(digits: str, separator: str, *, indian: bool) -> str:
    """Write a run of digits in groups of three from the right, or 3, 2, 2, ..."""
    head, groups = digits[:-3], [digits[-3:]]
    while head:
        size = 2 if indian else 3
        groups.insert(0, head[-size:])
        head = head[:-size]
    return separator.join(groups)


@settings(deadline=None)
@given(st.sampled_from(sorted(LANGUAGES)), st.integers(min_value=-(10**12), max_value=10**12), st.booleans(), st.data())
def test_integers_written_the_way_of_the_language_come_back(
    lang: str, number: int, native: bool, choice: st.DataObject
) -> None:
    row = get_language(lang)
    separator = choice.draw(st.sampled_from(("", *row.group_separators)))
    indian = row.indian_grouping and separator == ","
    text = grouped(str(abs(number)), separator, indian=indian) if separator else str(abs(number))
    if native and row.digits:
        text = text.translate(str.maketrans("0123456789", row.digits))
    text = ("-" if number < 0 else "") + text
    assert parse_number(text, lang) == number, text
    inside = f"= {text}."
    (span,) = find_numbers(inside, lang)
    assert (span.value, inside[span.start : span.end]) == (number, text)


@settings(deadline=None)
@given(st.sampled_from(sorted(LANGUAGES)), st.integers(0, 10**9), st.integers(0, 99), st.booleans())
def test_amounts_with_two_decimals_come_back(lang: str, whole: int, cents: int, native: bool) -> None:
    row = get_language(lang)
    separator = row.group_separators[0]
    text = grouped(str(whole), separator, indian=row.indian_grouping) + f"{row.decimal_separator}{cents:02d}"
    if native and row.digits:
        text = text.translate(str.maketrans("0123456789", row.digits))
    assert parse_number(text, lang) == Decimal(f"{whole}.{cents:02d}"), text


@settings(deadline=None)
@given(
    st.text(alphabet="0123456789.,' \u00a0-–/%$€٠١٫٬১লাখ万千kx×=\\{}½²：\u200f\u0301e", max_size=40),
    st.sampled_from(sorted(LANGUAGES)),
)
def test_any_text_gives_ordered_disjoint_spans_inside_it(text: str, lang: str) -> None:
    last = 0
    for span in find_numbers(text, lang):
        assert last <= span.start < span.end <= len(text)
        assert span.value.is_finite()
        last = span.end
    parse_number(text, lang)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("১২৩ ٤٥٦ ๗๘๙ ౧౨ １８ 𝟏𝟖", "123 456 789 12 18 18"),
        ("\u200f-\u0665\u200e", "-5"),
        ("\u22125 \uff0d5", "-5 -5"),
        ("70\u202f000", "70 000"),
        ("1\u00ad000", "1000"),
        ("m² and ①", "m² and ①"),
        ("1½", "1 1/2"),
        ("٣٫٥", "3٫5"),
    ],
)
def test_normalise_digits(text: str, folded: str) -> None:
    assert normalise_digits(text) == folded


PARSED = [
    # separators of the language and unambiguous foreign ones
    ("en", "70,000", "70000"), ("en", "1,234.56", "1234.56"), ("en", "1.234,56", "1234.56"), ("en", "70.000", "70"),
    ("en", "1.234.567", "1234567"), ("en", "0,125", "0.125"), ("en", "1,8", "1.8"), ("en", ".5", "0.5"),
    ("de", "70.000", "70000"), ("de", "70,000", "70000"), ("de", "1,234", "1.234"), ("de", "0.125", "0.125"),
    ("de", "18,00", "18"), ("de", "3.14", "3.14"), ("de", "1'234'567", "1234567"), ("de", "1234.567", "1234.567"),
    ("fr", "2\u202f000,5", "2000.5"), ("fr", "23 786", "23786"), ("es", "$1,234.56", "1234.56"), ("vi", "12.500 đ", "12500"),
    ("en", "70\u00a0000", "70000"), ("en", "70 000", "70000"), ("en", "1_000", "1000"), ("ar", "٧٠٬٠٠٠٫٥", "70000.5"),
    ("ar", "1،000", "1000"), ("bn", "১,০০,০০০", "100000"), ("te", "౧౨,౩౪,౫౬౭", "1234567"), ("th", "๑,๕๐๐.๕๐", "1500.5"),
    ("zh", "１，２００", "1200"), ("en", "70{,}000", "70000"), ("en", "70\\,000", "70000"),
    # magnitude words
    ("zh", "7万", "70000"), ("zh", "1.5亿", "150000000"), ("ja", "2万5千", "25000"), ("ja", "3万5000", "35000"),
    ("ja", "1億1千2百万", "112000000"), ("ko", "1만 2천", "12000"), ("ko", "1만 5,000원", "15000"),
    ("es", "7 mil", "7000"), ("es", "2 mil millones", "2000000000"), ("pt", "3,5 milhões", "3500000"), ("it", "70mila", "70000"),
    ("de", "3 Millionen", "3000000"), ("de", "2 Billionen", "2000000000000"), ("en", "2 billion", "2000000000"),
    ("ru", "5 тыс.", "5000"), ("uk", "5 тисяч", "5000"), ("ar", "5 آلاف", "5000"), ("sw", "elfu 7", "7000"),
    ("bn", "২ লাখ ৫০ হাজার", "250000"), ("en", "1 lakh 20 thousand", "120000"), ("te", "5 లక్షలు", "500000"),
    ("th", "5 แสนล้าน", "500000000000"), ("th", "2 หมื่น 5 พัน", "25000"), ("vi", "5 triệu", "5000000"),
    ("id", "Rp2,5 juta", "2500000"), ("ms", "5 ribu", "5000"), ("yo", "ẹgbẹ̀rún 5", "5000"), ("fr", "7 mille", "7000"),
    ("en", "70k", "70000"),
    # no magnitude: kilogram, kilometre, "as much as", mile
    ("zh", "5千克", "5"), ("ko", "5만큼", "5"), ("pt", "5 milhas", "5"), ("en", "5km", "5"),
    # fractions, powers, marks around, signs
    ("en", "1/2", "0.5"), ("en", "2 1/2", "2.5"), ("en", "1½", "1.5"), ("en", "½", "0.5"), ("en", "\\frac{3}{4}", "0.75"),
    ("en", "1.5e6", "1500000"), ("en", "3 \\times 10^{5}", "300000"), ("en", "3×10⁵", "300000"),
    ("en", "18%", "18"), ("en", "(18)", "18"), ("en", "**$18.00**", "18"), ("id", "Rp5.000", "5000"), ("ms", "RM50", "50"),
    ("pt", "R$ 1.234,56", "1234.56"), ("bn", "৳৫০০", "500"), ("en", "-$5", "-5"), ("en", "$-5", "-5"), ("en", "−5", "-5"),
    ("ru", "минус 5", "-5"), ("zh", "负5", "-5"), ("en", "18 dollars", "18"),
    # Han numerals as the whole text
    ("zh", "十八", "18"), ("ja", "三千五百", "3500"), ("zh", "二〇二四", "2024"), ("zh", "两百万", "2000000"),
]  # fmt: skip


@pytest.mark.parametrize(("lang", "text", "value"), PARSED)
def test_parse_number(lang: str, text: str, value: str) -> None:
    assert parse_number(text, lang) == Decimal(value)


@pytest.mark.parametrize("text", ["", "abc", "18 19", "3 to 5", "1-2", "x5", "十八", "page one of 18 pages in it"])
def test_a_text_that_is_not_one_number_has_no_value(text: str) -> None:
    assert parse_number(text, "en") is None


@pytest.mark.parametrize(
    ("lang", "text", "values"),
    [
        ("en", "18 - 5 = 13", "18 5 13"),
        ("en", "<<48/2=24>>", "48 2 24"),
        ("en", "1,2,3", "1 2 3"),
        ("en", "on 12.05.2024 at 10:30", "12 5 2024 10 30"),
        ("en", "3.5,4.5", "3.5 4.5"),
        ("en", "x5, H2O and COVID-19 but 7", "19 7"),
        ("en", "10-15 or 10–15", "10 15 10 15"),
        ("en", "10 minus 5", "10 5"),
        ("en", "Rs. 500, USD 20 and $3.14.", "500 20 3.14"),
        ("de", "am 3. Mai 1.200 Leute", "3 1200"),
        ("de", "kosten $2.50, dann 1,200", "2.50 1200"),  # the point shows the English convention
        ("de", "kosten 2,50, dann 1,200", "2.50 1.200"),
        ("ja", "答えは-5です、9×2=18", "-5 9 2 18"),
        ("ar", "٩ × ٢ = ١٨", "9 2 18"),
        ("fr", "en 2020 100 personnes", "2020 100"),
    ],
)
def test_find_numbers(lang: str, text: str, values: str) -> None:
    assert [span.value for span in find_numbers(text, lang)] == [Decimal(value) for value in values.split()]


def test_spans_point_into_the_original_text() -> None:
    text = "คำตอบคือ\u200b ๗๐,๐๐๐บาท \u2212\uff15 และ ½ = 0.5"
    assert [text[span.start : span.end] for span in find_numbers(text, "th")] == ["๗๐,๐๐๐", "\u2212\uff15", "½", "0.5"]


def test_han_numerals() -> None:
    table = {
        "十": 10,
        "十八": 18,
        "二十五": 25,
        "一百零五": 105,
        "一百二十": 120,
        "三万五千": 35000,
        "一亿二千万": 120000000,
    }
    assert {text: parse_han_numeral(text) for text in table} == table
    assert parse_han_numeral("abc") is parse_han_numeral("") is None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_reads_its_magnitudes(lang: str) -> None:
    assert magnitudes(lang)["lakh"] == 10**5
    for word, factor in magnitudes(lang).items():
        assert parse_number(f"3 {word}", lang) == 3 * factor, word


def test_unknown_language_is_refused() -> None:
    with pytest.raises(ConfigError, match="unknown language"):
        find_numbers("5", "xx")


def test_import_is_light() -> None:
    code = "import sys, xleval.data.numbers; sys.exit(any(m in sys.modules for m in ('torch', 'numpy', 'babel', 'lingua')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("lang", "text", "values"),
    [
        (
            "en",
            "It is -18 degrees, 9 dollars -5",
            "-18 9 -5",
        ),  # a sign after a space; a unit before it makes no operator
        ("de", "es sind -$18", "-18"),
        ("en", "COVID-19, 16 -3", "19 16 3"),
        ("ar", "الناتج ٥-", "-5"),
        ("zh", "4分之3", "0.75"),
        ("ja", "4分の3", "0.75"),
        ("ko", "4분의 3", "0.75"),
        ("zh", "1又1/2", "1.5"),
        ("en", "3 and 1/2 or 1⁄2", "3.5 0.5"),
        ("en", "\\frac{-3}{4} \\frac12 \\frac{270}7", "-0.75 0.5 38.57142857142857142857142857"),
        ("en", "10^3 2^{10} 10³ 5 m²", "1000 1024 1000 5"),
        ("en", "1.2M $1.5B room 18B 5M²", "1200000 1500000000 18 5"),
        ("sw", "elfu 2 mia 5", "2500"),
        ("sw", "milioni 2 na laki 5, elfu 3 na 4", "2500000 3000 4"),
        ("bn", "৫০ শতাংশ ৫ শত", "50 500"),
        ("de", "7万", "70000"),
    ],
)
def test_signs_fractions_powers_and_magnitudes(lang: str, text: str, values: str) -> None:
    assert [str(number.value.normalize()) for number in find_numbers(text, lang)] == [
        str(Decimal(value).normalize()) for value in values.split()
    ]


def test_characters_that_are_copied_fold_to_themselves() -> None:
    stable = [chr(code) for code in range(0x80, 0x10000) if re.fullmatch(f"[{STABLE}]", chr(code))]
    assert len(stable) > 30_000
    # Between letters each is alone: no digit, no format character, no other form in NFKC.
    changed = [char for char in stable if unicodedata.normalize("NFKC", char) != char or char.isdecimal()]
    assert changed == []
    assert [char for char in stable if unicodedata.combining(char) or unicodedata.category(char) == "Cf"] == []


@pytest.mark.parametrize(
    "unit", ["1", "1,", "1 ", "1.", "1万", "1/", "1^", "10^9", "\\frac{1}{2}", "-", "elfu 1 ", " "]
)
def test_a_hundred_thousand_characters_are_read_in_bounded_time(unit: str) -> None:
    # Quadratic reading of these takes minutes.
    for lang in ("sw", "ja"):
        find_numbers(unit * (100_000 // len(unit)), lang)


@pytest.mark.parametrize(
    ("text", "lang", "value"),
    [
        ("1/" + "4" * 5000, "en", "2.25E-5000"),  # 1 / 0.444… = 2.25
        ("5" * 5000 + "/" + "5" * 5000, "en", "1"),
        ("2 " + "1" * 5000 + "/" + "2" * 5000, "en", "2.5"),
        ("2" * 5000 + "分之" + "1" * 5000, "zh", "0.5"),
        ("九" * 5000, "zh", "9" * 5000),
        ("3×10¹⁻", "en", "30"),  # the sign stands behind: it is not of the exponent
    ],
)
def test_what_a_model_in_a_loop_writes_is_read(text: str, lang: str, value: str) -> None:
    """Python's int() takes 4,300 digits at most; values by hand, fractions to the 28 digits of `NumberSpan`."""
    found = parse_number(text, lang)
    assert found is not None
    assert found == Decimal(value) or abs(found / Decimal(value) - 1) < Decimal("1e-25")


def test_a_superscript_sign_alone_is_no_exponent() -> None:
    assert [number.value for number in find_numbers("3×10⁻⁻1", "en")] == [3, 10, 1]
