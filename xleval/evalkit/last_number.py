"""The last number of a completion that may be its answer: no list marker, step, ordinal, range end or closing remark."""

import re
from itertools import pairwise

from xleval.data.numbers import NumberSpan
from xleval.evalkit.answer_cues import CONCLUSION, WORD
from xleval.evalkit.answer_region import Reading
from xleval.evalkit.stated_number import EQUALS, LONGEST_GAP, is_aside, skip_filler, stressed

# Numbers are read where they are needed only: so far past the first digit, and so far before the end.
NEAR = 120
_TAIL = 400
_MOST_IN_SENTENCE = 30
_UNSOLVED = re.compile(r"\s*(?:[*+×÷·/x]|\\times|\\cdot|\\div)\s*[$€£¥]?")
_BARE_LINE_END = re.compile(rf"[\s*_$%)\]}}.。।°]{{0,20}}?(?:{WORD}[ \t.*_]{{0,20}})?\n[ \t]{{0,20}}\n")
# A list item, a table row, a heading or an equation is no sentence.
_ITEM = re.compile(r"[ \t]*(?:[-*•#|>+]\s|[0-9]{1,2}[.)])|[^\n]{0,1000}=")
_CLOSING_REMARK = re.compile(r"\(([^()\n]*)\)[\s*_.!。।]*$")
# A sentence that says why, or the label of an explanation: what precedes it is the answer. "Because" alone may open
# the reasoning itself, so only spellings that look back are listed.
_EXPLAINS = re.compile(
    r"(?:(?<=[.!?。।！])|(?<=\n))[ \t]*[*_#]*(?:(?:this|that) is because|das liegt daran|denn |c'est parce qu|en effet"
    r"|est[oa] (?:es porque|se debe)|iss?[ot]o? (?:ocorre |acontece )?porque|infatti|это потому|это связано|це тому"
    r"|hal ini karena|ini kerana|đó là vì|điều này là (?:do|vì)|这是因为|這是因為|なぜなら|왜냐하면|ทั้งนี้เพราะ|(?:وذلك|هذا) لأن"
    r"|কারণ|ఎందుకంటే|hii ni kwa sababu|èyí jẹ́ nítorí"
    r"|(?:explanation|erklärung|begründung|explicación|explication|explicação|spiegazione|объяснение|пояснення|penjelasan"
    r"|giải thích|解释|解釋|説明|解説|설명|해설|คําอธิบาย|الشرح|التفسير|ব্যাখ্যা|వివరణ|maelezo|àlàyé)[*_]*[ ]?[:：])",
    re.IGNORECASE,
)
_LIST_MARKER = re.compile(r"(?m)^[*#>•_ \t-]{0,40}([0-9]{1,2})[.)、](?:[ \t*_]+|(?=[^\s\d.,]))(?=\S)")


def last_number(reading: Reading) -> NumberSpan | None:
    """Return the last number that may be an answer, or one that stands alone before its explanation; None without one."""
    if (number := _bare_first_line(reading)) is not None:
        return number
    if (number := _before_explanation(reading)) is not None:
        return number
    # The end of the completion is enough, unless nothing of it counts.
    tail = reading.text.rfind("\n", reading.start, max(reading.start, reading.end - _TAIL)) + 1
    found = _last_of(reading, tail, reading.end) if tail > reading.start else None
    return found or _last_of(reading, reading.start, reading.end)


def _before_explanation(reading: Reading) -> NumberSpan | None:
    """Return the last number before a closing explanation, None without one or where it works out a result itself."""
    for opening in _EXPLAINS.finditer(reading.text, reading.start, reading.end):
        if reading.has_digit(reading.start, opening.start()):
            works_out = "=" in reading.text[opening.end() : reading.end]
            if works_out or CONCLUSION.search(reading.text, opening.end(), reading.end):
                return None
            return _last_of(reading, reading.start, opening.start())
    return None


