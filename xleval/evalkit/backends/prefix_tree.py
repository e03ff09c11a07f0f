"""Token sequences as a forest of shared prefixes: what must be computed to score choices, and nothing twice.

A batch of choice requests is a forest whose nodes are tokens. A path from a root is a prefix that some context or
option has; each distinct prefix is one node, whichever requests share it. The last token of an option is not a node
unless another option goes on after it, because nothing reads the model's output there. Torch-free: every engine can
use it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xleval.evalkit.requests import EncodedChoice


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefixForest:
    """The distinct prefixes of a batch and where the log-probabilities are read.

    Attributes:
        token_ids: token of each node, shape (T,); a node comes after its parent.
        parents: index of each node's parent, shape (T,); -1 at the first token of a sequence.
        depths: position of each node in its sequence, from 0, shape (T,).
        read_nodes: nodes whose next-token distribution is read, shape (R,); every one once.
        pair_rows: for each distinct (prefix, next token) that is read, its index into `read_nodes`, shape (P,).
        pair_tokens: the next token of each pair, shape (P,).
        option_pairs: per request and option, the pairs whose log-probabilities add up to the option's.
    """

    token_ids: NDArray[np.int64]
    parents: NDArray[np.int64]
    depths: NDArray[np.int64]
    read_nodes: NDArray[np.int64]
    pair_rows: NDArray[np.int64]
    pair_tokens: NDArray[np.int64]
    option_pairs: tuple[tuple[tuple[int, ...], ...], ...]


class _Builder:
    """Collects nodes and reads; a node or read that is already there is found, not added."""

    def __init__(self) -> None:
        self.nodes: dict[tuple[int, int], int] = {}
        self.depths: list[int] = []
        self.read_rows: dict[int, int] = {}
        self.pairs: dict[tuple[int, int], int] = {}

    def walk(self, parent: int, token_ids: Sequence[int]) -> int:
        """Return the node at the end of the path, adding what is missing of it."""
        for token in token_ids:
            depth = self.depths[parent] + 1 if parent >= 0 else 0
            known = len(self.nodes)
            parent = self.nodes.setdefault((parent, token), known)
            if parent == known:
                self.depths.append(depth)
        return parent

    def read(self, node: int, token_ids: Sequence[int]) -> tuple[int, ...]:
        """Return the pairs of an option that begins after `node`."""
        pairs = []
        for place, token in enumerate(token_ids):
            row = self.read_rows.setdefault(node, len(self.read_rows))
            pairs.append(self.pairs.setdefault((row, token), len(self.pairs)))
            if place + 1 < len(token_ids):
                node = self.walk(node, (token,))
        return tuple(pairs)


def build_forest(batch: Sequence[EncodedChoice]) -> PrefixForest:
    """Return the prefix forest of the requests; contexts and options must not be empty."""
    builder = _Builder()
    option_pairs = []
    for request in batch:
        end = builder.walk(-1, request.context_ids)
        option_pairs.append(tuple(builder.read(end, option) for option in request.continuation_ids))
    nodes = np.array(list(builder.nodes), dtype=np.int64).reshape(-1, 2)
    pairs = np.array(list(builder.pairs), dtype=np.int64).reshape(-1, 2)
    return PrefixForest(
        token_ids=nodes[:, 1],
        parents=nodes[:, 0],
        depths=np.array(builder.depths, dtype=np.int64),
        read_nodes=np.array(list(builder.read_rows), dtype=np.int64),
        pair_rows=pairs[:, 0],
        pair_tokens=pairs[:, 1],
        option_pairs=tuple(option_pairs),
    )


def ancestor_mask(forest: PrefixForest, window: int | None = None) -> NDArray[np.bool_]:
    """Return who sees whom: (T, T), True where the column's node is the row's node or one of its ancestors.

    Args:
        forest: the prefixes.
        window: a node sees only the `window` last positions of its own path, itself included; None sees all.
    """
    n_nodes = len(forest.parents)
    mask: NDArray[np.bool_] = np.zeros((n_nodes, n_nodes), dtype=np.bool_)
    for node, parent in enumerate(forest.parents.tolist()):
        if parent >= 0:
            mask[node] = mask[parent]
        mask[node, node] = True
    if window is not None:
        # by position in the path, not by place in the batch: a branch stands far from its context there
        mask &= forest.depths[:, None] - forest.depths[None, :] < window
    return mask


def plan_forests(
    encoded: Mapping[int, EncodedChoice], *, max_nodes: int, max_requests: int | None = None
) -> list[list[int]]:
    """Return batches of indices whose forests have about `max_nodes` nodes; a pure function of the requests.

    Requests are taken in the order of their context's token ids, so that those with a common beginning meet in one
    batch. A batch whose first context alone is longer may have twice that context's nodes: a long shared beginning
    (examples in the prompt) is then computed for several requests and not for each.

    Args:
        encoded: the requests by their index in the run.
        max_nodes: nodes a batch, an upper estimate: prefixes shared between an option and another context count twice.
        max_requests: requests a batch; None for no limit.
    """
    order = sorted(encoded, key=lambda index: (encoded[index].context_ids, encoded[index].continuation_ids, index))
    batches: list[list[int]] = []
    n_nodes, budget = 0, 0
    previous: tuple[int, ...] = ()
    for index in order:
        request = encoded[index]
        options = len({option[:end] for option in request.continuation_ids for end in range(1, len(option))})
        added = len(request.context_ids) - _common_prefix(previous, request.context_ids) + options
        full = max_requests is not None and bool(batches) and len(batches[-1]) >= max_requests
        if not batches or full or n_nodes + added > budget:
            batches.append([])
            n_nodes, added = 0, len(request.context_ids) + options
            budget = max(max_nodes, 2 * len(request.context_ids))
        batches[-1].append(index)
        n_nodes += added
        previous = request.context_ids
    return batches


def _common_prefix(first: Sequence[int], second: Sequence[int]) -> int:
    """Return how many leading tokens are the same."""
    length = 0
    for left, right in zip(first, second, strict=False):
        if left != right:
            break
        length += 1
    return length
