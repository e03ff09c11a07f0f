"""The loss over the letters of the options (PolyFact's SFT), and how far a fact's languages disagree."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterLoss:
    """The loss of a batch of facts and its parts, numbers.

    Attributes:
        total: cross-entropy + weight * disagreement.
        cross_entropy: mean over prompts of -log p(right option), in nats; log n for a guess among n.
        disagreement: mean over facts with two or more languages of the mean over languages of KL(mean || language),
            in nats; 0 without such facts.
    """

    total: Tensor
    cross_entropy: Tensor
    disagreement: Tensor


def letter_loss(logits: Tensor, gold: Tensor, facts: Tensor, *, consistency_weight: float = 0.0) -> LetterLoss:
    """Return cross-entropy over the options + consistency_weight * KL(mean over languages || language).

    KL = sum over options of m log(m / p_l), m the mean of the distributions p_l of a fact's languages, without gradient.

    Source: PolyFact's SFT (jvonrad/Lost-in-Mistranslation, `train_multilingual_consistency_lora_sft.py`, read
    2026-11-21): weight 0.5 in its code, 0 in its final runs. Deviation: there the distributions are compared letter by
    letter, although each language has its options in another order; here columns are options, see `logits`.

    Args:
        logits: (rows, options), a row for each prompt: the logit of the letter that stands before an option, columns in
            an order of options that is the same in all languages of a fact.
        gold: (rows,), column of the right option.
        facts: (rows,), a number for each fact; rows of one fact are its languages.
        consistency_weight: 0 for none.
    """
    log_p = logits.log_softmax(-1)
    cross_entropy = -log_p.gather(-1, gold.unsqueeze(-1)).mean()
    disagreement = _disagreement(log_p, facts)
    return LetterLoss(
        total=cross_entropy + consistency_weight * disagreement,
        cross_entropy=cross_entropy,
        disagreement=disagreement,
    )


def _disagreement(log_p: Tensor, facts: Tensor) -> Tensor:
    terms = []
    for fact in sorted(set(facts.tolist())):
        rows = log_p[facts == fact]
        if len(rows) < 2:
            continue
        mean = rows.exp().mean(0).detach()
        terms.append((mean * (mean.clamp(min=torch.finfo(mean.dtype).tiny).log() - rows)).sum(-1).mean())
    return torch.stack(terms).mean() if terms else log_p.new_zeros(())
