"""From the rewards of a configuration to the functions that TRL calls."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from xleval.errors import ConfigError, unknown_name
from xleval.evalkit.task import TaskOptions
from xleval.tasks import TASKS
from xleval.tasks.verdicts import need_math
from xleval.training.config.schema import DataConfig, PoolingConfig, PromptConfig, RewardConfig, TrainConfig
from xleval.training.rewards import controls, options
from xleval.training.rewards.accuracy import accuracy
from xleval.training.rewards.attempts import Sampled
from xleval.training.rewards.format import format_of
from xleval.training.rewards.function import BatchScorer, Each, RewardFunction
from xleval.training.rewards.group import FactGroups, Member
from xleval.training.rewards.language import language
from xleval.training.rewards.length import length
from xleval.training.rewards.options import read_options

NAMES = ("accuracy", "language", "format", "length", "random", "format-only", "facts")
_DEFAULT_LIMIT = 512  # TRL's max_completion_length


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltReward:
    """A reward as the trainer takes it.

    Attributes:
        name: as in the configuration.
        weight: factor in the sum; 0 for a curve only.
        function: of TRL's form; its `__name__`, such as `accuracy_reward`, is that of its columns and curves.
    """

    name: str
    weight: float
    function: RewardFunction


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What rewards take from the rest of a training.

    Attributes:
        sampled: how completions are asked for.
        seed: of the random reward.
        members: languages that a fact is pooled over, each with the number of its copy.
        pooling: values of the reward of facts.
    """

    sampled: Sampled
    seed: int = 0
    members: tuple[Member, ...] = ()
    pooling: PoolingConfig = field(default_factory=lambda: PoolingConfig(mode="per-language"))


def build_rewards(config: TrainConfig, *, end_ids: Collection[int] = (), prompt_end: str = "") -> list[BuiltReward]:
    """Return the rewards of a training in the order of its configuration.

    The first one logs language, item and right answer of every completion, for `xleval watch`.

    Args:
        config: of a GRPO training.
        end_ids: tokens that end a completion, so that one that ends exactly at the limit does not count as cut.
        prompt_end: what the chat template writes after the last turn, such as an opened `<think>`.

    Raises:
        ConfigError: no reward, an unknown one, options that are not its own, or pooling without the reward of facts.
        MissingExtra: answers are expressions, and math-verify is not installed; said here, not after hours of training.
    """
    if not config.rewards:
        raise ConfigError(f"no rewards are set; name one or more of {', '.join(NAMES)}")
    if config.pooling is not None and not any(reward.name == "facts" for reward in config.rewards):
        raise ConfigError("pooling is set, and no reward is facts; add `- name: facts` to rewards or remove pooling")
    if config.pooling is not None and config.pooling.mode == "pooled" and config.data.regime == "fixed":
        raise ConfigError(
            "pooling.mode is pooled and data.regime is fixed: an item then has one language, and nothing can be pooled;"
            " take regime grow, or mode per-language"
        )
    task = TASKS.get(config.data.task)
    if task is not None and task.need is not None and any(reward.name == "accuracy" for reward in config.rewards):
        task.need()
    setting = Setting(
        sampled=sampled_as(config, end_ids=end_ids, prompt_end=prompt_end),
        seed=config.seed,
        members=_members(config.data),
        pooling=config.pooling or PoolingConfig(mode="per-language"),
    )
    built = [
        BuiltReward(name=reward.name, weight=reward.weight, function=build_function(reward, setting, label))
        for reward, label in zip(config.rewards, _labels(config.rewards), strict=True)
    ]
    return [replace(built[0], function=replace(built[0].function, logs_columns=True)), *built[1:]]


def sampled_as(config: TrainConfig, *, end_ids: Collection[int] = (), prompt_end: str = "") -> Sampled:
    """Return how a training asks for completions; arguments as of `build_rewards`."""
    given = config.trainer.get("max_completion_length", _DEFAULT_LIMIT)
    return Sampled(
        limit=int(given) if isinstance(given, int | float) else None,
        end_ids=frozenset(end_ids),
        prompt_end=prompt_end,
        asked_lang=_asked_language(config.prompt, chat=False),
        asked_in_chat=_asked_language(config.prompt, chat=True),
    )


