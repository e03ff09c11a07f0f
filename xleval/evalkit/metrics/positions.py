"""What the place of a shown option does to whether it is chosen."""

from collections.abc import Sequence

from xleval.evalkit.results_schema import PositionsJson
from xleval.evalkit.samples import Sample


def position_effect(items: Sequence[Sequence[Sample]]) -> PositionsJson | None:
    """Return how often each place is chosen over rotations; None where options stood in one order.

    Args:
        items: of one language, for each item its samples by rotation; the scores are in the item's own order, and
            rotation r showed option r first. Items without scores in every rotation are left out.
    """
    whole = [rotations for rotations in items if all(each.sum_logprobs for each in rotations)]
    n_rotations = max((len(rotations) for rotations in whole), default=0)
    n_options = max((len(rotations[0].choices) for rotations in whole), default=0)
    whole = [each for each in whole if len(each) == n_rotations and len(each[0].choices) == n_options]
    if n_rotations < 2 or not whole:
        return None
    chosen, right, changed = [0] * n_options, [0] * n_rotations, 0
    for rotations in whole:
        picks = []
        for rotation, sample in enumerate(rotations):
            pick = sample.sum_logprobs.index(max(sample.sum_logprobs))
            picks.append(pick)
            chosen[(pick - rotation) % n_options] += 1
            right[rotation] += pick == sample.gold_index
        changed += len(set(picks)) > 1
    n = len(whole)
    return PositionsJson(
        chosen=[count / (n * n_rotations) for count in chosen],
        accuracy=[count / n for count in right],
        changed=changed / n,
        n=n,
    )
