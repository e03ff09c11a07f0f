"""How often each MLP neuron of a model fires in each language, in blocks that the bootstrap draws."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.unsignedinteger[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class NeuronCounts:
    """Firing counts of one model; languages are in the order of the text.

    Attributes:
        fired: by language, tokens at which a neuron's gate is positive, shape (units, layers, neurons).
        tokens: by language, tokens that were looked at in each unit, shape (units,).
        n_sentences: of each language.
    """

    fired: Mapping[str, Counts]
    tokens: Mapping[str, NDArray[np.int64]]
    n_sentences: int

    @property
    def langs(self) -> tuple[str, ...]:
        """Languages, in the order of the text."""
        return tuple(self.fired)

    @property
    def n_units(self) -> int:
        """Blocks of sentences, which the bootstrap draws."""
        return int(next(iter(self.fired.values())).shape[0])

    @property
    def n_layers(self) -> int:
        """Layers of the model."""
        return int(next(iter(self.fired.values())).shape[1])

    @property
    def n_neurons(self) -> int:
        """Neurons of each layer."""
        return int(next(iter(self.fired.values())).shape[2])

    @property
    def n_tokens(self) -> dict[str, int]:
        """Tokens that were looked at, by language."""
        return {lang: int(tokens.sum()) for lang, tokens in self.tokens.items()}

    @property
    def units(self) -> str:
        """What an interval is over, in words: "50 blocks of 20 consecutive sentences"."""
        sizes = np.bincount(blocks_of(self.n_sentences, self.n_units))
        low, high = int(sizes.min()), int(sizes.max())
        each = f"{low} consecutive sentences" if low == high else f"{low} or {high} consecutive sentences"
        return f"{self.n_units} sentences" if high == 1 else f"{self.n_units} blocks of {each}"

    def firing(self) -> NDArray[np.float64]:
        """Return the share of a language's tokens at which each neuron fires, shape (languages, layers x neurons)."""
        rows = [self.fired[lang].sum(axis=0).reshape(-1) / n for lang, n in self.n_tokens.items()]
        return np.asarray(rows, dtype=np.float64)


def blocks_of(n_sentences: int, blocks: int) -> NDArray[np.int64]:
    """Return the block of each sentence: consecutive ones, sizes that differ by one at most."""
    n_blocks = min(blocks, n_sentences)
    return np.asarray(np.arange(n_sentences) * n_blocks // max(n_sentences, 1), dtype=np.int64)
