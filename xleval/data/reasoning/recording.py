"""A thread that writes to a journal, so that a translator need not wait for the disk after each text."""

import queue
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from xleval.data.journal import Journal
from xleval.errors import DataError

#: Rows that may wait for the disk; who brings more waits with them.
_WAITING = 4096


class Recorder:
    """Takes rows for a journal and writes them at once; those that come while the disk is busy go together.

    The rows are in `journal.rows` when the recorder has been left.

    Args:
        journal: nothing else may write to it meanwhile.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._rows: queue.Queue[tuple[str, Mapping[str, object]] | None] = queue.Queue(maxsize=_WAITING)
        self._error: DataError | None = None
        self._thread = threading.Thread(target=self._work, name="xleval-recorder", daemon=True)

    def put(self, key: str, row: Mapping[str, object]) -> None:
        """Take a row.

        Raises:
            DataError: an earlier one could not be written.
        """
        self._check()
        self._rows.put((key, row))

    def __enter__(self) -> Self:
        """Start the thread."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait until everything is on the disk, also when the build is being stopped."""
        self._rows.put(None)
        self._thread.join()
        if kind is None:
            self._check()

    def _check(self) -> None:
        if self._error is not None:
            raise self._error

    def _work(self) -> None:
        ended = False
        while not ended:
            waiting = [self._rows.get()]
            while not self._rows.empty() and len(waiting) < _WAITING:
                waiting.append(self._rows.get())
            ended = None in waiting
            rows = [{row[0]: row[1]} for row in waiting if row is not None]
            if rows and self._error is None:  # after an error what comes is still taken off: nobody waits for ever
                try:
                    self._journal.append(*rows)
                except DataError as error:
                    self._error = error
