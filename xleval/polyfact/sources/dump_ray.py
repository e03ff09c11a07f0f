"""A pass over a dump on a Ray cluster: one task unpacks, and Ray Data spreads the blocks over all machines.

The dump and `options.work` must have the same path on every machine: blocks travel through Ray, rows are written where they
are made.
"""

import json
import logging
import uuid
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from xleval.data.ray_cluster import Cluster, first_line
from xleval.errors import BackendError, DataError, MissingExtra
from xleval.polyfact.sources import Progress
from xleval.polyfact.sources.dump_counts import Counts, Pass
from xleval.polyfact.sources.dump_reader import BLOCK_BYTES, LineBlocks
from xleval.polyfact.sources.dump_stage import Stage

try:
    import pyarrow as pa
    import ray.data  # after ray_cluster, which sets how Ray is imported
    import ray.exceptions
    from ray.data import Datasource, ReadTask
    from ray.data.block import BlockMetadata
except ModuleNotFoundError as error:
    raise MissingExtra("ray", "the ray executor") from error


class _Dump(Datasource):
    """The blocks of a dump as rows: bytes of whole lines, or what is wrong with the dump."""

    def __init__(self, path: Path) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._path = path.resolve()

    def estimate_inmemory_data_size(self) -> int | None:
        """Unknown: the dump is compressed."""
        return None

    def get_read_tasks(self, parallelism: int, *_: Any, **__: Any) -> list[ReadTask]:
        """Return one task: an archive is unpacked from its beginning."""
        path = self._path
        metadata = BlockMetadata(num_rows=None, size_bytes=None, input_files=(str(path),), exec_stats=None)
        return [ReadTask(lambda: _blocks(path), metadata)]


def _blocks(path: Path) -> Iterator[pa.Table]:
    buffer = memoryview(bytearray(BLOCK_BYTES))
    with LineBlocks(path) as blocks:
        while True:
            offset, fault, size = blocks.offset, "", 0
            try:
                size = blocks.read_into(buffer)
            except DataError as error:
                fault = str(error)
            if not size and not fault:
                return
            yield pa.table({"data": [bytes(buffer[:size])], "offset": [offset], "fault": [fault]})
            if fault:
                return


def _stage(batch: pa.Table, work: Pass) -> pa.Table:
    """Return the counts of some blocks; their rows are written to parts of their own."""
    stage = Stage(work, uuid.uuid4().hex[:12])
    for data, offset in zip(batch.column("data"), batch.column("offset").to_pylist(), strict=True):
        stage.block(data.as_py(), offset)
    fault = "".join(batch.column("fault").to_pylist())
    return pa.table({"counts": [json.dumps(stage.finish().to_json())], "fault": [fault]})


def run_pass(path: Path, work: Pass, *, workers: int | None, progress: Progress) -> Counts:
    """Read a dump once and return what was seen, as `dump_local.run_pass` does.

    Args:
        path: the dump.
        work: what to look for.
        workers: blocks that are worked on at a time; None for as many as the cluster has room for.
        progress: is told how far it is.

    Raises:
        DataError: the dump is cut or damaged; the message says how many items were read.
        BackendError: the cluster cannot be reached, or its workers cannot go on.
    """
    LineBlocks(path).__exit__(None, None, None)  # a wrong path ends here, not on the cluster
    cluster = Cluster(None)
    cluster.nodes()
    counts, fault = Counts(), ""
    try:
        with _quiet():
            for row in _rows(path, work, workers):
                counts.add(Counts.from_json(json.loads(row["counts"])))
                fault = fault or row["fault"]
                progress(f"dump, pass {work.number} of 2: {counts.json_bytes / 1e9:.1f} GB of JSON")
    except ray.exceptions.RayError as error:
        raise BackendError(f"the workers cannot go on: {first_line(error)}") from error
    finally:
        cluster.close()
    if fault:
        raise DataError(f"{fault} ({counts.items} items were read)")
    return counts


def _rows(path: Path, work: Pass, workers: int | None) -> Iterator[dict[str, Any]]:
    dataset = ray.data.read_datasource(_Dump(path), override_num_blocks=1).map_batches(
        _stage,
        batch_size=None,
        batch_format="pyarrow",
        zero_copy_batch=True,
        fn_kwargs={"work": work},
        concurrency=workers,
    )
    dataset.context.enable_progress_bars = False
    dataset.context.print_on_execution_start = False
    batches: Iterable[Any] = dataset.iter_batches(batch_size=None, prefetch_batches=0, batch_format="pyarrow")
    for table in batches:
        yield from table.to_pylist()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Ray Data's messages from the console."""
    logger = logging.getLogger("ray.data")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
