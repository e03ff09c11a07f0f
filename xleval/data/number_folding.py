"""Text in one form for reading numbers: ASCII digits, one minus sign, one kind of space; with the original offsets."""

import functools
import re
import unicodedata
from dataclasses import dataclass

#: What a no-break or narrow space between two digits becomes in folded text.
NO_BREAK_SPACE = "\u00a0"
#: The stroke of ½ and of `\frac`: unlike `/` it never is a division sign.
FRACTION_SLASH = "\u2044"
_GROUPING_SPACES = "\u00a0\u202f\u2007\u2008\u2009\u200a\u205f\u2006\u2005"
_INSIDE_NUMBERS = tuple(".,'_\u066b\u066c\u2019\u02bc\uff0e\uff0c")
_REPLACED = {
    "\u2212": "-", "\u2010": "-", "\u2011": "-", "\u2012": "-", "\ufe63": "-", "\uff0d": "-",
    "\u2215": "/", "\u2019": "'", "\u02bc": "'", "\u301c": "~", "\u066a": "%", "\u034f": "",
}  # fmt: skip
#: Letters and marks of the languages' scripts that fold to themselves: no digit, no other form in NFKC, no format character.
STABLE = (
    "\u00a1-\u00a7\u00bf-\u0131\u0134-\u013e\u014a-\u017e\u0180-\u01c3\u0400-\u0482\u048c-\u052f\u0620-\u064a"
    "\u0900-\u093b\u093d-\u094c\u0964\u0965\u0980-\u09bb\u09bd-\u09cc\u0c00-\u0c3b\u0c3d-\u0c4c\u0e00-\u0e32\u0e34-\u0e37"
    "\u0e3b-\u0e47\u1e00-\u1e99\u1e9c-\u1eff\u3001-\u301b\u3040-\u3098\u30a0-\u30fe\u4e00-\u9fff\uac00-\ud7a3"
)
#: A run that folds to itself; its last character may go with a mark that follows, so it is left over.
_PLAIN = re.compile(rf"[\x00-\x5b\x5d-\x7a\x7c-\x7f{STABLE}]+(?=[\x00-\x7f{STABLE}]|\Z)")
# Group 1: sign, 2: numerator, 3: denominator; or, without braces, 4 and 5: one digit each (`\frac12`).
_LATEX = re.compile(
    r"\{,\}|(?<!\\)\\(?:[,;: ](?=\d)|!)|\\[$%#]|\\[dtc]?frac(?:"
    r"\s*\{\s*([-\u2212]?)\s*(?:\\?\$)?\s*([0-9]+)\s*\}\s*\{\s*(0*[1-9][0-9]*)\s*\}"
    r"|\s*(?:\{([0-9]+)\}|([0-9]))\s*(?:\{(0*[1-9][0-9]*)\}|([1-9])))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldedText:
    """A text with its digits, marks and spaces in one form, and where each character came from.

    Attributes:
        text: the folded text; a no-break or narrow space between digits is U+00A0 in it.
        starts: per folded character, offset in the original of the first character it stands for.
        ends: per folded character, offset in the original after the last character it stands for.
    """

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the offsets in the original text of folded characters `start` to `end` (exclusive, at least one)."""
        return self.starts[start], self.ends[end - 1]


def fold(text: str) -> FoldedText:
    r"""Return the text folded for number reading, with offsets.

    As `normalise_digits`, but the spaces inside numbers and the stroke of fractions stay apart from plain ones. LaTeX
    `\frac`, `{,}`, `\,` and `\$` are undone.
    """
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    pos = 0
    while pos < len(text):
        plain = _PLAIN.match(text, pos)
        if plain is not None:
            stop = plain.end()
            pieces.append(plain.group())
            starts.extend(range(pos, stop))
            ends.extend(range(pos + 1, stop + 1))
            pos = stop
            continue
        end = pos + 1
        latex = _LATEX.match(text, pos) if text[pos] in "{\\" else None
        if latex is not None:
            end = latex.end()
            piece = _latex_piece(latex, text[pos - 1 : pos], text[end : end + 1])
        else:
            while end < len(text) and text[end] > "\u02ff" and _continues(text[end]):
                end += 1
            piece = _folded_cluster(text, pos, end)
        pieces.append(piece)
        starts.extend([pos] * len(piece))
        ends.extend([end] * len(piece))
        pos = end
    return FoldedText(text="".join(pieces), starts=tuple(starts), ends=tuple(ends))


def _kept_apart(fraction: str, before: str, after: str) -> str:
    # 1½ is 1 1/2, and no digit beside a fraction may join it.
    opening = " " if before.isnumeric() or before in _INSIDE_NUMBERS else ""
    return opening + fraction + (" " if after.isnumeric() else "")


def _latex_piece(match: re.Match[str], before: str, after: str) -> str:
    found = match.group()
    numerator = match.group(2) or match.group(4) or match.group(5)
    if numerator:
        below = int(match.group(3) or match.group(6) or match.group(7))
        return _kept_apart(f"{'-' * bool(match.group(1))}{int(numerator)}{FRACTION_SLASH}{below}", before, after)
    if found == "{,}":
        return ","
    if found == "\\!":
        return ""
    return found[1] if found[1] in "$%#" else NO_BREAK_SPACE


def _continues(char: str) -> bool:
    # Combining marks and the vowels and finals of decomposed Hangul belong to the character before them.
    return bool(unicodedata.combining(char)) or "\u1160" <= char <= "\u11ff"


def _folded_cluster(text: str, start: int, end: int) -> str:
    cluster = text[start:end]
    if cluster < "\x80" and end == start + 1:
        return cluster
    if cluster in _REPLACED:
        return _REPLACED[cluster]
    before = text[start - 1 : start]
    after = text[end : end + 1]
    if cluster in _GROUPING_SPACES:
        return NO_BREAK_SPACE if before.isdecimal() and after.isdecimal() else " "
    if cluster == "\u060c":
        return "," if before.isdecimal() and after.isdecimal() else "\u060c"
    kind = unicodedata.decomposition(cluster[0]).partition(" ")[0]
    if kind in ("<super>", "<sub>", "<circle>"):
        return cluster  # m² is not m2, and ① counts a step
    if kind == "<fraction>":
        return _kept_apart(unicodedata.normalize("NFKC", cluster), before, after)
    return _folded_alone(cluster)


@functools.lru_cache(maxsize=4096)
def _folded_alone(cluster: str) -> str:
    folded = "".join(
        _REPLACED.get(char, char)
        for char in unicodedata.normalize("NFKC", cluster)
        if unicodedata.category(char) != "Cf"
    )
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in folded)


def normalise_digits(text: str) -> str:
    """Return the text in NFKC with ASCII digits, `-` for every minus sign and plain spaces, format characters dropped.

    Every Unicode decimal digit (Nd) becomes ASCII. Bidirectional controls, zero-width characters and soft hyphens (Cf)
    go. Superscripts and circled numbers stay as they are, ½ becomes 1/2 (1½ becomes 1 1/2), Arabic separators stay.
    """
    return fold(text).text.replace(NO_BREAK_SPACE, " ").replace(FRACTION_SLASH, "/")
