"""Preference pairs as a batch of tensors, and what a model says of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from xleval.training.losses.log_probs import IGNORED, AnswerLogProbs, answer_log_probs
from xleval.training.losses.preference import ScoredAnswers
from xleval.training.preference.tokens import AnswerTokens, TokenPairs


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferencedPairs:
    """A pair with the summed log-probabilities of its answers under the reference, in the order of `pairs.answers`."""

    pairs: TokenPairs
    reference: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredBatch:
    """Pairs as policy and reference see them.

    Attributes:
        policy: (pairs, answers of a pair).
        reference: (pairs, answers of a pair).
        directions: names of the directions of each pair.
    """

    policy: AnswerLogProbs
    reference: Tensor
    directions: Sequence[tuple[str, ...]]

    def answers(self, *columns: int) -> ScoredAnswers:
        """Return the answers in some columns: one after the other where there are several."""
        at = list(columns)
        policy = AnswerLogProbs(
            sums=self.policy.sums[:, at].T.reshape(-1), n_tokens=self.policy.n_tokens[:, at].T.reshape(-1)
        )
        return ScoredAnswers(policy=policy, reference=self.reference[:, at].T.reshape(-1))


def pad_answers(answers: Sequence[AnswerTokens], pad_id: int) -> dict[str, Tensor]:
    """Return answers as `input_ids`, `attention_mask`, `position_ids` and `labels`, each (answers, longest).

    Padding stands left, so that all answers end in the last column and the model's head is asked for no more columns
    than the longest answer has; it is masked by place, whatever token it is. Positions count from the first token.
    """
    width = max(len(each.ids) for each in answers)
    gaps = [width - len(each.ids) for each in answers]
    ids = [[pad_id] * gap + list(each.ids) for gap, each in zip(gaps, answers, strict=True)]
    labels = [[IGNORED] * (width - each.n_answer) + list(each.ids[-each.n_answer :]) for each in answers]
    mask = [[0] * gap + [1] * len(each.ids) for gap, each in zip(gaps, answers, strict=True)]
    attended = torch.tensor(mask)
    return {
        "input_ids": torch.tensor(ids),
        "attention_mask": attended,
        "position_ids": (attended.cumsum(-1) - 1).clamp(min=0),
        "labels": torch.tensor(labels),
    }


def collate(rows: Sequence[ReferencedPairs], pad_id: int) -> dict[str, Any]:
    """Return a batch: the tensors of `pad_answers`, pair after pair, `reference` and `directions`."""
    batch: dict[str, Any] = pad_answers([each for row in rows for each in row.pairs.answers], pad_id)
    batch["reference"] = torch.tensor([row.reference for row in rows])
    batch["directions"] = [row.pairs.directions for row in rows]
    return batch


def model_log_probs(model: Any, batch: dict[str, Any], *, keeps_logits: bool) -> AnswerLogProbs:
    """Return the log-probability of each answer of a batch, (answers,), with gradient.

    Args:
        model: causal, of transformers or peft, or what accelerate wraps around it.
        batch: of `pad_answers`.
        keeps_logits: whether the model can be asked for the last columns only (`logits_to_keep`).
    """
    labels = batch["labels"]
    width = labels.shape[1]
    columns = width
    if keeps_logits:
        columns = min(width, int((labels != IGNORED).sum(-1).max()) + 1)  # one more: it predicts the first
    asked = {"logits_to_keep": columns} if keeps_logits else {}
    logits = model(
        input_ids=batch["input_ids"],
        attention_mask=batch["attention_mask"],
        position_ids=batch["position_ids"],
        use_cache=False,
        **asked,
    ).logits
    return answer_log_probs(logits, labels[:, width - columns :])
