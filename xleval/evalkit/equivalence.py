r"""Answers that may be expressions: found in a completion, and compared with a reference.

Comparison, in this order: the same text after light normalisation; the same number, read as the answer's language
writes numbers (the reference is in the notation of the data sets: ASCII, decimal point); the same under `math-verify`,
which knows algebra, sets, intervals, tuples, matrices and equations, and does not mind the order of a set.

Conventions. Units and degree signs are ignored on both sides. 50% equals 50, as in MATH; 0.5 equals 50% only where the
reference has the percent sign. Words (`\text{Evelyn}`) are equal without regard to case. A comma in an answer is read by
its language where the answer is one number, and separates coordinates elsewhere.
"""

import functools
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from xleval.data.number_folding import normalise_digits
from xleval.data.numbers import parse_number
from xleval.evalkit.answer_cues import CHOICE_WORD, answer_cues
from xleval.evalkit.answer_region import BOX, Reading, closing_brace, read_answer_region
from xleval.evalkit.extraction import extract_number
from xleval.evalkit.math_worker import WORKER, require

__all__ = ["Answer", "are_equivalent", "extract_answer", "require"]

AnswerPath = Literal["boxed", "answer_prefix", "hash", "last_number", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer as it stands in a completion.

    Attributes:
        text: the expression, number or word as written; None where none was given.
        path: how it was found, as for `Extraction`.
        span: its offsets in the completion, end exclusive; None with `none`.
    """

    text: str | None
    path: AnswerPath
    span: tuple[int, int] | None


_ANSWERED = re.compile(r"[0-9]|boxed")
_LINE = re.compile(r"[ \t]*(?P<text>[^\n]*\S)")
_HASHES = re.compile(r"####(?!#)")
_MATH = re.compile(
    r"\$\$(?P<a>[^$]{1,500})\$\$|\$(?P<b>[^$\n]{1,500})\$|\\\((?P<c>.{1,500}?)\\\)|\\\[(?P<d>.{1,500}?)\\\]", re.DOTALL
)
_UNBALANCED = re.compile(r"(?P<inside>[^\n]{1,500}\})[$.。\s)\\\]}]*(?:\n|$)")
_LEADING = re.compile(r"[\s:=*_]*")
_SENTENCE = re.compile(r"(?:[^\n.!?。।۔؟]|[.!?](?=[^\s*]))+")
_WORD = re.compile(r"(?<!\\)(?<![A-Za-z\\])[^\W\d_]{3,}")
_JOINT = re.compile(rf"\s*(?:,\s*)?(?:{CHOICE_WORD}\s*)?", re.IGNORECASE)
_LONGEST_TEXT = 60
_AFTER_CUE = 600


def extract_answer(completion: str, lang: str, *, prefixes: tuple[str, ...] = ()) -> Answer:
    r"""Return the answer of a completion whose answer may be an expression.

    Order: the last closed `\boxed{}`; what an answer cue introduces (the first formula between dollar signs or `\(`, else
    the expression up to the end of the sentence, or its number where it is a sentence in words); `####`; the last number.

    Args:
        completion: what the model wrote after the prompt.
        lang: code of the language asked in.
        prefixes: further answer cues, as for `extract_number`.

    Raises:
        ConfigError: unknown language.
    """
    reading = read_answer_region(completion, lang, prefixes=prefixes, answered=_ANSWERED)
    ways: tuple[tuple[AnswerPath, tuple[int, int] | None], ...] = (
        ("boxed", _boxed(reading)),
        ("answer_prefix", _after_cue(reading, prefixes)),
        ("hash", _after_hashes(reading)),
    )
    for path, found in ways:
        if found is not None:
            start, end = reading.folded.original_span(*found)
            return Answer(text=completion[start:end], path=path, span=(start, end))
    number = extract_number(completion, lang, prefixes=prefixes)
    if number.span is None:
        return Answer(text=None, path="none", span=None)
    return Answer(text=completion[slice(*number.span)], path=number.path, span=number.span)


def _trimmed(reading: Reading, start: int, end: int) -> tuple[int, int] | None:
    text = reading.text[start:end]
    stripped = text.strip(" \n\t*_`")
    if not stripped:
        return None
    start += text.index(stripped)
    return start, start + len(stripped)


def _boxed(reading: Reading) -> tuple[int, int] | None:
    boxes = list(BOX.finditer(reading.text, reading.start, reading.end))
    for box in reversed(boxes[-30:]):
        end = closing_brace(reading.text, box.end(), reading.end)
        if end is None and (line := _UNBALANCED.match(reading.text, box.end(), reading.end)) is not None:
            end = line.end("inside")  # the expression itself lacks a brace
        if end is not None and (found := _trimmed(reading, box.end(), end)) is not None:
            return found
    return None


def _after_cue(reading: Reading, prefixes: tuple[str, ...]) -> tuple[int, int] | None:
    cues = list(answer_cues(reading.lang, prefixes).finditer(reading.text, reading.start, reading.end))
    for cue in reversed(cues[-30:]):
        if cue.lastgroup == "bare":
            continue
        begin = _LEADING.match(reading.text, cue.end(), reading.end)
        start = begin.end() if begin else cue.end()
        sentence = _SENTENCE.match(reading.text, start, min(reading.end, start + _AFTER_CUE))
        stop = sentence.end() if sentence else start
        math = _MATH.search(reading.text, start, min(reading.end, start + _AFTER_CUE))
        if math is not None and math.lastgroup is not None and math.start() <= max(stop, start):
            return _trimmed(reading, *_joined_formulas(reading, math))
        found = _trimmed(reading, start, stop)
        if found is not None and (cue.lastgroup == "says" or cue is cues[-1]):
            return _number_of_sentence(reading, *found)
    return None


def _joined_formulas(reading: Reading, first: re.Match[str]) -> tuple[int, int]:
    """Return the inside of a formula, or the stretch from it to the last one joined to it: `$a$ or $b$`."""
    inside = first.span(first.lastgroup or 0)
    last = first
    while (joint := _JOINT.match(reading.text, last.end(), reading.end)) is not None:
        following = _MATH.match(reading.text, joint.end(), reading.end)
        if following is None:
            break
        last = following
    return inside if last is first else (first.start(), last.end())


def _number_of_sentence(reading: Reading, start: int, end: int) -> tuple[int, int] | None:
    """Return the stretch itself if it is an expression or a short name, or its number if it is words with a number."""
    stretch = reading.text[start:end]
    if not _WORD.search(stretch):
        return start, end
    number = extract_number(f"The answer is {stretch}", reading.lang) if reading.has_digit(start, end) else None
    if number is not None and number.span is not None:
        shift = start - len("The answer is ")
        return number.span[0] + shift, number.span[1] + shift
    return (start, end) if len(stretch) <= _LONGEST_TEXT and number is None else None


def _after_hashes(reading: Reading) -> tuple[int, int] | None:
    for mark in reversed(list(_HASHES.finditer(reading.text, reading.start, reading.end))):
        line = _LINE.match(reading.text, mark.end(), reading.end)
        if line is not None and (found := _trimmed(reading, line.start("text"), line.end())) is not None:
            return found
    return None


# Longer expressions are compared as text only: no answer of a benchmark is so long, but a model in a loop writes them.
_LONGEST_EXPRESSION = 1000


def are_equivalent(answer: str, gold: str, lang: str) -> bool:
    """Return whether an answer equals a reference as mathematics; the module says by which conventions.

    Args:
        answer: as `extract_answer` gives it.
        gold: the reference, LaTeX or plain.
        lang: code of the language asked in, whose decimal mark holds for the answer.

    Raises:
        ConfigError: unknown language.
        MissingExtra: `math-verify` is not installed and needed for this pair.
    """
    if max(len(answer), len(gold)) > _LONGEST_EXPRESSION:
        return answer.split() == gold.split()
    left, right = _normalised(answer), _normalised(gold)
    if not left or not right:
        return False
    if _comparable(left) == _comparable(right):
        return True
    numbers = _number(left, lang), None if _LIST_COMMA.search(right) else _number(right, "en")
    if numbers[0] is not None and numbers[1] is not None:
        return numbers[0] == numbers[1] or (_PERCENT.search(gold) is not None and _is_share(answer, *numbers))
    if _is_word(left) or _is_word(right):
        return False
    return _verified(left, right)


def _is_share(answer: str, share: Decimal | None, percent: Decimal | None) -> bool:
    return share is not None and percent is not None and not _PERCENT.search(answer) and share * 100 == percent


@functools.lru_cache(maxsize=4096)
def _verified(answer: str, gold: str) -> bool:
    return WORKER.compare(answer, gold)


# A comma that groups no thousands separates values in a reference.
_LIST_COMMA = re.compile(r",(?![0-9]{3}(?![0-9]))")
_PERCENT = re.compile(r"%|٪|％|\\text\{\s*(?:percent|per cent)\s*\}|\bpercent\b", re.IGNORECASE)
_WRAPPERS = re.compile(r"^(?:\$\$?|\\\(|\\\[)\s*|\s*(?:\$\$?|\\\)|\\\])$")
_COMMANDS = re.compile(r"\\(?:left|right|displaystyle|bigl?|bigr?|Bigl?|Bigr?)(?![A-Za-z])|(?<!\\)\\[!,;:\s]|~")
_SPACED_GROUPS = re.compile(r"(?<=[0-9]),\\!\s*(?=[0-9])")
_DEGREE = re.compile(r"\^\s*(?:\\circ|\{\s*\\circ\s*\})|°|\\degree(?![a-z])|º")
_PERCENT_SIGN = re.compile(r"\\?%")
_UNIT = re.compile(
    r"(?<=[0-9}\])a-z])\s*\\(?:text|mbox|mathrm|textrm|rm|operatorname)\s*\{[^{}0-9]*\}(?:\s*\^\s*(?:\{[0-9]\}|[0-9]))?\s*$"
)
_TEXT = re.compile(r"\\(?:text|mbox|mathrm|textrm|textbf|mathbf|operatorname)\s*\{([^{}]*)\}")
_SINGLE = re.compile(r"[^\W\d_]+(?:[ '’-][^\W\d_]+)*")
_PLAIN_UNIT = re.compile(
    r"(?<=[0-9}])\s+(?:[a-zA-Z]|[^\W\d_]{2,}(?: [^\W\d_]+){0,2})(?:/[^\W\d_]+)?(?:\s*\^\s*(?:\{[23]\}|[23])|[²³])?\.?$"
)
_NUMBER_COMMANDS = re.compile(
    r"\\frac\s*(?:\{\s*-?[0-9]+\s*\}|[0-9])\s*(?:\{\s*[0-9]+\s*\}|[0-9])|\\\$|(?<=[0-9])[eE][+-]?[0-9]{1,2}$"
)
_SYMBOL = re.compile(r"[\\^_(\[{!]|(?<=[0-9])[A-Za-z]|[A-Za-z](?=[0-9])|(?<![^\W\d_])[A-Za-z](?![^\W\d_])")


def _normalised(text: str) -> str:
    """Return an expression in ASCII digits without its dollar signs, spacing commands, degree and percent signs, units."""
    text = re.sub(r"\\[dtc]frac", r"\\frac", _SPACED_GROUPS.sub(",", text.strip()))
    # Digits in ASCII, but `\frac` as it is: 3/2\pi is not \frac{3}{2}\pi.
    text = normalise_digits(_WRAPPERS.sub("", text).replace("\\frac", "\\Frac")).replace("\\Frac", "\\frac")
    text = text.replace("\\varnothing", "\\emptyset")
    text = text.strip().rstrip(".。।").strip()
    text = _PERCENT_SIGN.sub("", _DEGREE.sub("", _COMMANDS.sub("", text)))
    text = _UNIT.sub("", text)
    inside = _TEXT.fullmatch(text)
    return (inside.group(1) if inside else text).strip().strip("$").strip()


def _comparable(text: str) -> str:
    plain = _TEXT.sub(r"\1", text)
    bare = re.fullmatch(r"\(?([A-Za-z])\)?", plain.strip())  # an option: (C) is C
    return (bare.group(1) if bare else re.sub(r"\s+", "", plain)).casefold()


def _is_word(text: str) -> bool:
    """Return whether a text is a name, which is equal to another one or not; single letters and `pi` are variables."""
    found = _SINGLE.fullmatch(text)
    return found is not None and len(text) > 2


def _number(text: str, lang: str) -> Decimal | None:
    """Return the value of a text that is one number, perhaps with a unit after it, else None."""
    bare = _PLAIN_UNIT.sub("", _TEXT.sub(r"\1", text))
    return None if _SYMBOL.search(_NUMBER_COMMANDS.sub("", bare)) else parse_number(bare, lang)
