"""Log-probabilities of answers: worked by hand, with gradient, whatever stands around them."""

import math

import pytest

pytest.importorskip("torch")

import torch

from xleval.training.losses.log_probs import IGNORED, answer_log_probs, token_log_probs
from xleval.training.losses.sft import answer_nll


def padded(logits: torch.Tensor, labels: torch.Tensor, before: int, after: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Add padding columns: numbers that are none, as fully masked rows of attention can leave them, without a label."""

    def fill(n: int) -> torch.Tensor:
        return torch.full((len(logits), n, logits.shape[-1]), float("nan"), dtype=logits.dtype)

    ignored = torch.full_like(labels[:, :1], IGNORED)
    return torch.cat([fill(before), logits, fill(after)], 1), torch.cat(
        [ignored.expand(-1, before), labels, ignored.expand(-1, after)], 1
    )  # fmt: skip


def some_logits(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(3, 6, 5, generator=generator, dtype=torch.float64)
    labels = torch.randint(5, (3, 6), generator=generator)
    labels[:, :2] = IGNORED
    labels[1, 2:4] = IGNORED
    return logits, labels


def test_worked_by_hand() -> None:
    """Vocabulary of 2. Logits (0, ln 3) at place 0 give p = (1/4, 3/4); (ln 2, 0) at place 1 give (2/3, 1/3).

    Labels (-, 1, 0): log 3/4 + log 2/3 = log 1/2; the mean is half of it.
    """
    logits = torch.tensor([[[0.0, math.log(3)], [math.log(2), 0.0], [9.0, 9.0]]], dtype=torch.float64)
    found = answer_log_probs(logits, torch.tensor([[IGNORED, 1, 0]]))
    assert found.sums.item() == pytest.approx(math.log(0.5), abs=1e-12)
    assert found.n_tokens.item() == 2
    assert found.means().item() == pytest.approx(math.log(0.5) / 2, abs=1e-12)


@pytest.mark.parametrize(("before", "after"), [(0, 4), (4, 0), (2, 7)])
def test_padding_changes_neither_value_nor_gradient(before: int, after: int) -> None:
    logits, labels = some_logits()
    logits.requires_grad_()
    plain = answer_log_probs(logits, labels)
    (gradient,) = torch.autograd.grad(plain.sums.sum(), logits)
    wide = answer_log_probs(*padded(logits, labels, before, after))
    (wide_gradient,) = torch.autograd.grad(wide.sums.sum(), logits)
    torch.testing.assert_close(wide.sums, plain.sums)
    torch.testing.assert_close(wide.n_tokens, plain.n_tokens)
    torch.testing.assert_close(wide_gradient, gradient)


def test_gradient_is_that_of_the_definition() -> None:
    logits, labels = some_logits()
    assert torch.autograd.gradcheck(lambda x: token_log_probs(x, labels), logits.requires_grad_())


def test_half_precision_is_summed_in_float32() -> None:
    """600 tokens of log p = -log 2 each: -415.888; bfloat16, with 8 bits, would be off by up to 1."""
    logits = torch.zeros(1, 601, 2, dtype=torch.bfloat16)
    found = answer_log_probs(logits, torch.zeros(1, 601, dtype=torch.long))
    assert found.sums.dtype == torch.float32
    assert found.sums.item() == pytest.approx(-600 * math.log(2), rel=1e-5)


def test_answer_without_a_token_counts_for_nothing() -> None:
    logits, labels = some_logits()
    labels[0] = IGNORED
    found = answer_log_probs(logits, labels)
    assert (found.sums[0].item(), found.n_tokens[0].item(), found.means()[0].item()) == (0, 0, 0)


def test_nll_weighs_tokens_not_answers() -> None:
    """Answers of 1 and 3 tokens with log p -4 and -2: (4 + 2) / 4 = 1.5, not the mean 2.33 of 4 and 2/3."""
    logits, labels = some_logits()
    answers = answer_log_probs(logits, labels)
    by_cross_entropy = torch.nn.functional.cross_entropy(
        logits[:, :-1].reshape(-1, 5), labels[:, 1:].reshape(-1), ignore_index=IGNORED
    )
    torch.testing.assert_close(answer_nll(answers), by_cross_entropy)
    worked = type(answers)(sums=torch.tensor([-4.0, -2.0]), n_tokens=torch.tensor([1.0, 3.0]))
    assert answer_nll(worked).item() == 1.5
