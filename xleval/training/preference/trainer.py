"""A transformers Trainer for preference pairs: one loss function, a reference computed once, curves by direction."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from xleval.training.installed import import_trl
from xleval.training.losses.log_probs import AnswerLogProbs
from xleval.training.preference.collate import ReferencedPairs, ScoredBatch, collate, model_log_probs, pad_answers
from xleval.training.preference.curves import Means
from xleval.training.preference.model_facts import keeps_logits, without_adapter
from xleval.training.preference.objectives import Objective
from xleval.training.preference.tokens import TokenPairs

import_trl()

from transformers import Trainer  # noqa: E402  (after import_trl, which silences what it warns about)


class PreferenceTrainer(Trainer):
    """Trains on pairs with all their answers in one batch: a row of the data is a pair, so a batch of 8 is 8 pairs.

    Call `set_pairs` before `train`.

    Args:
        objective: the loss of a batch and what is watched.
        pad_id: token that pads.
        rest: of `transformers.Trainer`.
    """

    def __init__(self, *, objective: Objective, pad_id: int, **rest: Any) -> None:
        super().__init__(data_collator=partial(collate, pad_id=pad_id), **rest)
        # else transformers takes the loss for one over a whole accumulated batch, and does not divide it
        self.model_accepts_loss_kwargs = False
        self._objective, self._pad_id = objective, pad_id
        self._means = Means()
        self._keeps_logits = keeps_logits(self.model)

    def set_pairs(self, rows: Sequence[TokenPairs]) -> None:
        """Train on these pairs; the reference is the model as it is now, without an adapter's part."""
        self.train_dataset = self.referenced(rows)

    def referenced(self, rows: Sequence[TokenPairs]) -> list[ReferencedPairs]:
        """Return pairs with the log-probabilities of their answers under the model as it is now, without its adapter.

        They are computed once, so that no second model stays in memory, in the precision of the training.
        """
        scores = self._log_probs(rows, as_reference=True).sums.tolist()
        return [ReferencedPairs(pairs=row, reference=tuple(each)) for row, each in zip(rows, scores, strict=True)]

    def score(self, rows: Sequence[ReferencedPairs]) -> ScoredBatch:
        """Return pairs as the model now sees them, without gradient and on the CPU."""
        policy = self._log_probs([row.pairs for row in rows], as_reference=False)
        reference = torch.tensor([row.reference for row in rows])
        return ScoredBatch(policy=policy, reference=reference, directions=[row.pairs.directions for row in rows])

    def _log_probs(self, rows: Sequence[TokenPairs], *, as_reference: bool) -> AnswerLogProbs:
        """Return (pairs, answers of a pair), each process computing its share of the pairs."""
        from accelerate.utils import gather_object

        model = self.accelerator.unwrap_model(self.model)
        was_training = model.training
        model.eval()
        adapter = without_adapter(model) if as_reference else without_adapter(None)
        with self.accelerator.split_between_processes(list(rows)) as share, adapter:
            found = self._share_log_probs(model, share)
        model.train(was_training)
        sums, counts = zip(*gather_object(found), strict=True)
        return AnswerLogProbs(sums=torch.tensor(sums), n_tokens=torch.tensor(counts))

    def _share_log_probs(self, model: nn.Module, rows: Sequence[TokenPairs]) -> list[tuple[list[float], list[float]]]:
        size = int(getattr(self.args, "precompute_ref_batch_size", None) or self.args.per_device_train_batch_size)
        found: list[tuple[list[float], list[float]]] = []
        with torch.no_grad(), self.accelerator.autocast():
            for start in range(0, len(rows), size):
                some = rows[start : start + size]
                batch = pad_answers([each for row in some for each in row.answers], self._pad_id)
                batch = {name: tensor.to(self.args.device) for name, tensor in batch.items()}
                flat = model_log_probs(model, batch, keeps_logits=self._keeps_logits)
                shape = (len(some), -1)
                found += zip(flat.sums.view(shape).tolist(), flat.n_tokens.view(shape).tolist(), strict=True)
        return found

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Any:
        """Return the loss of a batch; what the curves need of it is kept until they are written."""
        reference: Tensor = inputs["reference"]
        flat = model_log_probs(model, inputs, keeps_logits=self._keeps_logits)
        policy = AnswerLogProbs(sums=flat.sums.view(reference.shape), n_tokens=flat.n_tokens.view(reference.shape))
        batch = ScoredBatch(policy=policy, reference=reference, directions=inputs["directions"])
        found = self._objective.loss(batch)
        with torch.no_grad():
            for name, value in self._objective.figures(batch):
                self._means.add(name, [value])
            for name, part in found.parts.items():
                self._means.add(name, [float(part.detach())])
        return (found.total, {}) if return_outputs else found.total

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Write a point of every curve: the means since the last one, over all processes."""
        super().log({**logs, **self._gathered()}, start_time)

    def _gathered(self) -> Mapping[str, float]:
        from accelerate.utils import gather_object

        joined = Means()
        for means in gather_object([self._means]):
            joined.join(means)
        self._means = Means()
        return joined.values()
