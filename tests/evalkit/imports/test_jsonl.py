"""Anybody's rows, by `--map`; and a 7B model's real MGSM answers where they lie beside the project."""

import json
from collections import Counter
from pathlib import Path

import pytest

from xleval.errors import DataError
from xleval.evalkit.imports import import_samples
from xleval.evalkit.imports.fields import parse_map


def write(file: Path, *rows: object) -> Path:
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return file


def answer(n: int, **found: object) -> dict[str, object]:
    return {"prompt": "16 - 3?", "completion": f"Jibu ni {n}.", "gold": 13, **found}


def test_columns_with_the_names_of_keys(tmp_path: Path) -> None:
    row = answer(
        13, lang="sw", task="sums", item_id="eggs", sample_index=2, finish_reason="eos", n_completion_tokens=4,
        reasoning="16 - 3", correct=False,
    )  # fmt: skip
    (sample,), report = import_samples("jsonl", write(tmp_path / "x.jsonl", row))
    assert (sample.task, sample.lang, sample.item_id, sample.sample_index) == ("sums", "sw", "eggs", 2)
    assert (sample.finish_reason, sample.n_completion_tokens) == ("stop", 4)
    assert sample.completion == "<think>\n16 - 3\n</think>\n\nJibu ni 13."
    assert (sample.reasoning, sample.correct) == ("16 - 3", True)
    assert report.agreement["sums"].only_xleval == 1


def test_the_last_number_of_a_cut_solution_is_no_answer(tmp_path: Path) -> None:
    # D1, as in runs of our own: cut before an answer was stated is wrong, and has no prediction
    rows = [
        {"lang": "en", "task": "sums", "gold": 13, "prompt": "?", "finish_reason": "length", "completion": text}
        for text in ("First 16 - 3 = 13 and then", "The answer is 13. Then")
    ]
    samples, _ = import_samples("jsonl", write(tmp_path / "sums.jsonl", *rows))
    found = [(each.prediction, each.correct, each.extraction_path) for each in samples]
    assert found[0] == (None, False, "none")
    assert found[1][:2] == ("13", True)


def test_parallel_files_are_joined_by_their_order(tmp_path: Path) -> None:
    write(tmp_path / "sums_sw.jsonl", answer(13), answer(12))
    (tmp_path / "sums_en.json").write_text(json.dumps([answer(13), answer(13)]), encoding="utf-8")
    samples, report = import_samples("jsonl", tmp_path)
    assert report.n_samples == {"sums": {"en": 2, "sw": 2}}
    assert [(s.lang, s.item_id, s.correct) for s in samples] == [
        ("en", "0", True), ("en", "1", True), ("sw", "0", True), ("sw", "1", False),
    ]  # fmt: skip


def test_languages_in_one_file_are_numbered_apart(tmp_path: Path) -> None:
    rows = [answer(13, lang="sw"), answer(13, lang="en"), answer(12, lang="sw"), answer(12, lang="en")]
    samples, _ = import_samples("jsonl", write(tmp_path / "sums.jsonl", *rows))
    assert [(s.lang, s.item_id) for s in samples] == [("sw", "0"), ("en", "0"), ("sw", "1"), ("en", "1")]


def test_a_broken_row_must_not_shift_the_items_after_it(tmp_path: Path) -> None:
    no_gold = {"prompt": "?", "completion": "13"}
    samples, report = import_samples("jsonl", write(tmp_path / "sums_sw.jsonl", answer(13), no_gold, answer(13)))
    assert [s.item_id for s in samples] == ["0", "2"]
    assert [each.where for each in report.rejected] == ["sums_sw.jsonl, row 2"]
    file = tmp_path / "broken_sw.jsonl"
    file.write_text(json.dumps(answer(13)) + '\n{"prompt\n' + json.dumps(answer(13)) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"row 2: no JSON.*mend the row, or name the items"):
        import_samples("jsonl", file)
    file.write_text(
        json.dumps(answer(13, id="a")) + '\n{"prompt\n' + json.dumps(answer(13, id="b")) + "\n", encoding="utf-8"
    )
    samples, report = import_samples("jsonl", file, fields=parse_map(["item_id=id"]))
    assert ([s.item_id for s in samples], len(report.rejected)) == (["a", "b"], 1)


