"""What runs in a worker process of the `ray` backend: a backend of our own, and work that travels as JSON."""

import json
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from xleval.errors import BackendError, ConfigError, XlevalError
from xleval.evalkit.backends import load_backend
from xleval.evalkit.backends.base import Backend
from xleval.evalkit.outcome_rows import to_row
from xleval.evalkit.requests import Encoded, EncodedChoice, EncodedPrompt, Sampling

#: an option of a worker's backend
Plain = str | int | float | bool


class Worker:
    """One process of the pool, with a backend that is made at its first unit and kept.

    Args:
        name, model, options: of the backend, see `load_backend`.
        fingerprint: of the backend in the process that started the run; the worker's own must be the same.
        threads: of torch where the worker has no GPU; 0 leaves them as they are.
    """

    def __init__(
        self, name: str, model: str, options: Mapping[str, Plain], fingerprint: Mapping[str, str], threads: int
    ) -> None:
        self._name, self._model, self._options, self._fingerprint = name, model, options, fingerprint
        self._threads = threads
        self._made: Backend | None = None

    def __call__(self, row: Mapping[str, str]) -> dict[str, str]:
        """Return a unit's finished groups as JSON, who did them, and what went wrong, if anything did."""
        groups: list[list[dict[str, Any]]] = []
        problem = ""
        try:
            for group in self._backend().run(unpack_unit(row["unit"])):
                groups.append([to_row(outcome) for outcome in group])
        except XlevalError as error:
            problem = str(error)
        return {"worker": f"{socket.gethostname()}:{os.getpid()}", "groups": json.dumps(groups), "error": problem}

    def _backend(self) -> Backend:
        if self._made is None:
            if self._threads:
                self._hold_threads()
            made = load_backend(self._name, self._model, **self._options)
            # the model's name is that of its folder, which may be mounted under another one
            differ = {
                name: f"{made.fingerprint.get(name)!r} here, {value!r} where the run was started"
                for name, value in self._fingerprint.items()
                if name != "model" and made.fingerprint.get(name) != value
            }
            if differ:
                listed = "; ".join(f"{name} is {what}" for name, what in differ.items())
                raise BackendError(
                    f"{listed}. Results would depend on the machine: use the same files, packages and device"
                )
            self._made = made
        return self._made

    def _hold_threads(self) -> None:
        """Keep to the worker's share of the cores; else every worker takes all of them."""
        os.environ["OMP_NUM_THREADS"] = str(self._threads)
        if self._name == "vllm":
            # it would bind every worker's threads to the same first cores
            os.environ.setdefault("VLLM_CPU_OMP_THREADS_BIND", "nobind")
        if self._name == "hf":
            import torch

            torch.set_num_threads(self._threads)

    def __del__(self) -> None:
        """Give the engine's own processes back when Ray ends the worker."""
        if self._made is not None:
            self._made.close()


def pack_units(batches: Sequence[Sequence[Encoded]], most: int) -> list[str]:
    """Return units of work as JSON: whole batches, `most` requests at most unless a single batch has more.

    Raises:
        ConfigError: a request without token ids, which no worker takes.
    """
    units: list[list[Sequence[Encoded]]] = [[]]
    n_requests = 0
    for batch in batches:
        if units[-1] and n_requests + len(batch) > most:
            units.append([])
            n_requests = 0
        units[-1].append(batch)
        n_requests += len(batch)
    return [json.dumps([[_to_fields(each) for each in batch] for batch in unit], ensure_ascii=False) for unit in units]


def unpack_unit(text: str) -> list[list[Encoded]]:
    """Return the requests of one unit, batch by batch."""
    return [[_from_fields(each) for each in batch] for batch in json.loads(text)]


def _to_fields(encoded: Encoded) -> dict[str, object]:
    """Return a request's fields; token ids are not copied one by one, as `asdict` does."""
    if isinstance(encoded, EncodedChoice):
        return {each.name: getattr(encoded, each.name) for each in fields(encoded)}
    if isinstance(encoded, EncodedPrompt):
        values = {each.name: getattr(encoded, each.name) for each in fields(encoded)}
        return {**values, "sampling": asdict(encoded.sampling)}
    raise ConfigError(f"{encoded.key}: not encoded; give the ray backend what its `encode` returns")


def _from_fields(values: Mapping[str, Any]) -> Encoded:
    if "continuation_ids" in values:
        tuples = {
            "context_ids": tuple(values["context_ids"]),
            "continuation_ids": tuple(map(tuple, values["continuation_ids"])),
        }
        return EncodedChoice(**{**values, **tuples})
    tuples = {"prompt_ids": tuple(values["prompt_ids"]), "stop": tuple(values["stop"])}
    return EncodedPrompt(**{**values, **tuples, "sampling": Sampling(**values["sampling"])})
