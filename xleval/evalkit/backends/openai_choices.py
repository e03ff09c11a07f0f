"""Log-probabilities of options from a server: by token ids where it tokenises (vLLM), else from an echoed prompt."""

import asyncio
import math
from collections.abc import Sequence
from typing import Any, Literal

from xleval.errors import BackendError
from xleval.evalkit.backends.openai_http import Client, NoAnswer, Refused
from xleval.evalkit.requests import ChoiceRequest, ChoiceScores, Message

#: Asked once, to see what a server can do; nothing of it is kept.
_PROBE = "Two and two is four"
#: `ids`: prompts as token ids, with `prompt_logprobs`. `echo`: the prompt comes back with the log-probabilities.
_Way = Literal["ids", "echo"]


class ChoiceScorer:
    """Scores options at a server, split from their context by token counts as lm-eval's HFLM splits them.

    Trailing blanks of a context go to the option; context and whole text are tokenised, and the option is what the whole
    has beyond the context's length.

    Args:
        client: sends the requests.
        base_url: address of the API, as in `http://127.0.0.1:8000/v1`.
        model: as the server calls it.
    """

    def __init__(self, client: Client, *, base_url: str, model: str) -> None:
        self._client, self._base_url, self._model = client, base_url, model
        self._root = base_url.removesuffix("/v1")
        self._way: _Way | None = None
        self._looking = asyncio.Lock()

    async def score(self, request: ChoiceRequest) -> ChoiceScores:
        """Return the log-probabilities of a request's options.

        Raises:
            NoAnswer: this request cannot be scored.
            BackendError: the server gives no log-probabilities of prompts at all.
        """
        async with self._looking:
            if self._way is None:
                self._way = await self._find_way()
        rows = await (self._score_ids(request) if self._way == "ids" else self._score_echo(request))
        for option, row in zip(request.continuations, rows, strict=True):
            if not row:
                raise NoAnswer(f"the option {option!r} adds no token to the context")
        return ChoiceScores(
            key=request.key,
            sum_logprobs=tuple(min(0.0, math.fsum(row)) for row in rows),
            n_tokens=tuple(len(row) for row in rows),
        )

    async def tokenise(self, text: str, *, add_special_tokens: bool) -> list[int]:
        """Return the token ids of a text from the server's `/tokenize`, which vLLM has.

        Raises:
            NoAnswer: the server has no such address (`Refused`), or does not answer.
        """
        body = {"model": self._model, "prompt": text, "add_special_tokens": add_special_tokens}
        return await self._client.post(f"{self._root}/tokenize", body, _read_ids)

    async def _find_way(self) -> _Way:
        """Return how the server gives log-probabilities of a prompt, by a request of each kind."""
        try:
            ids = await self._client.post(f"{self._root}/tokenize", {"model": self._model, "prompt": _PROBE}, _as_is)
            row = _read_ids(ids)
            answer = await self._client.post(f"{self._base_url}/completions", self._ids_body([row]), _as_is)
            _read_prompt_logprobs(answer, [row], 1)
            return "ids"
        except (Refused, ValueError, TypeError, LookupError, AttributeError):
            pass  # not vLLM, or one that hides it
        try:
            answer = await self._client.post(f"{self._base_url}/completions", self._echo_body(_PROBE), _as_is)
            _read_echo(answer)
            return "echo"
        except Refused as error:
            reason = str(error)
        except (ValueError, TypeError, LookupError, AttributeError):
            reason = "it answers without them"
        raise BackendError(
            f"{self._base_url} returns no log-probabilities of a prompt, by which choices are scored ({reason}). Use "
            "the hf or vllm backend, or a generation task"
        )

    async def _score_ids(self, request: ChoiceRequest) -> list[list[float]]:
        """Return the log-probabilities of each option's tokens; all options go in one request."""
        if isinstance(request.context, str):
            context, start, special = request.context, request.context.rstrip(), True
        else:
            context = start = await self._render(request.context)
            special = False  # the template has written them
        start_ids, *wholes = await asyncio.gather(
            self.tokenise(start, add_special_tokens=special),
            *(self.tokenise(context + option, add_special_tokens=special) for option in request.continuations),
        )
        return await self._client.post(
            f"{self._base_url}/completions",
            self._ids_body(wholes),
            lambda answer: _read_prompt_logprobs(answer, wholes, len(start_ids)),
        )

    async def _render(self, conversation: Sequence[Message]) -> str:
        """Return a conversation in the server's chat template, up to where the answer begins."""
        turns = [{"role": turn.role, "content": turn.content} for turn in conversation]
        ids = await self._client.post(f"{self._root}/tokenize", {"model": self._model, "messages": turns}, _read_ids)
        text = await self._client.post(f"{self._root}/detokenize", {"model": self._model, "tokens": ids}, _read_prompt)
        if await self.tokenise(text, add_special_tokens=False) != ids:
            raise NoAnswer("the server's tokens of the conversation do not lead back to its text; use --no-chat")
        return text

    async def _score_echo(self, request: ChoiceRequest) -> list[list[float]]:
        """Return the log-probabilities of each option's tokens; the context is asked alone too, for its token count."""
        if not isinstance(request.context, str):
            raise BackendError(
                f"{self._base_url} cannot score options after a conversation (it has no /tokenize): use --no-chat, the hf "
                "or vllm backend, or a generation task"
            )
        texts = [request.context.rstrip(), *(request.context + option for option in request.continuations)]
        start, *wholes = await asyncio.gather(
            *(self._client.post(f"{self._base_url}/completions", self._echo_body(text), _read_echo) for text in texts)
        )
        rows = [whole[len(start) :] for whole in wholes]
        if any(logprob is None for row in rows for logprob in row):
            raise NoAnswer("the server gives no log-probability for a token of an option")
        return [[logprob for logprob in row if logprob is not None] for row in rows]

    def _ids_body(self, rows: Sequence[Sequence[int]]) -> dict[str, object]:
        return {"model": self._model, "prompt": rows, "prompt_logprobs": 0, "max_tokens": 1, "temperature": 0}

    def _echo_body(self, text: str) -> dict[str, object]:
        # one token more than needed: several servers take 0 for "no limit"
        return {"model": self._model, "prompt": text, "echo": True, "logprobs": 1, "max_tokens": 1, "temperature": 0}


