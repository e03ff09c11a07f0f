"""What the monitor is told of answers to facts, beside the reward that the same completions get."""

from dataclasses import asdict

import pytest

pytest.importorskip("torch")

from xleval.training.config.schema import DataConfig, RewardConfig, TrainConfig
from xleval.training.grpo.fact_judge import fact_judge
from xleval.training.rewards.build import build_rewards
from xleval.training.sets.records import PromptRow

FACT = PromptRow(
    item_id="f", lang="en", prompt=[{"role": "user", "content": "Where is it?"}], question="Where is it?", gold="Paris",
    task="polyfact_free", choices=("Paris", "Rome", "Oslo", "Bern"), choice_ids=("Q1", "Q2", "Q3", "Q4"), gold_index=0,
)  # fmt: skip
CONFIG = TrainConfig(
    kind="grpo",
    name="tiny",
    model="m",
    data=DataConfig(source="s", langs=("en",)),
    rewards=(RewardConfig(name="facts"),),
)
COMPLETIONS = ("Paris or Rome?", "Paris", "I think so.</think>\n\nParis", "I think so.</think>\n\nRome")


@pytest.mark.parametrize(
    ("prompt_end", "right"),
    # After a template that opens a trace, "Paris" alone is cut within it: an answer that was never given.
    [("", [False, True, True, False]), ("<|assistant|>\n<think>\n", [False, False, True, False])],
)
def test_the_judge_and_the_reward_agree_where_a_template_opens_a_trace(prompt_end: str, right: list[bool]) -> None:
    judge = fact_judge(CONFIG, [FACT], prompt_end=prompt_end)
    assert judge is not None
    rows = [asdict(FACT)] * len(COMPLETIONS)
    assert judge([FACT.prompt] * len(rows), COMPLETIONS, rows) == right
    (reward,) = build_rewards(CONFIG, prompt_end=prompt_end)
    columns = {name: [row[name] for row in rows] for name in ("lang", "gold", "choices", "choice_ids", "gold_index")}
    given = reward.function([FACT.prompt] * len(rows), COMPLETIONS, **columns)
    assert [value == 1 for value in given] == right
