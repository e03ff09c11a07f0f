"""Configurations from files and `--set`: values, sources, and errors that name key, place and nearest names."""

from pathlib import Path

import pytest

from tests.training.config.yaml_files import RIGHT, needs_trl, write
from xleval.data.languages import POLYFACT_LANGUAGES
from xleval.errors import ConfigError
from xleval.training.config.read import read_config
from xleval.training.config.schema import PoolingConfig, RewardConfig

pytestmark = needs_trl

FILE = """\
kind: grpo
model: some/model  # [P] abstract
data:
  source: embedded
  langs: polyfact  # the twelve
rewards:
  - name: facts
    weight: 2
  - {name: language, weight: 0, options: {form: threshold, threshold: 0.8}}
pooling:
  bonus: 3
trainer:
  learning_rate: 1e-6  # not stated: our choice because it is usual
  max_steps: 7
"""


def test_a_file_becomes_records_and_each_value_has_its_source(tmp_path: Path) -> None:
    path = write(tmp_path, FILE)
    config = read_config(path, "grpo", ["learning_rate=2e-6", "rewards.language.weight=0.5", "pooling.bonus=1"])
    assert config.name == "own"
    assert config.data.langs == POLYFACT_LANGUAGES
    assert config.rewards == (
        RewardConfig(name="facts", weight=2.0),
        RewardConfig(name="language", weight=0.5, options={"form": "threshold", "threshold": 0.8}),
    )
    assert config.pooling == PoolingConfig(bonus=1.0)
    assert config.trainer == {"learning_rate": 2e-6, "max_steps": 7}
    assert config.sources["model"] == "[P] abstract"
    assert config.sources["data.langs"] == "the twelve"
    assert config.sources["trainer.max_steps"] == f"{path}:14"
    for key in ("trainer.learning_rate", "rewards.language.weight", "pooling.bonus"):
        assert config.sources[key] == "given on the command line"


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("learning_rat=1", ["--set learning_rat=1", "Did you mean trainer.learning_rate"]),
        ("trainer.lerning_rate=1", ["unknown setting of TRL for grpo 'lerning_rate'", "learning_rate"]),
        ("data.limt=3", ["unknown key 'data.limt'", "Did you mean data.limit"]),
        ("limit=3", ["unknown key 'limit'", "Did you mean data.limit"]),
        ("rewards.fact.weight=1", ["unknown entry 'fact'", "facts"]),
        ("pooling.shape=lader", ["unknown pooling.shape 'lader'", "Did you mean ladder"]),
        ("data.limit=many", ["data.limit has the value 'many'", "a whole number, or null for none"]),
        ("data.limit=2.5", ["data.limit has the value 2.5", "a whole number"]),
        ("prompt.chat=maybe", ["prompt.chat has the value 'maybe'", "true or false, or null"]),
        ("rewards=accuracy", ["rewards has the value 'accuracy'", "a list of rewards"]),
        ("data=embedded", ["data has the value 'embedded'", "keys and values"]),
        ("pooling.bonus={a: 1}", ["pooling.bonus has the value {'a': 1}", "a number"]),
        ("learning_rate=fast", ["trainer.learning_rate has the value 'fast'", "a number"]),
        ("max_steps=1.5", ["trainer.max_steps has the value 1.5", "a whole number"]),
        ("output_dir=x", ["trainer.output_dir is 'x'", "--out decides it"]),
        ("hub_token=abc", ["the environment (HF_TOKEN)"]),
        ("data.langs=[en, kor]", ["data.langs", "unknown language 'kor'", "ko"]),
        ("data.langs=[en, de, en]", ["data.langs", "more than once", "en"]),
        ("model=", ["model has the value None", "a text"]),
        ("nothing", ["--set nothing: needed is KEY=VALUE"]),
        ("name=x", ["unknown key 'name'"]),
        ("kind=sft", ["--set kind=sft: the command trains grpo", "xleval train sft"]),
        ("kind=gpro", ["unknown kind 'gpro'", "Did you mean grpo"]),
        ("model=' '", ["model is empty", "a checkpoint folder or a hub id"]),
        ("data=5", ["data has the value 5", "such as {source: embedded}"]),
        ("data.parallel_with=[en, xx]", ["the key data.parallel_with: unknown language 'xx'"]),
        ("data.columns={quesion: x}", ["unknown column of data.columns 'quesion'", "Did you mean question"]),
        ("data.mixture=eazy", ["unknown data.mixture 'eazy'", "Did you mean easy"]),
        ("prompt.cot=chinese", ["unknown prompt.cot 'chinese'", "native, english, direct"]),
        ("learning_rate=-1", ["trainer.learning_rate is -1", "0 or more"]),
        ("learning_rate=.nan", ["trainer.learning_rate is nan"]),
        ("rewards.facts.weight=.inf", ["rewards.facts.weight is inf", "finite"]),
        ("max_steps=0", ["trainer.max_steps is 0", "1 or more, or -1"]),
        ("per_device_train_batch_size=0", ["trainer.per_device_train_batch_size is 0", "1 or more"]),
        ("temperature=0", ["trainer.temperature is 0", "above 0"]),
        ("max_completion_length=0", ["trainer.max_completion_length is 0"]),
        ("loss_type=gropo", ["unknown trainer.loss_type 'gropo'", "Did you mean grpo"]),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_needed(setting: str, words: list[str], tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config(write(tmp_path, FILE), "grpo", [setting])
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("learning_rate: 1e-5", ["own.yaml:3: unknown key 'learning_rate'", "Did you mean trainer.learning_rate"]),
        ("trainer: {learning-rate: 1e-5}", ["own.yaml:3", "unknown setting", "Did you mean learning_rate"]),
        ("loss: {sft-weight: 0.5}", ["own.yaml:3: unknown key 'loss.sft-weight'", "Did you mean loss.sft_weight"]),
        ("limit: 3", ["unknown key 'limit'", "Did you mean data.limit"]),
        ("lora: {r: big}", ["own.yaml:3: the key lora.r has the value 'big'", "a whole number"]),
    ],
)
def test_a_wrong_line_of_a_file_is_named(line: str, words: list[str], tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config(write(tmp_path, RIGHT["sft"] + line + "\n"), "sft")
    for word in words:
        assert word in str(caught.value)


def test_what_is_needed_and_missing_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, "data: {langs: [en]}\n")
    with pytest.raises(ConfigError, match=r"the key data\.source is missing; needed is a text"):
        read_config(path, "sft")
    with pytest.raises(ConfigError, match=r"the key model is missing; .* --set model=VALUE"):
        read_config(path, "sft", ["data.source=embedded"])
    with pytest.raises(ConfigError, match=r"the key data is missing; .* --set data\.source=embedded"):
        read_config(write(tmp_path, "model: m\n"), "sft")


