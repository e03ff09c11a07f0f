"""Runs killed with SIGKILL at random moments, through the real command line (E1)."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from xleval.data.storage import read_json

SAME_BYTES = ("results.json", "samples.parquet")
N_KILLS = 20


def xleval(*arguments: object) -> list[str]:
    return [sys.executable, "-c", "from xleval.cli import main; main()", *map(str, arguments)]


def rows_of(journal: Path) -> dict[str, str]:
    """Return what is in the whole lines of a journal, request by request, and fail if one is there twice."""
    rows: dict[str, str] = {}
    if journal.exists():
        for line in journal.read_bytes().split(b"\n")[:-1]:
            for key, outcome in json.loads(line)["rows"].items():
                assert key not in rows, "a finished request was asked again"
                rows[key] = json.dumps(outcome)
    return rows


def kill_at_random_moments(command: Sequence[str], out: Path, *, n_kills: int, longest_s: float, seed: int) -> int:
    """Start a run again and again and kill it; return how many kills came before it had finished.

    After each one everything that was in the journal must still be there as it was.
    """
    moments, before, came = random.Random(seed), {}, 0
    for kill in range(n_kills):
        process = subprocess.Popen(
            [*command, *(["--resume"] if kill else [])],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        time.sleep(moments.uniform(0, longest_s))
        came += process.poll() is None
        os.killpg(process.pid, signal.SIGKILL) if process.poll() is None else None
        process.wait()
        after = rows_of(out / "journal.jsonl")
        assert {key: after.get(key) for key in before} == before, "a finished request was altered or lost"
        before = after
    return came


def finished_like(out: Path, whole: Path) -> None:
    assert rows_of(out / "journal.jsonl") == rows_of(whole / "journal.jsonl")
    for name in SAME_BYTES:
        assert (out / name).read_bytes() == (whole / name).read_bytes(), name


def test_twenty_kills_lose_repeat_and_alter_nothing(embedded_set: Path, tmp_path: Path) -> None:
    # 30 batches of 1 s are as much as 20 lives of 1.5 s on average, starts included: however fast the machine, kills come
    # while the run is going on
    arguments = ["run", "--model", "mock:m", "--langs", "sw,zh,en", "--limit", 20, "--data", f"polyfact={embedded_set}",
                 "--gen", "max_tokens=60", "--model-args"]  # fmt: skip
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    subprocess.run(xleval(*arguments, "batch_size=4", "--out", whole), check=True, capture_output=True)
    command = xleval(*arguments, "batch_size=4,delay_s=1", "--out", killed)
    came = kill_at_random_moments(command, killed, n_kills=N_KILLS, longest_s=3.0, seed=1)
    assert came >= N_KILLS // 2, "most kills must come while the run is going on"
    rest = xleval(*arguments, "batch_size=4", "--out", killed, "--resume")  # the delay is no part of the signature
    subprocess.run(rest, check=True, capture_output=True)
    finished_like(killed, whole)
    assert len(read_json(killed / "run.json")["starts"]) >= 3


def test_a_float32_model_gives_the_same_bytes_after_kills(
    embedded_set: Path, tmp_path: Path, tiny_checkpoint: Callable[[str], Path]
) -> None:
    arguments = ["run", "--model", tiny_checkpoint("qwen2"), "--langs", "sw,en", "--limit", 25, "--data",
                 f"polyfact={embedded_set}", "--tasks", "polyfact", "--backend", "hf", "--model-args", "batch_size=2"]  # fmt: skip
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    started = time.monotonic()
    subprocess.run(xleval(*arguments, "--out", whole), check=True, capture_output=True)
    duration = time.monotonic() - started
    command = xleval(*arguments, "--out", killed)
    kill_at_random_moments(command, killed, n_kills=3, longest_s=duration, seed=2)
    subprocess.run(
        [*command, *(["--resume"] if (killed / "run.json").exists() else [])], check=True, capture_output=True
    )
    finished_like(killed, whole)


@pytest.mark.slow
def test_twenty_kills_of_a_float32_model(
    embedded_set: Path, tmp_path: Path, tiny_checkpoint: Callable[[str], Path]
) -> None:
    arguments = ["run", "--model", tiny_checkpoint("gemma3"), "--langs", "sw,zh,en", "--data", f"polyfact={embedded_set}",
                 "--tasks", "polyfact", "--backend", "hf", "--model-args", "batch_size=1"]  # fmt: skip
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    started = time.monotonic()
    subprocess.run(xleval(*arguments, "--out", whole), check=True, capture_output=True)
    duration = time.monotonic() - started
    command = xleval(*arguments, "--out", killed)
    kill_at_random_moments(command, killed, n_kills=N_KILLS, longest_s=duration, seed=3)
    subprocess.run(
        [*command, *(["--resume"] if (killed / "run.json").exists() else [])], check=True, capture_output=True
    )
    finished_like(killed, whole)
