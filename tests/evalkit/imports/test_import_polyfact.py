"""`--from polyfact`: published figures to the last digit, files of other models and benchmarks, what is missing or broken."""

import json
from pathlib import Path
from typing import Any

import pytest

from xleval.errors import ConfigError, DataError
from xleval.evalkit.imports import import_samples
from xleval.evalkit.imports.polyfact_cells import aligned_ids, gold_indices, read_cell
from xleval.evalkit.imports.polyfact_figures import figures_of, stated_figures
from xleval.evalkit.imports.run import import_run
from xleval.evalkit.rescore import rescore
from xleval.evalkit.results_schema import EstimateJson, TaskResult
from xleval.evalkit.run_folder import manifest_to_score
from xleval.evalkit.samples import read_samples
from xleval.tasks import TASKS

#: PUBLISHED.md beside the outputs, per cent: accuracy, total consistency, RankC, agreement, each with its interval.
PUBLISHED = {
    "OLMo-2-1124-7B": ((44.75, 41.93, 47.59), (3.50, 1.75, 5.50), (55.12, 53.71, 56.58), (46.48, 44.56, 48.50)),
    "Qwen-2.5-7B": ((63.20, 59.95, 66.43), (13.50, 10.25, 17.00), (69.70, 68.18, 71.30), (64.49, 62.33, 66.75)),
}


def headline(task: TaskResult) -> list[EstimateJson | None]:
    block = task["consistency"]
    assert block is not None
    assert block["rankc"] is not None
    assert block["agreement"] is not None
    return [
        task["means"][0]["accuracy"], block["total"]["estimate"], block["rankc"]["pairs"]["mean"],
        block["agreement"]["pairs"]["mean"],
    ]  # fmt: skip


def rounded(estimate: EstimateJson | None) -> tuple[float, ...]:
    assert estimate is not None
    assert estimate["low"] is not None
    assert estimate["high"] is not None
    return tuple(round(100 * value, 2) for value in (estimate["value"], estimate["low"], estimate["high"]))


