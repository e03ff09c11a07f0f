"""The words of a number: magnitudes (`7 million`, `7万`, `elfu 7`), minus words, currency codes, Han numerals.

Only what is written beside digits is listed; numbers spelt out in words are not read, Han numerals excepted
(`parse_han_numeral`). `billion` follows the long scale where the language does.
"""

import functools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

# Understood in every language, because models write them in every language; a language's own row overrides them.
_ENGLISH = {
    "hundred": 100, "thousand": 10**3, "million": 10**6, "millions": 10**6, "mn": 10**6, "billion": 10**9,
    "billions": 10**9, "bn": 10**9, "trillion": 10**12, "lakh": 10**5, "lakhs": 10**5, "crore": 10**7, "crores": 10**7,
}  # fmt: skip

_HAN = {
    "十": 10, "百": 100, "千": 10**3, "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8, "兆": 10**12,
}  # fmt: skip

# Read in every language: nothing else is written so after digits.
_LARGE_HAN = {char: _HAN[char] for char in "万萬亿億"}

_WORDS: Mapping[str, Mapping[str, int]] = {
    "en": {},
    "de": {
        "tausend": 10**3, "tsd.": 10**3, "million": 10**6, "millionen": 10**6, "mio.": 10**6, "mio": 10**6,
        "milliarde": 10**9, "milliarden": 10**9, "mrd.": 10**9, "mrd": 10**9, "billion": 10**12, "billionen": 10**12,
        "trillion": 10**18,
    },
    "id": {
        "ratus": 100, "ribu": 10**3, "rb": 10**3, "juta": 10**6, "jt": 10**6, "miliar": 10**9, "milyar": 10**9,
        "triliun": 10**12,
    },
    "pt": {
        "mil": 10**3, "milhão": 10**6, "milhões": 10**6, "bilhão": 10**9, "bilhões": 10**9, "trilhão": 10**12,
        "trilhões": 10**12,
    },
    "ar": {
        "ألف": 10**3, "الف": 10**3, "ألفا": 10**3, "ألفًا": 10**3, "آلاف": 10**3, "مليون": 10**6, "مليونا": 10**6,
        "مليونًا": 10**6, "ملايين": 10**6, "مليار": 10**9, "مليارات": 10**9,
    },
    "bn": {
        "শত": 100, "হাজার": 10**3, "লাখ": 10**5, "লক্ষ": 10**5, "কোটি": 10**7, "মিলিয়ন": 10**6, "বিলিয়ন": 10**9,
    },
    "sw": {"mia": 100, "elfu": 10**3, "laki": 10**5, "milioni": 10**6, "bilioni": 10**9},
    "es": {
        "mil": 10**3, "millón": 10**6, "millon": 10**6, "millones": 10**6, "billón": 10**12, "billones": 10**12,
    },
    "ru": {
        "тысяча": 10**3, "тысячи": 10**3, "тысяч": 10**3, "тысячу": 10**3, "тыс.": 10**3, "тыс": 10**3,
        "миллион": 10**6, "миллиона": 10**6, "миллионов": 10**6, "млн": 10**6, "млн.": 10**6, "миллиард": 10**9,
        "миллиарда": 10**9, "миллиардов": 10**9, "млрд": 10**9, "млрд.": 10**9,
    },
    "fr": {
        "mille": 10**3, "million": 10**6, "millions": 10**6, "milliard": 10**9, "milliards": 10**9, "billion": 10**12,
        "billions": 10**12, "trillion": 10**18,
    },
    "ja": _HAN,
    "zh": _HAN,
    "ko": {**_HAN, "십": 10, "백": 100, "천": 10**3, "만": 10**4, "억": 10**8, "조": 10**12},
    "uk": {
        "тисяча": 10**3, "тисячі": 10**3, "тисяч": 10**3, "тисячу": 10**3, "тис.": 10**3, "тис": 10**3,
        "мільйон": 10**6, "мільйона": 10**6, "мільйони": 10**6, "мільйонів": 10**6, "млн": 10**6, "млн.": 10**6,
        "мільярд": 10**9, "мільярди": 10**9, "мільярдів": 10**9, "млрд": 10**9, "млрд.": 10**9,
    },
    "th": {"สิบ": 10, "ร้อย": 100, "พัน": 10**3, "หมื่น": 10**4, "แสน": 10**5, "ล้าน": 10**6},
    "te": {
        "వందల": 100, "వంద": 100, "వేల": 10**3, "వేలు": 10**3, "వెయ్యి": 10**3, "లక్షల": 10**5, "లక్షలు": 10**5,
        "లక్ష": 10**5, "కోట్ల": 10**7, "కోట్లు": 10**7, "కోటి": 10**7, "మిలియన్": 10**6, "బిలియన్": 10**9,
    },
    "yo": {"ẹgbẹ̀rún": 10**3, "ẹgbẹrun": 10**3, "mílíọ̀nù": 10**6, "miliọnu": 10**6, "bílíọ̀nù": 10**9},
    "vi": {
        "trăm": 100, "nghìn": 10**3, "ngàn": 10**3, "vạn": 10**4, "triệu": 10**6, "tỷ": 10**9, "tỉ": 10**9,
    },
    "it": {
        "mila": 10**3, "milione": 10**6, "milioni": 10**6, "miliardo": 10**9, "miliardi": 10**9, "bilione": 10**12,
        "bilioni": 10**12,
    },
    "ms": {"ratus": 100, "ribu": 10**3, "juta": 10**6, "bilion": 10**9, "trilion": 10**12},
}  # fmt: skip

