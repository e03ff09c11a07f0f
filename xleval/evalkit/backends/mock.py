"""A model that is no model: answers are a function of the request's text, for tests and dry runs without torch."""

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from xleval.errors import ConfigError
from xleval.evalkit.requests import (
    ChoiceRequest,
    ChoiceScores,
    Completion,
    Encoded,
    EncodedChoice,
    EncodedPrompt,
    Outcome,
    Request,
)

VERSION = "1"
_BATCH_SIZE = 8
_WORDS = (
    "the",
    "answer",
    "is",
    "one",
    "two",
    "Paris",
    "Nairobi",
    "river",
    "42",
    "1,234.5",
    "هو",
    "是",
    "এক",
    "mji",
    "и",
)


class MockModel:
    """A deterministic backend: tokens are UTF-8 bytes, scores and words come from a SHA-256 of name, seed and tokens.

    Args:
        model: name of the model; another name gives other answers.
        batch_size: requests a batch; auto is 8.
        seed: enters the hash of completions with a temperature above 0.

    Raises:
        ConfigError: an empty name or a batch size below 1.
    """

    def __init__(self, model: str = "mock", *, batch_size: int | str = "auto", seed: int = 0) -> None:
        if not model:
            raise ConfigError("mock model: the name is empty; give any name, as in mock:tiny")
        size = _BATCH_SIZE if batch_size == "auto" else batch_size
        if not str(size).isdecimal() or int(size) < 1:
            raise ConfigError(f"batch_size {batch_size!r}: needed is auto or a whole number from 1")
        self._name, self._batch_size, self._seed = model, int(size), seed
        self.fingerprint: Mapping[str, str] = MappingProxyType(
            {"backend": "mock", "model": model, "version": VERSION, "batch_size": str(batch_size), "seed": str(seed)}
        )

    def encode(self, requests: Sequence[Request]) -> list[Encoded]:
        """Return the UTF-8 bytes of each request as its token ids, in order."""
        return [_encode_one(request) for request in requests]

    def plan(self, encoded: Sequence[Encoded]) -> list[list[int]]:
        """Return batches of the requests in their order."""
        indices = list(range(len(encoded)))
        return [indices[start : start + self._batch_size] for start in range(0, len(indices), self._batch_size)]

    def run(self, batches: Iterable[Sequence[Encoded]]) -> Iterator[list[Outcome]]:
        """Yield the outcomes of each batch, in the order of its requests; an answer does not depend on the batch."""
        for batch in batches:
            yield [
                self._score(request) if isinstance(request, EncodedChoice) else self._complete(request)
                for request in batch
            ]

    def _score(self, request: EncodedChoice) -> ChoiceScores:
        return ChoiceScores(
            key=request.key,
            sum_logprobs=tuple(self._logprob(request.context_ids, option) for option in request.continuation_ids),
            n_tokens=tuple(len(option) for option in request.continuation_ids),
        )

    def _logprob(self, context: Sequence[int], option: Sequence[int]) -> float:
        """Return a number in (-4, 0) a byte: the logarithm of a share that the hash gives."""
        share = (int.from_bytes(self._hash(context, option)[:6], "big") + 1) / ((1 << 48) + 1)
        return len(option) * -4.0 * (1.0 - math.sqrt(share))

    def _complete(self, request: EncodedPrompt) -> Completion:
        """Return words that the hash picks; a quarter of the prompts runs into its token limit."""
        seed = self._seed if request.temperature else 0
        picks = self._hash(request.prompt_ids, (seed,) if request.temperature else ())
        n_words = 1 + picks[0] % 12
        words = [_WORDS[picks[1 + place] % len(_WORDS)] for place in range(n_words)]
        endless = picks[13] % 4 == 0
        text = " " + " ".join(words)
        if endless:
            text = (text * (request.max_tokens // len(text.encode()) + 1)) if text else text
        cut = min((place for place in map(text.find, filter(None, request.stop)) if place >= 0), default=None)
        stopped = cut is not None
        raw = text[:cut].encode()
        # a limit in the middle of a character drops the character, as a decoder does
        kept = raw[: request.max_tokens].decode(errors="ignore")
        over = len(raw) > request.max_tokens or (endless and not stopped)
        return Completion(
            key=request.key,
            text=kept,
            finish_reason="length" if over else "stop",
            n_tokens=request.max_tokens if over else len(raw),
        )

    def _hash(self, *parts: Sequence[int]) -> bytes:
        text = "\n".join([self._name, *(",".join(map(str, part)) for part in parts)])
        return hashlib.sha256(text.encode()).digest()


def _encode_one(request: Request) -> Encoded:
    if isinstance(request, ChoiceRequest):
        return EncodedChoice(
            key=request.key,
            context_ids=tuple(request.context.encode()),
            continuation_ids=tuple(tuple(option.encode()) for option in request.continuations),
        )
    return EncodedPrompt(
        key=request.key,
        prompt_ids=tuple(request.prompt.encode()),
        max_tokens=request.max_tokens,
        stop=request.stop,
        temperature=request.temperature,
    )
