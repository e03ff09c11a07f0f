"""`xleval report --curves` on the folder of a training: its roll-outs and its held-out prompts on one page."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.training.monitor.rollouts import monitor_in, run_steps
from xleval.cli import main
from xleval.evalkit.curves_schema import AccuracyJson, HeldOutJson
from xleval.training.monitor.monitor import Monitor


def held_out(step: int, value: float, lang: str = "sw", task: str = "polyfact_free") -> HeldOutJson:
    return HeldOutJson(
        step=step, lang=lang, task=task, kind="choice", accuracy=AccuracyJson(value=value, n=50, n_unscored=0),
        word_ratio=None, n_chars=None, truncated_rate=None,
    )  # fmt: skip


def with_held_out(folder: Path) -> Monitor:
    monitor = monitor_in(folder)
    monitor.begin(0)
    monitor.add_held_out([held_out(0, 0.25)])
    run_steps(monitor, 1, 12)
    monitor.add_held_out([held_out(12, 0.44)])
    monitor.write()
    return monitor


def test_the_folder_of_a_training_is_reported(tmp_path: Path) -> None:
    monitor = with_held_out(tmp_path / "run")
    page, tables = tmp_path / "page.html", tmp_path / "tables"
    done = CliRunner().invoke(
        main, ["report", "--curves", str(tmp_path / "run"), "--out", str(page), "--tables", str(tables)]
    )
    assert done.exit_code == 0, done.output
    text = page.read_text(encoding="utf-8")
    assert "Held-out prompts of polyfact_free" in text
    assert "accuracy: 25.0 at 0, 44.0 at 12" in text.replace(
        " %", ""
    )  # what the drawing says to those who cannot see it
    with (tables / "curves-held-out.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["Step"], row["Language"], row["Scored"]) for row in rows] == [("0", "sw", "50"), ("12", "sw", "50")]
    assert [float(row["Accuracy"]) for row in rows] == pytest.approx([0.25, 0.44])
    assert monitor.figures()["eval_accuracy/sw"] == 0.44


def test_a_training_without_roll_outs_has_its_held_out_curves(tmp_path: Path) -> None:
    """As `sft` and the like: nothing is sampled, and no warning was looked for."""
    monitor = monitor_in(tmp_path)
    monitor.begin(0)
    monitor.add_held_out([held_out(0, 0.25), held_out(0, 0.5, lang="en")])
    monitor.write()
    text = (tmp_path / "curves.html").read_text(encoding="utf-8")
    assert "Held-out prompts of polyfact_free" in text
    assert "No early warning" not in text
    assert "Roll-outs of 0 steps" not in text


def test_a_folder_without_curves_is_said(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["report", "--curves", str(tmp_path), "--out", str(tmp_path / "page.html")])
    assert done.exit_code != 0
    assert "curves.json does not exist" in done.output
