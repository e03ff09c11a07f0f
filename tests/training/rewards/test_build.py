"""From a configuration to functions of TRL's form: names, options, columns, logs, and errors that name the item."""

import pickle
from collections import defaultdict
from types import SimpleNamespace

import pytest

from xleval.errors import ConfigError, DataError
from xleval.training.config.schema import DataConfig, PoolingConfig, PromptConfig, RewardConfig, TrainConfig
from xleval.training.rewards.attempts import Sampled
from xleval.training.rewards.build import BuiltReward, build_rewards
from xleval.training.rewards.function import Each, RewardFunction

LANGS = ("en", "de")


def config(*rewards: RewardConfig, **more: object) -> TrainConfig:
    data = DataConfig(source="x", langs=LANGS)
    return TrainConfig(**{"kind": "grpo", "name": "t", "model": "m", "data": data, "rewards": rewards, **more})  # type: ignore[arg-type]


def built(*names: str, **more: object) -> list[BuiltReward]:
    return build_rewards(config(*(RewardConfig(name=name) for name in names), **more))


def test_every_reward_has_a_name_and_weight_of_its_own() -> None:
    rewards = [
        RewardConfig(name=name) for name in ("accuracy", "language", "format-only", "random", "length", "format")
    ]
    twice = RewardConfig(name="language", weight=0.5, options={"form": "bonus"})
    curve = RewardConfig(name="length", weight=0)
    found = build_rewards(config(*rewards, twice, curve))
    assert [each.function.__name__ for each in found] == [
        "accuracy_reward", "language_reward", "format_only_reward", "random_reward", "length_reward", "format_reward",
        "language_reward_2", "length_curve",
    ]  # fmt: skip
    assert [each.weight for each in found] == [1, 1, 1, 1, 1, 1, 0.5, 0]
    assert [each.name for each in found][-2:] == ["language", "length"]
    again = pickle.loads(pickle.dumps(found))  # for processes of a data loader
    row = {"lang": ["en"], "gold": ["7"], "item_id": ["q"]}
    batch = (["?"], ["The answer is 7."], [[1, 2]])
    assert [each.function(*batch, **row) for each in again] == [each.function(*batch, **row) for each in found]


