"""Arrays on disk: read back as they were, and nothing that a stranger put there is run."""

from pathlib import Path

import numpy as np
import pytest

from xleval.errors import DataError
from xleval.probing.saved import Arrays, kept


class Touch:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self._path,)


def measured() -> Arrays:
    return {"a": np.arange(3)}


def test_what_was_measured_is_not_measured_again(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    assert kept(path, measured)["a"].tolist() == [0, 1, 2]
    assert kept(path, lambda: {"a": np.zeros(3)})["a"].tolist() == [0, 1, 2]


def test_pickled_objects_are_refused_and_not_run(tmp_path: Path) -> None:
    path, trace = tmp_path / "a.npz", tmp_path / "trace"
    np.savez(path, a=np.array([Touch(trace)], dtype=object))
    with pytest.raises(DataError, match=r"a\.npz cannot be read \(Object arrays cannot be loaded"):
        kept(path, measured)
    assert not trace.exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a zip file"])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"a\.npz cannot be read .*; delete it, it will be measured again"):
        kept(path, measured)
