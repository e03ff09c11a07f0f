"""Outputs of other tools: every row is a sample, rejected with its reason or left out, and figures follow from the samples.

An input decides which tool wrote the files, what is done to one of its rows, and perhaps to the bytes of a file.
"""

import io
import json
import math
import shutil
import zipfile
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

from tests.fuzz.harness import Choices, Finding, damaged, damaged_bytes, folder, json_text, main, outcome, to_bytes
from xleval.evalkit.imports import import_samples
from xleval.evalkit.imports.fields import parse_map
from xleval.evalkit.imports.report import ImportReport
from xleval.evalkit.imports.run import import_run
from xleval.evalkit.results import results_json, summarise
from xleval.evalkit.samples import Sample, read_samples, write_samples
from xleval.evalkit.saved_run import load_run

TIME = "2026-11-21T10-53-02.023918"
MAPS: tuple[tuple[str, ...], ...] = (
    (), ("lang=@sw",), ("lang=@sw", "task=@sums"), ("correct=score",), ("group.x=score",), ("item_id=step",), ("gold=output",),
)  # fmt: skip
KINDS = ("jsonl", "verl", "trl", "lm-eval", "lighteval", "inspect", "polyfact", "inspect archive", "trl parquet")
ONE_A_ROW = ("jsonl", "verl", "trl", "inspect", "inspect archive", "trl parquet")


def seeds() -> list[bytes]:
    """Return inputs that reach every tool, undamaged and damaged."""
    found = [bytes([kind, 0, way, 0, place, change, value]) for kind in range(len(KINDS)) for way in (0, 1)
             for place in (2, 11) for change, value in ((0, 3), (0, 25), (0, 31), (4, 0))]  # fmt: skip
    return [*found, *(bytes([kind, 0, 3]) + b'{"a": 1}\n' for kind in range(len(KINDS)))]


def one_input(data: bytes) -> None:
    """Import files made from the bytes; sometimes as `xleval import` does, with results and report."""
    choices = Choices(data)
    place = folder() / "outputs"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    name = choices.pick(KINDS)
    mapping = choices.pick(MAPS)
    n_rows = _write(name, place, choices)
    kind = name.split()[0]
    fields = parse_map(mapping)
    if name == "polyfact" and mapping:
        fields = parse_map(())
    found, error = outcome(import_samples, kind, place, fields=fields, score=choices.pick(("number", "given")))
    if error is not None:
        return
    samples, report = found
    _check_rows(name, samples, report, n_rows)
    _check_table(samples)
    _check_figures(samples, report)
    if choices.below(8) == 7:
        _whole_run(kind, place, mapping if name != "polyfact" else ())


def _check_rows(name: str, samples: list[Sample], report: ImportReport, n_rows: int | None) -> None:
    left = sum(report.left_out.values())
    if any(not each.reason.strip() for each in report.rejected):
        raise Finding("a row is rejected without a reason")
    if n_rows is not None and name in ONE_A_ROW and len(samples) + len(report.rejected) + left != n_rows:
        raise Finding(f"{n_rows} rows; {len(samples)} samples, {len(report.rejected)} rejected, {left} left out")
    if sum(n for found in report.n_samples.values() for n in found.values()) != len(samples):
        raise Finding("the report counts other samples than there are")


def _check_table(samples: list[Sample]) -> None:
    path = folder() / "samples.parquet"
    write_samples(path, samples)
    if repr(read_samples(path)) != repr(samples):
        raise Finding("samples are not read as they were written")


def _check_figures(samples: list[Sample], report: ImportReport) -> None:
    results = summarise(samples, signature={}, model=report.model, seed=0, primary=report.primary, resamples=10)
    json.loads(results_json(results), parse_constant=_no_constant)
    by_row: dict[tuple[str, str], list[Sample]] = defaultdict(list)
    for sample in samples:
        by_row[sample.task, sample.lang].append(sample)
    for (task, lang), found in by_row.items():
        row = next(row for row in results["tasks"][task]["rows"] if row["lang"] == lang)
        scored = [sample.correct for sample in found if sample.correct is not None]
        once = len({sample.item_id for sample in found}) == len(found)
        value = row["accuracy"]["value"] if row["accuracy"] else None
        if value is not None and not 0 <= value <= 1:
            raise Finding(f"accuracy {value}")
        if found[0].kind == "generation" and once:
            wanted = sum(scored) / len(scored) if scored else None
            if (value is None) != (wanted is None) or not math.isclose(value or 0.0, wanted or 0.0, abs_tol=1e-12):
                raise Finding(f"accuracy {value} of {task} in {lang}; the verdicts give {wanted}")


def _no_constant(text: str) -> None:
    raise Finding(f"results hold {text}")


