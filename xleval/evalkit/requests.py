"""What a task asks of a model and what a backend answers: the record types between the two."""

import hashlib
from dataclasses import dataclass, field

from xleval.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How completions are drawn; the settings of `--gen`, in the words of vLLM.

    Attributes:
        max_tokens: a completion is cut after so many tokens.
        temperature: 0 is greedy.
        top_p: the most likely tokens that together have this probability are drawn from; 1 is all.
        top_k: so many most likely tokens are drawn from; 0 is all.
        min_p: tokens under this share of the most likely one's probability are not drawn; 0 is none.
        repetition_penalty: divides the scores of tokens that are there already; 1 is none.
        ignore_eos: go on after the end of sequence, up to `max_tokens`; for benchmarks.
    """

    max_tokens: int = 256
    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    ignore_eos: bool = False

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        checks = (
            ("max_tokens", self.max_tokens >= 1, "at least 1"),
            ("temperature", self.temperature >= 0, "at least 0; 0 is greedy"),
            ("top_p", 0 < self.top_p <= 1, "above 0, at most 1"),
            ("top_k", self.top_k >= 0, "at least 0; 0 is all"),
            ("min_p", 0 <= self.min_p <= 1, "from 0 to 1"),
            ("repetition_penalty", self.repetition_penalty > 0, "above 0; 1 is none"),
        )
        for name, holds, needed in checks:
            if not holds:  # a value that is not a number fails every comparison
                raise ConfigError(f"{name}={getattr(self, name)}: needed is a number {needed}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn of a conversation; `role` is `system`, `user` or `assistant`."""

    role: str
    content: str


#: A text to continue, or a conversation that the model's own chat template turns into one.
Prompt = str | tuple[Message, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceRequest:
    """Score every continuation after one context by its log-probability.

    Attributes:
        key: stable name of the request, unique in a run: `task/lang/item_id`.
        context: what stands before the continuation; not empty.
        continuations: the options as they follow the context, with their leading space where there is one; two or more.
    """

    key: str
    context: Prompt
    continuations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateRequest:
    """Continue one text, or answer one conversation.

    Attributes:
        key: stable name of the request, unique in a run: `task/lang/item_id`, with `/sample` where there are several.
        prompt: what is continued; not empty.
        sampling: how tokens are drawn.
        stop: strings at the first of which the completion ends; the string itself is not part of the completion.
        prefill: how the answer begins; the model is given it and goes on, and it is no part of the completion.
        script_mask: code of a language; only tokens without letters of other scripts are drawn. Empty for no mask.
        seed: of drawing, see `request_seed`; 0 where nothing is drawn.
    """

    key: str
    prompt: Prompt
    sampling: Sampling = field(default_factory=Sampling)
    stop: tuple[str, ...] = ()
    prefill: str = ""
    script_mask: str = ""
    seed: int = 0


Request = ChoiceRequest | GenerateRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedChoice:
    """A `ChoiceRequest` as token ids: one BOS at most, none added to a continuation.

    Attributes:
        key: the request's.
        context: the text that was tokenised, with the chat template where there is one.
        context_ids, continuation_ids: its tokens and those of every option.
    """

    key: str
    context: str = ""
    context_ids: tuple[int, ...]
    continuation_ids: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedPrompt:
    """A `GenerateRequest` as token ids.

    Attributes:
        key, sampling, stop, script_mask, seed: the request's.
        prompt: the text that was tokenised, with chat template and prefill where there are such.
        prompt_ids: its tokens; one BOS at most.
    """

    key: str
    prompt: str = ""
    prompt_ids: tuple[int, ...]
    sampling: Sampling = field(default_factory=Sampling)
    stop: tuple[str, ...] = ()
    script_mask: str = ""
    seed: int = 0


#: What a backend works on; a request itself where a server tokenises.
Encoded = EncodedChoice | EncodedPrompt | ChoiceRequest | GenerateRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceScores:
    """Log-probabilities of the continuations of one request.

    Attributes:
        key: the request's.
        sum_logprobs: natural logarithm per continuation, summed over its tokens; 0 at most.
        n_tokens: number of tokens that were summed.
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
        n_tokens: tokens generated, the ending one included; None where a server does not say.
    """

    key: str
    text: str
    finish_reason: str
    n_tokens: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unscored:
    """A request that the backend could not answer: missing, never wrong."""

    key: str
    reason: str


Outcome = ChoiceScores | Completion | Unscored


def request_seed(seed: int, key: str) -> int:
    """Return the seed of one request, in [0, 2**63): the same in whatever batch, order or process it is drawn."""
    return int.from_bytes(hashlib.sha256(f"{seed}\0{key}".encode()).digest()[:8], "big") >> 1


def prompt_text(prompt: Prompt) -> str:
    """Return a prompt for people to read: a text as it is, a conversation as a line for each turn's role and content."""
    return prompt if isinstance(prompt, str) else "\n".join(f"[{turn.role}] {turn.content}" for turn in prompt)
