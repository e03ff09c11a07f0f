"""The `ray` backend: another backend in many worker processes, on one machine or a cluster, scheduled by Ray Data."""

import json
import logging
import math
import os
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from xleval.data.ray_cluster import Cluster, Pool, first_line, fit_pool
from xleval.errors import BackendError, ConfigError, MissingExtra, unknown_name
from xleval.evalkit.backends import load_backend, split_model
from xleval.evalkit.backends.base import Backend
from xleval.evalkit.backends.ray_worker import Plain, Worker, pack_units
from xleval.evalkit.outcome_rows import from_row
from xleval.evalkit.requests import Encoded, Outcome, Request

try:
    import pyarrow
    import ray
    import ray.data
    import ray.exceptions
    from ray.data.exceptions import SystemException
except ModuleNotFoundError as error:
    raise MissingExtra("ray", "the ray backend") from error

WORKERS = ("vllm", "hf", "mock")
#: requests a unit of work, at least and at most; vLLM batches by itself and idles at the end of a unit
_UNIT, _UNITS = (1, 64), {"vllm": (64, 1024)}
#: units that every worker gets where there are enough requests, so that all end at about the same time
_UNITS_PER_WORKER = 4
#: cores beyond which one process gains little; vLLM takes the whole machine
_CPUS_MOST = {"vllm": math.inf}
#: a worker that dies is started again so often, and its unit given to it again
_RESTARTS = 3