# Swahili and Yoruba put the magnitude first: `elfu 70` is 70 000.
_BEFORE = frozenset({"sw", "yo"})

# Words that begin like a magnitude: 5千克 is five kilograms, ৫০ শতাংশ 50 %, 5만큼 "as much as 5", 4조로 "in four groups".
_NOT_AFTER = {
    "千": "克米瓦卡焦赫帕伏葉代",
    "百": "分貨货",
    "만": "큼",
    "শত": "াক",
    "천": "장연",
    "ร้อย": "ล",
    "พัน": "ธ",
    "조": "로각를",
}

#: Words before a number that make it negative.
MINUS_WORDS = (
    "minus", "negative", "menos", "moins", "meno", "минус", "мінус", "マイナス", "负", "負", "마이너스", "ลบ", "âm", "trừ",
    "سالب", "ناقص", "ঋণাত্মক", "মাইনাস", "మైనస్", "hasi", "negatif", "negativo", "零下",
    "氷点下", "영하",
)  # fmt: skip

_CURRENCY_CODES = (
    "us", "usd", "eur", "gbp", "jpy", "cny", "rmb", "inr", "idr", "myr", "kes", "ksh", "tsh", "tzs", "ngn", "thb", "vnd",
    "krw", "brl", "rub", "uah", "chf", "bdt", "rs", "rp", "rm", "tk", "kr", "sh", "hk", "nt", "r", "ca", "au", "a", "c",
)  # fmt: skip

#: Regular expression of one currency mark before a number, codes (`USD`, `Rs.`) included.
CURRENCY = (
    r"(?:(?:(?<![^\W\d_])(?:"
    + "|".join(sorted(_CURRENCY_CODES, key=len, reverse=True))
    + r")\b\.?)?\s?[$€£¥₹৳฿₩₫₦₽₴₱₸]|(?<![^\W\d_])(?:"
    + "|".join(code for code in sorted(_CURRENCY_CODES, key=len, reverse=True) if len(code) > 1)
    + r")\.?)"
)


def _fold_word(word: str) -> str:
    """Return a word as it stands in folded text: NFKC, lower case, format characters dropped."""
    text = unicodedata.normalize("NFKC", word).lower()
    return "".join(char for char in text if unicodedata.category(char) != "Cf")


@functools.cache
def magnitudes(lang: str) -> Mapping[str, int]:
    """Return the factor of every magnitude word that may stand beside a number in one language.

    English words, `lakh`, `crore`, 万 and 亿 are understood in every language; the keys are folded (NFKC, lower case).
    """
    words = {**_ENGLISH, **_LARGE_HAN, **_WORDS.get(lang, {})}
    return MappingProxyType({_fold_word(word): factor for word, factor in words.items()})


def _alternatives(lang: str) -> str:
    parts = []
    for word in sorted(magnitudes(lang), key=len, reverse=True):
        pattern = re.escape(word)
        if word[-1] != "." and unicodedata.name(word[0]).split()[0] in ("LATIN", "CYRILLIC", "ARABIC"):
            pattern += r"(?![^\W\d_])"
        forbidden = next((after for key, after in _NOT_AFTER.items() if _fold_word(key) == word), "")
        parts.append(pattern + (f"(?![{forbidden}])" if forbidden else ""))
    return "|".join(parts)


@functools.cache
def magnitude_after(lang: str) -> re.Pattern[str]:
    """Return the pattern of a magnitude word directly after a number; group 1 is the word, group 2 an attached `k`."""
    # Where the word stands first, it belongs to the number that follows it: `elfu 2 mia 5`.
    own = r"(?![ \u00a0][0-9])" if lang in _BEFORE else ""
    return re.compile(rf"[ \u00a0-]?({_alternatives(lang)}){own}|(k)(?![^\W_])", re.IGNORECASE)


