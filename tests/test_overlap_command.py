"""`xleval overlap`: what is printed, as JSON and for people, and the exit codes."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from xleval.commands.overlap import overlap
from xleval.console import INCOMPLETE
from xleval.errors import ConfigError

ROBE = "A robe takes 2 bolts of blue fiber and half that much white fiber. How many bolts in total does it take?"
COPY = "A robe takes 2 bolts of blue fiber, and half that much white fiber.  How many bolts in total does it take"
TRAIN = "A train travels {} miles in {} hours. At the same rate, how many additional hours would it take to travel {} miles?"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(overlap, [str(argument) for argument in arguments])


@pytest.fixture
def sets(tmp_path: Path) -> tuple[Path, Path]:
    """Return a training file of three items and an evaluation folder of three items in English, one also in Swahili."""
    rows = [(ROBE, "3"), (TRAIN.format(360, 3, 240), "2"), ("Josh flips a house for 80,000.", "5")]
    train = tmp_path / "train.jsonl"
    train.write_text("".join(json.dumps({"question": text, "answer": answer}) + "\n" for text, answer in rows))
    folder = tmp_path / "eval"
    folder.mkdir()
    english = [("i1", COPY), ("i2", TRAIN.format(1200, 4, 300)), ("i3", "Wendi has 20 chickens.")]
    for name, texts in {"en": english, "sw": [("i1", "Joho hutumia komeo 2 za buluu.")]}.items():
        lines = (json.dumps({"id": item_id, "question": text, "answer": "3"}) + "\n" for item_id, text in texts)
        (folder / f"{name}.jsonl").write_text("".join(lines))
    (folder / "notes.json").write_text("[]")
    return train, folder


def test_json_has_counts_and_pairs(sets: tuple[Path, Path]) -> None:
    result = run(*sets, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["n_train"], found["n_evaluation"], found["n_shared"], found["n_pairs"]) == (3, 3, 2, 2)
    assert found["rules"] == {"exact": 1, "near": 1}
    assert {row["lang"]: (row["n_items"], row["direct"]["exact"], row["joined"]) for row in found["languages"]} == {
        "en": (3, 1, 0),
        "sw": (1, 0, 1),
    }
    assert found["pairs"][0] == {
        "train_id": "train-1",
        "evaluation_id": "i1",
        "train_lang": "en",
        "evaluation_lang": "en",
        "rule": "exact",
        "score": 1.0,
        "same_answer": True,
        "same_numbers": True,
    }
    assert found["notes"]["evaluation"] == ["notes.json: left out, its path names no language"]
    assert json.loads(run(*sets, "--json", "--limit-pairs", 0).stdout)["pairs"] == []


def test_people_read_a_table_and_examples(sets: tuple[Path, Path]) -> None:
    result = run(*sets)
    lines = result.stdout.splitlines()
    assert lines[0] == "2 of 3 evaluation items are among 3 training items"
    rows = [line.split() for line in lines]
    assert ["lang", "items", "id", "exact", "near", "cross", "joined", "none"] in rows
    assert ["en", "3", "0", "1", "1", "0", "0", "1"] in rows
    assert ["sw", "1", "0", "0", "0", "0", "1", "0"] in rows
    assert "  train-1 ~ i1: same numbers, same answer" in lines
    assert "  train-2 ~ i2 1.00: other numbers, other answer" in lines
    assert any(line.startswith("    en A train travels 360 miles") and line.endswith("...") for line in lines)
    assert "notes.json: left out" in result.stderr
    assert "train-1 ~" not in run(*sets, "--limit-pairs", 0).stdout


def test_fail_ends_with_code_3_only_where_something_is_shared(sets: tuple[Path, Path]) -> None:
    train, folder = sets
    assert run(train, folder).exit_code == 0
    assert run(train, folder, "--fail").exit_code == INCOMPLETE == 3
    alone = folder / "alone.jsonl"
    alone.write_text(json.dumps({"question": "Who painted the ceiling?"}) + "\n")
    assert run(train, alone, "--fail").exit_code == 0


def test_columns_and_languages_are_options(sets: tuple[Path, Path], tmp_path: Path) -> None:
    train, _ = sets
    other = tmp_path / "other.jsonl"
    other.write_text(json.dumps({"question": "?", "text_en": COPY, "key": "3"}) + "\n")
    named = ("--eval-question", "text_en", "--eval-answer", "key", "--eval-lang", "de", "--json")
    found = json.loads(run(train, other, *named).stdout)
    assert found["pairs"][0]["evaluation_lang"] == "de"
    assert found["rules"] == {"exact": 1}


def test_a_task_is_named_by_its_data(sets: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train, folder = sets
    monkeypatch.setenv("XLEVAL_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    folder.rename(tmp_path / "polyfact")
    monkeypatch.chdir(tmp_path / "polyfact")
    assert json.loads(run(train, "polyfact", "--json").stdout)["n_shared"] == 2
    monkeypatch.delenv("XLEVAL_DATA")
    result = run(train, "polyfact")
    assert isinstance(result.exception, ConfigError)
    assert "the data of polyfact is not at hand" in str(result.exception)


def test_an_unknown_path_or_language_is_wrong_usage(sets: tuple[Path, Path]) -> None:
    for arguments in ((sets[0], "absent"), (*sets, "--eval-lang", "xx")):
        assert isinstance(run(*arguments).exception, ConfigError)


def test_a_set_of_ours_is_read_in_all_its_languages(embedded_set: Path) -> None:
    found = json.loads(run(embedded_set / "en/test.parquet", embedded_set, "--json", "--limit-pairs", 1).stdout)
    rows = {row["lang"]: row for row in found["languages"]}
    assert len(rows) == 12
    assert rows["en"]["direct"]["exact"] == found["n_train"] == rows["sw"]["joined"]
