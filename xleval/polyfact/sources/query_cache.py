"""What endpoints have answered, on disk: a question is asked once, over kills and faults, and only whole answers are kept.

A question is about one item, however many one query held: batches may shrink and grow, and still nothing is asked twice.
Its key is the SHA-256 of endpoint, question and id; its answer is gzip'ed JSON with a checksum, in one SQLite file.
"""

import gzip
import hashlib
import json
import os
import sqlite3
import weakref
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from xleval.data.storage import make_folder
from xleval.errors import DataError
from xleval.polyfact.sources.patience import EndpointFault

FILE = "answers.sqlite"
_TABLE = "CREATE TABLE IF NOT EXISTS answers (key BLOB PRIMARY KEY, checksum BLOB NOT NULL, answer BLOB NOT NULL) WITHOUT ROWID"
#: How sure SQLite makes itself that an answer is on the disk: through a loss of power, not only of the process.
SYNCHRONOUS = "FULL"
_IN_ONE = 500  # keys in one SELECT


class QueryCache:
    """Answers of one endpoint, by question and item.

    Args:
        folder: holds the file; None keeps nothing.
        endpoint: whose answers these are; part of every key.
        say: is told when a damaged file is set aside.

    Raises:
        DataError: the folder cannot be written.
    """

    def __init__(self, folder: Path | None, endpoint: str, say: Callable[[str], None] = lambda _: None) -> None:
        self._endpoint = endpoint
        self._asked: dict[str, set[str]] = {}
        self._path = make_folder(folder) / FILE if folder is not None else None
        self._database = self._open(say) if self._path is not None else None
        if self._database is not None:
            # a fault on the way to close() must not leave the file open: Python 3.13 warns of it
            weakref.finalize(self, self._database.close)

    def find(self, question: str, ids: Iterable[str]) -> Iterator[tuple[str, object]]:
        """Yield the ids that have an answer, with it; a damaged one counts as none. The questions count as asked."""
        wanted = list(ids)
        self._asked.setdefault(question, set()).update(wanted)
        for start in range(0, len(wanted), _IN_ONE):
            keys = {self._key(question, each): each for each in wanted[start : start + _IN_ONE]}
            for key, checksum, packed in self._stored(list(keys)):
                if hashlib.sha256(key + packed).digest() == checksum:
                    yield keys[key], json.loads(gzip.decompress(packed))

    def store(self, question: str, answers: Mapping[str, object]) -> None:
        """Keep whole answers, all or none of them.

        Raises:
            DataError: the disk is full or the file cannot be written.
        """
        if self._database is None:
            return
        rows = []
        for each, answer in answers.items():
            key = self._key(question, each)
            packed = gzip.compress(json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode(), mtime=0)
            rows.append((key, hashlib.sha256(key + packed).digest(), packed))
        with self._guarded(), self._database:
            self._database.executemany("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", rows)

    def n_stored(self) -> int:
        """Return how many answers the file holds, of this endpoint and others."""
        if self._database is None:
            return 0
        with self._guarded():
            return int(self._database.execute("SELECT COUNT(*) FROM answers").fetchone()[0])

    @contextmanager
    def telling_what_is_kept(self) -> Iterator[None]:
        """Add to a fault that ends the work how to go on."""
        try:
            yield
        except EndpointFault as fault:
            kept = self.n_stored()
            if kept:
                raise type(fault)(f"{fault}. The {kept:,} answers so far are kept: go on with --resume") from fault
            raise

    def asked(self) -> tuple[int, str]:
        """Return how many questions were asked so far, and the SHA-256 over all of them.

        Batches, faults, answers from disk and the order make no difference: the same questions give the same digest.
        """
        digest = hashlib.sha256(self._endpoint.encode())
        for question in sorted(self._asked):
            digest.update(b"\0" + question.encode())
            for each in sorted(self._asked[question]):
                digest.update(b"\n" + each.encode())
        return sum(map(len, self._asked.values())), digest.hexdigest()

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _key(self, question: str, each: str) -> bytes:
        return hashlib.sha256("\0".join((self._endpoint, question, each)).encode()).digest()

    def _stored(self, keys: list[bytes]) -> list[tuple[bytes, bytes, bytes]]:
        if self._database is None:
            return []
        marks = ",".join("?" * len(keys))
        with self._guarded():
            return self._database.execute(
                f"SELECT key, checksum, answer FROM answers WHERE key IN ({marks})", keys
            ).fetchall()

    def _open(self, say: Callable[[str], None]) -> sqlite3.Connection:
        if self._path is None:
            raise TypeError("a cache without a folder has no file")
        try:
            return self._connect(self._path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise DataError(f"cannot use {self._path}: {error}. Choose a folder that can be written") from error
            damaged = self._path.with_suffix(".damaged")
            os.replace(self._path, damaged)
            say(f"{self._path} is damaged ({error}) and is kept as {damaged.name}; what it held is asked again")
            return self._connect(self._path)

    @staticmethod
    def _connect(path: Path) -> sqlite3.Connection:
        database = sqlite3.connect(path, check_same_thread=False)
        try:
            found = database.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise sqlite3.DatabaseError(found)
            database.execute(f"PRAGMA synchronous = {SYNCHRONOUS}")
            with database:
                database.execute(_TABLE)
        except BaseException:
            database.close()
            raise
        return database

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, zlib.error) as error:
            raise DataError(
                f"cannot use {self._path}: {error}. Is the disk full? If it is damaged, remove it and go on with --resume"
            ) from error
