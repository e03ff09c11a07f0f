"""Rows of trainers as roll-outs: TRL 1.16 and verl 0.9.1 column names."""

from pathlib import Path

import pytest

from xleval.errors import ConfigError, DataError
from xleval.evalkit.imports.fields import Row
from xleval.evalkit.imports.values import BadRow
from xleval.training.measure import verdict
from xleval.training.rollouts import SOURCES, RollOut, read_rollout, reward_columns, step_of_name, watch_map

TRL = {
    "step": 3, "prompt": "Mayai 16 - 3?", "completion": "Jibu ni 13.", "accuracy_reward": 1.0,
    "format_reward": float("nan"), "answer": "13", "lang": "sw", "advantage": 0.7,
}  # fmt: skip
VERL = {"input": "Mayai 16 - 3?", "output": "Jibu ni 13.", "gts": "13", "score": 0.5, "step": 3, "language": "Swahili"}


def read(values: dict[str, object], *mapping: str, source: str = "trl", lang_column: str | None = None) -> RollOut:
    row = Row(values=values, file=Path("1.jsonl"), number=4)
    return read_rollout(row, watch_map(mapping, lang_column), SOURCES[source], 9)


def test_a_row_of_trl() -> None:
    assert read(TRL) == RollOut(
        step=3, lang="sw", prompt="Mayai 16 - 3?", completion="Jibu ni 13.", gold="13", given_correct=True,
        reward=1.0,  # a reward function that does not apply is NaN, and is not in the sum
        advantage=0.7,
    )  # fmt: skip


def test_a_row_of_verl_without_its_step() -> None:
    rollout = read({name: value for name, value in VERL.items() if name != "step"}, source="verl")
    assert (rollout.step, rollout.lang, rollout.reward, rollout.gold, rollout.advantage) == (9, "sw", 0.5, "13", None)
    assert rollout.given_correct is None  # half a point is no verdict


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("sw", "sw"), ("swh_Latn", "sw"), ("Swahili", "sw"), ("swh", "sw"), ("SW", "sw"), ("kiSwahili", "sw"),
        (" sWaHiLi ", "sw"), ("sw-KE", "sw"), ("PT_br", "pt"), ("pt-BR", "pt"), ("zh-Hant-TW", "zh"), ("es-419", "es"),
        ("中文", "zh"), ("ภาษาไทย", None), ("ไทย", "th"), ("Portuguese (Brazil)", "pt"), ("Chinese (Simplified)", "zh"),
    ],
)  # fmt: skip
def test_languages_by_code_tag_or_name(name: str, code: str | None) -> None:
    if code is None:
        with pytest.raises(DataError, match=f"{name}.* is no language"):
            read({**TRL, "tongue": name}, lang_column="tongue")
    else:
        assert read({**TRL, "tongue": name}, lang_column="tongue").lang == code


@pytest.mark.parametrize("value", ["Klingon", "", 3, ["sw"]])
def test_an_unknown_language_names_value_and_row(value: object) -> None:
    with pytest.raises(DataError, match=r"1\.jsonl, row 4: .* is no language of xleval's table") as caught:
        read({**TRL, "lang": value})
    assert repr(value) in str(caught.value)
    assert not isinstance(caught.value, BadRow)  # it ends the watch: so it is in every row


def test_without_a_language_the_way_out_is_named() -> None:
    without = {name: value for name, value in TRL.items() if name != "lang"}
    with pytest.raises(DataError, match="Name its column with --lang-column"):
        read(without)
    with pytest.raises(DataError, match=r"has no column 'tongue', which --map names\. Found: step, prompt"):
        read(without, lang_column="tongue")
    assert read(without, "lang=@th").lang == "th"


def test_what_is_mapped() -> None:
    values = {
        **TRL, "cot": "Kumi na tatu", "ent": 0.3, "cut": "length", "n": 7, "a": 0.25, "b": -1.0, "meta": {"ok": "no"},
    }  # fmt: skip
    rollout = read(
        values, "completion=cot", "entropy=ent", "finish_reason=cut", "n_completion_tokens=n", "reward=a,b",
        "correct=meta.ok", "advantage=b", "step=n",
    )  # fmt: skip
    assert (rollout.completion, rollout.entropy, rollout.truncated, rollout.n_tokens) == ("Kumi na tatu", 0.3, True, 7)
    assert (rollout.reward, rollout.given_correct, rollout.advantage, rollout.step) == (-0.75, False, -1.0, 7)


def test_which_columns_are_rewards() -> None:
    row = Row(values={**TRL, "reward_model": "text", "length_penalty": 1.0}, file=Path("x"), number=1)
    assert reward_columns(row, watch_map(()), SOURCES["trl"]) == ("accuracy_reward", "format_reward")
    total = Row(values={**TRL, "reward": 0.1}, file=Path("x"), number=1)
    assert reward_columns(total, watch_map(()), SOURCES["trl"]) == ("reward",)
    assert read({**TRL, "accuracy_reward": None}).reward is None  # none applies
    alone = {name: value for name, value in TRL.items() if name != "format_reward"}
    with pytest.raises(BadRow, match="reward accuracy_reward is nan"):
        read({**alone, "accuracy_reward": float("nan")})
    words = Row(values={**TRL, "accuracy_reward": "high"}, file=Path("x"), number=1)  # a number in other rows
    with pytest.raises(BadRow, match="reward accuracy_reward is 'high'"):
        read_rollout(words, watch_map(()), SOURCES["trl"], 1, ["accuracy_reward"])


def test_an_accuracy_that_rewards_nothing_is_a_verdict_all_the_same() -> None:
    """Of weight 0 it is logged as `accuracy_curve`, see `rewards.build`; "x = 2" is no number."""
    values = {name: value for name, value in TRL.items() if name != "accuracy_reward"}
    rollout = read({**values, "answer": "x = 2", "accuracy_curve": 1.0, "format_reward": 0.5})
    assert (verdict(rollout), rollout.reward) == (True, 0.5)


def test_conversations_are_written_out() -> None:
    rollout = read({**TRL, "prompt": [{"role": "user", "content": "2 + 2?"}], "completion": [
        {"role": "assistant", "content": "4", "reasoning_content": "Mbili na mbili"}
    ]})  # fmt: skip
    assert (rollout.prompt, rollout.completion) == ("2 + 2?", "<think>\nMbili na mbili\n</think>\n\n4")


def test_a_row_without_a_completion_is_refused_alone() -> None:
    with pytest.raises(BadRow, match="no completion"):
        read({**TRL, "completion": None})
    assert read({**TRL, "completion": ""}).completion == ""


@pytest.mark.parametrize(
    ("mapping", "column", "message"),
    [
        (["compeltion=x"], None, r"unknown key of --map 'compeltion'\. Did you mean completion"),
        (["gold"], None, r"^--map 'gold': KEY=COLUMN or KEY=@TEXT is needed"),
        (["gold=a", "gold=b"], None, r"^--map gold=… is given twice"),
        (["lang=a"], "b", "both name the language"),
    ],
)
def test_wrong_mappings(mapping: list[str], column: str | None, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        watch_map(mapping, column)


def test_names_of_files() -> None:
    trl, verl = SOURCES["trl"], SOURCES["verl"]
    assert step_of_name(Path("a/completions_00012.parquet"), trl) == 12
    assert step_of_name(Path("completions_x.parquet"), trl) is None
    assert step_of_name(Path("7.jsonl"), verl) == 7
    assert step_of_name(Path("journal.jsonl"), verl) is None
