"""Samples to results: published figures through the whole path, counts of what is missing, warnings, tables."""

import dataclasses
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from xleval.data.language_id import LanguageShares
from xleval.errors import ConfigError, DataError
from xleval.evalkit.metrics.language_consistency import language_consistency
from xleval.evalkit.results import results_json, summarise
from xleval.evalkit.results_schema import EstimateJson, Results, TaskResult
from xleval.evalkit.samples import Sample
from xleval.evalkit.tables import render_tables

PUBLISHED = Path(__file__).parents[3] / "shared" / "data" / "outputs" / "global_mmlu_lite"
#: Per cent, from the significance report beside the outputs: accuracy, total consistency, RankC, agreement.
REPORTED = {
    "OLMo-2-1124-7B": ((44.75, 41.93, 47.59), (3.50, 1.75, 5.50), (55.12, 53.71, 56.58), (46.48, 44.56, 48.50)),
    "Qwen-2.5-7B": ((63.20, 59.95, 66.43), (13.50, 10.25, 17.00), (69.70, 68.18, 71.30), (64.49, 62.33, 66.75)),
}


def choice(item: str, lang: str, right: bool, **changes: object) -> Sample:
    base = Sample(
        task="facts", task_version=1, lang=lang, item_id=item, kind="choice", prompt="p", gold="ab",
        prediction="ab" if right else "cd", correct=right, choices=("ab", "cd", "ef", "gh"), gold_index=0,
        sum_logprobs=(-1.0, -2.0, -3.0, -4.0) if right else (-2.0, -1.0, -3.0, -4.0), n_tokens=(1, 1, 1, 1),
    )  # fmt: skip
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


def generation(item: str, lang: str, right: bool, **changes: object) -> Sample:
    base = Sample(
        task="sums", task_version=1, lang=lang, item_id=item, kind="generation", prompt="p", gold="7",
        prediction="7" if right else "8", correct=right, completion="it is", finish_reason="stop", n_completion_tokens=5,
    )  # fmt: skip
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


def failed(sample: Sample, reason: str = "server died") -> Sample:
    return dataclasses.replace(
        sample, prediction=None, correct=None, unscored_reason=reason, sum_logprobs=(), n_tokens=(), completion=None,
        finish_reason=None, n_completion_tokens=None,
    )  # fmt: skip


def task_of(samples: list[Sample], **options: Any) -> TaskResult:
    results = summarise(samples, signature={}, model="m", seed=0, resamples=options.pop("resamples", 200), **options)
    return results["tasks"][samples[0].task]


def published_samples(model: str) -> tuple[list[Sample], dict[str, Any]]:
    path = PUBLISHED / f"{model}_gmmlu_lite_consistency.json"
    if not path.exists():
        pytest.skip(f"needs ../shared/data: {path.name}")
    stored = json.loads(path.read_text(encoding="utf-8"))
    samples = []
    for item, cells in stored["predictions"].items():
        for lang, cell in cells.items():
            # The gold letter is not stored: where the answer is wrong, any other letter will do.
            gold = cell["pred_idx"] if cell["correct"] else (cell["pred_idx"] + 1) % 4
            sample = Sample(
                task="lite", task_version=1, lang=lang, item_id=item, kind="choice", prompt="", gold="ABCD"[gold],
                prediction="ABCD"[cell["pred_idx"]], correct=cell["correct"], choices=tuple("ABCD"), gold_index=gold,
                sum_logprobs=tuple(cell["scores"]), n_tokens=(1, 1, 1, 1),
            )  # fmt: skip
            samples.append(sample)
    return samples, stored


def rounded(estimate: EstimateJson | None) -> tuple[float, ...]:
    assert estimate is not None
    return tuple(round(100 * float(estimate[key] or 0.0), 2) for key in ("value", "low", "high"))  # type: ignore[literal-required]


