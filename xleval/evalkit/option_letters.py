"""The letters that name the shown options, in the scripts of the languages, and how one is recognised in a text."""

import functools
import re
from dataclasses import dataclass

from xleval.data.number_folding import fold

LETTERS = "ABCDEFGHIJ"
# How a language counts its options where it does not use Latin letters.
_NATIVE: dict[str, tuple[str, ...]] = {
    "ar": ("أ ب ج د هـ و ز ح ط ي", "ا ب ج د ه و ز ح ط ي"),
    "bn": ("ক খ গ ঘ ঙ চ ছ জ ঝ ঞ", "এ বি সি ডি ই"),
    "ja": ("ア イ ウ エ オ カ キ ク ケ コ", "あ い う え お か き く け こ"),
    "ko": ("가 나 다 라 마 바 사 아 자 차", "ㄱ ㄴ ㄷ ㄹ ㅁ ㅂ ㅅ ㅇ ㅈ ㅊ"),
    "ru": ("А Б В Г Д Е Ж З И К", "а б в г д е ж з и к"),
    "te": ("ఎ బి సి డి ఇ", "ఏ బీ సీ డీ ఈ", "అ ఆ ఇ ఈ ఉ"),
    "th": ("ก ข ค ง จ ฉ ช ซ ฌ ญ", "เอ บี ซี ดี อี"),
    "uk": ("А Б В Г Д Е Ж З И К", "а б в г д е ж з и к"),
    "zh": ("甲 乙 丙 丁 戊 己 庚 辛 壬 癸",),
}
# Capitals that look like Latin ones: who copies "B" on a Cyrillic or Greek keyboard types them. A capital В is read as
# that B, since Latin letters were shown; a small в is the third letter of а б в г.
_ALIKE = {"А": 0, "В": 1, "С": 2, "Е": 4, "Н": 7, "І": 8, "Ј": 9, "Α": 0, "Β": 1, "Ε": 4, "Η": 7, "Ι": 8}


@functools.cache
def letter_index(lang: str) -> dict[str, int]:
    """Return the place of every letter, in each of its folded spellings, in one language."""
    index: dict[str, int] = {}
    for letters in _NATIVE.get(lang, ()):
        for place, letter in enumerate(letters.split()):
            index.setdefault(fold(letter).text, place)
    index.update(_ALIKE)
    index.update({circled: place for place, circled in enumerate("①②③④⑤⑥⑦⑧⑨⑩")})
    for place, letter in enumerate(LETTERS):
        index.update({letter: place, letter.lower(): place})
    return index


# Words that name an option, so that the letter after them is one: "option B", "选B".
_OPTION_WORDS = (
    r"option|choice|letter|answer choice|auswahl|möglichkeit|buchstabe|pilihan|opsi|huruf|opção|alternativa|letra|opción|"
    r"inciso|réponse|lettre|вариант(?:а|ом)?|буква|пункт|варіант|літера|chaguo|herufi|lựa chọn|phương án|opzione|lettera|"
    r"chọn|choose|pick|select|elijo|escojo|escolho|choisis|wähle|scelgo|pilih|выбираю|обираю|เลือก|"
    r"ตัวเลือก|ข้อ|ఎంపిక|ఆప్షన్|విকల్పం|বিকল্প|অপশন|الخيار|خيار|选项|選項|選択肢|선택지|보기|àṣàyàn|选择|選擇|应选|故选|选|選"
)
# What may follow a capital A or I that is a letter and no word: "The answer is A because".
_GOES_ON = (
    r"because|since|as|for|so|which|and|or|is|was|with|due|porque|ya|pois|weil|da|denn|parce|car|perché|perchè|poiché|y|e|o|u|"
    r"und|oder|et|ou|karena|kerana|sebab|vì|kwa|потому|так|тому|бо|и|или|і|або|nítorí|au|na|atau|dan|hoặc|và"
)
_ARTICLE = r"(?:(?:the|la|le|el|il|a|o|die|der|das)[ \t]+(?=[^a-z]|\\))?"
_COPULA = r"(?:is|es|est|ist|é|è|ni|là|adalah|ialah|это|є|is:|هو|هي|হল|হলো|অর্থাৎ)"
# Where words touch, the particle sticks to the word before it: 選択肢はD, 选项是B.
_PARTICLE = r"(?:ที่ถูก(?:ต้อง)?|ที่ถูกต้องที่สุด)?(?:คือ|は|是|为|為|은|는|이)?"
#: A verdict after a letter by which it is not the choice.
REFUTED = re.compile(
    r"[\s*_)\]]*(?:(?:is|are|was|es|est|ist|é|è)\s+)?(?:incorrect|wrong|false|not\b|falsch|nicht|falsa|falso|fausse?|sbagliata"
    r"|errada|incorrecta|incorreta|неверн|неправильн|不对|不正确|不正確|错|錯|は間違|は誤|는 틀|은 틀|ผิด|ไม่ถูก|sai\b|salah|خاطئ|ভুল|తప్పు)",
    re.IGNORECASE,
)
_RIGHT = r"(?i:(?:the |la |a |die )?(?:correct|right|best|answer|correcta|correta|corretta|richtig|bonne|benar|betul|đúng|sahihi))"
_BEFORE_LETTER = r"[\s*_`\"'(\[{$:=>«“„「『【~—–-]|\\(?:text|mathrm|mathbf|textbf|boxed)(?=\{)"


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterPatterns:
    """The patterns of one language; group `letter` is the letter.

    Attributes:
        stated: a letter directly after an answer cue.
        marked: a letter within a sentence that its marks or an option word show to be one.
        alone: a line that is a letter.
        opening: a line that begins with a marked letter.
    """

    stated: re.Pattern[str]
    marked: re.Pattern[str]
    alone: re.Pattern[str]
    opening: re.Pattern[str]


