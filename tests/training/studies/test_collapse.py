"""The plan of the study of collapse, and the problems of its smoke run."""

import json
import re
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.training.studies.plans import check_plan, train_config, words_after
from xleval.cli import main
from xleval.errors import ConfigError
from xleval.evalkit.claims import RECOVERY_CONTROLS
from xleval.training.studies.collapse import plan, sections
from xleval.training.studies.found import Found
from xleval.training.studies.records import StudyOptions

pytest.importorskip("trl")
QWEN = "Qwen/Qwen2.5-1.5B-Instruct"


def options(out: Path, **others: object) -> StudyOptions:
    return replace(StudyOptions(study="collapse", model=QWEN, budget="full", out=out), **others)  # type: ignore[arg-type]


def smoke(out: Path) -> StudyOptions:
    return options(out, model="demo", budget="smoke")


def problems() -> list[dict[str, str]]:
    file = resources.files("xleval.training.studies") / "data/problems.jsonl"
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("model", [QWEN, "allenai/OLMo-2-0425-1B-Instruct", "some/other-3B"])
def test_every_line_of_a_full_plan_is_one_that_xleval_takes(tmp_path: Path, model: str) -> None:
    found = plan(options(tmp_path, model=model, seeds=2, translators=("vllm:T", "ko=openai:U")))
    check_plan(found)
    trained = {step.arm: train_config(step) for step in found.steps if step.kind == "train"}
    # Five languages with nine arms, and five weights in each of ko and uk.
    assert len(trained) == 5 * 9 + 2 * 5
    for name, config in trained.items():
        assert config.data.langs == (found.arm(name).facts["lang"],)
    rewards = {
        name: [(each.name, each.weight) for each in trained[f"{name}-ko"].rewards] for name in ("accuracy", "language")
    }
    assert rewards == {
        "accuracy": [("accuracy", 1.0), ("language", 0.0)], "language": [("accuracy", 1.0), ("language", 1.0)],
    }  # fmt: skip
    assert [each.weight for each in trained["language-x0.25-uk"].rewards] == [1.0, 0.25]
    assert trained["harder-accuracy-ko"].data.order == "curriculum"
    assert all(
        words_after(step, "--model") == [model] for step in found.steps if step.name.startswith("train/language-th")
    )


def test_languages_without_recipes_take_the_same_settings(tmp_path: Path) -> None:
    found = plan(options(tmp_path, langs=("sw",), unseen=("bn",)))
    check_plan(found)
    assert (found.seen, found.unseen) == (("sw",), ("en", "bn"))
    assert found.arm("language-x0.5-sw").langs == ("sw",)


def test_recovery_begins_with_the_lost_weights_and_has_both_controls(tmp_path: Path) -> None:
    """Research demand D9: the same SFT on the base model, and further GRPO with the language reward."""
    found = plan(options(tmp_path, langs=("uk",)))
    steps = {step.name: step for step in found.steps}
    lost = str(tmp_path / "arms/accuracy-uk/seed-1/model")
    assert words_after(steps["train/recovery-sft-uk/seed-1"], "--model") == [lost]
    assert words_after(steps["train/recovery-sft-control-uk/seed-1"], "--model") == [QWEN]
    assert words_after(steps["train/recovery-grpo-uk/seed-1"], "--model") == [lost]
    assert {arm.facts["control"] for arm in found.arms if "control" in arm.facts} == set(RECOVERY_CONTROLS)
    traces = words_after(steps["traces/uk"], "--out")
    for name in ("recovery-sft-uk", "recovery-sft-control-uk"):
        assert words_after(steps[f"train/{name}/seed-1"], "--data") == traces
    assert words_after(steps["traces/uk"], "--teacher") == [QWEN]


def test_rewards_that_know_nothing_are_set_against_the_accuracy_reward(tmp_path: Path) -> None:
    """Research demand D4: what a random reward brings about, too, is not the reward's doing."""
    found = plan(options(tmp_path, langs=("ko",)))
    for name in ("random-ko", "format-only-ko"):
        assert found.arm(name).compared_with == ("base", "accuracy-ko")
    assert found.arm("harder-language-ko").compared_with == ("base", "language-ko")


def test_variants_of_decoding_ask_the_checkpoint_and_are_compared_with_none(tmp_path: Path) -> None:
    found = plan(options(tmp_path, langs=("ko",)))
    steps = {step.name: step for step in found.steps}
    masked = steps["runs/accuracy-mask-ko"]
    assert words_after(masked, "--model") == [str(tmp_path / "arms/accuracy-ko/seed-1/model")]
    assert words_after(masked, "--script-mask") == ["native"]
    assert "train/accuracy-ko/seed-1" in masked.after
    assert words_after(steps["runs/base-prefix-ko"], "--model") == [QWEN]
    assert not any("mask" in step.name or "prefix" in step.name for step in found.steps if step.kind == "compare")
    assert {step.name for step in found.steps if step.kind == "grid"} == {"grids/base", "grids/accuracy-ko/seed-1"}


