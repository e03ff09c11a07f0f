"""Backends as translators and solvers: every prompt has one reply, and what went wrong has a reason."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import pytest

from xleval.data.reasoning.gate.solve_back import SolveRequest
from xleval.data.reasoning.translators.chat import ChatPrompt
from xleval.errors import ConfigError
from xleval.evalkit.backends.mock import MockModel
from xleval.evalkit.chat_models import ChatModel, grade_number
from xleval.evalkit.requests import Completion, Encoded, GenerateRequest, Outcome, Request, Unscored


class Scripted(MockModel):
    """Answers by what stands in the user's turn; a turn of over 200 characters does not fit."""

    def __init__(self, answers: Mapping[str, Completion | Unscored]) -> None:
        super().__init__("scripted")
        self.has_chat_template = True
        self.answers = answers
        self.asked: list[GenerateRequest] = []

    def encode(self, requests: Sequence[Request]) -> list[Encoded]:
        for request in requests:
            assert isinstance(request, GenerateRequest)
            if len(request.prompt[-1].content) > 200:  # type: ignore[union-attr]
                raise ConfigError("the prompt has 900 tokens, the model takes 512")
        return list(requests)

    def run(self, batches: Iterable[Sequence[Encoded]]) -> Iterator[list[Outcome]]:
        for batch in batches:
            for request in reversed(batch):  # in any order
                assert isinstance(request, GenerateRequest)
                self.asked.append(request)
                text = request.prompt[-1].content  # type: ignore[union-attr]
                found = next(answer for key, answer in self.answers.items() if key in text)
                if isinstance(found, Unscored):
                    yield [Unscored(key=request.key, reason=found.reason)]
                else:
                    yield [Completion(key=request.key, text=found.text, finish_reason=found.finish_reason, n_tokens=3)]


def said(text: str, finish_reason: str = "stop") -> Completion:
    return Completion(key="", text=text, finish_reason=finish_reason, n_tokens=3)


def prompt(key: str, text: str, temperature: float = 0.0) -> ChatPrompt:
    return ChatPrompt(key=key, text=text, temperature=temperature, seed=7, max_new_tokens=64)


def test_every_prompt_has_its_reply() -> None:
    backend = Scripted(
        {"hen": said("gallina"), "cow": said("va", "length"), "pig": Unscored(key="", reason="server died")}
    )
    prompts = [prompt("1", "a hen"), prompt("2", "a cow", 0.7), prompt("3", "a pig"), prompt("4", "x" * 300)]
    replies = {reply.key: reply for reply in ChatModel(backend).translate(prompts)}
    assert set(replies) == {"1", "2", "3", "4"}
    assert (replies["1"].text, replies["1"].cut, replies["1"].failure) == ("gallina", False, "")
    assert replies["2"].cut
    assert (replies["3"].text, replies["3"].failure) == ("", "server died")
    assert replies["4"].failure == "the prompt has 900 tokens, the model takes 512"
    drawn = {
        request.key: (request.sampling.temperature, request.sampling.max_tokens, request.seed)
        for request in backend.asked
    }
    assert drawn == {"1": (0.0, 64, 7), "2": (0.7, 64, 7), "3": (0.0, 64, 7)}


def test_solvers_are_asked_in_the_language_and_drawn_anew() -> None:
    backend = Scripted({"kuku": said("<think>8?</think>Jibu ni 6."), "hen": said("8, no", "length")})
    requests = [SolveRequest(key=f"{n}", text="kuku wangapi?", lang="sw", sample=n) for n in range(2)]
    requests.append(SolveRequest(key="en", text="how many hens?", lang="en", sample=0))
    replies = {reply.key: reply for reply in ChatModel(backend).solve(requests)}
    assert replies["0"].text == "Jibu ni 6."
    assert replies["en"].failure == "cut at 1024 tokens"
    asked = {request.key: request for request in backend.asked}
    assert "kwa Kiswahili" in asked["0"].prompt[-1].content  # type: ignore[union-attr]
    assert asked["0"].seed != asked["1"].seed
    assert asked["0"].sampling.temperature > 0


@pytest.mark.parametrize(("text", "verdict"), [("Jibu ni 6.", True), ("Jibu ni 7.", False), ("Sijui.", None)])
def test_grades(text: str, verdict: bool | None) -> None:
    assert grade_number(text, "6", "sw") is verdict


def test_a_base_model_is_refused() -> None:
    backend = Scripted({})
    backend.has_chat_template = False
    with pytest.raises(ConfigError, match="has no chat template, so it cannot be told to translate"):
        ChatModel(backend)
