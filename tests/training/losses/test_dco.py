"""DCO's loss: worked by hand, and what its minimum means."""

import pytest

pytest.importorskip("torch")

import torch

from tests.training.losses.answers import answers
from xleval.training.losses.dco import dco


def test_by_hand() -> None:
    """o1 = -1 + 3 = 2, o2 = -2 + 1 = -1; r1 = (-1 + 1) - (-4 + 3) = 1, r2 = (-2 + 2) - (-1 + 1) = 0; beta 2.

    |1 - -1/2| + |0 - 2 * 2| = 1.5 + 4.
    """
    chosen = answers([-1.0], [-1.0]), answers([-2.0], [-2.0])
    rejected = answers([-4.0], [-3.0]), answers([-1.0], [-1.0])
    assert dco(chosen, rejected, beta=2).item() == 5.5


def test_before_the_first_step_it_is_what_the_languages_disagree_by() -> None:
    """r = 0: |o2 / beta| + |beta o1|."""
    chosen = answers([-1.0], [-1.0]), answers([-5.0], [-5.0])
    rejected = answers([-2.0], [-2.0]), answers([-2.0], [-2.0])
    assert dco(chosen, rejected, beta=1).item() == 4


@pytest.mark.parametrize("beta", [0.5, 1.0, 3.0])
def test_at_its_minimum_both_languages_prefer_the_same_option(beta: float) -> None:
    """Minimised by gradient from references that disagree: margins o1 + o2 / beta and o2 + beta o1, of one sign."""
    offsets = torch.tensor([[2.0, -1.0], [-0.5, 3.0], [1.0, 1.0], [-4.0, 1.5]], dtype=torch.float64)
    reference = [offsets[:, 0].tolist(), [0.0] * 4, offsets[:, 1].tolist(), [0.0] * 4]
    policy = torch.tensor(reference, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([policy], lr=0.02)
    for _ in range(800):
        some = [answers(policy[row], reference[row]) for row in range(4)]
        loss = dco((some[0], some[2]), (some[1], some[3]), beta=beta)
        optimizer.zero_grad()
        loss.sum().backward()
        optimizer.step()
    assert loss.max().item() < 0.2
    margins = torch.stack([policy[0] - policy[1], policy[2] - policy[3]], 1).detach()
    expected = torch.stack([offsets[:, 0] + offsets[:, 1] / beta, offsets[:, 1] + beta * offsets[:, 0]], 1)
    torch.testing.assert_close(margins, expected, atol=0.2, rtol=0)
    assert (torch.sign(expected[:, 0]) == torch.sign(expected[:, 1])).all()


def test_gradient_and_order_of_the_batch() -> None:
    policy = -4 * torch.rand(4, 3, generator=torch.Generator().manual_seed(5), dtype=torch.float64)

    def loss(values: torch.Tensor, at: list[int]) -> torch.Tensor:
        some = [answers(values[row, at], [[-1.0, -2.0, -0.7][place] for place in at]) for row in range(4)]
        return dco((some[0], some[2]), (some[1], some[3]), beta=1.5)

    assert torch.autograd.gradcheck(lambda x: loss(x, [0, 1, 2]), policy.requires_grad_())
    torch.testing.assert_close(loss(policy, [1, 2, 0]), loss(policy, [0, 1, 2])[[1, 2, 0]])