@functools.cache
def magnitude_before(lang: str) -> re.Pattern[str] | None:
    """Return the pattern of a magnitude word that ends what precedes a number; None where it never stands there."""
    if lang not in _BEFORE:
        return None
    own = sorted((_fold_word(word) for word in _WORDS[lang]), key=len, reverse=True)
    return re.compile(rf"(?<![^\W\d_])({'|'.join(map(re.escape, own))})[ \u00a0]$", re.IGNORECASE)


#: Pattern of a minus word at the end of what precedes a number.
MINUS_WORD_BEFORE = re.compile(
    r"(?<![^\W\d_])(?:" + "|".join(map(re.escape, map(_fold_word, MINUS_WORDS))) + r")[ \u00a0]?$"
    "|(?:负|負|マイナス|ลบ)$",
    re.IGNORECASE,
)

# What adds a half of the unit or magnitude: `3 heures et demie`, `2 triệu rưỡi`.
_HALVES: Mapping[str, str] = {
    "en": "and a half", "de": "und (?:ein|eine|einen) halbe?[rsn]?", "fr": "et demie?", "es": "y medi[oa]", "pt": "e mei[oa]",
    "it": "e mezz[oa]", "ru": "с половиной", "uk": "з половиною", "vi": "rưỡi", "sw": "na nusu", "ar": "و ?نصف",
    "id": "setengah", "ms": "setengah", "yo": "àti ààbọ̀",
}  # fmt: skip
# Where words touch, only units known to be counted may stand between: 2時間半, 2个半小时, 2시간 반, 2 ชั่วโมงครึ่ง.
_GLUED_HALVES: Mapping[str, str] = {
    "zh": "(?:个|個|年|天|小时|小時|倍|公斤|斤)半(?![天分径徑额額数數价價])",
    "ja": "(?:時間|年|日|か月|ヶ月|カ月|週間|個|倍)半(?![分径額数価])",
    "ko": "(?:시간|년|개월|달|주|개|배) ?반(?=입|이|예|[^가-힣]|$)",
    "th": "(?:ชั่วโมง|ปี|วัน|เดือน|เท่า|โหล|ถ้วย|แก้ว|ชิ้น)? ?ครึ่ง(?!หนึ่ง)",
}  # fmt: skip
_UNIT_BEFORE_HALF = r"[^\s\d!-@\[-`{-~]{1,20} "
_NEVER = re.compile(r"(?!)")


@functools.cache
def half_after(lang: str) -> re.Pattern[str]:
    """Return the pattern of the words after a number that add a half to it, with the unit between.

    After a unit they close the clause: in `2 manzanas y media pera` the half belongs to something else.
    """
    if lang in _GLUED_HALVES:
        return re.compile(" ?" + _fold_word(_GLUED_HALVES[lang]))
    if lang not in _HALVES:
        return _NEVER
    half = _fold_word(_HALVES[lang])
    return re.compile(rf" {half}(?![^\W\d_])| {_UNIT_BEFORE_HALF}{half}(?=[ *_]*(?:[.,;:!?)\n،。]|$))", re.IGNORECASE)


_HAN_DIGITS = {char: value for value, chars in enumerate(
    ("零〇", "一壹壱", "二贰弐两兩", "三叁参", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")) for char in chars}  # fmt: skip
_HAN_UNITS = {**_HAN, "拾": 10, "佰": 100, "仟": 1000}

#: Regular expression of a run of Han numerals.
HAN_NUMERAL = "[" + "".join(_HAN_DIGITS) + "".join(_HAN_UNITS) + "]+"


def multiply_smaller(entries: Sequence[Decimal], unit: int) -> list[Decimal]:
    """Return the parts of a number after one more magnitude word.

    The trailing parts that are smaller than the unit are what it multiplies: in 1億1千2百万 the last word finds
    [10^8, 1000, 200] and makes [10^8, 1200 * 10^4]. A unit with nothing smaller before it counts once (十八 is 18).
    """
    kept = list(entries)
    section = Decimal(0)
    while kept and kept[-1] < unit:
        section += kept.pop()
    return [*kept, (section or Decimal(1)) * unit]


def parse_han_numeral(text: str) -> int | None:
    """Return the value of a number written in Han numerals (`十八`, `三千五百`, `二〇二四`), or None if it is not one."""
    if not text or any(char not in _HAN_DIGITS and char not in _HAN_UNITS for char in text):
        return None
    if not any(char in _HAN_UNITS for char in text):
        # By way of Decimal: int() refuses a text of more than 4,300 digits, which a model in a loop writes.
        return int(Decimal("".join(str(_HAN_DIGITS[char]) for char in text)))
    entries: list[Decimal] = []
    for char, before in zip(text, " " + text[:-1], strict=True):
        if char in _HAN_UNITS:
            entries = multiply_smaller(entries, _HAN_UNITS[char])
        elif _HAN_DIGITS.get(before):
            return None
        else:
            entries.append(Decimal(_HAN_DIGITS[char]))
    return int(sum(entries))
