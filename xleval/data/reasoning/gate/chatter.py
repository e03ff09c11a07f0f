"""What a chat model says around a translation: openings, notes, quotation marks, and the solution nobody asked for."""

import functools
import re

from xleval.data.reasoning.records import Finding, Pair

# In two parts: the second one, which may begin with any word, needs a colon.
_MARKS = r"\s*[*_#\"'(\[]*"
_WORDS = (
    r"(?:sure|certainly|of course|okay)\b[,!.]|here(?:'s| is| are|\u2019s) (?:the|a|your|my)\b"
    r"|(?:the )?translat(?:ion|ed)\b[^.\n]{0,40}:|translation\b|as an ai\b|i(?:'m| am) sorry|i cannot\b"
)
_TITLES = (
    r"(?:[^\W\d_]+\s){0,4}(?:traducción|traduction|übersetzung|tradução|traduzione|terjemahan|terjemahannya|tafsiri"
    r"|перевод|переклад|bản dịch|ìtumọ̀|itumọ"
    r"|(?:ال)?ترجمة|অনুবাদ|అనువాదం)\b[^.\n]{0,40}:"
    r"|[^\n。.]{0,12}(?:翻译|翻譯|翻訳|번역|คำแปล)[^\n。.]{0,12}[:\uff1a]"
)
_PLAIN_OPENING = re.compile(rf"{_MARKS}(?:{_WORDS})", re.IGNORECASE)
_OPENING = re.compile(rf"{_MARKS}(?:{_WORDS}|{_TITLES})", re.IGNORECASE)
_CLOSING = re.compile(
    r"[ \t]*[*_(\[]*(?:note|translator's note|let me know|i hope|please let me|hope this)\b",
    re.IGNORECASE,
)
# `Answer:` at the beginning of a line, in English and as the languages say it.
_ANSWER = re.compile(
    r"[ \t*_#]*(?:(?:the )?(?:final )?answer|solution|respuesta|réponse|antwort|lösung|resposta|risposta|jawaban|jibu"
    r"|ответ|відповідь|الإجابة|الجواب|উত্তর"
    r"|జవాబు|సమాధానం|คำตอบ|答案|答え|答|답변|정답|답|đáp án|trả lời)\s*[:\uff1a]",
    re.IGNORECASE,
)
_CONTROL_MARKS = ("<s>", "</s>", "<|", "|>", "<pad>", "<unk>")
_QUOTES = {'"': '"', "\u201c": "\u201d", "«": "»", "「": "」", "\u201e": "\u201c"}


def check_chatter(pair: Pair) -> Finding | None:
    """Return what a translation has around the text itself and its source has not.

    An opening (`Here is the translation:`, in English or in the language), a note or an `Answer:` at the beginning of a
    line, control marks of a model, quotation marks around the whole. Score: number of these kinds.
    """
    found = _marks(pair.target)
    if not found:
        return None
    known = dict(_source_marks(pair.source))
    own = [f"{kind} {text!r}" for kind, text in dict(found).items() if kind not in known]
    return Finding(check="chatter", score=float(len(own)), detail="; ".join(own)) if own else None


@functools.lru_cache(maxsize=4096)
def _source_marks(source: str) -> tuple[tuple[str, str], ...]:
    return tuple(_marks(source))


def _marks(text: str) -> list[tuple[str, str]]:
    """Return the kinds of such things in a text with their words."""
    marks: list[tuple[str, str]] = []
    has_colon = ":" in text or "\uff1a" in text
    opening = (_OPENING if has_colon else _PLAIN_OPENING).match(text)
    if opening is not None:
        marks.append(("opening", opening.group().strip()))
    lines = (("note", _CLOSING), ("answer", _ANSWER)) if has_colon else (("note", _CLOSING),)
    at = 0
    while at >= 0:
        for kind, pattern in lines:
            line = pattern.match(text, at)
            if line is not None:
                marks.append((kind, line.group().strip()))
        at = text.find("\n", at) + 1 or -1
    if "<" in text or "|>" in text:
        marks.extend(("control mark", mark) for mark in _CONTROL_MARKS if mark in text)
    if _is_quoted(text):
        marks.append(("quotation marks", text.strip()[:1]))
    return marks


def _is_quoted(text: str) -> bool:
    text = text.strip()
    closing = _QUOTES.get(text[:1])
    return closing is not None and text.endswith(closing) and closing not in text[1:-1] and text[0] not in text[1:-1]
