"""Held-out prompts asked of a live model: verdicts against plain forward passes and transformers' own greedy generation."""

from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("datasets")
pytest.importorskip("peft")

import torch

from tests.training.grpo_trainer import tiny
from xleval.errors import ConfigError
from xleval.evalkit.extraction import extract_number
from xleval.evalkit.prompts import stop_strings
from xleval.training.config.schema import TrainConfig
from xleval.training.installed import import_trl
from xleval.training.monitor.held_out import HeldOutPrompts, held_out_prompts
from xleval.training.monitor.live_model import undisturbed
from xleval.training.sets.records import PromptRow

OPTIONS = ("Paris", "Lyon", "Old Marseille", "Nice")


def fact(number: int, lang: str = "en", choices: tuple[str, ...] = OPTIONS) -> PromptRow:
    ids = tuple(f"Q{place}" for place in range(len(OPTIONS)))
    return PromptRow(
        item_id=f"f{number}", lang=lang, prompt=f"Question: capital of {number}?\nAnswer:", question="?",
        gold=choices[number % 4], task="polyfact_free", choices=choices, choice_ids=ids[: len(choices)],
        gold_index=number % 4,
    )  # fmt: skip


def problem(number: int) -> PromptRow:
    return PromptRow(
        item_id=f"p{number}", lang="en", prompt=f"{number} + {number}?", question="?", gold="7", task="gsm8k",
        stop=stop_strings("en"),
    )  # fmt: skip


def log_probability_per_byte(model: Any, tokenizer: Any, prompt: str, option: str) -> float:
    """Sum of log p(token | before) over the option's tokens, one plain forward pass; over its UTF-8 bytes."""
    context = tokenizer(prompt)["input_ids"]
    whole = tokenizer(f"{prompt} {option}")["input_ids"]
    with torch.no_grad():
        logprobs = torch.log_softmax(model(torch.tensor([whole])).logits[0].double(), -1)
    found = sum(float(logprobs[place - 1, whole[place]]) for place in range(len(context), len(whole)))
    return found / len(option.encode())


@pytest.mark.parametrize("adapter", [False, True])
def test_facts_are_a_choice_by_log_probability(adapter: bool) -> None:
    model: Any = tiny.model()
    tokenizer = tiny.tokenizer()
    if adapter:
        import_trl()  # quietly
        from peft import LoraConfig, get_peft_model

        model = get_peft_model(model, LoraConfig(r=2, init_lora_weights=False, target_modules=["q_proj", "up_proj"]))
    rows = [fact(number) for number in range(12)]
    (found,) = HeldOutPrompts(rows, tokenizer, "first").ask(model, 3)
    right = 0
    with undisturbed(model):
        for row in rows:
            scores = [log_probability_per_byte(model, tokenizer, str(row.prompt), option) for option in row.choices]
            right += scores.index(max(scores)) == row.gold_index
    assert 0 < right < 12
    assert found["accuracy"] == {"value": right / 12, "n": 12, "n_unscored": 0}
    assert (found["step"], found["lang"], found["task"], found["kind"]) == (3, "en", "polyfact_free", "choice")
    assert found["word_ratio"] is None


def test_other_names_of_an_option_are_no_options() -> None:
    """Aliases of the answer count in free answers; as fifth option of a choice they would raise its chance."""
    model, tokenizer = tiny.model(), tiny.tokenizer()
    plain = [fact(number) for number in range(8)]
    named = [
        PromptRow(
            **{
                **{name: getattr(row, name) for name in PromptRow.__slots__},
                "choices": (*row.choices, "a", "b"), "choice_ids": (*row.choice_ids, "Q1", "Q1"),
            }
        )
        for row in plain
    ]  # fmt: skip
    found = [HeldOutPrompts(rows, tokenizer, "first").ask(model, 0) for rows in (plain, named)]
    assert found[0] == found[1]


def test_problems_are_one_greedy_completion() -> None:
    """As `generate` of transformers 5.19 writes it, cut at the task's stop strings, scored by the task's extraction."""
    model: Any = tiny.model()
    tokenizer: Any = tiny.tokenizer()
    rows = [problem(number) for number in range(6)]
    (found,) = HeldOutPrompts(rows, tokenizer, "first", max_tokens=12).ask(model, 0)
    texts, cut = [], 0
    with undisturbed(model):
        for row in rows:
            ids = tokenizer(str(row.prompt), return_tensors="pt")
            out = model.generate(**ids, max_new_tokens=12, do_sample=False)[0, ids["input_ids"].shape[1] :]
            text = tokenizer.decode(out, skip_special_tokens=True)
            stops = [text.index(stop) for stop in row.stop if stop in text]
            texts.append(text[: min(stops)] if stops else text)
            cut += len(out) == 12 and not stops and out[-1] != tokenizer.eos_token_id
    assert found["n_chars"] == sum(map(len, texts)) / 6
    assert found["truncated_rate"] == cut / 6
    assert found["accuracy"]["n"] == 6
    named = [extract_number(text, "en") for text in texts]
    assert found["accuracy"]["value"] == sum(each.value == 7 for each in named) / 6
    assert found["word_ratio"] is not None
    assert found["word_ratio"]["n"] == 6


def test_the_model_is_left_as_it_was() -> None:
    """Modules that were in evaluation mode stay in it, the others train on; no random number is used up."""
    model, tokenizer = tiny.model(dropout=0.5), tiny.tokenizer()
    model.train()
    model.model.layers[0].eval()
    modes = [module.training for module in model.modules()]
    before = torch.get_rng_state()
    HeldOutPrompts([fact(0), problem(1)], tokenizer, "first", max_tokens=4).ask(model, 0)
    assert [module.training for module in model.modules()] == modes
    assert set(modes) == {True, False}
    assert torch.equal(torch.get_rng_state(), before)


def test_random_numbers_that_are_drawn_meanwhile_are_given_back() -> None:
    import random

    import numpy as np

    model = tiny.model()
    drawn = []
    for _ in range(2):
        with undisturbed(model):
            drawn.append((random.random(), float(np.random.random()), float(torch.rand(()))))
    assert drawn[0] == drawn[1]


def test_without_held_out_prompts(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.training.monitor.rollouts import config
    from xleval.training.config.schema import MonitorConfig
    from xleval.training.monitor import held_out

    monkeypatch.setattr(held_out, "held_out_rows", lambda *_, **__: [])
    settings: TrainConfig = config(MonitorConfig(every=5))
    with pytest.raises(ConfigError, match=r"monitor.every is 5, and there is no held-out prompt in sw, en"):
        held_out_prompts(settings, tiny.tokenizer(), "first")