def test_every_run_has_the_second_detector(tmp_path: Path) -> None:
    """Research demand D5: the yardstick of a language reward is not the detector of the reward."""
    found = plan(options(tmp_path, langs=("ko",)))
    assert all("--second-detector" in step.words for step in found.steps if step.kind in ("run", "grid"))
    assert {train_config(step).monitor.detector for step in found.steps if step.kind == "train" and "grpo" in step.words} == {
        "second"
    }  # fmt: skip


def test_named_arms_come_with_what_they_begin_with(tmp_path: Path) -> None:
    found = plan(options(tmp_path, arms=("recovery-sft-ko",)))
    check_plan(found)
    assert [arm.name for arm in found.arms] == ["base", "accuracy-ko", "recovery-sft-ko"]
    assert "sets/simplerl" not in " ".join(word for step in found.steps for word in step.words)


def test_sets_that_are_given_are_not_built(tmp_path: Path) -> None:
    given = {"gsm8k-train": "t", "simplerl": "s", "gsm8k": "g", "math500": "m"}
    found = plan(options(tmp_path, langs=("ko",), data=given))
    check_plan(found)
    assert not any(step.kind == "data" for step in found.steps)
    steps = {step.name: step for step in found.steps}
    assert words_after(steps["train/harder-accuracy-ko/seed-1"], "--data") == ["t+s"]
    assert {"gsm8k=g", "math500=m"} <= set(words_after(steps["runs/base"], "--data"))
    assert train_config(steps["train/accuracy-ko/seed-1"]).data.evaluation == ("g", "m")


def test_a_smoke_run_stays_small_and_needs_nothing_from_outside(tmp_path: Path) -> None:
    """Issue 9: at most eight optimiser steps an arm, at most 20 items a task, transformers, nothing from outside."""
    found = plan(smoke(tmp_path))
    check_plan(found)
    for step in found.steps:
        if step.kind == "train":
            assert train_config(step).trainer["max_steps"] <= 8
        if step.kind in ("run", "grid"):
            assert int(words_after(step, "--limit")[0]) <= 20
            assert (words_after(step, "--backend"), words_after(step, "--tasks")) == (["hf"], ["sample"])
    full = plan(options(tmp_path))
    assert {step.kind for step in full.steps} - {step.kind for step in found.steps} == {"traces"}
    assert any("build-traces is left out" in note for note in found.notes)


def test_smoke_refuses_languages_without_problems(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Korean"):
        plan(replace(smoke(tmp_path), langs=("uk",)))


def test_a_study_without_results_has_a_page_without_figures(tmp_path: Path) -> None:
    assert [section.name for section in sections(Found(plan=plan(smoke(tmp_path))))] == []


def test_the_problems_are_worked_out_rightly_in_both_languages() -> None:
    """Every equation is computed anew; the last one gives the answer, and both languages have the same ones."""
    assert [row["level"] for row in problems()] == [1] * 24 + [2] * 12
    for row in problems():
        equations = {}
        for column in ("answer", "ko_answer"):
            text, _, answer = row[column].partition("\n#### ")
            equations[column] = re.findall(r"(\d+(?: [-+*/] \d+)+) = (\d+)", text)
            for left, right in equations[column]:
                assert _value(left) == int(right), (row["item_id"], left)
            assert equations[column][-1][1] == answer
        assert sorted(equations["answer"]) == sorted(equations["ko_answer"]), row["item_id"]


def _value(left: str) -> float:
    """Return the value of `a op b op c`, from left to right; sums and products are not mixed but for `a * b / c`."""
    number, *rest = left.split()
    value = float(number)
    for sign, text in zip(rest[::2], rest[1::2], strict=True):
        other = float(text)
        value = {"+": value + other, "-": value - other, "*": value * other, "/": value / (other or 1)}[sign]
    return value


def test_the_problems_pass_the_gate_and_are_none_of_those_that_are_evaluated_on(tmp_path: Path) -> None:
    """The first steps of a smoke run, by their own commands."""
    found = plan(smoke(tmp_path))
    for path, text in found.files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    built, overlap = found.steps[:2]
    done = CliRunner().invoke(main, list(built.words))
    assert done.exit_code == 0, done.output
    assert (tmp_path / "sets/problems/rejects/ko.jsonl").read_text(encoding="utf-8") == ""
    shown = json.loads(CliRunner().invoke(main, list(overlap.words)).stdout)
    assert (shown["n_train"], shown["n_evaluation"], shown["n_shared"]) == (36, 25, 0), shown
    assert {row["written_by"] for row in problems()} == {"a language model, 2026-11-22; not reviewed"}
