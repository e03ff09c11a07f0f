"""The plan of the study of CLO: arms by target language, sizes, judging, and that every line is one that xleval takes."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.training.studies.plans import check_plan, train_config, words_after
from xleval.errors import ConfigError
from xleval.tasks import TASKS
from xleval.training.config.schema import PromptConfig
from xleval.training.sets.instruction_pairs import pair_rows
from xleval.training.studies.clo import plan, sections
from xleval.training.studies.found import Found
from xleval.training.studies.records import Plan, StudyOptions

pytest.importorskip("trl")
LLAMA = "meta-llama/Meta-Llama-3-8B"
METHODS = {"sft-eng", "sft", "sft-tgt", "sft-dpo", "clo", "clo-full", "clo-nll-both", "clo-nll-none"}
SIZES = {f"{kind}-{size}" for kind in ("sft", "clo") for size in (400, 800, 1600, 3200)}


def options(out: Path, **others: object) -> StudyOptions:
    return replace(StudyOptions(study="clo", model=LLAMA, budget="full", out=out), **others)  # type: ignore[arg-type]


def smoke(out: Path, **others: object) -> Plan:
    return plan(options(out, model="demo", budget="smoke", **others))


def write(found: Plan) -> None:
    for path, text in found.files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("model", [LLAMA, "Qwen/Qwen2.5-3B", "google/gemma-3-1b-pt"])
def test_every_line_of_a_full_plan_is_one_that_xleval_takes(tmp_path: Path, model: str) -> None:
    found = plan(options(tmp_path, model=model, langs=("de",), seeds=2, judges=("vllm:judge", "openai:j@http://h/v1")))
    check_plan(found)
    assert {arm.name for arm in found.arms} == {"base"} | METHODS | SIZES
    trained = {step.arm: train_config(step) for step in found.steps if step.kind == "train"}
    assert {trained[name].model for name in trained if name != "sft-dpo"} == {model}
    assert trained["clo"].modules == trained["sft"].modules == "attention"
    assert trained["clo-full"].modules == "all"
    assert trained["clo-nll-both"].loss is not None
    assert trained["clo-nll-both"].loss.nll_on == "both"
    for name, config in trained.items():
        assert config.data.limit == found.arm(name).facts["size"]


def test_dpo_begins_with_the_weights_of_sft_of_the_same_seed(tmp_path: Path) -> None:
    found = plan(options(tmp_path, langs=("ko",), seeds=2))
    steps = {step.name: step for step in found.steps}
    for seed in (1, 2):
        step = steps[f"train/sft-dpo/seed-{seed}"]
        assert words_after(step, "--model") == [str(tmp_path / "arms" / "sft" / f"seed-{seed}" / "model")]
        assert f"train/sft/seed-{seed}" in step.after


def test_all_six_targets_are_trained_for_and_english_sft_once(tmp_path: Path) -> None:
    found = plan(options(tmp_path))
    check_plan(found)
    assert found.seen == ("en", "zh", "de", "ko", "id", "sw", "yo")
    assert len(found.arms) == 2 + 6 * (len(METHODS) - 1 + len(SIZES))
    assert found.arm("clo-sw").langs == ("en", "sw")
    assert found.arm("sft-tgt-sw").langs == ("sw",)
    steps = {step.name: step for step in found.steps}
    assert "cmmlu" not in " ".join(steps["runs/clo-zh/seed-1"].words)  # on no hub, and not given
    assert words_after(steps["compare/clo-zh-against-base"], "--langs") == ["en,zh"]
    assert words_after(steps["runs/clo-sw/seed-1"], "--langs") == ["en,sw"]


def test_a_language_without_recipes_takes_those_of_german(tmp_path: Path) -> None:
    found = plan(options(tmp_path, langs=("en", "fr")))
    check_plan(found)
    assert found.arm("clo").recipe.endswith("-de-clo-6400")
    assert any("fr has no recipes" in note for note in found.notes)


def test_less_clo_is_compared_with_all_of_sft(tmp_path: Path) -> None:
    """The abstract's claim: 3,200 instructions of CLO against 6,400 of SFT."""
    found = plan(options(tmp_path, langs=("sw",)))
    assert set(found.arm("clo-3200").compared_with) == {"base", "sft", "sft-3200"}
    assert set(found.arm("clo").compared_with) == {"base", "sft", "sft-eng", "sft-tgt", "sft-dpo"}


