"""Folders that may not be written: one line that names them, exit code 1, and nothing half-written.

Root may write everywhere: there the commands are started without root's rights over files, as far as the system can.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_AS_A_PLAIN_USER = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Path]:
    """Return a folder in which nobody may make anything."""
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o755)


def told_without_rights(*arguments: object) -> tuple[int, str]:
    """Return exit code and errors of a command that has no rights of root."""
    plain: tuple[str, ...] = ()
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("there is no setpriv here, and root may write everywhere")
        plain = _AS_A_PLAIN_USER
        if subprocess.run([*plain, "true"], capture_output=True, check=False).returncode:
            pytest.skip("rights cannot be given up here, and root may write everywhere")
    command = [*plain, sys.executable, "-m", "xleval", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("run", "--model", "mock:m", "--tasks", "sample", "--langs", "en", "--limit", 1),
        ("build-polyfact", "--source", "embedded", "--langs", "en,sw"),
        ("study", "polyfact", "--budget", "smoke"),
    ],
    ids=lambda command: command[0],
)
def test_a_folder_that_may_not_be_written_is_named(closed: Path, command: tuple[object, ...]) -> None:
    code, error = told_without_rights(*command, "--out", closed / "out")
    assert code == 1
    assert "Traceback" not in error
    (line,) = [line for line in error.splitlines() if line.startswith("xleval: ")]
    assert str(closed / "out") in line
    assert line.endswith("Choose another with --out")
    assert "reading the recipes" not in error  # of a study, which takes long
    assert list(closed.iterdir()) == []