def build_function(reward: RewardConfig, setting: Setting, label: str) -> RewardFunction:
    """Return the function of one reward.

    Raises:
        ConfigError: an unknown name, or options that are not its own.
    """
    if reward.name not in _BUILDERS:
        raise unknown_name("reward", reward.name, NAMES)
    score, needs = _BUILDERS[reward.name](reward, setting)
    return RewardFunction(name=label, score=score, needs=frozenset(needs), sampled=setting.sampled)


def _labels(rewards: Sequence[RewardConfig]) -> list[str]:
    """Return a name for each reward: TRL keeps curves and columns by name, so no two may share one.

    `xleval watch` adds up the columns with `reward` in their name, so one of weight 0 is named a curve.
    """
    plain = [f"{each.name.replace('-', '_')}_{'reward' if each.weight else 'curve'}" for each in rewards]
    before = [plain[:place].count(name) for place, name in enumerate(plain)]
    return [f"{name}_{n + 1}" if n else name for name, n in zip(plain, before, strict=True)]


def _members(data: DataConfig) -> tuple[Member, ...]:
    """Return what belongs to one fact: its languages, or the copies that stand in their place."""
    if data.regime == "english-repeat":
        return tuple(("en", copy) for copy in range(len(data.langs)))
    return tuple((lang, 0) for lang in data.langs)


def _asked_language(prompt: PromptConfig, *, chat: bool) -> str:
    """Return the language that completions are asked for in, "" for that of the prompt; as `xleval run` tells it."""
    asked = TaskOptions(scaffold=prompt.scaffold, chat=chat, cot=prompt.cot, reason_prefix=prompt.reason_prefix)
    native = "?"
    found = asked.requested_language(native)
    return "" if found == native else found


_Built = tuple[BatchScorer, tuple[str, ...]]


def _accuracy(reward: RewardConfig, setting: Setting) -> _Built:
    chosen = read_options(options.AccuracyOptions, reward.name, reward.options)
    if chosen.answer == "expression":
        need_math()
    return Each(name=reward.name, score=partial(accuracy, options=chosen)), ("gold", "lang")


def _language(reward: RewardConfig, setting: Setting) -> _Built:
    chosen = read_options(options.LanguageOptions, reward.name, reward.options)
    needs = ("gold", "lang") if chosen.form == "bonus" else ("lang",)
    return Each(name=reward.name, score=partial(language, options=chosen)), needs


def _format(reward: RewardConfig, setting: Setting) -> _Built:
    chosen = read_options(options.FormatOptions, reward.name, reward.options)
    return Each(name=reward.name, score=partial(format_of, options=chosen)), ("lang",)


def _length(reward: RewardConfig, setting: Setting) -> _Built:
    chosen = read_options(options.LengthOptions, reward.name, reward.options)
    if chosen.limit is None:
        chosen = replace(chosen, limit=setting.sampled.limit)
    return Each(name=reward.name, score=partial(length, options=chosen)), ("tokens",)


def _random(reward: RewardConfig, setting: Setting) -> _Built:
    chosen = read_options(options.RandomOptions, reward.name, reward.options)
    if chosen.seed is None:
        chosen = replace(chosen, seed=setting.seed)
    return Each(name=reward.name, score=partial(controls.random_reward_of, options=chosen)), ()


def _facts(reward: RewardConfig, setting: Setting) -> _Built:
    read_options(options.NoOptions, reward.name, reward.options)
    needs = ("choices", "gold", "item_id", "lang") if setting.pooling.mode == "pooled" else ("choices", "gold", "lang")
    if setting.pooling.mode == "pooled" and not setting.members:
        raise ConfigError("a pooled reward needs the languages that every fact is asked in (data.langs)")
    return FactGroups(name=reward.name, pooling=setting.pooling, members=setting.members), needs


_BUILDERS: Mapping[str, Callable[[RewardConfig, Setting], _Built]] = {
    "accuracy": _accuracy,
    "language": _language,
    "format": _format,
    "length": _length,
    "random": _random,
    "format-only": _format,
    "facts": _facts,
}
