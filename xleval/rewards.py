"""xleval's rewards for other trainers: functions for TRL's `GRPOTrainer(reward_funcs=[...])`, and one for verl.

They take the columns of the training set: `lang` (or `language`; a code or a name), and the right answer as `gold`,
`answer` or `solution`; further ones where they are there (`item_id`, `task`, `choices`, `choice_ids`, `gold_index`,
`reference_words`, `stop`). Prompts are texts or conversations. Nothing here loads torch. Formulas: `docs/rewards.md`.
"""

from collections.abc import Collection, Mapping, Sequence

from xleval.errors import ConfigError, DataError
from xleval.tasks import TASKS
from xleval.training.config.schema import PoolingConfig, RewardConfig
from xleval.training.rewards.attempts import Attempt, Sampled, read_attempts
from xleval.training.rewards.build import Setting, build_function
from xleval.training.rewards.function import LogMetric, RewardFunction

__all__ = [
    "accuracy_reward",
    "compute_score",
    "format_reward",
    "language_consistency_reward",
    "length_reward",
    "pooled_fact_reward",
    "random_reward",
    "reward",
    "rollout_columns",
]


def reward(
    name: str,
    *,
    label: str = "",
    max_completion_length: int | None = None,
    end_ids: Collection[int] = (),
    prompt_end: str = "",
    seed: int = 42,
    **options: object,
) -> RewardFunction:
    """Return a reward function with settings of its own.

    Args:
        name: `accuracy`, `language`, `format`, `length`, `random` or `format-only`.
        label: name in the logs; empty for `NAME_reward`.
        max_completion_length: that of the trainer: a completion of so many tokens counts as cut.
        end_ids: tokens that end a completion.
        prompt_end: what the chat template writes after the last turn, such as an opened `<think>`.
        seed: of the random reward.
        **options: of the reward, see docs/rewards.md.

    Raises:
        ConfigError: an unknown name or option, or a value of the wrong type.

    Example:
        >>> reward("language", form="threshold", threshold=0.8).__name__
        'language_reward'
    """
    if name == "facts":
        raise ConfigError("the reward of facts needs its languages: call pooled_fact_reward(langs)")
    sampled = Sampled(limit=max_completion_length, end_ids=frozenset(end_ids), prompt_end=prompt_end)
    chosen = RewardConfig(name=name, options=options)
    return build_function(chosen, Setting(sampled=sampled, seed=seed), label or f"{name.replace('-', '_')}_reward")


def length_reward(limit: int, buffer: int | None = None) -> RewardFunction:
    """Return DAPO's soft punishment of completions near the limit.

    Args:
        limit: tokens from which it is -1, such as the trainer's `max_completion_length`.
        buffer: tokens before the limit in which it grows from 0; None for a fifth of the limit.

    Raises:
        ConfigError: lengths below 1, or a buffer longer than the limit.
    """
    return reward("length", limit=limit, buffer=buffer)


def pooled_fact_reward(langs: Sequence[str], pooling: PoolingConfig | None = None) -> RewardFunction:
    """Return PolyFact's reward: every language of a fact gets the sum over all of them, and a bonus where all are right.

    The columns `item_id`, `lang`, `choices` and `gold_index` (or `gold`) are needed, and a batch with whole facts: rows
    ordered by fact and `shuffle_dataset=False`. A fact that lacks a language is refused, not pooled.

    Args:
        langs: codes of the languages that every fact is asked in.
        pooling: mode, bonus and penalties; None for the defaults.
    """
    setting = Setting(sampled=Sampled(), members=tuple((lang, 0) for lang in langs), pooling=pooling or PoolingConfig())
    return build_function(RewardConfig(name="facts"), setting, "facts_reward")


def _nothing(attempts: Sequence[Attempt], log_metric: LogMetric | None) -> list[float | None]:
    return [0.0] * len(attempts)


#: 1 where the answer is right, else 0; None without a right answer.
accuracy_reward = reward("accuracy")
#: Share of the words that are in the language of the prompt; 0 where there are too few to tell.
language_consistency_reward = reward("language", label="language_consistency_reward")
#: 1 where the completion states an answer in the form that was asked for, else 0; as a control, alone.
format_reward = reward("format")
#: 0 or 1 by chance, the same in a resumed training: a control.
random_reward = reward("random")
#: No reward: logs `lang`, `item_id` and `gold` for `xleval watch` (with `log_completions=True`); give it weight 0.
rollout_columns = RewardFunction(name="rollout_columns", score=_nothing, logs_columns=True)


def compute_score(
    data_source: str,
    solution_str: str,
    ground_truth: object,
    extra_info: Mapping[str, object] | None = None,
    *,
    accuracy_weight: float = 1.0,
    language_weight: float = 1.0,
    format_weight: float = 0.0,
    form: str = "ratio",
    threshold: float = 0.9,
    part: str = "reasoning",
    answer: str = "auto",
    reward_router_address: object = None,
    reward_model_tokenizer: object = None,
) -> dict[str, float | str]:
    """Return the score of one completion with its parts, as verl wants it of `custom_reward_function`.

    Args:
        data_source: name of a task of xleval, else of any set.
        solution_str: the completion.
        ground_truth: the right answer.
        extra_info: of the row: `lang` or `language`, and `question` or `prompt`, the text that is answered; further
            columns as above.
        accuracy_weight, language_weight, format_weight: factors in `score`.
        form, threshold, part: of the language reward.
        answer: of the accuracy reward.
        reward_router_address, reward_model_tokenizer: given by verl where a reward model runs; not used.

    Returns:
        `score`, `acc`, `language`, `format` and `lang`, the same keys for every completion.

    Raises:
        ConfigError: the row has no language, question or right answer, or an option that does not exist.
    """
    del reward_router_address, reward_model_tokenizer
    given = dict(extra_info or {})
    prompt = given.get("prompt") or given.get("question")
    if prompt is None:
        raise ConfigError(
            f"a row of {data_source} has no question in extra_info, and copies of it cannot be told without; add it"
        )
    if ground_truth is None:
        raise ConfigError(
            f"a row of {data_source} has no ground_truth, and verl takes no missing score: 0 would call every answer wrong;"
            " leave such rows out"
        )
    row = {name: [value] for name, value in given.items() if name not in ("prompt", "question", "answer", "solution")}
    task = data_source if data_source in TASKS else str(given.get("task") or "")
    columns = {**row, "gold": [str(ground_truth)], "task": [task]}
    functions = {
        "acc": reward("accuracy", answer=answer),
        "language": reward("language", form=form, threshold=threshold, part=part, answer=answer),
        "format": reward("format"),
    }
    parts = {name: _known(each([prompt], [solution_str], **columns)[0], name) for name, each in functions.items()}  # type: ignore[arg-type]
    weights = {"acc": accuracy_weight, "language": language_weight, "format": format_weight}
    (attempt,) = read_attempts([prompt], [solution_str], None, columns, Sampled())
    return {"score": sum(weights[name] * value for name, value in parts.items()), **parts, "lang": attempt.lang}


def _known(value: float | None, name: str) -> float:
    if value is None:
        raise DataError(f"{name} of this row cannot be told, and verl takes no missing score; leave such rows out")
    return value
