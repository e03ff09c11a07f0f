"""What every backend offers: encode requests, fix a batch plan, run batches."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from xleval.evalkit.requests import Encoded, Outcome, Request


class Backend(Protocol):
    """A model that scores choices and writes completions.

    `encode` and `plan` are pure in the requests: the same list gives the same token ids and the same batches, so that a
    resumed run repeats whole batches or none (which is what makes float32 results equal to the last bit after a kill).
    """

    #: Everything about the model and engine that changes outputs: name, weights hash, dtype, engine and its version.
    fingerprint: Mapping[str, str]

    def encode(self, requests: Sequence[Request]) -> list[Encoded]:
        """Return the token ids of each request, in order.

        Raises:
            ConfigError: a prompt with its longest continuation, or with `max_tokens`, does not fit the model's context.
        """
        ...

    def plan(self, encoded: Sequence[Encoded]) -> list[list[int]]:
        """Return batches as lists of indices into `encoded`: every index once."""
        ...

    def run(self, batches: Iterable[Sequence[Encoded]]) -> Iterator[list[Outcome]]:
        """Yield the outcomes of each batch when it is done, in the order of the batch's requests."""
        ...
