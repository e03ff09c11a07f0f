"""Preference losses: worked by hand, beside TRL's own trainer, with their gradients."""

import math
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("torch")

import torch

from tests.training.losses.answers import answers
from xleval.errors import ConfigError
from xleval.training.losses.log_probs import AnswerLogProbs
from xleval.training.losses.preference import dpo, ipo, kto, kto_shift, orpo, preference_loss

#: h(chosen) = -2 - -4 = 2 with 2 tokens, h(rejected) = -6 - -3 = -3 with 3 tokens.
CHOSEN, REJECTED = answers([-2.0], [-4.0], [2.0]), answers([-6.0], [-3.0], [3.0])


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def test_dpo_by_hand() -> None:
    """beta 0.1: -log s(0.1 * (2 + 3)) = -log s(0.5) = 0.474077."""
    assert dpo(CHOSEN, REJECTED, beta=0.1).item() == pytest.approx(0.474077, abs=1e-6)
    assert dpo(CHOSEN, CHOSEN, beta=0.1).item() == pytest.approx(math.log(2), abs=1e-12)


def test_ipo_by_hand() -> None:
    """Means over tokens: 2/2 - -3/3 = 2; beta 0.1: (2 - 1/0.2)^2 = 9."""
    assert ipo(CHOSEN, REJECTED, beta=0.1).item() == pytest.approx(9, abs=1e-12)


def test_kto_by_hand() -> None:
    """beta 0.5, z 1: (1 - s(0.5 * (2 - 1)) + 1 - s(0.5 * (1 + 3))) / 2."""
    expected = (1 - sigmoid(0.5) + 1 - sigmoid(2.0)) / 2
    assert kto(CHOSEN, REJECTED, beta=0.5, shift=torch.tensor(1.0)).item() == pytest.approx(expected, abs=1e-7)


def test_kto_shift_is_the_mean_ratio_above_zero_without_gradient() -> None:
    """h = 3 and -1: 1. All below 0: 0, as a divergence is."""
    policy = torch.tensor([1.0, -4.0], dtype=torch.float64, requires_grad=True)
    shift = kto_shift(answers(policy, [-2.0, -3.0]))
    assert shift.item() == 1
    assert not shift.requires_grad
    assert kto_shift(answers([-9.0], [-2.0])).item() == 0


def test_orpo_by_hand() -> None:
    """log P = -1 and -2: odds e^-1/(1-e^-1) = 0.581977 and e^-2/(1-e^-2) = 0.156518; s(log 3.71828) = 0.788057."""
    found = orpo(CHOSEN, REJECTED, beta=0.1).item()
    assert found == pytest.approx(-0.1 * math.log(0.581976707 / (0.581976707 + 0.156517643)), abs=1e-8)


def test_orpo_of_a_certain_answer_is_finite() -> None:
    policy = torch.tensor([0.0], dtype=torch.float64, requires_grad=True)
    loss = orpo(answers(policy, [0.0]), REJECTED, beta=0.1).sum()
    loss.backward()  # type: ignore[no-untyped-call]
    assert policy.grad is not None
    assert torch.isfinite(loss)
    assert torch.isfinite(policy.grad).all()


@pytest.mark.parametrize("name", ["dpo", "ipo", "kto", "orpo"])
def test_gradients_and_order_of_the_batch(name: str) -> None:
    generator = torch.Generator().manual_seed(1)
    good, bad = (-5 * torch.rand(4, generator=generator, dtype=torch.float64) - 0.5 for _ in range(2))
    counts = [1.0, 2.0, 3.0, 4.0]

    def loss(chosen: torch.Tensor, rejected: torch.Tensor, at: list[int]) -> torch.Tensor:
        some = [counts[place] for place in at]
        reference = [[-1.0, -2.0, -3.0, -2.5][place] for place in at]
        return preference_loss(
            name, answers(chosen[at], reference, some), answers(rejected[at], reference, some), beta=0.3,
            shift=torch.tensor(0.2),
        )  # fmt: skip

    same = [0, 1, 2, 3]
    assert torch.autograd.gradcheck(lambda c, r: loss(c, r, same), (good.requires_grad_(), bad.requires_grad_()))
    torch.testing.assert_close(loss(good, bad, [2, 0, 3, 1]), loss(good, bad, same)[[2, 0, 3, 1]])


