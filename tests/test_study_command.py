"""`xleval study`: what it prints before and after, what it asks for, and what it refuses."""

import json
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from xleval.cli import main
from xleval.data.storage import read_json
from xleval.errors import ConfigError
from xleval.training.studies import registry
from xleval.training.studies.given_data import check_data, unread_data
from xleval.training.studies.records import StudyOptions


def study(*words: str) -> Result:
    return CliRunner().invoke(main, ["study", *words])


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """`polyfact` is the small study of the tests: a data set, three runs of the mock backend, two comparisons."""
    monkeypatch.setattr(
        registry, "STUDY_MODULES", {**registry.STUDY_MODULES, "polyfact": "tests.training.studies.small"}
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("polyfacts", "--budget", "smoke"), "unknown study 'polyfacts'. Did you mean polyfact?"),
        (("clo", "--budget", "full"), "a full study of clo needs --model"),
        (("clo", "--budget", "smoke", "--part", "train"), "--part is of parallel-scaling; clo has no parts"),
        (("parallel-scaling", "--budget", "smoke", "--part", "trains"), "unknown part 'trains'. Did you mean train?"),
        (("clo", "--budget", "smoke", "--pairs", "pairs.yaml"), "--pairs names open models of part observe"),
        (("clo", "--budget", "smoke", "--judge-labels", "."), "none is named: give --judge SPEC"),
        (("clo", "--budget", "smoke", "--data", "mgsm"), "--data 'mgsm' is not NAME=DIR"),
        (("clo", "--budget", "smoke", "--langs", "xx"), "unknown language"),
        (("clo", "--budget", "smoke", "--seeds", "0"), "0 is not in the range x>=1"),
        (("clo", "--budget", "smoke", "--shard", "3/2"), "--shard 3/2: needed is INDEX/COUNT"),
        (("clo", "--budget", "smoke", "--shard", "1/2", "--merge", "a"), "give one of the two"),
    ],
)
def test_wrong_usage_is_refused_before_anything_is_written(
    words: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = study(*words, "--out", "study")
    assert found.exit_code == 2, found.output
    assert message in found.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("small")
def test_a_dry_run_prints_the_plan_and_every_command_line_and_writes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "a study"  # a space, as in many a home folder
    found = study("polyfact", "--budget", "smoke", "--out", str(out), "--dry-run")
    assert found.exit_code == 0, found.output
    assert not out.exists()
    text = found.stdout
    assert "shows the machinery on two CPU cores, not the finding" in text
    assert "1 data set, 1 overlap check, 3 runs, 2 comparisons" in text
    assert "- the paper's fifth language is left out: its data is not at hand" in text
    lines = [line for line in text.splitlines() if line.startswith("xleval ")]
    assert len(lines) == 7
    assert shlex.split(lines[0])[1:3] == ["build-polyfact", "--source"]
    assert shlex.split(lines[0])[-1] == str(out / "sets" / "polyfact")
    assert shlex.split(lines[1])[-2:] == [">", str(out / "overlap" / "polyfact-train-polyfact-test.json")]
    assert f"# {out}/transfer/all.yaml" in text

    as_json = json.loads(study("polyfact", "--budget", "smoke", "--out", str(out), "--dry-run", "--json").stdout)
    assert as_json["steps"][0]["words"] == shlex.split(lines[0])[1:]
    assert as_json["options"]["seeds"] == 1
    assert as_json["totals"]["steps"] == {"data": 1, "overlap": 1, "run": 3, "compare": 2}


@pytest.mark.usefixtures("small")
def test_a_study_from_plan_to_page_and_again(tmp_path: Path) -> None:
    out = tmp_path / "study"
    first = study("polyfact", "--budget", "smoke", "--out", str(out))
    assert first.exit_code == 0, first.output
    assert str(out / "report.html") in first.stderr
    assert "7 of 7: xleval compare" in first.stderr
    assert "base" in first.stdout
    findings = read_json(out / "findings.json")
    page = (out / "report.html").stat().st_mtime_ns

    refused = study("polyfact", "--budget", "smoke", "--out", str(out))
    assert refused.exit_code == 2
    assert "Go on with --resume" in refused.output

    again = study("polyfact", "--budget", "smoke", "--out", str(out), "--resume", "--json")
    assert again.exit_code == 0, again.output
    assert json.loads(again.stdout) == findings
    assert ": xleval " not in again.stderr
    assert (out / "report.html").stat().st_mtime_ns > page  # the page is written anew


@pytest.mark.usefixtures("small")
def test_a_failed_optional_step_ends_with_code_3_and_is_named(tmp_path: Path) -> None:
    found = study("polyfact", "--budget", "smoke", "--out", str(tmp_path / "study"), "--data", "broken=x")
    assert found.exit_code == 3, found.output
    assert "no result: runs/broken: model no/such/folder/here: no such folder" in found.stderr
    assert (tmp_path / "study" / "report.html").is_file()


@pytest.mark.usefixtures("small")
def test_a_full_study_asks_and_without_a_terminal_needs_yes(tmp_path: Path) -> None:
    out = tmp_path / "study"
    found = study("polyfact", "--model", "mock:base", "--budget", "full", "--out", str(out))
    assert found.exit_code == 2
    assert "there is no terminal: look at the plan with --dry-run, and give --yes" in found.output
    assert "reading the recipes" not in found.output  # which takes long
    assert not out.exists()


@pytest.mark.usefixtures("small")
def test_a_folder_that_cannot_be_had_is_refused_before_the_recipes_are_read(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine", encoding="utf-8")
    found = study("polyfact", "--budget", "smoke", "--out", str(tmp_path))
    assert found.exit_code == 2
    assert "is not empty and has no study.json (found: note.txt)" in found.output
    assert "reading the recipes" not in found.output
    found = study("polyfact", "--budget", "smoke", "--out", str(tmp_path / "note.txt" / "study"))
    assert found.exit_code == 1
    assert "note.txt is no folder that can be written" in found.output
    assert "reading the recipes" not in found.output


@pytest.mark.usefixtures("small")
def test_a_shard_says_how_to_go_on(tmp_path: Path) -> None:
    found = study("polyfact", "--budget", "smoke", "--out", str(tmp_path / "a"), "--shard", "1/3")
    assert found.exit_code == 0, found.output
    assert f"with --out NEW and --merge {tmp_path / 'a'}" in found.stderr
    assert not (tmp_path / "a" / "report.html").exists()


@pytest.mark.usefixtures("small")
def test_data_that_no_step_reads_is_named(tmp_path: Path) -> None:
    words = ("polyfact", "--budget", "smoke", "--out", str(tmp_path / "study"), "--dry-run")
    found = study(*words, "--data", f"mgms={tmp_path}")
    assert found.exit_code == 0, found.output
    assert "--data mgms: no step of this study reads it" in found.stderr


def test_data_that_is_not_there_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    from xleval.training.studies.polyfact import plan

    folder = tmp_path / "facts"
    asked = StudyOptions(
        study="polyfact", model="demo", budget="smoke", out=tmp_path / "study", data={"polyfact": str(folder)}
    )
    assert unread_data(plan(asked)) == ()
    with pytest.raises(ConfigError, match=r"--data polyfact=.*facts: there is no such folder"):
        check_data(plan(asked))
    folder.mkdir()
    check_data(plan(asked))
