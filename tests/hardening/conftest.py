"""Commands in processes of their own, as a user starts them, under limits of the system."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

#: The command line, files that may not grow beyond `bytes` (0 for no limit), and modules at hand.
_START = """
import resource, signal, sys
most = int(sys.argv.pop(1))
import xleval.cli, pyarrow.parquet
signal.signal(signal.SIGINT, signal.default_int_handler)  # what a background job starts ignores it
if most >= 0:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
xleval.cli.main()
"""
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Start:
    """Return a function that starts a command; `most` is the size to which a file may grow, as on a full disk."""

    def started(
        *arguments: object, most: int = -1, cwd: Path | None = None, **settings: str
    ) -> "subprocess.Popen[str]":
        environment = {**os.environ, "OMP_NUM_THREADS": "1", **settings}
        return subprocess.Popen(
            [sys.executable, "-c", _START, str(most), *map(str, arguments)], cwd=cwd, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    return started


@pytest.fixture
def told(start: Start) -> Callable[..., tuple[int, str]]:
    """Return a function that runs a command to its end and gives its exit code and what it told on standard error."""

    def ran(*arguments: object, **settings: object) -> tuple[int, str]:
        process = start(*arguments, **settings)
        try:
            _, error = process.communicate(timeout=240)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            raise
        return process.returncode, error

    return ran
