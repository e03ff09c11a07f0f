"""Whether two mathematical expressions are equal, asked of `math-verify` in a process of its own.

`math-verify` bounds its time with `signal.alarm`, which works in the main thread only and cannot stop one long integer
power; and SymPy can fill the memory. So a child process compares: it is killed when it does not answer, whatever thread
or worker process asked. It starts at the first question (about two seconds), is kept, and ends with its parent.
"""

import atexit
import contextlib
import importlib
import importlib.util
import json
import os
import select
import subprocess
import sys
import threading

from xleval.errors import BackendError, MissingExtra

#: Seconds for one comparison before it counts as not equivalent. Ordinary ones take milliseconds.
TIMEOUT = 5
_START_TIMEOUT = 120
_MEMORY = 4 * 2**30
_PROGRAM = "from xleval.evalkit.math_worker import serve; serve()"


def require() -> None:
    """Check that `math-verify` is installed; ask it at the start of a task, before any model is loaded.

    Raises:
        MissingExtra: it is not.
    """
    if importlib.util.find_spec("math_verify") is None or importlib.util.find_spec("antlr4") is None:
        raise MissingExtra("math", "comparing mathematical expressions")


class MathWorker:
    """A child process that compares expressions; for any number of threads, one at a time."""

    def __init__(self, timeout: float = TIMEOUT) -> None:
        self._timeout = timeout
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def compare(self, answer: str, gold: str) -> bool:
        """Return whether two expressions, LaTeX or plain, are equal; False too for one that takes too long to compare.

        Raises:
            MissingExtra: `math-verify` is not installed.
            BackendError: the process does not start.
        """
        with self._lock:
            process = self._running()
            question = json.dumps([answer, gold]) + "\n"
            try:
                reply = self._ask(process, question, self._timeout)
            except OSError:  # it died of the previous question after it had answered
                reply = None
            if reply is None:
                self._stop()
            return reply == "yes"

    def close(self) -> None:
        """End the child process; the next question starts another one."""
        with self._lock:
            self._stop()

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is not None and self._owner == os.getpid() and self._process.poll() is None:
            return self._process
        require()
        self._stop()
        process = subprocess.Popen(  # in a forked worker the parent's child is not ours to talk to
            [sys.executable, "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        self._process, self._owner = process, os.getpid()
        if self._ask(process, "", _START_TIMEOUT) != "ready":
            self._stop()
            raise BackendError(
                "the process that compares mathematical expressions did not start;"
                " try python -c 'import math_verify' and repair what it names"
            )
        return process

    @staticmethod
    def _ask(process: "subprocess.Popen[bytes]", question: str, timeout: float) -> str | None:
        """Return the reply to a question, or None where none came in time."""
        if process.stdin is None or process.stdout is None:
            return None
        if question:
            process.stdin.write(question.encode())
        poll = select.poll()
        poll.register(process.stdout.fileno(), select.POLLIN)
        if not poll.poll(timeout * 1000):
            return None
        return os.read(process.stdout.fileno(), 64).decode().strip() or None

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def serve() -> None:
    """Answer the questions on standard input, one JSON pair [answer, gold] a line, with `yes` or `no`, until it ends."""
    import resource

    library = importlib.import_module("math_verify")
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # nothing that a library prints is a reply
    out.write("ready\n")
    out.flush()
    for line in sys.stdin:
        answer, gold = json.loads(line)
        try:
            parsed = [library.parse(f"${text}$", parsing_timeout=None, raise_on_error=False) for text in (gold, answer)]
            same = all(parsed) and library.verify(parsed[0], parsed[1], timeout_seconds=None, raise_on_error=False)
        except (MemoryError, RecursionError):
            same = False
        out.write("yes\n" if same else "no\n")
        out.flush()


#: The process of this session.
WORKER = MathWorker()
atexit.register(WORKER.close)
