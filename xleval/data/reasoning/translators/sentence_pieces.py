"""Texts to the sentences that a sentence-level model translates, and back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from xleval.data.languages import get_language
from xleval.data.reasoning.protection import without_placeholders
from xleval.data.segmentation import sentences

#: What a line of a list, heading or quotation begins with; models drop it or say it.
_MARK = re.compile(r"(?:[-*+•>]|#{1,6}|\d{1,3}[.)])\s+(?=\S)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A sentence of a text.

    Attributes:
        text: without the spaces around it.
        before: spaces and line breaks before it, and the bullet, number or mark that its line begins with.
        after: spaces and line breaks behind it.
        is_language: whether it has a letter outside placeholders; else it stays as it is.
    """

    text: str
    before: str
    after: str
    is_language: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """What a model is asked.

    Attributes:
        text: in the source language.
        source: code of its language.
        target: code of the language to translate into.
        beam: which of the best translations is wanted, from 0.
    """

    text: str
    source: str
    target: str
    beam: int


def split_text(text: str, lang: str) -> list[Piece]:
    """Return the sentences of a text in order; joined with their spaces they are the text.

    Raises:
        ConfigError: unknown language.
    """
    pieces: list[Piece] = []
    at = 0
    for _, end in [*sentences(text, lang), (len(text), len(text))]:
        raw = text[at:end]  # blank pieces are no sentences: what they have is part of the next one
        at = end
        core = raw.strip()
        if not core and not raw:
            continue
        begin = raw.index(core) if core else 0
        after = raw[begin + len(core) :]
        if (mark := _MARK.match(core)) is not None:
            begin, core = begin + mark.end(), core[mark.end() :]
        is_language = any(char.isalpha() for char in without_placeholders(core))
        pieces.append(Piece(text=core, before=raw[:begin], after=after, is_language=is_language))
    return pieces


def join_pieces(pieces: Sequence[Piece], texts: Sequence[str], lang: str) -> str:
    """Return the text whose sentences are translated.

    Args:
        pieces: of the source.
        texts: translation of each, in the same order.
        lang: of the translation; one that has no spaces between words has none between sentences.
    """
    spaced = get_language(lang).spaced or lang == "th"  # Thai ends sentences by a space
    joined = "".join(
        piece.before + text + (piece.after if spaced or piece.after != " " else "")
        for piece, text in zip(pieces, texts, strict=True)
    )
    return joined
