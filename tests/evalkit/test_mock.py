"""The mock backend: deterministic, torch-free, obedient to limits and stop strings."""

import subprocess
import sys

import pytest

from xleval.errors import ConfigError
from xleval.evalkit.backends import load_backend
from xleval.evalkit.backends.mock import MockModel
from xleval.evalkit.requests import ChoiceRequest, ChoiceScores, Completion, GenerateRequest, Outcome, Request

CHOICE = ChoiceRequest(key="c", context="ما عاصمة كينيا؟", continuations=(" نيروبي", " Nairobi", " x"))
PROMPTS = [GenerateRequest(key=f"p{i}", prompt=f"Question {i}", max_tokens=40) for i in range(40)]


def _run(model: MockModel, requests: list[Request]) -> list[Outcome]:
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
        assert 0 < completion.n_tokens <= 40
        assert len(completion.text.encode()) <= completion.n_tokens
        assert completion.finish_reason == "stop" or completion.n_tokens == 40


def test_stop_strings_end_a_completion() -> None:
    [free] = _run(MockModel(), [GenerateRequest(key="p", prompt="q", max_tokens=500)])
    assert isinstance(free, Completion)
    stop = free.text[4:6]
    [cut] = _run(MockModel(), [GenerateRequest(key="p", prompt="q", max_tokens=500, stop=(stop,))])
    assert isinstance(cut, Completion)
    assert cut.text == free.text[: free.text.index(stop)]
    assert cut.finish_reason == "stop"


def test_seed_matters_to_sampling_only() -> None:
    greedy, sampled = (GenerateRequest(key="p", prompt="q", max_tokens=50, temperature=t) for t in (0.0, 1.0))
    assert _run(MockModel(seed=1), [greedy]) == _run(MockModel(seed=2), [greedy])
    assert _run(MockModel(seed=1), [sampled]) == _run(MockModel(seed=1), [sampled])
    assert _run(MockModel(seed=1), [sampled]) != _run(MockModel(seed=2), [sampled])


def test_loading_by_name_and_by_prefix() -> None:
    assert load_backend("mock", "tiny").fingerprint == load_backend("auto", "mock:tiny").fingerprint
    assert load_backend("mock", "tiny", batch_size=None).fingerprint["batch_size"] == "auto"
    with pytest.raises(ConfigError, match="the prefix says mock"):
        load_backend("hf", "mock:tiny")
    with pytest.raises(ConfigError, match="unknown backend 'vlm'"):
        load_backend("vlm", "x")
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
