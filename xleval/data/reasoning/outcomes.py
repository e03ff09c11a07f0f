"""The records of a build: the texts that are wanted, the candidates that were tried, and what became of each text."""

from dataclasses import dataclass
from typing import Literal, get_args

from xleval.data.reasoning.records import Finding, SourceItem

#: Texts of an item: a question with its worked solution, or an instruction with its response.
Part = Literal["question", "solution", "instruction", "response"]
PARTS: tuple[Part, ...] = get_args(Part)
#: The texts of a pair; both must have passed.
PAIR: tuple[Part, ...] = ("instruction", "response")
#: `accepted`: an attempt passed. `rejected`: every attempt was judged and none passed. `failed`: none passed, and at least
#: one attempt gave no text, so that nobody knows whether it would have.
Status = Literal["accepted", "rejected", "failed"]
STATUSES: tuple[Status, ...] = ("accepted", "rejected", "failed")


def source_text(item: SourceItem, part: Part) -> str:
    """Return one text of an item in the source's language; empty where it has none."""
    return item.question if part in ("question", "instruction") else item.solution


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One text of an item that is to be had in one language.

    Attributes:
        item_id: of the source item.
        lang: code of the language to translate into.
        part: which of the item's texts it is.
        text: in the source's language.
        source_lang: code of that language.
    """

    item_id: str
    lang: str
    part: Part
    text: str
    source_lang: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One candidate and what became of it.

    Attributes:
        text: the translation, protected spans restored; empty where there is none.
        failure: why there is none, or empty.
        findings: what rejects it; empty for one that passed or failed.
    """

    text: str
    failure: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether it is a text that nothing was found against."""
        return not self.failure and not self.findings


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a wanted text.

    Attributes:
        wanted: the text.
        attempts: in the order made, at least one; only the last can have passed.
    """

    wanted: Wanted
    attempts: tuple[Attempt, ...]

    @property
    def status(self) -> Status:
        """What it counts as."""
        if self.attempts[-1].passed:
            return "accepted"
        return "failed" if any(attempt.failure for attempt in self.attempts) else "rejected"

    @property
    def text(self) -> str | None:
        """The accepted translation, or None."""
        return self.attempts[-1].text if self.attempts[-1].passed else None
