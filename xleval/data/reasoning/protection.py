r"""Parts of a text that are not language, and placeholders that stand for them while a machine translates.

Protected are formulas (`$..$`, `$$..$$`, `\(..\)`, `\[..\]`, `\begin..\end`, a bare command such as `\frac{1}{2}`), code
(fences, back quotes, Asymptote figures), calculator marks (`<<2*3=6>>`), addresses, and numbers with their currency sign
and percent sign. `$` is a dollar sign as often as a formula's limit: see `_is_formula`.

A placeholder is `XQ1Z`: Latin capitals without a vowel around a number. Apertium 3.8.3 (eng-spa, es-pt) brings back all of
the 18 forms that were tried, but reads only such words as nouns: it translates the words around `[1]` and `#1` otherwise.
All the translators here keep plain digits (Apertium: all of MGSM's), so numbers are protected only on demand.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import Literal

SpanKind = Literal["formula", "code", "calculator", "url", "number"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedSpan:
    """A part of a text that a translation must repeat as it is.

    Attributes:
        kind: what it is.
        start: offset of its first character.
        end: offset after its last character.
    """

    kind: SpanKind
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedText:
    """A text with placeholders.

    Attributes:
        text: what the translator sees.
        originals: what placeholder 1, 2, ... stands for.
        letters: letters before and after the number, `("XQ", "Z")` unless the text itself holds such a word.
    """

    text: str
    originals: tuple[str, ...]
    letters: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A translation with the protected parts put back.

    Attributes:
        text: the translation; a placeholder that stands for nothing stays in it.
        lost: protected parts whose placeholder the translation lacks, in the source's order.
        repeated: those that it has more than once; each is put back everywhere.
    """

    text: str
    lost: tuple[str, ...]
    repeated: tuple[str, ...]


_LETTERS = (("XQ", "Z"), ("QX", "Z"), ("ZQ", "X"), ("QZ", "X"), ("XZ", "Q"), ("ZX", "Q"))
_NUMBER = r"\d+(?:[.,:/\u066b\u066c]\d+)*|[.,]\d+"
_MARKUP = re.compile(r"[\\$`<]|://|\[asy\]")
_SPAN = re.compile(
    r"(?P<code>```.*?```|`[^`\n]+`|\[asy\].*?\[/asy\])"
    r"|(?P<calculator><<[^<>\n]*>>)"
    r"|(?P<url>\b(?:https?|ftp)://[^\s<>\"'`$\\]*[^\s<>\"'`$\\.,;:!?)\]])"
    r"|(?P<formula>\\begin\{(?P<env>[a-zA-Z]+\*?)\}.*?\\end\{(?P=env)\}"
    r"|(?<!\\)\\\[.*?\\\]|(?<!\\)\\\(.*?\\\)"
    r"|\\[a-zA-Z]+(?:\s?[{\[](?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*[}\]])+)"
    r"|(?P<dollar>(?<!\\)\$)"
    rf"|(?P<number>(?<![A-Za-z\d_])(?:\\?[$€£¥₹₩]\s?)?(?:{_NUMBER})(?:\s?\\?%)?(?![A-Za-z\d_]))",
    re.DOTALL,
)
_MONEY = re.compile(rf"\$\s?(?:{_NUMBER})(?![A-Za-z\d_])")
_DISPLAY = re.compile(r"\$\$((?:[^$\\]|\\.)+?)\$\$", re.DOTALL)
_INLINE = re.compile(r"\$((?:[^$\\]|\\.)+?)\$", re.DOTALL)
_WORDING = re.compile(r"\\(?:text|mbox|textrm|textbf|textit|mathrm|operatorname)\*?\s*\{[^{}]*\}|\\[a-zA-Z]+")
_PROSE = re.compile(
    r"\b(?:and|or|the|each|per|for|of|in|on|to|so|is|was|he|she|it|then|from|by|He|She|The|They)\b(?=\s|$)|\n\s*\n|<<"
)
_WORD = re.compile(r"\s[A-Za-z][a-z]{2,}(?!\w)|\n")
_PHRASE = re.compile(r"(?<![\w{])[A-Za-z][a-z]{2,}[,.;]?\s+[A-Za-z][a-z]+(?![\w}])")
_COMMAND = re.compile(r"\s*\\[a-zA-Z].*\}\s*", re.DOTALL)
_SUM = re.compile(r"[\d\s.,:+*/=()%×÷−–-]*")
_AMOUNT = re.compile(rf"\s*(?:{_NUMBER})")
_TEX = re.compile(r"[\\^_{}]")
_OPEN_END = re.compile(r"(?:[=+*/×÷−–(<>-]|[\w)]\s+x\s)\s*$")


def protected_spans(text: str, *, numbers: bool = True) -> list[ProtectedSpan]:
    """Return the parts of a text that are not language, in order, not overlapping.

    Args:
        text: any text; may be empty.
        numbers: with numbers (those inside formulas and code belong to these in any case).
    """
    if not numbers and _MARKUP.search(text) is None:
        return []
    found: list[ProtectedSpan] = []
    at = 0
    while (match := _SPAN.search(text, at)) is not None:
        span = _span_of(match, text)
        at = match.end() if span is None else span.end
        if span is not None and (numbers or span.kind != "number"):
            found.append(span)
    return found


