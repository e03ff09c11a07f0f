"""Roll-outs on their way to the monitor: made at sampling, complete when the loss has seen their entropy."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from xleval.training.rollouts import RollOut

#: Takes the step and the roll-outs of one generation batch, of all processes; called in the main process only.
Observer = Callable[[int, Sequence[RollOut]], None]
#: Prompts, completions and rows of one process -> whether each completion is right.
Judge = Callable[[Sequence[Any], Sequence[Any], Sequence[Mapping[str, Any]]], Sequence[bool]]


@dataclass(slots=True, kw_only=True)
class Pending:
    """The roll-outs of the last generation batch.

    Attributes:
        step: optimiser step that trains on them first, counted from 1 as in the trainer's logs.
        langs: of the roll-outs of all processes.
        rollouts: of all processes; empty but in the main one.
        entropies: (B,) of this process: mean entropy of each roll-out's tokens; NaN until the loss has seen it.
    """

    step: int
    langs: Sequence[str]
    rollouts: Sequence[RollOut]
    entropies: torch.Tensor


def with_entropy(rollouts: Sequence[RollOut], entropies: Sequence[float]) -> list[RollOut]:
    """Return the roll-outs with their entropies; NaN is no entropy."""
    return [
        replace(rollout, entropy=None if math.isnan(entropy) else entropy)
        for rollout, entropy in zip(rollouts, entropies, strict=True)
    ]


def as_rollout(
    step: int, lang: str, prompt: object, completion: object, gold: str, correct: bool | None, reward: float,
    advantage: float, truncated: bool, n_tokens: int,
) -> RollOut:  # fmt: skip
    """Return a roll-out without its entropy; a reward of NaN is none."""
    return RollOut(
        step=step, lang=lang, prompt=as_text(prompt), completion=as_text(completion), gold=gold, given_correct=correct,
        reward=None if math.isnan(reward) else reward, advantage=advantage, truncated=truncated, n_tokens=n_tokens,
    )  # fmt: skip


def as_text(said: object) -> str:
    """Return a prompt or completion as text; of a conversation its turns, one after another."""
    if isinstance(said, str):
        return said
    if not isinstance(said, list):
        raise TypeError(f"a prompt is a text or a list of turns, not {type(said).__name__}")
    return "\n".join(str(turn.get("content", "")) for turn in said)
