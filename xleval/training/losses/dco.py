"""Direct consistency optimisation (DCO): two languages prefer the same answers, whichever is right."""

from torch import Tensor

from xleval.training.losses.preference import ScoredAnswers


def dco(
    chosen: tuple[ScoredAnswers, ScoredAnswers], rejected: tuple[ScoredAnswers, ScoredAnswers], *, beta: float
) -> Tensor:
    """Return |r1 - o2 / beta| + |r2 - beta o1| for each fact, shape (n,).

    For language i: o_i = log q(chosen) - log q(rejected) is what the reference q prefers, and
    r_i = (log p - log q)(chosen) - (log p - log q)(rejected) is how far the policy p has moved; sums over tokens. At 0
    the policy's margins are o1 + o2 / beta and o2 + beta o1, one beta times the other: both languages prefer the same of
    the two answers, the one that the reference prefers in sum, each language weighed by its confidence.
    "Chosen" only names one of two options, drawn at random: no right answer is used.

    Source: Liu et al. 2026 (arXiv 2603.04678) as its authors' trainer computes it (Betswish/ConsistencyRL at b6ca664,
    `dco_loss`: sign, absolute values and the place of 1 / beta read there on 2026-11-21), where beta is 1; 1 / beta and
    beta are the weights of the two directions, whose product has to be 1.

    Args:
        chosen, rejected: of the first and of the second language, the same options by id.
        beta: above 1, the second language is drawn more to the first than the first to the second.
    """
    offsets = [good.reference - bad.reference for good, bad in zip(chosen, rejected, strict=True)]
    moved = [good.log_ratios() - bad.log_ratios() for good, bad in zip(chosen, rejected, strict=True)]
    return (moved[0] - offsets[1] / beta).abs() + (moved[1] - beta * offsets[0]).abs()
