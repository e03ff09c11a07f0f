"""Requests as token ids, split between context and continuation exactly as lm-eval's HFLM splits them."""

from collections.abc import Iterable, Sequence
from typing import Any

from xleval.errors import ConfigError
from xleval.evalkit.requests import ChoiceRequest, Encoded, EncodedChoice, EncodedPrompt, Request


class Encoder:
    """Turns requests into token ids with one tokenizer.

    A context's trailing spaces go to the continuation; context and whole text are tokenised, and the continuation is
    what the whole has beyond the context's length (lm-eval 0.4.13, `api/model.py`, `_encode_pair`). A text that itself
    starts with the BOS string gets no second one.

    Args:
        tokenizer: a transformers tokenizer.
        max_positions: the longest sequence the model takes, in tokens; None for no limit.
        add_bos: put a BOS in front where the tokenizer does not; for models that were trained with one and whose
            tokenizer file has lost it.
    """

    def __init__(self, tokenizer: Any, *, max_positions: int | None, add_bos: bool) -> None:
        self._tokenizer = tokenizer
        self._max_positions = max_positions
        self._bos_id: int | None = tokenizer.bos_token_id if add_bos else None
        prefix = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
        self._prefix_text: str | None = None if prefix is None else tokenizer.decode([prefix])

    def encode(self, requests: Sequence[Request]) -> list[Encoded]:
        """Return the token ids of each request, in order; every distinct text is tokenised once, in batches.

        Raises:
            ConfigError: no context is left, a continuation adds no token, or the sequence is longer than the model
                takes.
        """
        ids = self._tokenise(text for request in requests for text in _texts(request))
        return [self._encode_one(request, ids) for request in requests]

    def _encode_one(self, request: Request, ids: dict[str, tuple[int, ...]]) -> Encoded:
        if isinstance(request, ChoiceRequest):
            context_text, *wholes = _texts(request)
            context = ids[context_text]
            continuations = tuple(ids[whole][len(context) :] for whole in wholes)
            if not context:
                raise ConfigError(f"{request.key}: the context has no token; give a context that is not only spaces")
            if not all(continuations):
                place = next(place for place, option in enumerate(continuations) if not option)
                text = request.continuations[place]
                raise ConfigError(f"{request.key}: continuation {place} ({text!r}) adds no token to the context")
            # the model never sees the last token of an option
            self._check_length(request.key, len(context) + max(map(len, continuations)) - 1, "with its longest option")
            return EncodedChoice(key=request.key, context_ids=context, continuation_ids=continuations)
        prompt = ids[request.prompt]
        if not prompt:
            raise ConfigError(f"{request.key}: the prompt has no token; needed is text to continue")
        self._check_length(request.key, len(prompt) + request.max_tokens, f"with max_tokens={request.max_tokens}")
        return EncodedPrompt(
            key=request.key,
            prompt_ids=prompt,
            max_tokens=request.max_tokens,
            stop=request.stop,
            temperature=request.temperature,
        )

    def _check_length(self, key: str, n_tokens: int, what: str) -> None:
        if self._max_positions is not None and n_tokens > self._max_positions:
            raise ConfigError(
                f"{key}: the prompt {what} has {n_tokens} tokens; the model takes {self._max_positions}. Prompts are "
                "never cut: use fewer examples, a smaller token limit or a model with a longer context"
            )

    def _tokenise(self, texts: Iterable[str]) -> dict[str, tuple[int, ...]]:
        distinct = list(dict.fromkeys(texts))
        found: dict[str, tuple[int, ...]] = {}
        for starts_with_bos in (False, True):
            group = [text for text in distinct if self._starts_with_bos(text) is starts_with_bos]
            if not group:
                continue
            rows = self._tokenizer(group, add_special_tokens=not starts_with_bos, verbose=False)["input_ids"]
            for text, row in zip(group, rows, strict=True):
                bos = () if self._bos_id is None or row[:1] == [self._bos_id] else (self._bos_id,)
                found[text] = (*bos, *row)
        return found

    def _starts_with_bos(self, text: str) -> bool:
        return bool(self._prefix_text) and text.startswith(self._prefix_text or "")


def _texts(request: Request) -> list[str]:
    """Return the texts to tokenise: of a choice, the context and the context with each option; of a prompt, itself."""
    if not isinstance(request, ChoiceRequest):
        return [request.prompt]
    return [request.context.rstrip(), *(request.context + option for option in request.continuations)]
