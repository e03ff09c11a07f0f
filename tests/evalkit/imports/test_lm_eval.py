"""Outputs of a real lm-eval run (lm_eval as installed, 0.4.13 on 2026-11-21) on a tiny random checkpoint."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from xleval.errors import DataError
from xleval.evalkit.imports import import_samples
from xleval.evalkit.imports.fields import parse_map

N_SUMS, N_CAPITALS = 40, 6
CAPITALS = (
    ("Mji mkuu wa Kenya?", ("Lagos", "Nairobi"), 1),
    ("Mji mkuu wa Ufaransa?", ("Paris", "Roma", "Berlin"), 0),
    ("Mji mkuu wa Misri?", ("Kairo", "Tunis"), 0),
    ("Mji mkuu wa Ujerumani?", ("Bonn", "Berlin"), 1),
    ("Mji mkuu wa Japani?", ("Osaka", "Tokyo", "Kyoto"), 1),
    ("Mji mkuu wa Brazili?", ("Rio de Janeiro", "Brasilia"), 1),
)
GENERATION = """
task: sums_cot_{lang}
dataset_path: json
dataset_kwargs: {{data_files: {{test: {folder}/sums.jsonl}}}}
test_split: test
output_type: generate_until
doc_to_text: "{{{{question}}}}\\n"
doc_to_target: "{{{{answer}}}}"
generation_kwargs: {{until: ["\\n\\n"], max_gen_toks: 24, do_sample: true, temperature: 1.0}}
repeats: {repeats}
filter_list:
  - name: first-number
    filter: [{{function: regex, regex_pattern: "([0-9])"}}, {{function: take_first}}]
  - name: flexible-extract
    filter: [{{function: regex, regex_pattern: "([0-9])", group_select: -1}}, {{function: take_first}}]
