"""Checks of the scripts that names and questions are written in."""

import re
from collections import Counter
from functools import lru_cache

from xleval.data.languages import get_language
from xleval.data.scripts import run_scripts, script_of
from xleval.polyfact.lint.records import Row
from xleval.polyfact.lint.view import Outcome, View

#: Native endings and clitics that a language may write on to a name in Latin letters.
_ON_LATIN = {
    "bn": re.compile(r"(?:র|এর|কে|তে|য়|য়|ের|টি|টির|টা)"),
    "te": re.compile(r"(?:కు|కి|లో|ను|ని|యొక్క|ల)"),
    "ar": re.compile(r"(?:ال|و|ب|ل|لل|بال|وال|ك|ف)ـ?"),
    "ko": re.compile(r"(?:은|는|이|가|을|를|의|에|에서|로|으로|와|과|도|사|어|인)"),
}
_TOKEN = re.compile(r"(?:[^\W\d_]|[\u0300-\u036f\u064b-\u065f\u0900-\u0dff\u0e31-\u0e4e])+")


def mixed_scripts(view: View) -> Outcome:
    """Class 15."""

    def look(index: int, row: Row) -> tuple[str, str] | None:
        if len(view.question_scripts[index]) > 1:
            texts: tuple[str, ...] = (row.question, *row.options, row.subject)
        else:
            texts = row.options if row.subject in row.question else (*row.options, row.subject)
        for text in texts:
            if len(_scripts(text)) > 1 and (token := _mixed_token(text, view.lang)):
                return text, f"letters of two scripts in {token!r:.40}"
        return None

    return view.each(look)


@lru_cache(maxsize=100_000)
def _scripts(text: str) -> frozenset[str]:
    """Return what `run_scripts` does; for options and what is looked at again."""
    return frozenset(run_scripts(text))


@lru_cache(maxsize=100_000)
def _mixed_token(text: str, lang: str) -> str:
    return next((token for token in _TOKEN.findall(text) if _is_mixed(token, lang)), "")


def _is_mixed(token: str, lang: str) -> bool:
    pieces: list[tuple[str, str]] = []
    for char in token:
        script = script_of(char)
        script = "Hani" if script in ("Hira", "Kana") else script
        if script is None:
            script = pieces[-1][0] if pieces else ""
        if pieces and pieces[-1][0] in (script, ""):
            pieces[-1] = (script, pieces[-1][1] + char)
        else:
            pieces.append((script, char))
    if len(pieces) < 2:
        return False
    scripts = {script for script, _ in pieces}
    if "Grek" in scripts and all(len(text) == 1 for script, text in pieces if script == "Grek"):
        return len(scripts) > 2  # β-globin, µ
    if scripts == {"Latn", "Hani"} or (scripts == {"Latn", "Thai"} and not get_language(lang).spaced):
        return any(_is_severed(pieces, place) for place in range(len(pieces)))
    ending = _ON_LATIN.get(lang)
    if ending is not None and len(pieces) == 2 and "Latn" in scripts:
        native = next(text for script, text in pieces if script != "Latn")
        return ending.fullmatch(native) is None or (pieces[0][0] == "Latn") == (lang == "ar")
    return True


def _is_severed(pieces: list[tuple[str, str]], place: int) -> bool:
    """Whether a Latin piece after ideographs is the rest of a word: small letters only, no brand and no acronym."""
    script, text = pieces[place]
    return place > 0 and script == "Latn" and text.islower() and len(text) > 1


def foreign_script(view: View) -> Outcome:
    """Class 22."""
    home = _home_scripts(view.lang)
    usual = _often_latin(view, home) if "Latn" not in home else set()

    def look(index: int, row: Row) -> tuple[str, str] | None:
        # A question in the language's script, or with Latin letters, has no other one, nor has a subject in it.
        plain = view.question_scripts[index] <= home | {"Latn"} and not _has_kana(row.question, home, view.lang)
        rest = () if plain and row.subject in row.question else (row.question, row.subject)
        for text in (*row.options, *rest):
            if why := _third_script(text, home, view.lang):
                return text, why
        for text in row.options if row.relation not in usual else ():
            if _latin_only(text, home):
                return text, f"no letter of {', '.join(sorted(home))}"
        return None

    return view.each(look)


@lru_cache(maxsize=100_000)
def _third_script(text: str, home: frozenset[str], lang: str) -> str:
    """Return which letter of a text is neither of the language's scripts nor Latin, or nothing; one Greek letter may be."""
    third = _scripts(text) - home - {"Latn"}
    if third == {"Grek"} and sum(script_of(char) == "Grek" for char in text) == 1:
        third = frozenset()
    if third:
        letter = next(char for char in text if script_of(char) in third or _is_kana(char, third))
        return f"{letter!r} is {', '.join(sorted(third))}"
    return "kana" if _has_kana(text, home, lang) else ""


def _has_kana(text: str, home: frozenset[str], lang: str) -> bool:
    """Whether a text in ideographs of another language than Japanese has kana."""
    return "Hani" in home and lang != "ja" and any("\u3040" <= char <= "\u30ff" and char.isalpha() for char in text)


def _home_scripts(lang: str) -> frozenset[str]:
    return frozenset("Hani" if script in ("Hira", "Kana") else script for script in get_language(lang).scripts)


@lru_cache(maxsize=100_000)
def _latin_only(text: str, home: frozenset[str]) -> bool:
    scripts = _scripts(text)
    return bool(scripts) and not scripts & home and not _is_brand(text)


def _often_latin(view: View, home: frozenset[str]) -> set[str]:
    """Return the relations in which one option in ten or more has Latin letters only: firms, bands, brands (D19)."""
    options: Counter[str] = Counter()
    latin: Counter[str] = Counter()
    for row in view.rows:
        options[row.relation] += len(row.options)
        latin[row.relation] += sum(_latin_only(text, home) for text in row.options)
    return {relation for relation, n in options.items() if latin[relation] >= 0.1 * n}


def latin_name(view: View) -> Outcome:
    """Class 39."""
    home = _home_scripts(view.lang)
    if "Latn" in home:
        return Outcome(checked=0, missing="a language that is not written in Latin letters")
    usual = _often_latin(view, home)

    def look(_: int, row: Row) -> tuple[str, str] | None:
        found = next((text for text in row.options if _latin_only(text, home)), None)
        return (found, "Latin letters only, as often in this relation") if found else None

    return view.each(look, [index for index, row in enumerate(view.rows) if row.relation in usual])


def _is_kana(char: str, scripts: frozenset[str]) -> bool:
    return "Hani" in scripts and script_of(char) in ("Hira", "Kana")


def _is_brand(text: str) -> bool:
    """Whether a Latin name is an acronym (BBC, UTF-8) or written as brands are (iPhone, YouTube)."""
    words = re.findall(r"[^\W\d_]+", text)
    return all(word.isupper() or (len(word) > 1 and any(map(str.isupper, word[1:]))) for word in words)


def traditional_characters(view: View) -> Outcome:
    """Class 19."""
    try:
        from opencc import OpenCC
    except ImportError:
        return Outcome(checked=0, missing="OpenCC: pip install 'xleval[wikidata]'")
    convert = lru_cache(maxsize=100_000)(OpenCC("t2s").convert)

    def look(_: int, row: Row) -> tuple[str, str] | None:
        for text in (row.question, *row.options, row.subject):
            if (simplified := convert(text)) != text:
                changed = "".join(one for one, two in zip(text, simplified, strict=False) if one != two)
                return text, f"Traditional {changed!r}"
        return None

    return view.each(look)
