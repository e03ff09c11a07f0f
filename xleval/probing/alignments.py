"""Which sentences of a text are nearest to their translations in one model, by pair of languages and layer."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from xleval.evalkit.statistics import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignments:
    """Alignment of all pairs of languages in one model.

    Arrays are (2, pairs, layers, sentences): 0 of the first axis is raw, 1 is centred; layer 0 is the output of the
    embeddings.

    Attributes:
        langs: in the order of the text.
        forward, back: whether the translation is nearer than every other sentence of the text, from the pair's first
            language to its second, and back.
        similarity: cosine of each sentence with its translation.
        dissimilarity: mean cosine of sentences that are no translations; without the axis of sentences.
    """

    langs: tuple[str, ...]
    forward: NDArray[np.bool_]
    back: NDArray[np.bool_]
    similarity: NDArray[np.float32]
    dissimilarity: Floats

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Pairs of languages, in the order of the arrays."""
        return tuple(combinations(self.langs, 2))

    @property
    def mexa(self) -> NDArray[np.bool_]:
        """Whether each sentence counts in MEXA: it is found both ways."""
        return self.forward & self.back

    @property
    def n_units(self) -> int:
        """Sentences, which the bootstrap draws."""
        return int(self.forward.shape[-1])

    @property
    def units(self) -> str:
        """What an interval is over, in words."""
        return f"{self.n_units} sentences"

    @property
    def middle(self) -> int:
        """The layer that retrieval is read at: half of the blocks, rounded down."""
        return (int(self.forward.shape[2]) - 1) // 2

    def pairs_with(self, lang: str) -> list[int]:
        """Return the places of the pairs that a language is in."""
        return [place for place, pair in enumerate(self.pairs) if lang in pair]
