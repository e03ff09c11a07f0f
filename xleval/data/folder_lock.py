"""One process at a time in an output folder: two runs into one folder would write one journal from two sides."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xleval.errors import ConfigError

_HELD = (errno.EWOULDBLOCK, errno.EACCES)  # everything else says that there are no locks here: NFS, FUSE, 9p differ

#: descriptors of the folders that this process holds, by device and inode; None where folders are not held
_held: dict[tuple[int, int], int] | None = None


@contextmanager
def folders_held() -> Iterator[None]:
    """Hold every folder that is claimed within the block until its end: the command line does so for each command.

    The lock is the system's, on the folder itself: it leaves no file behind and ends with the process, also by SIGKILL.
    On a file system that has no such locks there is none.
    """
    global _held
    if _held is not None:
        yield
        return
    _held = {}
    try:
        yield
    finally:
        _let_go()


def _let_go() -> None:
    """Close what is held. Forked processes do so at once: an engine that outlives its run must not lock the folder."""
    global _held
    for descriptor in (_held or {}).values():
        os.close(descriptor)
    _held = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)


def hold(folder: Path) -> None:
    """Hold a folder until the block of `folders_held` ends; outside of one, do nothing.

    Raises:
        ConfigError: another process holds it; it is named.
    """
    if _held is None:
        return
    import fcntl

    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return  # what cannot be opened is refused where it is read, in words that fit
    place = os.fstat(descriptor)
    key = (place.st_dev, place.st_ino)
    if key in _held:
        os.close(descriptor)
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if error.errno not in _HELD:
            return
        raise ConfigError(
            f"{folder} is being written by another xleval{_holder(place.st_ino)}. Wait for it or end it, or choose "
            "another folder with --out"
        ) from None
    _held[key] = descriptor


def _holder(inode: int) -> str:
    """Return which process holds the lock on an inode, as far as the system tells."""
    try:
        lines = Path("/proc/locks").read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return ""
    for line in lines:  # `1: FLOCK  ADVISORY  WRITE 4711 fd:01:393217 0 EOF`
        words = line.split()
        if len(words) > 5 and words[1] == "FLOCK" and words[5].endswith(f":{inode}") and words[4] != "-1":
            return f" (process {words[4]})"
    return ""
