"""The trainer against TRL's own and against losses written by hand."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("trl")

import torch

from tests.training.grpo_trainer import tiny
from xleval.errors import DataError
from xleval.training.config.schema import AdvantageConfig
from xleval.training.grpo.trainer import GroupRules
from xleval.training.rollouts import RollOut

#: With random weights an answer comes upon one of these soon.
STOPS = tuple("aeiouAEIOU0123456789 .,;:-")
POPULATION = AdvantageConfig(std="population", epsilon=1e-6)


def same_weights(one: Any, other: Any) -> bool:
    pairs = zip(one.model.state_dict().values(), other.model.state_dict().values(), strict=True)
    return all(torch.equal(left, right) for left, right in pairs)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"loss_type": "grpo", "beta": 0.1, "epsilon": 0.1, "num_iterations": 2},
        {"steps_per_generation": 2, "per_device_train_batch_size": 3, "gradient_accumulation_steps": 2},
        {"loss_type": "dr_grpo", "scale_rewards": "none", "temperature": 0.7, "mask_truncated_completions": True},
    ],
    ids=["default", "two iterations and KL", "accumulated", "masked"],
)
def test_weights_are_those_of_trl_to_the_last_bit(tmp_path: Path, settings: dict[str, Any]) -> None:
    """Pooling off, sample deviation, the same rows in the same order; TRL 1.16 in the same process, 2026-11-21."""
    checkpoint = tmp_path / "checkpoint"  # a reference model is loaded from where the policy was
    tiny.model().save_pretrained(checkpoint)

    def made() -> Any:
        from transformers import LlamaForCausalLM

        return LlamaForCausalLM.from_pretrained(checkpoint)

    settings = {"max_completion_length": 40, **settings}  # some answers end before, others do not
    theirs = tiny.train(tmp_path / "trl", made=made(), **settings)
    lengths = [
        entry["completions/min_length"] for entry in theirs.state.log_history if "completions/min_length" in entry
    ]
    assert min(lengths) < 40
    rules = GroupRules(plan=tiny.plan(), shuffle=False, answers_only=False)
    ours = tiny.train(tmp_path / "ours", rules, made=made(), **settings)
    assert tiny.losses(ours) == tiny.losses(theirs)
    assert same_weights(ours, theirs)
    rules = GroupRules(plan=tiny.plan(), shuffle=False)
    quick = tiny.train(tmp_path / "quick", rules, made=made(), **settings)
    assert tiny.losses(quick) == pytest.approx(tiny.losses(theirs), abs=1e-5)


def test_trained_weights_differ_where_the_settings_do(tmp_path: Path) -> None:
    """So that the test above cannot pass because nothing reaches TRL."""
    rules = GroupRules(plan=tiny.plan(), shuffle=False, answers_only=False)
    common: dict[str, Any] = {"max_steps": 2, "max_completion_length": 20, "data": tiny.dataset(stop=STOPS)}
    plain = tiny.train(tmp_path / "a", rules, **common)
    for changed in ({"loss_type": "grpo"}, {"epsilon": 0.001, "num_iterations": 2}, {"temperature": 0.7}):
        assert not same_weights(plain, tiny.train(tmp_path / "b", rules, **common, **changed))


def pooled(completions: list[str], item_id: list[str], **_: Any) -> list[float]:
    """Roll-out g of an item gets the same reward in all three languages: how many of them have an even length."""
    even = [len(text) % 2 == 0 for text in completions]
    return [float(sum(even[start + place % 2 : start + 6 : 2])) for start in (0, 6) for place in range(6)][: len(even)]


def test_pooled_rewards_with_population_deviation(tmp_path: Path) -> None:
    """Two roll-outs: population deviation is half their distance, so advantages are -1, 1 or 0 (up to 1e-6)."""
    seen: list[tuple[int, list[RollOut]]] = []
    rules = GroupRules(
        plan=tiny.plan(), pooled=True, advantage=POPULATION, observer=lambda step, each: seen.append((step, list(each)))
    )
    tiny.train(tmp_path, rules, functions=[pooled], max_steps=6)
    assert [step for step, _ in seen] == [1, 2, 3, 4, 5, 6]
    values = set()
    for _, rollouts in seen:
        assert [each.lang for each in rollouts] == ["en", "en", "de", "de", "sw", "sw"]
        first, second = rollouts[0].reward, rollouts[1].reward
        assert first is not None
        assert second is not None
        assert [each.reward for each in rollouts] == [first, second] * 3
        better = float(first > second) - float(first < second)
        assert [each.advantage for each in rollouts] == pytest.approx([better, -better] * 3, abs=1e-5)
        values.add(better)
        assert all(each.entropy is not None and 0 < each.entropy < 5.56 for each in rollouts)  # ln 258 = 5.55
    assert len(values) > 1


def test_advantages_reach_the_loss_and_the_table(tmp_path: Path) -> None:
    """With a population deviation advantages are sqrt(2) times TRL's for two roll-outs; so is the gradient."""
    plain, scaled = (
        tiny.train(
            tmp_path / name, GroupRules(plan=tiny.plan(), shuffle=False, advantage=rule), max_steps=1,
            log_completions=True, num_completions_to_print=0,
        )
        for name, rule in (("a", AdvantageConfig(epsilon=1e-4)), ("b", AdvantageConfig(std="population", epsilon=1e-9)))
    )  # fmt: skip
    norms = [trainer.state.log_history[0]["grad_norm"] for trainer in (plain, scaled)]
    assert norms[1] / norms[0] == pytest.approx(2**0.5, rel=2e-3)  # 1e-4 beside deviations of 0.1
    assert max(map(abs, scaled._logs["advantages"])) == pytest.approx(1.0, abs=1e-5)


