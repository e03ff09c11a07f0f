"""The lock of an output folder, against other processes: see also tests/hardening/test_two_processes.py."""

import multiprocessing
import subprocess
import sys
from pathlib import Path

import pytest

from xleval.data.folder_lock import folders_held, hold
from xleval.errors import ConfigError

HOLD = "import sys; from pathlib import Path; from xleval.data.folder_lock import *\nwith folders_held(): hold(Path(sys.argv[1]))"


def tried(folder: Path) -> str:
    """Return what another process says that tries to hold a folder, empty where it can."""
    done = subprocess.run(
        [sys.executable, "-c", HOLD, str(folder)], capture_output=True, text=True, timeout=60, check=False
    )
    return done.stderr


def test_a_folder_is_held_until_the_end_of_the_block(tmp_path: Path) -> None:
    hold(tmp_path)  # outside of a block nothing is held
    assert tried(tmp_path) == ""
    with folders_held():
        hold(tmp_path)
        hold(tmp_path)  # once more is no second lock
        assert "is being written by another xleval" in tried(tmp_path)
    assert tried(tmp_path) == ""


def wait(begun: "multiprocessing.synchronize.Event", end: "multiprocessing.synchronize.Event") -> None:
    begun.set()
    end.wait(60)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_an_engine_that_outlives_its_run_holds_nothing(tmp_path: Path) -> None:
    fork = multiprocessing.get_context("fork")
    begun, end = fork.Event(), fork.Event()
    with folders_held():
        hold(tmp_path)
        engine = fork.Process(target=wait, args=(begun, end))
        engine.start()
        assert begun.wait(60)
        assert ConfigError.__name__ in tried(tmp_path)  # the parent still does
    assert tried(tmp_path) == ""  # the engine is still there
    end.set()
    engine.join(60)
    assert engine.exitcode == 0