def test_unknown_loss() -> None:
    with pytest.raises(ConfigError, match=r"unknown preference loss 'dop'.*Did you mean dpo"):
        preference_loss("dop", CHOSEN, REJECTED, beta=0.1)


def test_kto_does_without_no_shift() -> None:
    """A zero in its place would be another loss wherever the policy has moved."""
    with pytest.raises(ConfigError, match="kto needs shift"):
        preference_loss("kto", CHOSEN, REJECTED, beta=0.1)


@pytest.fixture(scope="module")
def trl_batch(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """TRL's DPOTrainer (1.16 on 2026-11-21) on pairs of different lengths, policy and reference different models."""
    for package in ("trl", "datasets"):
        pytest.importorskip(package)
    from xleval.training.installed import import_trl

    import_trl()
    from datasets import Dataset
    from trl import DPOConfig, DPOTrainer

    from tests.training.preference import tiny

    rows = [{"prompt": f"q{n}: ", "chosen": "yes" * (n + 1), "rejected": "no, " * (3 - n)} for n in range(3)]
    found: dict[str, Any] = {"policy": tiny.model(1), "reference": tiny.model(2)}
    for name in ("sigmoid", "ipo"):
        args = DPOConfig(
            output_dir=str(tmp_path_factory.mktemp("dpo")), loss_type=[name], beta=0.1, use_cpu=True, bf16=False,
            per_device_train_batch_size=3, report_to=[], gradient_checkpointing=False, disable_tqdm=True,
        )  # fmt: skip
        trainer = DPOTrainer(
            model=found["policy"], ref_model=found["reference"], args=args, train_dataset=Dataset.from_list(rows),
            processing_class=tiny.tokenizer(),
        )  # fmt: skip
        batch = next(iter(trainer.get_train_dataloader()))
        found[name] = (batch, trainer.compute_loss(trainer.model, batch).item())
    return found


@pytest.mark.parametrize(("name", "ours"), [("sigmoid", dpo), ("ipo", ipo)])
def test_equals_the_trainer_of_trl(trl_batch: dict[str, Any], name: str, ours: Any) -> None:
    from xleval.training.losses.log_probs import IGNORED, answer_log_probs

    batch, expected = trl_batch[name]
    labels = batch["input_ids"].masked_fill(batch["completion_mask"] == 0, IGNORED)
    inputs = {"input_ids": batch["input_ids"], "attention_mask": batch["attention_mask"]}
    with torch.no_grad():
        policy = answer_log_probs(trl_batch["policy"](**inputs).logits, labels)
        reference = answer_log_probs(trl_batch["reference"](**inputs).logits, labels)
    scored = [
        type(CHOSEN)(policy=AnswerLogProbs(sums=p, n_tokens=n), reference=r)
        for p, n, r in zip(
            policy.sums.chunk(2), policy.n_tokens.chunk(2), reference.sums.chunk(2), strict=True
        )
    ]  # fmt: skip
    assert ours(*scored, beta=0.1).mean().item() == pytest.approx(expected, rel=1e-5)


def test_equals_the_odds_ratio_of_trl() -> None:
    """`ORPOTrainer.odds_ratio_loss` of trl 1.16 returns what is taken off the NLL: the loss with the other sign."""
    pytest.importorskip("trl")
    from xleval.training.installed import import_trl

    import_trl()
    from trl.experimental.orpo import ORPOTrainer

    good, bad = torch.tensor([-0.3, -1.2, -2.0]), torch.tensor([-0.9, -0.4, -5.0])
    trainer = SimpleNamespace(beta=0.1, accelerator=SimpleNamespace(device="cpu"))
    expected = -ORPOTrainer.odds_ratio_loss(trainer, good, bad)[0]
    found = orpo(answers(good, [0.0] * 3), answers(bad, [0.0] * 3), beta=0.1)
    torch.testing.assert_close(found.float(), expected)
