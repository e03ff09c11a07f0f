"""`--map`: parsing, dotted columns, and what a missing column says. Values are worked by hand."""

from pathlib import Path

import pytest

from xleval.errors import ConfigError, DataError
from xleval.evalkit.imports.fields import FieldMap, Row, parse_map

ROW = Row(
    values={
        "doc": {"answer": "18", "meta": {"lang": "sw"}},
        "a.b": "dotted",
        "list": [["x", "y"]],
        "none": None,
        "zero": 0,
    },
    file=Path("answers.jsonl"),
    number=7,
)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("doc.answer", "18"),
        ("doc.meta.lang", "sw"),
        ("a.b", "dotted"),  # the name as it is comes before its parts
        ("list.0.1", "y"),
        ("none", None),
        ("zero", 0),
    ],
)
def test_columns_are_found(column: str, value: object) -> None:
    assert parse_map([f"gold={column}"]).read(ROW, "gold") == value


def test_constants_and_defaults() -> None:
    fields = parse_map(["lang=@sw", "prompt=doc.answer"])
    assert fields.read(ROW, "lang", "doc.meta.lang") == "sw"
    assert fields.read(ROW, "prompt", "a.b") == "18"  # the mapped column, not the tool's own
    assert fields.read(ROW, "gold", "absent", "none", "zero", "a.b") == 0  # the first that holds something
    assert fields.read(ROW, "completion", "absent") is None
    assert FieldMap().read(ROW, "lang") is None
    assert fields.as_json() == {"lang": "@sw", "prompt": "doc.answer"}


def test_options_in_several_columns() -> None:
    row = Row(values={"option_a": "Lagos", "option_b": "Nairobi"}, file=Path("f"), number=1)
    assert parse_map(["choices=option_a, option_b"]).read(row, "choices") == ["Lagos", "Nairobi"]


def test_groups_have_names_of_their_own() -> None:
    fields = parse_map(["group.subject=doc.answer", "group.run=@first"])
    assert fields.groups(ROW) == {"run": "first", "subject": "18"}


def test_a_filter_is_a_name_and_no_column() -> None:
    assert parse_map(["filter=strict-match"]).constants == {"filter": "strict-match"}


def test_a_missing_column_names_file_row_and_columns() -> None:
    with pytest.raises(DataError) as error:
        parse_map(["gold=doc.result"]).read(ROW, "gold")
    assert str(error.value) == (
        "answers.jsonl, row 7 has no column 'doc.result', which --map names. "
        "Found: doc, doc.answer, doc.meta, a.b, list, none, zero"
    )


@pytest.mark.parametrize("text", ["lang", "=sw", "lang=", "lang=@"])
def test_half_a_mapping_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="KEY=COLUMN or KEY=@TEXT is needed"):
        parse_map([text])


def test_unknown_and_repeated_keys_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"unknown key of --map 'languge'\. Did you mean lang"):
        parse_map(["languge=a"])
    with pytest.raises(ConfigError, match="given twice"):
        parse_map(["lang=a", "lang=@sw"])
