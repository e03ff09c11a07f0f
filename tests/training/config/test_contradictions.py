"""Settings that contradict each other: the key, both values, the reason and the way out, before anything is loaded."""

from pathlib import Path

import pytest

from tests.training.config.yaml_files import RIGHT, needs_trl, write
from xleval.errors import ConfigError
from xleval.training.config.read import read_config
from xleval.training.config.schema import KINDS, Kind

pytestmark = needs_trl


@pytest.mark.parametrize("kind", KINDS)
def test_a_right_configuration_of_each_kind_is_read(kind: Kind, tmp_path: Path) -> None:
    assert read_config(write(tmp_path, RIGHT[kind]), kind).kind == kind


CONTRADICTIONS: list[tuple[Kind, list[str], list[str]]] = [
    ("clo", ["rewards=[{name: accuracy}]"], ["rewards", "kind is clo", "belongs to grpo", "xleval train grpo"]),
    ("grpo", ["loss.beta=0.2"], ["loss.beta", "kind is grpo", "belongs to clo and cm-align and dco"]),
    ("sft", ["warping=off"], ["warping", "kind is sft"]),
    ("dco", ["loss.nll_on=both"], ["loss.nll_on", "kind is dco", "belongs to clo"]),
    ("cpt", ["prompt.scaffold=english"], ["prompt.scaffold", "kind is cpt"]),
    ("sft", ["data.max_tokens=9"], ["data.max_tokens", "kind is sft", "belongs to cpt"]),
    ("grpo", ["rewards=[]", "pooling=null"], ["rewards is empty", "rewards: [{name: accuracy}]"]),
    ("grpo", ["rewards=[{name: acuracy}]"], ["unknown reward 'acuracy'", "Did you mean accuracy"]),
    ("grpo", ["rewards.facts.weight=0"], ["every weight of rewards is 0", "facts", "rewards.facts.weight=1"]),
    ("grpo", ["rewards=[{name: facts}, {name: facts}]"], ["rewards has facts twice"]),
    ("grpo", ["rewards=[{name: accuracy}]"], ["pooling is pooled", "rewards are accuracy", "pooling=null"]),
    ("grpo", ["data.langs=[de]"], ["pooling.mode is pooled", "data.langs is de", "per-language"]),
    ("grpo", ["pooling.shape=ladder"], ["pooling.shape is ladder", "data.langs has 2", "all-correct"]),
    (
        "grpo",
        ["pooling.mode=per-language", "pooling.bonus=1"],
        ["per-language", "pooling.bonus is 1", "Remove the bonus"],
    ),
    ("grpo", ["data.regime=fixed"], ["data.regime is fixed", "pooling", "grow"]),
    (
        "grpo",
        ["pooling=null", "data.langs=[de, en]", "data.regime=english-repeat"],
        ["data.regime is english-repeat", "data.langs is de, en", "Put en first"],
    ),
    ("clo", ["data.langs=[en]"], ["kind is clo", "data.langs is en", "[en, ko]"]),
    ("dco", ["data.langs=[ko]"], ["kind is dco", "data.langs is ko", "[en, ko]"]),
    ("cm-align", ["data.langs=[ko, de]"], ["kind is cm-align", "data.langs is ko, de", "[en, ko, de]"]),
    (
        "sft",
        ["modules=attention", "lora.targets=[q_proj, up_proj]"],
        ["modules is attention", "lora.targets has up_proj", "modules=all"],
    ),
    ("sft", ["loss.sft=letter"], ["loss.sft is letter", "prompt.show_options is false", "prompt.show_options=true"]),
    ("sft", ["loss.consistency_weight=0.5"], ["loss.consistency_weight is 0.5", "loss.sft is answer"]),
    (
        "sft",
        ["loss.sft=letter", "prompt.show_options=true", "loss.consistency_weight=0.5", "data.langs=[en]"],
        ["loss.consistency_weight is 0.5", "data.langs is en"],
    ),
    (
        "grpo",
        ["rewards=[{name: facts}, {name: language}]", "monitor.detector=first"],
        ["monitor.detector is first", "language", "monitor.detector=auto"],
    ),
    ("grpo", ["monitor.stop_on_warning=[ratio-falls]"], ["unknown warning 'ratio-falls'", "ratio-falls-reward-rises"]),
    (
        "sft",
        ["monitor.stop_on_warning=[answers-get-short]"],
        ["monitor.stop_on_warning", "kind is sft", "no roll-outs"],
    ),
    ("grpo", ["monitor.every=5", "monitor.limit=0"], ["monitor.limit is 0", "monitor.every is 5", "monitor.every=0"]),
    ("sft", ["monitor.every=5", "monitor.limit=0"], ["monitor.limit is 0", "monitor.every is 5"]),
    ("grpo", ["top_p=0.95"], ["warping is off", "trainer.top_p 0.95", "warping=correct"]),
    ("grpo", ["repetition_penalty=1.3"], ["warping is off", "trainer.repetition_penalty 1.3"]),
    (
        "grpo",
        ["num_generations=8", "per_device_train_batch_size=12", "steps_per_generation=1"],
        ["12", "16", "2 languages"],
    ),
    ("clo", ["trainer.beta=0.2"], ["trainer.beta", "0.2", "loss.beta"]),
    ("grpo", ["rewards=[{name: facts}, {name: language, options: {fom: ratio}}]"], ["fom", "Did you mean form"]),
    ("sft", ["prompt.scaffold=nativ"], ["unknown prompt.scaffold 'nativ'", "Did you mean native"]),
    ("clo", ["loss.sft_weight=1.5"], ["loss.sft_weight is 1.5", "between 0 and 1"]),
    ("sft", ["data.limit=0"], ["data.limit is 0", "1 or more"]),
    ("sft", ["seed=-1"], ["seed is -1"]),
]


@pytest.mark.parametrize(
    ("kind", "settings", "words"), CONTRADICTIONS, ids=[" ".join(each[1]) for each in CONTRADICTIONS]
)
def test_it_is_refused_with_both_values(kind: Kind, settings: list[str], words: list[str], tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config(write(tmp_path, RIGHT[kind]), kind, settings)
    for word in words:
        assert word in str(caught.value)


def test_a_key_of_another_kind_that_is_switched_off_is_no_contradiction(tmp_path: Path) -> None:
    # a file may extend one of another kind and take its rewards away
    path = write(tmp_path, RIGHT["grpo"])
    assert read_config(path, "sft", ["rewards=[]", "pooling=null"]).rewards == ()


def test_the_line_of_the_file_is_named(tmp_path: Path) -> None:
    text = RIGHT["sft"] + "loss:\n  sft: letter\n"
    with pytest.raises(ConfigError, match=r"own\.yaml:4: loss\.sft is letter"):
        read_config(write(tmp_path, text), "sft")


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_held_out_where_nothing_is_evaluated(kind: Kind, tmp_path: Path) -> None:
    assert read_config(write(tmp_path, RIGHT[kind]), kind, ["monitor.limit=0"]).monitor.limit == 0