def _whole_run(kind: str, place: Path, mapping: tuple[str, ...]) -> None:
    out = folder() / "run"
    shutil.rmtree(out, ignore_errors=True)
    _, error = outcome(import_run, kind, place, out, mapping=mapping)
    if error is None:
        load_run(out).samples()


# --- files ------------------------------------------------------------------------------------------------------------


def _write(name: str, place: Path, choices: Choices) -> int | None:
    """Write the files of a tool; return how many rows they have, None where that cannot be told."""
    way = choices.below(4)
    rows = json.loads(json.dumps(_rows(name)))
    if name in ("lm-eval", "lighteval"):  # a task has one kind
        rows = choices.pick((rows[:2], rows[2:]))
    for _ in range(way if way < 3 else 0):
        if name in ("lighteval", "trl parquet") or choices.below(4):
            number = choices.below(len(rows))
            rows[number] = damaged(rows[number], choices)
        else:
            rows = damaged(rows, choices)
    file, content, n_rows = _file(name, place, rows, choices)
    file.parent.mkdir(parents=True, exist_ok=True)
    if way == 3:
        content = choices.rest() if choices.below(2) else damaged_bytes(content, choices)
        n_rows = None
    file.write_bytes(content)
    return n_rows


def _file(name: str, place: Path, rows: Any, choices: Choices) -> tuple[Path, bytes, int | None]:
    listed = rows if isinstance(rows, list) else [rows]
    lines = to_bytes("".join(json_text(row, choices).replace("\n", " ") + "\n" for row in listed))
    n_rows = len(listed)
    if name == "jsonl":
        return (place / "sums_sw.jsonl", lines, n_rows) if choices.below(2) else (
            place / "sums_sw.json", to_bytes(json_text(listed)), None)  # fmt: skip
    if name == "verl":
        return place / "rollouts_sw" / "2.jsonl", lines, n_rows
    if name == "trl":
        return place / "completions_00001.jsonl", lines, n_rows
    if name == "lm-eval":
        return place / f"samples_sums_sw_{TIME}.jsonl", lines, None
    if name == "inspect":
        log = damaged(HEADER, choices) if choices.below(6) == 5 else HEADER
        return place / "log.json", to_bytes(json_text({**log, "samples": listed})), n_rows
    if name == "inspect archive":
        return place / "log.eval", _archive(listed, choices), None
    if name == "polyfact":
        return place / "eval.json", to_bytes(json_text(listed[0] if listed else {}, choices)), None
    target = place / "details" / "org" / "model" / TIME / f"details_mgsm_swa|0_{TIME}.parquet"
    return (target if name == "lighteval" else place / "completions_00001.parquet", _parquet(listed), None)


