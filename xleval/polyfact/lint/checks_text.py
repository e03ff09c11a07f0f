"""Checks of single fields: garbage, designations, empty and equal fields, answers that contradict each other."""

import re
import unicodedata
from collections import Counter
from functools import lru_cache

from xleval.polyfact.lint.mentions import name_of
from xleval.polyfact.lint.records import Row
from xleval.polyfact.lint.view import Outcome, View

_GARBAGE = re.compile(
    r"(?P<replacement>\ufffd)"
    r"|(?P<control>[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f])"
    r"|(?P<mojibake>(?-i:[ÃÂ][\u0080-\u00bf]|â€|Ð[\u0080-\u00bf°-¿]|Ø[§¨\u0080-\u00bf]|à¦|ã\u0081|ã\u0082|å\u008c|ï¿½))"
    r"|(?P<entity>&(?:[a-z]{2,8}|#\d{2,6}|#x[0-9a-f]{2,5});)"
    r"|(?P<markup></?[a-z]{1,10}(?: [^<>]*)?/?>|\[\[|\]\]|\{\{|\}\}|\*\*|```|''')"
    r"|(?P<slot>\{\w*\}|\[(?:MASK|SUBJECT|ANSWER|X|Y|NAME|ENTITY)\]|<(?:mask|unk|pad|s|eos)>|<\|\w+\|>|%s\b|__\w+__)"
    r"|(?P<escape>\\u[0-9a-f]{4}|\\n|\\x[0-9a-f]{2})"
    r"|(?P<repetition>(?P<same>[^\W\d])(?P=same){4,}|(?<!\w)(?P<word>[^\W\d]{2,})(?: (?P=word)){2,}(?!\w)|\?{3,}|(?:_ ?){3,}|\.{5,})",
    re.IGNORECASE,
)
#: What stands where a name should: in whole options and subject names only.
_PLACEHOLDER = re.compile(
    r"(?:none|(?-i:nan|NaN|NAN|nil|NIL)|null|n/a|undefined|unknown|unnamed|todo|tbd|tba|xxx+|lorem ipsum.*|test|placeholder|label|"
    r"(?:option|choice|answer)[ _]?[a-d1-4]?|no (?:label|name|answer|translation)|\[.*\]|<.*>|[-–—?!.*_/#]+|Q\d{3,}|"
    r"i (?:cannot|can't|don't know|am unable).*|sorry, .*|as an ai.*|here is.*|translation:.*|error.*)",
    re.IGNORECASE,
)
_DESIGNATION = re.compile(
    r"\(\d{2,7}\)(?: .*)?"  # (1234) 1999 AB
    r"|(?:\d{1,7} )?(?:1[6-9]|20)\d\d [A-Z]{1,2}\d{0,4}"  # 2008 TC3, 12345 2008 TC3
    r"|[A-Z]?\d{4} [PT]-[L123]"  # 6344 P-L
    r"|(?:\d+)?[CPDXAI]/(?:1[6-9]|20)\d\d [A-Z]{1,2}\d+.*"  # C/1995 O1
    r"|(?:NGC|IC|HD|HR|HIP|HAT-P|UGC|PGC|SAO|BD|GSC|TYC|KOI|EPIC|TOI|PSR|ESO|LHS|WASP|Kepler|KELT|Gliese|GJ|Abell|Arp|"
    r"2MASS|SDSS|WISE|ASAS|MACHO|OGLE)[ -]?[JB]?[+\-−]?\d[\d+\-−. A-Za-z]*"
)


_DIGIT = re.compile(r"\d")
_STOPS = " .,;:!?।。、，；："  # a name is the same with a stop after it


#: A character without which a text has no garbage but repetition; looked for first, being fifty times as fast.
_TRIGGER = re.compile("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffdÃÂÐØ€¦½&<\\[\\]{}*`\\\\%_]")
_REPEATED = re.compile(
    r"(?P<same>[^\W\d])(?P=same){4}|(?<!\w)(?P<word>[^\W\d]{2,})(?: (?P=word)){2}(?!\w)", re.IGNORECASE
)


