"""`xleval build-reasoning --pairs` as a user meets it: files that `datasets` reads, rejects with reasons, resume, refusals."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.data.reasoning.pair_texts import PAIRS, english, spanish_table
from tests.test_cli import fails, xleval
from xleval.data.reasoning.translators.apertium import installed_modes

#: A response whose third line is gone: the gate must see it.
SHORTER = PAIRS[0][3].rpartition("\n")[0]


def build(home: Path, out: Path, *more: object, changed: dict[int, str] | None = None) -> tuple[object, ...]:
    """Write source and table, and return the arguments of a build without language identification."""
    table = spanish_table(home / f"human{len(changed or {})}.jsonl", changed)
    source = ("build-reasoning", "--pairs", "--from", english(home / "set.jsonl"), "--langs", "es", "--out", out)
    return (*source, "--translator", f"table:{table}", "--no-language-check", *more)


def rows_of(path: Path) -> list[dict[str, Any]]:
    from pyarrow import parquet

    found: list[dict[str, Any]] = parquet.ParquetFile(path).read().to_pylist()
    return found


def test_both_texts_are_translated_and_a_pair_needs_both(tmp_path: Path) -> None:
    result = xleval(*build(tmp_path, tmp_path / "out", "--validation", 0, changed={0: SHORTER}))
    assert result.exit_code == 0, result.output
    assert "instruction and response passed: es 3 of 4 items" in result.stdout
    spanish = rows_of(tmp_path / "out" / "es" / "train.parquet")
    assert [(row["item_id"], row["instruction"], row["response"]) for row in spanish] == [
        (f"set-{number}", PAIRS[number - 1][2], PAIRS[number - 1][3]) for number in (2, 3, 4)
    ]
    assert {row["language"] for row in spanish} == {"es"}
    assert {row["response_attempt"] for row in spanish} == {1}
    assert len(rows_of(tmp_path / "out" / "en" / "train.parquet")) == 4
    (reject,) = [
        json.loads(line) for line in (tmp_path / "out" / "rejects" / "es.jsonl").read_text("utf-8").splitlines()
    ]
    assert (reject["item_id"], reject["part"], reject["status"]) == ("set-1", "response", "rejected")
    assert "layout" in {finding["check"] for finding in reject["attempts"][0]["findings"]}
    manifest = json.loads((tmp_path / "out" / "build.json").read_text("utf-8"))
    assert manifest["kind"] == "pairs"
    assert manifest["gate_report"]["es"]["instruction"]["accepted"][0] == 4
    assert manifest["gate_report"]["es"]["response"]["rejected_by"]["layout"] == 1


def test_datasets_reads_languages_and_splits_of_the_card(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    result = xleval(*build(tmp_path, tmp_path / "out", "--validation", 0.25))
    assert result.exit_code == 0, result.output
    held_out = {}
    for lang in ("en", "es"):
        loaded = datasets.load_dataset(str(tmp_path / "out"), lang, cache_dir=str(tmp_path / "cache"))
        assert {split: len(rows) for split, rows in loaded.items()} == {"train": 3, "validation": 1}
        held_out[lang] = loaded["validation"]["item_id"][:]
    assert held_out["en"] == held_out["es"]
    card = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert "### Instructions" in card
    assert "### Responses" in card


def test_a_killed_build_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert xleval(*build(tmp_path, whole)).exit_code == 0
    journal = (whole / ".work" / "translations.jsonl").read_bytes().splitlines(keepends=True)
    (broken / ".work").mkdir(parents=True)
    (broken / ".work" / "translations.jsonl").write_bytes(b"".join(journal[:1]) + journal[-1][:20])  # a torn last line
    manifest = json.loads((whole / "build.json").read_text("utf-8"))
    (broken / "build.json").write_text(json.dumps({"config": manifest["config"], "finished": False}), "utf-8")
    result = xleval(*build(tmp_path, broken, "--resume"))
    assert result.exit_code == 0, result.output
    files = sorted(path.relative_to(whole) for path in whole.rglob("*") if path.is_file() and ".work" not in path.parts)
    assert len(files) >= 6  # two languages with one or two splits, rejects, card, manifest
    for name in files:
        assert (broken / name).read_bytes() == (whole / name).read_bytes(), name


def test_texts_without_a_translation_are_counted_apart(tmp_path: Path) -> None:
    arguments = list(build(tmp_path, tmp_path / "out"))
    table = tmp_path / "human0.jsonl"
    table.write_text(
        "\n".join(table.read_text("utf-8").splitlines()[:-1]) + "\n", "utf-8"
    )  # the last response is not there
    result = xleval(*arguments)
    assert result.exit_code == 3
    assert "1 text has no translation" in result.stderr
    report = json.loads((tmp_path / "out" / "build.json").read_text("utf-8"))["gate_report"]["es"]
    assert (report["response"]["failed"], report["response"]["rejected"], report["instruction"]["failed"]) == (1, 0, 0)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--solutions",), "--solutions is for reasoning sets"),
        (("--min-langs", 1), "--min-langs is for reasoning sets"),
        (("--solver", "qwen=vllm:a", "--solver", "llama=vllm:b"), "items of --pairs have none"),
        (("--validation", 1), "--validation is 1"),
        (("--solution-column", "output"), "--answer-column"),
    ],
)
def test_options_that_make_no_sense_for_pairs_are_refused(tmp_path: Path, more: tuple[object, ...], said: str) -> None:
    fails(2, said, *build(tmp_path, tmp_path / "out", *more))


def test_validation_is_for_pairs_alone(tmp_path: Path) -> None:
    arguments = [each for each in build(tmp_path, tmp_path / "out", "--validation", 0.1) if each != "--pairs"]
    fails(2, "--validation is for --pairs", *arguments, "--answer-column", "response")


@pytest.mark.skipif(
    shutil.which("apertium") is None or "eng-spa" not in installed_modes(), reason="needs apertium with eng-spa"
)
def test_apertium_keeps_code_formulas_and_lists(tmp_path: Path) -> None:
    arguments = list(build(tmp_path, tmp_path / "out", "--validation", 0))
    arguments[arguments.index("--translator") + 1] = "apertium"
    result = xleval(*arguments)
    assert result.exit_code == 0, result.output
    found = {row["item_id"]: row["response"] for row in rows_of(tmp_path / "out" / "es" / "train.parquet")}
    assert PAIRS[1][1].split("```")[1] == found["set-2"].split("```")[1]  # the code, byte for byte
    assert "$2x = 14$" in found["set-3"]
    assert [line[:3] for line in found["set-1"].split("\n") if line[:1].isdigit()] == ["1. ", "2. ", "3. "]
