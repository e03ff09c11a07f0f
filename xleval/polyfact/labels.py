"""Which name an item goes by in each language: attested ones only, never a translated one, each with its source."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Protocol

from xleval.data.languages import get_language
from xleval.errors import MissingExtra
from xleval.polyfact import names
from xleval.polyfact.records import Entity, Name, WikidataEntity

#: Wikimedia language codes whose labels stand for a language, best first; the language's own code where it is not listed.
CHAINS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "en": ("en", "en-gb", "en-ca"),
        "de": ("de", "de-at", "de-ch"),
        "pt": ("pt", "pt-br"),
        "zh": ("zh-cn", "zh-hans", "zh", "zh-sg", "zh-my", "zh-hant", "zh-tw", "zh-hk", "zh-mo"),
    }
)
#: A label for all languages that have none of their own (Wikidata, since 2024).
MUL = "mul"

_SIMPLIFIED_CODES = frozenset({"zh-cn", "zh-hans", "zh-sg", "zh-my"})
_TRADITIONAL_CODES = frozenset({"zh-hant", "zh-tw", "zh-hk", "zh-mo"})
_GENDERS = {"Q6581072": "female", "Q1052281": "female", "Q6581097": "male", "Q2449503": "male"}


def chain(lang: str) -> tuple[str, ...]:
    """Return the Wikimedia codes whose labels stand for a language, best first."""
    return CHAINS.get(lang, (lang,))


def wikimedia_codes(languages: Sequence[str]) -> tuple[str, ...]:
    """Return every Wikimedia code that is read for a set: the chains of its languages, and `mul`."""
    return (*dict.fromkeys(code for lang in languages for code in chain(lang)), MUL)


def coverage(entity: WikidataEntity, languages: Sequence[str]) -> int:
    """Return in how many of the languages an item has a name: a label of the chain, `mul`, an article or an alias."""
    return sum(
        MUL in entity.labels
        or lang in entity.sitelinks
        or any(code in entity.labels or code in entity.aliases for code in chain(lang))
        for lang in languages
    )


def choose_names(
    entity: WikidataEntity,
    kind: str,
    languages: Sequence[str],
    *,
    label_source: Callable[[str, str], str] | None = None,
) -> Entity:
    """Return an item with its best attested name in each language, and every further one as an alias.

    In order: the labels of the language's chain, `mul`, the title of the article, the aliases. A name with letters of
    another script gives way to a later one without; where there is none it stays, and the builder says why it cannot be
    used. `mul` stands for languages in Latin script, for others only when it is written in theirs.

    A label is tier A when the title of the article, or an alias of another code of the chain, is the same after
    `names.fold`; else B, like every name that is no label. Chinese is shown in Simplified characters: a Traditional name
    is converted with the words used in mainland China, and is tier B as `converted`.

    Args:
        entity: the item as its source has it.
        kind: one of `kinds.KINDS`, or empty.
        languages: codes of the set.
        label_source: for a source whose labels are not Wikidata's: gives their origin by Q-id and language. `cldr` is
            tier B, `cldr-derived` tier C, and nothing is converted.

    Raises:
        MissingExtra: a Chinese name may be Traditional and OpenCC is not installed.
    """
    labels: dict[str, Name] = {}
    aliases: dict[str, tuple[str, ...]] = {}
    for lang in languages:
        attested = _attested(entity, lang)
        found = _in_simplified(attested) if lang == "zh" and label_source is None else attested
        if not found:
            continue
        text, code, source = next((each for each in found if _fits(each[0], lang)), found[0])
        others = dict.fromkeys([each[0] for each in found])
        if found is not attested:  # answers and leaks can be in Traditional characters
            others.update(dict.fromkeys([each[0] for each in attested]))
        del others[text]
        if others:
            aliases[lang] = tuple(others)
        if label_source is not None and source in ("label", "variant"):
            source = label_source(entity.qid, lang)
        labels[lang] = _name(text, source, _tier(text, code, source, found))
    return Entity(
        qid=entity.qid,
        kind=kind,
        labels=labels,
        aliases=aliases,
        wiki_langs=tuple(sorted(entity.sitelinks)),
        n_sitelinks=entity.n_sitelinks,
        gender=_GENDERS.get(entity.gender, "other" if entity.gender else ""),
        links=entity.links,
    )


_Candidate = tuple[str, str, str]  # text, Wikimedia code ("" for an article), source


def _attested(entity: WikidataEntity, lang: str) -> list[_Candidate]:
    """Return every name in a language, best first, as it is shown; a text may come up more than once."""
    labels, aliases = entity.labels, entity.aliases
    codes = chain(lang)
    found = [(labels[code], code, "label" if code == lang else "variant") for code in codes if code in labels]
    if MUL in labels and _mul_fits(labels[MUL], lang):
        found.append((labels[MUL], MUL, MUL))
    if lang in entity.sitelinks:
        found.append((entity.sitelinks[lang].replace("_", " "), "", "sitelink"))
    for code in codes:
        if code in aliases:
            found += [(alias, code, "alias") for alias in aliases[code]]
    if MUL in aliases:
        found += [(alias, MUL, "alias") for alias in aliases[MUL] if _mul_fits(alias, lang)]
    return [(text, code, source) for name, code, source in found if (text := normalise(name))]


def _in_simplified(found: Sequence[_Candidate]) -> list[_Candidate]:
    """Return Chinese names in Simplified characters; a label or title that was not is `converted`."""
    shown = []
    for name, code, source in found:
        text = to_simplified(name, code)
        converted = source != "alias" and (text != name or code in _TRADITIONAL_CODES)
        shown.append((text, code, "converted" if converted else source))
    return shown


def _mul_fits(text: str, lang: str) -> bool:
    return _latin(lang) or not names.foreign_letters(text, lang)


@cache
def _latin(lang: str) -> bool:
    return get_language(lang).scripts == ("Latn",)


def _fits(text: str, lang: str) -> bool:
    """Whether a name is in the language's script and more than a symbol (⊕ is the `zh` label of the Earth)."""
    return not names.foreign_letters(text, lang) and (text[0].isalnum() or any(map(str.isalnum, text)))


