"""Details of lighteval: tables of the layout that lighteval 0.13.0 writes.

The layout was read off files that its EvaluationTracker(save_details=True).save() wrote on 2026-11-21 from two documents
of one task with texts and one with log-probabilities; the columns that are not read are left out here.
"""

from pathlib import Path

import pytest

from xleval.errors import ConfigError
from xleval.evalkit.imports import import_samples
from xleval.evalkit.imports.fields import parse_map

TIME = "2026-11-21T10-53-02.023918"


def doc(number: int, query: str, choices: list[str], gold: int | list[int], task: str) -> dict[str, object]:
    return {"query": query, "choices": choices, "gold_index": gold, "id": str(number), "task_name": task}


def response(**found: object) -> dict[str, object]:
    return {
        "input": None,
        "input_tokens": [1, 2],
        "text": [],
        "output_tokens": [],
        "reasonings": [],
        "logprobs": [],
        **found,
    }


def write(
    folder: Path, task: str, rows: list[dict[str, object]], *, model: str = "org/model", time: str = TIME
) -> None:
    import pyarrow
    from pyarrow import parquet

    target = folder / "details" / model / time
    target.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pyarrow.Table.from_pylist(rows), target / f"details_{task}_{time}.parquet")


def sums(texts: list[str], match: float = 1.0, **found: object) -> list[dict[str, object]]:
    return [
        {
            "doc": doc(0, "Mayai 16 - 3 ni ngapi?", ["13"], 0, "mgsm_swa|0"),
            "metric": {"extractive_match": match},
            "model_response": response(input="Swali: Mayai 16 - 3 ni ngapi?\n", text=texts, **found),
        }
    ]


def test_texts(tmp_path: Path) -> None:
    write(tmp_path, "mgsm_swa|0", sums(["Jibu ni 13.", "Jibu ni 12"], output_tokens=[[3, 4, 5], [6]]))
    samples, report = import_samples("lighteval", tmp_path)
    assert report.model == "org/model"
    assert [(s.task, s.lang, s.item_id, s.sample_index) for s in samples] == [
        ("mgsm|0", "sw", "0", 0),
        ("mgsm|0", "sw", "0", 1),
    ]
    assert [s.correct for s in samples] == [True, False]
    assert [s.n_completion_tokens for s in samples] == [3, 1]
    assert (samples[0].prompt, samples[0].gold) == ("Swali: Mayai 16 - 3 ni ngapi?\n", "13")
    assert report.agreement == {}  # one verdict for two samples belongs to neither


def test_one_text_has_a_verdict_and_reasoning_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, "mgsm_swa|0", sums(["Jibu ni 13."], match=0.0, reasonings=["16 - 3"]))
    (sample,), report = import_samples("lighteval", tmp_path)
    assert sample.completion == "<think>\n16 - 3\n</think>\n\nJibu ni 13."
    assert sample.reasoning == "16 - 3"
    assert report.agreement["mgsm|0"].only_xleval == 1
    (given,), _ = import_samples("lighteval", tmp_path, score="given")
    assert given.correct is False


def test_log_probabilities(tmp_path: Path) -> None:
    task = "belebele_swh_Latn_mcf|0"
    rows = [
        {
            "doc": doc(number, question, options, [gold], task),
            "metric": {"acc": float(number == 0), "acc_norm": 1.0},
            "model_response": response(input=question, logprobs=scores, output_tokens=[[3], [4, 5]]),
        }
        for number, question, options, gold, scores in [
            (0, "Mji mkuu wa Kenya?", [" Lagos", " Nairobi"], 1, [-9.0, -4.0]),
            (1, "Mji mkuu wa Ufaransa?", [" Paris", " Roma"], 0, [-3.0, -2.0]),
        ]
    ]
    write(tmp_path, task, rows)
    samples, report = import_samples("lighteval", tmp_path)
    assert report.n_samples == {"belebele_mcf|0": {"sw": 2}}
    # per byte: -9/5 < -4/7 Nairobi, right; -3/5 < -2/4 Roma, wrong
    assert [(s.prediction, s.gold, s.correct) for s in samples] == [
        ("Nairobi", "Nairobi", True),
        ("Roma", "Paris", False),
    ]
    assert [s.sum_logprobs for s in samples] == [(-9.0, -4.0), (-3.0, -2.0)]
    # acc_norm is the nearest of lighteval's verdicts: 1.0 for both rows
    assert (report.agreement["belebele_mcf|0"].both_right, report.agreement["belebele_mcf|0"].only_tool) == (1, 1)
    _, mapped = import_samples("lighteval", tmp_path, fields=parse_map(["correct=metric.acc"]))
    assert (mapped.agreement["belebele_mcf|0"].both_right, mapped.agreement["belebele_mcf|0"].both_wrong) == (1, 1)


def test_newest_file_and_models(tmp_path: Path) -> None:
    write(tmp_path, "mgsm_swa|0", sums(["Jibu ni 1"]), time="2026-11-20T10-53-02.023918")
    write(tmp_path, "mgsm_swa|0", sums(["Jibu ni 13"]))
    (sample,), report = import_samples("lighteval", tmp_path)
    assert sample.prediction == "13"
    assert sum(report.left_out.values()) == 1
    write(tmp_path, "mgsm_swa|0", sums(["Jibu ni 2"]), model="org/other")
    with pytest.raises(ConfigError, match=r"outputs of 2 models: org/model, org/other\. Name one with --model"):
        import_samples("lighteval", tmp_path)
    (other,), report = import_samples("lighteval", tmp_path, model="org/other")
    assert other.prediction == "2"
    assert report.left_out["model org/model"] == 1