metric_list: [{{metric: exact_match, aggregation: mean, higher_is_better: true}}]
"""
CHOICE = """
task: capitals_sw
dataset_path: json
dataset_kwargs: {{data_files: {{test: {folder}/capitals.jsonl}}}}
test_split: test
output_type: multiple_choice
doc_to_text: "{{{{q}}}}"
doc_to_choice: "{{{{options}}}}"
doc_to_target: gold
metric_list: [{{metric: acc}}, {{metric: acc_norm}}]
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, tiny_checkpoint: Callable[[str], Path]) -> Path:
    """Return the output folder of the run: two languages of sums, one of them twice per question, and capitals."""
    pytest.importorskip("lm_eval")
    folder = tmp_path_factory.mktemp("lm_eval")
    tasks = folder / "tasks"
    tasks.mkdir()
    sums = [{"question": f"Ni ngapi {i} + 1?", "answer": str((i + 1) % 10)} for i in range(N_SUMS)]
    capitals = [{"q": q, "options": list(options), "gold": gold} for q, options, gold in CAPITALS]
    for name, rows in (("sums", sums), ("capitals", capitals)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    for lang, repeats in (("sw", 1), ("en", 2)):
        (tasks / f"sums_{lang}.yaml").write_text(GENERATION.format(lang=lang, repeats=repeats, folder=folder))
    (tasks / "capitals.yaml").write_text(CHOICE.format(folder=folder))
    command = [
        sys.executable, "-m", "lm_eval", "--model", "hf", "--device", "cpu", "--batch_size", "8",
        "--model_args", f"pretrained={tiny_checkpoint('llama')},dtype=float32",
        "--tasks", "sums_cot_sw,sums_cot_en,capitals_sw", "--include_path", str(tasks),
        "--log_samples", "--output_path", str(folder / "out"),
    ]  # fmt: skip
    environment = {
        **os.environ,
        "HF_DATASETS_CACHE": str(folder / "cache"),
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
    }
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder / "out"


def results(written: Path) -> dict[str, dict[str, float]]:
    (file,) = written.rglob("results_*.json")
    found: dict[str, dict[str, float]] = json.loads(file.read_text(encoding="utf-8"))["results"]
    return found


def test_tasks_languages_items_and_repeats(written: Path) -> None:
    samples, report = import_samples("lm-eval", written)
    assert report.n_samples == {"capitals": {"sw": N_CAPITALS}, "sums_cot": {"sw": N_SUMS, "en": 2 * N_SUMS}}
    assert report.rejected == ()
    # two filters per row of sums, one of which is read
    assert report.left_out == {"filter other than flexible-extract": 2 * N_SUMS}
    english = [sample for sample in samples if sample.lang == "en"]
    assert [(sample.item_id, sample.sample_index) for sample in english[:3]] == [("0", 0), ("0", 1), ("1", 0)]
    swahili = [sample for sample in samples if sample.task == "sums_cot" and sample.lang == "sw"]
    assert {sample.item_id for sample in swahili} == {sample.item_id for sample in english}
    assert swahili[3].prompt == "Ni ngapi 3 + 1?\n"
    assert swahili[3].gold == "4"
    assert report.model.endswith("llama")


def test_choices_hold_the_log_probabilities_of_lm_eval(written: Path) -> None:
    samples, report = import_samples("lm-eval", written, languages=["sw"])
    capitals = [sample for sample in samples if sample.task == "capitals"]
    assert [sample.choices for sample in capitals] == [options for _, options, _ in CAPITALS]
    assert [sample.gold_index for sample in capitals] == [gold for *_, gold in CAPITALS]
    assert capitals[0].prompt == CAPITALS[0][0]
    # lm-eval's own aggregates of the same run: `acc` takes the highest sum, `acc_norm` the highest sum per character
    by_sum = [s.sum_logprobs.index(max(s.sum_logprobs)) == s.gold_index for s in capitals]
    per_char = [[p / len(c) for p, c in zip(s.sum_logprobs, s.choices, strict=True)] for s in capitals]
    by_char = [scores.index(max(scores)) == s.gold_index for scores, s in zip(per_char, capitals, strict=True)]
    assert sum(by_sum) / N_CAPITALS == results(written)["capitals_sw"]["acc,none"]
    assert sum(by_char) / N_CAPITALS == results(written)["capitals_sw"]["acc_norm,none"]
    # all options are ASCII: per byte is per character, so xleval's verdicts are those of acc_norm
    assert [s.correct for s in capitals] == by_char
    agreement = report.agreement["capitals"]
    assert (agreement.both_right, agreement.only_xleval, agreement.only_tool) == (sum(by_char), 0, 0)


@pytest.mark.parametrize("name", ["first-number", "flexible-extract"])
def test_given_verdicts_are_those_of_the_filter(written: Path, name: str) -> None:
    samples, report = import_samples("lm-eval", written, fields=parse_map([f"filter={name}"]), score="given")
    swahili = [sample for sample in samples if sample.task == "sums_cot" and sample.lang == "sw"]
    right = sum(sample.correct is True for sample in swahili)
    assert right / N_SUMS == pytest.approx(results(written)["sums_cot_sw"][f"exact_match,{name}"])
    assert all(sample.prediction == sample.gold for sample in swahili if sample.correct)
    # of two repeats lm-eval keeps one verdict, which is no verdict on either
    english = [sample for sample in samples if sample.lang == "en"]
    assert {sample.unscored_reason for sample in english} == {"no verdict by the tool"}
    assert report.scored_by == {"log-probabilities": N_CAPITALS, "nothing": 2 * N_SUMS, "tool": N_SUMS}


def test_the_random_model_is_sometimes_right(written: Path) -> None:
    """Otherwise the comparison above would hold for any reader that says wrong."""
    found = results(written)["sums_cot_sw"]
    assert 0 < found["exact_match,first-number"] < 1
    assert 0 < found["exact_match,flexible-extract"] < 1


def test_numbers_are_scored_by_xleval_unless_the_verdict_is_wanted(written: Path) -> None:
    samples, report = import_samples("lm-eval", written)
    assert report.scored_by == {"log-probabilities": N_CAPITALS, "number": 3 * N_SUMS}
    swahili = [sample for sample in samples if sample.task == "sums_cot" and sample.lang == "sw"]
    agreement = report.agreement["sums_cot"]
    assert agreement.both_right + agreement.only_tool == sum(s.grouping()["tool_correct"] == "yes" for s in swahili)
    assert agreement.both_right + agreement.only_xleval == sum(s.correct is True for s in swahili)


def test_the_newest_file_of_a_task_counts(written: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    (source,) = written.rglob("samples_sums_cot_sw_*.jsonl")
    folder.mkdir()
    shutil.copy(source, folder / "samples_sums_cot_sw_2026-01-02T03-04-05.678901.jsonl")
    rows = [json.loads(line) for line in source.read_text(encoding="utf-8").split("\n") if line]
    old = folder / "samples_sums_cot_sw_2025-01-02T03-04-05.678901.jsonl"
    old.write_text("".join(json.dumps({**row, "target": "99"}) + "\n" for row in rows), encoding="utf-8")
    samples, report = import_samples("lm-eval", tmp_path)
    assert len(samples) == N_SUMS
    assert "99" not in {sample.gold for sample in samples}
    assert report.left_out[f"older file of the same task: tiny/{old.name}"] == 1


def test_an_unknown_filter_is_refused_with_those_there_are(written: Path) -> None:
    with pytest.raises(DataError, match=r"no filter 'strict'; there are: first-number, flexible-extract"):
        import_samples("lm-eval", written, fields=parse_map(["filter=strict"]))


# The rows below are made after lm_eval 0.4.13 (`--log_samples`), changed in one place each.
CHOICE_ROW = {
    "doc_id": 0, "doc": {}, "target": "1", "filter": "none", "metrics": ["acc"], "acc": 1.0,
    "arguments": {"gen_args_0": {"arg_0": "Q?", "arg_1": " a"}, "gen_args_1": {"arg_0": "Q?", "arg_1": " b"}},
    "resps": [[["-3.0", "False"]], [["-2.0", "False"]]],
}  # fmt: skip
UNCONDITIONAL = {"gen_args_2": {"arg_0": "", "arg_1": " a"}, "gen_args_3": {"arg_0": "", "arg_1": " b"}}


def write(tmp_path: Path, *rows: dict[str, object]) -> Path:
    file = tmp_path / "samples_quiz_sw_2026-01-02T03-04-05.678901.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"target": "[0, 1]"}, "several right options"),
        ({"target": "c"}, "none of the options"),
        ({"resps": [[["-3.0", "False"]]]}, "2 options and 1 scores"),
        ({"arguments": {"gen_args_0": {"arg_0": "Q?", "arg_1": " a"}}, "resps": [[["-3.0", "False"]]]}, "one option"),
        (
            {"arguments": {"a": {"arg_0": "P", "arg_1": " a"}, "b": {"arg_0": "Q", "arg_1": " a"}}},
            "options stand before",
        ),
        ({"arguments": {"a": {"arg_0": "text"}}, "resps": [["-3.0"]]}, "perplexities"),
    ],
)
def test_rows_that_cannot_be_used_are_listed(tmp_path: Path, change: dict[str, object], reason: str) -> None:
    samples, report = import_samples("lm-eval", write(tmp_path, CHOICE_ROW, {**CHOICE_ROW, "doc_id": 1, **change}))
    assert [sample.item_id for sample in samples] == ["0"]
    (rejected,) = report.rejected
    assert rejected.where == "samples_quiz_sw_2026-01-02T03-04-05.678901.jsonl, row 2"
    assert reason in rejected.reason


