"""Which answers to facts are right, told to the monitor where no accuracy reward says it."""

from collections.abc import Mapping, Sequence
from typing import Any

from xleval.training.config.schema import TrainConfig
from xleval.training.grpo.observed import Judge
from xleval.training.rewards.attempts import read_attempts
from xleval.training.rewards.build import sampled_as
from xleval.training.rewards.facts import fact_verdict
from xleval.training.sets.records import PromptRow


def fact_judge(config: TrainConfig, rows: Sequence[PromptRow], *, prompt_end: str = "") -> Judge | None:
    """Return what tells which answers to facts are right where no accuracy reward does; None without facts.

    Of a pooled reward, or a control that knows nothing of the task, nobody could tell.

    Args:
        config: of a GRPO training.
        rows: its prompts.
        prompt_end: what the chat template writes after the last turn: of a completion that was cut within an opened
            `<think>`, all is reasoning, and what it names there is no answer.
    """
    if not any(row.choices for row in rows) or any(one.name == "accuracy" and one.weight for one in config.rewards):
        return None
    sampled = sampled_as(config, prompt_end=prompt_end)

    def judge(prompts: Sequence[Any], completions: Sequence[Any], rows: Sequence[Mapping[str, Any]]) -> list[bool]:
        columns = {key: [row[key] for row in rows] for key in rows[0] if key != "prompt"}
        attempts = read_attempts(prompts, completions, None, columns, sampled, 0)
        return [fact_verdict(attempt) == "right" for attempt in attempts]

    return judge
