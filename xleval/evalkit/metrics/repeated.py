"""Several completions of one prompt: at least one right of k (pass@k), and the most frequent answer (maj@k)."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from xleval.errors import ConfigError
from xleval.evalkit.metrics.accuracy import completion_verdict
from xleval.evalkit.metrics.grid import Floats, TaskGrid
from xleval.evalkit.samples import Sample


def pass_at(k: int, n: int, n_right: int) -> float:
    """Return the probability that at least one of k completions, drawn from n without replacement, is right.

    1 - C(n - c, k) / C(n, k), the unbiased estimate from n completions of which c are right.

    Args:
        k: completions that one may try, 1 to n.
        n: completions at hand.
        n_right: those of them that are right.

    Raises:
        ConfigError: k is not from 1 to n, or n_right not from 0 to n.

    Reference: Chen et al. 2021, arXiv 2107.03374, equation 1.
    """
    if not 1 <= k <= n or not 0 <= n_right <= n:
        raise ConfigError(f"pass@{k} of {n} completions, {n_right} right: k from 1 to n and a count up to n are needed")
    return 1.0 - math.comb(n - n_right, k) / math.comb(n, k)


def majority_correctness(draws: Sequence[Sample]) -> float | None:
    """Return whether the most frequent answer is right, in [0, 1]; of equally frequent ones, the share that is right.

    Completions without an answer do not vote; where none has one the majority is wrong. None without any verdict.
    """
    scored = [each for each in draws if completion_verdict(each) is not None]
    if not scored:
        return None
    votes = Counter(each.prediction for each in scored if each.prediction is not None)
    if not votes:
        return 0.0
    most = max(votes.values())
    leaders = {answer for answer, count in votes.items() if count == most}
    right = {each.prediction for each in scored if completion_verdict(each)}
    return len(leaders & right) / len(leaders)


def sizes(n: int) -> list[int]:
    """Return the k of the pass@k that are shown for n completions: 2, 4, 8 … and n itself."""
    powers = [2**power for power in range(1, n.bit_length()) if 2**power < n]
    return [*powers, n] if n > 1 else []


def pass_columns(grid: TaskGrid, k: int) -> Floats:
    """Return pass@k of each item and language, (I, L); NaN where fewer than k completions have a verdict."""
    values = np.full((len(grid.item_ids), len(grid.languages)), np.nan)
    for i, row in enumerate(grid.draws):
        for j, draws in enumerate(row):
            verdicts = [verdict for each in draws if (verdict := completion_verdict(each)) is not None]
            if len(verdicts) >= k:
                values[i, j] = pass_at(k, len(verdicts), sum(verdicts))
    return values


def majority_columns(grid: TaskGrid) -> Floats:
    """Return maj@k of each item and language, (I, L); NaN where no completion has a verdict."""
    values = np.full((len(grid.item_ids), len(grid.languages)), np.nan)
    for i, row in enumerate(grid.draws):
        for j, draws in enumerate(row):
            found = majority_correctness(draws)
            if found is not None:
                values[i, j] = found
    return values
