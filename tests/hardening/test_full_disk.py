"""A disk that is full: one line, exit code 1, and a run that goes on to the same bytes once there is room.

`RLIMIT_FSIZE` stands for the disk everywhere: a write beyond it fails half-way, as on a full disk. A small tmpfs, where
it may be mounted, gives the real error.
"""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Told = Callable[..., tuple[int, str]]
RUN = ("run", "--model", "mock:m", "--tasks", "sample", "--langs", "en,sw", "--limit", 6)
SAME_BYTES = ("journal.jsonl", "samples.parquet", "results.json", "report.html")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run that nothing disturbed."""
    from click.testing import CliRunner

    from xleval.cli import main

    out = tmp_path_factory.mktemp("whole") / "run"
    CliRunner().invoke(main, [*map(str, RUN), "--out", str(out)])
    assert (out / "report.html").is_file()
    return out


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a disk of 64 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount here")
    if mounted.returncode:
        pytest.skip("a tmpfs cannot be mounted here: it needs the rights of the administrator")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def one_line(error: str) -> str:
    """Return the line of the error that a command told."""
    assert "Traceback" not in error
    lines = [line for line in error.splitlines() if line.startswith("xleval: ")]
    assert len(lines) == 1, error
    return lines[0]


@pytest.mark.parametrize(
    ("most", "file"),
    [(3_000, "journal.jsonl"), (12_000, "samples.parquet")],
)
def test_a_run_stops_with_one_line_and_goes_on_to_the_same_bytes(
    told: Told, whole: Path, tmp_path: Path, most: int, file: str
) -> None:
    out = tmp_path / "run"
    code, error = told(*RUN, "--out", out, most=most)
    assert code == 1
    line = one_line(error)
    assert "File too large" in line
    assert f"{out / file}" in line
    code, error = told(*RUN, "--out", out, "--resume")
    assert code == 0, error
    for name in SAME_BYTES:
        assert (out / name).read_bytes() == (whole / name).read_bytes(), name
    assert not [path.name for path in out.iterdir() if path.name.startswith(".")], "nothing half-written is left"


def test_a_real_full_disk_is_named_with_what_to_do(told: Told, whole: Path, small_disk: Path) -> None:
    filler = small_disk / "filler"
    filler.write_bytes(b"\0" * 48_000)
    out = small_disk / "run"
    code, error = told(*RUN, "--out", out)
    assert code == 1
    line = one_line(error)
    assert "No space left on device. Make room" in line
    filler.unlink()
    subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
    code, error = told(*RUN, "--out", out, "--resume")
    assert code == 0, error
    for name in SAME_BYTES:
        assert (out / name).read_bytes() == (whole / name).read_bytes(), name


@pytest.mark.parametrize(
    ("command", "file"),
    [
        (("build-polyfact", "--source", "embedded", "--langs", "en,sw", "--out", "OUT"), "OUT"),
        (("rescore", "RUN", "--out", "OUT"), "OUT/run.json"),
    ],
)
def test_commands_that_write_name_the_file(
    told: Told, whole: Path, tmp_path: Path, command: tuple[str, ...], file: str
) -> None:
    names = {"RUN": str(whole), "OUT": str(tmp_path / "out"), "OUT.html": str(tmp_path / "out.html")}
    code, error = told(*(names.get(word, word) for word in command), most=0)
    assert code == 1
    line = one_line(error)
    assert file.replace("OUT", str(tmp_path / "out")) in line
    assert "Raise it, or choose another disk" in line