def _tier(text: str, code: str, source: str, found: Sequence[_Candidate]) -> str:
    if source == "cldr-derived":
        return "C"
    if source not in ("label", "variant"):
        return "B"
    folded = names.fold(text)
    for other, other_code, other_source in found:
        # The article's title may have been converted: what it says is the same.
        attests = other_code == "" or (other_source == "alias" and other_code not in (code, MUL))
        if attests and (other == text or names.fold(other) == folded):
            return "A"
    return "B"


@lru_cache(maxsize=4096)
def _name(text: str, source: str, tier: str) -> Name:
    """Return a name; people have the same one in most languages."""
    return Name(text=text, source=source, tier=tier)


def mark_english_copies(entities: Mapping[str, Entity], languages: Sequence[str]) -> dict[str, Entity]:
    """Return the items with untranslated names marked tier C (D19): names that bots copied from English.

    For each kind and language other than English: where at least half of the names of tier A differ from the English
    ones, things of this kind have names of their own in the language. A name that equals the English one and is not
    tier A is then a copy. People's names in Latin script mostly do not differ, and stay what they are; so do names of a
    kind of which the language has none in tier A.
    """
    differ: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])  # of tier A: as in English, not so
    others = [lang for lang in languages if lang != "en"]
    for entity in entities.values():
        if (english := entity.labels.get("en")) is not None:
            for lang in others:
                if (name := entity.labels.get(lang)) is not None and name.tier == "A":
                    differ[entity.kind, lang][name.text != english.text] += 1
    own_names = {key for key, (same, different) in differ.items() if different >= same}
    marked = dict(entities)
    for qid, entity in entities.items():
        if (english := entity.labels.get("en")) is None:
            continue
        copies = {
            lang: _name(name.text, name.source, "C")
            for lang in others
            if (name := entity.labels.get(lang)) is not None
            and name.tier != "A"
            and name.text == english.text
            and (entity.kind, lang) in own_names
        }
        if copies:
            marked[qid] = replace(entity, labels={**entity.labels, **copies})
    return marked


# Controls, direction marks and other invisible characters, tatweel and Arabic vowel signs; joiners stay, Bengali is
# spelled with them.
_REMOVED = (
    r"\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u0600-\u0605\u061c\u0640\u064b-\u0652\u0670\u06dd\u070f\u180e"
    r"\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
)
_APOSTROPHES, _BRACKETS = "’‘ʼʻ`´＇", r"()\[（"
_removed, _apostrophe = re.compile(f"[{_REMOVED}]+"), re.compile(f"[{_APOSTROPHES}]")
_bracket = re.compile("[()]")
_unusual = re.compile(rf"[{_REMOVED}{_APOSTROPHES}{_BRACKETS}]|[^\S ]|  ")


def normalise(name: str) -> str:
    """Return a name as it is shown: NFC, single spaces, one kind of apostrophe, nothing in brackets.

    Control and direction marks, tatweel and Arabic vowel signs are taken out; ё stays.
    """
    if not name.isascii() and not unicodedata.is_normalized("NFC", name):
        name = unicodedata.normalize("NFC", name)
    if _unusual.search(name) is not None:
        name = names.strip_parentheses(_apostrophe.sub("'", _removed.sub("", name)))
        name = _bracket.sub("", name) if name.count("(") != name.count(")") else name  # one that nothing closes
        name = " ".join(name.split())
    return name.strip()


#: Characters of GB 2312, the standard of Simplified Chinese, that are Traditional to OpenCC 1.4 (`t2s`).
_TRADITIONAL_IN_GB2312 = frozenset("乾吒夥後徵拚捱摺於榘菸薹袷醣麴麽")


@cache
def _perhaps_traditional() -> re.Pattern[str]:
    """Return what finds an ideograph that GB 2312 does not have."""
    rows = (bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    simplified = {row.decode("gb2312", "ignore") for row in rows} - _TRADITIONAL_IN_GB2312
    return re.compile(f"[^\x00-\u33ff\u4dc0-\u4dff\ua000-\uf8ff{''.join(sorted(simplified))}]")


class _Converter(Protocol):
    def convert(self, text: str) -> str: ...


@cache
def _converters() -> tuple[_Converter, _Converter]:
    try:
        from opencc import OpenCC
    except ImportError as error:
        raise MissingExtra("wikidata", "making Simplified Chinese names of Traditional ones") from error
    return OpenCC("t2s"), OpenCC("tw2sp")


def to_simplified(name: str, code: str) -> str:
    """Return a Chinese name in Simplified characters, with the words of mainland China (紐西蘭 is 新西兰).

    A name that is Simplified already comes back as it is, unless it is from Taiwan, Hong Kong or Macau: 象牙海岸 is
    科特迪瓦. Under a code of Simplified Chinese only stray characters are changed.

    Args:
        name: a name.
        code: its Wikimedia code, or empty for the title of an article.

    Raises:
        MissingExtra: the name may be Traditional, since GB 2312 lacks a character of it, and OpenCC is not installed.
    """
    if code in _TRADITIONAL_CODES:
        return _converters()[1].convert(name)
    if _perhaps_traditional().search(name) is None:
        return name
    to_characters, to_words = _converters()
    simplified = to_characters.convert(name)
    return simplified if simplified == name or code in _SIMPLIFIED_CODES else to_words.convert(name)
