"""A full disk under a training: what torch, safetensors and the system really raise becomes one sentence.

A limit of this process on the size of its files stands for the disk.
"""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from xleval.errors import ConfigError, DataError
from xleval.training.disk_faults import named_disk_faults
from xleval.training.out_lock import only_one

torch = pytest.importorskip("torch")
safetensors_torch = pytest.importorskip("safetensors.torch")

WEIGHTS = {"w": torch.zeros(100_000)}  # 400 kB


@contextmanager
def files_of_at_most(n_bytes: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, before[1]))  # Python ignores the signal: writes fail
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(
    "write",
    [
        lambda folder: safetensors_torch.save_file(WEIGHTS, folder / "model.safetensors"),
        lambda folder: torch.save(WEIGHTS, folder / "optimizer.pt"),
        lambda folder: (folder / "trainer_state.json").write_text(" " * 100_000, encoding="utf-8"),
    ],
    ids=["weights", "optimizer", "text"],
)
def test_every_way_in_which_a_checkpoint_is_not_written_says_what_to_do(
    write: Callable[[Path], object], tmp_path: Path
) -> None:
    with pytest.raises(DataError) as found, named_disk_faults(Path("trained")), files_of_at_most(10_000):
        write(tmp_path)
    told = str(found.value)
    assert told.startswith("cannot write to trained: ")
    assert "Raise it, or choose another disk" in told or "Make room" in told
    assert told.endswith("The same command with --resume goes on from the last whole checkpoint")


def test_a_lock_file_that_cannot_be_written_is_named_and_not_left(tmp_path: Path) -> None:
    with files_of_at_most(0), pytest.raises(DataError, match=r"cannot write .*study\.lock: File too large"):
        with only_one(tmp_path, lock="study.lock", what="xleval study"):
            pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "error",
    [RuntimeError("CUDA out of memory"), ConfigError("unknown optimizer"), OSError("no such model"),
     ConnectionRefusedError(111, "Connection refused")],
)  # fmt: skip
def test_other_errors_pass_as_they_are(error: Exception) -> None:
    with pytest.raises(type(error)) as found, named_disk_faults(Path("trained")):
        raise error
    assert found.value is error
