"""Two processes and one folder, and processes that are ended half-way."""

import fcntl
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.hardening.conftest import Start
from xleval.cli import main

Told = Callable[..., tuple[int, str]]
RUN = ("run", "--model", "mock:m", "--tasks", "sample", "--langs", "en", "--limit", 8, "--model-args")
SLOW, QUICK = "batch_size=1,delay_s=60", "batch_size=1"


def until_there(path: Path, seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < end, f"{path} did not come"
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("ended_by", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_a_second_run_is_refused_until_the_first_has_ended(
    start: Start, told: Told, tmp_path: Path, ended_by: signal.Signals, code: int
) -> None:
    out = tmp_path / "run"
    first = start(*RUN, SLOW, "--out", out)
    until_there(out / "journal.jsonl")
    second, error = told(*RUN, QUICK, "--out", out, "--resume")
    assert second == 2
    assert f"{out} is being written by another xleval (process {first.pid}). Wait for it or end it" in error
    first.send_signal(ended_by)
    _, error = first.communicate(timeout=120)
    assert first.returncode == code
    if ended_by is not signal.SIGKILL:
        assert error.splitlines()[-1] == "xleval: stopped; the same command with --resume goes on"
    third, error = told(*RUN, QUICK, "--out", out, "--resume")  # the delay is no part of the signature
    assert third == 0, error


@pytest.mark.parametrize(
    "command",
    [
        RUN[:-1],
        ("build-polyfact", "--source", "embedded", "--langs", "en,sw"),
        ("study", "polyfact", "--budget", "smoke"),
    ],
    ids=lambda command: command[0],
)
def test_what_another_process_writes_is_left_alone(tmp_path: Path, command: tuple[object, ...]) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "study.json").write_text("{}", encoding="utf-8")
    other = os.open(out, os.O_RDONLY)
    try:
        fcntl.flock(other, fcntl.LOCK_EX)
        found = CliRunner().invoke(main, [*map(str, command), "--out", str(out)])
    finally:
        os.close(other)
    assert found.exit_code == 2
    assert f"{out} is being written by another xleval (process {os.getpid()}). Wait for it or end it" in found.stderr
    assert [path.name for path in out.iterdir()] == ["study.json"]
