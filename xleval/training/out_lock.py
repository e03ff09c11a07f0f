"""One process at a time in an output folder: two watches would score every file twice into one journal."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xleval.data.storage import make_folder, what_is_wrong
from xleval.errors import ConfigError, DataError

LOCK = "watch.lock"
_HELD = (errno.EWOULDBLOCK, errno.EACCES)
_NO_LOCKS = (errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK)


@contextmanager
def only_watch(out: Path) -> Iterator[None]:
    """Hold the lock of a watch's output folder, see `only_one`."""
    with only_one(out, lock=LOCK, what="xleval watch"):
        yield


@contextmanager
def only_one(out: Path, *, lock: str, what: str) -> Iterator[int]:
    """Hold the lock of an output folder, which is made when absent; its descriptor is given, for processes that inherit it.

    The system gives the lock back when the process ends, also by SIGKILL: a lock file that is left over stops nothing. On a
    file system that has no locks there is none. A child process that inherits the descriptor holds the lock, too.

    Args:
        out: the folder.
        lock: name of the file in it.
        what: the command that writes there, for the message.

    Raises:
        ConfigError: another process holds it; it is named.
        DataError: the folder cannot be made or written.
    """
    path = make_folder(out) / lock
    descriptor = _locked(path, what)
    try:
        yield descriptor
    finally:
        path.unlink(missing_ok=True)  # while it is held: see _locked
        os.close(descriptor)


def _locked(path: Path, what: str) -> int:
    """Return the descriptor of the locked file, with the number of this process in it."""
    import fcntl

    while True:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise DataError(f"cannot write {path}: {error.strerror}. Choose another folder with --out") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
            os.close(descriptor)
            if error.errno in _HELD:
                raise ConfigError(
                    f"{path.parent} is being written by another {what} (process {holder or 'unknown'}). Wait for "
                    "it or end it, or choose another folder with --out"
                ) from None
            if error.errno not in _NO_LOCKS:
                raise DataError(f"cannot lock {path}: {error.strerror}. Choose another folder with --out") from error
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        if _is_there(path, descriptor):
            try:
                os.truncate(descriptor, 0)
                os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
            except OSError as error:
                path.unlink(missing_ok=True)
                os.close(descriptor)
                raise DataError(f"cannot write {path}: {what_is_wrong(error)}") from error
            return descriptor
        os.close(descriptor)  # its holder removed it between the two calls above


def _is_there(path: Path, descriptor: int) -> bool:
    try:
        return path.stat().st_ino == os.fstat(descriptor).st_ino
    except FileNotFoundError:
        return False
