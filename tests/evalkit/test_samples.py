"""The samples table: what is written is read again, and bad input is named by file, row and column."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from xleval.errors import DataError
from xleval.evalkit.samples import COLUMNS, Sample, read_samples, write_samples

CHOICE = Sample(
    task="t", task_version=3, lang="bn", item_id="ক/1", kind="choice", prompt="প্রশ্ন", gold="ক", prediction="খ",
    correct=False, choices=("ক", "খ"), choice_ids=("Q1", "Q2"), gold_index=0, sum_logprobs=(-1.5, float("-inf")),
    n_tokens=(1, 2), groups='{"relation_pid": "P36"}',
)  # fmt: skip
FAILED = Sample(
    task="g", task_version=1, lang="ar", item_id="2", kind="generation", prompt="p", gold="7", unscored_reason="500"
)


def test_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "samples.parquet"
    write_samples(path, [CHOICE, FAILED])
    assert read_samples(path) == [CHOICE, FAILED]
    first = path.read_bytes()
    write_samples(path, [CHOICE, FAILED])
    assert path.read_bytes() == first
    assert CHOICE.grouping() == {"relation_pid": "P36"}
    assert Sample.from_row(CHOICE.to_row()) == CHOICE


def test_no_samples_make_an_empty_table(tmp_path: Path) -> None:
    write_samples(tmp_path / "s.parquet", [])
    assert read_samples(tmp_path / "s.parquet") == []


def test_columns_are_the_fields() -> None:
    assert list(COLUMNS) == [field.name for field in dataclasses.fields(Sample)]


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"kind": "essay"}, "kind"),
        ({"correct": None}, "correct"),
        ({"unscored_reason": "why"}, "correct"),
        ({"choices": ("one",)}, "choices"),
        ({"gold_index": 2}, "gold_index"),
        ({"gold_index": None}, "gold_index"),
        ({"sum_logprobs": (-1.0,)}, "sum_logprobs"),
        ({"sum_logprobs": (-1.0, float("nan"))}, "sum_logprobs"),
        ({"n_tokens": (1, 2, 3)}, "n_tokens"),
        ({"choice_ids": ("Q1", "Q1")}, "choice_ids"),
        ({"groups": "[]"}, "groups"),
        ({"groups": "{"}, "groups"),
        ({"finish_reason": "eos"}, "finish_reason"),
        ({"target_share": 1.5}, "target_share"),
    ],
)
def test_contradictions_name_the_column(changes: dict[str, Any], column: str) -> None:
    with pytest.raises(DataError, match=f"t/bn/ক/1, column {column}: "):
        dataclasses.replace(CHOICE, **changes)


def test_wrong_types_name_row_and_column() -> None:
    row = CHOICE.to_row()
    for column, value in (("gold_index", True), ("prompt", None), ("choices", ["a", None]), ("task_version", "1")):
        with pytest.raises(DataError, match=f"f.jsonl, row 7, column {column}: found"):
            Sample.from_row(row | {column: value}, where="f.jsonl, row 7")
    with pytest.raises(DataError, match="column extra: unknown"):
        Sample.from_row(row | {"extra": 1})
    with pytest.raises(DataError, match="column lang: missing"):
        Sample.from_row({name: value for name, value in row.items() if name != "lang"})


def test_bad_files_name_file_row_and_column(tmp_path: Path) -> None:
    import pyarrow
    from pyarrow import parquet

    path = tmp_path / "samples.parquet"
    with pytest.raises(DataError, match=r"samples\.parquet is not readable as Parquet"):
        read_samples(path)
    path.write_bytes(b"not parquet at all")
    with pytest.raises(DataError, match=r"samples\.parquet is not readable as Parquet"):
        read_samples(path)
    write_samples(path, [CHOICE, FAILED])
    table = parquet.ParquetFile(path).read()
    parquet.write_table(table.drop_columns("groups"), path)
    with pytest.raises(DataError, match=r"samples\.parquet, column groups: missing"):
        read_samples(path)
    parquet.write_table(table.set_column(0, "task", pyarrow.array([1, 2])), path)
    with pytest.raises(DataError, match=r"samples\.parquet, row 1, column task: found 1, str is needed"):
        read_samples(path)
