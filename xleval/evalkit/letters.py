r"""The option that a completion chooses where the options were shown as A. B. C. D.

Order of the paths, within the answer region (after the thoughts, before a next question): the last `\boxed{}`; the last
answer cue with a letter ("The answer is B", "উত্তর: B"); a line that is a letter, the first line before the last
("**B**", "(B) Paris"); the text of exactly one option. A letter is Latin, full-width, a Cyrillic or Greek look-alike, or
counts in the alphabet of the language asked in (ক, ก, أ, ア, 가). Two different letters beside each other are no choice.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from xleval.errors import ConfigError
from xleval.evalkit.answer_cues import CHOICE, answer_cues
from xleval.evalkit.answer_region import BOX, Reading, closing_brace, read_answer_region
from xleval.evalkit.names_match import unspaced
from xleval.evalkit.option_letters import LETTERS, REFUTED, LetterPatterns, letter_index, letter_patterns

LetterPath = Literal["boxed", "answer_prefix", "first_line", "last_line", "option_text", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The option chosen in a completion.

    Attributes:
        index: its place among the options, from 0; None where none or more than one was chosen.
        path: how it was found; `none` if and only if `index` is None.
    """

    index: int | None
    path: LetterPath


def extract_letter(completion: str, lang: str, options: Sequence[str], *, prefixes: tuple[str, ...] = ()) -> Letter:
    """Return the option that a completion chooses among options shown with letters.

    "A" as an English article, "a" as a Spanish or Portuguese preposition and "I" do not count: a letter within a sentence
    counts only after an answer cue and if it is a capital, or marked as a letter: `(b)`, `**b**`, `b.`, `option b`.

    Args:
        completion: what the model wrote after the prompt.
        lang: code of the language asked in.
        options: the texts of the options as shown, two to ten.
        prefixes: further answer cues, as for `extract_number`.

    Raises:
        ConfigError: unknown language, or fewer than two or more than ten options.
    """
    if not 2 <= len(options) <= len(LETTERS):
        raise ConfigError(f"{len(options)} options are shown with letters; give 2 to {len(LETTERS)}")
    reading = read_answer_region(completion, lang, prefixes=prefixes, answered=_ANY_LETTER)
    finder = _Finder(reading=reading, options=tuple(map(_plain, options)))
    ways: tuple[tuple[LetterPath, set[int]], ...] = (
        ("boxed", finder.boxed()),
        ("answer_prefix", finder.after_cue(prefixes)),
        ("first_line", finder.line(first=True)),
        ("last_line", finder.line(first=False)),
        ("option_text", finder.option_text(reading.start, reading.end)),
    )
    for path, found in ways:
        if len(found) == 1:
            return Letter(index=found.pop(), path=path)
        if found:
            break
    return Letter(index=None, path="none")


