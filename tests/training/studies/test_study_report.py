"""The page, the findings and the lines for a terminal of a study."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.evalkit.report.probe_cases import neurons_probe
from tests.evalkit.report.report_cases import curves_of, transfer_of
from tests.training.studies.found_cases import BASE, SFT, compared, facts, plan_of, results_of, small_found
from xleval.errors import DataError
from xleval.evalkit.report.section import Section
from xleval.evalkit.report.study import write_study_report
from xleval.training.studies.commands import run_steps, train_steps
from xleval.training.studies.findings import SCHEMA
from xleval.training.studies.found import Found
from xleval.training.studies.records import Arm
from xleval.training.studies.report import findings_json, page_of, summary_text, warnings_of
from xleval.training.studies.sections.comparisons import comparisons_section
from xleval.training.studies.sections.inside import probes_section
from xleval.training.studies.sections.overlaps import overlap_section
from xleval.training.studies.sections.overview import overview_section
from xleval.training.studies.sections.steps import plan_section
from xleval.training.studies.sections.training import costs_section, curves_section
from xleval.training.studies.sections.transfers import transfer_section

HOSTILE = "<script>alert(1)</script>"


def test_the_page_has_its_parts_in_order() -> None:
    own = Section(name="own", title="Own", lines=("x",))
    found = replace(
        small_found(), overlaps={("train", "test"): {"n_train": 3, "n_evaluation": 2, "rules": {"same fact": 1}}}
    )
    names = [section.name for section in page_of(found, [own]).sections]
    assert names == ["overview", "own", "published", "claims", "costs", "overlap", "plan"]


def test_a_study_may_put_a_common_section_elsewhere() -> None:
    found = small_found()
    costs = costs_section(found)
    assert costs is not None
    names = [section.name for section in page_of(found, [costs]).sections]
    assert names == ["overview", "costs", "published", "claims", "plan"]


def test_smoke_single_seeds_and_failures_are_said_first() -> None:
    found = replace(small_found(), failed={"train/dco/seed-1": "out of memory"})
    smoke, seeds, failed = warnings_of(found)
    assert smoke.startswith(
        "This run shows that the machinery works, not what the paper found: at most 4 steps an arm, at most 10 items"
    )
    assert "about these checkpoints, not about the methods" in seeds
    assert "train/dco/seed-1" in failed


def test_a_full_study_of_several_seeds_has_no_warning() -> None:
    found = small_found(lambda arm: replace(arm, seeds=(1, 2)), budget="full")
    found = replace(found, results={**found.results, ("sft", 2): found.results["sft", 1]})
    assert warnings_of(found) == []


def test_more_than_one_per_cent_unscored_is_said() -> None:
    samples = [
        replace(each, correct=None, unscored_reason="server") if each.item_id == "i0001" else each
        for each in facts({"en": "1110"})
    ]
    found = Found(plan=plan_of(BASE, budget="full"), results={("base", None): results_of(samples, "org/m")})
    assert warnings_of(found) == ["More than 1 % of the answers are unscored, and in no accuracy: base, facts (en)"]


def test_the_overview_says_what_each_arm_is_and_how_far_it_came() -> None:
    later = replace(SFT, name="dpo", label="SFT, then DPO", after="sft", seeds=(1, 2), kind="dpo", recipe="smoke/dpo")
    found = small_found()
    section = overview_section(replace(found, plan=plan_of(BASE, SFT, later)))
    arms = {row[0]: row[1:] for row in section.tables[0].rows}
    assert arms["base"] == ("base", "–", "–", "m", "–", "–", "–")
    assert arms["SFT"] == ("method", "sft", "smoke/sft", "m", "en, de", "1", "4")
    assert arms["SFT, then DPO"] == ("method", "dpo", "smoke/dpo", "SFT", "en, de", "0 of 2", "–")
    heads = [column.name for column in section.tables[1].columns]
    assert heads == [
        "Arm",
        "Seeds",
        "Accuracy, seen",
        "Accuracy, unseen",
        "Right in all languages",
        "RankC",
        "Unscored",
    ]
    assert "seen: en, de; unseen: sw" in section.tables[1].caption


def test_commands_can_be_copied_and_what_did_not_run_is_named() -> None:
    plan = plan_of(BASE, SFT, out=Path("my study"))
    steps = [*train_steps(plan.options, SFT), *run_steps(plan.options, SFT, ["--tasks", "facts"])]
    found = Found(
        plan=replace(plan, steps=tuple(steps), notes=("klar has no data",)), seconds={"train/sft/seed-1": 61.5},
        failed={"runs/sft/seed-1": "no memory"},
    )  # fmt: skip
    section = plan_section(found)
    assert section.code[0] == (
        "xleval train sft smoke/sft --model org/m --langs en,de --seed 1 --out 'my study/arms/sft/seed-1'"
    )
    assert section.lines[1:] == ("klar has no data", "Failed: runs/sft/seed-1: no memory")
    assert [row[2:] for row in section.further_tables[0].rows] == [(61.5, "finished"), (None, "failed")]


def test_curves_of_several_arms_stand_in_one_picture() -> None:
    other = replace(SFT, name="other", label="other")
    found = Found(plan=plan_of(BASE, SFT, other), curves={("sft", 1): curves_of(), ("other", 1): curves_of()})
    section = curves_section(found)
    assert section is not None
    assert [chart.name for chart in section.charts] == [
        "curves-together",
        "curves-sft-1-curves-collapse",
        "curves-other-1-curves-collapse",
    ]
    assert [line.label for line in section.charts[0].panels[0].lines] == ["SFT", "other"]  # type: ignore[union-attr]
    names = [chart.name for chart in (*section.charts, *section.further_charts)]
    assert len(set(names)) == len(names)
    single = curves_section(found, arms=("sft",))
    assert single is not None
    assert "curves-together" not in [chart.name for chart in single.charts]
    assert curves_section(small_found()) is None


def test_probes_have_changes_open_and_their_arm_in_every_name() -> None:
    found = replace(small_found(), probes={("neurons", "sft"): neurons_probe()})
    section = probes_section(found)
    assert section is not None
    assert [table.name for table in section.tables] == ["sft-probe-neurons-changes"]
    assert all(
        chart.name.startswith("sft-") and "SFT" in chart.title for chart in (*section.charts, *section.further_charts)
    )
    assert probes_section(found, kinds=("heads",)) is None


def test_transfer_keeps_its_own_refusals_and_parts_apart() -> None:
    found = replace(small_found(), transfers={"train": transfer_of(), "observe": transfer_of()})
    section = transfer_section(found, parts=("train", "observe", "intervene"))
    assert section is not None
    names = [chart.name for chart in (*section.charts, *section.further_charts)]
    assert len(set(names)) == len(names)
    assert any(name.startswith("transfer-observe-") for name in names)
    assert [each.claim for each in section.refused] == ["sft"]  # said once of the two parts
    assert transfer_section(small_found()) is None


def test_shared_items_are_counted_by_rule() -> None:
    found = replace(
        small_found(),
        overlaps={("a", "b"): {"n_train": 30, "n_evaluation": 20, "rules": {"same fact": 2, "same text": 1}}},
    )
    section = overlap_section(found)
    assert section is not None
    assert section.tables[0].rows == (("a", "b", 30, 20, 3, "same fact: 2; same text: 1"),)
    assert overlap_section(small_found()) is None


def test_findings_hold_every_figure_and_the_same_ones_twice(tmp_path: Path) -> None:
    comparison = compared(tmp_path, [facts({"en": "1100", "de": "1000"})], [facts({"en": "1110", "de": "1100"})])
    found = replace(small_found(), comparisons={("sft", "base"): comparison})
    findings = findings_json(found)
    assert findings["schema"] == SCHEMA
    sft = findings["arms"][1]
    assert (sft["name"], sft["seeds"], sft["evaluated"], sft["trainings"]["1"]["steps"]) == ("sft", [1], [1], 4)
    assert findings["arms"][0]["evaluated"] == [None]
    figures = sft["tasks"]["facts"]["figures"]
    assert figures["seen"]["accuracy"]["value"] == pytest.approx(0.6)
    assert figures["sw"]["accuracy"]["value"] == pytest.approx(0.2)
    (row,) = findings["comparisons"]
    assert row["figures"]["mean"]["value"] == pytest.approx(0.25)
    assert [each["ahead"] for each in row["rows"]] == ["undecided", None]  # de is within chance
    assert json.dumps(findings, allow_nan=False) == json.dumps(findings_json(found), allow_nan=False)


def test_the_summary_fits_a_terminal_and_obeys_nobody() -> None:
    found = small_found(lambda arm: replace(arm, label="the \x1b[31m label 日本語 of an arm " * 3))
    text = summary_text(found)
    assert max(len(line) for line in text.splitlines()) <= 100
    assert "\x1b" not in text
    assert "60.0 [" in text  # .7 and .5 over the two seen languages
    assert "in the page also:" in text
    assert "the machinery was shown" in text
    assert summary_text(Found(plan=plan_of(BASE, budget="full"))) == "nothing was evaluated\n"


def test_hostile_names_stay_text_on_the_page_and_bytes_are_the_same(tmp_path: Path) -> None:
    comparison = compared(tmp_path, [facts({"en": "1100", "de": "1000"})], [facts({"en": "1110", "de": "1100"})])
    found = small_found(lambda arm: replace(arm, label=HOSTILE, recipe=HOSTILE), model=f"org/{HOSTILE}")
    found = replace(
        found, comparisons={("sft", "base"): comparison}, failed={"x": HOSTILE}, curves={("sft", 1): curves_of(HOSTILE)}
    )
    own = [section for section in (comparisons_section(found), curves_section(found)) if section]
    pages = []
    for name in ("a.html", "b.html"):
        write_study_report(page_of(found, own), tmp_path / name)
        pages.append((tmp_path / name).read_bytes())
    assert pages[0] == pages[1]
    assert b"<script" not in pages[0]
    assert b"&lt;script&gt;" in pages[0]


def test_a_page_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError):
        write_study_report(page_of(small_found(), []), tmp_path / "file" / "report.html")


def test_an_arm_that_never_ran_is_named_without_figures() -> None:
    never: Arm = replace(SFT, name="never", label="never run")
    section = overview_section(replace(small_found(), plan=plan_of(BASE, SFT, never)))
    assert "never run" in [row[0] for row in section.tables[0].rows]
    assert "never run" not in [row[0] for row in section.tables[1].rows]