def test_an_index_that_is_also_an_option_is_ambiguous(tmp_path: Path) -> None:
    arguments = {"a": {"arg_0": "Q?", "arg_1": " 1"}, "b": {"arg_0": "Q?", "arg_1": " 0"}}
    _, report = import_samples(
        "lm-eval", write(tmp_path, CHOICE_ROW, {**CHOICE_ROW, "doc_id": 1, "arguments": arguments})
    )
    assert "may be an index or an option" in report.rejected[0].reason


def test_unconditional_scores_are_no_options(tmp_path: Path) -> None:
    row = {
        **CHOICE_ROW,
        "arguments": {**CHOICE_ROW["arguments"], **UNCONDITIONAL},  # type: ignore[dict-item]
        "resps": [*CHOICE_ROW["resps"], [["-9.0", "False"]], [["-8.0", "False"]]],  # type: ignore[misc]
    }
    (sample,), _ = import_samples("lm-eval", write(tmp_path, row))
    assert (sample.choices, sample.sum_logprobs) == (("a", "b"), (-3.0, -2.0))


def test_a_text_target_and_a_mapped_language(tmp_path: Path) -> None:
    row = {**CHOICE_ROW, "target": " a", "doc": {"language": "Kiswahili"}}
    file = write(tmp_path, row).rename(tmp_path / "samples_quiz_2026-01-02T03-04-05.678901.jsonl")
    (sample,), _ = import_samples("lm-eval", file, fields=parse_map(["lang=doc.language"]))
    assert (sample.task, sample.lang, sample.gold, sample.correct) == ("quiz", "sw", "a", False)


def test_a_mapped_right_option_comes_before_the_target(tmp_path: Path) -> None:
    row = {**CHOICE_ROW, "doc": {"index": 0, "text": "a"}}
    for text in ("gold_index=doc.index", "gold=doc.text"):
        (sample,), _ = import_samples("lm-eval", write(tmp_path, row), fields=parse_map([text]))
        assert (sample.gold, sample.gold_index) == ("a", 0)