def _plain(text: str) -> str:
    """Return a text for comparing: NFKC, casefolded, punctuation and runs of spaces as one space."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.sub(r"[^\w\s\u0300-\u036f\u0900-\u0dff\u0e31-\u0e4e%+./-]", " ", folded).strip(" .").split())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finder:
    """The ways to find a choice in one completion; each returns the set of options it finds."""

    reading: Reading
    options: tuple[str, ...]

    def boxed(self) -> set[int]:
        text = self.reading.text
        boxes = list(BOX.finditer(text, self.reading.start, self.reading.end))
        for box in reversed(boxes[-30:]):
            end = closing_brace(text, box.end(), self.reading.end)
            if end is None:
                continue
            inside = _COMMAND.sub("", text[box.end() : end]).strip("{} \n")
            letter = self._patterns.alone.fullmatch(inside) or self._patterns.opening.match(inside)
            if letter is not None:
                return self._indices([letter])
            if found := self._texts_in(inside):
                return found
        return set()

    def after_cue(self, prefixes: tuple[str, ...]) -> set[int]:
        reading = self.reading
        cues = list(answer_cues(reading.lang, prefixes).finditer(reading.text, reading.start, reading.end))
        for cue in reversed(cues[-30:]):
            if (stated := self._patterns.stated.match(reading.text, cue.end(), reading.end)) is not None:
                if (
                    cue.lastgroup == "bare"
                    and reading.text[cue.end() : stated.start("letter")].strip(" \t*_(") == ""
                    and "\n" not in stated.group()
                    and (reading.lang == "en" or _LINE_END.match(reading.text, stated.end(), reading.end) is None)
                ):
                    continue
                return self._with_alternative(stated)
            sentence = _SENTENCE.match(reading.text, cue.end(), min(reading.end, cue.end() + 400))
            if sentence is None or cue.lastgroup == "bare":
                continue
            found = self._marked(*sentence.span()) or self._texts_in(sentence.group())
            if found:
                return found
        return self._marked(reading.start, reading.end, named_only=True)

    def line(self, *, first: bool) -> set[int]:
        lines = [line for line in self.reading.text[self.reading.start : self.reading.end].splitlines() if line.strip()]
        if not lines:
            return set()
        chosen = lines[0] if first else lines[-1]
        if (alone := self._patterns.alone.fullmatch(chosen)) is not None:
            return self._indices([alone])
        openings = [found for each in lines if (found := self._patterns.opening.match(each)) is not None]
        listed = len(self._indices(openings)) > 1  # the options written out once more
        opening = self._patterns.opening.match(chosen)
        return self._indices([opening]) if opening is not None and not listed else set()

    def option_text(self, start: int, end: int) -> set[int]:
        return self._texts_in(self.reading.text[start:end])

    @property
    def _patterns(self) -> LetterPatterns:
        return letter_patterns(self.reading.lang)

    def _indices(self, matches: Sequence[re.Match[str]]) -> set[int]:
        names = [next(filter(None, match.groupdict().values()), "") for match in matches]
        places = {letter_index(self.reading.lang).get(name, len(LETTERS)) for name in names}
        return {place for place in places if place < len(self.options)}

    def _with_alternative(self, stated: re.Match[str]) -> set[int]:
        joint = CHOICE.match(self.reading.text, stated.end(), self.reading.end)
        other = self._patterns.stated.match(self.reading.text, joint.end(), self.reading.end) if joint else None
        return self._indices([stated, other] if other is not None else [stated])

    def _marked(self, start: int, end: int, *, named_only: bool = False) -> set[int]:
        found = [
            match
            for match in self._patterns.marked.finditer(self.reading.text, start, end)
            if not (named_only and match["a"])
            and not REFUTED.match(self.reading.text, match.end(), end)
            and not _NOT_BEFORE.search(self.reading.text[max(start, match.start() - 12) : match.start()])
        ]
        return self._indices(found)

    def _texts_in(self, text: str) -> set[int]:
        """Return the options whose text stands in a text, those within a longer one that does left out."""
        plain = _plain(text)
        spans = {}
        for place, option in enumerate(self.options):
            if option and (match := _bounded(option).search(plain)) is not None:
                spans[place] = match.span()
        return {
            place
            for place, (low, high) in spans.items()
            if not any(a <= low and high <= b and (a, b) != (low, high) for a, b in spans.values())
        }


_ANY_LETTER = re.compile(r"[^\W\d_]")
_COMMAND = re.compile(r"\\(?:text|mathrm|mathbf|textbf|mbox)\s*|[${}]")
# Languages without a copula: సరైన సమాధానం B. In English it is a remark about an answer ("I looked at answer B.").
_LINE_END = re.compile(r"[ \t*_)\].]*(?:\n|$)")
_SENTENCE = re.compile(r"[^\n!?。]*")
_NOT_BEFORE = re.compile(r"(?:\bnot|\bno|\bnicht|\bpas|\bnon|\bне|不是|非)\s*(?:option\s*)?$", re.IGNORECASE)


def _bounded(option: str) -> re.Pattern[str]:
    """Return the pattern of an option's text; between word boundaries where the script has spaces."""
    before = r"(?<!\w)" if unspaced(option[0]) is False else ""
    after = r"(?!\w)" if unspaced(option[-1]) is False else ""
    return re.compile(before + re.escape(option) + after)
