"""What a task asks of a model and what a backend answers: the record types between the two."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceRequest:
    """Score every continuation after one context by its log-probability.

    Attributes:
        key: stable name of the request, unique in a run: `task/lang/item_id`.
        context: text before the continuation; not empty.
        continuations: the options as they follow the context, with their leading space where there is one; two or more.
    """

    key: str
    context: str
    continuations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateRequest:
    """Continue one prompt.

    Attributes:
        key: stable name of the request, unique in a run: `task/lang/item_id`.
        prompt: text to continue; not empty.
        max_tokens: the completion is cut after so many tokens.
        stop: strings at the first of which the completion ends; the string itself is not part of the completion.
        temperature: 0 is greedy.
    """

    key: str
    prompt: str
    max_tokens: int
    stop: tuple[str, ...] = ()
    temperature: float = 0.0


Request = ChoiceRequest | GenerateRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedChoice:
    """A `ChoiceRequest` as token ids: one BOS at most, none added to a continuation."""

    key: str
    context_ids: tuple[int, ...]
    continuation_ids: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedPrompt:
    """A `GenerateRequest` as token ids."""

    key: str
    prompt_ids: tuple[int, ...]
    max_tokens: int
    stop: tuple[str, ...] = ()
    temperature: float = 0.0


Encoded = EncodedChoice | EncodedPrompt


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceScores:
    """Log-probabilities of the continuations of one request.

    Attributes:
        key: the request's.
        sum_logprobs: per continuation, natural logarithm, summed over its tokens; at most 0.
        n_tokens: per continuation, number of tokens that were summed.
    """

    key: str
    sum_logprobs: tuple[float, ...]
    n_tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What a model wrote after a prompt.

    Attributes:
        key: the request's.
        text: decoded, without special tokens and without the stop string.
        finish_reason: `stop` (end of sequence or stop string) or `length` (cut at `max_tokens`).
        n_tokens: tokens generated, the ending one included.
    """

    key: str
    text: str
    finish_reason: str
    n_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unscored:
    """A request that the backend could not answer: missing, never wrong."""

    key: str
    reason: str


Outcome = ChoiceScores | Completion | Unscored
