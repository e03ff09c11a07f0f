"""A reward in the form that TRL calls: a whole batch at once, with the columns of the data set as keyword arguments."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from xleval.errors import ConfigError, MissingExtra, XlevalError
from xleval.training.rewards.attempts import GOLD, LANGUAGE, Attempt, Sampled, read_attempts

#: A scorer of one completion; None where the reward does not apply to it.
Scorer = Callable[[Attempt], float | None]
LogMetric = Callable[[str, float], None]
LogExtra = Callable[[str, list[object]], None]
#: A scorer of a whole batch, which may log figures.
BatchScorer = Callable[[Sequence[Attempt], LogMetric | None], list[float | None]]
#: Columns that `xleval watch` reads back.
LOGGED = ("lang", "item_id", "gold")


@dataclass(frozen=True, kw_only=True)
class RewardFunction:
    """A reward function for `GRPOTrainer(reward_funcs=[...])`; it can be pickled where its scorer can.

    Attributes:
        name: name of its columns and curves in TRL.
        score: scores of a batch.
        needs: columns without which it cannot tell anything: `lang`, `gold`, `item_id`, `choices`, `tokens`.
        sampled: how completions were asked for.
        logs_columns: whether it logs language, item and right answer of each completion; one function of a training
            does, since TRL appends what each of them logs.
    """

    name: str
    score: BatchScorer
    needs: frozenset[str] = frozenset()
    sampled: Sampled = field(default_factory=Sampled)
    logs_columns: bool = False

    @property
    def __name__(self) -> str:
        """Name in TRL's logs."""
        return self.name

    def __call__(
        self,
        prompts: Sequence[object],
        completions: Sequence[object],
        completion_ids: Sequence[Sequence[int]] | None = None,
        trainer_state: object = None,
        log_metric: LogMetric | None = None,
        log_extra: LogExtra | None = None,
        **columns: object,
    ) -> list[float | None]:
        """Return the reward of each completion; None where it does not apply.

        Logs the mean of each language as `rewards/NAME/LANG`.

        Raises:
            ConfigError: a column that is needed is missing or of another length.
            XlevalError: a completion cannot be scored; the item is named. It never becomes a zero.
        """
        self._check(completion_ids, columns)
        step = getattr(trainer_state, "global_step", 0)
        attempts = read_attempts(prompts, completions, completion_ids, columns, self.sampled, int(step or 0))
        rewards = self.score(attempts, log_metric)
        if log_metric is not None:
            for attempt, reward in zip(attempts, rewards, strict=True):
                if attempt.lang and reward is not None:
                    log_metric(f"rewards/{self.name}/{attempt.lang}", reward)  # TRL takes the mean of what it is given
        if self.logs_columns and log_extra is not None:
            for column in LOGGED:
                log_extra(column, [getattr(attempt, column) for attempt in attempts])
        return rewards

    def _check(self, completion_ids: object, columns: dict[str, object]) -> None:
        places = {"lang": LANGUAGE, "gold": (*GOLD, "gold_index")}
        for need in sorted(self.needs):
            if need == "tokens":
                if completion_ids is None:
                    raise ConfigError(f"{self.name} counts tokens: call it with completion_ids, as TRL does")
                continue
            names = places.get(need, (need,))
            if all(columns.get(name) is None for name in names):
                found = ", ".join(sorted(columns)) or "none"
                raise ConfigError(
                    f"{self.name} needs a column {' or '.join(names)} in the training set; columns found: {found}"
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Each:
    """A scorer of single completions for a batch.

    Attributes:
        name: of the reward, for messages.
        score: of one completion.
    """

    name: str
    score: Scorer

    def __call__(self, attempts: Sequence[Attempt], log_metric: LogMetric | None = None) -> list[float | None]:
        """Return the score of each completion.

        Raises:
            XlevalError, RuntimeError: one of them cannot be scored; the item is named.
        """
        return [self._scored(attempt) for attempt in attempts]

    def _scored(self, attempt: Attempt) -> float | None:
        try:
            return self.score(attempt)
        except MissingExtra:
            raise
        except XlevalError as error:
            raise type(error)(f"reward {self.name}, {attempt.where()}: {error}") from error
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            raise RuntimeError(f"reward {self.name}, {attempt.where()}: {what}") from error
