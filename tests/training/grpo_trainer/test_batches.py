"""Sizes of batches: arithmetic by hand."""

from typing import Any

import pytest

from xleval.errors import ConfigError, DataError
from xleval.training.config.schema import DataConfig, PoolingConfig, TrainConfig
from xleval.training.grpo.batches import BatchPlan, check_whole_items, fill_batches, plan_batches

TWELVE = ("en", "de", "fr", "es", "pt", "ru", "zh", "ja", "ko", "th", "sw", "bn")


def config(
    *, langs: tuple[str, ...] = TWELVE, pooled: bool = True, regime: Any = "grow", **trainer: Any
) -> TrainConfig:
    return TrainConfig(
        kind="grpo", name="x", model="m", data=DataConfig(source="embedded", langs=langs, regime=regime),
        pooling=PoolingConfig() if pooled else None, trainer=trainer,
    )  # fmt: skip


def test_one_item_a_step_where_nothing_is_said() -> None:
    """12 languages x 8 roll-outs = 96 = 6 passes of 16, all of one optimiser step; 500 steps between checkpoints."""
    filled = fill_batches(config(), n_processes=1)
    assert filled == {
        "num_generations": 8, "per_device_train_batch_size": 16, "gradient_accumulation_steps": 6,
        "steps_per_generation": 6, "num_iterations": 1, "save_steps": 500,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("trainer", "per_device", "per_generation", "accumulate"),
    [
        ({"per_device_train_batch_size": 8}, 8, 12, 12),  # 96 / 8
        ({"gradient_accumulation_steps": 4}, 24, 4, 4),  # 96 / 4
        ({"gradient_accumulation_steps": 5}, 96, 5, 5),  # the least that 5 passes make whole items of: lcm(96, 5) / 5
        ({"generation_batch_size": 192, "per_device_train_batch_size": 32}, 32, 6, 6),  # two items: 192 / 32
        ({"num_generations": 4}, 16, 3, 3),  # 48 = 3 x 16
        ({"steps_per_generation": 6, "gradient_accumulation_steps": 2, "save_steps": 3}, 16, 6, 2),
    ],
)
def test_the_rest_follows(trainer: dict[str, int], per_device: int, per_generation: int, accumulate: int) -> None:
    filled = fill_batches(config(**trainer), n_processes=1)
    names = ("per_device_train_batch_size", "steps_per_generation", "gradient_accumulation_steps")
    assert tuple(filled[name] for name in names) == (per_device, per_generation, accumulate)
    assert fill_batches(config(**filled), n_processes=1) == filled  # a filled configuration stays as it is


def test_generation_batch_size_is_of_all_processes() -> None:
    plan = plan_batches(config(generation_batch_size=192, per_device_train_batch_size=8), n_processes=2)
    assert (plan.local, plan.per_generation, plan.n_rows) == (96, 12, 24)


def test_items_of_the_fixed_regime_have_one_language() -> None:
    assert plan_batches(config(pooled=False, regime="fixed"), n_processes=1).per_item == 8


def test_a_split_item_is_refused_with_the_sizes_that_fit() -> None:
    with pytest.raises(ConfigError) as refused:
        fill_batches(config(per_device_train_batch_size=8, steps_per_generation=10), n_processes=1)
    said = str(refused.value)
    assert "8 x trainer.steps_per_generation 10 = 80" in said
    assert "12 languages x 8 roll-outs = 96" in said
    assert "the nearest sizes that fit: 96." in said
    assert "to 12, or leave both out" in said


def test_without_pooling_only_the_roll_outs_of_a_prompt_stay_together() -> None:
    fill_batches(config(pooled=False, per_device_train_batch_size=8, steps_per_generation=10), n_processes=1)
    with pytest.raises(ConfigError, match="a prompt has 8 roll-outs"):
        fill_batches(config(pooled=False, per_device_train_batch_size=3, steps_per_generation=2), n_processes=1)


@pytest.mark.parametrize(
    ("trainer", "block"),
    [
        ({"per_device_train_batch_size": 96, "num_iterations": 2}, 2),  # one pass, trained on twice
        ({"steps_per_generation": 6, "gradient_accumulation_steps": 4}, 3),  # 6 and 4 meet at 12 passes = 3 steps
        ({"steps_per_generation": 2, "gradient_accumulation_steps": 4}, 1),
    ],
)
def test_checkpoints_stand_at_the_border_of_a_generation_batch(trainer: dict[str, int], block: int) -> None:
    assert plan_batches(config(**trainer), n_processes=1).block_steps == block
    fill_batches(config(**trainer, save_steps=4 * block), n_processes=1)
    if block > 1:
        with pytest.raises(ConfigError, match=f"The nearest that fit: {4 * block} and {5 * block}"):
            fill_batches(config(**trainer, save_steps=4 * block + 1), n_processes=1)
    filled = fill_batches(config(**trainer), n_processes=1)
    assert int(str(filled["save_steps"])) % block == 0


@pytest.mark.parametrize("save_steps", [0.5, 0, "many"])
def test_checkpoints_every_so_many_whole_steps(save_steps: object) -> None:
    with pytest.raises(ConfigError, match=r"save_steps is .*whole number"):
        fill_batches(config(save_steps=save_steps), n_processes=1)


def test_two_names_for_one_size_contradict_each_other() -> None:
    with pytest.raises(ConfigError, match=r"steps_per_generation 6 and trainer\.generation_batch_size 96"):
        fill_batches(config(steps_per_generation=6, generation_batch_size=96), n_processes=1)


PLAN = BatchPlan(
    rows_per_item=2, n_generations=2, per_device=4, accumulate=1, per_generation=1, n_iterations=1, n_processes=1
)


def rows(text: str) -> list[dict[str, object]]:
    return [{"item_id": each[0], "lang": each[1:], "copy": 0} for each in text.split()]


def test_whole_items_pass() -> None:
    check_whole_items(rows("aen aen ade ade ben ben bde bde"), PLAN)


@pytest.mark.parametrize("text", ["aen aen aen ade", "aen aen ben ben", "aen aen ade", "aen aen aen aen"])
def test_an_item_that_lacks_something_is_an_error(text: str) -> None:
    with pytest.raises(DataError, match="needed are 2 in each of 2 languages of one item"):
        check_whole_items(rows(text), PLAN)
