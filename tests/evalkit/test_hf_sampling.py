"""Choice of the next token: hand-worked cuts, frequencies, and the settings of transformers' own `generate`."""

import math
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from xleval.data.scripts import script_of  # noqa: E402
from xleval.errors import ConfigError  # noqa: E402
from xleval.evalkit.backends import hf_sampling, script_mask  # noqa: E402
from xleval.evalkit.backends.hf import HfBackend  # noqa: E402
from xleval.evalkit.backends.hf_sampling import Row, TokenChooser, draw, score_processors, uniform  # noqa: E402
from xleval.evalkit.requests import (  # noqa: E402
    Completion,
    EncodedPrompt,
    GenerateRequest,
    Sampling,
    request_seed,
)

Make = Callable[[str], Path]
SHARES = (0.5, 0.3, 0.15, 0.05)
LOGITS = torch.tensor([[math.log(share) for share in SHARES]])
PROMPTS = ("Question: What is the capital of Kenya?\nAnswer:", "a", "The river", "首都は?", "the the of of is is")


def _row(sampling: Sampling, *, seed: int = 0, token_ids: Sequence[int] = (), prompt_ids: Sequence[int] = (0,)) -> Row:
    prompt = EncodedPrompt(key="x", prompt_ids=tuple(prompt_ids), sampling=sampling, seed=seed)
    return Row(place=0, prompt=prompt, token_ids=list(token_ids))


