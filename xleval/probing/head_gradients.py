"""What the loss of a sentence says of each attention head: the gradient of a mask over heads (LAHIS, arXiv 2511.07498)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from xleval.probing.batches import Sentence, batches
from xleval.probing.losses import SentenceLosses, n_scored, scored
from xleval.probing.model import ProbedModel

LEARNING_RATE = 1e-2
"""Of the trained mask, by AdamW with torch's other defaults (arXiv 2511.07498)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadGradients:
    """The two parts of LAHIS of each sentence of a language; NaN where a sentence has no loss.

    Attributes:
        importance: |g| m, shape (sentences, layers, heads), float32: g is the gradient of the sentence's mean negative
            log-probability in nats to the head's mask m.
        negative: 1 where g m < 0, where more of the head would make the sentence more probable; else 0; same shape.
    """

    importance: NDArray[np.float32]
    negative: NDArray[np.float32]


def fixed_mask(
    probed: ProbedModel, sentences: Sequence[Sentence], *, tokens: int, count: Callable[[int], None]
) -> HeadGradients:
    """Return the gradients at a mask of 1: every sentence is seen by the same model.

    Each sentence of a batch has a mask of its own, so one backward pass gives the gradients of all.

    Args:
        sentences: row i is sentence i.
        tokens: of a batch, padding included.
        count: told how many sentences are done.
    """
    losses = SentenceLosses(probed)
    values = _nothing(probed, len(sentences))
    left = scored(sentences)
    lengths = {each.row: n_scored(each) for each in left}
    for batch in batches(left, tokens=tokens, device=probed.device):
        mask = _ones(probed, len(batch.rows))
        with torch.enable_grad(), masked(probed, mask):
            sums = losses.sums(batch)
            means = sums / sums.new_tensor([lengths[row] for row in batch.rows])
            (gradient,) = torch.autograd.grad(means.sum(), [mask])
        values[list(batch.rows)] = gradient.double().cpu().numpy()
        count(len(batch.rows))
    count(len(sentences) - len(left))
    return _parts(values, np.ones_like(values))


def trained_mask(probed: ProbedModel, sentences: Sequence[Sentence], *, count: Callable[[int], None]) -> HeadGradients:
    """Return the gradients at a mask that AdamW updates after every sentence, in the order of the text, as in the original.

    Args:
        sentences, count: as of `fixed_mask`.
    """
    losses = SentenceLosses(probed)
    values, masks = _nothing(probed, len(sentences)), _nothing(probed, len(sentences))
    mask = _ones(probed, 1)
    optimizer = torch.optim.AdamW([mask], lr=LEARNING_RATE)
    left = scored(sentences)
    for sentence in left:
        (batch,) = batches([sentence], tokens=1, device=probed.device)
        with torch.enable_grad(), masked(probed, mask):
            (mask.grad,) = torch.autograd.grad(losses.sums(batch).sum() / n_scored(sentence), [mask])
        values[sentence.row] = mask.grad[0].double().cpu().numpy()
        masks[sentence.row] = mask[0].detach().double().cpu().numpy()
        optimizer.step()
        count(1)
    count(len(sentences) - len(left))
    return _parts(values, masks)


@contextmanager
def masked(probed: ProbedModel, mask: Tensor) -> Iterator[None]:
    """Multiply the output of each query head, before it is projected, by the mask of its sentence; shape (B, L, H)."""

    def hook(number: int) -> Callable[[Any, tuple[Any, ...]], tuple[Any, ...]]:
        def multiply(_: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
            states = args[0]
            heads = states.unflatten(-1, (probed.structure.n_heads, -1))
            weights = mask[:, number, :].to(states.device)[:, None, :, None]
            # The mask is float32 at least, so that the sum behind its gradient is not one of half precision.
            return ((heads * weights).flatten(-2).to(states.dtype), *args[1:])

        return multiply

    handles = [
        layer.heads.register_forward_pre_hook(hook(number)) for number, layer in enumerate(probed.structure.layers)
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _ones(probed: ProbedModel, n_sentences: int) -> Tensor:
    dtype = torch.promote_types(probed.model.dtype, torch.float32)
    shape = (n_sentences, len(probed.structure.layers), probed.structure.n_heads)
    return torch.ones(shape, dtype=dtype, device=probed.device, requires_grad=True)


def _nothing(probed: ProbedModel, n_sentences: int) -> NDArray[np.float64]:
    return np.full((n_sentences, len(probed.structure.layers), probed.structure.n_heads), np.nan)


def _parts(gradients: NDArray[np.float64], masks: NDArray[np.float64]) -> HeadGradients:
    negative = np.where(np.isnan(gradients), np.nan, gradients * masks < 0)
    return HeadGradients(
        importance=(np.abs(gradients) * masks).astype(np.float32), negative=negative.astype(np.float32)
    )
