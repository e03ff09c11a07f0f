"""The plan of the study of parallel training, its pairs of open models, and the plans of its transfer figures."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.training.studies.plans import check_plan, train_config, words_after
from xleval.errors import ConfigError, DataError
from xleval.evalkit.transfer.plan import read_plan
from xleval.training.studies.found import Found
from xleval.training.studies.parallel_scaling import plan, sections
from xleval.training.studies.parallel_scaling.pairs import read_pairs
from xleval.training.studies.records import Plan, StudyOptions

pytest.importorskip("trl")
QWEN = "Qwen/Qwen2.5-1.5B-Instruct"


def options(out: Path, **others: object) -> StudyOptions:
    return replace(StudyOptions(study="parallel-scaling", model=QWEN, budget="full", out=out), **others)  # type: ignore[arg-type]


def smoke(out: Path, **others: object) -> Plan:
    return plan(options(out, model="demo", budget="smoke", **others))


def trained_arms(found: Plan) -> list[str]:
    return [arm.name for arm in found.arms if arm.kind]


def test_every_line_of_a_full_plan_is_one_that_xleval_takes(tmp_path: Path) -> None:
    found = plan(options(tmp_path, seeds=2, translators=("vllm:T",)))
    check_plan(found)
    # 43 of k, order and regime, 6 controls, 3 of SFT and 6 initial models: all recipes of the study (docs/recipes.md).
    assert len(trained_arms(found)) == 43 + 6 + 3 + 6
    trained = {step.arm: train_config(step) for step in found.steps if step.kind == "train"}
    assert trained["a-k3-fixed"].data.regime == "fixed"
    assert trained["c-k2-grow"].data.langs == ("en", "ja")
    assert trained["intervene-llama3.1-8b-instruct"].model == "meta-llama/Llama-3.1-8B-Instruct"
    assert {config.data.parallel_with for name, config in trained.items()} == {
        ("en", "zh", "de", "ru", "fr", "ja", "es", "te", "bn", "sw", "th")
    }  # fmt: skip


@pytest.mark.parametrize(
    ("part", "n_trained", "kinds"),
    [
        ("observe", 0, {"data", "run", "compare", "transfer"}),
        ("intervene", 6, {"data", "overlap", "train", "run", "compare", "transfer"}),
        ("train", 52, {"data", "overlap", "train", "run", "compare", "transfer"}),
    ],
)
def test_a_part_alone_is_planned(tmp_path: Path, part: str, n_trained: int, kinds: set[str]) -> None:
    found = plan(options(tmp_path, parts=(part,)))
    check_plan(found)
    assert (len(trained_arms(found)), {step.kind for step in found.steps}) == (n_trained, kinds)


def test_arms_are_asked_in_every_language_and_forced_ones_beside(tmp_path: Path) -> None:
    found = plan(options(tmp_path))
    runs = {step.name: step for step in found.steps if step.kind == "run"}
    assert {len(words_after(step, "--langs")[0].split(",")) for step in runs.values()} == {11}
    assert words_after(runs["runs/base-prefix"], "--reason-prefix") == ["native"]
    assert words_after(runs["runs/a-k7-grow-prefix"], "--model") == [str(tmp_path / "arms/a-k7-grow/seed-1/model")]
    hard = {name for name, step in runs.items() if "xreasoning_aime24" in words_after(step, "--tasks")[0]}
    assert {"runs/base", "runs/k1-grow/seed-1", "runs/a-k2-grow/seed-1", "runs/a-k7-grow/seed-1"} <= hard
    assert "runs/b-k5-fixed/seed-1" not in hard


def test_named_languages_make_one_order(tmp_path: Path) -> None:
    found = plan(options(tmp_path, langs=("en", "ko", "vi"), unseen=("th", "sw"), parts=("train",)))
    check_plan(found)
    assert (found.seen, found.unseen) == (("en", "ko", "vi"), ("th", "sw"))
    assert [arm.name for arm in found.arms if arm.facts.get("regime") == "grow" and arm.kind == "grpo"] == [
        "k1-grow", "a-k2-grow", "a-k3-grow",
    ]  # fmt: skip
    assert any(note.startswith("One order") for note in found.notes)


@pytest.mark.parametrize("langs", [("de", "en"), ("en",), ("en", *"zh de ru fr ja es sw".split())])
def test_languages_that_make_no_curve_are_refused(tmp_path: Path, langs: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match="English first"):
        plan(options(tmp_path, langs=langs))


def test_a_named_arm_comes_with_the_model_that_its_gain_is_over(tmp_path: Path) -> None:
    found = plan(options(tmp_path, arms=("intervene-qwen2.5-3b-instruct", "observe-1")))
    check_plan(found)
    names = ["base", "base-qwen2.5-3b-instruct", "intervene-qwen2.5-3b-instruct", "observe-1-base", "observe-1"]
    assert [arm.name for arm in found.arms] == names
    compared = [step.name for step in found.steps if step.kind == "compare"]
    assert "compare/observe-1-against-observe-1-base" in compared


def test_the_plans_of_transfer_are_read_and_name_the_runs(tmp_path: Path) -> None:
    """k counts English (D8); English repeated k times is one language; folders are relative, so that a study can be moved."""
    found = plan(options(tmp_path, seeds=2))
    assert {path.name for path in found.files} == {"train.yaml", "sft.yaml", "intervene.yaml", "observe.yaml"}
    written = {}
    for path, text in found.files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        assert str(tmp_path) not in text
        written[path.stem] = read_plan(path)
    runs = {step.out.resolve() for step in found.steps if step.kind == "run"}
    assert {Path(arm.run).resolve() for each in written.values() for arm in each.arms} <= runs
    train = {(arm.order, arm.regime, arm.k, arm.seed): arm for arm in written["train"].arms}
    assert len(train) == 43 * 2
    assert train["a", "english-repeat", 3, "2"].langs == ("en",)
    assert train["b", "fixed", 4, "1"].langs == ("en", "fr", "de", "te")
    intervened = next(arm for arm in written["intervene"].arms if "math" in str(arm.run))
    assert Path(intervened.base).name == "base-qwen2.5-math-1.5b"


def test_a_smoke_run_does_every_part_and_stays_small(tmp_path: Path) -> None:
    """Issue 9: at most eight optimiser steps an arm, at most 20 items a task, transformers, nothing from outside."""
    found = smoke(tmp_path)
    check_plan(found)
    assert {path.stem for path in found.files} == {"train", "sft", "intervene", "observe"}
    assert {step.kind for step in found.steps} == {step.kind for step in plan(options(tmp_path)).steps}
    for step in found.steps:
        if step.kind == "train":
            assert train_config(step).trainer["max_steps"] <= 8
        if step.kind == "run":
            assert int(words_after(step, "--limit")[0]) <= 20
            assert words_after(step, "--backend") == ["hf"]
    grown = [arm for arm in found.arms if arm.facts.get("part") == "train" and "reward" not in arm.facts]
    assert {(arm.facts["k"], arm.facts["regime"]) for arm in grown} == {
        (1, "grow"), (2, "grow"), (3, "grow"), (2, "fixed"), (2, "english-repeat"),
    }  # fmt: skip
    assert {arm.facts.get("order") for arm in grown} == {None, "a", "b"}


def test_a_study_without_results_has_a_page_without_figures(tmp_path: Path) -> None:
    assert sections(Found(plan=smoke(tmp_path))) == ()


def test_the_packages_pairs_are_read() -> None:
    pairs = read_pairs()
    assert {pair.langs for pair in pairs} == {("en",), ("en", "zh")}
    assert len({pair.trained for pair in pairs}) == len(pairs)
    assert not {pair.trained for pair in pairs} & {pair.base for pair in pairs} - {
        "deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B"
    }


def test_pairs_of_a_file_are_observed(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("pairs:\n  - {base: B, trained: T, langs: [en, ko], name: mine}\n", encoding="utf-8")
    found = plan(options(tmp_path / "out", pairs=file, parts=("observe",)))
    check_plan(found)
    assert [(arm.name, arm.label, arm.model) for arm in found.arms[1:]] == [
        ("observe-1-base", "B", "B"), ("observe-1", "mine", "T"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- {base: B}", "no list under the key pairs"),
        ("pairs:\n  - {base: B, trained: T}", "needs base, trained and langs"),
        ("pairs:\n  - {base: B, trained: T, langs: [en], lang: en}", "lang; it needs"),
        ("pairs:\n  - {base: B, trained: T, langs: [no]}", "quote no"),
        ("pairs: [", "cannot be read as YAML"),
    ],
)
def test_pairs_that_cannot_be_read_are_refused(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "pairs.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=says):
        read_pairs(file)
