"""Transformers generation that ends at stop texts, for a trainer that calls `generate` itself."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from xleval.training.grpo.stopping import Decode, StopTexts


@contextmanager
def stopping_at(model: Any, stops: Sequence[Sequence[str]], decode: Decode) -> Iterator[None]:
    """Let `model.generate` end each row at its stop texts while the context is open; nothing changes without any.

    TRL builds the call of `generate` and takes no stopping criteria, and transformers' own `stop_strings` needs the
    tokenizer in that call, so the method is replaced on this one model for the time of the call.

    Args:
        model: that TRL generates with, unwrapped.
        stops: stop texts of each row of the batch.
        decode: token ids -> text.
    """
    if not any(stops):
        yield
        return
    generate = model.generate

    def with_stops(*args: Any, **kwargs: Any) -> Any:
        n_prompt = kwargs["input_ids"].shape[1]
        return generate(*args, stopping_criteria=[StopTexts(stops, decode, n_prompt)], **kwargs)

    model.generate = with_stops
    try:
        yield
    finally:
        del model.generate
