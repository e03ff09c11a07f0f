"""One xleval command line as a process of its own: its output in files, and ended with the study that called it."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from xleval.errors import DataError

#: Seconds that a step has to end by itself when the study is stopped: a training writes nothing then, an engine lets go of
#: its memory.
_GRACE = 20.0
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def command_line(words: Sequence[str]) -> list[str]:
    """Return the words of a process that does what `xleval WORDS` does, with this Python.

    As with the command `xleval`, modules of the working folder are not imported (`-P`), unless this process does so, too.
    """
    here = bool(sys.path) and sys.path[0] in ("", str(Path.cwd()))
    return [sys.executable, *([] if here else ["-P"]), "-m", "xleval", *words]


def call(words: Sequence[str], *, log: Path, kept: Path | None, lock: int) -> int:
    """Run a command line to its end and return its exit code; below 0: ended by that signal.

    It is ended when this process is stopped, and on Linux also when it is killed.

    Args:
        words: after `xleval`.
        log: file that its output is added to.
        kept: file that its standard output goes to in place of the log; None for the log.
        lock: descriptor of the study's lock, which it inherits: while it runs nobody else writes there.

    Raises:
        DataError: the files cannot be written.
        KeyboardInterrupt: the study was stopped; the step is ended, too.
    """
    try:
        with contextlib.ExitStack() as files:
            errors = files.enter_context(log.open("ab", buffering=0))
            output = errors if kept is None else files.enter_context(kept.open("wb"))
            process = subprocess.Popen(
                command_line(words), stdin=subprocess.DEVNULL, stdout=output, stderr=errors, start_new_session=True,
                pass_fds=(lock,), preexec_fn=_ends_with_parent(), env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )  # fmt: skip
    except OSError as error:
        raise DataError(f"cannot run a step with its log in {log}: {error.strerror}. Free space or memory") from error
    try:
        return process.wait()
    except BaseException:
        _end(process)
        raise


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a process and what it started: as Ctrl-C first, then at once."""
    for sign, patience in ((signal.SIGINT, _GRACE), (signal.SIGKILL, None)):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)


def _ends_with_parent() -> Callable[[], None] | None:
    """Return what lets a new process end with this one, also by SIGKILL; None where the system cannot."""
    if sys.platform != "linux":
        return None
    import ctypes

    set_option = ctypes.CDLL(None, use_errno=True).prctl  # before the fork: afterwards nothing may be loaded
    return lambda: set_option(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def last_error(log: Path, begin: int) -> str:
    """Return the last error line of a log, else its last line, else an empty text.

    Args:
        log: of a step.
        begin: where the output of its last call begins, in bytes.
    """
    try:
        with log.open("rb") as file:
            file.seek(begin)
            lines = [line.strip() for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    except OSError:
        return ""
    errors = [line for line in lines if line.startswith("xleval: ")]
    return (errors or lines or [""])[-1][:1000]
