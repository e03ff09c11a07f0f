"""CLO's loss of a batch of pairs: worked by hand, its settings, its gradient."""

import math
from typing import Any

import pytest

pytest.importorskip("torch")

import torch

from tests.training.losses.answers import answers
from xleval.training.losses.clo import Direction, clo
from xleval.training.losses.preference import orpo

#: h: English prompt 2 and -3, target prompt 1 and -1; the chosen target answer has log p -8 over 4 tokens.
ENGLISH = Direction(chosen=answers([-2.0], [-4.0], [2.0]), rejected=answers([-6.0], [-3.0], [3.0]))
TARGET = Direction(chosen=answers([-8.0], [-9.0], [4.0]), rejected=answers([-5.0], [-4.0], [2.0]))
#: -log s(0.1 * 5) and -log s(0.1 * 2).
ONE, OTHER = 0.47407698, 0.59813887


def settings(**changes: Any) -> dict[str, Any]:
    return {"sft_weight": 0.5, "beta": 0.1, **changes}


def test_as_the_paper_states_it_by_hand() -> None:
    """L_CL = (0.474077 + 0.598139) / 2 = 0.536108; L_SFT = 8 / 4 = 2; L = 0.5 * 2 + 0.5 * 0.536108 = 1.268054."""
    found = clo(ENGLISH, TARGET, **settings())
    assert found.cross_lingual.item() == pytest.approx((ONE + OTHER) / 2, abs=1e-7)
    assert found.sft.item() == 2
    assert found.total.item() == pytest.approx(1 + 0.25 * (ONE + OTHER), abs=1e-7)


def test_sum_of_the_directions_is_twice_their_mean() -> None:
    found = clo(ENGLISH, TARGET, **settings(reduction="sum"))
    assert found.cross_lingual.item() == pytest.approx(ONE + OTHER, abs=1e-7)
    assert found.total.item() == pytest.approx(1 + 0.5 * (ONE + OTHER), abs=1e-7)


@pytest.mark.parametrize(("nll_on", "sft"), [("target", 8 / 4), ("both", (8 + 2) / (4 + 2)), ("none", 0)])
def test_nll_on(nll_on: Any, sft: float) -> None:
    """On both: all tokens of both right answers, 10 nats over 6 tokens. The rejected answers are never learnt."""
    found = clo(ENGLISH, TARGET, **settings(sft_weight=0.2, nll_on=nll_on))
    assert found.sft.item() == pytest.approx(sft, abs=1e-12)
    assert found.total.item() == pytest.approx(0.2 * sft + 0.8 * (ONE + OTHER) / 2, abs=1e-7)


def test_with_orpo_it_is_half_of_orpo() -> None:
    """ORPO's loss of both prompts: NLL of all tokens of the chosen answers + the mean of its two odds terms."""
    found = clo(ENGLISH, TARGET, **settings(preference="orpo", nll_on="both"))
    odds = [orpo(each.chosen, each.rejected, beta=0.1).item() for each in (ENGLISH, TARGET)]
    assert found.total.item() == pytest.approx(0.5 * (10 / 6 + sum(odds) / 2), abs=1e-12)


def both_directions(policy: torch.Tensor, at: list[int]) -> tuple[Direction, Direction]:
    """Pairs from (n, 4) log-probabilities: English chosen, rejected, target chosen, rejected."""
    counts, reference = [1.0, 2.0, 4.0], [-1.5, -2.5, -0.5]
    some = [
        answers(policy[at, column], [reference[place] for place in at], [counts[place] for place in at])
        for column in range(4)
    ]
    return Direction(chosen=some[0], rejected=some[1]), Direction(chosen=some[2], rejected=some[3])


@pytest.mark.parametrize("preference", ["dpo", "ipo", "kto", "orpo"])
@pytest.mark.parametrize("nll_on", ["target", "both", "none"])
def test_gradient_and_order_of_the_batch(preference: str, nll_on: Any) -> None:
    policy = -4 * torch.rand(3, 4, generator=torch.Generator().manual_seed(3), dtype=torch.float64) - 0.5

    def total(values: torch.Tensor, at: list[int]) -> torch.Tensor:
        shift = torch.tensor(0.1, dtype=torch.float64)
        return clo(*both_directions(values, at), **settings(preference=preference, nll_on=nll_on, shift=shift)).total

    assert torch.autograd.gradcheck(lambda x: total(x, [0, 1, 2]), policy.requires_grad_())
    torch.testing.assert_close(total(policy, [2, 0, 1]), total(policy, [0, 1, 2]))


def test_a_step_against_the_gradient_prefers_the_language_of_the_prompt() -> None:
    """Without NLL: both right answers gain, both wrong ones lose."""
    policy = torch.full((1, 4), -3.0, dtype=torch.float64, requires_grad=True)
    clo(*both_directions(policy, [0]), **settings(nll_on="none")).total.backward()
    assert policy.grad is not None
    assert torch.sign(policy.grad).tolist() == [[-1, 1, -1, 1]]
    assert math.isclose(policy.grad.sum().item(), 0, abs_tol=1e-15)
