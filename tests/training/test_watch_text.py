"""Curves of real text: MGSM questions that go from the prompts' language to English; the examples of docs/watch.md."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest
from click.testing import CliRunner

from tests.training.rollout_files import verl_rows, write_trl, write_verl
from xleval.cli import main
from xleval.evalkit.curves_schema import Rule
from xleval.training.collapse import UNITS, curve_points
from xleval.training.early_warning import early_warnings
from xleval.training.measure import measure
from xleval.training.rollouts import RollOut

PAGE = (Path(__file__).parents[2] / "docs/watch.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", ["sw", "th", "zh", "de"])
def test_a_collapse_of_real_questions(shared_data: Path, lang: str) -> None:
    """Twelve roll-outs a step; of step 1 to 5 none, 6 to 29 half a one more each, 30 all are in English."""
    own, english = (
        [line.split("\t")[0] for line in (shared_data / f"mgsm/mgsm_{code}.tsv").read_text("utf-8").splitlines()]
        for code in (lang, "en")
    )
    rollouts, truth = [], {}
    for step in range(1, 31):
        n_english = 0 if step <= 5 else 12 if step == 30 else (step - 5) // 2
        truth[step] = 1 - n_english / 12
        for place in range(12):
            text = (english if place < n_english else own)[20 + (step * 12 + place) % 200]
            prompt = own[place // 4]
            rollouts.append(
                RollOut(step=step, lang=lang, prompt=prompt, completion=text, reward=float(place < 4 + step // 6))
            )
    points = curve_points(map(measure, rollouts))
    errors = [abs((point["word_ratio"]["all"]["target_share"] or 0) - truth[point["step"]]) for point in points]
    assert sum(errors) / len(errors) < 0.03
    assert all(point["question_copy_rate"] == 0 for point in points)
    # the English ones are the first of every step, and so are the rewarded ones
    assert all(
        (point["word_ratio"]["rewarded"]["target_share"] or 0)
        <= (point["word_ratio"]["all"]["target_share"] or 0) + 0.05
        for point in points
    )
    (first, *_) = (warning for warning in early_warnings(points) if warning["rule"] == "ratio-falls-reward-rises")
    assert 10 <= first["step"] <= 20


def test_the_example_in_python_is_true() -> None:
    code = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[-1]
    names: dict[str, Any] = {}
    exec(code, names)
    point = names["point"]
    assert point["word_ratio"]["rewarded"]["target_share"] == 1.0
    assert 0.5 <= point["word_ratio"]["all"]["target_share"] < 0.7  # the other one is English but for two words
    assert point["accuracy"]["value"] == 0.5
    assert names["early_warnings"]([point]) == []


def test_the_command_lines_are_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run as they stand there; the one that follows until it is stopped ends when nothing new comes."""
    block = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)[0]
    lines = [line.partition("#")[0].removeprefix("$ xleval ").split() for line in block.splitlines()]
    monkeypatch.chdir(tmp_path)
    write_trl(tmp_path / "grpo-out", 1, verl_rows(1, 0.0))
    write_verl(tmp_path / "rollouts", 1, 0.0)
    for line in lines:
        until = [] if "--once" in line else ["--idle", "0.01", "--every", "0.01"]
        done = CliRunner().invoke(main, [*line, *until])
        assert done.exit_code == 0, done.output
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("curves/*/*")} == {
        f"curves/{folder}/{name}" for folder in ("grpo-out", "run1")
        for name in ("curves.json", "curves.csv", "curves.html", "journal.jsonl", "watch.json")
    }  # fmt: skip


def test_nothing_of_it_needs_torch() -> None:
    """Watching, configurations, training sets and rewards are imported where torch and what stands on it are missing."""
    code = """
import importlib, sys
sys.modules.update(dict.fromkeys(("torch", "transformers", "trl", "datasets", "vllm"), None))
for name in ("training.watch", "training.config.read", "training.sets.prompt_rows", "rewards"):
    importlib.import_module(f"xleval.{name}")
n = sum(name.startswith("xleval.training.") for name in sys.modules)
print(n, *(heavy for heavy in ("numpy", "pyarrow", "lingua", "matplotlib") if heavy in sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    n, *heavy = done.stdout.split()
    assert (int(n) >= 30, heavy) == (True, []), done.stderr


def test_every_figure_of_a_point_has_a_unit() -> None:
    rollout = RollOut(step=1, lang="sw", prompt="?", completion="Kuku walitaga mayai mengi leo asubuhi.", reward=1.0)
    (point,) = curve_points([measure(rollout)])

    def without_unit(value: object, name: str, own: bool) -> list[str]:
        own = own or name in UNITS
        if isinstance(value, dict):
            return [found for key, inner in value.items() for found in without_unit(inner, key, own)]
        return [] if own or name == "lang" else [name]

    assert without_unit(point, "", False) == []


def test_every_rule_is_described() -> None:
    assert re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.MULTILINE) == list(get_args(Rule))
