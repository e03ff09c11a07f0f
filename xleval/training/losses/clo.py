"""Cross-lingual optimisation (CLO): answer in the language of the question."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from xleval.training.losses.log_probs import AnswerLogProbs
from xleval.training.losses.preference import ScoredAnswers, preference_loss
from xleval.training.losses.sft import answer_nll


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """One prompt of a pair with the answer in its language and the answer in the other one; shapes (n,).

    Attributes:
        chosen: answers in the language of the prompt.
        rejected: the same answers in the other language.
    """

    chosen: ScoredAnswers
    rejected: ScoredAnswers


@dataclass(frozen=True, slots=True, kw_only=True)
class CloLoss:
    """The loss of a batch of pairs and its parts, numbers.

    Attributes:
        total: lambda L_SFT + (1 - lambda) L_CL.
        sft: L_SFT; 0 under `nll_on: none`.
        cross_lingual: L_CL.
    """

    total: Tensor
    sft: Tensor
    cross_lingual: Tensor


def clo(
    english: Direction,
    target: Direction,
    *,
    sft_weight: float,
    beta: float,
    nll_on: Literal["target", "both", "none"] = "target",
    preference: str = "dpo",
    reduction: Literal["sum", "mean"] = "mean",
    shift: Tensor | None = None,
) -> CloLoss:
    """Return L = lambda L_SFT + (1 - lambda) L_CL of a batch of pairs.

    L_CL is, over pairs, the mean of the sum (`sum`) or of the mean (`mean`) of two preference losses: to the English
    prompt the English answer is preferred to the target's, to the target prompt the target's answer to the English one.
    L_SFT is `sft.answer_nll` of the target answers, or of both.

    Source: Lee et al. 2025 (arXiv 2505.14297); the formula and lambda 0.5, beta 0.1, DPO, NLL on the target only as
    secondary notes have them ([S], docs/paper_index.md). Not stated there and open here: `reduction` (a factor of 2
    against L_SFT; `sum` is what two added terms mean as written), and the normalisation of L_SFT (by tokens here). The
    other preference losses are not the paper's.

    Args:
        english, target: the two directions of the same n pairs.
        sft_weight: lambda, 0 to 1; `nll_on: none` leaves (1 - lambda) L_CL.
        shift: KTO's z, see `preference.kto_shift`.
    """
    both = preference_loss(preference, english.chosen, english.rejected, beta=beta, shift=shift)
    both = both + preference_loss(preference, target.chosen, target.rejected, beta=beta, shift=shift)
    cross_lingual = both.mean() if reduction == "sum" else both.mean() / 2
    sft = _nll(english, target, nll_on)
    return CloLoss(
        total=sft_weight * sft + (1 - sft_weight) * cross_lingual, sft=sft, cross_lingual=cross_lingual
    )  # fmt: skip


def _nll(english: Direction, target: Direction, nll_on: str) -> Tensor:
    """Return L_SFT on the answers in the language of their prompts that it is asked for; over all their tokens."""
    answers = {"target": [target], "both": [target, english], "none": []}[nll_on]
    if not answers:
        return torch.zeros_like(target.chosen.policy.sums.sum())
    policy = [each.chosen.policy for each in answers]
    joined = AnswerLogProbs(
        sums=torch.stack([each.sums for each in policy]), n_tokens=torch.stack([each.n_tokens for each in policy])
    )
    return answer_nll(joined)
