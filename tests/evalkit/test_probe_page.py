"""docs/probe.md describes every key of `probe.json`, every figure, table and option of a probe, and no others."""

import re
from dataclasses import fields
from pathlib import Path
from typing import get_type_hints, is_typeddict

import pytest

from tests.evalkit.report.probe_cases import heads_probe
from tests.key_tables import check_keys, key_tables
from xleval.evalkit import knock_out_schema, probe_schema

PAGE = (Path(__file__).parents[2] / "docs/probe.md").read_text(encoding="utf-8")
SCHEMAS = {
    name: value
    for module in (probe_schema, knock_out_schema)
    for name, value in vars(module).items()
    if is_typeddict(value)
}
TABLES = key_tables(PAGE)


def test_every_record_is_described_and_no_other() -> None:
    assert set(TABLES) == set(SCHEMAS)
    assert f"| `schema` | text | never | `{probe_schema.SCHEMA}` |" in PAGE


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_key_of_probe_json_is_described(name: str) -> None:
    check_keys(name, TABLES[name], SCHEMAS[name])


def test_the_columns_of_the_check_are_those_of_its_cells() -> None:
    pytest.importorskip("torch")
    from xleval.probing.knock_out_figures import knock_out_table

    added = set(knock_out_table(heads_probe()["knock_out"][0]).column_names) - set(
        get_type_hints(knock_out_schema.KnockOutCellJson)
    )
    (row,) = re.findall(r"\| `tables/knock_out.parquet` \| (.*) \|", PAGE)
    assert set(re.findall(r"`(\w+)`", row)) == added | {"KnockOutCellJson"}


def test_options_that_the_page_names_exist() -> None:
    from xleval.commands.probe import probe

    known = {option for command in probe.commands.values() for each in command.params for option in each.opts}  # type: ignore[attr-defined]
    report = {"--probe", "--out"}
    assert set(re.findall(r"--[a-z][a-z-]+", PAGE)) <= known | report


def test_defaults_that_the_page_states_are_those_of_the_options() -> None:
    from xleval.probing.options import ProbeOptions

    defaults = {field.name: field.default for field in fields(ProbeOptions)}
    assert (defaults["top_neurons"], defaults["filter_rate"], defaults["top_heads"]) == (0.01, 0.95, 0.02)
    assert "`--top` share of all neurons, 1 %" in PAGE
    assert "`--filter-rate` quantile (0.95)" in PAGE
    assert "share of all heads, 2 %" in PAGE
