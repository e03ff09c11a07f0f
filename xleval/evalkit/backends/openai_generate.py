"""Completions from a server: requests in its words, and its answers in ours."""

import re
from dataclasses import dataclass
from typing import Any

from xleval.errors import ConfigError
from xleval.evalkit.backends.openai_http import Client, NoAnswer
from xleval.evalkit.requests import ChoiceRequest, Completion, GenerateRequest, Request, Sampling

#: Fields beyond OpenAI's, with the value that does nothing; vLLM and SGLang both read top_k -1 as all.
_NEUTRAL: dict[str, float | bool] = {"top_k": -1, "min_p": 0.0, "repetition_penalty": 1.0, "ignore_eos": False}
#: OpenAI and vLLM take no more stop strings; at the others the text is cut here.
_MAX_STOPS = 4
_STOPPED = ("stop", "eos", "eos_token", "stop_sequence")
_WHOLE = ("stop", "length")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What is known of a server.

    Attributes:
        base_url: address of its interface, without a slash at the end.
        model: as it calls it.
        is_openai: whether it is OpenAI's own, which refuses every field that is not its own.
        takes_extensions: whether it is vLLM or SGLang. These fill fields that are not sent from the model's
            `generation_config.json`, so all are sent to them.
    """

    base_url: str
    model: str
    is_openai: bool
    takes_extensions: bool


#: Half of a surrogate pair: JSON can escape it, UTF-8 (journal, samples) cannot hold it. Tokenizers write U+FFFD for such bytes.
_HALF_PAIR = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    text: str
    finish_reason: str
    n_tokens: int | None


def check_request(request: Request, *, is_openai: bool) -> None:
    """Refuse a request that no server can answer.

    Raises:
        ConfigError: an empty prompt, or something asked that needs the model at hand.
    """
    prompt = request.context if isinstance(request, ChoiceRequest) else request.prompt
    if not (prompt.strip() if isinstance(prompt, str) and isinstance(request, ChoiceRequest) else prompt):
        raise ConfigError(f"{request.key}: the prompt is empty; needed is text")
    if isinstance(request, ChoiceRequest):
        if not all(request.continuations):
            raise ConfigError(f"{request.key}: an option is empty; needed is text")
        return
    if request.script_mask:
        raise ConfigError(f"{request.key}: a script mask needs the model's token ids: use the hf or vllm backend")
    if is_openai and (fields := _set(request.sampling)):
        raise ConfigError(f"{request.key}: OpenAI's servers have no {', '.join(fields)}; leave it at its default")


async def generate(client: Client, server: Server, request: GenerateRequest) -> Completion:
    """Return what the server's model writes after a text or a conversation.

    Raises:
        NoAnswer: this request has no completion.
        ConfigError: the server cannot go on with a prefilled answer.
    """
    if isinstance(request.prompt, str):
        path, read = "completions", _read_text
    else:
        path, read = "chat/completions", _read_chat
    answer = await client.post(f"{server.base_url}/{path}", request_body(server, request), read)
    if answer.finish_reason not in _WHOLE:
        raise NoAnswer(f"the server ended the completion with {client.clean(answer.finish_reason)!r}")
    ends = [place for place in (answer.text.find(stop) for stop in request.stop if stop) if place >= 0]
    return Completion(
        key=request.key,
        text=answer.text[: min(ends)] if ends else answer.text,
        finish_reason="stop" if ends else answer.finish_reason,
        n_tokens=answer.n_tokens,
    )


def request_body(server: Server, request: GenerateRequest) -> dict[str, object]:
    """Return the JSON object that asks for a completion.

    Raises:
        ConfigError: the answer to a conversation is prefilled, and the server is not known to go on with it.
    """
    sampling, is_chat = request.sampling, not isinstance(request.prompt, str)
    limit = "max_completion_tokens" if is_chat and server.is_openai else "max_tokens"
    body: dict[str, object] = {
        "model": server.model,
        limit: sampling.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
    }
    if request.stop:
        body["stop"] = list(request.stop[:_MAX_STOPS])
    if sampling.temperature > 0:
        body["seed"] = request.seed
    body |= _extensions(sampling) if server.takes_extensions else _set(sampling)
    if isinstance(request.prompt, str):
        return {**body, "prompt": request.prompt + request.prefill}
    turns = [{"role": turn.role, "content": turn.content} for turn in request.prompt]
    if not request.prefill:
        return {**body, "messages": turns}
    if not server.takes_extensions:
        raise ConfigError(
            f"{request.key}: the beginning of the answer is given, and {server.base_url} is not known to go on with it as "
            "vLLM and SGLang do; use one of them, or leave the prefill out"
        )
    turns.append({"role": "assistant", "content": request.prefill})
    return {**body, "messages": turns, "continue_final_message": True, "add_generation_prompt": False}


def _extensions(sampling: Sampling) -> dict[str, float | bool]:
    """Return the values of the fields beyond OpenAI's."""
    return {
        "top_k": sampling.top_k or -1,
        "min_p": sampling.min_p,
        "repetition_penalty": sampling.repetition_penalty,
        "ignore_eos": sampling.ignore_eos,
    }


def _set(sampling: Sampling) -> dict[str, float | bool]:
    """Return those of them that do something."""
    return {name: value for name, value in _extensions(sampling).items() if value != _NEUTRAL[name]}


def _read_text(answer: Any) -> _Answer:
    choice = answer["choices"][0]
    return _read(answer, choice, choice.get("text"))


def _read_chat(answer: Any) -> _Answer:
    choice = answer["choices"][0]
    message = choice["message"]
    content = message.get("content") or message.get("refusal")
    reasoning = message.get("reasoning_content") or message.get("reasoning")
    if reasoning:
        content = f"<think>{reasoning}</think>{content or ''}"
    elif "content" in message:
        content = content or ""  # null is what some servers write for nothing
    return _read(answer, choice, content)


def _read(answer: Any, choice: Any, text: Any) -> _Answer:
    finish_reason = choice["finish_reason"]
    if not isinstance(finish_reason, str):
        raise TypeError("no reason why the text ends")
    finish_reason = "stop" if finish_reason in _STOPPED else finish_reason
    is_whole = finish_reason in _WHOLE  # a filter may leave no text at all
    if is_whole and not isinstance(text, str):
        raise TypeError("no text")
    n_tokens = (answer.get("usage") or {}).get("completion_tokens")
    return _Answer(
        text=_HALF_PAIR.sub("\N{REPLACEMENT CHARACTER}", text) if is_whole else "",
        finish_reason=finish_reason,
        n_tokens=n_tokens if type(n_tokens) is int else None,
    )
