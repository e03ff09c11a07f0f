"""Backends as chat models that translate and solve: what `xleval build-reasoning` hands to translators and checks.

All prompts of a call go to the engine at once, which forms its batches over all of them; replies come as they are finished.
"""

from collections.abc import Iterator, Mapping, Sequence

from xleval.data.reasoning.gate.solve_back import SolveReply, SolveRequest
from xleval.data.reasoning.translators.chat import ChatPrompt, ChatReply
from xleval.errors import BackendError, ConfigError
from xleval.evalkit.backends.base import Backend
from xleval.evalkit.extraction import extract_number, is_correct
from xleval.evalkit.prompts import chat_conversation, prompt_words
from xleval.evalkit.reasoning import split_reasoning
from xleval.evalkit.requests import (
    Completion,
    Encoded,
    GenerateRequest,
    Message,
    Outcome,
    Sampling,
    Unscored,
    request_seed,
)

#: How solvers draw: several different solutions, each whole.
SOLVING = Sampling(max_tokens=1024, temperature=0.7, top_p=0.95)


class ChatModel:
    """A backend that answers conversations.

    Args:
        backend: of the model.

    Raises:
        ConfigError: the model has no chat template.
    """

    def __init__(self, backend: Backend) -> None:
        if backend.has_chat_template is False:
            name = backend.fingerprint.get("model", "the model")
            raise ConfigError(
                f"{name} has no chat template, so it cannot be told to translate or solve; give a chat model"
            )
        self._backend = backend

    @property
    def fingerprint(self) -> Mapping[str, str]:
        """Everything about model and engine that changes replies."""
        return dict(self._backend.fingerprint)

    def translate(self, prompts: Sequence[ChatPrompt]) -> Iterator[ChatReply]:
        """Yield the reply of every prompt, in any order.

        Raises:
            BackendError: the engine fails as a whole.
        """
        requests = [
            GenerateRequest(
                key=prompt.key,
                prompt=(Message(role="user", content=prompt.text),),
                sampling=Sampling(max_tokens=prompt.max_new_tokens, temperature=prompt.temperature),
                seed=prompt.seed,
            )
            for prompt in prompts
        ]
        for outcome in self._outcomes(requests):
            if isinstance(outcome, Completion):
                yield ChatReply(key=outcome.key, text=outcome.text, cut=outcome.finish_reason == "length")
            else:
                yield ChatReply(key=outcome.key, text="", failure=_reason(outcome))

    def solve(self, requests: Sequence[SolveRequest]) -> Iterator[SolveReply]:
        """Yield a worked solution for every request, in any order, each drawn with a seed of its own.

        Raises:
            BackendError: the engine fails as a whole.
        """
        asked = [
            GenerateRequest(
                key=request.key,
                prompt=chat_conversation(request.text, request.lang),
                sampling=SOLVING,
                seed=request_seed(request.sample, f"{request.lang}/{request.text}"),
            )
            for request in requests
        ]
        for outcome in self._outcomes(asked):
            if not isinstance(outcome, Completion):
                yield SolveReply(key=outcome.key, text="", failure=_reason(outcome))
            elif outcome.finish_reason == "length":
                yield SolveReply(key=outcome.key, text="", failure=f"cut at {SOLVING.max_tokens} tokens")
            else:
                yield SolveReply(key=outcome.key, text=split_reasoning(outcome.text, "")[1])

    def _outcomes(self, requests: Sequence[GenerateRequest]) -> Iterator[Outcome]:
        encoded: list[Encoded] = []
        for request in requests:
            try:  # one by one: a text that does not fit is a failure of its own, not of all
                encoded += self._backend.encode([request])
            except ConfigError as error:
                yield Unscored(key=request.key, reason=str(error))
        if encoded:
            for outcomes in self._backend.run(
                [encoded[place] for place in batch] for batch in self._backend.plan(encoded)
            ):
                yield from outcomes


def grade_number(text: str, answer: str, lang: str) -> bool | None:
    """Return whether a worked solution gives the answer, as a number; None where no answer can be read."""
    found = extract_number(text, lang, prefixes=(prompt_words(lang).answer_prefix,))
    return None if found.value is None else is_correct(found, answer)


def _reason(outcome: Outcome) -> str:
    reason = getattr(outcome, "reason", "")
    if not reason:
        raise BackendError(f"{outcome.key}: a completion was asked, the backend answered {type(outcome).__name__}")
    return str(reason)
