"""Requests to a model through the journal: what is finished is written and scored while the engine goes on."""

import queue
import threading
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import asdict, fields
from importlib import import_module
from pathlib import Path
from typing import Any

from xleval.data.journal import Journal
from xleval.data.storage import sha256_of
from xleval.errors import BackendError
from xleval.evalkit.backends.base import Backend
from xleval.evalkit.outcome_rows import from_row, to_row
from xleval.evalkit.requests import Completion, Encoded, Message, Outcome, Sampling, Unscored

#: groups, and characters of their completions, that wait for the disk at most; a slow disk then slows the engine and
#: memory does not grow
_WAITING, _WAITING_CHARS = 512, 1 << 20
#: groups that share one wait for the disk
_AT_ONCE = 256

#: Is told `(done, total)` requests.
Progress = Callable[[int, int], None]
#: Takes the place of a request in the run, and its outcome.
Take = Callable[[int, Outcome], None]


def answer(
    backend: Backend,
    encoded: Sequence[Encoded],
    fingerprint: Mapping[str, Any],
    journal_path: Path,
    take: Take,
    progress: Progress = lambda done, total: None,
) -> Callable[[int], Outcome]:
    """Give `take` the outcome of every request, from the journal or else from the model; return how to read one again.

    Outcomes stay in the journal: what is returned takes the place of a request and reads its outcome there.

    The plan is made from all requests, also those that are in the journal, so that a batch is asked again just as it
    was. What the journal holds as unscored is asked again, alone: it was not answered. Finished groups go to a thread of
    their own, which writes them to the disk and then hands them to `take`.

    Args:
        backend: the model.
        encoded: all requests of the run.
        fingerprint: of the model, part of each request's name in the journal.
        journal_path: the journal; it is made where there is none.
        take: is called from one thread, once a request.
        progress: is told how many requests are answered.

    Raises:
        DataError: the journal is damaged or cannot be written.
        BackendError: the model fails as a whole, or leaves out a request.
    """
    ids = [_request_id(each, fingerprint) for each in encoded]
    place = {each.key: index for index, each in enumerate(encoded)}
    plan = backend.plan(encoded)
    with Journal(journal_path) as journal:
        unscored = unscored_ids(journal.rows)
        pending = [left for batch in plan if (left := _left_to_ask(batch, ids, journal.rows, unscored))]
        again = {index for batch in pending for index in batch}
        standing = {name: number for number, name in enumerate(journal.rows)}  # so that a line is read once
        known = sorted(set(range(len(encoded))) - again, key=lambda index: standing[ids[index]])
        done = len(known)
        progress(done, len(encoded))
        with _Recorder(journal, ids, take, known) as recorder:
            for group in backend.run([encoded[index] for index in batch] for batch in pending):
                recorder.put([(place[outcome.key], outcome) for outcome in group])
                done += len(group)
                progress(done, len(encoded))
        if done != len(encoded):
            raise BackendError(f"the backend answered {done} of {len(encoded)} requests; --resume asks for the rest")
        rows = journal.rows
    return lambda index: from_row(rows[ids[index]])


def has_unscored(journal_path: Path) -> bool:
    """Return whether a journal holds a request that the model did not answer.

    Raises:
        DataError: it is damaged.
    """
    if not journal_path.is_file():
        return False
    with Journal(journal_path) as journal:
        return bool(unscored_ids(journal.rows))


def unscored_ids(rows: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Return the ids of the requests that the model did not answer, of a journal's rows."""
    return {name for name, row in rows.items() if row.get("type") == Unscored.__name__}


def _left_to_ask(
    batch: Sequence[int], ids: Sequence[str], known: Container[str], unscored: Container[str]
) -> list[int]:
    """Return what a batch still asks: all of it where it is not in the journal, else what was not answered."""
    if not all(ids[index] in known for index in batch):
        return list(batch)
    return [index for index in batch if ids[index] in unscored]


class _Recorder:
    """A thread that hands on what the journal holds, then writes finished groups to it and hands those on, too."""

    def __init__(self, journal: Journal, ids: Sequence[str], take: Take, known: Sequence[int]) -> None:
        self._journal, self._ids, self._take, self._known = journal, ids, take, known
        self._groups: queue.Queue[list[tuple[int, Outcome]] | None] = queue.Queue(maxsize=_WAITING)
        self._error: Exception | None = None
        self._stopping = False
        self._n_chars = 0  # of the groups that wait, or are being written
        self._written = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="xleval-recorder", daemon=True)

    def put(self, group: list[tuple[int, Outcome]]) -> None:
        """Take a group that was finished just now; raises what went wrong with an earlier one."""
        self._check()
        with self._written:
            self._written.wait_for(lambda: self._n_chars < _WAITING_CHARS)
            self._n_chars += _n_chars(group)
        self._groups.put(group)

    def __enter__(self) -> "_Recorder":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """Wait until everything finished is on the disk, also when the run is being stopped."""
        self._stopping = kind is not None
        self._groups.put(None)
        self._thread.join()
        if kind is None:
            self._check()

    def _check(self) -> None:
        if self._error is not None:
            raise self._error

    def _work(self) -> None:
        _warm_up()
        ended = False
        try:
            for index in self._known:
                if self._stopping:
                    break
                self._take(index, from_row(self._journal.rows[self._ids[index]]))
        except Exception as error:  # handed to the run's own thread, whatever it is
            self._error = error
        while not ended:
            waiting = [self._groups.get()]
            while len(waiting) < _AT_ONCE and not self._groups.empty():
                waiting.append(self._groups.get())
            ended = None in waiting
            groups = [group for group in waiting if group is not None]
            if self._error is None:  # after an error what comes is still taken off, so that nobody waits for ever
                try:
                    self._record(groups)
                except Exception as error:  # handed to the run's own thread, whatever it is
                    self._error = error
            with self._written:
                self._n_chars -= sum(map(_n_chars, groups))
                self._written.notify()

    def _record(self, groups: Sequence[list[tuple[int, Outcome]]]) -> None:
        if groups:
            self._journal.append(*({self._ids[index]: to_row(outcome) for index, outcome in group} for group in groups))
        for group in groups:
            for index, outcome in group:
                self._take(index, outcome)


def _n_chars(group: Sequence[tuple[int, Outcome]]) -> int:
    return sum(len(outcome.text) for _, outcome in group if isinstance(outcome, Completion))


def _warm_up() -> None:
    """Import what the end of a run needs, while the engine is at work."""
    for module in ("pandas", "pyarrow.parquet", "xleval.evalkit.report", "xleval.evalkit.results", "jinja2"):
        try:
            import_module(module)  # pyarrow imports pandas by itself where there is one
        except ModuleNotFoundError:
            continue


def _request_id(encoded: Encoded, fingerprint: Mapping[str, Any]) -> str:
    """Return the content key of a request: model, token ids and how they are continued."""
    return sha256_of([fingerprint, type(encoded).__name__, _content(encoded)])


def _content(encoded: Encoded) -> dict[str, object]:
    """Return the fields of a request as JSON values, without copying its token ids one by one."""
    return {field.name: _as_json(getattr(encoded, field.name)) for field in fields(encoded)}


def _as_json(value: object) -> object:
    if isinstance(value, Sampling | Message):
        return asdict(value)
    if isinstance(value, tuple) and value and isinstance(value[0], Message):
        return [asdict(turn) for turn in value]
    return value
