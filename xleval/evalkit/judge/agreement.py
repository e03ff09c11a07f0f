"""Agreement of two sets of verdicts on the same items."""

from collections import Counter
from collections.abc import Sequence

from xleval.evalkit.judge.schema import AgreementJson


def agreement(one: Sequence[str], other: Sequence[str]) -> AgreementJson:
    """Return the share of items on which two sets of verdicts are the same, and Cohen's kappa.

    κ = (p - e) / (1 - e), p the share of the same and e = Σ over verdicts of the product of the two shares. It is None
    where both always give one and the same verdict, so that e is 1.

    Args:
        one, other: verdicts of the same items in the same order.

    Reference: Cohen 1960, doi:10.1177/001316446002000104.
    """
    n = len(one)
    if not n:
        return AgreementJson(n=0, same=None, kappa=None)
    same = sum(a == b for a, b in zip(one, other, strict=True))
    counts, others = Counter(one), Counter(other)
    by_chance = sum(counts[verdict] * others[verdict] for verdict in counts)  # times n², so that 1 is exact
    kappa = None if by_chance == n * n else (same * n - by_chance) / (n * n - by_chance)
    return AgreementJson(n=n, same=same / n, kappa=kappa)
