"""Requests to a model through the journal: what is finished is written and scored while the engine goes on."""

import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from importlib import import_module
from pathlib import Path
from typing import Any

from xleval.data.journal import Journal
from xleval.data.storage import sha256_of
from xleval.errors import BackendError, DataError
from xleval.evalkit.backends.base import Backend
from xleval.evalkit.requests import (
    ChoiceScores,
    Completion,
    Encoded,
    Message,
    Outcome,
    Sampling,
    Unscored,
)

_OUTCOMES: Mapping[str, type[Outcome]] = {kind.__name__: kind for kind in (ChoiceScores, Completion, Unscored)}
#: groups that wait for the disk at most; a slow disk then slows the engine and memory does not grow
_WAITING = 4096
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
) -> None:
    """Give `take` the outcome of every request, from the journal or else from the model.

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
        pending = [left for batch in plan if (left := _left_to_ask(batch, ids, journal.rows))]
        again = {index for batch in pending for index in batch}
        known = [index for index in range(len(encoded)) if index not in again]
        done = len(known)
        progress(done, len(encoded))
        with _Recorder(journal, ids, take) as recorder:
            recorder.take_known([(index, from_row(journal.rows[ids[index]])) for index in known])
            for group in backend.run([encoded[index] for index in batch] for batch in pending):
                recorder.put([(place[outcome.key], outcome) for outcome in group])
                done += len(group)
                progress(done, len(encoded))
        if done != len(encoded):
            raise BackendError(f"the backend answered {done} of {len(encoded)} requests; --resume asks for the rest")


def has_unscored(journal_path: Path) -> bool:
    """Return whether a journal holds a request that the model did not answer.

    Raises:
        DataError: it is damaged.
    """
    if not journal_path.is_file():
        return False
    with Journal(journal_path) as journal:
        return any(row.get("type") == Unscored.__name__ for row in journal.rows.values())


def _left_to_ask(batch: Sequence[int], ids: Sequence[str], rows: Mapping[str, Mapping[str, Any]]) -> list[int]:
    """Return what a batch still asks: all of it where it is not in the journal, else what was not answered."""
    if not all(ids[index] in rows for index in batch):
        return list(batch)
    return [index for index in batch if rows[ids[index]].get("type") == Unscored.__name__]


class _Recorder:
    """A thread that writes finished groups to the journal and then hands them on."""

    def __init__(self, journal: Journal, ids: Sequence[str], take: Take) -> None:
        self._journal, self._ids, self._take = journal, ids, take
        self._groups: queue.Queue[tuple[bool, list[tuple[int, Outcome]]] | None] = queue.Queue(maxsize=_WAITING)
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._work, name="xleval-recorder", daemon=True)

    def put(self, group: list[tuple[int, Outcome]]) -> None:
        """Take a group that was finished just now; raises what went wrong with an earlier one."""
        self._check()
        self._groups.put((True, group))

    def take_known(self, group: list[tuple[int, Outcome]]) -> None:
        """Take what the journal holds already."""
        self._groups.put((False, group))

    def __enter__(self) -> "_Recorder":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """Wait until everything finished is on the disk, also when the run is being stopped."""
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
        while not ended:
            waiting = [self._groups.get()]
            while len(waiting) < _AT_ONCE and not self._groups.empty():
                waiting.append(self._groups.get())
            ended = None in waiting
            if self._error is None:  # after an error what comes is still taken off, so that nobody waits for ever
                try:
                    self._record([group for group in waiting if group is not None])
                except Exception as error:  # handed to the run's own thread, whatever it is
                    self._error = error

    def _record(self, groups: Sequence[tuple[bool, list[tuple[int, Outcome]]]]) -> None:
        new = [{self._ids[index]: to_row(outcome) for index, outcome in group} for is_new, group in groups if is_new]
        if new:
            self._journal.append(*new)
        for _, group in groups:
            for index, outcome in group:
                self._take(index, outcome)


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


def to_row(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as it stands in the journal."""
    return {"type": type(outcome).__name__, **asdict(outcome)}


def from_row(row: Mapping[str, Any]) -> Outcome:
    """Return the outcome of a row of the journal.

    Raises:
        DataError: another version wrote it.
    """
    kind = _OUTCOMES.get(str(row.get("type")))
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in row.items() if name != "type"
    }
    try:
        if kind is None:
            raise TypeError("unknown type")
        return kind(**values)
    except TypeError as error:
        raise DataError(
            f"the journal holds an outcome of type {row.get('type')!r} that this version cannot read"
        ) from error