def test_the_paper_protocol_is_reinforce(tmp_path: Path) -> None:
    """`loss_type: grpo`, one iteration, beta 0: the gradient of mean over roll-outs of -A x mean over tokens of log pi.

    The gradient is written by hand over unpadded sequences one by one, so that padding on either side cannot count.
    """
    seen: dict[str, Any] = {}
    rules = GroupRules(plan=tiny.plan(), shuffle=False, advantage=POPULATION)
    from transformers import TrainerCallback

    class Gradients(TrainerCallback):
        def on_pre_optimizer_step(self, *args: Any, model: Any, **kwargs: Any) -> None:
            seen.setdefault("gradients", {name: each.grad.clone() for name, each in model.named_parameters()})

    from trl import GRPOConfig

    from xleval.training.grpo.trainer import CrossLingualGRPOTrainer

    class Watched(CrossLingualGRPOTrainer):
        def _generate_and_score_completions(self, inputs: Any) -> Any:
            return seen.setdefault("batch", super()._generate_and_score_completions(inputs))

    trainer = Watched(
        model=tiny.model(), reward_funcs=[tiny.byte_share], train_dataset=tiny.dataset(stop=STOPS), callbacks=[Gradients()],
        processing_class=tiny.tokenizer(), rules=rules,
        args=GRPOConfig(
            **tiny.settings(
                tmp_path, loss_type="grpo", max_steps=1, max_grad_norm=0.0, beta=0.0, max_completion_length=20
            )
        ),
    )  # fmt: skip
    trainer.train()
    batch, model = seen["batch"], tiny.model()
    terms = []
    for row in range(6):
        prompt = batch["prompt_ids"][row][batch["prompt_mask"][row] == 1]
        answer = batch["completion_ids"][row][batch["completion_mask"][row] == 1]
        logits = model(torch.cat([prompt, answer]).unsqueeze(0)).logits[0, len(prompt) - 1 : -1]
        log_probs = logits.log_softmax(-1).gather(1, answer.unsqueeze(1))
        terms.append(-batch["advantages"][row] * log_probs.mean())
    assert len(set(map(int, batch["completion_mask"].sum(1)))) > 1, "answers of one length prove nothing of padding"
    assert batch["prompt_mask"].min() == 0
    torch.stack(terms).mean().backward()
    for name, weight in model.named_parameters():
        assert torch.allclose(seen["gradients"][name], weight.grad, atol=1e-6), name


