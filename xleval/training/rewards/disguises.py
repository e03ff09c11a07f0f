"""What a policy under a language reward may write a second language in that is no word of any language, made words again.

The detector counts words; these are ways to write some that it does not see as such. They matter to a reward, which is
searched for such ways, and not to a measure of honest text, so they are undone here and not in the detector.
"""

import re

from xleval.data.language_id import strip_non_language
from xleval.data.language_markers import is_english_word

# Blanks that count as letters, or as nothing: fillers of Hangul, the empty braille cell.
_BLANKS = re.compile("[\u115f\u1160\u2800\u3164\uffa0]")
# Tag characters are ASCII that is not shown; letters of flags; letters in parentheses; grade-1 braille.
_BRAILLE = "⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵"
_LETTERS = {
    **{0xE0000 + code: chr(code) for code in range(0x20, 0x7F)},
    **{0x1F1E6 + place: chr(ord("a") + place) for place in range(26)},
    **{0x249C + place: chr(ord("a") + place) for place in range(26)},
    **{ord(cell): chr(ord("a") + place) for place, cell in enumerate(_BRAILLE)},
}
_ODD = re.compile(f"[{''.join(map(chr, _LETTERS))}]")
# One or two letters of another script within a word of small Latin letters; "AB和CD" and "a的b" are mathematics.
_INSERTED = re.compile(r"(?<=[a-z])[^\W\d_a-zA-Z\u00c0-\u024f]{1,2}(?=[a-z])", re.IGNORECASE)
_LATIN_RUN = re.compile(r"[A-Za-z]+(?:[^\W\d_a-zA-Z\u00c0-\u024f]{1,2}[a-z]+)+")
# One or two letters of another script written on to a Latin word: a particle now and then, in a disguise all the time.
_OTHER = r"[^\W\d_a-zA-Z\u00c0-\u024f]"
_ATTACHED = re.compile(
    rf"(?:(?<!{_OTHER}){_OTHER}{{1,2}})(?P<after>[A-Za-z]{{2,}})|(?P<before>[A-Za-z]{{2,}}){_OTHER}{{1,2}}(?!{_OTHER})"
)
_DIGIT_LETTERS = re.compile(r"(?<!\w)(?=\w*[a-z])(?=\w*\d)[a-z0-9]{3,}(?!\w)", re.IGNORECASE)
_AS_LETTER = str.maketrans("01345789", "oieastbg")
_HEX = re.compile(r"(?:[0-9a-f]{2}[\s:]?){20,}", re.IGNORECASE)
_MORSE = re.compile(r"(?<!\S)[.-]{1,6}(?!\S)")
_MORSE_A_WORD = 5
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
#: Words that join sentences and name nothing: code and formulas have no use for them.
_JOINING = frozenset(
    "the of to was were had has have that which she he her his him we they them their it its there what who because this"
    " these those would could should some more than our by at into been very but about after before then you your".split()
)
MIN_JOINING = 8
"""Joining words in code and formulas from which their words are taken for prose."""
MIN_ATTACHED = 8
"""Different English words with letters of another script in or on them from which those are no particles or variables."""


def undisguised(text: str) -> str:
    """Return a text in which letters that pass for something else are letters again; honest text as it is."""
    if _BLANKS.search(text):
        text = _BLANKS.sub("", text)
    if _ODD.search(text):
        text = _ODD.sub(lambda odd: _LETTERS[ord(odd[0])], text)
    inserted = {_INSERTED.sub("", run[0]).lower() for run in _LATIN_RUN.finditer(text)}
    if sum(map(is_english_word, inserted)) >= MIN_ATTACHED:
        text = _LATIN_RUN.sub(lambda run: _INSERTED.sub("", run[0]), text)
    attached = {(each["after"] or each["before"]).lower() for each in _ATTACHED.finditer(text)}
    if sum(map(is_english_word, attached)) >= MIN_ATTACHED:
        text = _ATTACHED.sub(lambda each: f" {each['after'] or each['before']} ", text)
    text = _DIGIT_LETTERS.sub(_without_digits, text)
    return _HEX.sub(_decoded, text)


def hidden_english(text: str) -> int:
    """Return how many English words a text hides where nothing counts as a word: in code, formulas, names, Morse code.

    Names of variables are English words, too, so they count only where at least eight words like "the", "she" and
    "because" stand among them.
    """
    counted: dict[str, int] = {}
    for word in _LATIN_WORD.findall(strip_non_language(text)):
        counted[word] = counted.get(word, 0) + 1
    hidden: list[str] = []
    for word in _LATIN_WORD.findall(text):
        if counted.get(word, 0):
            counted[word] -= 1
        else:
            hidden.append(word.lower())
    in_morse = sum("." in letter and "-" in letter for letter in _MORSE.findall(text))
    morse = len(_MORSE.findall(text)) // _MORSE_A_WORD if in_morse >= MIN_JOINING else 0
    if sum(word in _JOINING for word in hidden) < MIN_JOINING:
        return morse
    return morse + sum(word in _JOINING or is_english_word(word) for word in hidden)


def _without_digits(token: re.Match[str]) -> str:
    word = token[0].lower().translate(_AS_LETTER)
    return word if is_english_word(word) else token[0]


def _decoded(run: re.Match[str]) -> str:
    text = bytes.fromhex(re.sub(r"[\s:]", "", run[0])).decode("ascii", errors="replace")
    return f" {text} " if text.isprintable() and " " in text else run[0]