def _last_of(reading: Reading, start: int, end: int) -> NumberSpan | None:
    numbers = reading.numbers(start, end)
    markers = {match.start(1) for match in _LIST_MARKER.finditer(reading.text, start, end)}
    open_ends = _range_ends(reading, numbers) | _unsolved(reading, numbers)
    kept = [
        number
        for number in numbers
        if number.start not in markers and number.start not in open_ends and not is_aside(reading, number)
    ]
    chosen = _before_remark(reading, kept) or ([] if open_ends else numbers)
    return _stressed_last(reading, chosen) if chosen else None


def _stressed_last(reading: Reading, numbers: list[NumberSpan]) -> NumberSpan:
    """Return the last number, or the last in bold of its line if the line is a sentence: `She makes **$18** on 9 eggs.`"""
    begin = max(reading.text.rfind("\n", reading.start, numbers[-1].start) + 1, reading.start)
    line = [number for number in numbers if number.start >= begin]
    is_item = _ITEM.match(reading.text, begin, reading.end)
    return line[-1] if is_item or len(line) > _MOST_IN_SENTENCE else stressed(reading, line, begin, reading.end)[-1]


def _bare_first_line(reading: Reading) -> NumberSpan | None:
    """Return the number that stands alone in the first paragraph, if prose without an equation explains it below."""
    begin = skip_filler(reading, reading.start)
    if not reading.has_digit(begin, begin + 1) or "=" in reading.text[begin : reading.end]:
        return None
    numbers = reading.numbers(reading.start, min(reading.end, begin + NEAR))
    alone = numbers and _BARE_LINE_END.match(reading.text, numbers[0].end, reading.end)
    return numbers[0] if alone else None


def _range_ends(reading: Reading, numbers: list[NumberSpan]) -> set[int]:
    """Return the offsets of both ends of ranges such as 5-10; `16-3=13` is none."""
    return {
        number.start
        for left, right in pairwise(numbers)
        if right.start - left.end < 6
        and re.fullmatch(r"\s?[-–~]\s?[$€£¥]?", reading.text[left.end : right.start])
        and not re.match(r"[^\n.]{0,30}=", reading.text[right.end : right.end + 31])
        for number in (left, right)
    }


def _unsolved(reading: Reading, numbers: list[NumberSpan]) -> set[int]:
    """Return the offsets of the numbers of expressions without a result: `9 * 2` before no equals sign."""
    found: set[int] = set()
    chain: list[int] = []
    for left, right in pairwise([*numbers, *numbers[-1:]]):
        gap = reading.text[left.end : right.start]
        chain.append(left.start)
        if left is not right and len(gap) < 12 and _UNSOLVED.fullmatch(gap):
            continue
        if len(chain) > 1 and not EQUALS.match(reading.text, left.end, min(reading.end, left.end + LONGEST_GAP)):
            found.update(chain)
        chain = []
    return found


def _before_remark(reading: Reading, numbers: list[NumberSpan]) -> list[NumberSpan]:
    """Return the numbers without those of a closing remark in brackets, as in `18 dollars (9 times 2).`"""
    if not numbers:
        return []
    tail = _CLOSING_REMARK.search(reading.text, max(reading.start, reading.end - 300), reading.end)
    if tail is None or not tail.start() < numbers[-1].start or re.fullmatch(r"[\s$€£¥]*[-0-9.,%]+\s*", tail.group(1)):
        return numbers
    line = max(reading.text.rfind("\n", 0, tail.start()), reading.start)
    outside = [number for number in numbers if number.start < tail.start()]
    return outside if outside and outside[-1].start >= line else numbers


def enumeration(reading: Reading) -> frozenset[int]:
    """Return the offsets of the numbers that count list items: 1, and every n that follows n - 1 at a line start."""
    seen: set[int] = set()
    offsets = set()
    for marker in _LIST_MARKER.finditer(reading.text, reading.start, reading.end):
        count = int(marker.group(1))
        if count == 1 or count - 1 in seen:
            seen.add(count)
            offsets.add(marker.start(1))
    return frozenset(offsets)