@pytest.mark.parametrize(
    ("reward", "message"),
    [
        (RewardConfig(name="acuracy"), "unknown reward 'acuracy'. Did you mean accuracy"),
        (
            RewardConfig(name="language", options={"treshold": 1}),
            "option of reward language 'treshold'. Did you mean thr",
        ),
        (RewardConfig(name="language", options={"form": "ration"}), "option form 'ration'. Did you mean ratio"),
        (
            RewardConfig(name="language", options={"threshold": "high"}),
            "option threshold is 'high'; a number is needed",
        ),
        (RewardConfig(name="language", options={"threshold": True}), "option threshold is True; a number is needed"),
        (RewardConfig(name="language", options={"threshold": 2}), "reward language: threshold is 2.0; a share above 0"),
        (RewardConfig(name="length", options={"limit": 10.5}), "option limit is 10.5; a whole number is needed"),
        (RewardConfig(name="facts", options={"bonus": 2}), "reward facts has no options; found bonus"),
    ],
)
def test_a_wrong_setting_names_itself(reward: RewardConfig, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        build_rewards(config(reward))
    assert message in str(caught.value)


def test_settings_that_contradict_each_other() -> None:
    with pytest.raises(ConfigError, match="no rewards are set"):
        built()
    with pytest.raises(ConfigError, match="pooling is set, and no reward is facts"):
        built("accuracy", pooling=PoolingConfig())
    fixed = DataConfig(source="x", langs=LANGS, regime="fixed")
    with pytest.raises(ConfigError, match=r"pooled and data\.regime is fixed"):
        built("facts", pooling=PoolingConfig(), data=fixed)


def test_what_the_rest_of_the_configuration_says() -> None:
    english = built("accuracy", prompt=PromptConfig(cot="english"), trainer={"max_completion_length": 64})
    assert english[0].function.sampled == Sampled(limit=64, asked_lang="en", asked_in_chat="en")
    chat_only = built("accuracy", prompt=PromptConfig(scaffold="english"))[0].function.sampled
    assert (chat_only.limit, chat_only.asked_lang, chat_only.asked_in_chat) == (512, "", "en")  # 512 is TRL's default
    repeated = DataConfig(source="x", langs=LANGS, regime="english-repeat")
    (facts,) = built("facts", pooling=PoolingConfig(), data=repeated)
    assert facts.function.score.members == (("en", 0), ("en", 1))  # type: ignore[attr-defined]


def test_a_completion_at_the_limit_was_cut_unless_it_ended() -> None:
    """The last number of a cut completion is a step on the way."""
    rewards = build_rewards(config(RewardConfig(name="accuracy"), trainer={"max_completion_length": 3}), end_ids=[1])
    columns = {"lang": ["en"] * 4, "gold": ["45"] * 4}
    ids = [[5, 6], [5, 6, 7], [5, 6, 1], [5, 6, 7]]
    texts = ["so 45", "so 45", "so 45", "so 45\n\nQuestion: what is 7"]
    stop = [[], [], [], ["\n\nQuestion:"]]
    assert rewards[0].function(["?"] * 4, texts, ids, **columns, stop=stop) == [1.0, 0.0, 1.0, 1.0]
    said = {"truncated": [True, False, False, False]}
    assert rewards[0].function(["?"] * 4, texts, ids, **columns, **said)[:2] == [0.0, 1.0]


def test_curves_by_language_and_columns_once() -> None:
    metrics: dict[str, list[float]] = defaultdict(list)
    columns: dict[str, list[object]] = defaultdict(list)
    batch = {
        "prompts": ["?"] * 3, "completions": ["The answer is 1.", "The answer is 2.", "The answer is 3."],
        "lang": ["en", "German", "en"], "gold": ["1", "1", None], "item_id": ["a", "a", "b"],
    }  # fmt: skip
    for reward in built("accuracy", "random"):
        reward.function(
            **batch,  # type: ignore[arg-type]
            trainer_state=SimpleNamespace(global_step=7),
            log_metric=lambda name, value: metrics[name].append(value),
            log_extra=lambda name, values: columns[name].extend(values),
        )
    assert metrics["rewards/accuracy_reward/en"] == [1.0]  # the third has no right answer: no figure, not a zero
    assert metrics["rewards/accuracy_reward/de"] == [0.0]
    assert len(metrics["rewards/random_reward/en"]) == 2
    assert columns == {"lang": ["en", "de", "en"], "item_id": ["a", "a", "b"], "gold": ["1", "1", None]}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"gold": ["1"]}, "accuracy_reward needs a column lang or language in the training set; columns found: gold"),
        ({"lang": ["en"]}, "needs a column gold or answer or solution or gold_index"),
        ({"lang": ["en", "de"], "gold": ["1"]}, "column lang has 2 values for 1 completions"),
        ({"lang": "en", "gold": ["1"]}, "column lang has 2 values for 1 completions"),
        ({"lang": ["xx"], "gold": ["1"]}, "place 0 of the batch: 'xx' is no language"),
        ({"lang": ["en"], "gold": ["1"], "gold_index": ["one"]}, "column gold_index holds 'one'"),
    ],
)
def test_columns_that_are_missing_or_wrong(columns: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        built("accuracy")[0].function(["?"], ["1"], **columns)
    assert message in str(caught.value)


def test_tokens_are_needed_for_a_length() -> None:
    with pytest.raises(ConfigError, match="call it with completion_ids"):
        built("length")[0].function(["?"], ["1"])


def test_an_error_names_the_item_and_is_no_zero() -> None:
    """Both of ours and of a bug; TRL gets no rewards at all."""
    columns: dict[str, object] = {"lang": ["ko"], "item_id": ["q7"], "gold": ["five"]}
    number = build_rewards(config(RewardConfig(name="accuracy", options={"answer": "number"})))[0].function
    with pytest.raises(DataError, match="reward accuracy, item q7 in ko: reference 'five' is not a number"):
        number(["?"], ["The answer is 5."], **columns)

    def broken(attempt: object) -> float:
        return 1 / 0

    function = RewardFunction(name="mine", score=Each(name="mine", score=broken))
    with pytest.raises(RuntimeError, match="reward mine, item q7 in ko: ZeroDivisionError: division by zero"):
        function(["?"], ["x"], **columns)