def _span_of(match: re.Match[str], text: str) -> ProtectedSpan | None:
    start = match.start()
    if match["dollar"] is not None:
        return _after_dollar(text, start)
    kind: SpanKind
    for kind in ("code", "calculator", "url", "formula"):
        if match[kind] is not None:
            return ProtectedSpan(kind=kind, start=start, end=match.end())
    return ProtectedSpan(kind="number", start=start, end=match.end())


def _after_dollar(text: str, start: int) -> ProtectedSpan | None:
    """Return what a dollar sign begins: a formula, an amount of money, or nothing."""
    for pattern in (_DISPLAY, _INLINE):
        pair = pattern.match(text, start)
        if pair is not None and _is_formula(pair[1], text[pair.end() : pair.end() + 1]):
            return ProtectedSpan(kind="formula", start=start, end=pair.end())
    money = _MONEY.match(text, start)
    return None if money is None else ProtectedSpan(kind="number", start=start, end=money.end())


def _is_formula(content: str, following: str) -> bool:
    """Return whether what stands between two dollar signs is a formula, not the words between two amounts of money.

    Words make it prose (`$7 each so 5*7=$`), and so does a sum that is open at its end (`$23=$`) or followed by a digit
    (`$5-$10`). Spaces at the ends are allowed, as MATH has them. Checked on all texts of GSM8K, MATH500 and SimpleRL-Zoo.
    """
    plain = _TEX.search(content) is None
    if not content.strip() or (plain and content.startswith("\n")):
        return False
    if _COMMAND.fullmatch(content) is not None:
        return True
    bare = _WORDING.sub(" ", content)
    if _PROSE.search(bare) is not None:
        return False
    if _AMOUNT.match(content) is not None:
        if _OPEN_END.search(content) is not None or (plain and _WORD.search(bare) is not None):
            return False
    if _SUM.fullmatch(content) is not None and following.isdigit():
        return False
    return _PHRASE.search(bare) is None


def protect(text: str, *, numbers: bool) -> ProtectedText:
    """Return a text whose protected parts are placeholders; `restore` is the inverse.

    Args:
        text: any text.
        numbers: whether numbers are replaced, too; not needed for engines that keep digits.
    """
    letters = next((each for each in _LETTERS if _PATTERNS[each].search(text) is None), None)
    if letters is None:  # a text that holds all of them is about placeholders; it has no room for ours
        return ProtectedText(text=text, originals=(), letters=_LETTERS[0])
    pieces: list[str] = []
    originals: list[str] = []
    at = 0
    for span in protected_spans(text, numbers=numbers):
        originals.append(text[span.start : span.end])
        pieces += [text[at : span.start], f"{letters[0]}{len(originals)}{letters[1]}"]
        at = span.end
    return ProtectedText(text="".join((*pieces, text[at:])), originals=tuple(originals), letters=letters)


def restore(translated: str, protected: ProtectedText) -> Restored:
    """Return a translation with the protected parts in place of the placeholders.

    A placeholder is known again in small letters, with spaces inside, in full-width characters, with the digits of
    another script and with a Cyrillic `Х`: translators change these.

    Args:
        translated: what the translator made of `protected.text`.
        protected: what `protect` gave.
    """
    seen: Counter[int] = Counter()

    def original(match: re.Match[str]) -> str:
        number = int(unicodedata.normalize("NFKC", match[1]))
        if not 1 <= number <= len(protected.originals):
            return match[0]
        seen[number] += 1
        return protected.originals[number - 1]

    if not protected.originals:
        return Restored(text=translated, lost=(), repeated=())
    text = _PATTERNS[protected.letters].sub(original, translated)
    numbered = list(enumerate(protected.originals, start=1))
    return Restored(
        text=text,
        lost=tuple(part for number, part in numbered if not seen[number]),
        repeated=tuple(part for number, part in numbered if seen[number] > 1),
    )


def leftover_placeholders(text: str) -> list[str]:
    """Return the words of a text that look like placeholders: `XQ3Z`, also as translators spell them."""
    return [match[0] for match in _PATTERNS[_LETTERS[0]].finditer(text)]


def without_placeholders(text: str) -> str:
    """Return a text without the words that are placeholders."""
    return _PATTERNS[_LETTERS[0]].sub(" ", text)


def _pattern(letters: tuple[str, str]) -> re.Pattern[str]:
    before, after = (r"\s?".join(map(_spellings, part)) for part in letters)
    return re.compile(rf"{before}\s?(\d{{1,4}})\s?{after}")


def _spellings(letter: str) -> str:
    wide = "".join(chr(ord(each) + 0xFEE0) for each in (letter, letter.lower()))
    cyrillic = "Хх" if letter == "X" else ""
    return rf"[{letter}{letter.lower()}{wide}{cyrillic}]"


_PATTERNS = {letters: _pattern(letters) for letters in _LETTERS}
