"""A pass over a dump on this machine: this process unpacks, the others look for items in the blocks."""

import multiprocessing
import queue
import time
from multiprocessing.context import SpawnContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from xleval.data.parallel import cores
from xleval.errors import BackendError, DataError, first_line
from xleval.polyfact.sources import Progress
from xleval.polyfact.sources.dump_counts import Counts, Pass
from xleval.polyfact.sources.dump_reader import BLOCK_BYTES, LineBlocks
from xleval.polyfact.sources.dump_stage import Stage

_EVERY_S = 5.0
_LOOK_S = 1.0
_MOST = 6  # processes that one unpacking process can keep busy: 1 GB/s of JSON, of which each takes 0.2 to 0.4
_SMALL = 16 << 20  # bytes of a file that is read before other processes have started


def run_pass(path: Path, work: Pass, *, workers: int | None, progress: Progress) -> Counts:
    """Read a dump once and return what was seen; the rows are in `work.folder`.

    Args:
        path: the dump.
        work: what to look for.
        workers: processes beside this one, which unpacks; None for as many as there are cores, up to
            what one unpacking process can feed, and none for a small file; 1 for this one alone.
        progress: is told every few seconds how far it is.

    Raises:
        DataError: the dump is cut or damaged; the message says how many items were read.
        BackendError: a process ended or failed.
    """
    is_small = path.exists() and path.stat().st_size <= _SMALL
    n_workers = workers or (1 if is_small else min(cores(), _MOST))
    with LineBlocks(path) as blocks:
        pace = _Pace(blocks, work.number, progress)
        counts, fault = (_alone if n_workers == 1 else _Pool(n_workers, work).run)(blocks, work, pace)
    if fault is not None:
        raise DataError(f"{fault} ({counts.items} items were read)") from fault
    return counts


class _Pace:
    """Says how far a pass is."""

    def __init__(self, blocks: LineBlocks, number: int, progress: Progress) -> None:
        self._blocks, self._number, self._progress = blocks, number, progress
        self._started = self._told = time.monotonic()

    def tell(self) -> None:
        """Tell it, if some seconds have passed."""
        now = time.monotonic()
        if now - self._told >= _EVERY_S:
            self._told = now
            rate = self._blocks.offset / (now - self._started) / 1e6
            self._progress(
                f"dump, pass {self._number} of 2: {self._blocks.share:.1%} of the file, "
                f"{self._blocks.offset / 1e9:.1f} GB of JSON, {rate:.0f} MB/s"
            )


def _alone(blocks: LineBlocks, work: Pass, pace: _Pace) -> tuple[Counts, DataError | None]:
    stage, fault = Stage(work, "0"), None
    buffer = memoryview(bytearray(BLOCK_BYTES))
    try:
        while True:
            offset = blocks.offset
            if not (size := blocks.read_into(buffer)):
                break
            stage.block(bytes(buffer[:size]), offset)
            pace.tell()
    except DataError as error:
        fault = error
    return stage.finish(), fault


class _Pool:
    """Processes that share a few blocks of memory with this one: a block is unpacked into one and copied out of it."""

    def __init__(self, n_workers: int, work: Pass) -> None:
        context: SpawnContext = multiprocessing.get_context("spawn")
        n_slots = n_workers + 2
        self._memory = [context.RawArray("c", BLOCK_BYTES) for _ in range(n_slots)]
        self._todo: Any = context.Queue()
        self._free: Any = context.Queue()
        self._done: Any = context.Queue()
        for slot in range(n_slots):
            self._free.put(slot)
        shared = (self._memory, self._todo, self._free, self._done)
        self._processes: list[BaseProcess] = [
            context.Process(target=_work, args=(work, str(index), *shared), daemon=True) for index in range(n_workers)
        ]

    def run(self, blocks: LineBlocks, work: Pass, pace: _Pace) -> tuple[Counts, DataError | None]:
        """Hand out all blocks and return what the processes saw."""
        fault: DataError | None = None
        for process in self._processes:
            process.start()
        try:
            try:
                self._hand_out(blocks, pace)
            except DataError as error:
                fault = error
            for _ in self._processes:
                self._todo.put(None)
            counts = Counts()
            for _ in self._processes:
                counts.add(self._ask(self._done))
        finally:
            for process in self._processes:
                process.terminate()
                process.join()
        return counts, fault

    def _hand_out(self, blocks: LineBlocks, pace: _Pace) -> None:
        while True:
            slot = self._ask(self._free)
            offset = blocks.offset
            size = blocks.read_into(memoryview(self._memory[slot]).cast("B"))
            if not size:
                return
            self._todo.put((slot, size, offset))
            pace.tell()

    def _ask(self, which: Any) -> Any:
        """Return the next message; raises BackendError when a process failed or is gone."""
        while True:
            try:
                found = which.get(timeout=_LOOK_S)
            except queue.Empty:
                gone = [process.exitcode for process in self._processes if process.exitcode]
                if gone:
                    raise BackendError(
                        f"a process that reads the dump ended with code {gone[0]}, perhaps for lack of memory; start "
                        "again, with fewer workers"
                    ) from None
                continue
            if isinstance(found, str):
                raise BackendError(f"a process that reads the dump failed: {found}")
            return found


def _work(work: Pass, name: str, memory: Any, todo: Any, free: Any, done: Any) -> None:
    """Run in a process of its own: take blocks until there is None."""
    import gc

    gc.disable()  # nothing here makes cycles, and the collector would walk all rows that are held
    try:
        stage = Stage(work, name)
        while (task := todo.get()) is not None:
            slot, size, offset = task
            data = bytes(memoryview(memory[slot]).cast("B")[:size])
            free.put(slot)
            stage.block(data, offset)
        done.put(stage.finish())
    except Exception as error:  # it goes to the process that waits
        message = f"{type(error).__name__}: {first_line(error)}"
        free.put(message)
        done.put(message)
