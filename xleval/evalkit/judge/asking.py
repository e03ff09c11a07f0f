"""Both orders of every pair to one judge, through a journal, and its verdicts back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from xleval.errors import ConfigError
from xleval.evalkit.answering import Progress, answer
from xleval.evalkit.backends.base import Backend
from xleval.evalkit.judge.pairs import Pair
from xleval.evalkit.judge.prompt import MAX_TOKENS, PROMPT, judge_request, read_verdict
from xleval.evalkit.requests import Completion, Encoded, GenerateRequest, Outcome, Unscored
from xleval.evalkit.scoring import shown_prompt

#: Which run's answer is better.
Side = Literal["first", "second", "tie"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a judge said of a pair in one order.

    Attributes:
        pair: the two answers.
        order: 0 where the first run's answer was shown first, 1 where the second's was.
        verdict: the run whose answer is better, or a tie; None where there is none that can be read.
        reason: why there is none; empty with one.
        text: what the judge wrote; None where the request failed.
    """

    pair: Pair
    order: int
    verdict: Side | None
    reason: str
    text: str | None

    @property
    def is_for_first_shown(self) -> bool | None:
        """Whether the verdict is for the answer shown first; None for a tie or no verdict."""
        return None if self.verdict in (None, "tie") else (self.verdict == "first") == (self.order == 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """How judges are asked: the seed of the marks and the tokens a judge may write."""

    seed: int = 0
    max_tokens: int = MAX_TOKENS


def judge_signature(backend: Backend, question: Question) -> dict[str, Any]:
    """Return everything about a judge and how it is asked that decides its verdicts."""
    return {
        **backend.fingerprint, "prompt": PROMPT, "chat": backend.has_chat_template is not False, "temperature": 0.0,
        "max_tokens": question.max_tokens,
    }  # fmt: skip


def ask(
    backend: Backend,
    pairs: Sequence[Pair],
    question: Question,
    journal: Path,
    progress: Progress = lambda done, total: None,
) -> list[Verdict]:
    """Return the verdicts on pairs that need a judge, two for each: order 0, then order 1.

    A prompt that does not fit the judge is no verdict; nothing is cut.

    Args:
        backend: the judge.
        pairs: those that `is_judged`.
        question: how it is asked.
        journal: file of what was answered; what is there is not asked again.
        progress: is told how many requests are answered.

    Raises:
        ConfigError: not one prompt fits, or the judge cannot be asked at all.
        BackendError: the judge fails as a whole.
        DataError: the journal is damaged.
    """
    if not pairs:
        return []
    chat = backend.has_chat_template is not False
    asked = [(pair, order) for pair in pairs for order in (0, 1)]
    requests = [_request(pair, order, question, chat) for pair, order in asked]
    encoded = _encode(backend, requests)
    there = [place for place, each in enumerate(encoded) if each is not None]
    verdicts: dict[int, Verdict] = {}

    def take(index: int, outcome: Outcome) -> None:
        place = there[index]
        prompt = encoded[place]
        verdicts[place] = _verdict(*asked[place], outcome, shown_prompt(prompt) if prompt else "")

    answer(backend, [each for each in encoded if each is not None], dict(backend.fingerprint), journal, take, progress)
    return [verdicts.get(place) or _too_long(*each) for place, each in enumerate(asked)]


def _request(pair: Pair, order: int, question: Question, chat: bool) -> GenerateRequest:
    shown = pair.answers if order == 0 else (pair.answers[1], pair.answers[0])
    return judge_request(
        f"{pair.task}/{pair.lang}/{pair.item_id}/{order}", pair.target or pair.lang, pair.question, shown,
        seed=question.seed, chat=chat, max_tokens=question.max_tokens,
    )  # fmt: skip


def _encode(backend: Backend, requests: Sequence[GenerateRequest]) -> list[Encoded | None]:
    """Return the requests as the judge takes them, None for one that does not fit."""
    try:
        return list(backend.encode(requests))
    except ConfigError:
        found = [_encode_one(backend, request) for request in requests]
    if not any(found):
        backend.encode(requests[:1])  # nothing fits: the error says what to do
    return found


def _encode_one(backend: Backend, request: GenerateRequest) -> Encoded | None:
    try:
        return backend.encode([request])[0]
    except ConfigError:
        return None


def _too_long(pair: Pair, order: int) -> Verdict:
    return Verdict(pair=pair, order=order, verdict=None, reason="it does not fit the judge's context", text=None)


def _verdict(pair: Pair, order: int, outcome: Outcome, prompt: str) -> Verdict:
    if not isinstance(outcome, Completion):
        reason = outcome.reason if isinstance(outcome, Unscored) else "the judge gave scores in place of a text"
        return Verdict(pair=pair, order=order, verdict=None, reason=reason, text=None)
    slot, reason = read_verdict(outcome.text, prompt=prompt, finished=outcome.finish_reason != "length")
    sides: Mapping[str, Side] = {"A": "second" if order else "first", "B": "first" if order else "second", "tie": "tie"}
    return Verdict(pair=pair, order=order, verdict=sides[slot] if slot else None, reason=reason, text=outcome.text)
