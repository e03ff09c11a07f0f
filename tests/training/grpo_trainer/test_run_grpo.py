"""`run_grpo` from a configuration to weights; going on from a checkpoint."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("trl")

import torch

from tests.training.grpo_trainer import tiny
from xleval.errors import ConfigError
from xleval.training.config.schema import (
    AdvantageConfig,
    DataConfig,
    LoraConfig,
    PoolingConfig,
    RewardConfig,
    TrainConfig,
)
from xleval.training.grpo.run import run_grpo
from xleval.training.outcome import TrainJob

CHILD = """
import os, pickle, signal, sys
from pathlib import Path
from tests.training.grpo_trainer.test_run_grpo import problems
from xleval.training.grpo.trainer import CrossLingualGRPOTrainer
from xleval.training.run import train

step = CrossLingualGRPOTrainer.training_step
def killed(self, *args, **kwargs):
    if self.state.global_step == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return step(self, *args, **kwargs)
if sys.argv[2] == "kill":
    CrossLingualGRPOTrainer.training_step = killed
root = Path(sys.argv[1])
train(problems(root, max_steps=5, save_steps=2), root / "killed", resume=sys.argv[2] == "resume", quiet=True)
"""


def problems(root: Path, **trainer: Any) -> TrainConfig:
    """Return a training on five problems in English and Swahili: an item a step, so epochs of five steps."""
    path, model = root / "problems.jsonl", root / "checkpoint"
    if not path.exists():
        texts = {"en": "How many are {} and {}?", "sw": "Je, {} na {} ni ngapi?"}
        rows = [
            {"item_id": f"q{n}", "language": lang, "question": text.format(n, n + 2), "answer": str(2 * n + 2)}
            for n in range(5) for lang, text in texts.items()
        ]  # fmt: skip
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        tiny.model(dropout=0.1).save_pretrained(model)
        tiny.tokenizer().save_pretrained(model)
    return TrainConfig(
        kind="grpo", name="tiny", model=str(model), rewards=(RewardConfig(name="random"),), seed=3,
        data=DataConfig(source=str(path), langs=("en", "sw"), evaluation=()),
        trainer={"num_generations": 2, "max_completion_length": 6, "learning_rate": 0.01, **trainer},
    )  # fmt: skip


def weights(folder: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    (file,) = folder.glob("*.safetensors")
    return dict(load_file(file))


def same(one: Path, other: Path) -> bool:
    left, right = weights(one), weights(other)
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


@pytest.mark.parametrize("lora", [None, LoraConfig(r=2, alpha=4, dropout=0.2)], ids=["full", "lora"])
def test_a_training_that_goes_on_is_the_unbroken_one(tmp_path: Path, lora: LoraConfig | None) -> None:
    """Seven steps over epochs of five, broken off in the second epoch; dropout draws numbers in every pass."""
    config = replace(problems(tmp_path, max_steps=7, save_steps=6), lora=lora)
    unbroken = run_grpo(config, TrainJob(out=tmp_path / "unbroken", quiet=True))
    checkpoint = tmp_path / "unbroken" / "checkpoint-6"
    job = TrainJob(out=tmp_path / "resumed", resume_from=checkpoint, quiet=True)
    resumed = run_grpo(config, job)
    assert same(tmp_path / "unbroken/model", tmp_path / "resumed/model")
    assert not same(checkpoint, tmp_path / "resumed/model")  # the last step changed something
    compared = ("n_rollouts", "n_tokens", "steps", "n_items", "n_rows")
    assert [getattr(unbroken, name) for name in compared] == [getattr(resumed, name) for name in compared]
    assert unbroken.n_rollouts == 7 * 4
    assert resumed.figures["loss"] == unbroken.figures["loss"]


@pytest.mark.slow
def test_killed_and_resumed_is_the_unbroken_one(tmp_path: Path) -> None:
    run_grpo(problems(tmp_path, max_steps=5, save_steps=2), TrainJob(out=tmp_path / "unbroken", quiet=True))
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[3])}
    codes = [
        subprocess.run([sys.executable, "-c", CHILD, str(tmp_path), what], env=environment).returncode
        for what in ("kill", "resume")
    ]
    assert codes == [-9, 0]
    assert same(tmp_path / "unbroken/model", tmp_path / "killed/model")


def test_facts_are_pooled_from_the_configuration_on(tmp_path: Path, embedded_set: Path) -> None:
    problems(tmp_path)
    config = TrainConfig(
        kind="grpo", name="facts", model=str(tmp_path / "checkpoint"), rewards=(RewardConfig(name="facts"),),
        data=DataConfig(source=str(embedded_set), langs=("en", "de", "sw"), limit=2, evaluation=()),
        pooling=PoolingConfig(), trainer={"num_generations": 2, "max_completion_length": 4, "max_steps": 2},
    )  # fmt: skip
    outcome = run_grpo(config, TrainJob(out=tmp_path / "out", quiet=True))
    assert (outcome.n_items, outcome.n_rows, outcome.n_rollouts) == (2, 6, 12)
    means = {outcome.figures[f"reward/{lang}"] for lang in ("en", "de", "sw")}
    assert len(means) == 1  # every language of a roll-out gets the same reward
    points = [json.loads(line) for line in (tmp_path / "out/curves.jsonl").read_text().splitlines()]
    assert {(each["step"], each["lang"]) for each in points} == {
        (s, lang) for s in (1, 2) for lang in ("en", "de", "sw")
    }
    assert (tmp_path / "out/model/model.safetensors").is_file()


def test_more_prompts_than_there_are_is_said_before_training(tmp_path: Path) -> None:
    config = problems(tmp_path, steps_per_generation=8, per_device_train_batch_size=4)
    with pytest.raises(ConfigError, match="has 10 prompts, and a generation batch holds 16"):
        run_grpo(config, TrainJob(out=tmp_path / "out", quiet=True))


def test_warped_sampling_is_refused_before_anything_is_loaded(tmp_path: Path) -> None:
    config = replace(problems(tmp_path, top_p=0.9), model="no/such-model")
    with pytest.raises(ConfigError, match=r"warping is off, but trainer\.top_p 0\.9"):
        run_grpo(config, TrainJob(out=tmp_path / "out", quiet=True))


def test_advantages_that_are_not_computed_are_refused(tmp_path: Path) -> None:
    config = replace(
        problems(tmp_path, scale_rewards="none"), model="no/such-model", advantage=AdvantageConfig(std="population")
    )
    with pytest.raises(ConfigError, match=r"advantage is population .* trainer\.scale_rewards none"):
        run_grpo(config, TrainJob(out=tmp_path / "out", quiet=True))