def _as_is(answer: Any) -> Any:
    return answer


def _read_ids(answer: Any) -> list[int]:
    ids = answer["tokens"]
    if not all(type(id_) is int for id_ in ids) or len(ids) != answer["count"]:
        raise ValueError("not token ids")
    return list(ids)


def _read_prompt(answer: Any) -> str:
    if not isinstance(answer["prompt"], str):
        raise TypeError("not a text")
    return str(answer["prompt"])


def _read_prompt_logprobs(answer: Any, rows: Sequence[Sequence[int]], start: int) -> list[list[float]]:
    """Return vLLM's `prompt_logprobs` of the tokens from `start` on, for each prompt."""
    choices = sorted(answer["choices"], key=lambda choice: int(choice["index"]))
    if len(choices) != len(rows):
        raise ValueError("another number of prompts")
    found = []
    for choice, ids in zip(choices, rows, strict=True):
        entries = choice["prompt_logprobs"]
        if len(entries) != len(ids):
            raise ValueError("another number of tokens")
        pairs = zip(ids[start:], entries[start:], strict=True)
        found.append([_logprob(entry[str(id_)]["logprob"]) for id_, entry in pairs])
    return found


def _read_echo(answer: Any) -> tuple[float | None, ...]:
    """Return the log-probability of each token of an echoed prompt; None for the first, before which nothing stands."""
    values = answer["choices"][0]["logprobs"]["token_logprobs"]
    usage = answer.get("usage")
    n_prompt = usage["prompt_tokens"] if usage else len(values) - 1  # one token was generated
    if not 1 <= n_prompt <= len(values) <= n_prompt + 1:
        raise ValueError("the prompt is not echoed")
    return tuple(None if value is None else _logprob(value) for value in values[:n_prompt])


def _logprob(value: Any) -> float:
    number = float(value)
    if math.isnan(number) or number > 1e-3:
        raise ValueError("not a log-probability")
    return number