def _archive(rows: list[Any], choices: Choices) -> bytes:
    buffer = io.BytesIO()
    method = choices.pick((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for number, row in enumerate(rows):
            archive.writestr(f"samples/{number}_epoch_1.json", to_bytes(json_text(row, choices)))
        archive.writestr("header.json", json.dumps(HEADER))
    content = buffer.getvalue()
    return damaged_bytes(content, choices) if choices.below(4) == 3 else content


def _parquet(rows: list[Any]) -> bytes:
    """Return a Parquet table of rows; what no column can hold is left as text."""
    import pyarrow
    from pyarrow import parquet

    buffer = io.BytesIO()
    try:
        table = pyarrow.Table.from_pylist(rows)
        parquet.write_table(table, buffer)
    except (pyarrow.ArrowException, TypeError, AttributeError, OverflowError, UnicodeEncodeError):
        texts = [json.dumps(row) for row in rows]
        buffer = io.BytesIO()
        parquet.write_table(pyarrow.table({"doc": texts, "prompt": texts, "completion": texts}), buffer)
    return buffer.getvalue()


HEADER = {"version": 2, "status": "success", "eval": {"task": "mgsm_sw", "model": "mockllm/model"}}


@cache
def _rows(name: str) -> list[Any]:
    """Return rows as the tool writes them."""
    ask, right, wrong = "Mayai 16 - 3 ni ngapi?", "<think>16-3</think>Jibu ni 13.", "Jibu ni 12, au 1,000.5."
    if name == "jsonl":
        base = {"lang": "sw", "item_id": "a", "prompt": ask, "completion": right, "gold": "13", "correct": True}
        more = {
            "finish_reason": "stop",
            "n_completion_tokens": 5,
            "sample_index": 0,
            "reasoning": "16",
            "prediction": "13",
        }
        letters = {"choices": ["Paris", "Roma"], "sum_logprobs": [-1.5, -2.5], "gold_index": 0, "task": "facts"}
        return [
            {**base, **more}, {**base, "item_id": "b", "completion": wrong, "lang": "en"},
            {**letters, "lang": "sw", "item_id": "c", "prompt": ask, "gold": "Paris"},
            {**letters, "lang": "en", "item_id": "c", "prompt": [{"role": "user", "content": ask}], "gold": "A"},
            {"lang": "sw", "item_id": "d", "unscored_reason": "server", "gold": "1", "prompt": ask},
        ]  # fmt: skip
    if name == "verl":
        base = {
            "input": ask,
            "output": right,
            "gts": "13",
            "score": 1.1,
            "step": 2,
            "acc": True,
            "lang": "sw",
            "fmt": 0.1,
        }
        return [base, {**base, "output": wrong, "item_id": "eggs", "pred": "12", "score": -1}, {**base, "lang": "en"}]
    if name.startswith("trl"):
        base = {"prompt": ask, "completion": right, "answer": "13", "step": 1, "language": "sw", "accuracy_reward": 1.0}
        return [base, {**base, "completion": wrong, "accuracy_reward": 0.0, "advantage": 0.5}, {**base, "item_id": "q"}]
    if name == "lm-eval":
        text = {
            "doc_id": 0, "doc": {"question": ask}, "target": "13", "resps": [[right]], "filtered_resps": ["13"],
            "arguments": {"gen_args_0": {"arg_0": ask, "arg_1": {"until": ["\n"]}}}, "filter": "first",
            "metrics": ["exact_match"], "exact_match": 1.0,
        }  # fmt: skip
        choice = {
            "doc_id": 1, "doc": {}, "target": "1", "filter": "none", "metrics": ["acc"], "acc": 0.0,
            "resps": [[["-1.5", "False"]], [["-2.5", "False"]]], "filtered_resps": [["-1.5", "False"], ["-2.5", "False"]],
            "arguments": {"gen_args_0": {"arg_0": ask, "arg_1": " Lagos"}, "gen_args_1": {"arg_0": ask, "arg_1": " Nairobi"}},
        }  # fmt: skip
        return [text, {**text, "doc_id": 2, "resps": [[wrong, right]]}, {**choice, "filter": "first"}]
    if name == "lighteval":
        doc = {"query": ask, "choices": ["13"], "gold_index": 0, "id": "0", "task_name": "mgsm_swa|0"}
        said = {"input": ask, "text": [right], "output_tokens": [[1, 2]], "reasonings": [None], "logprobs": [0.0]}
        scored = {**said, "text": [], "output_tokens": [], "reasonings": [], "logprobs": [-1.0, -2.0]}
        return [
            {"doc": doc, "metric": {"extractive_match": 1.0}, "model_response": said},
            {"doc": {**doc, "id": "1"}, "metric": {"extractive_match": 0.0}, "model_response": {**said, "text": [wrong]}},
            {"doc": {**doc, "choices": [" a", " b"], "id": "2"}, "metric": {"acc": 1.0}, "model_response": scored},
        ]  # fmt: skip
    if name.startswith("inspect"):
        message = {"role": "assistant", "content": right}
        base = {
            "id": 1, "epoch": 1, "input": ask, "target": "13", "metadata": {"lang": "sw"}, "error": None,
            "messages": [{"role": "user", "content": ask}, message], "attachments": {"x": "long"},
            "output": {"choices": [{"message": message, "stop_reason": "stop"}], "usage": {"output_tokens": 5}},
            "scores": {"match": {"value": "C", "answer": "13"}},
        }  # fmt: skip
        parts = [{"type": "reasoning", "reasoning": "16"}, {"type": "text", "text": "attachment://x"}]
        return [
            base,
            {**base, "id": 2, "messages": [{"role": "user", "content": parts}, message]},
            {**base, "epoch": 2},
        ]
    cell = {"pred_idx": 0, "correct": True, "scores": [-1.0, -2.0], "options": ["Paris", "Roma"]}
    off = {**cell, "pred_idx": 1, "correct": False, "scores_sum": [-4.0, -2.0], "n_option_tokens": [1, 1]}
    return [{
        "config": {"benchmark": "polyfact", "model": "org/m", "score_mode": "avg", "langs": ["en", "sw"]},
        "per_language_accuracy": {"en": {"accuracy": 1.0, "n": 1}, "sw": {"accuracy": 0.0, "n": 1}},
        "total_consistency": {"all_langs_correct_fraction": 0.0, "n_facts_all_langs": 1},
        "predictions": {"Q1|P36|Q2": {"en": cell, "sw": off}, "Q3|P36|Q4": {"en": off, "sw": off, "de": cell}},
    }]  # fmt: skip


if __name__ == "__main__":
    main(one_input, seeds())
