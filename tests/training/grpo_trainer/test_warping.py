"""Settings that change what roll-outs are drawn from, and the correction against transformers' own scores."""

from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("trl")

import torch
from transformers import GenerationConfig, set_seed

from tests.training.grpo_trainer import tiny
from xleval.errors import ConfigError
from xleval.training.config.schema import DataConfig, TrainConfig
from xleval.training.grpo.warping import check_warping, sampling_processors, token_log_ratios, warps


def config(warping: Any, **trainer: Any) -> TrainConfig:
    return TrainConfig(
        kind="grpo", name="x", model="m", data=DataConfig(source="s", langs=("en",)), warping=warping, trainer=trainer
    )


@pytest.mark.parametrize(
    "trainer",
    [
        {"top_p": 1, "top_k": 0, "min_p": None, "repetition_penalty": 1.0, "temperature": 0.7},
        {"generation_kwargs": {"stop": ["x"], "max_new_tokens": 5}}, {"generation_kwargs": None}, {},
    ],
)  # fmt: skip
def test_nothing_is_warped(trainer: dict[str, Any]) -> None:
    assert warps(trainer) == []
    assert check_warping(config("off", **trainer)) == ""


def test_off_names_every_setting_and_the_way_out() -> None:
    with pytest.raises(ConfigError) as refused:
        check_warping(config("off", repetition_penalty=1.3, top_p=0.95, generation_kwargs={"typical_p": 0.9}))
    said = str(refused.value)
    assert "trainer.repetition_penalty 1.3, trainer.top_p 0.95, trainer.generation_kwargs.typical_p 0.9" in said
    assert "--set trainer.repetition_penalty=1 --set trainer.top_p=1 and leave out" in said


def test_a_temperature_under_generation_kwargs_is_not_that_of_the_loss() -> None:
    assert [warp.key for warp in warps({"generation_kwargs": {"temperature": 0.5}})] == [
        "trainer.generation_kwargs.temperature"
    ]


def test_as_published_is_said() -> None:
    assert "top_p 0.95 and not corrected for it, as published" in check_warping(config("as-published", top_p=0.95))


def test_vllm_is_corrected_by_its_own_setting() -> None:
    settings = {"top_p": 0.9, "use_vllm": True}
    assert "weighted by" in check_warping(config("correct", **settings))
    with pytest.raises(ConfigError, match="vllm_importance_sampling_correction False"):
        check_warping(config("correct", **settings, vllm_importance_sampling_correction=False))


@pytest.mark.parametrize(
    "options",
    [
        {"repetition_penalty": 1.3}, {"top_p": 0.8}, {"top_k": 20}, {"min_p": 0.1},
        {"repetition_penalty": 1.3, "top_p": 0.8, "top_k": 50, "min_p": 0.01, "temperature": 0.7},
    ],
)  # fmt: skip
def test_sampling_probabilities_are_those_of_generate(options: dict[str, Any]) -> None:
    """`generate` returns the scores that it draws from (output_scores); their log-softmax is the reference."""
    model, tokenizer = tiny.model(), tiny.tokenizer()
    prompts = tokenizer(["one", "a much longer prompt", "two two"], padding=True, return_tensors="pt")
    settings = GenerationConfig(
        max_new_tokens=10, do_sample=True, pad_token_id=0, eos_token_id=1, top_k=options.pop("top_k", 0), **options
    )
    set_seed(3)
    made = model.generate(**prompts, generation_config=settings, return_dict_in_generate=True, output_scores=True)
    n_prompt = prompts["input_ids"].shape[1]
    completions = made.sequences[:, n_prompt:]
    ended = (completions == 1).cumsum(1)
    mask = ((ended == 0) | ((ended == 1) & (completions == 1))).long()
    sampled = torch.stack([scores.log_softmax(-1) for scores in made.scores], dim=1)
    sampled = sampled.gather(2, completions.unsqueeze(2)).squeeze(2)
    full = torch.cat([prompts["attention_mask"], mask], dim=1)
    with torch.no_grad():
        logits = model(input_ids=made.sequences, attention_mask=full).logits[:, n_prompt - 1 : -1]
    policy = (logits / options.get("temperature", 1.0)).log_softmax(-1)
    policy = policy.gather(2, completions.unsqueeze(2)).squeeze(2)
    found = token_log_ratios(
        model, prompts["input_ids"], prompts["attention_mask"], completions, mask,
        processors=sampling_processors(model, settings, prompts["input_ids"]),
        temperature=options.get("temperature", 1.0), rows=2,
    )  # fmt: skip
    expected = torch.where(mask == 1, policy - sampled, torch.zeros(()))
    assert torch.allclose(found, expected, atol=2e-5)
    assert found.abs().max() > 0.05  # the settings do warp
    assert model.training  # as it was


def test_an_unwarped_roll_out_has_ratio_one() -> None:
    model = tiny.model()
    prompt, completion = torch.tensor([[40, 41]]), torch.tensor([[50, 51, 52]])
    settings = GenerationConfig(do_sample=True, temperature=0.7, top_k=0, pad_token_id=0, max_new_tokens=3)
    found = token_log_ratios(
        model, prompt, torch.ones_like(prompt), completion, torch.ones_like(completion),
        processors=sampling_processors(model, settings, prompt), temperature=0.7, rows=1,
    )  # fmt: skip
    assert found.abs().max() < 1e-6
