"""Folders of runs whose files were edited or damaged, as every command that reads runs takes them.

An input decides which file of two small runs is damaged and how, and which command reads them. It must end with an exit code
of its own, one line where it fails, and figures that follow from the samples where it does not.
"""

import io
import json
import shutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from tests.fuzz.fuzz_report import check_page
from tests.fuzz.harness import (
    LONGEST_MESSAGE,
    Choices,
    Finding,
    damaged,
    damaged_bytes,
    folder,
    json_text,
    main,
    to_bytes,
)
from xleval.cli import main as command_line
from xleval.evalkit.samples import read_samples
from xleval.evalkit.saved_run import load_run

#: a file below the folder of all runs, and the command that reads it
CASES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("a/results.json", ("report", "a", "--out", "new.html")),
    ("a/results.json", ("compare", "a", "b", "--resamples", "1000", "--out", "new.json")),
    ("b/results.json", ("transfer", "--base", "a", "--trained", "b:en", "--resamples", "1000", "--out", "new.json")),
    ("a/results.json", ("publish", "a", "--repo", "user/name", "--dry-run")),
    ("a/results.json", ("judge", "a", "b", "--judge", "mock:j", "--tasks", "sums", "--max-tokens", "4", "--out", "new")),
    ("a/run.json", ("report", "a", "b", "--resamples", "1000", "--out", "new.html")),
    ("a/run.json", ("compare", "a", "b", "--resamples", "1000")),
    ("a/run.json", ("rescore", "a", "--out", "new")),
    ("a/run.json", ("transfer", "--base", "a", "--trained", "b:en", "--resamples", "1000")),
    ("a/samples.parquet", ("report", "a", "--out", "new.html")),
    ("a/samples.parquet", ("compare", "a", "b", "--resamples", "1000")),
    ("a/samples.parquet", ("rescore", "a", "--out", "new")),
    ("b/samples.parquet", ("transfer", "--base", "a", "--trained", "b:en", "--resamples", "1000")),
    ("a/samples.parquet", ("judge", "a", "b", "--judge", "mock:j", "--tasks", "sums", "--max-tokens", "4", "--out", "new")),
    ("1/run.json", ("merge", "1", "2", "--out", "new")),
    ("2/samples.parquet", ("merge", "1", "2", "--out", "new")),
    ("1/journal.jsonl", ("merge", "1", "2", "--out", "new")),
    ("whole/run.json", ("run", "--model", "mock:m", "--tasks", "sample", "--langs", "en", "--limit", "2", "--out", "whole", "--resume")),
    ("whole/journal.jsonl", ("run", "--model", "mock:m", "--tasks", "sample", "--langs", "en", "--limit", "2", "--out", "whole", "--resume")),
    ("transfer.json", ("report", "--transfer", "transfer.json", "--out", "new.html")),
    ("judged/judge.json", ("judge", "a", "b", "--judge", "mock:j", "--tasks", "sums", "--max-tokens", "4", "--out", "judged", "--resume")),
    ("judged/judging.json", ("judge", "a", "b", "--judge", "mock:j", "--tasks", "sums", "--max-tokens", "4", "--out", "judged", "--resume")),
    ("a/run.json", ("publish", "a", "--repo", "user/name", "--dry-run")),
)  # fmt: skip
_FOLDERS_AFTER = ("--out", "--base", "--trained", "--transfer")
_RUNS = ("a", "b", "1", "2")


def seeds() -> list[bytes]:
    """Return inputs that reach every case, undamaged and damaged in several places."""
    return [bytes([case, way, place, change, value]) for case in range(len(CASES)) for way in (0, 1, 3)
            for place, change, value in ((0, 4, 0), (30, 0, 3), (90, 0, 24))]  # fmt: skip


def one_input(data: bytes) -> None:
    """Damage a file as the bytes say, run the command, and look at how it ended and what it wrote."""
    choices = Choices(data)
    name, words = choices.pick(CASES)
    place = folder() / "runs"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(_made(), place)
    way = choices.below(4)
    if way:
        path = place / name
        path.write_bytes(damaged_bytes(path.read_bytes(), choices) if way == 3 else _changed(path, way, choices))
    result = _run(place, words)
    if result.exit_code in (0, 3) and (place / "new.html").exists():
        check_page(place / "new.html", _plain(words))
    if result.exit_code in (0, 3) and (place / "new.json").exists():
        json.loads((place / "new.json").read_bytes(), parse_constant=_no_constant)
    if result.exit_code in (0, 3) and (place / "new" / "samples.parquet").exists():
        _check_run(place / "new")
    if way == 0 and result.exit_code not in (0, 3):
        raise Finding(f"{words[0]} of sound files ends with {result.exit_code}: {result.stderr[-500:]}")


@cache
def _plain(words: tuple[str, ...]) -> Path:
    """Return the page that a command writes of the sound files."""
    place = folder() / f"plain-{hash(words):x}"
    shutil.copytree(_made(), place)
    _run(place, words)
    return place / "new.html"


