"""docs/files.md describes the columns and keys of real sets, and no others."""

import json
import re
from pathlib import Path

import pyarrow.parquet as pq
from click.testing import CliRunner

from xleval.cli import main
from xleval.evalkit.compare.schema import Comparison
from xleval.evalkit.transfer.schema import Transfer

PAGE = Path(__file__).parents[1] / "docs/files.md"
#: how the page writes the types of pyarrow
TYPES = {"list<element: string>": "list of string"}


def table(heading: str) -> list[list[str]]:
    """Return the cells of the rows of the first table below a heading."""
    below = PAGE.read_text(encoding="utf-8").split(f" {heading}\n", 1)[1]
    rows: list[list[str]] = []
    for line in below.split("\n"):
        if line.startswith("| `"):
            rows.append([cell.strip() for cell in line.strip("|").replace(r"\|", "/").split("|")])
        elif rows:
            break
    return rows


def keys(heading: str) -> list[str]:
    """Return what stands between backticks in the first column."""
    return [key for row in table(heading) for key in re.findall(r"`([^`]+)`", row[0])]


def described(heading: str) -> list[tuple[str, str]]:
    return [(row[0].strip("`"), row[1]) for row in table(heading)]


def test_columns_of_a_set_of_facts(embedded_set: Path) -> None:
    head, part = described("Columns of every config"), described("Columns of one language")
    flat = pq.read_schema(embedded_set / "sw/test.parquet")
    found = [(field.name, TYPES.get(str(field.type), str(field.type))) for field in flat]
    assert found == [*head, ("language", "string"), *part]
    parallel = pq.read_schema(embedded_set / "parallel/test.parquet")
    assert parallel.names == [*(name for name, _ in head), "translations"]
    assert [field.name for field in parallel.field("translations").type.field("sw").type] == [name for name, _ in part]


def test_manifest_and_rejects_of_a_set_of_facts(embedded_set: Path) -> None:
    assert sorted(keys("`build.json` of facts")) == sorted(json.loads((embedded_set / "build.json").read_text()))
    lines = [json.loads(line) for line in (embedded_set / "rejects.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(lines) > 100
    assert {tuple(sorted(line)) for line in lines} == {("detail", "fact_id", "reason")}
    assert [line["fact_id"] for line in lines] == sorted(line["fact_id"] for line in lines)


def test_columns_of_a_reasoning_set(tmp_path: Path) -> None:
    """Two problems, of which a table has a translation of one."""
    english, german = "Ann has 3 apples and buys 4. How many?", "Anna hat 3 Äpfel und kauft 4 dazu. Wie viele?"
    rows = [
        {"question": english, "answer": "7"},
        {"question": "Tom has 10 coins and loses 2. How many?", "answer": "8"},
    ]
    (tmp_path / "mine.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "human.tsv").write_text(f"en\tde\n{english}\t{german}\n", encoding="utf-8")
    words = ["--from", tmp_path / "mine.jsonl", "--langs", "de", "--translator", f"table:{tmp_path / 'human.tsv'}"]
    done = CliRunner().invoke(main, ["build-reasoning", *map(str, words), "--out", str(tmp_path / "set")])
    assert done.exit_code == 3, done.output
    cells = [(re.findall(r"`(\w+)`", row[0]), row[1]) for row in table("A reasoning set")]
    for config in ("parallel", "language"):
        stored = pq.read_schema(tmp_path / "set" / config.replace("language", "de") / "test.parquet").names
        assert sorted(stored) == sorted(name for names, where in cells for name in names if where in ("all", config))
    (reject,) = [json.loads(line) for line in (tmp_path / "set/rejects/de.jsonl").read_text().splitlines()]
    assert sorted(reject) == ["attempts", "item_id", "part", "source", "status"]
    assert reject["status"] == "failed"


def test_keys_of_comparison_and_transfer() -> None:
    assert keys("Comparison") == list(Comparison.__annotations__)
    assert keys("Transfer") == list(Transfer.__annotations__)
