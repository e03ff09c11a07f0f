"""What every backend offers: encode requests, fix a batch plan, run batches."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from xleval.evalkit.requests import Encoded, Outcome, Request


class Backend(Protocol):
    """A model that scores choices and writes completions.

    Making one is light: names, tokenizer and settings are checked, weights are loaded by the first `run`. `encode` and
    `plan` are pure in the requests: the same list gives the same token ids and the same batches, so that a resumed run
    repeats whole batches or none (which is what makes float32 results equal to the last bit after a kill).

    An engine that has no batches of its own (vLLM, a server) plans batches of one request.
    """

    #: Everything about the model and engine that changes outputs: name, weights hash, dtype, engine and its version.
    fingerprint: Mapping[str, str]
    #: Whether the model has a chat template; None where only the server knows.
    has_chat_template: bool | None

    def encode(self, requests: Sequence[Request]) -> list[Encoded]:
        """Return the requests as the engine takes them, in order.

        Raises:
            ConfigError: a prompt with its longest continuation, or with `max_tokens`, does not fit the model's context,
                or the backend cannot do what is asked.
        """
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, without special ones.

        Raises:
            ConfigError: the backend has no tokenizer at hand.
        """
        ...

    def plan(self, encoded: Sequence[Encoded]) -> list[list[int]]:
        """Return batches as lists of indices into `encoded`: every index once."""
        ...

    def run(self, batches: Iterable[Sequence[Encoded]]) -> Iterator[list[Outcome]]:
        """Yield outcomes in groups as they are finished, in any order; every request once.

        A batch's outcomes come in one group, which is written to the journal whole.

        Raises:
            BackendError: the model cannot be loaded or fails as a whole; what fails for one request is `Unscored`.
        """
        ...

    def close(self) -> None:
        """Give back memory, processes and connections; a second call does nothing."""
        ...
