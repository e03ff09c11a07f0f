"""Runs through the command line: decoding grids, shards, saved runs, items shown, outputs of others."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from xleval.cli import main
from xleval.data.storage import read_json
from xleval.evalkit.samples import read_samples

SAMPLE = ("run", "--model", "mock:m", "--langs", "ko,zh", "--tasks", "sample", "--limit", 4)


def xleval(*arguments: object, code: int = 0) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result


def test_a_decoding_grid_is_a_run_for_each_combination(tmp_path: Path) -> None:
    grid = (
        "--decode-grid",
        "temperature=0.5/1.0,top_p=0.9/1.0",
        "--samples",
        2,
        "--gen",
        "max_tokens=30",
    )
    shown = xleval(*SAMPLE, *grid, "--out", tmp_path / "grid").stdout
    labels = [
        "temperature=0.5,top_p=0.9",
        "temperature=0.5,top_p=1.0",
        "temperature=1.0,top_p=0.9",
        "temperature=1.0,top_p=1.0",
    ]
    assert sorted(path.name for path in (tmp_path / "grid").iterdir()) == labels
    assert all(label in shown for label in labels)
    sampling = [read_json(tmp_path / "grid" / label / "run.json")["config"]["options"]["sampling"] for label in labels]
    assert [(each["temperature"], each["top_p"]) for each in sampling] == [
        (0.5, 0.9),
        (0.5, 1.0),
        (1.0, 0.9),
        (1.0, 1.0),
    ]
    assert {each["max_tokens"] for each in sampling} == {30}
    results = json.loads(xleval(*SAMPLE, *grid, "--out", tmp_path / "grid", "--resume", "--json").stdout)
    assert list(results) == labels
    assert results[labels[0]] == read_json(tmp_path / "grid" / labels[0] / "results.json")


def test_shards_are_merged_into_the_run(tmp_path: Path) -> None:
    xleval(*SAMPLE, "--out", tmp_path / "whole")
    for number in (1, 2):
        xleval(*SAMPLE, "--shard", f"{number}/2", "--out", tmp_path / str(number))
    xleval("merge", tmp_path / "1", tmp_path / "2", "--out", tmp_path / "merged")
    assert (tmp_path / "merged/results.json").read_bytes() == (tmp_path / "whole/results.json").read_bytes()


def test_a_run_is_scored_again_and_printed_as_json(tmp_path: Path) -> None:
    xleval(*SAMPLE, "--out", tmp_path / "run")
    results = json.loads(xleval("rescore", tmp_path / "run", "--out", tmp_path / "again", "--json").stdout)
    assert results == read_json(tmp_path / "run/results.json")


def test_an_item_is_shown_as_it_is_asked(embedded_set: Path) -> None:
    item = ("--lang", "sw", "--model", "mock:m", "--json")
    shown = json.loads(xleval("tasks", "sample", *item, "--shots", 1, "--gen", "max_tokens=9").stdout)
    assert bytes(shown["prompt_ids"]).decode() == shown["prompt"]  # MockModel's tokens are UTF-8 bytes
    assert shown["prompt"].count("Swali:") == 2
    assert "\n\nSwali:" in shown["stop"]
    assert shown["gold"] == "24"
    assert shown["sampling"]["max_tokens"] == 9
    fact = json.loads(xleval("tasks", "polyfact", "--data", f"polyfact={embedded_set}", *item).stdout)
    assert [bytes(ids).decode() for ids in fact["option_ids"]] == fact["options"]
    assert fact["options"][fact["gold_index"]].strip() == fact["gold"]
    text = xleval("tasks", "polyfact", "--data", f"polyfact={embedded_set}", "--lang", "zh").stdout
    assert "<- gold" in text
    assert "问题：" in text


def test_what_is_shown_is_what_a_run_asks(tmp_path: Path, embedded_set: Path) -> None:
    options = ("--data", f"polyfact={embedded_set}", "--scaffold", "english", "--shots", 2)
    shown = json.loads(xleval("tasks", "polyfact", "--lang", "sw", "--model", "mock:m", *options, "--json").stdout)
    xleval(
        "run",
        "--model",
        "mock:m",
        "--langs",
        "sw",
        "--tasks",
        "polyfact",
        "--limit",
        1,
        *options,
        "--out",
        tmp_path / "r",
    )
    [sample] = read_samples(tmp_path / "r/samples.parquet")
    assert sample.prompt == shown["prompt"]


def test_any_jsonl_becomes_a_run_that_is_scored_again(tmp_path: Path) -> None:
    rows = [
        {"id": f"q{k}", "language": lang, "answer": "So the answer is 12.", "target": "12" if k else "13", "prompt": "?"}
        for lang in ("en", "de") for k in range(4)
    ]  # fmt: skip
    source = tmp_path / "outputs.jsonl"
    source.write_text(
        "".join(json.dumps(row) + "\n" for row in rows) + json.dumps({"id": "q9", "language": "xx"}) + "\n"
    )
    mapping = [
        ("--map", entry) for entry in ("item_id=id", "lang=language", "completion=answer", "gold=target", "task=@sums")
    ]
    flat = [part for pair in mapping for part in pair]
    result = xleval("import", "--from", "jsonl", source, *flat, "--model", "theirs", "--out", tmp_path / "run")
    assert "sums: en 4, de 4" in result.stderr
    results = read_json(tmp_path / "run/results.json")
    assert [row["accuracy"]["value"] for row in results["tasks"]["sums"]["rows"]] == [0.75, 0.75]
    assert results["model"] == "theirs"
    assert len((tmp_path / "run/rejects.jsonl").read_text().splitlines()) == 1  # with a reason, not dropped
    again = json.loads(xleval("rescore", tmp_path / "run", "--out", tmp_path / "again", "--json").stdout)
    assert [row["accuracy"]["value"] for row in again["tasks"]["sums"]["rows"]] == [0.75, 0.75]
    assert (tmp_path / "run/report.html").exists()


def test_results_are_logged_to_tensorboard(tmp_path: Path) -> None:
    pytest.importorskip("tensorboardX")
    result = xleval(*SAMPLE, "--log-to", f"tensorboard:{tmp_path / 'tb'}", "--out", tmp_path / "run")
    assert "logged to" in result.stderr
    assert list((tmp_path / "tb").rglob("events*"))
