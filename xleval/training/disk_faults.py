"""A disk that fills up while a training writes: TRL, torch and safetensors each say so in another way."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xleval.data.storage import what_is_wrong
from xleval.errors import DataError

#: what the system says of a write; a data set that is missing or a lack of memory are no faults of the disk
_WRITING = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, errno.EACCES, errno.EPERM)
#: what torch raises in place of an OSError when a file of it cannot be written to its end
_TORCH = re.compile("PytorchStreamWriter failed|unexpected pos")
#: the system's number in the words of safetensors, which is written in Rust
_NUMBER = re.compile(r"\(os error (\d+)\)")


@contextmanager
def named_disk_faults(out: Path) -> Iterator[None]:
    """Turn what the libraries raise when a file of a training cannot be written into one error; others pass.

    Raises:
        DataError: the disk is full or cannot be written; what was saved before stays good.
    """
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, RuntimeError, SafetensorError) as error:
        reason = _reason(error)
        if reason is None:
            raise
        raise DataError(
            f"cannot write to {out}: {reason}. The same command with --resume goes on from the last whole checkpoint"
        ) from error


def _reason(error: Exception) -> str | None:
    """Return why a file could not be written and what to do; None where the error is another."""
    if isinstance(error, OSError) and error.errno in _WRITING:
        return f"{error.filename}: {what_is_wrong(error)}" if error.filename else what_is_wrong(error)
    if isinstance(error, RuntimeError) and _TORCH.search(str(error)):
        return "a checkpoint could not be written to its end, as on a full disk. Make room"
    found = _NUMBER.search(str(error))
    if isinstance(error, RuntimeError) or found is None:
        return None
    number = int(found[1])
    return what_is_wrong(OSError(number, os.strerror(number))) if number in _WRITING else None
