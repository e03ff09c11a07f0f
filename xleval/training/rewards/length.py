"""A penalty on completions that run to their limit, or off a length that was asked for. In tokens."""

from xleval.errors import ConfigError
from xleval.training.rewards.attempts import Attempt
from xleval.training.rewards.options import LengthOptions


def length(attempt: Attempt, options: LengthOptions) -> float:
    """Return the length reward of a completion, 0 or less.

    Args:
        attempt: a completion whose tokens were counted.
        options: form and lengths; `limit` is set for `overlong`.

    Raises:
        ConfigError: tokens, or the limit, are not known.
    """
    if attempt.n_tokens is None:
        raise ConfigError("the length reward counts tokens, and the trainer does not give them")
    if options.form == "target" and options.target is not None:
        return off_target(attempt.n_tokens, options.target, options.slope)
    if options.limit is None:
        raise ConfigError("the length reward needs limit, the most tokens that a completion may have")
    return overlong(attempt.n_tokens, options.limit, options.buffer or max(1, options.limit // 5))


def overlong(n_tokens: int, limit: int, buffer: int) -> float:
    """Return the soft overlong punishment, from 0 down to -1.

    0 up to `limit - buffer` tokens, then falling linearly to -1 at `limit`. Source: DAPO (arXiv 2503.14476, eq. 13,
    where the limit is 20,480 and the buffer a fifth of it).
    """
    return max(-1.0, min(0.0, (limit - buffer - n_tokens) / buffer))


def off_target(n_tokens: int, target: int, slope: float) -> float:
    """Return -slope * |n_tokens - target|; source: L1-Exact (arXiv 2503.04697, slope 0.0003)."""
    return -slope * abs(n_tokens - target)
