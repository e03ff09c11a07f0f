"""Choice scoring with transformers: a batch is one packed sequence of distinct prefixes, read only where it must be.

The prefix forest of a batch (`prefix_tree.py`) goes through the model as one row without padding: every token sees its
own ancestors and stands at its place after them. The output projection runs only where an option's token is read, in
slices of the vocabulary, so that the logits of a large vocabulary never exist at once. A model that does not take such
a mask is found by a small trial and scored with plain padded rows instead.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from xleval.evalkit.backends.hf_load import input_device
from xleval.evalkit.backends.prefix_tree import PrefixForest, ancestor_mask, build_forest
from xleval.evalkit.backends.projection import Projection
from xleval.evalkit.requests import ChoiceScores, EncodedChoice

#: nodes a batch, by device: on two CPU cores speed is flat from 256 to 512; a GPU wants more at once
MAX_NODES = {"cpu": 384, "cuda": 4096}
#: logits of a slice of plain rows, in numbers: 512 MB of float32
_PLAIN_LOGITS = 1 << 27
_KNOWN_LAYER_TYPES = {"full_attention", "sliding_attention"}
#: what a model raises that does not know the mask or argument it was given
_REFUSALS = (TypeError, ValueError, RuntimeError, KeyError, AttributeError, IndexError, NotImplementedError)


class ChoiceScorer:
    """Scores encoded choices with one causal language model.

    Args:
        model: a transformers model for causal language modelling, in evaluation mode.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        config = model.config.get_text_config()
        self._config = config
        self._window: int | None = getattr(config, "sliding_window", None)
        self._layer_types: frozenset[str] = frozenset(getattr(config, "layer_types", None) or ())
        self._device = input_device(model)
        self._takes_tree: dict[bool, bool] = {}

    def score(self, batch: Sequence[EncodedChoice]) -> list[ChoiceScores]:
        """Return the log-probabilities of all options of a batch, in its order."""
        longest = max(
            len(request.context_ids) + max(map(len, request.continuation_ids)) - 1 for request in batch
        )  # of what the model sees
        with torch.inference_mode():
            rows = self._score_tree(batch) if self.takes_tree(longest) else self._score_plain(batch)
        return [
            ChoiceScores(key=request.key, sum_logprobs=sums, n_tokens=tuple(map(len, request.continuation_ids)))
            for request, sums in zip(batch, rows, strict=True)
        ]

    def takes_tree(self, length: int) -> bool:
        """Return whether the model scores trees of this depth as it scores plain rows: tried once per kind of mask.

        The trial scores one made-up request both ways, beyond the sliding window where `length` is.
        """
        beyond = self._window is not None and length >= self._window
        if beyond not in self._takes_tree:
            self._takes_tree[beyond] = self._try_tree(int(self._window or 0) + 2 if beyond else 6)
        return self._takes_tree[beyond]

    def _try_tree(self, n_context: int) -> bool:
        if self._layer_types - _KNOWN_LAYER_TYPES or getattr(self._config, "attention_chunk_size", None):
            return False
        size = int(self._config.vocab_size)
        context = tuple((7 * place + 3) % size for place in range(n_context))
        options = tuple(tuple((5 * place + shift) % size for place in range(3)) for shift in (1, 2, 3))
        trial = [EncodedChoice(key="trial", context_ids=context, continuation_ids=(*options, options[0][:2]))]
        with torch.inference_mode():
            plain = self._score_plain(trial)
            try:
                tree = self._score_tree(trial)
            except torch.OutOfMemoryError:  # a RuntimeError as well, but says nothing about the model
                raise
            except _REFUSALS:
                return False
        # rounding grows with the length and size of the sums; a wrong mask is off by whole nats in a trained model
        tolerance = 1e-3 if next(self._model.parameters()).dtype == torch.float32 else 0.5
        return bool(np.allclose(tree, plain, rtol=tolerance / 10, atol=tolerance))

    def _score_tree(self, batch: Sequence[EncodedChoice]) -> list[tuple[float, ...]]:
        forest = build_forest(batch)
        hidden = self._model.get_decoder()(
            input_ids=self._tensor(forest.token_ids)[None],
            attention_mask=self._masks(forest),
            position_ids=self._tensor(forest.depths)[None],
            use_cache=False,
        ).last_hidden_state[0]
        read = hidden.index_select(0, torch.from_numpy(forest.read_nodes).to(hidden.device))
        output = self._projection()
        # of a model over several devices, output matrix and last layer may be on different ones
        read = hidden.index_select(0, torch.from_numpy(forest.read_nodes).to(hidden.device)).to(output.device)
        logprobs = output.logprobs(read, forest.pair_rows.tolist(), forest.pair_tokens.tolist())
        return [
            tuple(min(math.fsum(logprobs[pair] for pair in pairs), 0.0) for pairs in options)
            for options in forest.option_pairs
        ]

    def _masks(self, forest: PrefixForest) -> Any:
        """Return the mask, or one per kind of layer where some layers see only a window that the batch exceeds."""
        full = ancestor_mask(forest)
        if self._window is None or int(forest.depths.max()) < self._window:
            return self._mask(full)
        windowed = self._mask(ancestor_mask(forest, self._window))
        if not self._layer_types:
            return windowed
        return {"full_attention": self._mask(full), "sliding_attention": windowed}

    def _mask(self, visible: Any) -> torch.Tensor:
        """Return a (1, 1, T, T) mask as the model's attention wants it: boolean, or numbers to add to the scores."""
        mask = torch.from_numpy(visible).to(self._device)[None, None]
        if self._config._attn_implementation != "eager":
            return mask
        dtype = next(self._model.parameters()).dtype
        return torch.zeros(mask.shape, dtype=dtype, device=self._device).masked_fill(~mask, torch.finfo(dtype).min)

    def _projection(self) -> Projection:
        """Return the model's output matrix, which stands apart from its layers."""
        head = self._model.get_output_embeddings()
        return Projection(head.weight, bias=getattr(head, "bias", None), config=self._config)

    def _score_plain(self, batch: Sequence[EncodedChoice]) -> list[tuple[float, ...]]:
        """Return the scores by padded rows of context and option, as any causal model takes them."""
        rows = [(request.context_ids, option) for request in batch for option in request.continuation_ids]
        order = sorted(range(len(rows)), key=lambda index: (-len(rows[index][0]) - len(rows[index][1]), index))
        sums = [0.0] * len(rows)
        while order:
            length = len(rows[order[0]][0]) + len(rows[order[0]][1]) - 1
            n_rows = max(1, _PLAIN_LOGITS // (length * int(self._config.vocab_size)))
            for index, total in self._plain_rows([(index, *rows[index]) for index in order[:n_rows]], length):
                sums[index] = total
            order = order[n_rows:]
        totals = iter(sums)
        return [tuple(next(totals) for _ in request.continuation_ids) for request in batch]

    def _plain_rows(
        self, rows: Sequence[tuple[int, tuple[int, ...], tuple[int, ...]]], length: int
    ) -> list[tuple[int, float]]:
        """Return (index, sum) of rows padded on the right, where no token of a causal model looks."""
        ids = torch.zeros((len(rows), length), dtype=torch.long)
        seen = torch.zeros_like(ids)
        for place, (_, context, option) in enumerate(rows):
            tokens = (*context, *option[:-1])
            ids[place, : len(tokens)] = torch.tensor(tokens)
            seen[place, : len(tokens)] = 1
        logits = self._model(
            input_ids=ids.to(self._device), attention_mask=seen.to(self._device), use_cache=False
        ).logits
        totals = []
        for place, (index, context, option) in enumerate(rows):
            first = len(context) - 1
            logprobs = torch.log_softmax(logits[place, first : first + len(option)].float(), dim=-1)
            picked = logprobs.gather(1, torch.tensor(option, device=logprobs.device)[:, None])
            totals.append((index, min(math.fsum(picked[:, 0].tolist()), 0.0)))
        return totals

    def _tensor(self, values: Any) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(self._device)