def _run(place: Path, words: Sequence[str]) -> Result:
    given = list(words)
    for at, word in enumerate(words):
        if (at and words[at - 1] in _FOLDERS_AFTER) or (at == 1 and word in _RUNS) or (at == 2 and word in _RUNS):
            given[at] = str(place / word)
    result = CliRunner().invoke(command_line, given)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    if result.exit_code not in (0, 1, 2, 3):
        raise Finding(f"exit code {result.exit_code}")
    if result.exit_code in (1, 2):
        last = result.stderr.strip().splitlines()[-1]
        if not last.startswith("xleval: ") or len(last) > LONGEST_MESSAGE:
            raise Finding(f"failed with {len(last)} characters: {last[:300]}")
    return result


def _check_run(run: Path) -> None:
    """Raise where the results of a run that was just made do not follow from its samples."""
    found = load_run(run)
    samples = found.samples()
    for task, result in found.results["tasks"].items():
        for row in result["rows"]:
            mine = [each for each in samples if (each.task, each.lang) == (task, row["lang"])]
            verdicts = [each.correct for each in mine if each.correct is not None]
            once = len({each.item_id for each in mine}) == len(mine)
            if once and result["kind"] == "generation" and row["accuracy"] is not None:
                value = row["accuracy"]["value"]
                if abs(value - sum(verdicts) / len(verdicts)) > 1e-12:
                    raise Finding(f"accuracy of {task} in {row['lang']} is {value}, of {len(verdicts)} verdicts")


def _no_constant(text: str) -> None:
    raise Finding(f"a figure is {text}")


def _changed(path: Path, times: int, choices: Choices) -> bytes:
    """Return the content of a JSON, JSON-lines or Parquet file with values changed."""
    if path.suffix == ".parquet":
        return _table(path, times, choices)
    lines = (
        path.read_text(encoding="utf-8").splitlines() if path.suffix == ".jsonl" else [path.read_text(encoding="utf-8")]
    )
    for _ in range(times):
        at = choices.below(len(lines))
        lines[at] = json_text(damaged(json.loads(lines[at]), choices), choices).replace("\n", " ")
        if times == 2:
            break  # damaged once more it need not be JSON
    return to_bytes("\n".join(lines) + "\n")


def _table(path: Path, times: int, choices: Choices) -> bytes:
    import pyarrow
    from pyarrow import parquet

    rows = [sample.to_row() for sample in read_samples(path)]
    schema = parquet.read_schema(path)
    for _ in range(times):
        at = choices.below(len(rows))
        rows[at] = damaged(rows[at], choices)
    buffer = io.BytesIO()
    try:
        table = pyarrow.Table.from_pylist(rows, schema=schema if choices.below(4) else None)
        parquet.write_table(table, buffer)
    except (pyarrow.ArrowException, TypeError, OverflowError, UnicodeEncodeError, AttributeError, ValueError):
        return path.read_bytes()
    return buffer.getvalue()


@cache
def _made() -> Path:
    """Return a folder with two imported runs, two shards of a mock run, that run whole, and what commands made of them."""
    root = folder() / "made"
    root.mkdir()
    for run, right in (("a", {0, 1, 2}), ("b", {0, 3})):
        rows = [row for k in range(6) for lang in ("en", "sw") for row in _rows(k, lang, k in right)]
        (root / f"{run}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    for words in (
        ("import", "a.jsonl", "--from", "jsonl", "--out", "a"),
        ("import", "b.jsonl", "--from", "jsonl", "--out", "b"),
        *(("run", "--model", "mock:m", "--tasks", "sample", "--langs", "en,ar", "--limit", "4", "--shard", f"{k}/2", "--out", f"{k}")
          for k in (1, 2)),
        ("run", "--model", "mock:m", "--tasks", "sample", "--langs", "en", "--limit", "2", "--out", "whole"),
        ("transfer", "--base", "a", "--trained", "b:en", "--resamples", "1000", "--out", "transfer.json"),
        ("judge", "a", "b", "--judge", "mock:j", "--tasks", "sums", "--max-tokens", "4", "--out", "judged"),
    ):  # fmt: skip
        given = [str(root / word) if word.endswith(".jsonl") else word for word in words]
        result = _run(root, given)
        if result.exit_code not in (0, 3):
            raise Finding(f"{words}: {result.stderr}")
    return root


def _rows(k: int, lang: str, right: bool) -> list[dict[str, Any]]:
    base = {"lang": lang, "item_id": str(k)}
    text = "The answer is 13." if right else "The answer is 12."
    return [
        {**base, "task": "sums", "prompt": "16 - 3?", "completion": text, "gold": "13", "finish_reason": "stop"},
        {**base, "task": "facts", "prompt": "Capital?", "choices": ["Paris", "Rome"], "gold_index": 0,
         "sum_logprobs": [-1.0, -2.0] if right else [-2.5, -2.0]},
    ]  # fmt: skip


if __name__ == "__main__":
    main(one_input, seeds())
