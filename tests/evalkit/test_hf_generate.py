"""Generation against `model.generate`, one prompt at a time."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from xleval.evalkit.backends.hf import HfBackend  # noqa: E402
from xleval.evalkit.backends.hf_generate import first_stop, is_attention_cache, plan_rows, shared_beginning  # noqa: E402
from xleval.evalkit.requests import Completion, EncodedPrompt, GenerateRequest, Prompt, Sampling, request_seed  # noqa: E402

Make = Callable[[str], Path]
PROMPTS = (
    "Question: What is the capital of Kenya?\nAnswer:",
    "a",
    "The river",
    "首都は?",
    "Question: of of of is is is the the the the of? " * 2,
)


def _run(backend: HfBackend, requests: Sequence[GenerateRequest]) -> list[Completion]:
    encoded = backend.encode(requests)
    plan = backend.plan(encoded)
    found: dict[int, Completion] = {}
    for indices, outcomes in zip(plan, backend.run([[encoded[i] for i in batch] for batch in plan]), strict=True):
        for index, outcome in zip(indices, outcomes, strict=True):
            assert isinstance(outcome, Completion)
            found[index] = outcome
    return [found[index] for index in range(len(requests))]


def _reference(backend: HfBackend, prompt: Prompt, max_tokens: int, **settings: float) -> list[int]:
    """Return the new tokens of greedy `model.generate` for one prompt alone."""
    [encoded] = backend.encode([GenerateRequest(key="x", prompt=prompt, sampling=Sampling(max_tokens=max_tokens))])
    assert isinstance(encoded, EncodedPrompt)
    ids = torch.tensor([encoded.prompt_ids])
    output = backend.engine.model.generate(
        ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=max_tokens, pad_token_id=0, **settings
    )
    new: list[int] = output[0, ids.shape[1] :].tolist()
    return new


@pytest.mark.parametrize("name", ["llama", "qwen2", "gemma3", "gemma2", "mistral", "gpt2", "bloom"])
@pytest.mark.parametrize("batch_size", [1, 3, "auto"])
def test_greedy_equals_generate_prompt_by_prompt(tiny_checkpoint: Make, name: str, batch_size: int | str) -> None:
    backend = HfBackend(str(tiny_checkpoint(name)), device="cpu", batch_size=batch_size)
    limits = [7, 20, 20, 12, 20]  # rows leave the batch at different times; 20 tokens pass the window of 8
    requests = [
        GenerateRequest(key=f"p{i}", prompt=prompt, sampling=Sampling(max_tokens=limit))
        for i, (prompt, limit) in enumerate(zip(PROMPTS, limits, strict=True))
    ]
    for request, completion in zip(requests, _run(backend, requests), strict=True):
        expected = _reference(backend, request.prompt, request.sampling.max_tokens)
        ended = expected[-1] == 2
        text = backend.tokenizer.decode(expected, skip_special_tokens=True)
        assert (completion.key, completion.text, completion.n_tokens) == (request.key, text, len(expected))
        assert completion.finish_reason == ("stop" if ended else "length")


def test_end_of_sequence_is_counted_and_not_in_the_text(tiny_checkpoint: Make) -> None:
    backend = HfBackend(str(tiny_checkpoint("llama")), device="cpu")
    reference = _reference(backend, PROMPTS[0], 6)
    assert 2 not in reference
    backend.engine.generator._end_ids = frozenset([reference[3]])
    end = reference.index(reference[3])
    [completion] = _run(backend, [GenerateRequest(key="p", prompt=PROMPTS[0], sampling=Sampling(max_tokens=6))])
    assert completion == Completion(
        key="p", text=backend.tokenizer.decode(reference[:end]), finish_reason="stop", n_tokens=end + 1
    )


def test_stop_string_ends_the_completion_and_is_cut_off(tiny_checkpoint: Make) -> None:
    backend = HfBackend(str(tiny_checkpoint("llama")), device="cpu")
    [full] = _run(backend, [GenerateRequest(key="p", prompt="a", sampling=Sampling(max_tokens=30))])
    stop = next(character for character in full.text[3:] if character.isascii())
    [cut] = _run(
        backend, [GenerateRequest(key="p", prompt="a", sampling=Sampling(max_tokens=30), stop=("never there", stop))]
    )
    assert cut.text == full.text[: full.text.index(stop)]
    assert cut.finish_reason == "stop"
    assert (cut.n_tokens or 0) < (full.n_tokens or 0)


def test_stop_string_over_several_tokens(tiny_checkpoint: Make) -> None:
    backend = HfBackend(str(tiny_checkpoint("qwen2")), device="cpu")
    [full] = _run(backend, [GenerateRequest(key="p", prompt="The river", sampling=Sampling(max_tokens=30))])
    middle = len(full.text) // 2
    stop = full.text[middle : middle + 4]
    [cut] = _run(
        backend, [GenerateRequest(key="p", prompt="The river", sampling=Sampling(max_tokens=30), stop=(stop,))]
    )
    assert cut.text == full.text[: full.text.index(stop)]


def test_sampling_repeats_with_its_seed_and_changes_with_it(tiny_checkpoint: Make) -> None:
    folder = str(tiny_checkpoint("llama"))

    def requests(seed: int) -> list[GenerateRequest]:
        sampling = Sampling(max_tokens=12, temperature=1.0)
        keys = [f"p{i}" for i in range(len(PROMPTS))]
        return [
            GenerateRequest(key=key, prompt=prompt, sampling=sampling, seed=request_seed(seed, key))
            for key, prompt in zip(keys, PROMPTS, strict=True)
        ]

    first = _run(HfBackend(folder, device="cpu"), requests(1))
    assert first == _run(HfBackend(folder, device="cpu"), requests(1))
    assert first != _run(HfBackend(folder, device="cpu"), requests(2))


def test_greedy_rows_in_a_sampled_batch_stay_greedy(tiny_checkpoint: Make) -> None:
    backend = HfBackend(str(tiny_checkpoint("llama")), device="cpu")
    greedy = GenerateRequest(key="g", prompt="a", sampling=Sampling(max_tokens=10))
    sampled = GenerateRequest(key="s", prompt="The river", sampling=Sampling(max_tokens=10, temperature=1.0))
    assert _run(backend, [greedy, sampled])[0] == _run(backend, [greedy])[0]


def test_a_low_temperature_is_greedy(tiny_checkpoint: Make) -> None:
    backend = HfBackend(str(tiny_checkpoint("llama")), device="cpu")
    cold = GenerateRequest(key="g", prompt="The river", sampling=Sampling(max_tokens=10, temperature=1e-4))
    greedy = GenerateRequest(key="g", prompt="The river", sampling=Sampling(max_tokens=10))
    assert _run(backend, [cold]) == _run(backend, [greedy])


@pytest.mark.parametrize("name", ["llama", "qwen2", "gemma3", "gemma2", "mistral", "gpt2", "bloom"])
def test_a_beginning_in_common_is_computed_once_and_changes_nothing(tiny_checkpoint: Make, name: str) -> None:
    backend = HfBackend(str(tiny_checkpoint(name)), device="cpu")
    examples = "Question: What is the river?\nAnswer: the Nile.\n\n" * 3
    prompts = [examples + rest for rest in ("Question: a?", "Question: of of the capital of Kenya?\nAnswer:", "The")]
    requests = [
        GenerateRequest(key=f"p{i}", prompt=prompt, sampling=Sampling(max_tokens=12))
        for i, prompt in enumerate(prompts)
    ]
    batch = [each for each in backend.encode(requests) if isinstance(each, EncodedPrompt)]
    slides = getattr(backend.engine.model.config, "sliding_window", None) is not None
    assert backend.engine.generator._shareable(batch) == (
        0 if slides else shared_beginning([p.prompt_ids for p in batch])
    )
    for request, completion in zip(requests, _run(backend, requests), strict=True):
        expected = _reference(backend, request.prompt, request.sampling.max_tokens)
        assert completion.text == backend.tokenizer.decode(expected, skip_special_tokens=True)


def test_only_keys_and_values_can_go_on_after_padding() -> None:
    from transformers.cache_utils import DynamicCache, LinearAttentionLayer

    cache = DynamicCache()
    assert not is_attention_cache(cache)  # nothing in it: not known
    cache.update(torch.zeros(1, 1, 3, 4), torch.zeros(1, 1, 3, 4), 0)
    assert is_attention_cache(cache)
    cache.layers.append(LinearAttentionLayer())
    assert not is_attention_cache(cache)
    assert not is_attention_cache(None)


def test_shared_beginning() -> None:
    assert shared_beginning([(1, 2, 3, 4), (1, 2, 9, 4), (1, 2, 3)]) == 2
    assert shared_beginning([(1, 2, 3), (1, 2, 3)]) == 2  # one token is left to read the next from
    assert shared_beginning([(1,), (1, 2)]) == 0


def test_plan_keeps_prompts_that_begin_alike_together() -> None:
    def prompt(first: int, length: int) -> EncodedPrompt:
        return EncodedPrompt(
            key=f"{first}-{length}", prompt_ids=(*[first] * 40, *range(length)), sampling=Sampling(max_tokens=5)
        )

    encoded = dict(enumerate([prompt(1 + i % 2, i) for i in range(10)] + [prompt(3, 4)]))
    batches = plan_rows(encoded, max_rows=4)
    assert sorted(index for batch in batches for index in batch) == list(range(11))
    assert [len({encoded[i].prompt_ids[0] for i in batch}) for batch in batches] == [1] * len(batches)
    assert max(map(len, batches)) <= 4


def test_plan_puts_equal_lengths_together() -> None:
    def prompt(length: int, limit: int = 5) -> EncodedPrompt:
        return EncodedPrompt(key=str(length), prompt_ids=tuple(range(length)), sampling=Sampling(max_tokens=limit))

    encoded = dict(enumerate([prompt(3), prompt(9), prompt(4), prompt(8), prompt(2, 50)]))
    assert plan_rows(encoded, max_rows=2) == [[4], [1, 3], [2, 0]]


def test_first_stop() -> None:
    assert first_stop("one\nQuestion", ("Question", "\n")) == 3
    assert first_stop("one", ("two", "")) is None
    assert first_stop("one", ()) is None