@pytest.mark.parametrize("model", list(PUBLISHED))
def test_published_figures_and_intervals_to_the_last_digit(model: str, shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / f"outputs/global_mmlu_lite/{model}_gmmlu_lite_consistency.json"
    results, report = import_run("polyfact", path, tmp_path / "run", ties="published")
    task = results["tasks"]["global_mmlu_lite"]
    for found, reported in zip(headline(task), PUBLISHED[model], strict=True):
        assert rounded(found) == reported
    stated = stated_figures(json.loads(path.read_text(encoding="utf-8")))
    ours = figures_of(task)
    assert len(stated) == 149  # 11 accuracies, 11 n, 14 of total consistency, 2 x 55 pairs, 3 means
    assert {key: ours[key] for key in stated} == pytest.approx(stated, abs=1e-12)
    assert "149 of 149 stored figures are reproduced with --ties published" in report
    assert "from:polyfact|norm:letter|ties:published" in task["signature_line"]


def test_a_rescored_import_has_the_same_figures(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "outputs/global_mmlu_lite/Qwen-2.5-7B_gmmlu_lite_consistency.json"
    before, _ = import_run("polyfact", path, tmp_path / "run", ties="published", seen_languages=("en", "de"))
    after = rescore(tmp_path / "run", tmp_path / "again", TASKS)
    ours, again = before["tasks"]["global_mmlu_lite"], after["tasks"]["global_mmlu_lite"]
    assert headline(again) == headline(ours)
    assert [mean["name"] for mean in again["means"]] == [mean["name"] for mean in ours["means"]]


def test_expected_ties_leave_cut_prompts_out(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "outputs/global_mmlu_lite/Qwen-2.5-7B_gmmlu_lite_consistency.json"
    results, report = import_run("polyfact", path, tmp_path / "run")
    task = results["tasks"]["global_mmlu_lite"]
    assert task["n_unscored"] == 66  # all four scores -1e9, D13; 53 of them Bengali
    assert "149 of 149 stored figures" in report  # what the file states is checked as it was made


def cell(scores: list[float], correct: bool, **more: Any) -> dict[str, Any]:
    return {"pred_idx": scores.index(max(scores)), "correct": correct, "scores": scores, **more}


def written(path: Path, predictions: dict[str, Any], benchmark: str = "global_mmlu_lite", **config: Any) -> Path:
    stored = {
        "config": {"benchmark": benchmark, "model": "org/m", "score_mode": "avg", **config},
        "predictions": predictions,
    }
    path.write_text(json.dumps(stored, ensure_ascii=False), encoding="utf-8")
    return path


A, B, C = [-1.0, -2.0, -3.0, -4.0], [-2.0, -1.0, -3.0, -4.0], [-2.0, -3.0, -1.0, -4.0]


def test_the_right_option_is_told_by_languages_that_are_right(tmp_path: Path) -> None:
    path = written(tmp_path / "f.json", {"q": {"en": cell(A, True), "de": cell(B, False)}, "r": {"en": cell(A, False)}})
    samples, report = import_samples("polyfact", path)
    found = {(each.item_id, each.lang): (each.gold, each.prediction, each.correct) for each in samples}
    assert found["q", "de"] == ("A", "B", False)
    assert found["r", "en"] == ("", "A", False)  # no language is right: nothing tells what would be
    assert [each.grouping()["gold_source"] for each in samples] == ["seen", "inferred", "unknown"]
    assert report.model == "org/m"
    assert report.primary == {"global_mmlu_lite": "letter"}


def test_sources_that_disagree_on_the_right_option_keep_every_verdict() -> None:
    # as in 4 of the 400 items of the stored files: two languages are right with unlike options
    cells = [read_cell("en", cell(A, True)), read_cell("de", cell(B, True)), read_cell("fr", cell(A, False))]
    assert gold_indices(cells) == [(0, "seen"), (1, "seen"), (1, "inferred")]


def test_other_language_sets_and_missing_cells(tmp_path: Path) -> None:
    predictions = {
        "q0": {"en": cell(A, True), "ko": cell(A, True), "uk": cell(B, False)},
        "q1": {"en": cell(A, True), "ko": cell(B, False)},
        "q2": {"en": cell(C, True), "uk": cell(C, True)},
    }
    results, report = import_run(
        "polyfact", written(tmp_path / "f.json", predictions), tmp_path / "run", ties="published"
    )
    task = results["tasks"]["global_mmlu_lite"]
    assert {row["lang"]: row["n"] for row in task["rows"]} == {"en": 3, "ko": 2, "uk": 2}
    block = task["consistency"]
    assert block is not None
    assert (block["total"]["n_items"], block["total"]["n_excluded"]) == (1, 2)
    assert "0 of 0 stored figures" in report  # the file states none


def test_broken_cells_are_rejected_with_their_place(tmp_path: Path) -> None:
    predictions = {
        "q0": {
            "en": cell(A, True), "de": None, "xx": cell(A, True), "fr": cell(A, True) | {"pred_idx": 4},
            "es": cell(A, True) | {"correct": "yes"}, "pt": cell(A[:3], True), "sw": cell(A, True) | {"scores": [1, None, 2, 3]},
        },
        "q1": {"en": cell(A, True), "de": cell(A, True)},
        "q2": None,
    }  # fmt: skip
    samples, report = import_samples("polyfact", written(tmp_path / "f.json", predictions))
    assert [(each.item_id, each.lang) for each in samples] == [("q0", "en"), ("q1", "en"), ("q1", "de")]
    reasons = {each.where: each.reason for each in report.rejected}
    assert reasons["f.json, q0, de"].startswith("found None")
    assert "'xx' is not in xleval's table" in reasons["f.json, q0, xx"]
    assert reasons["f.json, q0, fr"] == "pred_idx is 4; 0 to 3 is needed"
    assert "true or false is needed" in reasons["f.json, q0, es"]
    assert reasons["f.json, q0, pt"] == "3 options, and 4 in other languages"
    assert "a list of numbers is needed" in reasons["f.json, q0, sw"]
    assert reasons["f.json, q2"].startswith("found None")


def test_differences_from_stored_figures_are_printed(tmp_path: Path) -> None:
    path = written(tmp_path / "f.json", {"q": {"en": cell(A, True), "de": cell(A, True)}})
    stored = json.loads(path.read_text(encoding="utf-8"))
    stored["per_language_accuracy"] = {"en": {"accuracy": 0.5, "n": 1}, "de": {"accuracy": 1.0, "n": 1}}
    stored["rankc"] = {"pairwise": {"de-en": 1.0, "en-zh": 0.4}, "average": 1.0}
    path.write_text(json.dumps(stored), encoding="utf-8")
    _, report = import_run("polyfact", path, tmp_path / "run", ties="published")
    assert "5 of 6 stored figures are reproduced" in report
    assert "accuracy en: stored 0.5, here 1.0" in report
    assert "not compared: 1, such as RankC en-zh" in report


def test_sums_and_lengths_are_taken_where_the_scores_follow_from_them(tmp_path: Path) -> None:
    def raw(options: list[str], sums: list[float], correct: bool) -> dict[str, Any]:
        scores = [total / len(option.encode()) for total, option in zip(sums, options, strict=True)]
        return cell(scores, correct, scores_sum=sums, n_option_tokens=[1, 2, 1, 1], options=options)

    en = raw(["Paris", "Rome", "Bonn", "Oslo"], [-3.0, -9.0, -8.0, -8.0], True)
    fr = raw(["Rome", "Paris", "Oslo", "Bonn"], [-9.0, -3.0, -8.0, -8.5], True)
    path = written(tmp_path / "f.json", {"Q142|P36|Q90": {"en": en, "fr": fr}}, benchmark="polyfact", score_mode="byte")
    samples, report = import_samples("polyfact", path)
    assert report.primary == {}  # the headline of hidden options is per byte anyway
    assert samples[0].sum_logprobs == (-3.0, -9.0, -8.0, -8.0)
    assert samples[0].n_tokens == (1, 2, 1, 1)
    assert samples[0].grouping() == {"property_id": "P36", "gold_source": "seen", "tool_correct": "yes"}
    # options are in another order in every language; equal names say which is which
    assert [samples[1].choice_ids.index(name) for name in samples[0].choice_ids] == [1, 0, 3, 2]


def test_options_that_nothing_aligns_stay_out_of_rankc(tmp_path: Path) -> None:
    bengali = cell(A, True, options=["প্যারিস", "রোম", "বন", "অসলো"])
    english = cell(A, True, options=["Paris", "Rome", "Bonn", "Oslo"])
    path = written(tmp_path / "f.json", {f"Q{k}|P36|Q90": {"en": english, "bn": bengali} for k in range(3)}, "polyfact")
    results, _ = import_run("polyfact", path, tmp_path / "run")
    block = results["tasks"]["polyfact"]["consistency"]
    assert block is not None
    assert block["n_not_aligned"] == 3
    assert block["rankc"] is None
    assert block["total"]["estimate"] is not None


def test_a_last_option_left_is_the_last() -> None:
    english = read_cell("en", cell(A, True, options=["Paris", "Rome", "Bonn", "Oslo"]))
    other = read_cell("de", cell(B, True, options=["Rom", "Paris", "Bonn", "oslo."]))
    assert aligned_ids([english, other]) == {"en": ("0", "1", "2", "3"), "de": ("1", "0", "2", "3")}


def test_any_number_of_candidates(tmp_path: Path) -> None:
    def pool(n: int, best: int) -> dict[str, Any]:
        return cell(
            [-1.0 if k == best else -2.0 - k for k in range(n)], best == 0, options=[f" name {k} ." for k in range(n)]
        )

    predictions = {f"bmlama53_{n}": {"en": pool(n, 0), "ru": pool(n, n % 2)} for n in (2, 3, 10, 30)}
    path = written(tmp_path / "f.json", predictions, benchmark="bmlama53", score_mode="byte")
    results, report = import_run("polyfact", path, tmp_path / "run", ties="published")
    block = results["tasks"]["bmlama53"]["consistency"]
    assert block is not None
    assert block["rankc"] is not None
    assert "0 verdicts differ from the tool's" in report
    assert block["rankc"]["pairs"]["mean"] is not None
    assert block["rankc"]["pairs"]["mean"]["n"] == 4


def test_files_without_predictions(tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text('{"config": {"model": "org/m"}, "rankc": {}}', encoding="utf-8")
    with pytest.raises(DataError, match="holds no predictions"):
        import_samples("polyfact", tmp_path / "summary.json")
    written(tmp_path / "f.json", {"q": {"en": cell(A, True)}})
    samples, report = import_samples("polyfact", tmp_path)
    assert len(samples) == 1
    assert report.left_out == {"summary.json: no predictions in it": 1}
    (tmp_path / "list.json").write_text("[]", encoding="utf-8")
    with pytest.raises(DataError, match="JSON list"):
        import_samples("polyfact", tmp_path)


def test_files_of_several_models_need_a_name(tmp_path: Path) -> None:
    for name in ("a", "b"):
        path = written(tmp_path / f"{name}.json", {"q": {"en": cell(A, name == "a"), "de": cell(A, True)}}, model=name)
        stored = json.loads(path.read_text(encoding="utf-8"))
        stored["per_language_accuracy"] = {"en": {"accuracy": float(name == "a")}, "de": {"accuracy": 1.0}}
        path.write_text(json.dumps(stored), encoding="utf-8")
    with pytest.raises(ConfigError, match="2 models: a, b"):
        import_samples("polyfact", tmp_path)
    _, report = import_run("polyfact", tmp_path, tmp_path / "run", model="b")
    assert "b.json: 2 of 2 stored figures" in report
    assert "a.json" not in report
    manifest, samples = manifest_to_score(tmp_path / "run"), read_samples(tmp_path / "run" / "samples.parquet")
    assert manifest["config"]["model"]["model"] == "b"
    assert {each.correct for each in samples} == {False, True}


def test_a_mapping_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "f.json", {"q": {"en": cell(A, True)}})
    with pytest.raises(ConfigError, match="has no meaning for polyfact"):
        import_run("polyfact", path, tmp_path / "run", mapping=["lang=x"])