def garbage(view: View) -> Outcome:
    """Class 18."""

    def look(_: int, row: Row) -> tuple[str, str] | None:
        if found := _garbage_in(row.question):
            return row.question, found
        for text in row.options:
            if found := _garbage_in_option(text):
                return text, found
        if found := _garbage_in(row.subject):
            return row.subject, found
        for text in row.options:
            if _is_placeholder(text):
                return text, "placeholder"
        return (row.subject, "placeholder") if _PLACEHOLDER.fullmatch(row.subject.strip()) else None

    return view.each(look)


def _garbage_in(text: str) -> str:
    if (
        _TRIGGER.search(text) is None
        and not ("???" in text or "....." in text or "'''" in text)
        and _REPEATED.search(text) is None
    ):
        return ""
    found = _GARBAGE.search(text)
    if found is None:
        return ""
    return f"{next(name for name, value in found.groupdict().items() if value)}: {found.group()!r:.30}"


_garbage_in_option = lru_cache(maxsize=100_000)(_garbage_in)


@lru_cache(maxsize=100_000)
def _is_placeholder(text: str) -> bool:
    return _PLACEHOLDER.fullmatch(text.strip()) is not None


def designation(view: View) -> Outcome:
    """Class 24."""

    def look(_: int, row: Row) -> tuple[str, str] | None:
        for text in (row.subject, *row.options):
            if _DIGIT.search(text) is not None and _DESIGNATION.fullmatch(_ascii_digits(text)):
                return text, "a catalogue number, not a name"
        if not row.subject and _DIGIT.search(row.question) is not None:
            found = re.search(
                r"(?<!\w)(?:\(\d{2,7}\) )?(?:19|20)\d\d [A-Z]{2}\d{0,4}(?!\w)", _ascii_digits(row.question)
            )
            return (row.question, f"a catalogue number: {found.group()}") if found else None
        return None

    return view.each(look)


def _ascii_digits(text: str) -> str:
    return "".join(
        str(unicodedata.decimal(char)) if char.isdecimal() else char for char in unicodedata.normalize("NFKC", text)
    ).strip()


def equal_options(view: View) -> Outcome:
    """Class 31."""

    def look(_: int, row: Row) -> tuple[str, str] | None:
        read = [name_of(text).folded.rstrip(_STOPS) for text in row.options]
        if len(set(read)) == len(read):
            return None
        counts = Counter(read)
        twice = [text for text, alike in zip(row.options, read, strict=True) if alike and counts[alike] > 1]
        return (twice[0], f"{len(twice)} options read alike") if twice else None

    return view.each(look)


def index_out_of_range(view: View) -> Outcome:
    """Class 32."""
    return view.each(lambda _, row: (" | ".join(row.options), "no option at the index") if row.gold < 0 else None)


def answer_mismatch(view: View) -> Outcome:
    """Class 33."""

    def look(_: int, row: Row) -> tuple[str, str] | None:
        if row.gold < 0:
            return None
        if row.answer_text is not None and row.answer_text != row.gold_text:
            return row.answer_text, f"the option at the index is {row.gold_text!r}"
        if row.option_ids and row.object_id and row.option_ids[row.gold] != row.object_id:
            return row.gold_text, f"its id is {row.option_ids[row.gold]}, the fact's answer is {row.object_id}"
        return None

    comparable = any(row.answer_text is not None or (row.option_ids and row.object_id) for row in view.rows)
    return view.each(look) if comparable else Outcome(checked=0, missing="a second column that says the answer")


def empty_field(view: View) -> Outcome:
    """Class 34."""
    with_subject = any(row.subject for row in view.rows)

    def look(_: int, row: Row) -> tuple[str, str] | None:
        if not _visible(row.question):
            return row.question, "question"
        if len(row.options) < 2:
            return " | ".join(row.options), "fewer than two options"
        if not all(map(_visible_option, row.options)):
            return " | ".join(row.options), "option"
        return (row.question, "subject name") if with_subject and not _visible(row.subject) else None

    return view.each(look)


def _visible(text: str) -> bool:
    return text[:1].isalnum() or any(unicodedata.category(char)[0] not in "ZC" for char in text)


_visible_option = lru_cache(maxsize=100_000)(_visible)
