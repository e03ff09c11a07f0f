"""Language-specific neurons of a model (LAPE): counted here, read by the two modules whose functions stand in `__all__`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from xleval.errors import DataError
from xleval.probing.batches import Batch, Sentence, batches, encode, size_of_batch
from xleval.probing.model import ProbedModel
from xleval.probing.neuron_counts import NeuronCounts, blocks_of
from xleval.probing.neuron_figures import neuron_figures
from xleval.probing.neuron_sets import neuron_sets, neuron_table, neurons_json
from xleval.probing.options import ProbeOptions
from xleval.probing.saved import Arrays, kept
from xleval.probing.structure import Layer, Structure
from xleval.probing.texts import ParallelText

__all__ = ["NeuronCounts", "measure_neurons", "neuron_figures", "neuron_sets", "neuron_table", "neurons_json"]


def measure_neurons(
    probed: ProbedModel, text: ParallelText, options: ProbeOptions, folder: Path, count: Callable[[int], None]
) -> NeuronCounts:
    """Return how often each neuron fires in each language; what `folder` already holds is read, not measured.

    A neuron fires at a token where what goes into its activation function is positive (as in the original). Nothing of a
    batch is kept but its counts, so memory does not grow with the text.

    Args:
        probed: the model; its head is not run.
        text: sentences to read.
        options: `blocks`, `max_tokens` and `batch_tokens` are used.
        folder: of LANG.npz, one for each language.
        count: told how many sentences are done.

    Raises:
        DataError: a language has no token, no neuron of a layer fires, or a file in `folder` is damaged.
    """
    blocks = blocks_of(len(text), options.blocks)
    arrays: dict[str, Arrays] = {}
    for lang, sentences in text.sentences.items():
        path = folder / f"{lang}.npz"
        is_there = path.is_file()

        def make(sentences: tuple[str, ...] = sentences) -> Arrays:
            encoded = encode(probed.encoder, sentences, max_tokens=options.max_tokens)
            return _measured(probed, encoded, blocks, options, count)

        arrays[lang] = kept(path, make)
        if is_there:
            count(len(sentences))
        if not arrays[lang]["tokens"].sum():
            raise DataError(f"{text.source}: no sentence in {lang} has a token; needed is text in every language")
    counts = NeuronCounts(
        fired={lang: each["fired"] for lang, each in arrays.items()},
        tokens={lang: each["tokens"] for lang, each in arrays.items()},
        n_sentences=len(text),
    )
    _check_layers(counts, probed)
    return counts


def _check_layers(counts: NeuronCounts, probed: ProbedModel) -> None:
    fires = sum(each.any(axis=(0, 2)).astype(int) for each in counts.fired.values())
    dead = np.flatnonzero(np.equal(fires, 0)).tolist()
    if dead:
        raise DataError(
            f"model {probed.checkpoint.name}: in layers {dead} no neuron fires at any token, as where weights are zero or "
            "not numbers; needed is a checkpoint that is whole"
        )


def _measured(
    probed: ProbedModel,
    sentences: list[Sentence],
    blocks: np.ndarray[Any, Any],
    options: ProbeOptions,
    count: Callable[[int], None],
) -> Arrays:
    """Return the arrays of one language's file."""
    n_units = int(blocks[-1]) + 1 if len(blocks) else 0
    tokens = np.zeros(n_units, dtype=np.int64)
    for each in sentences:
        tokens[blocks[each.row]] += each.n_tokens
    device = probed.device
    size = size_of_batch(options.batch_tokens, device)
    model = probed.model.base_model
    with torch.inference_mode(), _counting(probed.structure, n_units) as counter:
        for batch in batches(sentences, tokens=size, device=device):
            counter.read(batch, torch.from_numpy(blocks[list(batch.rows)]))
            model(input_ids=batch.ids, attention_mask=batch.mask, use_cache=False)
            count(len(batch.rows))
    count(sum(not each.n_tokens for each in sentences))
    # A block of FLORES has some thousand tokens: two bytes hold its counts, and a large model's are read as they are.
    small = np.uint16 if tokens.max(initial=0) <= np.iinfo(np.uint16).max else np.uint32
    fired = np.stack([each.cpu().numpy() for each in counter.fired]).transpose(1, 0, 2).astype(small)
    return {"fired": fired, "tokens": tokens}


class _Counter:
    """Adds up, at each layer's own device, the tokens of each block at which its neurons fire."""

    def __init__(self, structure: Structure, n_units: int) -> None:
        self.fired = [
            torch.zeros((n_units, structure.n_neurons), dtype=torch.int32, device=next(layer.gate.parameters()).device)
            for layer in structure.layers
        ]
        self._counted = torch.zeros(0)
        self._blocks = torch.zeros(0)

    def read(self, batch: Batch, blocks: torch.Tensor) -> None:
        """Say what is read next, and the block of each of its sentences."""
        self._counted, self._blocks = batch.counted, blocks

    def add(self, number: int, layer: Layer, output: torch.Tensor) -> None:
        """Count what comes out of a layer's gate."""
        fired = self.fired[number]
        # Some models fold batch and positions into one axis.
        gate = output.view(*self._counted.shape, output.shape[-1])
        if layer.gate_first is not None:
            gate = gate[..., : fired.shape[1]] if layer.gate_first else gate[..., fired.shape[1] :]
        counted = self._counted.to(gate.device)
        by_sentence = ((gate > 0) & counted[..., None]).sum(dim=1, dtype=torch.int32)
        fired.index_add_(0, self._blocks.to(gate.device), by_sentence)


@contextmanager
def _counting(structure: Structure, n_units: int) -> Iterator[_Counter]:
    """Give a counter that every gate reports to, and take the hooks away behind it."""
    counter = _Counter(structure, n_units)
    handles = []
    try:
        for number, layer in enumerate(structure.layers):

            def hook(_: Any, __: Any, output: torch.Tensor, number: int = number, layer: Layer = layer) -> None:
                counter.add(number, layer, output)

            handles.append(layer.gate.register_forward_hook(hook))
        yield counter
    finally:
        for handle in handles:
            handle.remove()
