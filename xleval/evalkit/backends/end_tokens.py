"""The tokens at which a completion ends."""

from typing import Any


def end_ids(configured: object, tokenizer: Any) -> frozenset[int]:
    """Return the tokens that end a completion: those of the generation configuration and the tokenizer's EOS.

    Args:
        configured: `eos_token_id` of the configuration: one, several or None.
        tokenizer: of Transformers; its EOS can be None.
    """
    ends = configured if isinstance(configured, (list, tuple, set)) else () if configured is None else (configured,)
    return frozenset(int(each) for each in (*ends, tokenizer.eos_token_id) if each is not None)
