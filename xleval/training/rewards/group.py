"""PolyFact's reward on a flat batch: which roll-outs belong to one fact, and that none of its languages is missing.

A trainer hands over rows one after another; where a fact is cut by the border of a batch, a pooled reward would be a
different quantity without anyone noticing (E11), so it is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xleval.errors import ConfigError
from xleval.training.config.schema import PoolingConfig
from xleval.training.rewards.attempts import Attempt
from xleval.training.rewards.facts import VERDICTS, Verdict, fact_verdict
from xleval.training.rewards.function import Each, LogMetric
from xleval.training.rewards.pooled import pooled_rewards

#: language, and number of the copy: English several times is the control of several languages
Member = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactGroups:
    """The reward of facts for a batch: each answer's own, or that of its roll-out over the languages.

    Attributes:
        name: of the reward, for messages.
        pooling: mode, values and bonus.
        members: languages that every fact is asked in, each with the number of its copy.
    """

    name: str
    pooling: PoolingConfig
    members: tuple[Member, ...]

    def __call__(self, attempts: Sequence[Attempt], log_metric: LogMetric | None = None) -> list[float | None]:
        """Return the reward of each completion, and log the shares of the verdicts and of all-right roll-outs.

        Raises:
            ConfigError: pooled, and a fact lacks a language or has more roll-outs in one than in another.
        """
        each = Each(name=self.name, score=_verdict_place)
        verdicts: list[Verdict] = [VERDICTS[int(place or 0)] for place in each(attempts)]
        self._log_verdicts(verdicts, log_metric)
        if self.pooling.mode == "per-language":
            own = pooled_rewards([[[verdict] for verdict in verdicts]], self.pooling)[0]
            return [reward for (reward,) in own]
        rewards: list[float | None] = [None] * len(attempts)
        for places in self._facts(attempts).values():
            fact = [[verdicts[place] for place in places[member]] for member in self.members]
            for member, values in zip(self.members, pooled_rewards([fact], self.pooling)[0], strict=True):
                for place, value in zip(places[member], values, strict=True):
                    rewards[place] = value
            if log_metric is not None:
                for rollout in zip(*fact, strict=True):
                    log_metric(f"{self.name}/all_right", float(all(verdict == "right" for verdict in rollout)))
        return rewards

    def _log_verdicts(self, verdicts: Sequence[Verdict], log_metric: LogMetric | None) -> None:
        if log_metric is not None:
            for known in VERDICTS:
                for verdict in verdicts:
                    log_metric(f"{self.name}/{known}", float(verdict == known))

    def _facts(self, attempts: Sequence[Attempt]) -> Mapping[str, Mapping[Member, list[int]]]:
        found: dict[str, dict[Member, list[int]]] = {}
        for attempt in attempts:
            if not attempt.item_id:
                raise ConfigError(
                    f"{self.name}: {attempt.where()} has no item_id, so nothing tells which fact it is of"
                )
            places = found.setdefault(attempt.item_id, {})
            places.setdefault((attempt.lang, attempt.copy), []).append(attempt.place)
        for item_id, places in found.items():
            self._check(item_id, {member: len(of_member) for member, of_member in places.items()})
        return found

    def _check(self, item_id: str, sizes: Mapping[Member, int]) -> None:
        missing = [member for member in self.members if member not in sizes]
        extra = [member for member in sizes if member not in self.members]
        if not missing and not extra and len(set(sizes.values())) == 1:
            return
        found = ", ".join(f"{_shown(member)} {n}" for member, n in sorted(sizes.items()))
        lacks, has = ", ".join(map(_shown, missing)), ", ".join(map(_shown, extra))
        what = f"lacks {lacks}" if missing else f"has {has} too" if extra else "has uneven roll-outs"
        raise ConfigError(
            f"{self.name}: in this batch fact {item_id} {what} (roll-outs: {found}). A pooled reward needs all of"
            f" {', '.join(map(_shown, self.members))} with as many roll-outs each: rows ordered by fact, shuffle_dataset"
            " false, and per_device_train_batch_size x steps_per_generation a multiple of languages x num_generations"
        )


def _shown(member: Member) -> str:
    lang, copy = member
    return f"{lang} (copy {copy})" if copy else lang


def _verdict_place(attempt: Attempt) -> float:
    if not attempt.choices:
        raise ConfigError("it has no choices, and the reward of facts tells an answer by them")
    return float(VERDICTS.index(fact_verdict(attempt)))
