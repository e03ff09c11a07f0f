import os
import signal

import pytest

from xleval.data import parallel
from xleval.data.parallel import in_parallel
from xleval.errors import DataError


def test_results_come_in_the_order_of_the_parts_from_other_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "cores", lambda: 2)
    held = {number: [number] * 1000 for number in range(20)}  # seen by the children without being sent
    found = list(in_parallel(lambda part: (sum(held[part]), os.getpid()), range(20), size=20, worth=1))
    assert [total for total, _ in found] == [1000 * number for number in range(20)]
    assert os.getpid() not in {process for _, process in found}


def test_little_work_is_done_here() -> None:
    assert {process for process in in_parallel(lambda _: os.getpid(), range(5), size=5, worth=6)} == {os.getpid()}


def test_an_error_of_a_part_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "cores", lambda: 2)
    with pytest.raises(ZeroDivisionError):
        list(in_parallel(lambda part: 1 // part, [1, 0], size=2, worth=1))
    assert list(in_parallel(lambda part: part, [1, 2], size=2, worth=1)) == [1, 2]  # and the next one works


def test_a_killed_process_is_an_error_and_no_endless_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "cores", lambda: 2)
    with pytest.raises(DataError, match="was killed, perhaps for lack of memory"):
        list(in_parallel(lambda part: os.kill(os.getpid(), signal.SIGKILL), [1, 2], size=2, worth=1))