def _choose_at(numbers: Sequence[float], sampling: Sampling, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return what is chosen from `LOGITS` where the random numbers are these."""
    left = list(numbers)
    monkeypatch.setattr(hf_sampling, "uniform", lambda seed, step: left.pop(0))
    return TokenChooser(None).choose(LOGITS.repeat(len(numbers), 1), [_row(sampling) for _ in numbers])


def _run(backend: HfBackend, requests: Sequence[GenerateRequest]) -> list[Completion]:
    encoded = backend.encode(requests)
    batches = [[encoded[i] for i in batch] for batch in backend.plan(encoded)]
    found = {outcome.key: outcome for group in backend.run(batches) for outcome in group}
    completions = [found[request.key] for request in requests]
    return [outcome for outcome in completions if isinstance(outcome, Completion)]


class TestDrawing:
    def test_by_hand(self) -> None:
        shares = torch.tensor([[0.25, 0.25, 0.0, 0.5]]).repeat(6, 1)  # exact in binary
        assert draw(shares, [0.0, 0.2499, 0.25, 0.4999, 0.5, 1 - 2**-53]) == [0, 0, 1, 1, 3, 3]

    def test_a_row_is_taken_as_shares_of_its_sum(self) -> None:
        assert draw(torch.tensor([[1.0, 1.0, 2.0]] * 3), [0.2, 0.4, 0.6]) == [0, 1, 2]

    def test_numbers_are_in_the_unit_interval_and_spread_evenly_over_seeds_and_over_steps(self) -> None:
        stats = pytest.importorskip("scipy.stats")
        for numbers in ([uniform(seed, 0) for seed in range(20_000)], [uniform(7, step) for step in range(20_000)]):
            assert 0 <= min(numbers) < max(numbers) < 1
            counts = Counter(int(number * 50) for number in numbers)
            assert stats.chisquare([counts[bin_] for bin_ in range(50)]).pvalue > 0.001

    @pytest.mark.parametrize(
        ("sampling", "shares"),
        [
            (Sampling(temperature=1.0), SHARES),
            # square roots of the shares, over their sum 1.8657
            (Sampling(temperature=2.0), (0.3790, 0.2936, 0.2076, 0.1198)),
            (Sampling(temperature=1.0, top_k=2), (0.625, 0.375, 0, 0)),
        ],
    )
    def test_frequencies_follow_the_softmax(self, sampling: Sampling, shares: Sequence[float]) -> None:
        stats = pytest.importorskip("scipy.stats")
        n = 20_000
        rows = [_row(sampling, seed=request_seed(1, f"task/en/{i}")) for i in range(n)]
        counts = Counter(TokenChooser(None).choose(LOGITS.repeat(n, 1), rows))
        drawn = [token for token, share in enumerate(shares) if share]
        assert set(counts) == set(drawn)
        total = sum(shares)
        expected = [n * shares[token] / total for token in drawn]
        assert stats.chisquare([counts[token] for token in drawn], expected).pvalue > 0.001


class TestCuts:
    def test_top_p(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # 0.5 + 0.3 is the first sum of 0.7 or more: two are left, as 0.625 and 0.375
        sampling = Sampling(temperature=1.0, top_p=0.7)
        assert _choose_at([0.0, 0.62, 0.63, 0.9999], sampling, monkeypatch) == [0, 0, 1, 1]

    def test_top_p_cuts_after_the_temperature(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # at temperature 2: .3790 .2936 .2076 .1198, so it takes three to reach 0.7; of .8802 they are .4306 .3336 .2359
        sampling = Sampling(temperature=2.0, top_p=0.7)
        assert _choose_at([0.43, 0.44, 0.76, 0.77, 0.9999], sampling, monkeypatch) == [0, 1, 1, 2, 2]

    def test_top_p_cuts_what_top_k_has_left(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # of all four, 0.6 takes two; of the first two (.625 .375) the first is enough
        assert _choose_at([0.9999], Sampling(temperature=1.0, top_p=0.6), monkeypatch) == [1]
        assert _choose_at([0.9999], Sampling(temperature=1.0, top_p=0.6, top_k=2), monkeypatch) == [0]

    def test_min_p(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # a fifth of 0.5 is 0.1: the last is out, the others are .5263 .3158 .1579 of 0.95
        sampling = Sampling(temperature=1.0, min_p=0.2)
        assert _choose_at([0.52, 0.53, 0.84, 0.85, 0.9999], sampling, monkeypatch) == [0, 1, 1, 2, 2]

    def test_repetition_penalty_counts_prompt_and_completion_once(self) -> None:
        # positive scores are divided, negative ones multiplied; a token that is there twice is changed once
        logits = torch.tensor([[4.0, 3.9, 3.0, -1.0], [4.0, 3.9, 3.0, -1.0], [-1.0, -1.5, -4.0, -4.0]])
        penalised = Sampling(repetition_penalty=1.1)  # 4 / 1.1 = 3.64 < 3.9; 3.9 / 1.1 = 3.55 < 3.64
        rows = [
            _row(penalised, prompt_ids=(0, 0, 0, 3)),
            _row(penalised, prompt_ids=(0,), token_ids=(1,)),
            _row(replace(penalised, repetition_penalty=2.0), prompt_ids=(0,)),  # -1 * 2 < -1.5
        ]
        assert TokenChooser(None).choose(logits, rows) == [1, 0, 1]


def test_a_completion_does_not_depend_on_its_batch(tiny_checkpoint: Make) -> None:
    folder = str(tiny_checkpoint("llama"))
    settings = (
        Sampling(max_tokens=12, temperature=1.0),
        Sampling(max_tokens=12, temperature=0.7, top_p=0.9, top_k=40),
        Sampling(max_tokens=12),
        Sampling(max_tokens=12, temperature=1.3, min_p=0.02, repetition_penalty=1.2),
        Sampling(max_tokens=12, repetition_penalty=1.5),
    )
    requests = [
        GenerateRequest(key=f"{i}/{j}", prompt=prompt, sampling=sampling, seed=request_seed(3, f"{i}/{j}"))
        for i, prompt in enumerate(PROMPTS)
        for j, sampling in enumerate(settings)
    ]
    alone = _run(HfBackend(folder, device="cpu", batch_size=1), requests)
    assert alone == _run(HfBackend(folder, device="cpu", batch_size=7), requests)
    assert alone == _run(HfBackend(folder, device="cpu"), list(requests))
    assert len({completion.text for completion in alone}) > 20


def test_one_most_likely_token_is_greedy(tiny_checkpoint: Make) -> None:
    backend = HfBackend(str(tiny_checkpoint("gemma3")), device="cpu")
    greedy = [GenerateRequest(key=p, prompt=p, sampling=Sampling(max_tokens=15)) for p in PROMPTS]
    hot = Sampling(max_tokens=15, temperature=2.0, top_k=1)
    assert _run(backend, [replace(request, sampling=hot, seed=5) for request in greedy]) == _run(backend, greedy)


@pytest.mark.parametrize("name", ["llama", "gpt2"])
def test_repetition_penalty_is_that_of_generate(tiny_checkpoint: Make, name: str) -> None:
    backend = HfBackend(str(tiny_checkpoint(name)), device="cpu")
    sampling = Sampling(max_tokens=20, repetition_penalty=1.4)
    requests = [GenerateRequest(key=p, prompt=p, sampling=sampling) for p in PROMPTS]
    changed = 0
    for request, completion in zip(requests, _run(backend, requests), strict=True):
        [encoded] = backend.encode([request])
        assert isinstance(encoded, EncodedPrompt)
        texts = [
            _generate(backend, encoded, repetition_penalty=penalty) for penalty in (sampling.repetition_penalty, 1.0)
        ]
        assert completion.text == texts[0]
        changed += texts[0] != texts[1]
    assert changed >= 3


def _generate(backend: HfBackend, prompt: EncodedPrompt, **settings: Any) -> str:
    ids = torch.tensor([prompt.prompt_ids])
    output = backend.engine.model.generate(
        ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=20, pad_token_id=0, **settings
    )
    text: str = backend.tokenizer.decode(output[0, ids.shape[1] :], skip_special_tokens=True)
    return text


def test_scores_are_changed_as_generate_changes_them(tiny_checkpoint: Make) -> None:
    backend = HfBackend(str(tiny_checkpoint("llama")), device="cpu")
    model, ids = backend.engine.model, torch.tensor([[40, 41, 42, 40, 60]])
    settings = {"temperature": 1.7, "top_k": 60, "top_p": 0.8, "min_p": 0.01, "repetition_penalty": 1.3}
    output = model.generate(
        ids, attention_mask=torch.ones_like(ids), do_sample=True, max_new_tokens=1, pad_token_id=0, output_scores=True,
        return_dict_in_generate=True, **settings,
    )  # fmt: skip
    sampling = Sampling(temperature=1.7, top_k=60, top_p=0.8, min_p=0.01, repetition_penalty=1.3)
    with torch.no_grad():
        ours = model(ids).logits[:, -1].float()
        for process in score_processors(sampling):
            ours = process(ids, ours)
    theirs = output.scores[0]
    assert 1 < int(theirs.isfinite().sum()) < 60
    torch.testing.assert_close(ours, theirs)


def test_the_end_can_be_ignored(tiny_checkpoint: Make) -> None:
    backend = HfBackend(str(tiny_checkpoint("llama")), device="cpu")
    request = GenerateRequest(key="p", prompt=PROMPTS[0], sampling=Sampling(max_tokens=10))
    [encoded] = backend.encode([request])
    assert isinstance(encoded, EncodedPrompt)
    [free] = _run(backend, [request])
    second = backend.tokenizer(free.text, add_special_tokens=False)["input_ids"][1]
    backend.engine.generator._end_ids = frozenset([second])
    [ended] = _run(backend, [request])
    assert (ended.finish_reason, (ended.n_tokens or 0) <= 2) == ("stop", True)
    [ignored] = _run(backend, [replace(request, sampling=Sampling(max_tokens=10, ignore_eos=True))])
    assert ignored == free
    assert (ignored.finish_reason, ignored.n_tokens) == ("length", 10)


class TestScriptMask:
    def test_masked_rows_keep_to_the_tokens_of_their_language(
        self, tiny_checkpoint: Make, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        allowed = {"sw": (5, 6, 7, 8, 2), "ar": (100, 101, 102, 2, 999)}  # 999 is beyond the vocabulary of 300
        asked: list[str] = []

        def small(tokenizer: Any, lang: str, *, end_ids: Collection[int] = ()) -> tuple[int, ...]:
            asked.append(f"{lang} {sorted(end_ids)}")
            return allowed[lang]

        monkeypatch.setattr(script_mask, "allowed_token_ids", small)
        backend = HfBackend(str(tiny_checkpoint("llama")), device="cpu")
        free = [GenerateRequest(key=f"f{p}", prompt=p, sampling=Sampling(max_tokens=9)) for p in PROMPTS]
        hot = Sampling(max_tokens=9, temperature=1.5, top_p=0.9)
        masked = [
            replace(r, key=f"{lang}{r.key}", script_mask=lang, sampling=sampling)
            for r in free
            for lang, sampling in (("sw", hot), ("ar", Sampling(max_tokens=9)))
        ]
        mixed = _run(backend, [*free, *masked])
        assert mixed[: len(free)] == _run(backend, free)
        for request, completion in zip(masked, mixed[len(free) :], strict=True):
            ids = [token for token in allowed[request.script_mask] if token not in (2, 999)]
            characters = {backend.tokenizer.decode([token]) for token in ids}
            assert completion.n_tokens
            assert set(completion.text) <= set("".join(characters))
        # once to see that there is a mask, once with what the model's own configuration ends with
        assert sorted(asked) == ["ar [2]", "ar []", "sw [2]", "sw []"]

    def test_real_masks_of_a_byte_level_tokenizer(self, tiny_checkpoint: Make) -> None:
        backend = HfBackend(str(tiny_checkpoint("llama")), device="cpu")
        sampling = Sampling(max_tokens=60, temperature=1.0)
        requests = [
            GenerateRequest(key=f"{lang}{seed}", prompt="Question:", sampling=sampling, script_mask=lang, seed=seed)
            for lang in ("ru", "en")
            for seed in range(3)
        ]
        for request, completion in zip(requests, _run(backend, requests), strict=True):
            scripts = {script_of(character) for character in completion.text} - {None}
            assert scripts <= ({"Cyrl"} if request.script_mask == "ru" else {"Latn"})
        with pytest.raises(ConfigError, match="xx"):
            backend.encode([replace(requests[0], script_mask="xx")])

    def test_a_mask_that_leaves_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(script_mask, "allowed_token_ids", lambda tokenizer, lang, end_ids: ())
        row = _row(Sampling())
        row.prompt = replace(row.prompt, script_mask="th")
        with pytest.raises(ConfigError, match="script mask th: the model has no token"):
            TokenChooser(None).choose(LOGITS, [row])
