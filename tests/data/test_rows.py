"""Rows of published files: every format, and one error with file, row and column."""

import json
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from xleval.data.rows import read_rows
from xleval.errors import DataError, XlevalError

ROWS = [{"question": "Wie viele?", "answer": "18"}, {"question": "答えは「5」ですか", "answer": "5"}]


def written(folder: Path, name: str) -> Path:
    path = folder / name
    if path.suffix == ".parquet":
        parquet.write_table(pa.Table.from_pylist(ROWS), path)
    elif path.suffix == ".jsonl":
        path.write_text("\n".join(json.dumps(row) for row in ROWS) + "\n\n", encoding="utf-8")
    elif path.suffix == ".json":
        path.write_text(json.dumps(ROWS), encoding="utf-8")
    else:
        mark = "\t" if path.suffix == ".tsv" else ","
        lines = [mark.join(ROWS[0]), *(mark.join(row.values()) for row in ROWS)]
        path.write_text("\ufeff" + "\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["a.parquet", "a.jsonl", "a.json", "a.tsv", "a.csv"])
def test_every_format_gives_the_same_rows(tmp_path: Path, name: str) -> None:
    assert [dict(row.values) for row in read_rows(written(tmp_path, name))] == ROWS


def test_json_lines_may_be_called_json_and_a_list_may_stand_in_an_object(tmp_path: Path) -> None:
    lines = tmp_path / "lines.json"  # as MSVAMP's files are
    lines.write_text("\n".join(json.dumps(row) for row in ROWS), encoding="utf-8")
    assert [dict(row.values) for row in read_rows(lines)] == ROWS
    wrapped = tmp_path / "wrapped.json"  # as KLAR's files are
    wrapped.write_text(json.dumps({"name": "capital", "samples": ROWS}), encoding="utf-8")
    assert [dict(row.values) for row in read_rows(wrapped)] == ROWS


def test_quotation_marks_in_a_tsv_are_text(tmp_path: Path) -> None:
    path = tmp_path / "mgsm_xx.tsv"
    path.write_text('He said "three, and left.\t3\nShe "left" 5" ago\t5\n', encoding="utf-8")
    found = [row.text("question") for row in read_rows(path, columns=("question", "answer"))]
    assert found == ['He said "three, and left.', 'She "left" 5" ago']


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b'{"question": "a"}\n{broken\n', "a.jsonl", "a.jsonl, line 2: not JSON"),
        (b"[1, 2]\n", "a.jsonl", "a.jsonl, line 1: a JSON list; an object"),
        (b"question\tanswer\na\t1\tmore\n", "a.tsv", "a.tsv, row 1: 3 fields; 2 are needed: question, answer"),
        (b"\xff\xfe\n", "a.csv", "a.csv, line 1: byte 1 is not UTF-8"),
        (b"PAR1", "a.parquet", "a.parquet is not readable as Parquet"),
        (b"", "a.jsonl", "a.jsonl has no rows"),
        (b'{"a": ' + b"[" * 100_000, "a.jsonl", "a.jsonl, line 1: its lists and objects are nested too deeply"),
        (b"[" * 100_000, "a.json", "a.json: its lists and objects are nested too deeply"),
        (b'{"q": "a", "q": "b"}', "a.jsonl", "a.jsonl, line 1: not JSON: the key 'q' is there twice in one object"),
        (b'{"q": "\\ud800"}', "a.jsonl", "a.jsonl, line 1: half of a surrogate pair"),
        (b"q,a,q\n1,2,3\n", "a.csv", "a.csv has the column 'q' more than once"),
        (b"a", "a.xlsx", "ends in '.xlsx'; files that can be read end in .parquet"),
    ],
)
def test_a_broken_file_is_one_error_that_names_the_place(
    tmp_path: Path, content: bytes, name: str, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(XlevalError) as caught:
        read_rows(path)
    assert message in str(caught.value)


def test_a_parquet_whose_values_python_cannot_hold_is_one_error(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"at": pa.array([10**14], pa.timestamp("s"))}), path)  # the year 3170843
    with pytest.raises(DataError, match=r"a\.parquet is not readable as Parquet: "):
        read_rows(path)
    parquet.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["q", "q"]), path)
    with pytest.raises(DataError, match=r"a\.parquet has the column 'q' more than once"):
        read_rows(path)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([["a"]], "column q: found a list; a text or a number is needed"),
        ([b"a"], "column q: found a bytes"),
        ([True], "column q: found a bool"),
        ([float("nan")], "column q: it is empty"),  # what pandas writes for a text that is not there
    ],
)
def test_what_is_no_text_is_not_taken_for_one(tmp_path: Path, value: list[object], message: str) -> None:
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"q": value}), path)
    with pytest.raises(DataError, match=message):
        read_rows(path)[0].text("q")


def test_nan_in_json_is_no_text_either(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"q": NaN}')
    with pytest.raises(DataError, match="row 1: no column q"):
        read_rows(path)[0].text("q")


def test_empty_names_that_a_spreadsheet_leaves_are_no_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("q,answer,,\nWho?,7,,\n")
    assert read_rows(path)[0].text("q") == "Who?"


def test_a_place_of_thousands_of_digits_is_no_option(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"answer": "%s"}' % ("1" * 5000))
    with pytest.raises(DataError, match=r"column answer: found '1{59}; 0 to 3 or one of A, B, C, D is needed"):
        read_rows(path)[0].index(("answer",), 4)


def test_a_value_that_is_missing_names_file_row_and_column(tmp_path: Path) -> None:
    [first, _] = read_rows(written(tmp_path, "a.jsonl"))
    with pytest.raises(DataError, match=r"a\.jsonl, row 1: no column level or difficulty; found: question, answer"):
        first.text("level", "difficulty")
    path = tmp_path / "b.jsonl"
    path.write_text('{"answer": "E", "blank": " "}', encoding="utf-8")
    [row] = read_rows(path)
    with pytest.raises(DataError, match=r"row 1, column answer: found 'E'; 0 to 3 or one of A, B, C, D"):
        row.index(["answer"], 4)
    assert row.index(["answer"], 5) == 4
    with pytest.raises(DataError, match="row 1, column blank: it is empty"):
        row.text("blank")


def test_numbers_of_json_stay_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"answer": 8.0, "index": 3, "flag": true}', encoding="utf-8")
    [row] = read_rows(path)
    assert (row.text("answer"), row.index(["index"], 4), row.get("flag")) == ("8.0", 3, True)
