"""docs/judge.md describes every key of `judge.json`, every column of the verdicts and every option, and no others."""

import re
from pathlib import Path
from typing import is_typeddict

import pytest

from tests.key_tables import check_keys, key_tables
from xleval.commands.judge import judge
from xleval.evalkit.judge import schema
from xleval.evalkit.judge.before import FAULTS
from xleval.evalkit.judge.length_control import MIN_ITEMS
from xleval.evalkit.judge.prompt import MAX_TOKENS, PROMPT
from xleval.evalkit.judge.verdict_table import COLUMNS
from xleval.evalkit.metrics.language_consistency import MIN_WORDS

PAGE = (Path(__file__).parents[3] / "docs/judge.md").read_text(encoding="utf-8")
SCHEMAS = {
    name: value for name, value in vars(schema).items() if is_typeddict(value) and value.__module__ == schema.__name__
}
TABLES = key_tables(PAGE)


def test_every_record_is_described_and_no_other() -> None:
    assert set(TABLES) == {*SCHEMAS, "verdicts.parquet"}
    assert f"| `schema` | text | never | `{schema.SCHEMA}` |" in PAGE


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_key_of_judge_json_is_described(name: str) -> None:
    check_keys(name, TABLES[name], SCHEMAS[name])


def test_every_column_of_the_verdicts_is_described() -> None:
    kinds = {"string": "text", "int32": "integer"}
    assert {key: kind for key, (kind, _) in TABLES["verdicts.parquet"].items()} == {
        name: kinds[kind] for name, kind in COLUMNS.items()
    }
    assert list(TABLES["verdicts.parquet"]) == list(COLUMNS)


def test_every_option_is_described() -> None:
    known = {option for each in judge.params for option in each.opts if option.startswith("--")}
    table = PAGE.split("| option | meaning |")[1].split("\n\n")[0]
    rows = [line.split("|")[1] for line in table.split("\n") if line.startswith("| `")]
    assert set(re.findall(r"--[a-z-]+", " ".join(rows))) == known


def test_numbers_and_names_of_the_page_are_those_of_the_code() -> None:
    assert f"`{PROMPT}`" in PAGE
    assert f"tokens that a judge may write, {MAX_TOKENS}" in PAGE
    assert f"fewer than {MIN_ITEMS} judged items" in PAGE
    assert MIN_WORDS == 5
    assert "at least five words" in PAGE
    order = re.findall(r"^\d\. \*\*(.+?)\*\*", PAGE, re.MULTILINE)
    assert order == ["Empty", "Wrong language", "Cut"]
    assert FAULTS == ("empty", "wrong_language", "truncated")
    default = next(each.default for each in judge.params if each.name == "max_tokens")
    assert default == MAX_TOKENS