def test_warped_roll_outs_are_weighted_token_by_token(tmp_path: Path) -> None:
    rules = GroupRules(plan=tiny.plan(), shuffle=False, correct_warping=True)
    plain = GroupRules(plan=tiny.plan(), shuffle=False)
    warped = {"repetition_penalty": 1.3, "top_p": 0.8, "max_steps": 2}
    corrected = tiny.train(tmp_path / "a", rules, **warped)
    left = tiny.train(tmp_path / "b", plain, **warped)
    first = corrected.state.log_history[0]
    for lang in tiny.LANGS:
        assert 0.5 < first[f"sampling/importance_ratio/{lang}"] < 1.0  # top-p 0.8 alone gives 0.8
    assert f"sampling/importance_ratio/{tiny.LANGS[0]}" not in left.state.log_history[0]
    assert first["reward"] == left.state.log_history[0]["reward"]  # the same roll-outs
    assert first["grad_norm"] < left.state.log_history[0]["grad_norm"]
    unwarped = tiny.train(tmp_path / "c", rules, max_steps=2)
    assert tiny.losses(unwarped) == pytest.approx(tiny.losses(tiny.train(tmp_path / "d", plain, max_steps=2)), abs=1e-6)


def test_stop_texts_end_answers_and_do_not_count_as_cut(tmp_path: Path) -> None:
    texts: list[str] = []

    def keep(completions: list[str], **_: Any) -> list[float]:
        texts.extend(completions)
        return tiny.byte_share(completions)

    seen: list[RollOut] = []
    rules = GroupRules(plan=tiny.plan(), observer=lambda step, each: seen.extend(each))
    trainer = tiny.train(
        tmp_path, rules, functions=[keep], data=tiny.dataset(stop=STOPS), max_completion_length=40,
        mask_truncated_completions=True,
    )  # fmt: skip
    assert texts
    assert not any(stop in text for text in texts for stop in STOPS)
    ended = [each for each in seen if not each.truncated]
    assert len(ended) > len(seen) / 2
    assert any((each.n_tokens or 0) < 40 for each in ended)
    cut = sum(entry["completions/clipped_ratio"] for entry in trainer.state.log_history if "loss" in entry)
    assert cut * 6 == pytest.approx(sum(bool(each.truncated) for each in seen))


def test_a_truncated_answer_is_left_out_of_the_loss_on_demand(tmp_path: Path) -> None:
    """All answers of this length limit are cut: nothing is learnt, as with TRL's own masking."""
    rules = GroupRules(plan=tiny.plan())
    trainer = tiny.train(tmp_path, rules, max_completion_length=1, mask_truncated_completions=True, max_steps=1)
    assert trainer.state.log_history[0]["grad_norm"] == 0.0


def test_an_incomplete_item_is_an_error_before_it_is_sampled(tmp_path: Path) -> None:
    from datasets import Dataset

    rows = [row for row in tiny.rows() if (row["item_id"], row["lang"]) != ("q1", "de")]
    with pytest.raises(DataError, match="needed are 2 in each of 3 languages"):
        tiny.train(tmp_path, GroupRules(plan=tiny.plan(), pooled=True, shuffle=False), data=Dataset.from_list(rows))


def test_a_reward_that_fails_ends_the_training(tmp_path: Path) -> None:
    def broken(**_: Any) -> list[float]:
        raise DataError("item q1 has no answer")

    with pytest.raises(DataError, match="item q1 has no answer"):
        tiny.train(tmp_path, GroupRules(plan=tiny.plan()), functions=[broken])


def test_figures_by_language(tmp_path: Path) -> None:
    def by_language(completions: list[str], lang: list[str], **_: Any) -> list[float | None]:
        return [None if each == "sw" else {"en": 1.0, "de": float(place)}[each] for place, each in enumerate(lang)]

    trainer = tiny.train(tmp_path, GroupRules(plan=tiny.plan(), shuffle=False), functions=[by_language], max_steps=1)
    logged = trainer.state.log_history[0]
    assert (logged["reward/en"], logged["reward/de"]) == (1.0, 2.5)  # places 2 and 3
    assert "reward/sw" not in logged  # not 0: the reward does not apply
    assert logged["frac_reward_zero_std/en"] == 1.0
    assert logged["frac_reward_zero_std/de"] == 0.0
    assert logged["advantage_size/en"] == 0.0
    assert logged["advantage_size/de"] == pytest.approx(0.5 / (0.5**0.5 + 1e-4), rel=1e-5)
    assert {f"completions/mean_length/{lang}" for lang in tiny.LANGS} <= logged.keys()
