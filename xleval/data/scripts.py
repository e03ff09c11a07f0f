"""The Unicode script of a character, for the scripts that the languages of the table and their neighbours use.

A table of blocks, because the standard library has no script property; letters of a block that belong to another script
are too rare to matter here.
"""

import unicodedata
from bisect import bisect_right

from xleval.data.segmentation import Span

OTHER_SCRIPT = "Zzzz"
"""ISO 15924 code given to letters of every script that is not in the table."""

# First and last code point, ISO 15924 code. Sorted; marks and letters only (others have no script, whatever the block).
_BLOCKS = (
    (0x0041, 0x024F, "Latn"), (0x0250, 0x02AF, "Latn"), (0x0370, 0x03FF, "Grek"), (0x0400, 0x052F, "Cyrl"),
    (0x0530, 0x058F, "Armn"), (0x0590, 0x05FF, "Hebr"), (0x0600, 0x06FF, "Arab"), (0x0750, 0x077F, "Arab"),
    (0x0870, 0x08FF, "Arab"), (0x0900, 0x097F, "Deva"), (0x0980, 0x09FF, "Beng"), (0x0A00, 0x0A7F, "Guru"),
    (0x0A80, 0x0AFF, "Gujr"), (0x0B00, 0x0B7F, "Orya"), (0x0B80, 0x0BFF, "Taml"), (0x0C00, 0x0C7F, "Telu"),
    (0x0C80, 0x0CFF, "Knda"), (0x0D00, 0x0D7F, "Mlym"), (0x0D80, 0x0DFF, "Sinh"), (0x0E00, 0x0E7F, "Thai"),
    (0x0E80, 0x0EFF, "Laoo"), (0x0F00, 0x0FFF, "Tibt"), (0x1000, 0x109F, "Mymr"), (0x10A0, 0x10FF, "Geor"),
    (0x1100, 0x11FF, "Hang"), (0x1200, 0x139F, "Ethi"), (0x1780, 0x17FF, "Khmr"), (0x1800, 0x18AF, "Mong"),
    (0x1C80, 0x1C8F, "Cyrl"), (0x1E00, 0x1EFF, "Latn"), (0x1F00, 0x1FFF, "Grek"), (0x2C60, 0x2C7F, "Latn"),
    (0x2DE0, 0x2DFF, "Cyrl"), (0x2E80, 0x3007, "Hani"), (0x3040, 0x309F, "Hira"), (0x30A0, 0x30FF, "Kana"),
    (0x3130, 0x318F, "Hang"), (0x31F0, 0x31FF, "Kana"), (0x3400, 0x9FFF, "Hani"), (0xA640, 0xA69F, "Cyrl"),
    (0xA720, 0xA7FF, "Latn"), (0xA960, 0xA97F, "Hang"), (0xAC00, 0xD7FF, "Hang"), (0xF900, 0xFAFF, "Hani"),
    (0xFB00, 0xFB06, "Latn"), (0xFB50, 0xFDFF, "Arab"), (0xFE70, 0xFEFE, "Arab"), (0xFF21, 0xFF5A, "Latn"),
    (0xFF66, 0xFF9F, "Kana"), (0xFFA0, 0xFFDC, "Hang"), (0x20000, 0x3FFFF, "Hani"),
)  # fmt: skip
_STARTS = [first for first, _, _ in _BLOCKS]


class _Scripts(dict[str, str | None]):
    """Script of every character seen so far; a text uses a few hundred different ones."""

    def __missing__(self, char: str) -> str | None:
        self[char] = script = _look_up(char)
        return script


def _look_up(char: str) -> str | None:
    # Unicode counts modifiers, superscripts and letter-like symbols as letters, but no language is written in them.
    symbol = "\u02b0" <= char <= "\u036f" or "\u2070" <= char <= "\u218f"
    if symbol or unicodedata.category(char)[0] not in "LM":
        return None
    code_point = ord(char)
    row = bisect_right(_STARTS, code_point) - 1
    if row >= 0 and code_point <= _BLOCKS[row][1]:
        return _BLOCKS[row][2]
    return OTHER_SCRIPT


class _RunScripts(dict[str, str | None]):
    """The same with kana as Han: Japanese words mix them."""

    def __missing__(self, char: str) -> str | None:
        script = _SCRIPTS[char]
        self[char] = script = "Hani" if script in ("Hira", "Kana") else script
        return script


_SCRIPTS = _Scripts()
_RUN_SCRIPTS = _RunScripts()


def script_of(char: str) -> str | None:
    """Return the ISO 15924 code of a letter or of a mark that belongs to a script; None for anything else.

    Digits, punctuation, symbols and general combining accents have no script of their own. Han is `Hani` in every
    language; letters of scripts outside the table are `Zzzz`.

    Args:
        char: one character.
    """
    return _SCRIPTS[char]


def run_scripts(text: str) -> set[str]:
    """Return the scripts of a text as `script_runs` names them."""
    # Over the different characters only: a sentence repeats its letters, and most have one script.
    return {script for char in set(text) if (script := _RUN_SCRIPTS[char]) is not None}


def script_runs(text: str) -> list[tuple[str, Span]]:
    """Return the maximal pieces of a text whose letters are of one script, with the script.

    Characters without a script stay in the run they follow. Han and both kana count as one script, `Hani`, here,
    because Japanese words mix them.

    Args:
        text: usually one word; may be empty.

    Returns:
        Pairs of script and span; empty for a text without letters.
    """
    runs: list[tuple[str, int]] = []
    for index, char in enumerate(text):
        script = _RUN_SCRIPTS[char]
        if script is not None and (not runs or runs[-1][0] != script):
            runs.append((script, index))
    ends = [start for _, start in runs[1:]] + [len(text)]
    return [(script, (start, end)) for (script, start), end in zip(runs, ends, strict=False)]
