"""Sentences of studies: single seeds are checkpoints, second-hand figures are never subtracted, claims are refused once."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.training.studies.found_cases import BASE, RANDOM, SFT, compared, facts, plan_of, results_of, small_found
from xleval.evalkit.claims import RECOVERY_CONTROLS
from xleval.training.studies.found import Found
from xleval.training.studies.published.record import Published
from xleval.training.studies.sections.beside import EVIDENCE, difference, published_section
from xleval.training.studies.sections.claims import refused_of
from xleval.training.studies.sections.comparisons import comparisons_section, differences_chart

FEW, MANY = {"en": "1" * 10 + "0" * 30, "de": "1" * 8 + "0" * 32}, {"en": "1" * 38 + "00", "de": "1" * 9 + "0" * 31}


def test_with_one_seed_a_sentence_is_about_checkpoints(tmp_path: Path) -> None:
    # 28 items that only the second has right: McNemar's p is 2^-27, decided; in de one item: 1.
    comparison = compared(tmp_path, [facts(FEW)], [facts(MANY)])
    section = comparisons_section(replace(small_found(), comparisons={("sft", "base"): comparison}))
    assert section is not None
    text = " ".join(section.lines)
    assert "the SFT checkpoint is right more often than the base checkpoint in en" in text
    assert "not about how they were trained" in text
    assert "SFT is right" not in text
    shown = " ".join(str(cell) for table in section.further_tables for row in table.rows for cell in row)
    assert "the SFT checkpoint" in shown  # who is ahead in the table of languages


def test_with_several_seeds_a_sentence_names_the_method(tmp_path: Path) -> None:
    runs = [facts(MANY), facts({**MANY, "en": "1" * 37 + "000"}), facts({**MANY, "en": "1" * 39 + "0"})]
    base = [facts(FEW), facts({**FEW, "en": "1" * 11 + "0" * 29}), facts({**FEW, "en": "1" * 9 + "0" * 31})]
    plan = plan_of(BASE, replace(SFT, seeds=(1, 2, 3)), replace(RANDOM, seeds=(1, 2, 3)))
    found = Found(plan=plan, comparisons={("sft", "random"): compared(tmp_path, base, runs)})
    section = comparisons_section(found)
    assert section is not None
    assert any(
        ": on the" in line and "SFT is right more often than random reward in en" in line for line in section.lines
    )


def test_all_arms_stand_on_one_axis_with_what_each_is_less(tmp_path: Path) -> None:
    one = compared(tmp_path / "a", [facts(FEW)], [facts(MANY)])
    other = compared(tmp_path / "b", [facts(MANY)], [facts(FEW)])
    found = Found(plan=plan_of(BASE, SFT, RANDOM), comparisons={("sft", "base"): one, ("sft", "random"): other})
    chart = differences_chart(found, "d", "Mean", task="facts")
    assert chart is not None
    assert [each.label for each in chart.differences] == ["SFT", "sft − random"]
    # (38 - 10 + 9 - 8)/(2 · 40) = .3625
    assert [each.value for each in chart.differences] == pytest.approx([0.3625, -0.3625])
    language = differences_chart(found, "d", "en", task="facts", key="en")
    assert language is not None
    assert "Holm" in language.caption
    assert differences_chart(found, "d", "none", task="nothing") is None


def figure(**changes: object) -> Published:
    base = Published(
        study="polyfact", arm="base", model="org/m", task="facts", langs="en,de,sw", measure="accuracy", value="20.0",
        unit="%", tag="V", source="a source", comparable=True,
    )  # fmt: skip
    return replace(base, **changes)  # type: ignore[arg-type]


def test_a_difference_is_shown_where_all_is_the_same() -> None:
    # Base: 5, 3 and 1 of 10 right: .3; less .2.
    assert difference(small_found(budget="full"), figure()) == pytest.approx(0.1)
    assert difference(small_found(budget="full"), figure(langs="mean of 3")) == pytest.approx(0.1)


@pytest.mark.parametrize(
    "changes",
    [
        {"tag": "S"}, {"tag": "D"}, {"model": "org/other"}, {"comparable": False}, {"langs": "mean of 12"}, {"unit": "points"},
        {"langs": "en,de,sw,ko"}, {"task": "others"}, {"arm": "grpo"}, {"measure": "win rate"},
    ],
    ids=str,
)  # fmt: skip
def test_there_is_no_difference_where_one_thing_is_not(changes: dict[str, str]) -> None:
    assert difference(small_found(budget="full"), figure(**changes)) is None


def test_a_smoke_run_has_no_difference() -> None:
    assert difference(small_found(budget="smoke"), figure()) is None


def test_second_hand_figures_stand_beside_ours_without_a_difference() -> None:
    rows = [figure(tag="S"), figure(tag="V", measure="RankC"), figure(arm="grpo")]
    section = published_section(small_found(budget="full"), rows)
    assert section is not None
    names = [column.name for column in section.tables[0].columns]
    by = [dict(zip(names, row, strict=True)) for row in section.tables[0].rows]
    assert [row["Evidence"] for row in by] == [EVIDENCE["S"], EVIDENCE["V"]]
    assert by[0]["Difference"] is None
    assert by[1]["Difference"] is not None
    assert section.further_tables[0].rows[0][1] == "grpo"  # no arm of ours: not beside, but there


def test_figures_of_another_model_are_said_to_be_so() -> None:
    section = published_section(small_found(), [figure(model="org/published")])
    assert section is not None
    assert "Ours is another model, org/m" in section.lines[0]
    assert "Difference" not in [column.name for column in section.tables[0].columns]


def test_an_arm_of_another_name_stands_beside_by_its_fact() -> None:
    found = small_found(lambda arm: replace(arm, facts={"published": "tuned"}), budget="full")
    section = published_section(found, [figure(arm="tuned", langs="sw")])
    assert section is not None
    ours = section.tables[0].rows[0][5]
    assert isinstance(ours, dict)
    assert ours["value"] == 0.2


def test_every_claim_is_refused_once(tmp_path: Path) -> None:
    comparison = compared(tmp_path, [facts(FEW)], [facts(MANY)])
    found = replace(small_found(), comparisons={("sft", "base"): comparison, ("sft", "random"): comparison})
    refused = refused_of(found)
    claims = [each.claim for each in refused]
    assert len(claims) == len(set(claims))
    by_letter = {each.letter: each.reason for each in refused}
    assert "the budget was smoke" in by_letter["a"]
    assert by_letter["b"] == "one training seed in SFT: these are checkpoints, not the method"
    assert "c" not in by_letter  # nobody asks after recovery here


def test_two_seeds_in_every_arm_leave_the_method_claim() -> None:
    found = small_found(lambda arm: replace(arm, seeds=(1, 2)))
    other = {("random", seed): found.results["sft", 1] for seed in (1, 2)}
    plan = plan_of(*found.plan.arms, replace(RANDOM, seeds=(1, 2)))
    found = replace(found, plan=plan, results={**found.results, **other, ("sft", 2): found.results["sft", 1]})
    assert "b" not in {each.letter for each in refused_of(found)}


def test_damage_is_irreversible_after_both_controls_only() -> None:
    controls = [
        replace(RANDOM, name=f"control-{k}", label=words, facts={"control": words})
        for k, words in enumerate(RECOVERY_CONTROLS)
    ]
    results = {(arm.name, 1): results_of(facts({"en": "10"}), arm.name) for arm in controls}
    plan = plan_of(BASE, *controls, study="collapse", budget="full")
    one = Found(plan=plan, results=dict(list(results.items())[:1]))
    assert [each.reason for each in refused_of(one) if each.letter == "c"] == [f"not run: {RECOVERY_CONTROLS[1]}"]
    assert not [each for each in refused_of(Found(plan=plan, results=results)) if each.letter == "c"]
    smoke = Found(plan=plan_of(BASE, *controls, study="collapse"), results=results)
    assert [each.reason for each in refused_of(smoke) if each.letter == "c"] == ["the budget was smoke"]


def test_a_control_of_recovery_counts_where_it_ran_in_every_language() -> None:
    controls = [
        replace(RANDOM, name=f"control-{k}-{lang}", langs=(lang,), facts={"control": words, "lang": lang})
        for k, words in enumerate(RECOVERY_CONTROLS)
        for lang in ("ko", "uk")
    ]
    plan = plan_of(BASE, *controls, study="collapse", budget="full")
    results = {(arm.name, 1): results_of(facts({"en": "10"}), arm.name) for arm in controls}
    del results["control-1-uk", 1]
    reasons = [each.reason for each in refused_of(Found(plan=plan, results=results)) if each.letter == "c"]
    assert reasons == [f"not run: {RECOVERY_CONTROLS[1]}"]
