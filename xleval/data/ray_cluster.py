"""The Ray cluster that workers run on: one that is there, or one of this machine's own, and the room it has."""

import logging
import math
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from xleval.errors import BackendError, ConfigError, MissingExtra


@contextmanager
def _settings(settings: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for a while, those that the user has not set."""
    new = {name: value for name, value in settings.items() if name not in os.environ}
    os.environ.update(new)
    try:
        yield
    finally:
        for name in new:
            del os.environ[name]


#: read while Ray is imported: what it would print to standard output, which is for results, when a worker dies
_UNSAID = {
    "RAY_DEDUP_LOGS_SKIP_REGEX": r"^A worker died or was killed|^Task .* failed\. There are .* retries remaining"
}
#: read while it starts: it sends nothing to its makers, and its C++ parts are silent in the terminal
_SILENT = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_BACKEND_LOG_LEVEL": "fatal"}

try:
    with _settings(_UNSAID):
        import ray
        import ray.exceptions
except ModuleNotFoundError as error:
    raise MissingExtra("ray", "the ray backend") from error


class Cluster:
    """A Ray cluster, joined or started when it is first needed; one that the process has joined already is used.

    Args:
        address: HOST:PORT of a running one, or auto for the one on this machine; by default `$RAY_ADDRESS`, else a new
            one of this machine's own.
    """

    def __init__(self, address: str | None) -> None:
        self._address = address or os.environ.get("RAY_ADDRESS") or "local"
        self._is_ours = False

    def nodes(self) -> list[dict[str, float]]:
        """Return `CPU` and `GPU` of every machine; joins the cluster.

        Raises:
            BackendError: the cluster cannot be reached.
        """
        self._connect()
        nodes = ray.nodes()  # type: ignore[no-untyped-call]
        return [node["Resources"] for node in nodes if node["Alive"]]

    def has_gpus(self) -> bool:
        """Return whether there are GPUs; a cluster of this machine's own is not started for it."""
        if self._address == "local" and not ray.is_initialized():
            import torch

            return bool(torch.cuda.is_available())
        return any(node.get("GPU") for node in self.nodes())

    def close(self) -> None:
        """End the cluster if this object started it, leave it if it joined it; else do nothing."""
        if self._is_ours:
            self._is_ours = False
            ray.shutdown()

    def _connect(self) -> None:
        if ray.is_initialized():
            return
        options: dict[str, Any] = {"include_dashboard": False} if self._address == "local" else {}
        try:
            with warnings.catch_warnings(), _settings(_SILENT):
                warnings.simplefilter("ignore")  # notices about settings of later versions
                ray.init(address=self._address, log_to_driver=False, logging_level=logging.ERROR, **options)
        except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
            what = "start Ray on this machine" if self._address == "local" else f"reach the Ray cluster {self._address}"
            raise BackendError(
                f"cannot {what}: {first_line(error)}. Give address=HOST:PORT of a running cluster, or unset RAY_ADDRESS"
            ) from error
        self._is_ours = True


def first_line(error: BaseException) -> str:
    """Return an error's message up to its first line's end; of an error in a worker, what was raised there."""
    if isinstance(error, ray.exceptions.RayTaskError) and error.cause is not None:
        return f"{type(error.cause).__name__}: {first_line(error.cause)}"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].rstrip(".") if lines else type(error).__name__


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Workers of a run; `cpus` and `gpus` are what each of them has for itself."""

    workers: int
    cpus: int
    gpus: float


def fit_pool(
    nodes: Sequence[Mapping[str, float]], *, num_workers: int | None, cpus: int | None, gpus: float, most_cpus: float
) -> Pool:
    """Return the pool of workers for a cluster; a worker is on one machine whole.

    Args:
        nodes: `CPU` and `GPU` of every machine.
        num_workers: as asked; None for all that there is room for.
        cpus: of each worker, as asked; None for 1 with GPUs, else an equal share.
        gpus: of each worker.
        most_cpus: of a worker without GPUs at most, where `cpus` is None.

    Raises:
        ConfigError: there is no room for them; Ray would wait for more machines for ever.
    """
    largest = max((int(node.get("CPU", 0)) for node in nodes), default=0)
    if cpus is None:
        shares = [1] if gpus else range(max(1, int(min(largest, most_cpus))), 0, -1)
        cpus = next((share for share in shares if _room(nodes, share, gpus) >= (num_workers or 1)), 1)
    room = _room(nodes, cpus, gpus)
    if room < (num_workers or 1):
        total = {kind: sum(node.get(kind, 0) for node in nodes) for kind in ("CPU", "GPU")}
        raise ConfigError(
            f"{num_workers or 1} worker(s) with {cpus} CPU(s) and {gpus:g} GPU(s) each, every one on one machine: the "
            f"cluster has room for {room} ({len(nodes)} machine(s), {total['CPU']:g} CPUs, {total['GPU']:g} GPUs); "
            "set num_workers, cpus_per_worker or gpus_per_worker"
        )
    return Pool(workers=num_workers or room, cpus=cpus, gpus=gpus)


def _room(nodes: Sequence[Mapping[str, float]], cpus: int, gpus: float) -> int:
    return sum(_room_on(node, cpus, gpus) for node in nodes)


def _room_on(node: Mapping[str, float], cpus: int, gpus: float) -> int:
    by_cpu = int(node.get("CPU", 0) // cpus)
    # 1 // 0.1 is 9 in floating point
    return min(by_cpu, math.floor(node.get("GPU", 0) / gpus + 1e-6)) if gpus else by_cpu