def test_options_with_scores(tmp_path: Path) -> None:
    row = {"q": "Mji mkuu wa Kenya?", "a": "Lagos", "b": "Nairobi", "scores": [-5.0, -6.3], "key": "B"}
    fields = parse_map(["prompt=q", "choices=a,b", "sum_logprobs=scores", "gold=key", "group.subject=@miji"])
    (sample,), report = import_samples("jsonl", write(tmp_path / "capitals_sw.jsonl", row), fields=fields)
    # per byte: -5/5 = -1.0 Lagos, -6.3/7 = -0.9 Nairobi
    assert (sample.kind, sample.choices, sample.gold_index, sample.prediction) == (
        "choice",
        ("Lagos", "Nairobi"),
        1,
        "Nairobi",
    )
    assert (sample.correct, sample.grouping()) == (True, {"subject": "miji"})
    assert report.scored_by == {"log-probabilities": 1}


def test_options_without_scores_keep_what_was_chosen(tmp_path: Path) -> None:
    row = {"prompt": "Mji mkuu wa Kenya?", "choices": ["Lagos", "Nairobi"], "gold": "Nairobi", "prediction": "Lagos"}
    (sample,), report = import_samples("jsonl", write(tmp_path / "capitals_sw.jsonl", row))
    assert (sample.prediction, sample.correct, report.scored_by) == ("Lagos", False, {"tool": 1})


def test_equal_scores_choose_nothing(tmp_path: Path) -> None:
    row = {"prompt": "?", "choices": ["Lagos", "Roma"], "gold": "Roma", "sum_logprobs": [-5.0, -5.0]}
    (sample,), _ = import_samples("jsonl", write(tmp_path / "capitals_sw.jsonl", row))
    assert (sample.correct, sample.unscored_reason) == (None, "tie")


def test_a_mapped_column_that_is_missing(tmp_path: Path) -> None:
    file = write(tmp_path / "sums_sw.jsonl", answer(13))
    with pytest.raises(
        DataError, match=r"sums_sw\.jsonl, row 1 has no column 'answer', which --map names\. Found: prompt, "
    ):
        import_samples("jsonl", file, fields=parse_map(["gold=answer"]))


def test_a_real_model_keeps_its_published_accuracy(shared_data: Path) -> None:
    """mCoT-7B (arXiv 2406.02301): 250 answers each in English, Swahili and Chinese, published with verdicts.

    Its README gives 71.6, 67.2 and 64.8 per cent. The stored verdicts are 179, 169 and 162 of 250, that is 71.6, 67.6
    and 64.8: for Swahili one more than published. Read on 2026-11-21.
    """
    fields = parse_map(["prompt=question", "completion=response", "gold=answer", "correct=result"])
    folder = shared_data / "outputs" / "mcot"
    given, _ = import_samples("jsonl", folder, fields=fields, score="given")
    assert Counter(s.lang for s in given if s.correct) == {"en": 179, "sw": 169, "zh": 162}
    samples, report = import_samples("jsonl", folder, fields=fields)
    assert report.n_samples == {"mcot_ft_mgsm": {"en": 250, "sw": 250, "zh": 250}}
    assert Counter(s.lang for s in samples if s.correct) == {"en": 179, "sw": 168, "zh": 161}
    # Item 15 asks for the profit of the better of two plans, 125. Both completions end by naming the plan, the wrong
    # one, and state no profit; the stored verdict is right all the same.
    differing = [(s.lang, s.item_id) for s in samples if s.correct != (s.grouping()["tool_correct"] == "yes")]
    assert differing == [("sw", "15"), ("zh", "15")]
    agreement = report.agreement["mcot_ft_mgsm"]
    assert (agreement.both_right, agreement.both_wrong, agreement.only_tool) == (508, 240, 2)


def test_rows_of_what_no_table_can_hold(tmp_path: Path) -> None:
    good = json.dumps(answer(13, lang="sw", item_id="a", reward=1))
    lines = [
        good.replace('"reward": 1', '"reward": -Infinity'), good.replace('"a"', '"\\ud800"'), "9" * 5000, "[" * 5000 + "]" * 5000,
        good.replace('"a"', '"c"').replace('"reward": 1', '"sample_index": 4294967296'),
    ]  # fmt: skip
    (tmp_path / "sums_sw.jsonl").write_text("\n".join(lines), encoding="utf-8")
    samples, report = import_samples("jsonl", tmp_path)
    assert [each.item_id for each in samples] == ["a", "\ufffd"]
    assert [each.where for each in report.rejected] == [f"sums_sw.jsonl, row {n}" for n in (3, 4, 5)]
