r"""Removal of what is written but is not language: mathematics, code identifiers, addresses, numbers.

What a policy under a language reward could hide words in is kept: text in quotation marks, in `\text{}`, in comments
and strings of code, prose inside dollar signs or fences, and every letter of a script that formulas do not use.
"""

import re
import unicodedata
from functools import lru_cache

from xleval.data.scripts import script_of

# Letters that do not occur as variables: all scripts but Latin and Greek, without the blocks of symbols.
_NOT_FORMULA = r"[\u0400-\u1dff\u2e80-\ud7ff\uf900-\ufdff][\u0400-\u1dff\u2e80-\ud7ff\uf900-\ufdff ]*"
_LATIN = r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff']"

_FENCE = re.compile(r"```[\w+-]*\n?(.*?)(?:```|\Z)", re.S)
_ASYMPTOTE = re.compile(r"\[asy\](.*?)(?:\[/asy\]|\Z)", re.S)  # figures of MATH and the sets derived from it
_CODE_PROSE = re.compile(
    r'"""(.*?)"""|#([^\n]*)|//([^\n]*)|/\*(.*?)\*/|"([^"\n]*)"|\'([^\'\n]*)\''
    # Six plain words in a row are not code, whatever the fence says.
    rf"|((?:{_LATIN}+[ ,]+){{5,}}{_LATIN}+)|({_NOT_FORMULA})",
    re.S,
)
# ASCII only: a Chinese sentence has no spaces either.
_INLINE_CODE = re.compile(r"`[!-_a-~]+`")
_CALCULATOR = re.compile(r"<<[^<>\n]*>>")
_TAG = re.compile(r"</?[A-Za-z][\w-]*/?>|<\|[\w-]+\|>")
_ADDRESS = re.compile(r"(?:https?://|www\.)[!-~]+|[\w.+-]+@[\w-]+\.[\w.]+", re.A)
# A dollar sign opens a formula only before a non-space and closes it only after one and not before a digit (Pandoc's
# rule): "$5 for it and $10 for that" is not a formula.
# The length is bounded so that a run of unclosed brackets costs no quadratic time.
_MATH = re.compile(
    r"\$\$.{1,4000}?\$\$|(?<!\\)\$(?=\S)(?:[^$\\\n]|\\.){1,1000}?(?<=\S)\$(?!\d)"
    r"|\\\(.{1,1000}?\\\)|\\\[.{1,4000}?\\\]|\\begin\{([a-z]+\*?)\}.{1,4000}?\\end\{\1\}",
    re.S,
)
_TEXT_COMMAND = re.compile(r"\\(?:text\w*|mbox|emph|underline)\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\{\w+\*?\}")
_COMMAND = re.compile(r"\\[A-Za-z]+\*?")
_MATH_PROSE = re.compile(rf"{_LATIN}{{2,}}(?:[ ,]+{_LATIN}{{2,}}){{2,}}|{_NOT_FORMULA}")
# Up to four parts: "she_sold_half_of_them" is a sentence. Underscores at an end are Markdown emphasis.
_SNAKE = re.compile(r"(?<!\w)[A-Za-z][A-Za-z\d]*(?:_+[A-Za-z\d]+){1,3}(?!\w)", re.A)
_CAMEL = re.compile(r"(?<![A-Za-z])[a-z]+[A-Z]\w*", re.A)
_CAMEL_HINT = re.compile(r"[a-z][A-Z]")
_OPERATOR = r"[=+*/^<>\u2264\u2265\u00d7\u00f7\u2248]"
_HAS_OPERATOR = re.compile(_OPERATOR)
_VARIABLE = re.compile(
    rf"(?<![^\W\d_])[A-Za-z](?![^\W\d_])(?=\s*{_OPERATOR})|({_OPERATOR}\s*)(?<![^\W\d_])[A-Za-z](?![^\W\d_])"
)
# A number with what sticks to it: at most two letters on either side (3x, x1, H2, 10km, 3rd), never a whole word.
_NUMBER = re.compile(r"(?<![A-Za-z])[A-Za-z]{0,2}\d+(?:[.,:/]\d+)*(?:[A-Za-z]{1,2}(?![A-Za-z]))?")
_DIGIT = re.compile(r"\d")
# Full-width and mathematical letters look like others and would escape every rule below.
_STYLED = re.compile("[\uff01-\uff5e\U0001d400-\U0001d7ff]+")


def strip_non_language(text: str, prompt_names: frozenset[str] = frozenset()) -> str:
    """Return the text without mathematics, code identifiers, tags, addresses and numbers; spaces stand for them.

    Args:
        text: a completion or a prompt; may be empty.
        prompt_names: tokens to remove as well, each a run of letters of one script, compared with case; see
            `language_id.prompt_names`.

    Returns:
        Text for the language statistics only: parts of a formula may have moved, and full-width letters are folded.
    """
    if _STYLED.search(text):
        text = _STYLED.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text)
    text = _without_code(text)
    if "$" in text or "\\" in text:
        text = _MATH.sub(_prose_of_math, text)
        text = _TEXT_COMMAND.sub(r" \1 ", text)
        text = _COMMAND.sub(" ", _ENVIRONMENT.sub(" ", text))
    text = _without_identifiers(text)
    if _HAS_OPERATOR.search(text):
        text = _VARIABLE.sub(r"\1 ", text)
    if _DIGIT.search(text):
        text = _NUMBER.sub(" ", text)
    return _without_names(text, prompt_names) if prompt_names else text


def _without_code(text: str) -> str:
    if "`" in text:
        text = _INLINE_CODE.sub(" ", _FENCE.sub(_prose_of_code, text))
    if "[asy]" in text:
        text = _ASYMPTOTE.sub(_prose_of_code, text)
    return _CALCULATOR.sub(" ", text) if "<<" in text else text


def _without_identifiers(text: str) -> str:
    """Remove tags, addresses and names in code; after the formulas, whose subscripts look like such names."""
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "http" in text or "www." in text or "@" in text:
        text = _ADDRESS.sub(" ", text)
    if "_" in text:
        text = _SNAKE.sub(" ", text).replace("_", " ")
    if _CAMEL_HINT.search(text):
        text = _CAMEL.sub(" ", text)
    return text


def _prose_of_code(fence: re.Match[str]) -> str:
    """Return comments, strings and prose of a fenced block, one a line."""
    return "\n".join(["", *(match[match.lastindex or 0] for match in _CODE_PROSE.finditer(fence[1])), ""])


def _prose_of_math(formula: re.Match[str]) -> str:
    """Return what is language inside a formula."""
    body = _ENVIRONMENT.sub(" ", formula.group().replace("$", " "))
    kept = _TEXT_COMMAND.findall(body)
    rest = _COMMAND.sub(" ", _TEXT_COMMAND.sub(" ", body))
    return " ".join(["", *kept, *_MATH_PROSE.findall(rest), ""])


def _without_names(text: str, names: frozenset[str]) -> str:
    """Remove every run of letters of one script that is one of the names; a particle of another script may follow."""

    def replacement(match: re.Match[str]) -> str:
        start, end = match.span()
        before, after = text[max(start - 1, 0) : start], text[end : end + 1]
        inside = (before and script_of(before) == script_of(text[start])) or (
            after and script_of(after) == script_of(text[end - 1])
        )
        return match.group() if inside else " "

    return _names_pattern(names).sub(replacement, text)


@lru_cache(maxsize=256)
def _names_pattern(names: frozenset[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))
