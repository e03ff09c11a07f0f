"""The language table: what is true of a language whatever is done with it, and the parsing of `--langs`.

Names, endonyms and separators follow Unicode CLDR as Babel 2.18 carries it (locale in `cldr`).
Light: only the standard library.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from xleval.errors import ConfigError, unknown_name

Direction = Literal["ltr", "rtl"]
Resource = Literal["high", "mid", "low"]

# French typesetting and the ISO 80000 rule group digits by a space; texts have it plain, no-break or narrow no-break.
_SPACES = (" ", "\u00a0", "\u202f")
_DOT_FIRST = (".", *_SPACES)
_ARABIC_INDIC = "٠١٢٣٤٥٦٧٨٩"
_BENGALI = "০১২৩৪৫৬৭৮৯"
_TELUGU = "౦౧౨౩౪౫౬౭౮౯"
_THAI = "๐๑๒๓๔๕๖๗๘๙"


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One row of the language table.

    Attributes:
        code: BCP-47 code, lower case; the value of every `lang` field and `--langs` entry.
        english_name: name in English.
        endonym: name in the language itself, as a sentence-initial or stand-alone word.
        scripts: ISO 15924 codes of the scripts its words are written in; component scripts (`Hira`, `Kana`, `Hani`
            instead of `Jpan`; `Hani` whether simplified or traditional).
        direction: `ltr` or `rtl`.
        digits: the ten native digits 0 to 9, or None where only ASCII digits are used. ASCII digits are always
            accepted; full-width digits are folded by NFKC and are not listed.
        decimal_separator: between integer and fraction when ASCII digits are written. Arabic-Indic digits take U+066B.
        group_separators: between groups of digits, the usual one first.
        indian_grouping: whether groups may be 3, 2, 2, ... from the right (12,34,567).
        resource: `high`, `mid` or `low`; for the twelve PolyFact languages the study's own split (low: id, bn, sw; all
            others high), else the classes of Joshi et al. 2020, table of appendix A (4-5 high, 3 mid, 0-2 low).
        cldr: Babel locale identifier.
        lingua: name of the language in `lingua.Language`, or None where lingua lacks it.
        neighbours: `lingua.Language` names that a detector needs beside this language, so that a text in one of them is
            not taken for it. Measured: without them all Ukrainian is Russian and all Indonesian Swahili.
        spaced: whether words are separated by spaces.
    """

    code: str
    english_name: str
    endonym: str
    resource: Resource
    lingua: str | None
    cldr: str
    scripts: tuple[str, ...] = ("Latn",)
    direction: Direction = "ltr"
    digits: str | None = None
    decimal_separator: str = "."
    group_separators: tuple[str, ...] = (",",)
    indian_grouping: bool = False
    neighbours: tuple[str, ...] = ()
    spaced: bool = True


