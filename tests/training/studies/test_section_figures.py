"""Figures of arms: over languages, over training seeds, and by one detector in all arms."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from tests.training.studies.found_cases import BASE, SEEN, SFT, facts, plan_of, results_of, small_found, written
from xleval.evalkit.results_schema import EstimateJson
from xleval.training.studies.found import Found
from xleval.training.studies.sections.arm_tables import arms_table, cells_table, languages_table
from xleval.training.studies.sections.charts import accuracy_chart, groups_chart, line_chart
from xleval.training.studies.sections.figures import arm_figure, detector_of, over_seeds


def estimate(value: float, half: float | None = 0.196) -> EstimateJson:
    low, high = (None, None) if half is None else (value - half, value + half)
    return EstimateJson(value=value, low=low, high=high, n=50, method="items")


def test_three_seeds_have_the_interval_of_the_formula() -> None:
    # s² of .5, .6, .7 is .01; V = .01/3; t of 2 degrees of freedom at .975 is 4.302653 (tables); items: (.196/1.959964)²
    # = .01, z² = 3.841459: half = √(18.512822 · .0033333 + 3.841459 · .01) = √(.0617094 + .0384146) = .316424.
    found = over_seeds([estimate(0.5), estimate(0.6), estimate(0.7)])
    assert found["value"] == pytest.approx(0.6)
    assert found["high"] == pytest.approx(0.6 + 0.316424, abs=2e-5)
    assert found["low"] == pytest.approx(0.6 - 0.316424, abs=2e-5)
    assert found["method"] == "95% over 3 training seeds, then items"


def test_shares_end_in_0_and_1_and_tokens_do_not() -> None:
    assert over_seeds([estimate(0.2), estimate(0.9)])["low"] == 0.0
    assert over_seeds([estimate(0.2), estimate(0.9)])["high"] == 1.0
    assert (over_seeds([estimate(2.0), estimate(90.0)], share=False)["high"] or 0) > 100


def test_seeds_without_intervals_over_items_have_none_over_seeds() -> None:
    found = over_seeds([estimate(0.5, None), estimate(0.5, None)])
    assert (found["value"], found["low"], found["high"]) == (0.5, None, None)


def test_a_mean_over_seen_languages_is_that_of_the_results() -> None:
    found = small_found()
    figure = arm_figure(found, "sft", "facts", SEEN)
    mean = next(each for each in found.results["sft", 1]["tasks"]["facts"]["means"] if "seen" in each["name"])
    assert figure == mean["accuracy"]
    assert figure is not None
    assert figure["value"] == pytest.approx((0.7 + 0.5) / 2)


def test_a_mean_over_other_languages_has_the_mean_of_their_intervals() -> None:
    found = small_found()
    rows = {row["lang"]: row["accuracy"] for row in found.results["sft", 1]["tasks"]["facts"]["rows"]}
    en, sw = rows["en"], rows["sw"]
    figure = arm_figure(found, "sft", "facts", ("en", "sw"))
    assert figure is not None
    assert en is not None
    assert sw is not None
    assert figure["value"] == pytest.approx(0.45)
    assert figure["high"] == pytest.approx(((en["high"] or 0) + (sw["high"] or 0)) / 2)


def test_right_in_all_languages_is_of_the_whole_set_only() -> None:
    found = small_found()
    whole = arm_figure(found, "sft", "facts", (), "right in all languages")
    assert whole is not None
    assert whole["value"] == pytest.approx(0.2)
    assert arm_figure(found, "sft", "facts", SEEN, "right in all languages") is None


def test_a_language_without_a_scored_answer_leaves_no_mean() -> None:
    samples = facts({"en": "1100", "de": "1000"})
    samples = [replace(each, correct=None, unscored_reason="server") if each.lang == "de" else each for each in samples]
    found = Found(plan=plan_of(BASE), results={("base", None): results_of(samples, "org/m")})
    assert arm_figure(found, "base", "facts", ("de",)) is None
    assert arm_figure(found, "base", "facts", ("en",)) is not None


def _with_second(share: float | None) -> Any:
    results = deepcopy(results_of(written("ko", "1010101010", 0.25), "m"))
    for row in results["tasks"]["sums"]["rows"]:
        assert row["language_consistency"] is not None
        row["language_consistency"]["second_opinion"] = None if share is None else {
            "headline": share, "pooled": share, "first": 0.25, "difference": share - 0.25, "off_target_rate": 0.1,
            "lines": None, "n_below": 0,
        }  # fmt: skip
    return results


def test_words_in_language_are_by_one_detector_in_all_arms() -> None:
    # A model trained with a language reward has its headline by the second detector; the base has it by the first (D5).
    tuned = _with_second(0.75)
    for row in tuned["tasks"]["sums"]["rows"]:
        row["language_consistency"]["headline_detector"] = "second"
        row["language_consistency"]["headline"] = estimate(0.75)
    both = Found(plan=plan_of(BASE, SFT), results={("base", None): _with_second(0.5), ("sft", 1): tuned})
    assert detector_of(both, "sums") == "second"
    values = [arm_figure(both, arm, "sums", (), "in language") for arm in ("base", "sft")]
    assert [each and each["value"] for each in values] == [0.5, 0.75]
    one = Found(plan=plan_of(BASE, SFT), results={("base", None): _with_second(None), ("sft", 1): tuned})
    assert detector_of(one, "sums") == "first"
    values = [arm_figure(one, arm, "sums", (), "in language") for arm in ("base", "sft")]
    assert [each and each["value"] for each in values] == [0.25, 0.25]


def test_a_table_names_the_second_detector() -> None:
    found = Found(plan=plan_of(BASE), results={("base", None): _with_second(0.5)})
    table = languages_table(found, "t", "Sums.", task="sums", measures=("accuracy", "in language", "RankC"))
    assert table is not None
    assert [column.name for column in table.columns] == ["Arm", "Language", "accuracy", "in language (second detector)"]


def test_a_table_of_arms_leaves_out_empty_columns_and_arms_that_were_not_asked() -> None:
    found = small_found(lambda arm: replace(arm, facts={"k": 2}))
    found = replace(found, results={**found.results, ("sft", 1): results_of(written("ko", "1010", 0.5), "m")})
    columns = [("Accuracy", "facts", (), "accuracy"), ("Tokens", "facts", (), "mean tokens")]
    table = arms_table(found, "t", "Facts.", columns=columns, facts=("k",))
    assert table is not None
    assert [column.name for column in table.columns] == ["Arm", "k", "Seeds", "Accuracy"]
    assert [row[:3] for row in table.rows] == [("base", "–", None)]
    assert arms_table(found, "t", "None.", columns=[("Accuracy", "nothing", (), "accuracy")]) is None


def test_a_grid_has_a_row_for_each_cell() -> None:
    cells = {
        "temperature=0.6": results_of(written("ko", "1110", 1.0), "m"),
        "temperature=1.0": results_of(written("ko", "1000", 0.5), "m"),
    }
    found = Found(plan=plan_of(BASE), grids={("base", None): cells})
    table = cells_table(found, "grid", "Decoding.", task="sums", measures=("accuracy", "in English"))
    assert table is not None
    assert [row[1] for row in table.rows] == ["temperature=0.6", "temperature=1.0"]
    shares = [cell["value"] for row in table.rows for cell in row[2:] if isinstance(cell, dict)]
    assert shares == pytest.approx([0.75, 0.0, 0.25, 0.5])


def test_charts_draw_five_arms_and_say_that_there_are_more() -> None:
    arms = [replace(SFT, name=f"a{k}", label=f"arm {k}", facts={"k": k}) for k in range(6)]
    results = {
        (arm.name, 1): results_of(facts({"en": "1" * (k + 1) + "0" * (9 - k)}), arm.name) for k, arm in enumerate(arms)
    }
    found = Found(plan=plan_of(*arms), results=results)
    chart = accuracy_chart(found, "c", "Accuracy", task="facts")
    assert chart is not None
    assert len(chart.series) == 5
    assert "The first 5 of 6 arms" in chart.caption
    rows = groups_chart(found, "g", "Arms", task="facts", groups={"seen": SEEN, "unseen": ("sw",)})
    assert rows is not None
    assert rows.labels == tuple(f"arm {k}" for k in range(6))
    assert rows.series == ("seen",)  # no arm was asked in sw
    line = line_chart(found, "l", "Over k", task="facts", fact="k", lines={"grow": ["a4", "a0", "a2"]}, x_label="k")
    assert line is not None
    assert [(at.x, round(at.y, 2)) for at in line.panels[0].lines[0].points] == [(0, 0.1), (2, 0.3), (4, 0.5)]
    assert line_chart(found, "l", "One", task="facts", fact="k", lines={"grow": ["a0"]}, x_label="k") is None


def test_arms_that_the_plan_leaves_out_have_no_figures_and_stop_nothing() -> None:
    found = small_found()
    columns = [("Accuracy", "facts", (), "accuracy")]
    table = arms_table(found, "t", "Facts.", columns=columns, arms=("sft", "grpo"))  # type: ignore[arg-type]
    assert table is not None
    assert [row[0] for row in table.rows] == ["SFT"]
    assert arm_figure(found, "grpo", "facts") is None
    assert cells_table(found, "g", "Grid.", task="facts", measures=("accuracy",), arms=("grpo",)) is None
    assert line_chart(found, "l", "Line", task="facts", fact="k", lines={"all": ["grpo", "sft"]}, x_label="k") is None


def test_means_over_unlike_languages_are_named_and_are_on_no_chart() -> None:
    found = Found(
        plan=plan_of(BASE, SFT),
        results={
            ("base", None): results_of(facts({"en": "1100", "de": "1000"}), "m"),
            ("sft", 1): results_of(facts({"de": "1111"}), "s"),
        },
    )
    table = arms_table(found, "t", "Facts.", columns=[("seen", "facts", SEEN, "accuracy")])
    assert table is not None
    place = [column.name for column in table.columns].index("Means over")
    assert [row[place] for row in table.rows] == ["en, de", "de"]
    assert table.caption.endswith("Means over unlike languages are not to be compared.")
    assert groups_chart(found, "c", "Facts", task="facts", groups={"seen": SEEN}) is None
    alike = arms_table(found, "t", "Facts.", columns=[("de", "facts", ("de",), "accuracy")])
    assert alike is not None
    assert "Means over" not in [column.name for column in alike.columns]
    assert groups_chart(found, "c", "Facts", task="facts", groups={"German": ("de",)}) is not None