@pytest.mark.parametrize("model", list(REPORTED))
def test_published_figures_and_intervals(model: str) -> None:
    samples, stored = published_samples(model)
    languages = stored["config"]["langs"]
    task = task_of(samples, ties="published", primary={"lite": "letter"}, languages=languages, resamples=10_000)
    for row in task["rows"]:
        assert row["accuracy"] is not None
        assert row["accuracy"]["value"] == stored["per_language_accuracy"][row["lang"]]["accuracy"]
    block = task["consistency"]
    assert block is not None
    assert block["rankc"] is not None
    assert block["agreement"] is not None
    matrix = np.array(block["rankc"]["pairs"]["matrix"])
    for (a, one), (b, other) in itertools.combinations(enumerate(languages), 2):
        assert matrix[a, b] == pytest.approx(stored["rankc"]["pairwise"][f"{one}-{other}"], abs=1e-12)
    found = (
        task["means"][0]["accuracy"], block["total"]["estimate"], block["rankc"]["pairs"]["mean"],
        block["agreement"]["pairs"]["mean"],
    )  # fmt: skip
    for estimate, reported in zip(found, REPORTED[model], strict=True):
        assert rounded(estimate) == pytest.approx(reported, abs=0.0051)
    assert block["total"]["histogram"] == list(stored["total_consistency"]["correct_language_count_histogram"].values())


def test_expected_ties_leave_cut_prompts_out() -> None:
    samples, stored = published_samples("Qwen-2.5-7B")
    task = task_of(samples, primary={"lite": "letter"}, languages=stored["config"]["langs"])
    rows = {row["lang"]: row for row in task["rows"]}
    assert task["n_unscored"] == 66
    assert rows["bn"]["unscored_reasons"] == {"tie": 53}
    assert rows["bn"]["accuracy"] is not None
    assert rows["bn"]["accuracy"]["value"] == pytest.approx(0.496, abs=5e-4)
    assert rows["bn"]["bounds"] == pytest.approx([172 / 400, 225 / 400])


def test_ties_that_took_the_first_option_are_counted() -> None:
    samples, stored = published_samples("Qwen-2.5-7B")
    options: dict[str, Any] = {"primary": {"lite": "letter"}, "languages": stored["config"]["langs"]}
    [found] = [each for each in task_of(samples, ties="published", **options)["warnings"] if each["code"] == "ties"]
    # as many as are unscored under `expected`, 53 of them in bn
    assert found["text"].startswith("66 of 4400 answers had all options tied (")
    assert "bn 53" in found["text"]
    assert found["text"].endswith("--ties published took the first")
    assert "ties" not in {each["code"] for each in task_of(samples, **options)["warnings"]}


def test_only_answers_with_all_options_tied_count_as_such() -> None:
    pair = dataclasses.replace(choice("2", "en", True), sum_logprobs=(-1.0, -1.0, -3.0, -4.0))  # two of four alike
    all_four = dataclasses.replace(choice("3", "en", True), sum_logprobs=(-2.0,) * 4)
    samples = [choice("1", "en", True), pair, all_four, choice("1", "de", True)]
    [found] = [each for each in task_of(samples, ties="published")["warnings"] if each["code"] == "ties"]
    assert found["text"] == "1 of 4 answers had all options tied (en 1); --ties published took the first"
    assert found["languages"] == ["en"]


def test_small_set_by_hand() -> None:
    # item: en de | 1: r r, 2: r w, 3: w w, 4: r -, 5: en failed
    samples = [
        choice("1", "en", True), choice("1", "de", True), choice("2", "en", True), choice("2", "de", False),
        choice("3", "en", False), choice("3", "de", False), choice("4", "en", True), failed(choice("5", "en", True)),
        choice("5", "de", False),
    ]  # fmt: skip
    task = task_of(samples)
    en, de = task["rows"]
    assert (task["languages"], task["n_items"], task["n_scored"], task["n_unscored"]) == (["en", "de"], 5, 8, 1)
    assert (en["n"], en["n_unscored"], en["unscored_reasons"]) == (5, 1, {"server died": 1})
    assert en["bounds"] == [3 / 5, 4 / 5]
    assert (de["n"], de["bounds"]) == (4, None)
    assert en["accuracy"] is not None
    assert de["accuracy"] is not None
    assert (en["accuracy"]["value"], de["accuracy"]["value"]) == (0.75, 0.25)
    assert task["means"][0]["accuracy"] is not None
    assert task["means"][0]["accuracy"]["value"] == 0.5
    assert task["means"][0]["name"] == "over these languages"
    block = task["consistency"]
    assert block is not None
    total = block["total"]
    # complete items 1, 2, 3: accuracies 2/3 and 1/3; product 2/9, minimum 1/3, value 1/3 -> position 1
    assert (total["n_items"], total["n_excluded"], total["histogram"]) == (3, 2, [1, 1, 1])
    assert total["product"] == pytest.approx(2 / 9)
    assert total["position"] == pytest.approx(1.0)
    assert block["overlap"]["matrix"][0][1] == 0.5
    codes = {warning["code"] for warning in task["warnings"]}
    assert codes == {"few-items", "unscored", "near-chance", "incomplete-items"}


