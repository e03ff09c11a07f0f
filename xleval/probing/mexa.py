"""MEXA's arithmetic (arXiv 2410.05873): which sentences of two languages are nearest to their translations.

Cosines c_ij of sentence i in one language with sentence j in the other. A sentence is found from the first language where
c_ii > c_ij for every other j, from the second where c_ii > c_ji. It counts in MEXA where both hold.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xleval.evalkit.statistics import Floats

#: Equal vectors must tie: one is not nearer than the other by what a sum in float64 loses.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the cosines of two languages say of every sentence.

    Attributes:
        forward: its translation is nearer than every other sentence of the second language; a tie is none. Shape (N,).
        back: the same from the second language to the first.
        similarity: cosine of the sentence with its translation, shape (N,).
        dissimilarity: mean cosine of sentences that are no translations.
    """

    forward: NDArray[np.bool_]
    back: NDArray[np.bool_]
    similarity: Floats
    dissimilarity: float

    @property
    def mexa(self) -> NDArray[np.bool_]:
        """Whether each sentence counts in MEXA: it is found both ways."""
        return self.forward & self.back


def unit_vectors(vectors: NDArray[Any], *, centred: bool) -> Floats:
    """Return the vectors of one language and layer, shape (N, width), at length 1; those of length 0 stay as they are.

    Args:
        vectors: one for each sentence.
        centred: the mean of them is taken away first: what all sentences of the language share is no alignment.
    """
    values = vectors.astype(np.float64)
    if centred:
        # Not near zero by rounding alone where all are the same.
        values = np.where((values == values[:1]).all(axis=0), 0.0, values - values.mean(axis=0))
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return np.asarray(values / np.where(lengths > 0, lengths, 1.0))


def found(first: Floats, second: Floats) -> Found:
    """Return which sentences are nearest to their translations.

    Args:
        first, second: unit vectors, shape (N, width); row i of one is the translation of row i of the other; N at least 2.
    """
    cosines = first @ second.T
    own = cosines.diagonal().copy()
    n = len(own)
    others = (cosines.sum() - own.sum()) / (n * (n - 1))
    np.fill_diagonal(cosines, -np.inf)
    return Found(
        forward=own > cosines.max(axis=1) + _ROUNDING,
        back=own > cosines.max(axis=0) + _ROUNDING,
        similarity=own,
        dissimilarity=float(others),
    )
