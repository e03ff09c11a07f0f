"""Alignment of languages by layer (MEXA): states of a model, pooled to a vector for each sentence, and compared."""

from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import torch

from xleval.errors import BackendError, DataError
from xleval.probing.alignment_figures import alignment_figures, alignment_json, alignment_table
from xleval.probing.alignments import Alignments
from xleval.probing.batches import Batch, batches, encode, size_of_batch
from xleval.probing.mexa import found, unit_vectors
from xleval.probing.model import ProbedModel
from xleval.probing.options import Pooling, ProbeOptions
from xleval.probing.saved import Arrays, kept
from xleval.probing.texts import ParallelText

__all__ = ["Alignments", "alignment_figures", "alignment_json", "alignment_table", "measure_alignment"]


def measure_alignment(
    probed: ProbedModel, text: ParallelText, options: ProbeOptions, folder: Path, count: Callable[[int], None]
) -> Alignments:
    """Return which sentences are nearest to their translations, in every pair of languages and layer.

    What `folder` already holds is read, not measured. It grows with sentences x layers x width: 4.9 MB for a language
    of 100 sentences and Gemma-3-270M, 53 MB for a model of 7B.

    Args:
        probed: the model; its head is not run.
        text: sentences to read, at least two.
        options: `pooling`, `max_tokens` and `batch_tokens` are used.
        folder: of LANG.npz, one for each language.
        count: told how many sentences are done.

    Raises:
        DataError: fewer than two sentences, one without a token, or a file in `folder` is damaged.
        BackendError: a state is not a number, as where float16 is too small for it.
    """
    if len(text) < 2:
        raise DataError(f"{text.source}: {len(text)} sentences; alignment needs two, to tell them apart")
    arrays: dict[str, Arrays] = {}
    for lang, sentences in text.sentences.items():
        path = folder / f"{lang}.npz"
        is_there = path.is_file()

        def make(lang: str = lang, sentences: tuple[str, ...] = sentences) -> Arrays:
            return _measured(probed, lang, sentences, options, count)

        arrays[lang] = kept(path, make)
        if "vectors" not in arrays[lang] or len(arrays[lang]["vectors"]) != len(sentences):
            raise DataError(
                f"{path} holds no vectors of {len(sentences)} sentences; delete it, it will be measured again"
            )
        if is_there:
            count(len(sentences))
    return _compared(arrays)


def pooling_weights(batch: Batch, pooling: Pooling) -> torch.Tensor:
    """Return what each token counts in its sentence's vector, shape (B, T); rows sum to 1.

    `weighted` gives token t of T the weight t / (1 + .. + T), and `last` all to the last one; both with the BOS as a token,
    as the paper's code has it. `mean` is over the tokens of the text alone: the states of a BOS are far longer than the
    others and the same in every sentence.
    """
    if pooling == "mean":
        weights = batch.counted.float()
    elif pooling == "last":
        weights = torch.zeros(batch.mask.shape, device=batch.mask.device)
        weights.scatter_(1, batch.mask.sum(dim=1, keepdim=True) - 1, 1.0)
    else:
        weights = batch.mask.cumsum(dim=1).float() * batch.mask
    return weights / weights.sum(dim=1, keepdim=True)


def _measured(
    probed: ProbedModel, lang: str, texts: Sequence[str], options: ProbeOptions, count: Callable[[int], None]
) -> Arrays:
    """Return the arrays of one language's file: a vector for each sentence and layer, of the embeddings first."""
    sentences = encode(probed.encoder, texts, max_tokens=options.max_tokens)
    if empty := next((each for each in sentences if not each.n_tokens), None):
        raise DataError(f"sentence {empty.row + 1} in {lang} has no token in this model; leave it out in all languages")
    size = size_of_batch(options.batch_tokens, probed.device)
    vectors: np.ndarray[tuple[int, ...], np.dtype[np.float32]] | None = None
    with torch.inference_mode():
        for batch in batches(sentences, tokens=size, device=probed.device):
            pooled = _pooled(probed, batch, options.pooling)
            if not np.isfinite(pooled).all():
                raise BackendError(
                    f"model {probed.checkpoint.name}: states of sentences in {lang} are not numbers in {probed.dtype}; use "
                    "--dtype float32 or bfloat16"
                )
            if vectors is None:
                vectors = np.empty((len(sentences), *pooled.shape[1:]), dtype=np.float32)
            vectors[list(batch.rows)] = pooled
            count(len(batch.rows))
    return {"vectors": np.zeros((0, 0, 0), dtype=np.float32) if vectors is None else vectors}


def _pooled(probed: ProbedModel, batch: Batch, pooling: Pooling) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Return a vector for each sentence and layer, shape (B, layers + 1, width)."""
    output = probed.model.base_model(
        input_ids=batch.ids, attention_mask=batch.mask, use_cache=False, output_hidden_states=True
    )
    weights = pooling_weights(batch, pooling)[:, None]
    rows = [torch.bmm(weights.to(states.device), states.float())[:, 0].cpu().numpy() for states in output.hidden_states]
    return np.stack(rows, axis=1)


def _compared(arrays: dict[str, Arrays]) -> Alignments:
    langs = tuple(arrays)
    n, n_layers = arrays[langs[0]]["vectors"].shape[:2]
    pairs = tuple(combinations(langs, 2))
    shape = (2, len(pairs), n_layers, n)
    forward, back = np.empty(shape, dtype=np.bool_), np.empty(shape, dtype=np.bool_)
    similarity = np.empty(shape, dtype=np.float32)
    dissimilarity = np.empty(shape[:-1])
    for centred in (0, 1):
        for layer in range(n_layers):
            units = {
                lang: unit_vectors(each["vectors"][:, layer], centred=bool(centred)) for lang, each in arrays.items()
            }
            for pair, (first, second) in enumerate(pairs):
                here = (centred, pair, layer)
                result = found(units[first], units[second])
                forward[here], back[here], similarity[here] = result.forward, result.back, result.similarity
                dissimilarity[here] = result.dissimilarity
    return Alignments(
        langs=langs,
        forward=forward,
        back=back,
        similarity=similarity,
        dissimilarity=dissimilarity,
    )
