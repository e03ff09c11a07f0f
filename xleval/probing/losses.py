"""Negative log-probabilities of sentences; the logits of a large vocabulary never exist at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from xleval.evalkit.backends.projection import logit_shape
from xleval.probing.batches import Batch, Sentence
from xleval.probing.model import ProbedModel

#: tokens x rows of the output matrix of one slice: 256 x 8,192 numbers stay in a CPU's cache
_SLICES = {"cpu": (256, 8192), "cuda": (4096, 16_384)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """The last step of a decoder: from hidden states behind the final norm to logits.

    Attributes:
        weight: output matrix, shape (V, D).
        bias: of the logits, shape (V,); None without one.
        scale: by which logits are multiplied (Cohere, Granite).
        cap: they are cap * tanh(logit / cap) (Gemma 2); None for logits as they are.
    """

    weight: Tensor
    bias: Tensor | None
    scale: float
    cap: float | None


def n_scored(sentence: Sentence) -> int:
    """Return how many tokens of a sentence have a probability: those of the text behind the first token of all."""
    return max(0, len(sentence.ids) - max(sentence.n_special, 1))


def scored(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Return the sentences that have a loss; one of a single token, with no BOS in front, has none."""
    return [each for each in sentences if n_scored(each)]


class SentenceLosses:
    """Reads the negative log-probability of sentences, with gradients to what stands before the output matrix.

    Whether the output matrix is all that stands between hidden states and logits is tried once; where a model does
    something else there, its own logits are used, which need memory for tokens x vocabulary.

    Args:
        probed: the model; its weights are frozen.
    """

    def __init__(self, probed: ProbedModel) -> None:
        self._model = probed.model
        output = _output(self._model)
        self._output = output if output is not None and self._gives_the_logits(output, probed.device) else None

    def sums(self, batch: Batch) -> Tensor:
        """Return -log p of each sentence, the sum over its scored tokens, in nats; shape (B,), float32 or float64."""
        places = batch.counted[:, 1:]
        targets = batch.ids[:, 1:][places]
        if self._output is None:
            logits = self._model(input_ids=batch.ids, attention_mask=batch.mask, use_cache=False).logits
            rows = logits[:, :-1][places.to(logits.device)]
            losses = torch.nn.functional.cross_entropy(_wide(rows), targets.to(rows.device), reduction="none")
        else:
            hidden = self._hidden(batch.ids, batch.mask)
            losses = token_losses(hidden[:, :-1][places.to(hidden.device)], targets, self._output)
        there = places.to(losses.device)
        return torch.zeros(there.shape, dtype=losses.dtype, device=losses.device).masked_scatter(there, losses).sum(-1)

    def _hidden(self, ids: Tensor, mask: Tensor) -> Tensor:
        states: Tensor = self._model.base_model(input_ids=ids, attention_mask=mask, use_cache=False).last_hidden_state
        return states

    def _gives_the_logits(self, output: Output, device: torch.device) -> bool:
        """Return whether the output matrix gives the log-probabilities that the model itself gives, on four tokens."""
        ids = torch.arange(4, device=device)[None]
        with torch.inference_mode():
            theirs = _wide(self._model(input_ids=ids, use_cache=False).logits[0]).log_softmax(-1)
            hidden = self._hidden(ids, torch.ones_like(ids))[0]
            ours = [token_losses(hidden, torch.full((4,), token, device=device), output) for token in range(4)]
        near = 1e-3 if output.weight.dtype in (torch.float32, torch.float64) else 0.1
        return all(
            torch.allclose(-each, theirs[:, i].to(each.device), atol=near, rtol=0) for i, each in enumerate(ours)
        )


def token_losses(hidden: Tensor, targets: Tensor, output: Output) -> Tensor:
    """Return -log p of tokens in nats, shape (N,), with the gradient to `hidden`; computed in float32 or float64.

    Args:
        hidden: hidden states before each token, shape (N, D).
        targets: token ids, shape (N,).
        output: the output matrix; it gets no gradient.
    """
    device = output.weight.device
    losses: Tensor = _TokenLosses.apply(hidden.to(device), targets.to(device), output)  # type: ignore[no-untyped-call]
    return losses


