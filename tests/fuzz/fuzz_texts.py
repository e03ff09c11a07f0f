"""Fuzzes what reads a completion: numbers, answers, letters, sentences, words and languages of any text.

An input names a language and a reading, and then writes a text of pieces (digits, marks, LaTeX, cues, magnitude words, odd
characters), raw UTF-8 or both; a flag repeats it to as much as 100,000 characters, where a bad regular expression hangs.
"""

import itertools
import string
from collections.abc import Callable, Sequence
from decimal import Decimal

from tests.fuzz.harness import Finding, main
from xleval.data import language_id, numbers, segmentation
from xleval.data.languages import LANGUAGES, Language
from xleval.errors import XlevalError
from xleval.evalkit import equivalence, extraction, letters
from xleval.evalkit.math_worker import WORKER

LONGEST = 100_000
_SHORT = 80  # characters of an expression that is given to the process that compares
_ORDINARY = 800  # characters of a repeated text unless the flag says otherwise
_PIECES = (
    *string.digits, *"-+.,:;!?()[]{}$%^_=*/\\'\"<>|#~&@ \n\t\r", *"०५٣۳๔৭௯๑一十百千万億兆〇零半½¾²³⁻¹⁰⁄−–—‐٫٬،۔。、",
    "\u00a0", "\u202f", "\u200b", "\u200d", "\u200e", "\u202e", "\u0301", "\u0e31", "\ufeff", "\x00", "\x08oxed{", "\ud800",
    "\udfff", "\U0001f600", "\U0001f1e9\U0001f1ea", "\ufffd", "\u1680", "İ", "ß", "ſ", "K", "ﬁ", "Ⅷ", "①", "𝟗", "𝕒", "ﷺ", "ᄀ",
    "\\boxed{", "\\fbox{", "\\frac{", "\\frac12", "\\text{", "\\mathrm{", "\\left(", "\\right)", "\\cdot", "\\times 10^{",
    "\\(", "\\)", "\\[", "\\]", "\\$", "$$", "^{\\circ}", "x", "e", "E", "M", "B", "N", "k", "pi", "#### ", "**", "```", "<<", ">>",
    "<think>", "</think>", "Question:", "Q:", "A:", "Answer: ", "The answer is ", "answer", "Therefore ", "(A)", "A.", "B) ",
    "Die Antwort ist ", "La réponse est ", "答案是", "उत्तर: ", "উত্তর: ", "الجواب هو ", "คำตอบคือ ", "정답은 ", "Jibu ni ",
    "million", "Millionen", "lakh", " thousand", "milioni ", "elfu ", "na ", "万", "억", "만", "แสน", "mil ", " e ", "et demie",
    "rưỡi", "и ", "分之", "の", "分の", "又", "minus ", "负", "from ", " to ", "https://a.b/", "@x ", "1. ", "- ", "10:30", "2024-01-02",
    "das ist ein Satz. ", "This is a sentence. ", "это предложение. ", "这是一个句子。", "これは文です。", "यह वाक्य है। ", "Mr. ", "ক", "가",
)  # fmt: skip
_CODES = tuple(LANGUAGES)
_OPTIONS = ("Paris", "Rome (B)", "(C", "a.*+[", "")
_NATIVE = {"bn": "০", "ar": "٠", "fa": "۰", "th": "๐", "hi": "०", "mr": "०"}


def one_input(data: bytes) -> None:
    """Read the text of an input; a crash, a hang or a reading that contradicts itself raises."""
    if len(data) < 4:
        return
    code, reading = _CODES[data[0] % len(_CODES)], _READINGS[data[1] % len(_READINGS)]
    text = _text(data[3:], data[2])
    try:
        reading(text, code)
    except XlevalError as error:
        if "\n" in str(error):
            raise Finding(f"a message of several lines: {error!r}") from error


def seeds() -> list[bytes]:
    """Return inputs for every reading: ordinary completions, and one piece that is repeated."""
    texts = (
        "The answer is 1,234.5.",
        "So \\boxed{\\frac{1}{2}} euros",
        "#### 18",
        "(B) Paris",
        "Die Antwort ist 1.234,50 €.",
    )
    found = [
        bytes((lang, reading, 1)) + text.encode()
        for lang, reading, text in itertools.product((0, 5, 9), range(len(_READINGS)), texts)
    ]
    pieces = range(0, len(_PIECES), 3)
    return found + [bytes((piece % 20, piece % len(_READINGS), 2, piece, piece + 1)) for piece in pieces]


