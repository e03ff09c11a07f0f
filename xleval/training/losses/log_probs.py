"""Log-probabilities of answers: what every loss here is a function of."""

from dataclasses import dataclass

import torch
from torch import Tensor

#: Label of a token that is no part of an answer: a prompt's, or padding.
IGNORED = -100


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLogProbs:
    """Log-probabilities of answers given their prompts, in nats.

    Attributes:
        sums: log p(answer | prompt), summed over the answer's tokens; any shape, at most 0.
        n_tokens: tokens of each answer; same shape, as numbers with a fraction, 0 where there is none.
    """

    sums: Tensor
    n_tokens: Tensor

    def means(self) -> Tensor:
        """Return the mean log-probability of a token of each answer; 0 for an answer without tokens."""
        return self.sums / self.n_tokens.clamp(min=1)


def token_log_probs(logits: Tensor, labels: Tensor) -> Tensor:
    """Return log p(token t | tokens before t) for each labelled token, and 0 elsewhere.

    logits[:, t] predict the token at t + 1, so that the first label is never scored. Only labelled places are computed:
    what padding holds, numbers that are none included, reaches neither the value nor the gradient. Half precision is
    computed in float32, as `selective_log_softmax` of TRL does not: sums over an answer of 500 tokens need it.

    Args:
        logits: (batch, length, vocabulary), not normalised.
        labels: (batch, length); `IGNORED` for what is not scored.

    Returns:
        (batch, length - 1).
    """
    targets = labels[:, 1:]
    scored = targets != IGNORED
    rows = logits[:, :-1][scored]
    if rows.dtype in (torch.float16, torch.bfloat16):
        rows = rows.float()
    values = rows.gather(-1, targets[scored].unsqueeze(-1)).squeeze(-1) - rows.logsumexp(-1)
    return torch.zeros(targets.shape, dtype=values.dtype, device=values.device).masked_scatter(scored, values)


def answer_log_probs(logits: Tensor, labels: Tensor) -> AnswerLogProbs:
    """Return the log-probability of each row's labelled tokens: shape (batch,), as `token_log_probs`."""
    values = token_log_probs(logits, labels)
    return AnswerLogProbs(sums=values.sum(-1), n_tokens=(labels[:, 1:] != IGNORED).sum(-1).to(values.dtype))
