"""SIGTERM in a process of its own: what it raises, and what it leaves alone."""

import signal
import subprocess
import sys

import pytest

#: Prints what came of a SIGTERM that the process sends itself, and of one that a forked child gets.
_SCRIPT = """
import os, signal, sys, time
from xleval.termination import Terminated, stopped_by_sigterm
if sys.argv[1] == "ignored":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
try:
    with stopped_by_sigterm():
        if sys.argv[1] == "child":
            ready, tell = os.pipe()
            child = os.fork()
            if not child:
                os.write(tell, b".")  # before it is here Python itself drops signals
                time.sleep(60)
                os._exit(0)
            os.read(ready, 1)
            os.kill(child, signal.SIGTERM)
            print("child", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        else:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.2)
            print("went on")
except KeyboardInterrupt as error:
    print(type(error).__name__, "with the handler of before:", signal.getsignal(signal.SIGTERM) is signal.SIG_DFL)
"""


@pytest.mark.parametrize(
    ("how", "printed"),
    [
        ("here", "Terminated with the handler of before: True"),
        ("child", f"child {-signal.SIGTERM}"),
        ("ignored", "went on"),
    ],
)
def test_sigterm_ends_this_process_as_ctrl_c_does_and_a_child_at_once(how: str, printed: str) -> None:
    done = subprocess.run([sys.executable, "-c", _SCRIPT, how], capture_output=True, text=True, check=True, timeout=120)
    assert (done.stdout, done.stderr) == (f"{printed}\n", "")