def test_results_are_json_without_times_and_repeat() -> None:
    samples = [choice(str(k), lang, k % 3 > 0) for k in range(20) for lang in ("en", "de", "sw")]
    first = summarise(samples, signature={"a": [1]}, model="m", seed=7, resamples=100)
    again = summarise(samples[::-1], signature={"a": [1]}, model="m", seed=7, resamples=100)
    assert results_json(first) == results_json(again)
    assert json.loads(results_json(first)) == first
    assert first["schema"] == "xleval.results/1"
    assert "time" not in results_json(first)


def test_total_consistency_of_zero_has_an_exact_interval() -> None:
    samples = [choice(str(k), lang, lang == "en") for k in range(10) for lang in ("en", "de")]
    block = task_of(samples)["consistency"]
    assert block is not None
    estimate = block["total"]["estimate"]
    assert estimate is not None
    assert (estimate["value"], estimate["low"]) == (0.0, 0.0)
    assert estimate["high"] == pytest.approx(0.308497, abs=1e-6)


def test_one_item_has_no_interval_and_one_language_no_consistency() -> None:
    task = task_of([choice("1", "en", True)])
    assert task["consistency"] is None
    accuracy = task["rows"][0]["accuracy"]
    assert accuracy is not None
    assert (accuracy["value"], accuracy["low"], accuracy["high"]) == (1.0, None, None)


def test_a_language_without_verdicts_has_no_accuracy() -> None:
    samples = [choice("1", "en", True), failed(choice("1", "de", True)), choice("2", "en", False)]
    task = task_of(samples)
    assert task["rows"][1]["accuracy"] is None
    assert task["rows"][1]["bounds"] == [0.0, 1.0]
    block = task["consistency"]
    assert block is not None
    assert block["total"]["estimate"] is None
    assert block["rankc"] is None
    assert block["agreement"] is None
    assert "no item is scored in all of these languages" in render_tables(
        summarise(samples, signature={}, model="m", seed=0, resamples=50)
    )


def test_partial_ties_take_no_wilson_interval() -> None:
    tie = choice("4", "en", True, sum_logprobs=(-1.0, -1.0, -2.0, -2.0))
    few = task_of([*(choice(str(k), "en", True) for k in range(4)), tie])["rows"][0]["accuracy"]
    assert few is not None
    assert few["value"] == 0.9
    assert few["method"] == "exact binomial 95%, effective items (few differ)"
    # 10 items are below 1, 13 above 0: enough to resample.
    many = task_of([*(choice(f"i{k:02}", "en", k < 12) for k in range(21)), tie])["rows"][0]["accuracy"]
    assert many is not None
    assert many["value"] == 12.5 / 22
    assert many["method"] == "percentile bootstrap 95%, 200 resamples of items"


def test_missing_languages_are_named() -> None:
    samples = [choice(str(k), lang, True) for k in range(3) for lang in ("en", "de")]
    task = task_of(samples, languages=("de", "sw"))
    assert task["languages"] == ["de"]
    assert task["warnings"][0]["languages"] == ["sw"]
    with pytest.raises(ConfigError, match="no sample in sw; it has de, en"):
        task_of(samples, languages=("sw",))


def test_seen_unseen_and_resource_means() -> None:
    samples = [choice("1", "en", True), choice("1", "sw", False), choice("1", "uk", True)]
    means = {mean["name"]: mean["languages"] for mean in task_of(samples, seen_languages=("en", "fr"))["means"]}
    assert means == {
        "over these languages": ["en", "sw", "uk"],
        "over these seen languages": ["en"],
        "over these unseen languages": ["sw", "uk"],
        "over these high-resource languages": ["en"],
        "over these mid-resource languages": ["uk"],
        "over these low-resource languages": ["sw"],
    }


def test_generations_by_hand() -> None:
    samples = [
        generation("1", "en", True),
        generation("2", "en", False, prediction=None, finish_reason="length", n_completion_tokens=9),
        generation("3", "en", True, finish_reason="length"),
        failed(generation("4", "en", True)),
    ]
    row = task_of(samples)["rows"][0]
    assert (row["n"], row["n_unscored"], row["truncated"], row["unparsed"]) == (4, 1, 2 / 3, 1 / 3)
    assert row["accuracy"] is not None
    assert row["accuracy"]["value"] == 2 / 3
    assert row["finished_only"] is not None
    assert (row["finished_only"]["value"], row["finished_only"]["n"]) == (1.0, 1)
    assert (row["mean_tokens"], row["mean_chars"], row["by_normalisation"], row["chance"]) == (19 / 3, 5.0, {}, None)


