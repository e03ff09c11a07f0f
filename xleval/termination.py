"""SIGTERM, as schedulers and `kill` send it: a command ends as on Ctrl-C, with the exit code that the system gives it."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

TERMINATED = 143  # 128 + SIGTERM

#: whether SIGTERM raises `Terminated` in this process
_taken = False


class Terminated(KeyboardInterrupt):
    """SIGTERM came: what cleans up after Ctrl-C does so, too."""


@contextmanager
def stopped_by_sigterm() -> Iterator[None]:
    """Let SIGTERM raise `Terminated` in what runs inside, so that it lets go of its engines and closes its files.

    Processes that are forked inside end at once, as without it: whoever made them cleans up. Where SIGTERM is ignored,
    and outside of the main thread, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():  # signals are the main thread's
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    if before is signal.SIG_IGN:
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise Terminated

    global _taken
    signal.signal(signal.SIGTERM, stop)
    outer, _taken = _taken, True
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL if before is None else before)
        _taken = outer


def _give_back() -> None:
    """Let SIGTERM end a forked process as it ends any: its handler in Python would wait for C code to return."""
    if _taken:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_give_back)
