"""The monitor, driven as a trainer drives it: what it writes, warns of, ends, and goes on with."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.training.monitor.rollouts import collapsing, monitor_in, of_step, run_steps
from tests.training.rollout_files import write_verl
from xleval.errors import ConfigError, DataError, MissingExtra
from xleval.evalkit.curves_schema import CurvesJson
from xleval.evalkit.shapes import unlike
from xleval.training.config.schema import MonitorConfig, RewardConfig
from xleval.training.measure import Detector
from xleval.training.monitor.monitor import Monitor
from xleval.training.rollouts import RollOut
from xleval.training.watch import WatchConfig, watch

FILES = ("curves.json", "curves.jsonl", "curves.csv", "curves.html")


def curves_in(folder: Path) -> CurvesJson:
    found: CurvesJson = json.loads((folder / "curves.json").read_text(encoding="utf-8"))
    return found


def test_the_curves_are_those_of_watch(tmp_path: Path) -> None:
    """The same roll-outs, written as verl writes them and read by `xleval watch`, and handed to the monitor."""
    for step in range(1, 25):
        write_verl(tmp_path / "files", step, collapsing(step), n=16)
    read = watch(WatchConfig(folder=tmp_path / "files", out=tmp_path / "watch", once=True), resume=False)
    run_steps(monitor_in(tmp_path / "train"), 1, 24)
    handed = curves_in(tmp_path / "train")
    assert read["warnings"]
    for key in ("points", "warnings", "cannot_warn", "refused", "languages", "warning_options", "units", "schema"):
        assert json.dumps(handed[key]) == json.dumps(read[key]), key
    assert (tmp_path / "train/curves.csv").read_bytes() == (tmp_path / "watch/curves.csv").read_bytes()


def test_what_is_written(tmp_path: Path) -> None:
    monitor = monitor_in(
        tmp_path, None, RewardConfig(name="accuracy"), RewardConfig(name="length", weight=0.5),
        RewardConfig(name="format", weight=0),
    )  # fmt: skip
    run_steps(monitor, 1, 3)
    curves = curves_in(tmp_path)
    assert unlike(curves, CurvesJson) is None
    assert curves["source"] == "xleval"
    assert curves["reward_columns"] == ["accuracy", "0.5 × length"]
    assert curves["files"]["n_read"] == 3
    lines = (tmp_path / "curves.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == curves["points"]
    with (tmp_path / "curves.csv").open(encoding="utf-8") as file:
        assert [row["step"] for row in csv.DictReader(file)] == ["1", "2", "3"]
    page = (tmp_path / "curves.html").read_text(encoding="utf-8")
    assert "Roll-outs of 3 steps, measured by the training itself with the first detector" in page


def test_a_warning_is_said_once_and_ends_the_training(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rule = "rewarded-ratio-falls"
    monitor = monitor_in(tmp_path, MonitorConfig(stop_on_warning=(rule,)))
    run_steps(monitor, 1, 40)
    (warning,) = [each for each in curves_in(tmp_path)["warnings"] if each["rule"] == rule]
    assert monitor.stopped_by == rule
    # English comes with step 11: no share had fallen before
    assert 11 < warning["step"] == curves_in(tmp_path)["points"][-1]["step"] < 40
    said = capsys.readouterr().err.splitlines()
    assert len([line for line in said if line.startswith("early warning: sw, step")]) == len(said) - 1
    assert said[-1] == f"training ends here: monitor.stop_on_warning names {rule}"


def test_without_stop_the_training_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    monitor = monitor_in(tmp_path)
    run_steps(monitor, 1, 30)
    assert monitor.stopped_by == ""
    assert curves_in(tmp_path)["points"][-1]["step"] == 30
    warned = [(each["step"], each["rule"]) for each in curves_in(tmp_path)["warnings"]]
    said = capsys.readouterr().err.splitlines()
    assert len(said) == len(warned) == len(set(warned)) > 0


@pytest.mark.parametrize("torn", [False, True])
def test_a_resumed_training_ends_with_the_same_bytes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], torn: bool
) -> None:
    """Killed at step 27, in the middle of a line or after it, and gone on with from the checkpoint of step 20."""
    run_steps(monitor_in(tmp_path / "unbroken"), 1, 30)
    run_steps(monitor_in(tmp_path / "killed"), 1, 27)
    if torn:
        path = tmp_path / "killed/curves.jsonl"
        path.write_bytes(path.read_bytes()[:-100])
    said = capsys.readouterr().err.splitlines()[-1]
    again = monitor_in(tmp_path / "killed")
    again.begin(20)
    run_steps(again, 21, 30)
    for name in FILES:
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "unbroken" / name).read_bytes(), name
    assert said not in capsys.readouterr().err  # it was of a step up to 20


def test_several_generations_of_one_step_are_one_point(tmp_path: Path) -> None:
    whole, parts = monitor_in(tmp_path / "whole"), monitor_in(tmp_path / "parts")
    rollouts = of_step(1, 0.5)
    whole.record(1, rollouts)
    for start in range(0, 16, 4):
        parts.record(1, rollouts[start : start + 4])
    for monitor in (whole, parts):
        monitor.close_step(1)
    assert (tmp_path / "whole/curves.jsonl").read_bytes() == (tmp_path / "parts/curves.jsonl").read_bytes()


def test_steps_without_a_generation_make_no_point(tmp_path: Path) -> None:
    monitor = monitor_in(tmp_path)
    for step in (1, 2, 3, 4):  # trained on twice each
        if step % 2:
            monitor.record(step, of_step(step, 0.0))
        monitor.close_step(step)
    monitor.write()
    assert [point["step"] for point in curves_in(tmp_path)["points"]] == [1, 3]


def test_a_step_that_is_done_takes_no_roll_outs(tmp_path: Path) -> None:
    """A trainer that counts from 0 would lose the step after its checkpoint when it goes on from there."""
    monitor = monitor_in(tmp_path)
    monitor.begin(5)
    with pytest.raises(ValueError, match="step 5 were recorded after it was done; steps count from 1"):
        monitor.record(5, of_step(5, 0.0))


def test_what_is_no_number_is_missing(tmp_path: Path) -> None:
    """A reward that is NaN is no reward of 0, and no JSON either."""
    monitor = monitor_in(tmp_path)
    texts = [row.completion for row in of_step(1, 0.0, n=4)]
    rewards = (1.0, float("nan"), None, 0.0)
    monitor.record(
        1, [RollOut(step=1, lang="sw", prompt="?", completion=text, reward=reward, advantage=float("inf"))
            for text, reward in zip(texts, rewards, strict=True)],
    )  # fmt: skip
    monitor.close_step(1)
    monitor.write()
    (point,) = curves_in(tmp_path)["points"]
    assert (point["n"], point["reward"], point["n_rewarded"]) == (4, 0.5, 1)


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    run_steps(monitor_in(tmp_path), 1, 3)
    path = tmp_path / "curves.jsonl"
    path.write_bytes(path.read_bytes().replace(b'{"step":2', b'{"stop":2'))
    with pytest.raises(DataError, match=r"curves\.jsonl: line 2 is damaged"):
        monitor_in(tmp_path).begin(3)


@pytest.mark.parametrize(
    ("detector", "rewards", "found"),
    [
        ("auto", [RewardConfig(name="accuracy")], "first"),
        ("auto", [RewardConfig(name="language")], "second"),
        ("auto", [RewardConfig(name="language", weight=0)], "first"),  # a curve, no reward
        ("first", [RewardConfig(name="language")], "first"),
    ],
)
def test_the_yardstick_is_not_in_the_reward(
    tmp_path: Path, detector: Detector, rewards: list[RewardConfig], found: str
) -> None:
    monitor = monitor_in(tmp_path, MonitorConfig(detector=detector), *rewards)
    run_steps(monitor, 1, 1)
    curves = curves_in(tmp_path)
    assert curves["detector"] == found
    assert bool(curves["notes"]) is (detector == "first")


def test_a_detector_that_is_missing_is_told_before_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from xleval.data import second_detector

    second_detector._classifier.cache_clear()
    monkeypatch.setitem(__import__("sys").modules, "py3langid.langid", None)
    with pytest.raises(MissingExtra, match="langid"):
        monitor_in(tmp_path, None, RewardConfig(name="language"))
    second_detector._classifier.cache_clear()


@pytest.mark.parametrize(
    ("monitor", "said"),
    [
        (MonitorConfig(stop_on_warning=("ratio-fals-reward-rises",)), "did you mean ratio-falls-reward-rises"),
        (MonitorConfig(every=-1), "monitor.every is -1; 0 or more"),
        (MonitorConfig(limit=-1), "monitor.limit is -1; 0 or more"),
    ],
)
def test_settings_that_cannot_be(tmp_path: Path, monitor: MonitorConfig, said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        monitor_in(tmp_path, monitor)
    assert said.casefold() in str(raised.value).casefold()


def test_the_verdict_of_the_rewards_counts(tmp_path: Path) -> None:
    """A fact whose answer is a title: no calculation, and of a pooled reward nobody could tell which answers are right."""
    asked = RollOut(
        step=1, lang="en", prompt="Which novel?", completion="Animal Farm, not 1984", gold="1984", reward=3.0
    )
    monitor = monitor_in(tmp_path)
    monitor.record(1, [replace(asked, given_correct=False), replace(asked, completion="1984", given_correct=True)])
    monitor.record(2, [asked])  # without a verdict the number is looked for
    monitor.close_step(2)
    monitor.write()
    found = [point["accuracy"] for point in curves_in(tmp_path)["points"]]
    assert found == [{"value": 0.5, "n": 2, "n_unscored": 0}, {"value": 1.0, "n": 1, "n_unscored": 0}]


def test_figures_are_the_last_of_every_curve(tmp_path: Path) -> None:
    monitor: Monitor = monitor_in(tmp_path)
    run_steps(monitor, 1, 20)
    last = curves_in(tmp_path)["points"][-1]
    assert monitor.figures()["word_ratio/sw"] == last["word_ratio"]["all"]["target_share"]
    assert monitor.figures()["word_ratio/sw"] < 0.5
    assert monitor.figures()["rollout_reward/sw"] == last["reward"]
    assert not [name for name in monitor.figures() if name.startswith("rollout_entropy")]  # none was given
    assert monitor.scalars(20) == monitor.figures()
    assert monitor.scalars(21) == {}