def test_language_consistency_equals_the_metric() -> None:
    counts = [(8, 2, 0, 1), (2, 1, 0, 0), (0, 9, 1, 0), (0, 0, 0, 0), (5, 0, 0, 3)]
    samples, shares = [], []
    for number, (target, english, other, undetermined) in enumerate(counts):
        one = LanguageShares(
            target="sw", n_target=target, n_english=english, n_other=other, n_undetermined=undetermined, target_chars=7 * target,
            determined_chars=7 * target + 4 * (english + other), n_sentences=number, n_foreign_sentences=number // 2,
            top="sw" if target > english else "en",
            excluded_share=0.0,
        )  # fmt: skip
        shares.append(one)
        parts = one.shares or (None,) * 4
        names = ("target_share", "english_share", "other_share", "undetermined_share")
        samples.append(
            generation(
                str(number), "sw", True, n_words=one.n_words, n_determined=one.n_determined,
                target_of_determined=one.target_of_determined, target_chars=one.target_chars,
                determined_chars=one.determined_chars, n_sentences=one.n_sentences, top_language=one.top,
                n_foreign_sentences=one.n_foreign_sentences, excluded_share=one.excluded_share, **dict(zip(names, parts, strict=True)),
            )
        )  # fmt: skip
    wanted = language_consistency(shares)
    got = task_of(samples)["rows"][0]["language_consistency"]
    assert got is not None
    assert got["headline"] is not None
    assert got["headline"]["value"] == pytest.approx(wanted.target_share)
    assert got["pooled"] == pytest.approx(wanted.pooled_share)
    assert got["by_characters"] == pytest.approx(wanted.character_share)
    assert (got["response_pass_rate"], got["n_judged"]) == (wanted.response_pass_rate, wanted.n_judged)
    assert got["off_target_rate"] == wanted.off_target_rate
    assert (got["n_below"], got["n_without_words"]) == (wanted.n_below_5, 1)
    assert list(got["shares"].values()) == pytest.approx(wanted.mean_shares)


def test_groups_and_their_interval() -> None:
    samples = [
        choice(str(k), lang, k < 4, groups=json.dumps({"relation_pid": "P36" if k < 6 else "P38", "same": 1}))
        for k in range(8)
        for lang in ("en", "de")
    ]
    groups = task_of(samples)["groups"]
    assert [group["key"] for group in groups] == ["relation_pid"]
    assert groups[0]["rows"] == {
        "P36": {"n_items": 6, "accuracy": pytest.approx(4 / 6)},
        "P38": {"n_items": 2, "accuracy": 0.0},
    }
    assert groups[0]["macro"] == pytest.approx(1 / 3)
    assert groups[0]["clustered"] is not None
    assert (groups[0]["clustered"]["value"], groups[0]["clustered"]["n"]) == (0.5, 2)


def test_normalisations_and_order_changes() -> None:
    # en: gold is long; by sum it loses, by byte it wins. de: gold wins under both.
    long = {"choices": ("abcdefgh", "cd"), "gold": "abcdefgh", "n_tokens": (1, 1)}
    samples = [
        choice("1", "en", True, prediction="abcdefgh", sum_logprobs=(-4.0, -2.0), **long),
        choice("2", "en", True, prediction="abcdefgh", sum_logprobs=(-4.0, -2.0), **long),
        choice("1", "de", True, prediction="abcdefgh", sum_logprobs=(-1.0, -2.0), **long),
        choice("2", "de", False, prediction="cd", sum_logprobs=(-9.0, -1.0), **long),
    ]
    task = task_of(samples)
    assert [row["by_normalisation"]["byte"] for row in task["rows"]] == [1.0, 0.5]
    assert [row["by_normalisation"]["sum"] for row in task["rows"]] == [0.0, 0.5]
    assert task["order_changes"] == {"char": 0, "token": 1, "sum": 1}
    letters = task_of(samples, primary={"facts": "letter"})
    assert list(letters["rows"][0]["by_normalisation"]) == ["letter"]


