"""Labelled pairs in the layout of MM-Eval and RewardBench."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xleval.errors import ConfigError, DataError
from xleval.evalkit.judge.labels import read_labels

# Columns of prometheus-eval/MM-Eval, `data/test-00000-of-00001.parquet`, by its card (seen 2026-11-22).
MM_EVAL = {
    "prompt": "q", "chosen": "good", "rejected": "bad", "language": "ko", "subset": "chat", "chosen_model": "a",
    "rejected_model": "b", "id": 1, "__index_level_0__": 0,
}  # fmt: skip


def jsonl(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_mm_eval_is_read_as_it_is_published(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    rows = [{**MM_EVAL, "language": lang, "id": k} for k, lang in enumerate(["ko", "de", "gl", "ko", "eu"])]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "data" / "test-00000-of-00001.parquet")
    found = read_labels(tmp_path, ["ko", "de", "bn"])
    assert [pair.lang for pair in found.pairs] == ["ko", "de", "ko"]
    assert found.notes == ("labels: 2 pairs in languages that xleval does not know: gl, eu",)
    for number, pair in enumerate(found.pairs):
        assert pair.winner == number % 2  # so that the better answer is the second one as often as the first
        assert pair.answers[pair.winner] == "good"


def test_a_file_of_one_language_is_named_by_it(tmp_path: Path) -> None:
    turns = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "good"}]
    jsonl(tmp_path / "deu_Latn.jsonl", {"prompt": "q", "chosen": turns, "rejected": "bad"})
    (pair,) = read_labels(tmp_path / "deu_Latn.jsonl", ["de"]).pairs
    assert (pair.lang, pair.answers) == ("de", ("good", "bad"))


@pytest.mark.parametrize("column", ["prompt", "chosen", "rejected"])
def test_a_missing_column_is_named(tmp_path: Path, column: str) -> None:
    row = {key: value for key, value in MM_EVAL.items() if key != column}
    with pytest.raises(DataError, match=rf"labels.jsonl, row 1: no {column}; found are"):
        read_labels(jsonl(tmp_path / "labels.jsonl", row), ["ko"])


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({**MM_EVAL, "language": "de"}, "no pairs in ko; it has de"),
        ({"prompt": "q", "chosen": "a", "rejected": "b"}, "its language is not stated"),
        ({**MM_EVAL, "chosen": {"text": "a"}}, "column chosen: a text is needed, found dict"),
    ],
)
def test_labels_that_cannot_be_used_are_refused(tmp_path: Path, row: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_labels(jsonl(tmp_path / "labels.jsonl", row), ["ko"])


def test_labels_that_are_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file or folder"):
        read_labels(tmp_path / "none", ["ko"])
    with pytest.raises(ConfigError, match="it has no file that ends in"):
        read_labels(tmp_path, ["ko"])


def test_the_hash_is_that_of_the_content(tmp_path: Path) -> None:
    one = read_labels(jsonl(tmp_path / "a.jsonl", MM_EVAL), ["ko"]).sha256
    assert read_labels(jsonl(tmp_path / "b.jsonl", MM_EVAL), ["ko"]).sha256 == one
    assert read_labels(jsonl(tmp_path / "a.jsonl", {**MM_EVAL, "id": 2}), ["ko"]).sha256 != one


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("  ", "column chosen: it is blank"),
        ([{"role": "assistant", "content": ""}], "column chosen: it is blank"),
        ("half \ud800", "line 1: half of a surrogate pair"),  # JSON can say it, UTF-8 cannot
    ],
)
def test_an_answer_that_no_judge_can_be_shown_is_refused(tmp_path: Path, value: object, message: str) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text(json.dumps({**MM_EVAL, "chosen": value}) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_labels(path, ["ko"])


def test_pairs_of_the_same_text_validate_nothing_and_are_counted(tmp_path: Path) -> None:
    same = {**MM_EVAL, "chosen": "good", "rejected": "good"}
    found = read_labels(jsonl(tmp_path / "labels.jsonl", MM_EVAL, same, MM_EVAL), ["ko"])
    assert [pair.winner for pair in found.pairs] == [0, 1]
    assert found.notes == ("labels: left out 1 pair of two answers that are the same text",)
