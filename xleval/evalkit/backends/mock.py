"""A model that is no model: answers are a function of the request's text, for tests and dry runs without torch."""

import hashlib
import math
import time
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
    prompt_text,
)

VERSION = "2"
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

    A conversation is asked as `prompt_text` writes it. Of the sampling settings the token limit and `ignore_eos` hold;
    a request's seed matters where its temperature is above 0. A script mask changes nothing.

    Args:
        model: name of the model; another name gives other answers.
        batch_size: requests a batch; auto is 8.
        delay_s: seconds that each batch takes at least, for tests that end a run half-way.

    Raises:
        ConfigError: an empty name, a batch size below 1 or a delay below 0.
    """

    def __init__(self, model: str = "mock", *, batch_size: int | str = "auto", delay_s: float = 0.0) -> None:
        if not model:
            raise ConfigError("mock model: the name is empty; give any name, as in mock:tiny")
        size = _BATCH_SIZE if batch_size == "auto" else batch_size
        if not str(size).isdecimal() or int(size) < 1:
            raise ConfigError(f"batch_size {batch_size!r}: needed is auto or a whole number from 1")
        if not 0 <= delay_s < math.inf:
            raise ConfigError(f"delay_s {delay_s!r}: needed is a number of seconds from 0")
        self._name, self._batch_size, self._delay_s = model, int(size), delay_s
        self.has_chat_template: bool | None = False
        self.fingerprint: Mapping[str, str] = MappingProxyType(
            {"backend": "mock", "model": model, "version": VERSION, "batch_size": str(batch_size)}
        )

    def encode(self, requests: Sequence[Request]) -> list[Encoded]:
        """Return the UTF-8 bytes of each request as its token ids, in order."""
        return [_encode_one(request) for request in requests]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of UTF-8 bytes of each text."""
        return [len(text.encode()) for text in texts]

    def plan(self, encoded: Sequence[Encoded]) -> list[list[int]]:
        """Return batches of the requests in their order."""
        indices = list(range(len(encoded)))
        return [indices[start : start + self._batch_size] for start in range(0, len(indices), self._batch_size)]

    def run(self, batches: Iterable[Sequence[Encoded]]) -> Iterator[list[Outcome]]:
        """Yield the outcomes of each batch, in the order of its requests; an answer does not depend on the batch."""
        for batch in batches:
            time.sleep(self._delay_s)
            yield [self._answer(request) for request in batch]

    def close(self) -> None:
        """Do nothing: there is nothing to give back."""

    def _answer(self, request: Encoded) -> Outcome:
        if isinstance(request, EncodedChoice):
            return self._score(request)
        if isinstance(request, EncodedPrompt):
            return self._complete(request)
        raise ConfigError(f"{request.key}: not encoded; give the mock backend what its `encode` returns")

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
        limit = request.sampling.max_tokens
        picks = self._hash(request.prompt_ids, (request.seed,) if request.sampling.temperature else ())
        n_words = 1 + picks[0] % 12
        words = [_WORDS[picks[1 + place] % len(_WORDS)] for place in range(n_words)]
        endless = request.sampling.ignore_eos or picks[13] % 4 == 0
        text = " " + " ".join(words)
        if endless:
            text = (text * (limit // len(text.encode()) + 1)) if text else text
        cut = min((place for place in map(text.find, filter(None, request.stop)) if place >= 0), default=None)
        stopped = cut is not None
        raw = text[:cut].encode()
        # a limit in the middle of a character drops the character, as a decoder does
        kept = raw[:limit].decode(errors="ignore")
        over = len(raw) > limit or (endless and not stopped)
        return Completion(
            key=request.key,
            text=kept,
            finish_reason="length" if over else "stop",
            n_tokens=limit if over else len(raw),
        )

    def _hash(self, *parts: Sequence[int]) -> bytes:
        text = "\n".join([self._name, *(",".join(map(str, part)) for part in parts)])
        return hashlib.sha256(text.encode()).digest()


def _encode_one(request: Request) -> Encoded:
    if isinstance(request, ChoiceRequest):
        context = prompt_text(request.context)
        return EncodedChoice(
            key=request.key,
            context=context,
            context_ids=tuple(context.encode()),
            continuation_ids=tuple(tuple(option.encode()) for option in request.continuations),
        )
    prompt = prompt_text(request.prompt) + request.prefill
    return EncodedPrompt(
        key=request.key,
        prompt=prompt,
        prompt_ids=tuple(prompt.encode()),
        sampling=request.sampling,
        stop=request.stop,
        script_mask=request.script_mask,
        seed=request.seed,
    )