def test_bad_input_is_refused() -> None:
    with pytest.raises(DataError, match="without samples"):
        summarise([], signature={}, model="m", seed=0)
    with pytest.raises(ConfigError, match="signature is not JSON"):
        summarise([choice("1", "en", True)], signature={"a": object()}, model="m", seed=0)
    with pytest.raises(ConfigError, match="rule for ties"):
        summarise([choice("1", "en", True)], signature={}, model="m", seed=0, ties="random")
    with pytest.raises(ConfigError, match="normalisation"):
        task_of([choice("1", "en", True)], primary={"facts": "bits"})


def both_kinds() -> Results:
    samples = [choice(str(k), lang, k % 2 > 0) for k in range(8) for lang in ("en", "de")]
    samples += [generation(str(k), lang, k % 2 > 0) for k in range(8) for lang in ("en", "ar")]
    return summarise(samples, signature={}, model="org/[model] :smile:", seed=0, resamples=50)


def test_tables_are_plain_text_within_the_width() -> None:
    for width in (60, 80, 120):
        text = render_tables(both_kinds(), width=width)
        signatures = [line for line in text.splitlines() if line.startswith("acc|")]  # in one line each, to be copied
        assert len(signatures) == 2
        assert max(len(line) for line in text.splitlines() if line not in signatures) <= width
        assert "\x1b" not in text
        assert "[model]" in text
    assert "\x1b" in render_tables(both_kinds(), width=80, colour=True)


def test_tables_say_what_the_figures_are() -> None:
    text = render_tables(both_kinds(), width=200)
    assert "mean accuracy over these languages: 50.0 [" in text
    assert "right in both languages (total consistency): 50.0 [" in text
    assert "at mean accuracy 50.0" in text
    assert "8 items a language" in text


def test_answers_count_by_the_rule_that_found_them() -> None:
    samples = [
        generation("1", "en", True, extraction_path="boxed"), generation("2", "en", True, extraction_path="boxed"),
        generation("3", "en", False, extraction_path=None, prediction=None),
    ]  # fmt: skip
    [row] = task_of(samples)["rows"]
    assert row["extraction_paths"] == {"boxed": 2, "none": 1}


def test_right_in_the_language_that_was_asked_for() -> None:
    """Of four right answers one is in English, one too short to show a language, one in the English that was asked for."""
    samples = [
        generation("1", "ko", True, n_determined=20, top_language="ko"),
        generation("2", "ko", True, n_determined=20, top_language="en"),
        generation("3", "ko", True, n_determined=2, top_language="en"),
        generation("4", "ko", True, n_determined=20, top_language="en", asked_lang="en"),
        generation("5", "ko", False, n_determined=20, top_language="ko"),
    ]
    [row] = task_of(samples)["rows"]
    assert row["accuracy"] is not None
    assert row["correct_in_language"] is not None
    assert (row["accuracy"]["value"], row["correct_in_language"]["value"]) == (0.8, 0.6)


def test_a_mean_over_tasks_counts_no_item_twice() -> None:
    """mgsm is 3/4 and right, gsm8k shares its items, facts is 1/2: (0.75 + 0.5)/2 = 0.625."""
    samples = [generation(str(n), "en", n < 3, task="mgsm") for n in range(4)]
    samples += [generation(str(n), "en", True, task="polymath") for n in range(4)]
    samples += [choice(str(n), "en", n < 2) for n in range(4)]
    sources = {"mgsm": {"mgsm", "gsm8k"}, "polymath": {"polymath", "mgsm"}, "facts": {"facts"}}
    results = summarise(samples, signature={}, model="m", seed=0, resamples=200, sources=sources)
    mean = results["mean_over_tasks"]
    assert mean is not None
    assert mean["tasks"] == ["facts", "mgsm"]
    assert mean["left_out"] == {"polymath": "shares items with mgsm: mgsm"}
    assert mean["rows"] == {"en": 0.625}
    assert mean["accuracy"] is not None
    assert mean["accuracy"]["value"] == 0.625
    assert "mean accuracy over facts, mgsm: 62.5" in render_tables(results, width=120)
    alone = summarise(samples[:8], signature={}, model="m", seed=0, resamples=200, sources=sources)
    assert alone["mean_over_tasks"] is None


def test_answers_for_a_judge_are_complete_and_have_no_accuracy() -> None:
    samples = [
        generation(str(n), "en", True, correct=None, prediction=None, unscored_reason="awaits xleval judge")
        for n in range(3)
    ]
    result = task_of(samples)
    assert (result["n_unscored"], result["n_scored"], result["rows"][0]["accuracy"]) == (0, 0, None)
    assert [warning["code"] for warning in result["warnings"]] == ["judged"]
