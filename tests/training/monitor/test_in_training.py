"""The monitor in real trainings: it disturbs nothing, goes on from a checkpoint, reaches trackers, ends a training."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("datasets")
pytest.importorskip("peft")

from transformers import Trainer, TrainerCallback, TrainingArguments

from tests.training.monitor.rollouts import collapsing, monitor_in, of_step
from tests.training.monitor.tiny_run import settings, train, watched
from xleval.evalkit.curves_schema import CurvesJson
from xleval.evalkit.shapes import unlike
from xleval.training.config.schema import MonitorConfig
from xleval.training.installed import import_trl
from xleval.training.rollouts import watch_map
from xleval.training.watch import WatchConfig, watch

WRITTEN = ("curves.json", "curves.jsonl", "curves.csv", "curves.html", "held_out.jsonl")


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Compute in one thread: for matrices this small, threads that wait for each other take most of the time."""
    import torch

    import_trl()
    n = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(n)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("monitored")


@pytest.fixture(scope="module")
def run(root: Path) -> Path:
    """Return the folder of a training of four steps, asked at steps 0, 2 and 4."""
    out = root / "watched"
    train(settings(root, watched(root)), out, log_to=("tensorboard",))
    return out


def curves_in(folder: Path) -> CurvesJson:
    found: CurvesJson = json.loads((folder / "curves.json").read_text(encoding="utf-8"))
    return found


def test_the_curves_of_a_real_training(run: Path) -> None:
    curves = curves_in(run)
    assert unlike(curves, CurvesJson) is None
    steps = [(point["step"], point["lang"]) for point in curves["points"]]
    assert steps == [(step, lang) for step in (1, 2, 3, 4) for lang in ("en", "sw")]
    assert {point["n"] for point in curves["points"]} == {2}
    assert all(point["entropy"] and point["reward"] in (0.0, 0.5, 1.0) for point in curves["points"])
    asked = [(row["step"], row["lang"], row["kind"], row["accuracy"]["n"]) for row in curves["held_out"]]
    assert asked == [(step, lang, "generation", 3) for step in (0, 2, 4) for lang in ("en", "sw")]
    assert "Held-out prompts of" in (run / "curves.html").read_text(encoding="utf-8")


def test_held_out_prompts_do_not_disturb_the_training(run: Path, root: Path) -> None:
    """Sampling and dropout draw from the same random state: one number more and everything after it is another."""
    train(settings(root, MonitorConfig()), root / "unwatched")
    assert not (root / "unwatched/held_out.jsonl").read_bytes()
    for name in ("curves.jsonl", "model/model.safetensors"):
        assert (root / "unwatched" / name).read_bytes() == (run / name).read_bytes(), name


def test_a_resumed_training_has_the_same_curves(run: Path, root: Path) -> None:
    """As after a kill behind the checkpoint of step 2: what was recorded after it is there, and is made again."""
    out = root / "resumed"
    shutil.copytree(run, out)
    config = settings(root, watched(root))
    train(config, out, resume_from=out / "checkpoint-2")
    for name in WRITTEN:
        assert (out / name).read_bytes() == (run / name).read_bytes(), name


def test_trackers_get_the_figures(run: Path) -> None:
    """Read from TensorBoard's file by its own reader (tensorboard 2.20, 2026-11-21)."""
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    (file,) = run.glob("runs/**/events.out.tfevents.*")
    events = reader.EventAccumulator(str(file))
    events.Reload()
    curves = curves_in(run)
    logged = [(event.step, event.value) for event in events.Scalars("train/rollout_reward/sw")]
    assert logged == [(point["step"], point["reward"]) for point in curves["points"] if point["lang"] == "sw"]
    assert [event.step for event in events.Scalars("eval/accuracy/en")] == [2, 4]


def test_watch_reads_the_roll_outs_of_the_training(run: Path, tmp_path: Path) -> None:
    """TRL's own files, with the columns that our rewards log, give the word ratios and the verdicts of the monitor."""
    seen = watch(WatchConfig(folder=run, out=tmp_path / "watch", once=True, fields=watch_map((), "lang")), resume=False)
    own = curves_in(run)["points"]
    assert len(seen["points"]) == len(own)
    for read, point in zip(seen["points"], own, strict=True):
        for key in ("step", "lang", "n", "accuracy", "n_chars", "excluded_share"):
            assert read[key] == point[key], key
        assert read["word_ratio"]["all"] == point["word_ratio"]["all"]
        assert read["advantage"] == pytest.approx(point["advantage"], abs=1e-6)


class _Feeds(TrainerCallback):
    """Hands the roll-outs of a collapse to the monitor, as a trainer does before its step is over."""

    def __init__(self, monitor: Any) -> None:
        self._monitor = monitor

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        step = state.global_step + 1
        self._monitor.record(step, of_step(step, collapsing(step)))


def test_a_warning_ends_a_real_training(tmp_path: Path) -> None:
    import torch

    class Line(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = torch.nn.Linear(1, 1)

        def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
            return {"loss": self.weight(x).square().mean()}

    rule = "rewarded-ratio-falls"
    monitor = monitor_in(tmp_path, MonitorConfig(stop_on_warning=(rule,)))
    arguments = TrainingArguments(
        output_dir=str(tmp_path), max_steps=100, report_to=[], use_cpu=True, save_strategy="no", disable_tqdm=True
    )
    rows = [{"x": torch.ones(1)}] * 8
    trainer = Trainer(model=Line(), args=arguments, train_dataset=rows, callbacks=[_Feeds(monitor), monitor.callback()])
    trainer.train()
    (warning,) = [each for each in curves_in(tmp_path)["warnings"] if each["rule"] == rule]
    assert trainer.state.global_step == warning["step"] < 40
    assert monitor.stopped_by == rule
