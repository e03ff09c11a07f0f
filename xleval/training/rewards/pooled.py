"""PolyFact's group reward: the answers of one fact in all its languages are one result.

For roll-out g of a fact, R_g = sum over languages of the reward of its answer + the bonus, and every language gets R_g.
Source: the study's trainer, see `facts.py`; 12 languages, bonus 1 where all are right. Its ladder was 9: 1, 10: 2,
11: 3, 12: 5 and is written here for any number of languages; its power is 4.
"""

from collections.abc import Sequence

from xleval.errors import ConfigError, DataError
from xleval.training.config.schema import PoolingConfig
from xleval.training.rewards.facts import Verdict, verdict_reward

_POWER = 4
#: wrong languages at most -> bonus, the highest rung only; not scaled by `bonus`, as published
_RUNGS = ((0, 5.0), (1, 3.0), (2, 2.0), (3, 1.0))


def pooled_rewards(verdicts: Sequence[Sequence[Sequence[Verdict]]], pooling: PoolingConfig) -> list[list[list[float]]]:
    """Return the reward of every answer, in the shape of the verdicts: facts x languages x roll-outs.

    Args:
        verdicts: of each fact, for each language, the verdict on each roll-out.
        pooling: mode, values and bonus.

    Raises:
        DataError: the languages of a fact have different numbers of roll-outs.
        ConfigError: a ladder with fewer than four languages.
    """
    return [_rewards_of_fact(fact, pooling) for fact in verdicts]


def bonus(n_right: int, n_languages: int, pooling: PoolingConfig) -> float:
    """Return what a roll-out gains on top of its verdicts for being right in `n_right` of its languages.

    `all-correct`: `bonus` where all are right. `power`: bonus * (n_right / n_languages)**4. `ladder`: 5 where all are
    right, 3, 2, 1 where one, two, three are not.

    Raises:
        ConfigError: a ladder with fewer than four languages, which would pay for no right answer.
    """
    if pooling.shape == "power":
        return float(pooling.bonus * (n_right / n_languages) ** _POWER)
    if pooling.shape == "ladder":
        if n_languages < len(_RUNGS):
            raise ConfigError(
                f"pooling.shape is ladder with {n_languages} languages; its lowest rung is three wrong ones: give four"
                " languages or more, or shape all-correct or power"
            )
        return next((value for wrong, value in _RUNGS if n_languages - n_right <= wrong), 0.0)
    return pooling.bonus if n_right == n_languages else 0.0


def _rewards_of_fact(fact: Sequence[Sequence[Verdict]], pooling: PoolingConfig) -> list[list[float]]:
    sizes = {len(rollouts) for rollouts in fact}
    if len(sizes) != 1:
        raise DataError(f"the languages of a fact have {sorted(sizes)} roll-outs; each needs as many as the others")
    own = [[verdict_reward(verdict, pooling) for verdict in rollouts] for rollouts in fact]
    if pooling.mode == "per-language":
        return own
    of_rollout = [
        sum(rewards) + bonus(verdicts.count("right"), len(fact), pooling)
        for rewards, verdicts in zip(zip(*own, strict=True), zip(*fact, strict=True), strict=True)
    ]
    return [list(of_rollout) for _ in fact]
