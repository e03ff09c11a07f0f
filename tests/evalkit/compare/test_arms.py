"""Two training methods with several seeds each: what may be said of them, and what needs more seeds (D2)."""

import re
from pathlib import Path

import numpy as np
import pytest

from tests.evalkit.compare.conftest import SaveRun, column
from xleval.data.storage import read_json
from xleval.errors import ConfigError
from xleval.evalkit.compare.comparison import Arm, CompareOptions, compare_arms
from xleval.evalkit.compare.schema import Comparison
from xleval.evalkit.saved_run import load_runs

N = 300


def seeds_of(save_run: SaveRun, name: str, shares: list[float]) -> list[Path]:
    """Return one run for each training seed: items differ in how hard they are, seeds in how good they are."""
    hard = np.random.default_rng(0).normal(0, 0.2, N)
    found = []
    for k, share in enumerate(shares):
        rng = np.random.default_rng([len(name), k])
        text = "".join("01"[int(each)] for each in rng.random(N) < np.clip(share + hard, 0, 1))
        found.append(save_run(f"{name}-{k}", column("en", text)))
    return found


def accuracy(folder: Path) -> float:
    return float(read_json(folder / "results.json")["tasks"]["sums"]["rows"][0]["accuracy"]["value"])


def arms_of(folders: dict[str, list[Path]]) -> tuple[Arm, Arm]:
    loaded = iter(load_runs([folder for each in folders.values() for folder in each]))
    first, second = (Arm(label=name, runs=tuple(next(loaded) for _ in each)) for name, each in folders.items())
    return first, second


def compared(folders: dict[str, list[Path]]) -> Comparison:
    return compare_arms(*arms_of(folders), CompareOptions(resamples=2000))


def test_seeds_that_agree_carry_a_sentence_about_the_method(save_run: SaveRun) -> None:
    folders = {"sft": seeds_of(save_run, "sft", [0.40] * 3), "grpo": seeds_of(save_run, "grpo", [0.65] * 3)}
    found = compared(folders)
    [pair] = found["pairs"]
    [task] = pair["tasks"]
    [row] = task["rows"]
    assert (pair["first"], pair["second"], pair["seeds"]) == ("sft", "grpo", [3, 3])
    assert row["verdict"] == "second"
    assert row["difference"]
    assert row["difference"]["test"].startswith("two-level t test")
    sft, grpo = ([accuracy(folder) for folder in each] for each in folders.values())
    assert row["difference"]["value"] == pytest.approx(sum(grpo) / 3 - sum(sft) / 3)
    assert "grpo is right more often than sft in en" in task["text"][0]
    assert any("over training seeds (3 of sft, 3 of grpo), then items" in note for note in task["notes"])
    assert "b" not in {each["letter"] for each in found["refused"]}
    assert [run["arm"] for run in found["runs"]] == ["sft"] * 3 + ["grpo"] * 3


def test_seeds_that_differ_carry_none_though_each_pair_of_checkpoints_differs(save_run: SaveRun) -> None:
    # The arms' means are 12 points apart, and the seeds of each lie 40 points apart.
    found = compared({"sft": seeds_of(save_run, "sft", [0.2, 0.6]), "grpo": seeds_of(save_run, "grpo", [0.32, 0.72])})
    [row] = found["pairs"][0]["tasks"][0]["rows"]
    assert row["verdict"] == "undecided"
    assert row["difference"]
    assert row["difference"]["low"] is not None
    assert row["difference"]["low"] < 0


def test_one_run_an_arm_is_refused_with_the_reason_of_claims(save_run: SaveRun) -> None:
    folders = {"sft": seeds_of(save_run, "sft", [0.4]), "grpo": seeds_of(save_run, "grpo", [0.7])}
    reason = "--group: one training seed in grpo, sft: these are checkpoints, not the method; give a run for each"
    with pytest.raises(ConfigError, match=reason):
        compared(folders)


def test_what_are_no_training_seeds_is_refused(save_run: SaveRun) -> None:
    # a name that ends with the seed is one that xleval's training gave, see `evalkit.checkpoints`
    one, three = [save_run("one", column("en", "10" * 150), model="sft-s42")], seeds_of(save_run, "three", [0.5] * 3)
    with pytest.raises(ConfigError, match="--group: one training seed in one: these are checkpoints, not the method"):
        compared({"one": one, "three": three})
    again = [save_run("again", column("en", "10" * 150), model="three-0"), three[1]]
    with pytest.raises(ConfigError, match=re.escape("again and three-0 are runs of the same checkpoint (three-0)")):
        compared({"three": [three[0], three[2]], "other": again})


def test_a_base_has_no_seeds_and_is_compared_with_all_of_a_method(save_run: SaveRun) -> None:
    """By hand: base 0.5; seeds 0.75 and 1.00 of it; d = 0.375, V = s²/2 = 0.03125/2, W = s²(gains)/8, 1 degree of freedom."""
    folders = {
        "base": [save_run("base", column("en", "11110000"))],
        "grpo": [
            save_run("grpo-1", column("en", "11111100"), model="grpo-s1"),
            save_run("grpo-2", column("en", "11111111"), model="grpo-s2"),
        ],
    }
    found = compared(folders)
    [pair] = found["pairs"]
    [row] = pair["tasks"][0]["rows"]
    difference = row["difference"]
    assert difference
    assert pair["seeds"] == [1, 2]
    assert difference["value"] == pytest.approx(0.375)
    assert difference["test"] == "two-level t test, no and 2 seeds (1 degrees of freedom), then items"
    # gains 0 0 0 0 1 1 .5 .5: mean .375, s² = .1964; the t quantile of 1 degree of freedom is 12.706, so the end is below -1
    assert (difference["low"], difference["high"]) == (-1.0, 1.0)
    assert any(
        "over training seeds (2 of grpo), then items. base is one checkpoint, taken as it is" in note
        for note in pair["tasks"][0]["notes"]
    )
    assert "b" not in {each["letter"] for each in found["refused"]}
    assert row["first"]["low"] is not None  # the interval of the one checkpoint
    turned = compared(dict(reversed(folders.items())))
    [back] = turned["pairs"][0]["tasks"][0]["rows"]
    assert back["difference"]
    assert back["difference"]["value"] == pytest.approx(-0.375)
    assert back["difference"]["p"] == pytest.approx(difference["p"])
