"""The mock backend: deterministic, torch-free, obedient to limits and stop strings."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace

import pytest

from xleval.errors import ConfigError
from xleval.evalkit.backends import load_backend, split_model
from xleval.evalkit.backends.mock import MockModel
from xleval.evalkit.requests import (
    ChoiceRequest,
    ChoiceScores,
    Completion,
    EncodedChoice,
    EncodedPrompt,
    GenerateRequest,
    Message,
    Outcome,
    Request,
    Sampling,
)

CHOICE = ChoiceRequest(key="c", context="ما عاصمة كينيا؟", continuations=(" نيروبي", " Nairobi", " x"))
PROMPTS = [GenerateRequest(key=f"p{i}", prompt=f"Question {i}", sampling=Sampling(max_tokens=40)) for i in range(40)]


def _run(model: MockModel, requests: Sequence[Request]) -> list[Outcome]:
    encoded = model.encode(requests)
    batches = [[encoded[index] for index in batch] for batch in model.plan(encoded)]
    return [outcome for outcomes in model.run(batches) for outcome in outcomes]


def test_answers_depend_on_the_request_and_the_name_only() -> None:
    requests: list[Request] = [CHOICE, *PROMPTS]
    first = _run(MockModel("a"), requests)
    assert first == _run(MockModel("a", batch_size=3), requests)
    assert list(reversed(first)) == _run(MockModel("a"), list(reversed(requests)))
    assert first != _run(MockModel("b"), requests)


def test_scores_are_sums_over_utf8_bytes() -> None:
    [scores] = _run(MockModel(), [CHOICE])
    assert isinstance(scores, ChoiceScores)
    assert scores.n_tokens == (13, 8, 2)  # " نيروبي": a space and six letters of two bytes
    assert all(-4 * n <= score <= 0 for score, n in zip(scores.sum_logprobs, scores.n_tokens, strict=True))
    assert len(set(scores.sum_logprobs)) == 3


def test_completions_keep_the_limit_and_both_reasons_occur() -> None:
    completions = [outcome for outcome in _run(MockModel(), list(PROMPTS)) if isinstance(outcome, Completion)]
    assert {completion.finish_reason for completion in completions} == {"stop", "length"}
    for completion in completions:
        assert completion.n_tokens is not None
        assert 0 < completion.n_tokens <= 40
        assert len(completion.text.encode()) <= completion.n_tokens
        assert completion.finish_reason == "stop" or completion.n_tokens == 40


def test_stop_strings_end_a_completion() -> None:
    [free] = _run(MockModel(), [GenerateRequest(key="p", prompt="q", sampling=Sampling(max_tokens=500))])
    assert isinstance(free, Completion)
    stop = free.text[4:6]
    [cut] = _run(MockModel(), [GenerateRequest(key="p", prompt="q", sampling=Sampling(max_tokens=500), stop=(stop,))])
    assert isinstance(cut, Completion)
    assert cut.text == free.text[: free.text.index(stop)]
    assert cut.finish_reason == "stop"


def test_seed_matters_to_sampling_only() -> None:
    def complete(temperature: float, seed: int) -> list[Outcome]:
        sampling = Sampling(max_tokens=50, temperature=temperature)
        return _run(MockModel(), [GenerateRequest(key="p", prompt="q", sampling=sampling, seed=seed)])

    assert complete(0.0, 1) == complete(0.0, 2)
    assert complete(1.0, 1) == complete(1.0, 1)
    assert complete(1.0, 1) != complete(1.0, 2)


def test_a_conversation_is_asked_as_people_read_it() -> None:
    conversation = (Message(role="system", content="Be brief."), Message(role="user", content="هو"))
    [encoded] = MockModel().encode([GenerateRequest(key="p", prompt=conversation, prefill="So ")])
    assert isinstance(encoded, EncodedPrompt)
    assert encoded.prompt == "[system] Be brief.\n[user] هوSo "
    assert bytes(encoded.prompt_ids).decode() == encoded.prompt
    [choice] = MockModel().encode([ChoiceRequest(key="c", context=conversation, continuations=("a", "b"))])
    assert isinstance(choice, EncodedChoice)
    assert bytes(choice.context_ids).decode() == choice.context == "[system] Be brief.\n[user] هو"


def test_ignoring_the_end_runs_into_the_limit() -> None:
    sampling = Sampling(max_tokens=300, ignore_eos=True)
    for outcome in _run(MockModel(), [replace(prompt, sampling=sampling) for prompt in PROMPTS]):
        assert isinstance(outcome, Completion)
        assert (outcome.n_tokens, outcome.finish_reason) == (300, "length")


def test_tokens_are_utf8_bytes() -> None:
    assert MockModel().count_tokens(["", "abc", "هو"]) == [0, 3, 4]


def test_a_delay_is_slept_once_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    model = MockModel(batch_size=16, delay_s=0.25)
    assert _run(model, list(PROMPTS)) == _run(MockModel(batch_size=40), list(PROMPTS))
    assert slept == [0.25, 0.25, 0.25, 0.0]  # 40 prompts by 16, then 40 at once without a delay
    assert model.fingerprint == MockModel(batch_size=16).fingerprint  # a delay changes no answer
    model.close()
    model.close()


@pytest.mark.parametrize("delay", [-1.0, float("nan"), float("inf")])
def test_bad_delay(delay: float) -> None:
    with pytest.raises(ConfigError, match="seconds from 0"):
        MockModel(delay_s=delay)


def test_loading_by_name_and_by_prefix() -> None:
    assert load_backend("mock", "tiny").fingerprint == load_backend("auto", "mock:tiny").fingerprint
    assert load_backend("mock", "tiny", batch_size=None).fingerprint["batch_size"] == "auto"
    with pytest.raises(ConfigError, match="the prefix says mock"):
        load_backend("hf", "mock:tiny")
    with pytest.raises(ConfigError, match="unknown backend 'vlm'"):
        load_backend("vlm", "x")
    assert split_model("openai", "openchat:7b") == (
        "openai",
        "openchat:7b",
    )  # a model of a server, not a backend misspelt
    with pytest.raises(ConfigError, match="unknown option of backend mock 'dtype'"):
        load_backend("mock", "x", dtype="float32")


@pytest.mark.parametrize("size", [0, -1, "many"])
def test_bad_batch_size(size: int | str) -> None:
    with pytest.raises(ConfigError, match="whole number"):
        MockModel(batch_size=size)


def test_empty_name() -> None:
    with pytest.raises(ConfigError, match="name is empty"):
        load_backend("auto", "mock:")


def test_no_torch_is_imported() -> None:
    code = (
        "import sys; from xleval.evalkit.backends import load_backend; load_backend('mock', 'm'); "
        "print([m for m in ('torch', 'transformers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
