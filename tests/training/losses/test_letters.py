"""The loss over letters: worked by hand, and that disagreement is between options, not letters."""

import math

import pytest

pytest.importorskip("torch")

import torch

from xleval.training.losses.letters import letter_loss


def logits_of(*rows: list[float]) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.float64).log()


def test_by_hand() -> None:
    """Two languages of one fact, p = (3/4, 1/4) and (1/4, 3/4), gold the first option.

    Cross-entropy: (log 4/3 + log 4) / 2. Mean (1/2, 1/2): KL = 1/2 log(2/3) + 1/2 log 2 = 1/2 log(4/3) for both.
    """
    found = letter_loss(
        logits_of([0.75, 0.25], [0.25, 0.75]), torch.tensor([0, 0]), torch.tensor([7, 7]), consistency_weight=0.5
    )
    assert found.cross_entropy.item() == pytest.approx((math.log(4 / 3) + math.log(4)) / 2, abs=1e-12)
    assert found.disagreement.item() == pytest.approx(0.5 * math.log(4 / 3), abs=1e-12)
    assert found.total.item() == pytest.approx(found.cross_entropy.item() + 0.25 * math.log(4 / 3), abs=1e-12)


def test_languages_that_agree_and_facts_in_one_language_add_nothing() -> None:
    same = letter_loss(logits_of([0.6, 0.4], [0.6, 0.4]), torch.tensor([0, 1]), torch.tensor([1, 1]))
    alone = letter_loss(logits_of([0.9, 0.1], [0.2, 0.8]), torch.tensor([0, 1]), torch.tensor([1, 2]))
    assert same.disagreement.item() == pytest.approx(0, abs=1e-12)
    assert alone.disagreement.item() == 0


def test_equals_the_kl_divergence_of_torch() -> None:
    """As PolyFact's trainer computes it: `kl_div` of the detached mean, `batchmean`; torch 2.13."""
    logits = torch.randn(5, 4, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    found = letter_loss(logits, torch.zeros(5, dtype=torch.long), torch.zeros(5, dtype=torch.long))
    log_p = logits.log_softmax(-1)
    mean = log_p.exp().mean(0, keepdim=True).expand(5, 4)
    expected = torch.nn.functional.kl_div(log_p, mean, reduction="batchmean")
    torch.testing.assert_close(found.disagreement, expected)


def test_gradient_goes_through_the_languages_but_not_the_mean() -> None:
    """The KL to a fixed mean m has the gradient (p_l - m) / languages in the logits of language l."""
    logits = torch.randn(3, 4, generator=torch.Generator().manual_seed(4), dtype=torch.float64).requires_grad_()
    letter_loss(logits, torch.zeros(3, dtype=torch.long), torch.zeros(3, dtype=torch.long)).disagreement.backward()
    p = logits.detach().softmax(-1)
    assert logits.grad is not None
    torch.testing.assert_close(logits.grad, (p - p.mean(0)) / 3)
    single = torch.randn(2, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(6)).requires_grad_()
    gold, facts = torch.tensor([1, 3]), torch.tensor([0, 1])
    assert torch.autograd.gradcheck(lambda x: letter_loss(x, gold, facts).total, single)
