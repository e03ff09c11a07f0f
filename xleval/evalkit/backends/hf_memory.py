"""Batches that do not fit into memory: halved until they do, and the size that fits kept."""

import gc
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import torch

from xleval.errors import BackendError
from xleval.evalkit.backends.hf_generate import in_equal_parts
from xleval.evalkit.requests import EncodedChoice, EncodedPrompt, Outcome, Unscored

#: after so many requests in a row that do not fit even alone the run is given up
_MAX_FAILED_ALONE = 3
#: how torch says so where it raises a plain RuntimeError: on a CPU, on mps, in a CUDA library
_OUT_OF_MEMORY = (
    "DefaultCPUAllocator: can't allocate memory",
    "DefaultCPUAllocator: not enough memory",
    "MPS backend out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "CUDA error: out of memory",
)


E = TypeVar("E", EncodedChoice, EncodedPrompt)


class FittedBatches(Generic[E]):
    """Runs batches of one kind in parts that fit into memory; the size that fits is kept for the batches after.

    A part that does not fit is halved. Where a request fails alone, it was the request that is too long and not the
    parts that were too large, so the size from before the batch is tried again.

    Args:
        work: answers a part, in its order.
        where: the device, for messages.
    """

    def __init__(self, work: Callable[[Sequence[E]], Sequence[Outcome]], where: str) -> None:
        self._work: Callable[[Sequence[E]], Sequence[Outcome]] = work
        self._where = where
        self._most: int | None = None
        self._most_before: int | None = None
        self._failed_alone = 0

    def run(self, batch: Sequence[E]) -> list[Outcome]:
        """Return the outcomes of a batch, in its order.

        Raises:
            BackendError: three requests in a row do not fit even alone.
        """
        self._most_before = self._most
        return self._in_parts(batch)

    def _in_parts(self, batch: Sequence[E]) -> list[Outcome]:
        parts = in_equal_parts(batch, self._most or max(len(batch), 1))
        return [outcome for part in parts for outcome in self._run_part(part)]

    def _run_part(self, part: Sequence[E]) -> Sequence[Outcome]:
        try:
            outcomes = self._work(part)
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            # handled below, where the error and with it every tensor of the failed try is gone
        else:
            self._failed_alone = 0
            return outcomes
        free_memory()
        if len(part) == 1:
            return [self._fail_alone(part[0])]
        half: int = (len(part) + 1) // 2
        self._most = half
        return [*self._in_parts(part[:half]), *self._in_parts(part[half:])]

    def _fail_alone(self, request: E) -> Unscored:
        self._most = self._most_before
        self._failed_alone += 1
        if self._failed_alone == _MAX_FAILED_ALONE:
            raise BackendError(
                f"out of memory on {self._where}: {_MAX_FAILED_ALONE} requests in a row do not fit even alone, the last "
                f"one {request.key}. Free memory there, or use dtype=bfloat16, fewer examples, a smaller token limit or "
                "a smaller model"
            )
        return Unscored(key=request.key, reason=f"out of memory on {self._where}, even alone in its batch")


def is_out_of_memory(error: Exception) -> bool:
    """Return whether an error of torch or Python means that memory is used up."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return any(sign in str(error) for sign in _OUT_OF_MEMORY)


def free_memory() -> None:
    """Give unused memory back to the device."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