def _text(data: bytes, how: int) -> str:
    """Return the text that an input writes; bit 0: raw, bit 1: repeated, all of the upper bits: to the longest."""
    text = data.decode("utf-8", "replace") if how & 1 else "".join(_PIECES[each % len(_PIECES)] for each in data)
    if how & 2 and text:
        longest = LONGEST if how >= 0xFE else _ORDINARY
        middle = len(text) // 3 if how & 4 else 0  # a head that is not repeated
        text = text[:middle] + text[middle:] * (longest // (len(text) - middle) + 1)
        text = text[:longest] + ("!" if how & 8 else "")
    return text


def _spans(spans: Sequence[tuple[int, int]], text: str) -> None:
    end = 0
    for start, stop in spans:
        if not end <= start < stop <= len(text):
            raise Finding(f"spans are not in order within the text: {spans[:20]}, {len(text)} characters")
        end = stop


def _numbers(text: str, code: str) -> None:
    found = numbers.find_numbers(text, code)
    _spans([(each.start, each.end) for each in found], text)
    if not all(each.value.is_finite() for each in found):
        raise Finding("a number that is not finite")
    numbers.parse_number(text, code)


def _as_written(text: str, code: str) -> None:
    """Write a number as the language does and read it back: alone, and in a box behind the text."""
    digits = "".join(each for each in text if each in string.digits)[:24].lstrip("0") or "7"
    for written, value in _written(digits, LANGUAGES[code], _NATIVE.get(code, "0")):
        read = numbers.parse_number(written, code)
        if read != value:
            raise Finding(f"{written!r} in {code} is {value}, and was read as {read}")
        # a thought, a box or a next question in the text may rightly hide what follows it
        if value == value.to_integral_value() and not set("\\<{}[?:#") & set(text):
            boxed = extraction.extract_number(f"Here \\boxed{{{digits}}}", code)
            if boxed.value != Decimal(digits) or boxed.path != "boxed":
                raise Finding(f"{digits} in a box in {code} was read as {boxed}")


def _written(digits: str, language: Language, zero: str) -> list[tuple[str, Decimal]]:
    """Return a number in forms that are not ambiguous: plain, native digits, decimals, and at least two groups."""
    native = digits.translate({ord(string.digits[n]): chr(ord(zero) + n) for n in range(10)})
    forms = [(digits, Decimal(digits)), (native, Decimal(digits))]
    forms += [(f"{digits}{language.decimal_separator}{part}", Decimal(f"{digits}.{part}")) for part in ("5", "25")]
    if len(digits) >= 7:
        head = len(digits) % 3 or 3
        groups = [digits[:head], *(digits[at : at + 3] for at in range(head, len(digits), 3))]
        forms += [(mark.join(groups), Decimal(digits)) for mark in language.group_separators if len(groups) <= 8]
    return forms


def _extracted(text: str, code: str) -> None:
    found = extraction.extract_number(text, code)
    if (found.value is None) != (found.path == "none") or (found.value is None) != (found.span is None):
        raise Finding(f"value, path and span disagree: {found}")
    if found.span is not None:
        _spans([found.span], text)
    for gold in (text[:40], "18", "1e5", "NaN", "sNaN", "-Infinity"):
        try:
            if extraction.is_correct(found, gold) and found.value is None:
                raise Finding("no answer counts as correct")
        except XlevalError:
            continue


def _answered(text: str, code: str) -> None:
    found = equivalence.extract_answer(text, code)
    if found.span is not None:
        _spans([found.span], text)
    equivalence.are_equivalent(text + "x" * 1001, text, code)  # longer expressions are compared as texts only
    equivalence._number(equivalence._normalised(text), code)
    if len(text) <= _SHORT and text.strip() and not equivalence.are_equivalent(text, text, code):
        if equivalence._normalised(text):
            raise Finding(f"{text!r} is not equal to itself")


def _compared(text: str, code: str) -> None:
    """Two expressions, by the process that compares them: yes or no, whatever it makes of them."""
    middle = len(text) // 2
    if len(text) <= _SHORT and not isinstance(WORKER.compare(text[:middle], text[middle:]), bool):
        raise Finding("neither yes nor no")


def _chosen(text: str, code: str) -> None:
    found = letters.extract_letter(text, code, _OPTIONS[:4])
    if (found.index is None) != (found.path == "none"):
        raise Finding(f"index and path disagree: {found}")


def _cut(text: str, code: str) -> None:
    _spans(segmentation.words(text, code), text)
    _spans(segmentation.sentences(text, code), text)


def _languages(text: str, code: str) -> None:
    shares = language_id.language_shares(text, code, text[:50])
    ratio = shares.target_of_determined
    if min(shares.n_target, shares.n_english, shares.n_other, shares.n_undetermined) < 0:
        raise Finding(f"a negative count: {shares}")
    if ratio is not None and not 0 <= ratio <= 1:
        raise Finding(f"a share outside of 0 to 1: {shares}")
    language_id.detect(text, (code, "en"))


_READINGS: tuple[Callable[[str, str], None], ...] = (
    _numbers,
    _as_written,
    _extracted,
    _answered,
    _chosen,
    _cut,
    _languages,
    _compared,
)

if __name__ == "__main__":
    main(one_input, seeds())
