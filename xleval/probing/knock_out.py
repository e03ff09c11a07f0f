"""The knock-out check: heads or neurons are set to zero, and the text of every language is read again.

What it says is what these sets do to the probability of held-out text, beside random sets that are as large in every layer.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

from xleval.data.storage import sha256_of
from xleval.errors import DataError
from xleval.evalkit.probe_schema import KnockOutJson
from xleval.probing.batches import Sentence, batches, encode, size_of_batch
from xleval.probing.knock_out_figures import Condition, Losses, knock_out_json, knock_out_table
from xleval.probing.losses import SentenceLosses, n_scored, scored
from xleval.probing.model import ProbedModel
from xleval.probing.options import ProbeOptions
from xleval.probing.saved import Arrays, kept
from xleval.probing.texts import ParallelText

__all__ = ["knock_out", "knock_out_table", "random_sets", "zeroed"]

What = Literal["heads", "neurons"]
Parts = tuple[tuple[int, int], ...]

_TRIES = 20  # draws of a random set that is not among those before it


def knock_out(
    probed: ProbedModel,
    sets: Mapping[str, Sequence[tuple[int, int]]],
    what: What,
    text: ParallelText,
    options: ProbeOptions,
    folder: Path,
    count: Callable[[int], None],
    name: str,
) -> KnockOutJson:
    """Return what each language's set, and random ones, do to the text of the languages when they are zeroed.

    Every language's set is tried on all texts, its random sets on the language's own. What `folder` already holds is read.

    Args:
        probed: the model.
        sets: (layer, head) or (layer, neuron) of each language of the text.
        what: which of the two they are.
        text: sentences that the sets were not chosen by.
        options: `random_sets`, `seed`, `resamples`, `max_tokens` and `batch_tokens` are used.
        folder: of what was measured, a file for each set and text.
        count: told how many sentences are done, of text x (1 + languages + random sets) for each language.
        name: of the model, as results call it.

    Raises:
        DataError: a language has no sentence of two tokens, a loss is not a number, or a file in `folder` is damaged.
    """
    reader = _Reader(probed, what, text, options, folder, count)
    whole = {lang: reader.losses((), lang) for lang in sets}
    conditions = []
    for of, own in sets.items():
        own_set = tuple(sorted(own))
        read = {lang: reader.losses(own_set, lang) for lang in sets}
        conditions.append(Condition(of=of, random=0, size=len(own_set), losses=read))
        drawn = random_sets(own_set, _n_columns(probed, what), options)
        for number, each in enumerate(drawn, start=1):
            losses = {of: reader.losses(each, of)}
            conditions.append(Condition(of=of, random=number, size=len(each), losses=losses))
        count((options.random_sets - len(drawn)) * len(text))
    return knock_out_json(name, len(text), whole, conditions, options)


def random_sets(own: Parts, shape: tuple[int, int], options: ProbeOptions) -> list[Parts]:
    """Return random sets as large as one's own in every layer, none of whose parts is in it, each another one.

    Where a layer has too few other parts, what is missing is drawn from all layers. Fewer sets than asked for come back
    where there are no more, none where the own one is more than half of all. They depend on the seed and the set alone.

    Args:
        own: (layer, column), sorted.
        shape: layers, and heads or neurons of each.
        options: `random_sets` and `seed` are used.
    """
    n_layers, n_columns = shape
    if not own or 2 * len(own) > n_layers * n_columns:
        return []
    rng = np.random.default_rng([options.seed, *bytes.fromhex(sha256_of(own))[:8]])
    found: dict[Parts, None] = {}
    for _ in range(_TRIES * options.random_sets):
        if len(found) == options.random_sets:
            break
        found[_drawn(own, n_layers, n_columns, rng)] = None
    return list(found)


def _drawn(own: Parts, n_layers: int, n_columns: int, rng: np.random.Generator) -> Parts:
    taken = np.zeros((n_layers, n_columns), dtype=bool)
    taken[tuple(np.array(own).T)] = True
    sizes = taken.sum(axis=1)
    free = ~taken
    drawn: list[tuple[int, int]] = []
    for layer, size in enumerate(sizes):
        others = np.flatnonzero(free[layer])
        columns = rng.choice(others, min(int(size), len(others)), replace=False)
        free[layer, columns] = False
        drawn += [(layer, int(column)) for column in columns]
    rest = np.argwhere(free)
    more = rng.choice(len(rest), len(own) - len(drawn), replace=False)
    return tuple(sorted([*drawn, *((int(layer), int(column)) for layer, column in rest[more])]))


@contextmanager
def zeroed(probed: ProbedModel, what: What, parts: Parts) -> Iterator[None]:
    """Set heads or neurons to zero before they are projected, as if their columns of the projection were zero."""
    width = probed.structure.n_heads if what == "heads" else probed.structure.n_neurons
    columns: dict[int, list[int]] = {}
    for layer, column in parts:
        columns.setdefault(layer, []).append(column)

    def hook(dropped: torch.Tensor) -> Callable[[Any, tuple[Any, ...]], tuple[Any, ...]]:
        def drop(_: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
            states = args[0]
            grouped = states.unflatten(-1, (width, -1))
            return (grouped.masked_fill(dropped.to(states.device)[:, None], 0).flatten(-2), *args[1:])

        return drop

    handles = []
    for number, which in columns.items():
        dropped = torch.zeros(width, dtype=torch.bool, device=probed.device)
        dropped[which] = True
        parts_of = probed.structure.layers[number]
        module = parts_of.heads if what == "heads" else parts_of.neurons
        handles.append(module.register_forward_pre_hook(hook(dropped)))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _n_columns(probed: ProbedModel, what: What) -> tuple[int, int]:
    structure = probed.structure
    return len(structure.layers), structure.n_heads if what == "heads" else structure.n_neurons


class _Reader:
    """Reads a language's text without some heads or neurons; the same set and text is read once."""

    def __init__(
        self,
        probed: ProbedModel,
        what: What,
        text: ParallelText,
        options: ProbeOptions,
        folder: Path,
        count: Callable[[int], None],
    ) -> None:
        self._probed, self._what, self._text, self._options = probed, what, text, options
        self._folder, self._count = folder, count
        self._losses = SentenceLosses(probed)
        self._known: dict[tuple[Parts, str], Losses] = {}
        self._sentences = {
            lang: encode(probed.encoder, rows, max_tokens=options.max_tokens) for lang, rows in text.sentences.items()
        }

    def losses(self, parts: Parts, lang: str) -> Losses:
        """Return -log p and scored tokens of each sentence of a language without some parts."""
        if (found := self._known.get((parts, lang))) is not None:
            self._count(len(self._text))
            return found
        sentences = self._sentences[lang]
        if not scored(sentences):
            raise DataError(
                f"{self._text.source}: no held-out sentence in {lang} has two tokens; hold out more with --knock-out"
            )
        path = self._folder / f"{sha256_of(parts)[:16]}-{lang}.npz"
        is_there = path.is_file()
        arrays = kept(path, lambda: self._read(parts, sentences))
        if is_there:
            self._count(len(self._text))
        self._known[parts, lang] = Losses(sums=arrays["sums"], tokens=arrays["tokens"])
        return self._known[parts, lang]

    def _read(self, parts: Parts, sentences: Sequence[Sentence]) -> Arrays:
        left = scored(sentences)
        sums = np.zeros(len(sentences))
        size = size_of_batch(self._options.batch_tokens, self._probed.device)
        with torch.inference_mode(), zeroed(self._probed, self._what, parts):
            for batch in batches(left, tokens=size, device=self._probed.device):
                sums[list(batch.rows)] = self._losses.sums(batch).double().cpu().numpy()
                self._count(len(batch.rows))
        if not_finite := int((~np.isfinite(sums)).sum()):
            raise DataError(
                f"model {self._probed.checkpoint.name}: {not_finite} of {len(sentences)} held-out sentences have a loss that "
                f"is not a number in {self._probed.dtype} with {len(parts)} {self._what} zeroed; use --dtype float32 or "
                "bfloat16"
            )
        self._count(len(sentences) - len(left))
        return {"sums": sums, "tokens": np.array([n_scored(each) for each in sentences])}