class _TokenLosses(torch.autograd.Function):
    """log sum exp(z) - z[target]; its gradient is made along the way, so that logits are computed once.

    The mean of output rows under the softmax is added up over slices of the vocabulary with a running maximum, as
    FlashAttention does over keys (arXiv 2205.14135, algorithm 1).
    """

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, targets: Tensor, output: Output) -> Tensor:
        wanted = ctx.needs_input_grad[0]
        n_tokens, _ = _SLICES.get(hidden.device.type, _SLICES["cuda"])
        parts = [
            _losses_of_slice(rows, ids, output, wanted=wanted)
            for rows, ids in zip(torch.split(hidden, n_tokens), torch.split(targets, n_tokens), strict=True)
        ]
        if wanted:
            ctx.save_for_backward(torch.cat([gradient for _, gradient in parts]))
            ctx.dtype = hidden.dtype
        return torch.cat([losses for losses, _ in parts])

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor, None, None]:
        (gradient,) = ctx.saved_tensors
        return (gradient * outer[0][:, None]).to(ctx.dtype), None, None


def _losses_of_slice(hidden: Tensor, targets: Tensor, output: Output, *, wanted: bool) -> tuple[Tensor, Tensor]:
    """Return the losses of some tokens, shape (n,), and their gradients, shape (n, D), or none of these."""
    columns = _wide(hidden).T.contiguous()
    _, step = _SLICES.get(hidden.device.type, _SLICES["cuda"])
    top = torch.full((len(hidden),), -torch.inf, dtype=columns.dtype, device=columns.device)
    total = torch.zeros_like(top)
    mean = torch.zeros_like(columns) if wanted else columns[:, :0]
    for start in range(0, len(output.weight), step):
        rows = _wide(output.weight[start : start + step])
        # (slice, n): the long side first is what the matrix product is fastest at
        logits = rows @ columns
        if output.bias is not None:
            logits += output.bias[start : start + step, None]
        slope = _transform(logits, output, wanted=wanted)
        higher = torch.maximum(top, logits.amax(0))
        shrink = (top - higher).exp_()
        parts = logits.sub_(higher).exp_()
        total = total * shrink + parts.sum(0)
        top = higher
        if wanted:
            mean.mul_(shrink).add_(rows.T @ (parts if slope is None else parts.mul_(slope)))
    rows = _wide(output.weight[targets])
    right = (columns.T * rows).sum(-1)
    if output.bias is not None:
        right += output.bias[targets]
    slope = _transform(right, output, wanted=wanted)
    gradient = mean.T
    if wanted:
        gradient = (mean / total).T - (rows if slope is None else rows * slope[:, None])
    return top + total.log() - right, gradient * output.scale


def _transform(logits: Tensor, output: Output, *, wanted: bool) -> Tensor | None:
    """Scale and cap logits in place; return the slope of the cap where it is wanted and there is one."""
    if output.scale != 1.0:
        logits.mul_(output.scale)
    if output.cap is None:
        return None
    logits.div_(output.cap).tanh_()
    slope = 1 - logits.square() if wanted else None
    logits.mul_(output.cap)
    return slope


def _output(model: Any) -> Output | None:
    """Return the output matrix of a model with what its configuration says of logits; None where there is none to read."""
    layer = model.get_output_embeddings()
    weight = getattr(layer, "weight", None)
    if weight is None or weight.dim() != 2 or not weight.is_floating_point() or model.base_model is model:
        return None
    shape = logit_shape(model.config.get_text_config())
    bias = getattr(layer, "bias", None)
    return Output(
        weight=weight.detach(),
        bias=None if bias is None else _wide(bias.detach()),
        scale=shape.scale / shape.divisor,
        cap=shape.cap,
    )


def _wide(values: Tensor) -> Tensor:
    """Return float32 of half precision, whose logits are too coarse for differences of losses; else the same."""
    return values if values.dtype in (torch.float32, torch.float64) else values.float()
