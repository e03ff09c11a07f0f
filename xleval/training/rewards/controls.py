"""A reward that knows nothing of the completion: what a training gains with it is not owed to a reward (D4).

Random rewards raise the accuracy of some model families as much as right ones (arXiv 2506.10947), so every claim about
a reward needs this arm beside it.
"""

import hashlib

from xleval.training.rewards.attempts import Attempt
from xleval.training.rewards.options import RandomOptions


def random_reward_of(attempt: Attempt, options: RandomOptions) -> float:
    """Return 0 or 1 (`binary`) or a value in [0, 1) (`uniform`).

    It is a hash of seed, step, item, language and place in the batch: a resumed training gets the same ones, and nothing
    that was written plays a part.
    """
    key = "\x1f".join(
        map(str, (options.seed or 0, attempt.step, attempt.item_id, attempt.copy, attempt.lang, attempt.place))
    )
    drawn = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") / 2**64
    return float(drawn < options.chance) if options.form == "binary" else drawn
