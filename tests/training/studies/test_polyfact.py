"""The plan of the PolyFact study: what is run, in which order, and that every line of it is one that xleval takes."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.evalkit.compare.conftest import column
from tests.training.studies.found_cases import results_of
from tests.training.studies.plans import check_plan, train_config, words_after
from xleval.errors import ConfigError
from xleval.training.studies.found import Found
from xleval.training.studies.polyfact import plan, sections
from xleval.training.studies.records import Plan, StudyOptions
from xleval.training.studies.sections.measures import figure_of

pytest.importorskip("trl")
QWEN = "Qwen/Qwen2.5-7B"


def options(out: Path, **others: object) -> StudyOptions:
    return replace(StudyOptions(study="polyfact", model=QWEN, budget="full", out=out), **others)  # type: ignore[arg-type]


def smoke(out: Path, **others: object) -> Plan:
    return plan(options(out, model="demo", budget="smoke", **others))


def kinds(found: Plan) -> list[str]:
    return list(dict.fromkeys(step.kind for step in found.steps))


@pytest.mark.parametrize("protocol", ["paper", "xleval"])
@pytest.mark.parametrize("model", [QWEN, "allenai/OLMo-2-1124-7B", "meta-llama/Llama-3.1-8B"])
def test_every_line_of_a_full_plan_is_one_that_xleval_takes(tmp_path: Path, model: str, protocol: str) -> None:
    found = plan(options(tmp_path, model=model, protocol=protocol, seeds=2))
    check_plan(found)
    trained = {step.arm: train_config(step) for step in found.steps if step.kind == "train"}
    assert set(trained) == {
        "cpt", "sft", "grpo", "grpo-random", "grpo-format-only", "grpo-per-language", "dco", "cm-align"
    }  # fmt: skip
    assert {config.model for config in trained.values()} == {model}
    assert {config.protocol for config in trained.values()} == {protocol}
    assert trained["grpo"].pooling is not None
    assert trained["grpo"].pooling.mode == "pooled"
    assert trained["grpo-per-language"].pooling is not None
    assert trained["grpo-per-language"].pooling.mode == "per-language"
    assert [reward.name for reward in trained["grpo-random"].rewards] == ["random"]
    assert len(trained["sft"].data.langs) == 12


@pytest.mark.parametrize("more", [{"langs": ("en", "ko", "de")}, {"unseen": ("th",)}, {"seeds": 3}])
def test_languages_and_seeds_reach_every_line(tmp_path: Path, more: dict[str, object]) -> None:
    found = plan(options(tmp_path, **more))
    check_plan(found)
    assert not set(found.seen) & set(found.unseen)
    for step in found.steps:
        if step.kind == "run":
            assert words_after(step, "--seen-langs") == [",".join(found.seen)]
    if "unseen" in more:  # named, so that facts are asked in it, too
        assert found.unseen == ("th",)
        assert "th" in words_after(found.steps[0], "--langs")[0].split(",")


def test_facts_are_built_in_the_twelve_languages_and_not_in_those_of_further_sets(tmp_path: Path) -> None:
    """A fact must be there in every language of the set, so that further languages would cost facts."""
    found = plan(options(tmp_path))
    assert found.unseen == ("ko", "uk", "vi")
    assert not set(found.unseen) & set(words_after(found.steps[0], "--langs")[0].split(","))


def test_a_set_that_is_there_is_not_built(tmp_path: Path) -> None:
    found = plan(options(tmp_path, data={"polyfact": "facts"}))
    assert "data" not in kinds(found)
    assert all(
        words_after(step, "--data") == ["facts"] for step in found.steps if step.arm == "sft" and step.kind == "train"
    )


def test_tasks_without_data_are_left_out_with_a_note_and_asked_when_it_is_given(tmp_path: Path) -> None:
    without = plan(options(tmp_path))
    assert any(note.startswith("bmlama53 is left out") for note in without.notes)
    given = plan(options(tmp_path, data={"bmlama53": "b", "klar": "k"}))
    check_plan(given)
    assert not any(note.startswith(("bmlama53", "klar")) for note in given.notes)
    run = next(step for step in given.steps if step.name == "runs/base")
    tasks = words_after(run, "--tasks")[0]
    assert "klar[en,ar,es,ru,fr,ja,zh,ko,uk,vi]" in tasks.replace("klar_nospace", "-")
    assert "klar_nospace[" in tasks
    assert words_after(run, "--data").count("klar=k") == 1
    assert "mmlu[en]" in tasks


def test_runs_are_told_what_is_trained_on_so_that_klars_items_are_told_apart(tmp_path: Path) -> None:
    """D24: each run has both folders, and that of the facts is the one that arms are trained on."""
    found = plan(options(tmp_path, data={"klar": "k", "polyfact": "facts"}))
    runs = [step for step in found.steps if step.kind == "run"]
    assert {step.arm for step in runs} == {arm.name for arm in found.arms}
    for step in runs:
        assert {"klar=k", "polyfact=facts"} <= set(words_after(step, "--data"))
    assert any("KLAR's items are told apart" in note for note in found.notes)


def test_klar_on_facts_not_trained_on_stands_beside_all(tmp_path: Path) -> None:
    """Two of the five items are training facts; by hand: en 4/5, 2/2, 2/3 right, zh 2/5, 2/2, 0/3."""
    marks = {"i0000": "yes", "i0001": "yes"}
    said = {"en": "11110", "zh": "11000"}
    samples = [
        replace(sample, task="klar", groups=json.dumps({"trained_fact": marks.get(sample.item_id, "no")}))
        for lang, verdicts in said.items()
        for sample in column(lang, verdicts)
    ]
    found = Found(
        plan=smoke(tmp_path),
        results={
            ("base", None): results_of(samples, "m"),
            ("sft", 1): results_of([replace(s, groups="{}") for s in samples], "s"),
        },
    )
    [further] = [section for section in sections(found) if section.name == "further-sets"]
    [table] = [each for each in further.tables if each.name == "klar-training-facts"]
    assert "2 items are training facts, 3 are not." in table.caption
    assert [head.name for head in table.columns][2:] == ["all items", "facts not trained on", "training facts"]
    shown = [[cell["value"] if isinstance(cell, dict) else cell for cell in row[2:]] for row in table.rows]
    assert shown[0] == pytest.approx([0.6, (2 / 3 + 0) / 2, 1.0])
    assert shown[1] == [pytest.approx(0.6), None, None]  # this run did not tell its items apart
    assert any("compare arms within a column" in line for line in further.lines)
    result = found.results["base", None]["tasks"]["klar"]
    english = figure_of(result, ("en",), "on other facts")
    assert english is not None
    assert english["value"] == pytest.approx(2 / 3)
    assert (english["n"], english["low"]) == (3, None)


def test_klar_without_marks_has_no_table_of_training_facts(tmp_path: Path) -> None:
    samples = [replace(sample, task="klar") for sample in column("en", "1100")]
    found = Found(plan=smoke(tmp_path), results={("base", None): results_of(samples, "m")})
    [further] = [section for section in sections(found) if section.name == "further-sets"]
    assert [table.name for table in further.tables] == ["klar-arms"]
    assert not any("training fact" in line for line in further.lines)


def test_grpo_is_compared_with_sft_and_with_both_controls(tmp_path: Path) -> None:
    found = plan(options(tmp_path))
    assert set(found.arm("grpo").compared_with) >= {"base", "sft", "grpo-random", "grpo-format-only"}
    assert {arm.name for arm in found.arms if arm.role == "control"} == {"grpo-random", "grpo-format-only"}


def test_named_arms_alone_are_run(tmp_path: Path) -> None:
    found = plan(options(tmp_path, arms=("grpo", "sft")))
    check_plan(found)
    assert [arm.name for arm in found.arms] == ["base", "sft", "grpo"]
    assert found.arm("grpo").compared_with == ("base", "sft")


def test_an_unknown_arm_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="grpo-format-only"):
        plan(options(tmp_path, arms=("gpro",)))


@pytest.mark.parametrize(("more", "says"), [({"langs": ("en",)}, "two or more"), ({"unseen": ("de",)}, "both name de")])
def test_languages_that_make_no_study_are_refused(tmp_path: Path, more: dict[str, object], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        plan(options(tmp_path, **more))


def test_a_smoke_run_does_what_a_full_one_does_and_stays_small(tmp_path: Path) -> None:
    """Issue 9: at most eight optimiser steps an arm, at most 20 items a task, transformers, nothing from outside."""
    found = smoke(tmp_path)
    check_plan(found)
    assert kinds(found) == kinds(plan(options(tmp_path)))
    for step in found.steps:
        if step.kind == "train":
            assert train_config(step).trainer["max_steps"] <= 8
        if step.kind == "run":
            assert int(words_after(step, "--limit")[0]) <= 20
            assert words_after(step, "--backend") == ["hf"]
    assert words_after(found.steps[0], "--source") == ["embedded"]


def test_the_text_of_the_probes_is_parallel(tmp_path: Path) -> None:
    files = smoke(tmp_path).files
    assert {path.stem for path in files} == {"en", "de", "es", "sw", "zh"}
    assert {len(text.splitlines()) for text in files.values()} == {24}


def test_probes_are_left_out_where_the_package_has_no_text(tmp_path: Path) -> None:
    found = smoke(tmp_path, langs=("fr", "ja"), unseen=("ko",))
    assert "probe" not in kinds(found)
    assert any("give --text" in note for note in found.notes)
    assert "probe" in kinds(smoke(tmp_path, langs=("fr", "ja"), unseen=("ko",), text="texts"))


def test_before_anything_is_finished_the_page_has_no_figures(tmp_path: Path) -> None:
    assert sections(Found(plan=smoke(tmp_path))) == ()
