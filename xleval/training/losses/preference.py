"""Preference losses: of a chosen and a rejected answer to the same prompt.

All take `ScoredAnswers` of shape (n,) and return one loss for each pair, (n,). In the formulas, for an answer y to a
prompt x: h(y) = log p(y | x) - log q(y | x), of the policy p and the reference q, summed over tokens; |y| its tokens;
s the logistic function.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import torch
import torch.nn.functional as F
from torch import Tensor

from xleval.errors import ConfigError, unknown_name
from xleval.training.losses.log_probs import AnswerLogProbs

PreferenceName = Literal["dpo", "ipo", "kto", "orpo"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredAnswers:
    """Answers as the policy and the reference see them.

    Attributes:
        policy: log-probabilities under the model in training.
        reference: summed log-probabilities under the model that the training began with; no gradient.
    """

    policy: AnswerLogProbs
    reference: Tensor

    def log_ratios(self) -> Tensor:
        """Return h(y); beta times it is the reward that DPO implies."""
        return self.policy.sums - self.reference


def dpo(chosen: ScoredAnswers, rejected: ScoredAnswers, *, beta: float) -> Tensor:
    """Return -log s(beta (h(chosen) - h(rejected))).

    Source: Rafailov et al. 2023 (arXiv 2305.18290), eq. 7; TRL's `sigmoid`. log 2 where policy and reference agree.
    """
    return -F.logsigmoid(beta * (chosen.log_ratios() - rejected.log_ratios()))


def ipo(chosen: ScoredAnswers, rejected: ScoredAnswers, *, beta: float) -> Tensor:
    """Return (h(chosen) / |chosen| - h(rejected) / |rejected| - 1 / (2 beta))^2.

    Source: Azar et al. 2023 (arXiv 2310.12036), eq. 17, with beta for their tau and means over tokens instead of sums:
    so does TRL's `ipo`, which asked the authors. The two languages of a pair differ in length; sums would differ by it.
    """
    gap = chosen.log_ratios() / chosen.policy.n_tokens.clamp(min=1)
    gap = gap - rejected.log_ratios() / rejected.policy.n_tokens.clamp(min=1)
    return (gap - 1 / (2 * beta)) ** 2


def kto_shift(unrelated: ScoredAnswers) -> Tensor:
    """Return KTO's z, an estimate of KL(policy || reference): the mean h of answers to other prompts, at least 0.

    Source: Ethayarajh et al. 2024 (arXiv 2402.01306), section 4.1: prompts with the answers of other rows of the batch;
    no gradient goes through it. TRL takes each row's neighbour in the same way.
    """
    return unrelated.log_ratios().mean().detach().clamp(min=0)


def kto(chosen: ScoredAnswers, rejected: ScoredAnswers, *, beta: float, shift: Tensor) -> Tensor:
    """Return the mean of 1 - s(beta (h(chosen) - z)) and 1 - s(beta (z - h(rejected))).

    Source: Ethayarajh et al. 2024 (arXiv 2402.01306), eq. 8, both weights 1. In pairs there are as many chosen as
    rejected answers; the mean over pairs is KTO's mean over answers.

    Args:
        shift: z of `kto_shift`.
    """
    return (2 - torch.sigmoid(beta * (chosen.log_ratios() - shift)) - torch.sigmoid(
        beta * (shift - rejected.log_ratios())
    )) / 2  # fmt: skip


def orpo(chosen: ScoredAnswers, rejected: ScoredAnswers, *, beta: float) -> Tensor:
    """Return -beta log s(log odds(chosen) - log odds(rejected)), odds(y) = P / (1 - P), log P = log p(y | x) / |y|.

    Source: Hong et al. 2024 (arXiv 2403.07691), eqs. 4 to 7; beta is their lambda, as in TRL, where the NLL of the chosen
    answer is added. There is no reference model. In CLO with lambda 0.5 and the NLL on both answers, the sum is half
    of ORPO's loss.
    """
    good, bad = chosen.policy.means(), rejected.policy.means()
    return -beta * F.logsigmoid((good - bad) - (_log_one_minus_exp(good) - _log_one_minus_exp(bad)))


def _log_one_minus_exp(x: Tensor) -> Tensor:
    """Return log(1 - e^x) for x <= 0, kept finite at 0: a certain answer has odds of 1 / (1 - e^-1e-7), not infinite."""
    x = x.clamp(max=-1e-7)
    near = x > -0.6931472  # log 2: below it log1p is exact, above it expm1
    return torch.where(
        near,
        torch.log(-torch.expm1(torch.where(near, x, torch.full_like(x, -0.5)))),
        torch.log1p(-torch.exp(torch.where(near, torch.full_like(x, -1.0), x))),
    )


def preference_loss(
    name: str, chosen: ScoredAnswers, rejected: ScoredAnswers, *, beta: float, shift: Tensor | None = None
) -> Tensor:
    """Return the loss of each pair under the preference loss of a name.

    Args:
        name: `dpo`, `ipo`, `kto` or `orpo`.
        chosen, rejected: (n,).
        beta: its strength; above 0.
        shift: z of `kto_shift`; needed for `kto`, else unused.

    Raises:
        ConfigError: no such loss, or `kto` without `shift`.
    """
    if name == "kto":
        if shift is None:
            raise ConfigError("the preference loss kto needs shift; give what kto_shift returns, not a zero")
        return kto(chosen, rejected, beta=beta, shift=shift)
    losses = {"dpo": dpo, "ipo": ipo, "orpo": orpo}
    if name not in losses:
        raise unknown_name("preference loss", name, get_args(PreferenceName))
    return losses[name](chosen, rejected, beta=beta)
