"""Scored answers from plain numbers."""

from collections.abc import Sequence

import torch

from xleval.training.losses.log_probs import AnswerLogProbs
from xleval.training.losses.preference import ScoredAnswers


def answers(
    policy: Sequence[float] | torch.Tensor, reference: Sequence[float], n_tokens: Sequence[float] | None = None
) -> ScoredAnswers:
    sums = policy if isinstance(policy, torch.Tensor) else torch.tensor(policy, dtype=torch.float64)
    counts = torch.tensor(n_tokens if n_tokens is not None else [1.0] * len(sums), dtype=torch.float64)
    return ScoredAnswers(
        policy=AnswerLogProbs(sums=sums, n_tokens=counts), reference=torch.tensor(reference, dtype=torch.float64)
    )