def test_a_named_arm_brings_what_it_begins_with(tmp_path: Path) -> None:
    found = plan(options(tmp_path, langs=("de",), arms=("sft-dpo",)))
    check_plan(found)
    assert [arm.name for arm in found.arms] == ["base", "sft", "sft-dpo"]


def test_without_a_judge_nothing_is_judged_and_a_note_says_so(tmp_path: Path) -> None:
    found = plan(options(tmp_path, langs=("de",)))
    assert not [step for step in found.steps if step.kind == "judge"]
    assert any("--judge" in note for note in found.notes)
    judged = plan(options(tmp_path, langs=("de",), judges=("vllm:j",), judge_labels="labels"))
    assert [step.name for step in judged.steps if step.kind == "judge"] == [
        "judge/clo-against-base", "judge/clo-against-sft", "judge/clo-against-sft-dpo"
    ]  # fmt: skip
    assert all(words_after(step, "--labels") == ["labels"] for step in judged.steps if step.kind == "judge")


def test_open_questions_come_from_a_translation_or_from_a_set_that_has_the_language(tmp_path: Path) -> None:
    german, swahili = (plan(options(tmp_path, langs=(lang,))) for lang in ("de", "sw"))
    tasks = {
        lang: words_after(next(step for step in found.steps if step.name == "open/clo/seed-1"), "--tasks")[0]
        for lang, found in (("de", german), ("sw", swahili))
    }
    assert tasks == {"de": "alpaca_eval[en],m_arena_hard[de]", "sw": "alpaca_eval"}
    assert any("sw.json" in note for note in swahili.notes)
    folder = tmp_path / "alpaca"
    folder.mkdir()
    (folder / "sw.json").write_text("[]")
    given = plan(options(tmp_path, langs=("sw",), data={"alpaca_eval": str(folder)}))
    opened = next(step for step in given.steps if step.name == "open/clo/seed-1")
    assert words_after(opened, "--langs") == ["en,sw"]
    assert "overlap/clo-pairs-alpaca_eval" in [step.name for step in given.steps]


def test_pairs_and_translators_that_are_given_are_used(tmp_path: Path) -> None:
    built = plan(options(tmp_path, langs=("de",), translators=("de=hf:own/model",)))
    assert words_after(built.steps[0], "--translator") == ["de=hf:own/model"]
    given = plan(options(tmp_path, langs=("de",), data={"clo-pairs": "pairs"}))
    assert given.steps[0].kind != "data"
    assert words_after(next(step for step in given.steps if step.kind == "train"), "--data") == ["pairs"]


def test_a_smoke_run_does_what_a_full_one_does_and_stays_small(tmp_path: Path) -> None:
    """Issue 9: at most eight optimiser steps an arm, at most 20 items a task, transformers, nothing from outside."""
    found = smoke(tmp_path)
    check_plan(found)
    full = plan(options(tmp_path, langs=("de",), judges=("j",), data={"alpaca_eval": str(tmp_path)}))
    assert {step.kind for step in found.steps} == {step.kind for step in full.steps}
    for step in found.steps:
        if step.kind == "train":
            assert train_config(step).trainer["max_steps"] <= 8
        if step.kind == "run":
            assert words_after(step, "--backend") == ["hf"]
    assert {arm.facts["size"] for arm in found.arms if arm.kind} == {8, 16}


def test_a_smoke_run_has_pairs_in_german_alone(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="en and de"):
        smoke(tmp_path, langs=("en", "sw"))


def test_the_sets_of_a_smoke_run_are_read_by_training_and_task(tmp_path: Path) -> None:
    found = smoke(tmp_path)
    write(found)
    config = train_config(next(step for step in found.steps if step.arm == "clo" and step.kind == "train"))
    rows = pair_rows(config.data, PromptConfig(), has_chat_template=False, seed=1)
    assert len(rows) == 16
    assert all(row.english_answer != row.target_answer for row in rows)
    items = TASKS["alpaca_eval"].load(tmp_path / "sets" / "alpaca_eval", ["en", "de"])
    assert {lang: len(each) for lang, each in items.items()} == {"en": 8, "de": 8}
    asked = {row["instruction"] for row in json.loads((tmp_path / "sets/alpaca_eval/alpaca_eval.json").read_text())}
    learnt = (tmp_path / "sets/clo-pairs/en/train.jsonl").read_text()
    assert not [text for text in asked if text in learnt]


def test_before_anything_is_finished_the_page_has_no_figures(tmp_path: Path) -> None:
    assert sections(Found(plan=smoke(tmp_path))) == ()
