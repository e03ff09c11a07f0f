"""Costs against hand arithmetic, and the formula against what the PolyFact authors measured."""

from pathlib import Path

import pytest

from tests.training.studies.small import options
from xleval.training.studies.commands import compare_steps, run_steps, train_steps
from xleval.training.studies.cost import constants as table
from xleval.training.studies.cost.amounts import TrainAmounts, train_amounts
from xleval.training.studies.cost.steps import (
    Cost,
    cost_of,
    costs_of,
    counted_seconds,
    decoding_seconds,
    parameters_of,
    training_seconds,
)
from xleval.training.studies.plan_text import render_plan, totals
from xleval.training.studies.records import Arm, Plan, StudyOptions

_7B = 7_600_000_000


@pytest.mark.parametrize(
    ("name", "n"),
    [
        ("Qwen/Qwen2.5-7B", 7_000_000_000),
        ("Qwen/Qwen2.5-1.5B-Instruct", 1_500_000_000),
        ("google/gemma-3-270m", 270_000_000),
        ("allenai/OLMo-2-0425-1B-Instruct", 1_000_000_000),
        ("meta-llama/Llama-2-13b-hf", 13_000_000_000),
        ("bigscience/bloom", None),
        ("openai-community/gpt2", None),
    ],
)
def test_a_model_that_is_not_here_has_the_size_that_its_name_says(name: str, n: int | None) -> None:
    assert parameters_of(name) == n


def test_decoding_reads_the_weights_for_every_token_or_computes_with_them() -> None:
    # 10 completions side by side, 100 tokens: 100 readings of 2 bytes x 1e9 at 30 % of 3.35e12 bytes a second = 0.199 s
    assert decoding_seconds(10, 100, 10**9) == pytest.approx(100 * 2e9 / (0.30 * 3.35e12))
    # 1024 in 4 rounds of 256
    assert decoding_seconds(1024, 100, 10**9) == pytest.approx(4 * 100 * 2e9 / (0.30 * 3.35e12))
    # 4096 side by side: 2 x 1e9 x 4096 operations a token at 40 % of 989e12 take longer than the reading
    assert decoding_seconds(4096, 1, 10**9, side_by_side=4096) == pytest.approx(2e9 * 4096 / (0.40 * 989e12))
    assert decoding_seconds(0, 100, 10**9) == 0


def test_training_takes_six_operations_for_a_weight_and_a_token() -> None:
    assert counted_seconds(TrainAmounts(n_tokens=1e9), 10**9) == pytest.approx(6e18 / (0.40 * 989e12))
    assert counted_seconds(TrainAmounts(), 10**9) is None


@pytest.mark.parametrize(
    ("kind", "recipe", "hours"),
    [
        # reference: "Cost (GH200)" of the authors' notes: 20,000 steps of GRPO at 7.5 to 8.2 s, DCO-40k 1.2 h, SFT-10k about 1 h
        ("grpo", "polyfact/qwen2.5-7b-grpo-pooled-paper", 20_000 * 7.85 / 3600),
        ("dco", "polyfact/qwen2.5-7b-dco-40000-paper", 1.2),
        ("sft", "polyfact/qwen2.5-7b-sft-paper", 1.0),
    ],
)
def test_polyfacts_trainings_cost_what_was_measured_and_the_formula_is_within_a_factor_of_3(
    kind: str, recipe: str, hours: float
) -> None:
    config, amounts = train_amounts(("train", kind, recipe, "--seed", "1", "--out", "x"))
    seconds, basis = training_seconds(config, amounts, _7B)
    assert seconds == pytest.approx(hours * 3600)
    assert basis == table.MEASURED_BASIS
    counted = counted_seconds(amounts, _7B)
    assert counted is not None
    assert hours / 3 < counted / 3600 < hours * 3
    # of a model of another size nothing was measured
    assert training_seconds(config, amounts, 10**9)[1] == table.COUNTED_BASIS


def full(out: Path) -> Plan:
    asked = StudyOptions(study="polyfact", model="Qwen/Qwen2.5-7B", budget="full", out=out, seeds=3)
    base = Arm(name="base", label="base", role="base")
    sft = Arm(
        name="sft", label="SFT", role="method", kind="sft", recipe="polyfact/qwen2.5-7b-sft-paper", langs=("en", "de"),
        seeds=(1, 2, 3),
    )  # fmt: skip
    words = ["--tasks", "mgsm", "--langs", "en,de"]
    steps = [*train_steps(asked, sft), *run_steps(asked, base, words), *run_steps(asked, sft, words)]
    return Plan(
        options=asked,
        arms=(base, sft),
        steps=(*steps, *compare_steps(asked, sft, base)),
        seen=("en", "de"),
        unseen=("sw",),
    )


def test_the_plan_of_a_full_study_says_what_it_costs(tmp_path: Path) -> None:
    plan = full(tmp_path)
    costs = costs_of(plan)
    # three SFT trainings of 10,000 facts, an hour each
    assert [costs[f"train/sft/seed-{seed}"].hours for seed in (1, 2, 3)] == pytest.approx([1.0] * 3)
    # 250 items in 2 languages: 500 prompts of 200 tokens, 2 rounds of 1024 tokens
    n = 7e9
    run = 500 * 200 * 2 * n / (0.40 * 989e12) + 500 / 256 * 1024 * 2 * n / (0.30 * 3.35e12)
    assert costs["runs/base"].hours == pytest.approx(run / 3600)
    found = totals(plan, costs)
    assert found["hours"] == pytest.approx(3 + 4 * run / 3600)
    assert found["unknown"] == 0
    assert found["steps"] == {"train": 3, "run": 4, "compare": 1}
    text = render_plan(plan, costs)
    assert "1 trained arm, 3 training seeds each · trained on en, de · also evaluated on sw" in text
    assert "sft polyfact/qwen2.5-7b-sft-paper  Qwen/Qwen2.5-7B  en,de" in text
    assert "3 trainings, 4 runs, 1 comparison" in text
    assert "as its authors measured them on a GH200" in text


def test_what_is_not_known_is_said_and_not_counted_as_nothing(tmp_path: Path) -> None:
    asked = StudyOptions(study="clo", model="bigscience/bloom", budget="full", out=tmp_path)
    base = Arm(name="base", label="base", role="base")
    plan = Plan(options=asked, arms=(base,), steps=tuple(run_steps(asked, base, ["--tasks", "mgsm", "--langs", "en"])))
    costs = costs_of(plan)
    assert costs["runs/base"] == Cost()
    assert "time not known" in render_plan(plan, costs)
    assert totals(plan, costs)["unknown"] == 1


def test_a_smoke_study_costs_minutes_of_two_cores(tmp_path: Path) -> None:
    asked = options(tmp_path)
    base = Arm(name="base", label="base", role="base")
    [step] = run_steps(asked, base, ["--tasks", "polyfact", "--langs", "en"])
    plan = Plan(options=asked, arms=(base,), steps=(step,))
    assert cost_of(step, plan).hours == table.SMOKE_S["run"] / 3600
    assert "of two CPU cores" in render_plan(plan, costs_of(plan))
