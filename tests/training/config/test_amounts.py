"""Amounts of a training before it is done, beside arithmetic by hand."""

from pathlib import Path

from tests.training.config.yaml_files import RIGHT, needs_trl, write
from xleval.training.config.amounts import planned_amounts
from xleval.training.config.read import read_config

pytestmark = needs_trl


def _file(embedded_set: Path, tmp_path: Path, kind: str) -> str:
    text = {"grpo": RIGHT["grpo"], "sft": RIGHT["sft"], "cm-align": RIGHT["cm-align"]}[kind]
    return write(tmp_path, text.replace("source: embedded", f"source: {embedded_set}").replace("ko", "de"))


def test_grpo_counts_facts_rows_roll_outs_and_steps(embedded_set: Path, tmp_path: Path) -> None:
    path = _file(embedded_set, tmp_path, "grpo")
    # 20 facts in 2 languages, 4 roll-outs each: a fact has 8, one fact a step by default; 2 epochs are 40 steps
    settings = ["data.limit=20", "num_generations=4", "num_train_epochs=2"]
    found = planned_amounts(read_config(path, "grpo", settings))
    assert (found.n_items, found.n_rows, found.n_steps, found.n_rollouts) == (20, 40, 40, 320)
    # two facts at once and two steps from each batch: 10 batches, 20 steps, 160 roll-outs an epoch
    settings += ["per_device_train_batch_size=8", "steps_per_generation=2", "gradient_accumulation_steps=1"]
    found = planned_amounts(read_config(path, "grpo", [*settings, "num_train_epochs=1"]))
    assert (found.n_steps, found.n_rollouts) == (20, 160)
    found = planned_amounts(read_config(path, "grpo", [*settings, "max_steps=6"]))
    assert (found.n_steps, found.n_rollouts) == (6, 48)


def test_sft_counts_batches_as_the_trainer_does(embedded_set: Path, tmp_path: Path) -> None:
    path = _file(embedded_set, tmp_path, "sft")
    # 25 facts x 2 languages = 50 rows, in batches of 4: 13; accumulated by 2: 7 steps an epoch; 3 epochs by default
    settings = ["data.limit=25", "per_device_train_batch_size=4", "gradient_accumulation_steps=2"]
    found = planned_amounts(read_config(path, "sft", settings))
    assert (found.n_items, found.n_rows, found.n_steps, found.n_rollouts) == (25, 50, 21, 0)


def test_cm_align_counts_what_it_samples(embedded_set: Path, tmp_path: Path) -> None:
    found = planned_amounts(read_config(_file(embedded_set, tmp_path, "cm-align"), "cm-align", ["data.limit=5"]))
    assert (found.n_rows, found.n_rollouts, found.n_steps) == (10, 40, None)


def test_what_is_not_at_hand_is_said_and_not_guessed(tmp_path: Path) -> None:
    path = write(tmp_path, RIGHT["sft"].replace("embedded", "./sets/none").replace("model: m", "model: ./none"))
    found = planned_amounts(read_config(path, "sft"))
    assert (found.n_items, found.n_rows, found.n_steps, found.memory_gb) == (None, None, None, None)
    assert [each for each in found.problems if "sets/none does not exist" in each]
    assert [each for each in found.problems if "./none" in each and "not at hand" in each]
