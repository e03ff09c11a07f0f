"""Batches of texts of like length under a budget of tokens, so that padding is small and memory bounded."""

from collections.abc import Sequence


def token_batches(lengths: Sequence[int], *, budget: int, most: int) -> list[list[int]]:
    """Return the places of texts in batches, longest texts first, each place once.

    A batch's cost is its number of texts times the length of its longest, which is what a padded batch occupies.

    Args:
        lengths: tokens of each text, at least 1.
        budget: most tokens of a batch, padding included; a single longer text is a batch of its own.
        most: most texts of a batch.
    """
    order = sorted(range(len(lengths)), key=lambda place: (-lengths[place], place))
    batches: list[list[int]] = []
    for place in order:
        last = batches[-1] if batches else []
        if last and len(last) < most and lengths[last[0]] * (len(last) + 1) <= budget:
            last.append(place)
        else:
            batches.append([place])
    return batches


def fill(lengths: Sequence[int], batches: Sequence[Sequence[int]]) -> float:
    """Return the share of the batches' tokens that is text and not padding, 0 to 1."""
    padded = sum(max(lengths[place] for place in batch) * len(batch) for batch in batches)
    return sum(lengths[place] for batch in batches for place in batch) / padded if padded else 1.0
