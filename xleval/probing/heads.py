"""Head importance by language (LAHIS): measured here, read by the two modules whose functions stand in `__all__`."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from xleval.errors import DataError
from xleval.probing.batches import encode, size_of_batch
from xleval.probing.head_gradients import fixed_mask, trained_mask
from xleval.probing.head_scores import HeadScores, head_figures
from xleval.probing.head_tables import head_sets, head_table, heads_json
from xleval.probing.losses import scored
from xleval.probing.model import ProbedModel
from xleval.probing.options import ProbeOptions
from xleval.probing.saved import Arrays, kept
from xleval.probing.texts import ParallelText

__all__ = ["HeadScores", "head_figures", "head_sets", "head_table", "heads_json", "measure_heads"]


def measure_heads(
    probed: ProbedModel, text: ParallelText, options: ProbeOptions, folder: Path, count: Callable[[int], None]
) -> HeadScores:
    """Return what each sentence says of each attention head; what `folder` already holds is read, not measured.

    With grouped-query attention a head is a query head. Weights are frozen; the gradient is that of a mask over heads.

    Args:
        probed: the model.
        text: sentences to read.
        options: `head_mask`, `max_tokens` and `batch_tokens` are used.
        folder: of LANG.npz, one for each language.
        count: told how many sentences are done.

    Raises:
        DataError: a language has no sentence of two tokens, a loss is not a number, or a file in `folder` is damaged.
    """
    arrays: dict[str, Arrays] = {}
    for lang, sentences in text.sentences.items():
        path = folder / f"{lang}.npz"
        is_there = path.is_file()

        def make(lang: str = lang, sentences: tuple[str, ...] = sentences) -> Arrays:
            return _measured(probed, text.source, lang, sentences, options, count)

        arrays[lang] = kept(path, make)
        if is_there:
            count(len(sentences))
    return HeadScores(
        importance={lang: each["importance"] for lang, each in arrays.items()},
        negative={lang: each["negative"] for lang, each in arrays.items()},
    )


def _measured(
    probed: ProbedModel,
    source: str,
    lang: str,
    texts: tuple[str, ...],
    options: ProbeOptions,
    count: Callable[[int], None],
) -> Arrays:
    sentences = encode(probed.encoder, texts, max_tokens=options.max_tokens)
    n_scored = len(scored(sentences))
    if not n_scored:
        raise DataError(
            f"{source}: no sentence in {lang} has two tokens; a head's importance needs a token that another one predicts"
        )
    if options.head_mask == "trained":
        found = trained_mask(probed, sentences, count=count)
    else:
        found = fixed_mask(probed, sentences, tokens=size_of_batch(options.batch_tokens, probed.device), count=count)
    if not_finite := n_scored - int(np.isfinite(found.importance).all(axis=(1, 2)).sum()):
        raise DataError(
            f"model {probed.checkpoint.name}: {not_finite} sentences in {lang} have a loss or gradient that is not a "
            f"number in {probed.dtype}; use --dtype float32 or bfloat16"
        )
    return {"importance": found.importance, "negative": found.negative}