def test_texts_that_look_like_something_else_stay_texts(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, RIGHT["sft"]), "sft", ["model=007", "data.source=1e-6", "data.langs=en,ko"])
    assert (config.model, config.data.source, config.data.langs) == ("007", "1e-6", ("en", "ko"))


def test_null_switches_a_part_off(tmp_path: Path) -> None:
    path = write(tmp_path, RIGHT["sft"] + "lora: {r: 8}\n")
    lora = read_config(path, "sft").lora
    assert lora is not None
    assert (lora.r, lora.alpha) == (8, 128)
    assert read_config(path, "sft", ["lora=null"]).lora is None


def test_the_kind_of_a_file_is_not_the_commands(tmp_path: Path) -> None:
    path = write(tmp_path, "kind: grpo\n" + RIGHT["grpo"])
    with pytest.raises(ConfigError, match=f"kind is grpo and the command trains sft.* xleval train grpo {path}"):
        read_config(path, "sft")


def test_one_training_of_a_matrix_is_named_behind_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "vary: {axes: {lang: [ko, de]}}\nmodel: m\ndata: {source: embedded, langs: ['{lang}']}\n")
    with pytest.raises(ConfigError, match=f"describes 2 trainings; name one, such as {path}:ko"):
        read_config(path, "sft")
    with pytest.raises(
        ConfigError, match=f"describes one training, without the key vary; give {tmp_path}/one.yaml alone"
    ):
        read_config(f"{write(tmp_path, RIGHT['sft'], 'one.yaml')}:ko", "sft")
    config = read_config(f"{path}:de", "sft")
    assert (config.name, config.data.langs) == ("own-de", ("de",))


def test_a_recipe_that_is_not_there_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"unknown recipe 'smoke/gpro'\. Did you mean smoke/grpo"):
        read_config("smoke/gpro", "grpo")
    with pytest.raises(ConfigError, match=r"own\.yaml: no such file"):
        read_config("own.yaml", "grpo")


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    write(tmp_path, RIGHT["sft"])
    with pytest.raises(
        ConfigError, match=r"is a folder, with own\.yaml; needed is a YAML file or the name of a recipe"
    ):
        read_config(str(tmp_path), "sft")