class RayBackend:
    """A model in several worker processes; implements `Backend`.

    This process encodes and plans with a backend of its own, which never loads weights; every worker loads the model.
    Several whole batches are a unit of work, whose outcomes come back together.

    Args:
        model: what the workers' backend takes; a folder must be at the same path on every machine.
        worker: backend of the workers: vllm, hf or mock; auto is vllm where it is installed and there are GPUs, else hf.
        num_workers: worker processes; by default as many as there are GPUs for, and without GPUs one for every 8 cores
            (vLLM: one a machine), at least 1. It changes no output.
        unit_size: requests that a worker is given at once, in whole batches; auto is a quarter of a worker's share, at
            most 64, for vLLM from 64 to 1,024. What is finished is in the journal unit by unit.
        gpus_per_worker: by default 0 without GPUs and for `device=cpu`, else `tensor_parallel_size` times
            `pipeline_parallel_size` for vLLM and 1 for hf; below 1 workers share a GPU. All are on one machine.
        cpus_per_worker: cores of a worker, also its number of threads where it has no GPU; by default 1 with GPUs, else
            an equal share, at most 8 for hf.
        address: of a running Ray cluster, or `auto` for the one on this machine; by default `$RAY_ADDRESS`, else a
            cluster of this machine's own, which `close` ends.
        worker_options: options of the workers' backend.

    Raises:
        ConfigError: an option is not usable.
        BackendError: the cluster cannot be reached.
    """

    def __init__(
        self,
        model: str,
        *,
        worker: str = "auto",
        num_workers: int | None = None,
        unit_size: int | str = "auto",
        gpus_per_worker: float | None = None,
        cpus_per_worker: int | None = None,
        address: str | None = None,
        **worker_options: Plain,
    ) -> None:
        _check(num_workers, unit_size, gpus_per_worker, cpus_per_worker, worker_options)
        self._cluster = Cluster(address)
        worker, model = split_model(worker, model)
        if worker == "auto":
            worker = "vllm" if find_spec("vllm") and self._cluster.has_gpus() else "hf"
        if worker not in WORKERS:
            raise unknown_name("worker of backend ray", worker, ["auto", *WORKERS])
        # a worker may run in another folder
        self._worker, self._model = worker, _from_anywhere(model)
        lora = worker_options.get("lora")
        self._options = {**worker_options, "lora": _from_anywhere(lora)} if isinstance(lora, str) else worker_options
        self._num_workers, self._unit_size = num_workers, unit_size
        self._gpus, self._cpus = gpus_per_worker, cpus_per_worker
        self._inner: Backend = load_backend(worker, model, **worker_options)
        #: of the worker's backend, where it has one: what the model was trained with is beside its weights
        self.checkpoint = getattr(self._inner, "checkpoint", None)
        self.has_chat_template = self._inner.has_chat_template
        self.fingerprint: Mapping[str, str] = MappingProxyType(
            {**self._inner.fingerprint, "backend": "ray", "worker": worker, "ray": ray.__version__}
        )
        #: requests answered so far by each worker process, called HOST:PID
        self.answered_by: Counter[str] = Counter()

    def encode(self, requests: Sequence[Request]) -> list[Encoded]:
        """Return the requests as the workers' backend takes them, in order; see there for the errors."""
        return self._inner.encode(requests)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, without special ones."""
        return self._inner.count_tokens(texts)

    def plan(self, encoded: Sequence[Encoded]) -> list[list[int]]:
        """Return the batches of the workers' backend."""
        return self._inner.plan(encoded)

    def run(self, batches: Iterable[Sequence[Encoded]]) -> Iterator[list[Outcome]]:
        """Yield the outcomes of each batch as a group, unit by unit as workers finish them; each call starts workers.

        Raises:
            ConfigError: the cluster has no room for the workers.
            BackendError: the cluster cannot be reached, a worker's backend fails, or a worker dies again and again.
        """
        waiting = list(batches)
        if not waiting:
            return
        pool = self._pool()
        with _quiet():
            units = pack_units(waiting, self._most_in_unit(waiting, pool))
            for row in _in_our_words(self._rows(units, pool)):
                for group in json.loads(row["groups"]):
                    self.answered_by[row["worker"]] += len(group)
                    yield [from_row(outcome) for outcome in group]
                if row["error"]:
                    raise BackendError(f"worker {row['worker']}: {row['error']}")

    def close(self) -> None:
        """End the cluster that this backend started, or leave the one it joined; a second call does nothing."""
        self._inner.close()
        self._cluster.close()

    def _pool(self) -> Pool:
        nodes = self._cluster.nodes()
        gpus = self._gpus
        if gpus is None:
            wants = self._worker != "mock" and self._options.get("device") != "cpu"
            parts = (int(self._options.get(f"{kind}_parallel_size", 1)) for kind in ("tensor", "pipeline"))
            gpus = float(math.prod(parts)) if wants and any(node.get("GPU") for node in nodes) else 0.0
        most = _CPUS_MOST.get(self._worker, 8)
        return fit_pool(nodes, num_workers=self._num_workers, cpus=self._cpus, gpus=gpus, most_cpus=most)

    def _most_in_unit(self, batches: Sequence[Sequence[Encoded]], pool: Pool) -> int:
        if self._unit_size != "auto":
            return int(self._unit_size)
        share = -(-sum(map(len, batches)) // pool.workers)
        least, most = _UNITS.get(self._worker, _UNIT)
        return min(share, max(least, min(share // _UNITS_PER_WORKER, most)))

    def _rows(self, units: list[str], pool: Pool) -> Iterator[dict[str, Any]]:
        """Yield rows of finished units, in the order in which they are finished."""
        with warnings.catch_warnings():
            # Ray means to name these two settings otherwise; without them it restarts a worker for ever
            warnings.simplefilter("ignore", DeprecationWarning)
            dataset = ray.data.from_items([{"unit": unit} for unit in units], override_num_blocks=len(units)).map(
                Worker,  # type: ignore[arg-type]  # Ray makes the objects itself
                compute=ray.data.ActorPoolStrategy(size=min(pool.workers, len(units))),
                fn_constructor_kwargs={
                    "name": self._worker,
                    "model": self._model,
                    "options": self._options,
                    "fingerprint": dict(self._inner.fingerprint),
                    "threads": 0 if pool.gpus else pool.cpus,
                },
                num_cpus=pool.cpus,
                num_gpus=pool.gpus,
                max_restarts=_RESTARTS,
                max_task_retries=_RESTARTS,
            )
        dataset.context.enable_progress_bars = False
        dataset.context.print_on_execution_start = False
        dataset.context.raise_original_map_exception = True
        dataset.context.execution_no_progress_timeout_s = -1  # a unit of long solutions may take hours
        # without looking ahead, which would hold a finished unit back until the next one is there
        for table in dataset.iter_batches(batch_size=None, prefetch_batches=0, batch_format="pyarrow"):
            yield from cast(pyarrow.Table, table).to_pylist()


def _in_our_words(rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield rows; what Ray raises becomes one error in our words."""
    try:
        yield from rows
    except (ray.exceptions.RayError, SystemException) as error:
        raise BackendError(
            f"the workers cannot go on: {first_line(error)}. What was finished is kept, --resume asks for the rest; "
            "where a worker died, it was probably short of memory: use fewer workers, or give each more"
        ) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Ray Data's messages from the console; its log file has them where they are errors."""
    logger = logging.getLogger("ray.data")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def _from_anywhere(name: str) -> str:
    return os.path.abspath(name) if Path(name).exists() else name


def _check(
    num_workers: int | None,
    unit_size: int | str,
    gpus: float | None,
    cpus: int | None,
    options: Mapping[str, object],
) -> None:
    """Refuse numbers out of range, and options that cannot travel to a worker as plain values."""
    whole_gpus = gpus is None or gpus < 1 or gpus == int(gpus)
    checks = (
        ("num_workers", num_workers, num_workers is None or num_workers >= 1, "a whole number from 1"),
        (
            "unit_size",
            unit_size,
            unit_size == "auto" or (str(unit_size).isdecimal() and int(unit_size) >= 1),
            "auto or a whole number from 1",
        ),
        ("gpus_per_worker", gpus, (gpus is None or gpus >= 0) and whole_gpus, "0, a share below 1 or a whole number"),
        ("cpus_per_worker", cpus, cpus is None or cpus >= 1, "a whole number from 1"),
    )
    for name, value, holds, needed in checks:
        if not holds:
            raise ConfigError(f"{name}={value}: needed is {needed}")
    for name, option in options.items():
        if not isinstance(option, Plain):
            raise ConfigError(
                f"{name} is a {type(option).__name__}: workers are given text, numbers, true or false only"
            )
