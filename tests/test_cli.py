"""The command line as a user meets it: what goes to which stream, the exit code, and one line for each mistake."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from xleval.cli import main
from xleval.tasks import TASKS


def xleval(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def fails(code: int, message: str, *arguments: object) -> None:
    """Checks for the exit code and that standard error ends in one line with the message, and stdout is empty."""
    result = xleval(*arguments)
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith("xleval: ")
    assert message in last, last
    assert "Traceback" not in result.output


@pytest.fixture
def mock_run(tmp_path: Path) -> Path:
    out = tmp_path / "run"
    result = xleval("run", "--model", "mock:m", "--langs", "ko,zh", "--limit", 3, "--out", out)
    assert result.exit_code == 0, result.output
    return out


def test_help_names_every_command() -> None:
    result = xleval("--help")
    assert result.exit_code == 0
    assert all(name in result.stdout for name in ("build-polyfact", "demo", "run", "tasks"))
    assert all(xleval(name, "--help").exit_code == 0 for name in main.commands)


def test_tasks() -> None:
    assert "sample" in xleval("tasks").stdout
    rows = json.loads(xleval("tasks", "--json").stdout)
    found = {row["name"] for row in rows}
    assert {"polyfact", "polyfact_leaky", "mgsm", "mgsm_original", "polymath", "sample"} <= found
    unverified = {row["name"] for row in rows if not row["verified"] and not TASKS[row["name"]].data_of}
    listing = xleval("tasks").stdout.splitlines()
    marked = {line.split()[0] for line in listing if line.endswith("unverified)")}
    assert marked == {row["name"] for row in rows if row["name"] in unverified}
    assert "ko, uk" in xleval("tasks", "sample").stdout
    fails(2, "unknown task 'smaple'. Did you mean sample", "tasks", "smaple")


def test_run_as_the_user_typed_it_says_what_it_skipped(tmp_path: Path) -> None:
    result = xleval("run", "--model", "mock:m", "--langs", "ko,zh", "--limit", 3, "--out", tmp_path / "run")
    assert result.exit_code == 0, result.output
    assert "skipped, no data at hand (--data NAME=DIR or $XLEVAL_DATA/NAME): polyfact, klar" in result.stderr
    assert "ko" in result.stdout
    assert "zh" in result.stdout
    assert (tmp_path / "run" / "report.html").exists()


def test_run_over_a_set_that_lacks_a_language(embedded_set: Path, tmp_path: Path) -> None:
    result = xleval("run", "--model", "mock:m", "--langs", "ko,zh", "--limit", 3, "--data", f"polyfact={embedded_set}",
                    "--out", tmp_path / "run", "--json")  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "skipped polyfact in ko: polyfact has no ko" in result.stderr
    results = json.loads(result.stdout)
    assert results == json.loads((tmp_path / "run/results.json").read_text())
    assert results["tasks"]["polyfact"]["languages"] == ["zh"]
    assert results["tasks"]["sample"]["languages"] == ["ko", "zh"]


def test_default_folder_is_that_of_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = ("run", "--model", "mock:m", "--langs", "ko", "--limit", 2)
    assert xleval(*arguments).exit_code == 0
    assert len(list((tmp_path / "runs").iterdir())) == 1
    fails(2, "already holds this configuration, finished", *arguments)
    assert xleval(*arguments, "--resume").exit_code == 0
    assert xleval(*arguments, "--seed", 1).exit_code == 0
    assert len(list((tmp_path / "runs").iterdir())) == 2


def test_another_run_in_the_folder(mock_run: Path) -> None:
    fails(2, "differs in limit (3 → 4)", "run", "--model", "mock:m", "--langs", "ko,zh", "--limit", 4, "--out", mock_run,
          "--resume")  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rum"], "unknown command 'rum'. Did you mean run?"),
        (["run", "--langs", "ko"], "Missing option '--model'"),
        (["run", "--modle", "x"], "No such option '--modle'"),
        (["run", "--model", "mock:m", "--langs", "kr"], "unknown language 'kr'"),
        (["run", "--model", "mock:m", "--langs", ""], "language"),
        (
            ["run", "--model", "mock:m", "--langs", "ko", "--tasks", "smple"],
            "unknown task 'smple'. Did you mean sample",
        ),
        (["run", "--model", "m", "--langs", "ko", "--backend", "vlm"], "unknown backend 'vlm'"),
        (["run", "--model", "mock:m", "--langs", "ko", "--limit", "0"], "--limit is 0; at least 1 item is needed"),
        (["run", "--model", "mock:m", "--langs", "ko", "--limit", "x"], "'x' is not a valid integer"),
        (
            ["run", "--model", "mock:m", "--langs", "ko", "--scaffold", "nativ"],
            "unknown scaffold 'nativ'. Did you mean native?",
        ),
        (["run", "--model", "mock:m", "--langs", "ko", "--option-space", "x"], "unknown option space 'x'"),
        (["run", "--model", "mock:m", "--langs", "ko", "--ties", "x"], "unknown rule for ties 'x'"),
        (
            ["run", "--model", "mock:m", "--langs", "ko", "--gen", "max_tokens=0"],
            "max_tokens=0: needed is a number at least 1",
        ),
        (["run", "--model", "mock:m", "--langs", "ko", "--gen", "temprature=1"], "Did you mean temperature?"),
        (["run", "--model", "mock:m", "--langs", "ko", "--samples", "3"], "--samples 3 at temperature 0"),
        (
            ["run", "--model", "mock:m", "--langs", "ko", "--samples", "3", "--decode-grid", "temperature=0/1"],
            "--samples 3 at temperature 0",
        ),
        (["run", "--model", "mock:m", "--langs", "ko", "--length-budget", "charz"], "unknown length budget 'charz'"),
        (["run", "--model", "mock:m", "--langs", "ko", "--reason-prefix", "kr"], "unknown language 'kr'"),
        (["run", "--model", "mock:m", "--langs", "ko", "--model-args", "batchsize=1"], "Did you mean batch_size?"),
        (["run", "--model", "mock:m", "--langs", "ko", "--shard", "3/2"], "3/2"),
        (["run", "--model", "mock:m", "--langs", "ko", "--log-to", "wandbb"], "wandbb"),
        (["run", "--model", "mock:m", "--langs", "ko", "--backend", "hf"], "the prefix says mock"),
        (["rescore", "no-run", "--out", "x"], "no-run is not a run"),
        (["merge", "no-run", "--out", "x"], "no-run is not a run"),
        (["export-lm-eval", "no-set", "--out", "x"], "no-set: there is no such folder"),
        (["tasks", "--lang", "sw"], "show an item of one task"),
        (["tasks", "sample", "--lang", "th"], "sample has no items in th"),
        (["run", "--model", "mock:m", "--langs", "ko", "--data", "polyfact"], "is not NAME=DIR"),
        (["run", "--model", "mock:m", "--langs", "ko", "--data", "polyfact=/no/where"], "there is no such folder"),
        (
            ["run", "--model", "mock:m", "--langs", "ko", "--data", "polyfect=."],
            "unknown name in --data 'polyfect'. Did you mean polyfact",
        ),
        (["run", "--model", "mock:m", "--langs", "th"], "nothing to run: no task has items in th"),
        (["build-polyfact", "--out", "x", "--langs", "en,yo"], "no question templates for Yoruba (yo)"),
        (["build-polyfact", "--out", "x", "--relations", "P63"], "unknown relation 'P63'"),
        (["build-polyfact", "--out", "x", "--relations", "P47"], "relation P47 is not built: shares border with"),
        (["build-polyfact", "--out", "x", "--source", "embeded"], "unknown source 'embeded'. Did you mean embedded?"),
        (["build-polyfact", "--out", "x", "--answer-cap", "0.5"], "at most 0.25"),
        (["build-polyfact"], "Missing option '--out'"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_2(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fails(2, message, *arguments)
    assert list(tmp_path.iterdir()) == []


def test_no_data_for_a_task_that_was_named() -> None:
    fails(1, "polyfact has no data here", "run", "--model", "mock:m", "--langs", "en", "--tasks", "polyfact")


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    fails(1, "cannot make the folder", "build-polyfact", "--out", tmp_path / "file" / "set")


def test_a_folder_that_holds_something_else(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    fails(2, "is not empty and has no build.json (found: notes.txt)", "build-polyfact", "--out", tmp_path)


def test_build_prints_tables_and_json(tmp_path: Path) -> None:
    arguments = ["build-polyfact", "--langs", "en,ko", "--relations", "p36,P30", "--out"]
    result = xleval(*arguments, tmp_path / "one")
    assert result.exit_code == 0, result.output
    assert "P36 capital" in result.stdout
    assert "guessers without a model" in result.stdout
    manifest = json.loads(xleval(*arguments, tmp_path / "two", "--json").stdout)
    assert manifest["finished"] is True
    assert manifest["languages"] == ["en", "ko"]
    assert list(manifest["relations"]) == ["P36", "P30"]


def test_a_build_over_its_limits_says_so_loudly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from xleval.polyfact import manifest

    monkeypatch.setattr(manifest, "above_tolerance", lambda scores: ["en longest 0.400"])
    result = xleval("build-polyfact", "--langs", "en", "--relations", "P36", "--out", tmp_path / "set")
    assert result.exit_code == 3
    assert "WARNING: a guesser without a model is more than 5 points above chance: en longest 0.400" in result.stderr


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ([], "missing config.json, tokenizer files (tokenizer.json or tokenizer.model), *.safetensors; found nothing"),
        (["config.json", "tokenizer.json"], "missing *.safetensors; found config.json, tokenizer.json"),
        (["config.json", "tokenizer.json", "pytorch_model.bin"], "weights only as pickle (pytorch_model.bin)"),
        (["tokenizer.json", "model.safetensors"], "missing config.json"),
        (["config.json", "model.safetensors"], "missing tokenizer files"),
    ],
)
def test_a_model_folder_that_cannot_be_loaded(tmp_path: Path, files: list[str], message: str) -> None:
    pytest.importorskip("torch")
    model = tmp_path / "model"
    model.mkdir()
    for name in files:
        (model / name).write_text("{}")
    fails(2, message, "run", "--model", model, "--langs", "ko", "--limit", 1, "--out", tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_model_path_with_a_typo() -> None:
    pytest.importorskip("torch")
    fails(2, "no such folder. Give an existing checkpoint folder", "run", "--model", "./ckpt-1O0", "--langs", "ko")


def test_an_extra_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.delitem(sys.modules, "xleval.evalkit.backends.hf", raising=False)
    monkeypatch.setitem(sys.modules, "torch", None)
    fails(1, "pip install 'xleval[hf]'", "run", "--model", "some/model", "--langs", "ko")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a device without room")
def test_a_full_disk_behind_standard_output_is_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-c", "from xleval.cli import main; main()", "tasks"]
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert result.returncode == 1
    assert result.stderr.splitlines() == ["xleval: standard output: No space left on device; nothing more was written"]


@pytest.mark.parametrize(
    ("command", "told"),
    [("compare", "stopped; nothing was written"), ("watch", "stopped; the same command with --resume goes on")],
)
def test_a_stopped_command_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch, command: str, told: str) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(main.commands[command], "invoke", stopped)
    fails(130, told, command, "somewhere")


@pytest.mark.parametrize(("group", "kind"), [("train", "sft"), ("probe", "heads")])
def test_a_stopped_command_of_a_group_says_so_too(monkeypatch: pytest.MonkeyPatch, group: str, kind: str) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(main.commands[group], "invoke", stopped)
    fails(130, "stopped; the same command with --resume goes on", group, kind)
