"""docs/results.md describes every key of the files of a run, and no others."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_type_hints, is_typeddict

import pytest

from xleval.evalkit import requests, results_schema
from xleval.evalkit.backends.mock import MockModel
from xleval.evalkit.results_schema import SCHEMA as RESULTS_SCHEMA
from xleval.evalkit.run_folder import SCHEMA as RUN_SCHEMA
from xleval.evalkit.runner import RunConfig, run
from xleval.evalkit.samples import COLUMNS
from xleval.evalkit.task import load_task
from xleval.tasks import TASKS

PAGE = Path(__file__).parents[1] / "docs/results.md"
SCHEMAS = {name: value for name, value in vars(results_schema).items() if is_typeddict(value)}
OUTCOMES = {kind.__name__: kind for kind in (requests.ChoiceScores, requests.Completion, requests.Unscored)}
#: keys of run.json that only other commands write: merge, rescore
OTHER_COMMANDS = {"merged_from", "rescored_from.run", "rescored_from.scoring", "verdicts_kept"}


def tables() -> dict[str, dict[str, tuple[str, str]]]:
    """Return heading -> key -> (type, null) of every table."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    heading = ""
    for line in PAGE.read_text(encoding="utf-8").split("\n"):
        if title := re.fullmatch(r"##+ `?([\w.]+)`?", line):
            heading = title[1]
        elif row := re.fullmatch(r"\| `([^`]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|", line):
            key, kind, null, meaning = row.groups()
            assert meaning.strip(), key
            assert key not in found.setdefault(heading, {}), f"{heading}: {key} stands twice"
            found[heading][key] = (kind.strip(), null.strip())
        else:
            assert not line.startswith("| `"), f"a row without four cells: {line}"
    return found


TABLES = tables()


def may_be_null(hint: Any) -> bool:
    return NoneType in get_args(hint)


def test_the_versions_of_the_schemas_are_named() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for schema in (RESULTS_SCHEMA, RUN_SCHEMA):
        assert f"| `schema` | text | never | `{schema}` |" in text


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_key_of_results_json_is_described(name: str) -> None:
    hints = get_type_hints(SCHEMAS[name])
    assert list(TABLES[name]) == list(hints)
    for key, hint in hints.items():
        kind, null = TABLES[name][key]
        assert (null != "never") is may_be_null(hint), f"{name}.{key}: null rule {null!r}, type {hint}"
        for part in re.findall(r"`(\w+)`", kind):
            assert part in SCHEMAS, f"{name}.{key}: no such record {part}"
            assert part in str(hint), f"{name}.{key}: {part} is not in {hint}"
        plain = {"text": "str", "integer": "int", "boolean": "bool"}.get(kind)
        assert plain is None or plain in str(hint), f"{name}.{key}: {kind} is not {hint}"


def test_nothing_is_described_that_does_not_exist() -> None:
    assert set(TABLES) == {*SCHEMAS, *OUTCOMES, "run.json", "samples.parquet", "journal.jsonl"}


def test_every_column_of_the_samples_is_described() -> None:
    described = {name: (kind, null != "never") for name, (kind, null) in TABLES["samples.parquet"].items()}
    wanted = {name: (arrow, python.endswith("?")) for name, (arrow, python) in COLUMNS.items()}
    assert list(described.items()) == list(wanted.items())


@pytest.mark.parametrize("name", sorted(OUTCOMES))
def test_every_field_of_an_outcome_is_described(name: str) -> None:
    hints = get_type_hints(OUTCOMES[name])
    assert list(TABLES[name]) == [field.name for field in fields(OUTCOMES[name])]
    assert {key: null != "never" for key, (_, null) in TABLES[name].items()} == {
        key: may_be_null(hint) for key, hint in hints.items()
    }


def test_every_key_of_a_real_run_is_described(embedded_set: Path, tmp_path: Path) -> None:
    languages = ("en", "zh")
    tasks = [load_task(TASKS["polyfact"], embedded_set, languages, 3), load_task(TASKS["sample"], None, languages, 2)]
    run(MockModel(), tasks, RunConfig(languages=languages), tmp_path / "run")

    manifest = json.loads((tmp_path / "run/run.json").read_text(encoding="utf-8"))
    described = TABLES["run.json"]
    found = {re.sub(r"^config\.tasks\.(polyfact|sample)", "config.tasks.NAME", key) for key in _leaves(manifest)}
    headings = {"config", "config.tasks"}  # described beside their parts
    assert found == described.keys() - OTHER_COMMANDS - headings
    for key, value in _values(manifest):
        name = re.sub(r"^config\.tasks\.(polyfact|sample)", "config.tasks.NAME", key)
        assert value is not None or described[name][1] != "never", key

    lines = (tmp_path / "run/journal.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
    for line in map(json.loads, lines):
        assert set(line) == set(TABLES["journal.jsonl"])
        for outcome in line["rows"].values():
            assert set(outcome) == {"type", *TABLES[outcome["type"]]}
    assert {path.name for path in (tmp_path / "run").iterdir()} == set(
        re.findall(r"`([\w]+\.(?:json|parquet|html|jsonl))`", PAGE.read_text(encoding="utf-8").split("\n## ")[0])
    )


#: objects whose keys are names of things, described as a whole
_WHOLE = ("config.model", "skipped", "environment.packages", "max_tokens")


def _leaves(value: Mapping[str, Any], prefix: str = "") -> set[str]:
    return {key for key, _ in _values(value, prefix)}


def _values(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, part in value.items():
        name = f"{prefix}{key}"
        if isinstance(part, Mapping) and not name.endswith(_WHOLE):
            yield from _values(part, f"{name}.")
        else:
            yield name, part
