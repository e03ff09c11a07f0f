"""The order of sampling."""

import pytest

pytest.importorskip("torch")

from xleval.errors import DataError
from xleval.training.grpo.sampler import ItemSampler, item_blocks

BLOCKS = item_blocks(["a", "a", "b", "b", "c", "c", "d", "d", "e", "e"])


def sampler(epoch: int = 0, *, shuffle: bool = True, repeats: int = 1, n_rows: int = 4) -> ItemSampler:
    return ItemSampler(
        BLOCKS, n_rows=n_rows, n_generations=2, n_repeats=repeats, shuffle=shuffle, seed=7, epoch=lambda: epoch
    )


def test_each_prompt_is_repeated_and_each_batch_too() -> None:
    order = list(sampler(shuffle=False, repeats=2))
    batch = [0, 0, 1, 1, 2, 2, 3, 3]
    later = [place + 4 for place in batch]
    assert order == [*batch, *batch, *later, *later]
    assert len(order) == len(sampler(shuffle=False, repeats=2))  # the fifth item fills no batch


def test_items_are_shuffled_whole_and_differently_in_every_epoch() -> None:
    orders = [sampler().rows(epoch) for epoch in range(5)]
    for order in orders:
        assert sorted(order) == list(range(10))
        assert all(order[place] % 2 == 0 and order[place + 1] == order[place] + 1 for place in range(0, 10, 2))
    assert len({tuple(order) for order in orders}) == 5
    assert {row for epoch in range(5) for row in sampler(epoch)} == set(range(10))  # what is left out differs


def test_an_epoch_is_the_same_whenever_it_is_asked_for() -> None:
    first = list(sampler(3))
    used = sampler(3)
    list(used)
    assert list(used) == first  # no state: a training that goes on makes a new sampler
    assert list(sampler(2)) != first


def test_rows_of_an_item_that_stand_apart_are_an_error() -> None:
    with pytest.raises(DataError, match="item a stands at row 2 again"):
        item_blocks(["a", "b", "a"])


def test_the_order_is_that_of_trl_where_nothing_is_shuffled() -> None:
    pytest.importorskip("trl")
    from xleval.training.installed import import_trl

    import_trl()
    from trl.trainer.utils import RepeatSampler

    theirs = RepeatSampler(range(10), mini_repeat_count=2, batch_size=4, repeat_count=3, shuffle=False)
    assert list(sampler(shuffle=False, repeats=3)) == list(theirs)
    assert len(sampler(shuffle=False, repeats=3)) == len(theirs)
