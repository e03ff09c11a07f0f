"""Batches that do not fit: the same outcomes as of small batches, few tries, and an end where nothing fits."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from xleval.errors import BackendError  # noqa: E402
from xleval.evalkit.backends.hf import HfBackend  # noqa: E402
from xleval.evalkit.backends.hf_memory import FittedBatches, is_out_of_memory  # noqa: E402
from xleval.evalkit.requests import (  # noqa: E402
    ChoiceRequest,
    Completion,
    EncodedPrompt,
    GenerateRequest,
    Outcome,
    Request,
    Sampling,
    Unscored,
)

Make = Callable[[str], Path]


class Memory:
    """Answers prompts, but runs out of memory above `most` of them, or where one of `too_long` is among them."""

    def __init__(self, most: int, *, too_long: Iterable[int] = ()) -> None:
        self.most = most
        self.too_long = {str(place) for place in too_long}
        self.tries: list[int] = []

    def __call__(self, part: Sequence[EncodedPrompt]) -> list[Outcome]:
        self.tries.append(len(part))
        if len(part) > self.most or self.too_long & {prompt.key for prompt in part}:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")
        return [Completion(key=prompt.key, text="", finish_reason="stop", n_tokens=1) for prompt in part]


def _prompts(places: Iterable[int]) -> list[EncodedPrompt]:
    return [EncodedPrompt(key=str(place), prompt_ids=(1,)) for place in places]


def _reasons(outcomes: Sequence[Outcome]) -> dict[str, str]:
    return {outcome.key: outcome.reason for outcome in outcomes if isinstance(outcome, Unscored)}


def test_a_batch_is_halved_and_the_size_that_fits_is_kept() -> None:
    memory = Memory(4)
    fitted = FittedBatches(memory, "cuda:0")
    for start in (0, 16):
        outcomes = fitted.run(_prompts(range(start, start + 16)))
        assert [outcome.key for outcome in outcomes] == [str(place) for place in range(start, start + 16)]
        assert not _reasons(outcomes)
    assert memory.tries == [16, 8, 4, 4, 4, 4, 4, 4, 4, 4]


def test_batches_smaller_than_the_size_that_fits_stay_whole() -> None:
    memory = Memory(5)
    fitted = FittedBatches(memory, "cuda:0")
    for n in (9, 3, 5, 6):
        assert len(fitted.run(_prompts(range(n)))) == n
    assert memory.tries == [9, 5, 4, 3, 5, 3, 3]
    assert fitted.run([]) == []


def test_one_request_that_is_too_long_is_unscored_and_does_not_make_the_others_small() -> None:
    memory = Memory(100, too_long=[0])
    fitted = FittedBatches(memory, "cuda:0")
    outcomes = fitted.run(_prompts(range(16)))
    assert _reasons(outcomes) == {"0": "out of memory on cuda:0, even alone in its batch"}
    assert [outcome.key for outcome in outcomes] == [str(place) for place in range(16)]
    assert memory.tries == [16, 8, 4, 2, 1, 1, 2, 4, 8]
    fitted.run(_prompts(range(16, 32)))
    assert memory.tries[9:] == [16]


def test_three_failures_in_a_row_end_the_run() -> None:
    fitted = FittedBatches(Memory(0), "cuda:0")
    assert set(_reasons(fitted.run(_prompts([7])))) == {"7"}
    with pytest.raises(
        BackendError, match=r"out of memory on cuda:0: 3 requests in a row .* the last one 9\. .*bfloat16"
    ):
        fitted.run(_prompts([8, 9, 10]))


def test_failures_that_are_not_in_a_row_do_not() -> None:
    fitted = FittedBatches(Memory(1, too_long=[0, 1, 3, 5]), "cuda:0")
    assert set(_reasons(fitted.run(_prompts(range(7))))) == {"0", "1", "3", "5"}


def test_other_errors_pass() -> None:
    def fail(part: Sequence[EncodedPrompt]) -> list[Outcome]:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="mat1"):
        FittedBatches(fail, "cpu").run(_prompts([1, 2]))


def test_what_torch_raises_on_a_full_cpu() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 61, dtype=torch.uint8)
    assert is_out_of_memory(caught.value)
    assert is_out_of_memory(MemoryError())
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory"))
    assert not is_out_of_memory(RuntimeError("DefaultCPUAllocator is fine"))


def test_a_backend_short_of_memory_answers_as_with_small_batches(
    tiny_checkpoint: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = str(tiny_checkpoint("llama"))
    requests: list[Request] = [
        ChoiceRequest(key=f"c{i}", context=f"Question: {'of ' * i}?", continuations=(" Nairobi", " New York"))
        for i in range(9)
    ]
    hot = Sampling(max_tokens=8, temperature=1.0)
    requests += [GenerateRequest(key=f"g{i}", prompt="the " * (i + 1), sampling=hot, seed=i) for i in range(9)]
    expected = [group for group in _groups(HfBackend(folder, device="cpu"), requests)]
    assert len(expected) == 2  # a batch of choices and one of prompts

    backend = HfBackend(folder, device="cpu")
    tries: list[int] = []
    score, generate = backend.engine.scorer.score, backend.engine.generator.generate

    def limited(work: Callable[..., Sequence[Outcome]]) -> Callable[..., Sequence[Outcome]]:
        def call(part: Sequence[object]) -> Sequence[Outcome]:
            tries.append(len(part))
            if len(part) > 3:
                raise torch.OutOfMemoryError("CUDA out of memory")
            return work(part)

        return call

    monkeypatch.setattr(backend.engine.scorer, "score", limited(score))
    monkeypatch.setattr(backend.engine.generator, "generate", limited(generate))
    found = _groups(backend, requests)
    assert tries == [9, 5, 3, 2, 2, 2] * 2
    assert [[outcome.key for outcome in group] for group in found] == [[o.key for o in group] for group in expected]
    for group, wanted in zip(found, expected, strict=True):
        for outcome, other in zip(group, wanted, strict=True):
            if isinstance(other, Completion):
                assert outcome == other
            else:
                assert outcome.sum_logprobs == pytest.approx(other.sum_logprobs, abs=1e-5)  # type: ignore[union-attr]


def _groups(backend: HfBackend, requests: Sequence[Request]) -> list[list[Outcome]]:
    encoded = backend.encode(requests)
    return list(backend.run([[encoded[i] for i in batch] for batch in backend.plan(encoded)]))
