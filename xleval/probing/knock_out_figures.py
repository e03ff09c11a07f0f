"""The arithmetic of the knock-out check: rises of the negative log-probability, with paired intervals over sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xleval.evalkit.probe_schema import KnockOutCellJson, KnockOutJson, KnockOutLanguageJson
from xleval.evalkit.statistics import Floats, percentile_interval, resample_counts
from xleval.probing.options import ProbeOptions

if TYPE_CHECKING:
    import pyarrow


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """The text of a language as a model reads it.

    Attributes:
        sums: -log p of each sentence in nats, the sum over its scored tokens; 0 where it has none.
        tokens: scored tokens of each sentence.
    """

    sums: NDArray[np.float64]
    tokens: NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What was read while a set was zeroed.

    Attributes:
        of: language whose set it is, or whose set the random one is beside.
        random: 0 of the language's own set, else the number of the random one.
        size: heads or neurons of the set.
        losses: by language of the text.
    """

    of: str
    random: int
    size: int
    losses: Mapping[str, Losses]


def knock_out_json(
    name: str, n_sentences: int, whole: Mapping[str, Losses], conditions: Sequence[Condition], options: ProbeOptions
) -> KnockOutJson:
    """Return the check of one model.

    A language's own set is set beside three others: itself on other texts, random sets on its text, and the other
    languages' sets on its text. A rise is the sum of -log p with the set zeroed less that of the whole model, over the
    scored tokens. Intervals are percentiles of the paired bootstrap: a sentence is drawn with all its translations and
    conditions.

    Args:
        n_sentences: held-out sentences of each language.
        whole: losses of the whole model, by language.
        conditions: of every language its own set and random ones.
        options: `resamples` and `seed` are used.
    """
    weights = _weights(n_sentences, options)
    rises = [{lang: _rise(whole[lang], losses, weights) for lang, losses in each.losses.items()} for each in conditions]
    cells: list[KnockOutCellJson] = []
    for each, found in zip(conditions, rises, strict=True):
        for lang, draws in found.items():
            _, low, high = _estimate(draws)
            cells.append({
                "of": each.of, "random": each.random, "size": each.size, "text": lang,
                "increase": draws[0].item(), "low": low, "high": high,
            })  # fmt: skip
    return {
        "model": name,
        "n_sentences": n_sentences,
        "perplexity": {lang: float(np.exp(each.sums.sum() / each.tokens.sum())) for lang, each in whole.items()},
        "languages": [_language(lang, conditions, rises) for lang in whole],
        "cells": cells,
    }


def _language(
    lang: str, conditions: Sequence[Condition], rises: Sequence[Mapping[str, Floats]]
) -> KnockOutLanguageJson:
    found = {each.random: rise for each, rise in zip(conditions, rises, strict=True) if each.of == lang}
    own = found[0][lang]
    others = [draws for text, draws in found[0].items() if text != lang]
    other_sets = [
        rise[lang]
        for each, rise in zip(conditions, rises, strict=True)
        if each.of != lang and not each.random and each.size
    ]
    random = [rise[lang] for number, rise in found.items() if number]
    mean = np.mean(others, axis=0) if others else None
    size = next(each.size for each in conditions if each.of == lang and not each.random)
    nothing: list[float | None] = [None] * 3  # an empty set is zeroed for nothing: its rise of 0 compares with none
    return {
        "lang": lang,
        "size": size,
        "own": own[0].item(),
        "others": None if mean is None else mean[0].item(),
        "random_own": [draws[0].item() for draws in random],
        "specific": _estimate(own - mean) if mean is not None and size else nothing,
        "over_random": _estimate(own - np.mean(random, axis=0)) if random else nothing,
        "over_other_sets": _estimate(own - np.mean(other_sets, axis=0)) if other_sets and size else nothing,
    }


def _weights(n: int, options: ProbeOptions) -> Floats:
    """Return how often each sentence counts: once in the first row, as drawn in the others."""
    rng = np.random.default_rng(options.seed)
    return np.concatenate([np.ones((1, n)), *resample_counts(n, options.resamples, rng)])


def _rise(whole: Losses, without: Losses, weights: Floats) -> Floats:
    """Return the rise per token under each row of weights; NaN in a row without a scored token."""
    with np.errstate(invalid="ignore", divide="ignore"):
        rise: Floats = weights @ (without.sums - whole.sums) / (weights @ whole.tokens)
    return rise


def _estimate(draws: Floats) -> list[float | None]:
    """Return the value of the first row with the interval of the others; none of fewer than two rows."""
    interval = percentile_interval(draws[1:]) if len(draws) > 1 else None
    return [draws[0].item(), *(interval or (None, None))]


def knock_out_table(found: KnockOutJson) -> "pyarrow.Table":
    """Return a row for each set and text: the columns of `KnockOutCellJson`, with the model and its perplexity before."""
    import pyarrow

    cells = found["cells"]
    columns: dict[str, Any] = {"model": [found["model"]] * len(cells)}
    columns |= {key: [dict(cell)[key] for cell in cells] for key in KnockOutCellJson.__annotations__}
    columns["perplexity"] = [found["perplexity"][cell["text"]] for cell in cells]
    columns["n_sentences"] = [found["n_sentences"]] * len(cells)
    schema = {"increase": pyarrow.float64(), "low": pyarrow.float64(), "high": pyarrow.float64()}
    return pyarrow.table({key: pyarrow.array(values, schema.get(key)) for key, values in columns.items()})
