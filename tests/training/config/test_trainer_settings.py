"""What TRL's config classes are given: the file's settings, ours, and what they refuse."""

import warnings
from pathlib import Path

import pytest

from tests.training.config.yaml_files import RIGHT, needs_trl, write
from xleval.errors import ConfigError
from xleval.training.config.read import read_config
from xleval.training.config.schema import KINDS, Kind
from xleval.training.config.trainer_fields import all_field_names, config_class
from xleval.training.config.trainer_settings import trainer_settings
from xleval.training.outcome import TrainJob

pytestmark = needs_trl


@pytest.mark.parametrize("kind", KINDS)
def test_trls_class_takes_the_settings_of_every_kind(kind: Kind, tmp_path: Path) -> None:
    config = read_config(write(tmp_path, RIGHT[kind]), kind, ["max_steps=3", "seed=7", "learning_rate=3e-6"])
    job = TrainJob(out=tmp_path / "out", log_to=("tensorboard",), quiet=True)
    settings = trainer_settings(config, job)
    made = config_class(kind)(**settings)
    assert (made.max_steps, made.learning_rate, made.seed, made.data_seed) == (3, 3e-6, 7, 7)
    assert (made.output_dir, made.report_to, made.disable_tqdm) == (str(tmp_path / "out"), ["tensorboard"], True)
    assert made.logging_steps == 1
    assert not (tmp_path / "out").exists()


def test_without_trackers_none_is_asked(tmp_path: Path) -> None:
    # an empty list is: no tracker, whatever is installed
    config = read_config(write(tmp_path, RIGHT["sft"]), "sft")
    assert config_class("sft")(**trainer_settings(config, TrainJob(out=tmp_path))).report_to == []


def test_rows_of_grpo_are_never_shuffled_and_columns_stay(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, RIGHT["grpo"]), "grpo")
    settings = trainer_settings(config, TrainJob(out=tmp_path))
    assert (settings["shuffle_dataset"], settings["remove_unused_columns"]) == (False, False)
    # 2 languages x TRL's 8 roll-outs: a fact is whole in the 16 of one pass
    assert (settings["per_device_train_batch_size"], settings["steps_per_generation"]) == (16, 1)


def test_on_a_machine_without_a_gpu_the_cpu_computes_in_float32(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    path = write(tmp_path, RIGHT["sft"])
    settings = trainer_settings(read_config(path, "sft"), TrainJob(out=tmp_path))
    assert (settings["use_cpu"], settings["bf16"], settings["fp16"]) == (True, False, False)
    chosen = trainer_settings(read_config(path, "sft", ["bf16=true"]), TrainJob(out=tmp_path))
    assert chosen["bf16"] is True  # what is said is not overruled


def test_what_trl_refuses_is_said_with_the_key(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, RIGHT["grpo"]), "grpo", ["auto_find_batch_size=true"])
    with pytest.raises(ConfigError, match=r"TRL refuses trainer\.auto_find_batch_size True: .*not supported by GRPO"):
        trainer_settings(config, TrainJob(out=tmp_path))
    config = read_config(write(tmp_path, RIGHT["sft"]), "sft", ["lr_scheduler_type=cosin"])
    with pytest.raises(ConfigError, match=r"TRL refuses .*cosin"):
        trainer_settings(config, TrainJob(out=tmp_path))


def test_settings_are_those_of_trls_dataclasses() -> None:
    # names that the kinds differ in, read in trl 1.16's grpo_config.py, sft_config.py, dpo_config.py
    assert {"num_generations", "packing", "precompute_ref_log_probs", "learning_rate"} <= all_field_names()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert config_class("grpo").__name__ == "GRPOConfig"
