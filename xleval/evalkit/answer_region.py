r"""The part of a completion that may hold its answer: after the thoughts, before a next question.

A base model goes on after its answer: with a labelled question ("Question:", "প্রশ্ন ২:"), a turn of a chat template
(`<|im_start|>user`, "Human:"), or a question without a label, such as the few-shot prompt had.
"""

import re
from dataclasses import dataclass

from xleval.data.languages import get_language
from xleval.data.number_folding import FoldedText, fold
from xleval.data.numbers import NumberSpan, decimal_mark, scan_folded
from xleval.evalkit.answer_cues import RUNAWAY, answer_cues

_CALCULATOR = re.compile(r"<<[^<>\n]*>>")
_TIME = re.compile(r"(?<![0-9:])[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9])?(?![0-9:])")
_THOUGHT = r"(?:think|thinking|thought|thoughts|reasoning|reason|analysis|scratchpad)"
# Tags as in `xleval.evalkit.reasoning`, and the channels of gpt-oss and the brackets of Magistral and Kimi.
_CLOSING = re.compile(
    rf"</{_THOUGHT}>|\[/think\]|◁/think▷|<\|end_of_thought\|>|<\|channel\|>final(?:<\|message\|>)?", re.IGNORECASE
)
_OPENING = re.compile(rf"<{_THOUGHT}>|\[think\]|◁think▷|<\|begin_of_thought\|>|<\|channel\|>analysis", re.IGNORECASE)
# A paragraph of its own that has a number and ends in a question mark, after an answer: the next question of a prompt
# without labels. What begins with a hesitation ("Wait, is 18 right?") is the model's check of its own answer.
_QUESTION_PARAGRAPH = re.compile(
    r"\n[ \t]*\n[ \t]*(?=[^\n]{30})(?=[^\n]*[0-9])(?P<text>[^\n]{1,1000}[?؟])[ \t*_]*(?=\n|$)"
)
_HESITATION = re.compile(
    r"(?:wait|but|hmm|is|does|check|let|so|are|now|what if|verif|double|stimmt|aber|moment|espera|pero|mais|attends|"
    r"aspetta|но|але|chờ|tunggu|等|但|でも|待|잠깐)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A folded completion with the region that may hold the answer.

    Attributes:
        folded: the text folded for number reading, with the offsets of the completion.
        text: its folded text without calculator marks (`<<9*2=18>>`).
        lang: code of the language asked in.
        mark: the decimal mark of the text.
        start: where the region begins in `text`.
        end: where it ends, exclusive.
    """

    folded: FoldedText
    text: str
    lang: str
    mark: str
    start: int
    end: int

    def numbers(self, start: int, end: int) -> list[NumberSpan]:
        """Return the numbers of a stretch, times of day (10:30) left out; what stands around it is not looked at."""
        times = [match.span() for match in _TIME.finditer(self.text, start, end)]
        found = scan_folded(self.text, self.lang, start=start, end=end, mark=self.mark)
        return [number for number in found if not any(low <= number.start < high for low, high in times)]

    def has_digit(self, start: int, end: int) -> bool:
        """Return whether a digit stands in a stretch: cheaper than `numbers` where their values do not matter."""
        return DIGIT.search(self.text, start, end) is not None


#: What opens a boxed answer; a backspace and `oxed` is what a JSON decoder makes of an unescaped one.
BOX = re.compile(r"(?:(?<!\\)\\+(?:f?boxed|fbox)|\x08oxed)\s*\{")
_BRACE = re.compile(r"(?<!\\)[{}]")
_LONGEST_BOX = 2000
DIGIT = re.compile(r"[0-9]")


def read_answer_region(
    completion: str, lang: str, *, prefixes: tuple[str, ...] = (), answered: re.Pattern[str] = DIGIT
) -> Reading:
    """Return a completion folded, with the region that may hold its answer.

    The region begins after the last closing tag of a thought. Where the last tag opens a thought, the model was cut in
    it and gave no answer: the region is empty.

    Args:
        completion: what the model wrote after the prompt.
        lang: code of the language asked in.
        prefixes: further answer cues, as for `answer_cues`.
        answered: what stands in text that may have given an answer, so that a question after it is the next one.

    Raises:
        ConfigError: unknown language.
    """
    folded = fold(completion)
    text = _CALCULATOR.sub(lambda match: " " * len(match.group()), folded.text)
    code = get_language(lang).code
    start = _after_thoughts(text)
    end = _labelled_question(text, start, answered)
    end = _plain_question(text, start, end, answer_cues(code, prefixes))
    mark = decimal_mark(text, code)
    return Reading(folded=folded, text=text, lang=code, mark=mark, start=start, end=end)


def closing_brace(text: str, start: int, end: int) -> int | None:
    """Return the offset of the brace that closes the group which begins at `start`, or None where it is cut."""
    depth = 1
    for brace in _BRACE.finditer(text, start, min(end, start + _LONGEST_BOX)):
        depth += 1 if brace.group() == "{" else -1
        if not depth:
            return brace.start()
    return None


def _after_thoughts(text: str) -> int:
    closed = max((match.end() for match in _CLOSING.finditer(text)), default=0)
    return len(text) if _OPENING.search(text, closed) else closed


def _labelled_question(text: str, start: int, answered: re.Pattern[str]) -> int:
    for label in RUNAWAY.finditer(text, start):
        # A completion may restate the question first: only what follows an answer is a next question.
        if answered.search(text, start, label.start()):
            return label.start()
        if label.lastgroup == "turn" and text[start : label.start()].strip(" \n*_#>-"):
            return label.start()
    return len(text)


def _plain_question(text: str, start: int, end: int, cues: re.Pattern[str]) -> int:
    paragraphs = list(_QUESTION_PARAGRAPH.finditer(text, start, end))
    if not paragraphs:
        return end
    answered = (
        cue.end()
        for cue in cues.finditer(text, start, end)
        if cue.lastgroup != "bare" and DIGIT.search(text, cue.end(), cue.end() + 40)
    )
    first = next(answered, end)
    for paragraph in paragraphs:
        if paragraph.start() > first and not _HESITATION.match(paragraph["text"]):
            return paragraph.start()
    return end
