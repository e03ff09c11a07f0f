"""What is minimised over a batch of pairs: `clo`, `dco` and `cm-align` as functions of a `ScoredBatch`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from torch import Tensor

from xleval.training.config.schema import LossConfig
from xleval.training.losses.clo import Direction, clo
from xleval.training.losses.dco import dco
from xleval.training.losses.preference import dpo, kto_shift
from xleval.training.preference.collate import ScoredBatch
from xleval.training.preference.curves import agreement_figures, pair_figures


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLoss:
    """The loss of a batch, with gradient, and its parts for the curves."""

    total: Tensor
    parts: Mapping[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """What is minimised, and what is watched.

    Attributes:
        loss: of a batch.
        figures: (name, value) of each pair and direction of a batch; their means are points of curves, and the measure
            of held-out pairs.
    """

    loss: Callable[[ScoredBatch], BatchLoss]
    figures: Callable[[ScoredBatch], Iterable[tuple[str, float]]]


def clo_objective(loss: LossConfig) -> Objective:
    """Return CLO's loss (`losses.clo`) of pairs whose first direction is the English prompt."""

    def loss_of(batch: ScoredBatch) -> BatchLoss:
        shift = kto_shift(batch.answers(4, 5)) if loss.preference == "kto" else None
        found = clo(
            Direction(chosen=batch.answers(0), rejected=batch.answers(1)),
            Direction(chosen=batch.answers(2), rejected=batch.answers(3)),
            sft_weight=loss.sft_weight,
            beta=loss.beta,
            nll_on=loss.nll_on,
            preference=loss.preference,
            reduction=loss.reduction,
            shift=shift,
        )
        parts = {"loss/sft": found.sft, "loss/cross_lingual": found.cross_lingual}
        return BatchLoss(total=found.total, parts=parts if shift is None else {**parts, "kto_shift": shift})

    return Objective(loss=loss_of, figures=partial(pair_figures, beta=loss.beta))


def dco_objective(loss: LossConfig) -> Objective:
    """Return DCO's loss (`losses.dco`), the mean over facts."""

    def loss_of(batch: ScoredBatch) -> BatchLoss:
        chosen, rejected = (batch.answers(0), batch.answers(2)), (batch.answers(1), batch.answers(3))
        return BatchLoss(total=dco(chosen, rejected, beta=loss.beta).mean())

    return Objective(loss=loss_of, figures=partial(agreement_figures, beta=loss.beta))


def cm_align_objective(loss: LossConfig) -> Objective:
    """Return L_DPO + gamma L_NLL, means over pairs; L_NLL of a pair is the mean over its chosen answer's tokens.

    Source: PolyFact's CM-Align (`train_wikifact_cmalign_dpo.py`, read 2026-11-21), after Zhang et al. 2025 (arXiv
    2509.08541).
    """

    def loss_of(batch: ScoredBatch) -> BatchLoss:
        chosen = batch.answers(0)
        preferred = dpo(chosen, batch.answers(1), beta=loss.beta).mean()
        nll = -chosen.policy.means().mean()
        total = preferred + loss.gamma * nll
        return BatchLoss(total=total, parts={"loss/preference": preferred, "loss/sft": nll})

    return Objective(loss=loss_of, figures=partial(pair_figures, beta=loss.beta))
