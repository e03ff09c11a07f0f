"""The order in which prompts are sampled for: items reshuffled every epoch, the languages of an item together."""

from collections.abc import Callable, Iterator, Sequence

import torch
from torch.utils.data import Sampler

from xleval.errors import DataError


def item_blocks(item_ids: Sequence[str]) -> list[range]:
    """Return the rows of each item, in the order of the rows.

    Raises:
        DataError: an item's rows do not stand together.
    """
    blocks: list[range] = []
    seen: set[str] = set()
    for row, item_id in enumerate(item_ids):
        if blocks and item_ids[blocks[-1].start] == item_id:
            blocks[-1] = range(blocks[-1].start, row + 1)
            continue
        if item_id in seen:
            raise DataError(
                f"item {item_id} stands at row {row} again, apart from its other languages; the rows of an item must "
                "stand together"
            )
        seen.add(item_id)
        blocks.append(range(row, row + 1))
    return blocks


class ItemSampler(Sampler[int]):
    """Rows in the order of TRL's `RepeatSampler`, but shuffled by item, and anew in every epoch.

    Each generation batch is `n_rows` prompts, each of them `n_generations` times in a row, and the whole
    `n_repeats` times over (`num_iterations x steps_per_generation`: the trainer reads a batch at every pass and uses the
    first). The order depends on the seed and the epoch alone, so a training that goes on finds the same one. Rows that
    do not fill a batch are left out, other ones in every epoch where items are shuffled.
    """

    def __init__(
        self, blocks: Sequence[range], *, n_rows: int, n_generations: int, n_repeats: int, shuffle: bool, seed: int,
        epoch: Callable[[], int],
    ) -> None:  # fmt: skip
        self._blocks = blocks
        self._n_rows = n_rows
        self._n_generations = n_generations
        self._n_repeats = n_repeats
        self._shuffle = shuffle
        self._seed = seed
        self._epoch = epoch

    def __len__(self) -> int:
        whole = sum(map(len, self._blocks)) // self._n_rows
        return whole * self._n_rows * self._n_generations * self._n_repeats

    def __iter__(self) -> Iterator[int]:
        rows = self.rows(self._epoch())
        for start in range(0, len(rows) - self._n_rows + 1, self._n_rows):
            batch = rows[start : start + self._n_rows]
            for _ in range(self._n_repeats):
                for row in batch:
                    yield from [row] * self._n_generations

    def rows(self, epoch: int) -> list[int]:
        """Return all rows in the order of an epoch."""
        order = list(range(len(self._blocks)))
        if self._shuffle:
            generator = torch.Generator().manual_seed(self._seed * 1_000_003 + epoch)
            order = torch.randperm(len(order), generator=generator).tolist()
        return [row for place in order for row in self._blocks[place]]