@functools.cache
def letter_patterns(lang: str) -> LetterPatterns:
    """Return the patterns by which the letter of an option is recognised in one language."""
    native = "|".join(
        re.escape(letter) for letter in sorted(letter_index(lang), key=len, reverse=True) if not letter.isascii()
    )
    end = r"(?![A-Za-z0-9\u00c0-\u024f'’])"
    # Copulas and particles stick to the letter in Japanese and Korean: イです, 나입니다.
    own = rf"(?:{native})(?:(?=です|だ|が正|입니다|이다|번)|(?![^\W\d_]|[\u0900-\u0963\u0966-\u0dff\u0e31-\u0e4e]))"
    # A small letter or one that is also a word needs a mark or an end after it.
    closed = r"(?=[ \t]*(?:[.,:;)\]}*_\"'»”。、！!-]|\n|$|\\))"
    goes_on = rf"(?=[ \t]+(?:{_GOES_ON})\b)"
    capital = rf"(?:[B-HJ]{end}|[AI]{end}(?:{closed}|{goes_on}|(?=[ \t]*[^\x00-\x7f])))"
    letter = rf"(?P<letter>{capital}|[a-j]{end}{closed}|{own})"
    any_letter = rf"(?:[A-Ja-j]{end}|{own})"
    options = rf"(?<![A-Za-z])(?:{_OPTION_WORDS})"
    return LetterPatterns(
        stated=re.compile(rf"(?:{_BEFORE_LETTER})*{_ARTICLE}(?:(?i:{options})(?:{_BEFORE_LETTER})*)?{letter}"),
        marked=re.compile(
            rf"(?:[(\[]|\*\*\(?)(?P<a>{any_letter})[.:]?(?:[)\]]|\)?\*\*)"
            rf"|(?i:{options})(?:(?:[ \t]+[^\W\d_]+){{0,2}}?(?:[ \t]+{_COPULA}|[ \t]*:)|{_PARTICLE})?(?:{_BEFORE_LETTER})*{_ARTICLE}"
            rf"(?P<letter>{capital}|{own})"
            rf"|(?P<b>[B-HJ]{end}|[AI]{end})[*_)]*[ \t]+{_COPULA}[ \t]+{_RIGHT}"
        ),
        alone=re.compile(rf"[\s*_`\"'(\[$>#-]*(?:(?i:{options})[ \t]*)?(?P<letter>{any_letter})[\s*_`\"')\].:。$-]*"),
        opening=re.compile(
            rf"[\s*_`\"'>#-]*(?:\((?P<a>{any_letter})\)|(?P<letter>{any_letter})[*_]*[.):、])(?=[\s*_]|[^\x00-\x7f])"
        ),
    )
