"""`xleval judge` through its command line: real runs, a server, a real small model, kills."""

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

pytest.importorskip("lingua")

from tests.evalkit.conftest import tiny_checkpoint
from xleval.cli import main
from xleval.commands.judge import judge
from xleval.errors import MissingExtra, XlevalError

__all__ = ["tiny_checkpoint"]

ENGLISH = ["Name a fruit.", "What is a library?", "Thank a colleague."]
GERMAN = ["Nenne eine Frucht.", "Was ist eine Bibliothek?", "Danke einem Kollegen."]
SAME_BYTES = ("judge.json", "verdicts.parquet", "report.html")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return two runs of the mock model under two names over six instructions in two languages."""
    root = tmp_path_factory.mktemp("runs")
    data = root / "data"
    data.mkdir()
    for name, texts in (("alpaca_eval.json", ENGLISH), ("de.json", GERMAN)):
        (data / name).write_text(json.dumps([{"instruction": text} for text in texts]), encoding="utf-8")
    for name in ("one", "two"):
        asked = ["run", "--model", f"mock:{name}", "--tasks", "alpaca_eval", "--data", f"alpaca_eval={data}"]
        more = ["--langs", "en,de", "--gen", "max_tokens=400", "--out", str(root / name)]
        result = CliRunner().invoke(main, [*asked, *more])
        assert result.exit_code == 0, result.output
    return root / "one", root / "two"


def judged(*arguments: object, code: int = 0) -> Result:
    result = CliRunner().invoke(judge, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result


def test_a_judge_that_says_nothing_that_can_be_read_leaves_with_code_3(runs: tuple[Path, Path], tmp_path: Path) -> None:
    result = judged(*runs, "--judge", "mock:j", "--out", tmp_path / "out", code=3)
    found = json.loads((tmp_path / "out" / "judge.json").read_text(encoding="utf-8"))
    rows = found["judges"][0]["tasks"][0]["rows"]
    assert [row["lang"] for row in rows] == ["en", "de"]
    # The mock model writes words in several languages, so that some answers lose before it is asked as a judge.
    for row in rows:
        assert row["n"] == row["n_judged"] + row["n_unscored"] + sum(map(sum, row["before"].values())) == 3
        assert row["n_judged"] == 0
    assert sum(row["n_unscored"] for row in rows) > 0
    assert "unscored: " in result.stdout
    assert "the judge gave no verdict" in result.stdout
    assert "judge not validated" in result.stdout
    assert max(len(line) for line in result.stdout.split("\n") if not line.startswith("judge|")) <= 110
    again = judged(*runs, "--judge", "mock:j", "--out", tmp_path / "out", "--resume", "--json", code=3)
    assert json.loads(again.stdout) == found


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--judge", "mock:j", "--judge", "mock:j"], "--judge mock:j is there twice"),
        (["--judge", "mock:j", "--tasks", "nothing"], "nothing"),
        (["--judge", "mock:j", "--labels", "nowhere"], "there is no such file or folder"),
        (["--judge", "mock:j", "--limit", "0"], "--limit is 0"),
    ],
)
def test_wrong_usage_is_named(runs: tuple[Path, Path], tmp_path: Path, more: list[str], message: str) -> None:
    result = CliRunner().invoke(judge, [*map(str, runs), *more, "--out", str(tmp_path / "out")])
    assert isinstance(result.exception, XlevalError)
    assert message in str(result.exception)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("damaged", ["", "{", "{}", None])
def test_figures_that_were_lost_are_made_again_from_the_journals(
    runs: tuple[Path, Path], tmp_path: Path, damaged: str | None
) -> None:
    limited = [*runs, "--judge", "mock:j", "--max-tokens", 1, "--out", tmp_path / "out"]
    judged(*limited, code=3)
    kept = {name: (tmp_path / "out" / name).read_bytes() for name in SAME_BYTES}
    path = tmp_path / "out" / "judge.json"
    path.unlink() if damaged is None else path.write_text(damaged)
    judged(*limited, "--resume", code=3)
    assert {name: (tmp_path / "out" / name).read_bytes() for name in SAME_BYTES} == kept


def test_the_same_run_twice_is_refused(runs: tuple[Path, Path], tmp_path: Path) -> None:
    result = CliRunner().invoke(
        judge, [str(runs[0]), str(runs[0]), "--judge", "mock:j", "--out", str(tmp_path / "out")]
    )
    assert "is named twice" in str(result.exception)


# --- a server ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    pytest.importorskip("httpx")
    pytest.importorskip("tenacity")
    from tests.evalkit.test_openai import FaultServer, answer_with

    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-5b10")
    found = FaultServer()
    found.replies["/v1/chat/completions"] = [
        answer_with({"message": {"role": "assistant", "content": "It is.\n[[A]]"}, "finish_reason": "stop"})
    ]
    yield found
    found.close()


def test_a_server_judges_in_conversations(runs: tuple[Path, Path], tmp_path: Path, server: Any) -> None:
    arguments = ["--judge", "openai:tiny", "--model-args", f"base_url={server.url}", "--langs", "en"]
    result = judged(*runs, *arguments, "--max-tokens", 77, "--out", tmp_path / "out")
    bodies = server.bodies("/v1/chat/completions")
    (row,) = json.loads((tmp_path / "out" / "judge.json").read_text(encoding="utf-8"))["judges"][0]["tasks"][0]["rows"]
    assert len(bodies) == 2 * row["n_judged"] > 0
    assert {len(body["messages"]) for body in bodies} == {1}
    assert all(body["temperature"] == 0 for body in bodies)
    assert all("where C means that neither is better" in body["messages"][0]["content"] for body in bodies)
    assert (row["first_slot"], row["win_rate_judged"]["value"]) == (1.0, 0.5)
    written = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert b"sk-test-5b10" not in written + result.output.encode()


# --- real models ------------------------------------------------------------------------------------------------------


def real_judge(model: Path, runs: tuple[Path, Path], out: Path) -> list[dict[str, Any]]:
    """Return the verdicts of a real model on the English answers; it may write what it likes, but it is asked."""
    arguments = ["--judge", f"hf:{model}", "--model-args", "device=cpu", "--langs", "en", "--max-tokens", "8"]
    result = CliRunner().invoke(judge, [*map(str, runs), *arguments, "--out", str(out)])
    assert result.exit_code in (0, 3), result.output
    rows = pq.ParquetFile(out / "verdicts.parquet").read().to_pylist()
    return [row for row in rows if row["order"] is not None]


def test_a_real_model_is_asked_in_both_orders(
    runs: tuple[Path, Path], tmp_path: Path, tiny_checkpoint: Callable[[str], Path]
) -> None:
    model = tmp_path / "llama"
    shutil.copytree(tiny_checkpoint("llama"), model)
    config = json.loads((model / "config.json").read_text())
    (model / "config.json").write_text(json.dumps({**config, "max_position_embeddings": 8192}))
    rows = real_judge(model, runs, tmp_path / "out")
    assert rows
    assert {row["order"] for row in rows} == {0, 1}
    assert all(row["text"] is not None for row in rows)
    # random weights: nothing that they write is a verdict
    assert {row["reason"] for row in rows} <= {"the judge gave no verdict", "the judge was cut before its verdict"}


@pytest.mark.slow
def test_the_small_real_model_judges(runs: tuple[Path, Path], tmp_path: Path) -> None:
    from xleval.small_model import small_model

    try:
        model = small_model(tmp_path / "cache")
    except MissingExtra as error:
        pytest.skip(str(error))
    rows = real_judge(model, runs, tmp_path / "out")
    assert rows
    assert all((row["verdict"] is None) is bool(row["reason"]) for row in rows)


# --- kills ------------------------------------------------------------------------------------------------------------


def test_a_judging_that_is_killed_goes_on_and_is_the_same(runs: tuple[Path, Path], tmp_path: Path) -> None:
    arguments = [*map(str, runs), "--judge", "mock:j", "--model-args", "delay_s=0.4,batch_size=1"]
    command = [sys.executable, "-c", "from xleval.commands.judge import judge; judge()", *arguments]
    moments, out = random.Random(0), tmp_path / "killed"
    for kill in range(3):
        process = subprocess.Popen(
            [*command, "--out", str(out), *(["--resume"] if (out / "judging.json").exists() else [])],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        deadline = time.monotonic() + 60
        while not (out / "judge-1" / "journal.jsonl").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(moments.uniform(0.1, 0.6))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL, kill
    judged(*arguments, "--out", out, "--resume", code=3)
    judged(*arguments, "--out", tmp_path / "whole", code=3)
    for name in SAME_BYTES:
        assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