_ROWS = (
    Language(
        code="en", english_name="English", endonym="English", resource="high", lingua="ENGLISH", cldr="en",
    ),
    Language(
        code="de", english_name="German", endonym="Deutsch", resource="high", lingua="GERMAN", cldr="de",
        decimal_separator=",", group_separators=_DOT_FIRST, neighbours=("DUTCH", "AFRIKAANS"),
    ),
    Language(
        code="id", english_name="Indonesian", endonym="Bahasa Indonesia", resource="low", lingua="INDONESIAN",
        cldr="id", decimal_separator=",", group_separators=(".",), neighbours=("MALAY", "TAGALOG"),
    ),
    Language(
        code="pt", english_name="Portuguese", endonym="Português", resource="high", lingua="PORTUGUESE", cldr="pt",
        decimal_separator=",", group_separators=_DOT_FIRST, neighbours=("SPANISH", "CATALAN"),
    ),
    Language(
        code="ar", english_name="Arabic", endonym="العربية", resource="high", lingua="ARABIC", cldr="ar",
        scripts=("Arab",), direction="rtl", digits=_ARABIC_INDIC, group_separators=(",", "\u066c"),
        neighbours=("PERSIAN", "URDU"),
    ),
    Language(
        code="bn", english_name="Bengali", endonym="বাংলা", resource="low", lingua="BENGALI", cldr="bn",
        scripts=("Beng",), digits=_BENGALI, indian_grouping=True,
    ),
    Language(
        code="sw", english_name="Swahili", endonym="Kiswahili", resource="low", lingua="SWAHILI", cldr="sw",
        neighbours=("ZULU", "GANDA"),
    ),
    Language(
        code="es", english_name="Spanish", endonym="Español", resource="high", lingua="SPANISH", cldr="es",
        decimal_separator=",", group_separators=_DOT_FIRST, neighbours=("CATALAN", "PORTUGUESE"),
    ),
    Language(
        code="ru", english_name="Russian", endonym="Русский", resource="high", lingua="RUSSIAN", cldr="ru",
        scripts=("Cyrl",), decimal_separator=",", group_separators=_SPACES,
        neighbours=("UKRAINIAN", "BELARUSIAN", "BULGARIAN"),
    ),
    Language(
        code="fr", english_name="French", endonym="Français", resource="high", lingua="FRENCH", cldr="fr",
        decimal_separator=",", group_separators=(*_SPACES, "."), neighbours=("CATALAN",),
    ),
    Language(
        code="ja", english_name="Japanese", endonym="日本語", resource="high", lingua="JAPANESE", cldr="ja",
        scripts=("Hira", "Kana", "Hani"), neighbours=("CHINESE",), spaced=False,
    ),
    Language(
        code="zh", english_name="Chinese", endonym="中文", resource="high", lingua="CHINESE", cldr="zh_Hans",
        scripts=("Hani",), neighbours=("JAPANESE",), spaced=False,
    ),
    Language(
        code="ko", english_name="Korean", endonym="한국어", resource="high", lingua="KOREAN", cldr="ko",
        scripts=("Hang",),
    ),
    Language(
        code="uk", english_name="Ukrainian", endonym="Українська", resource="mid", lingua="UKRAINIAN", cldr="uk",
        scripts=("Cyrl",), decimal_separator=",", group_separators=_SPACES,
        neighbours=("RUSSIAN", "BELARUSIAN", "BULGARIAN"),
    ),
    Language(
        code="th", english_name="Thai", endonym="ไทย", resource="mid", lingua="THAI", cldr="th",
        scripts=("Thai",), digits=_THAI, spaced=False,
    ),
    Language(
        code="te", english_name="Telugu", endonym="తెలుగు", resource="low", lingua="TELUGU", cldr="te",
        scripts=("Telu",), digits=_TELUGU, indian_grouping=True,
    ),
    Language(
        code="yo", english_name="Yoruba", endonym="Yorùbá", resource="low", lingua="YORUBA", cldr="yo",
        neighbours=("VIETNAMESE", "IRISH", "GANDA"),
    ),
    Language(
        code="vi", english_name="Vietnamese", endonym="Tiếng Việt", resource="high", lingua="VIETNAMESE", cldr="vi",
        decimal_separator=",", group_separators=_DOT_FIRST, neighbours=("YORUBA",),
    ),
    Language(
        code="it", english_name="Italian", endonym="Italiano", resource="high", lingua="ITALIAN", cldr="it",
        decimal_separator=",", group_separators=_DOT_FIRST, neighbours=("CATALAN", "SPANISH"),
    ),
    Language(
        code="ms", english_name="Malay", endonym="Bahasa Melayu", resource="mid", lingua="MALAY", cldr="ms",
        neighbours=("INDONESIAN", "TAGALOG"),
    ),
)  # fmt: skip

#: All languages xleval knows, by code, PolyFact's twelve first.
LANGUAGES: Mapping[str, Language] = MappingProxyType({row.code: row for row in _ROWS})

#: The twelve languages of PolyFact, in the order of the published set.
POLYFACT_LANGUAGES: tuple[str, ...] = ("en", "de", "id", "pt", "ar", "bn", "sw", "es", "ru", "fr", "ja", "zh")

_GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType({"all": tuple(LANGUAGES), "polyfact": POLYFACT_LANGUAGES})


#: What users write for a code: names, and country codes taken for language codes, unless they are another language's.
_OTHER_SPELLINGS: Mapping[str, str] = MappingProxyType(
    {row.english_name.lower(): row.code for row in LANGUAGES.values()}
    | {row.endonym.lower(): row.code for row in LANGUAGES.values()}
    | {"kr": "ko", "jp": "ja", "cn": "zh", "zh-cn": "zh", "zh-hans": "zh", "ua": "uk", "pt-br": "pt"}
    | {"gb": "en", "us": "en", "vn": "vi"}
)


def get_language(code: str) -> Language:
    """Return the row of one language.

    Args:
        code: BCP-47 code of the table, in any case.

    Raises:
        ConfigError: the code is not in the table; the nearest codes and the list are named.
    """
    row = LANGUAGES.get(code.strip().lower())
    if row is None:
        raise unknown_name("language", code, LANGUAGES, _OTHER_SPELLINGS)
    return row


def parse_languages(text: str) -> tuple[str, ...]:
    """Return the language codes of a `--langs` value, in the order given.

    Args:
        text: codes separated by commas, spaces allowed around them (`ko, zh`), or one of the group names `all` (the
            whole table) and `polyfact` (its twelve), alone or among codes that the group does not contain.

    Raises:
        ConfigError: nothing given, an empty entry (`ko,,zh`), a code twice, or an unknown code.
    """
    codes: list[str] = []
    for part in text.split(","):
        name = part.strip().lower()
        if not name:
            raise ConfigError(
                f"empty language in {text!r}: give codes separated by single commas, such as ko,zh, "
                "or 'all' or 'polyfact'"
            )
        if name in _GROUPS:
            codes.extend(_GROUPS[name])
        elif name in LANGUAGES:
            codes.append(name)
        elif len(name.split()) > 1 and all(word in LANGUAGES for word in name.split()):
            raise ConfigError(f"{text!r}: languages are separated by commas, such as {','.join(name.split())}")
        else:
            raise unknown_name("language", part.strip(), [*LANGUAGES, *_GROUPS], _OTHER_SPELLINGS)
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise ConfigError(f"language given more than once in {text!r}: {', '.join(twice)}; name each language once")
    return tuple(codes)
