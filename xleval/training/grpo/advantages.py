"""What makes a roll-out better than the others of its prompt, and means of it by language."""

import math
from collections.abc import Sequence

import torch

from xleval.training.config.schema import AdvantageConfig

#: What TRL's trainer computes by itself (grpo_trainer.py, `scale_rewards: group`).
TRL_ADVANTAGE = AdvantageConfig()


def group_advantages(rewards: torch.Tensor, n_generations: int, rule: AdvantageConfig) -> torch.Tensor:
    """Return the advantages (N,): reward minus the mean of the prompt's roll-outs, over their deviation + epsilon.

    Population deviation and 1e-6 are PolyFact's, sample deviation and 1e-4 TRL's (E11). Roll-outs without a reward (NaN)
    count in neither mean nor deviation and get 0, as does the only one of a group.

    Args:
        rewards: (N,), the roll-outs of a prompt in a row.
        n_generations: roll-outs of each prompt.
        rule: how the deviation is computed.
    """
    groups = rewards.view(-1, n_generations)
    centred = groups - torch.nanmean(groups, dim=1, keepdim=True)
    n_scored = (~torch.isnan(groups)).sum(dim=1, keepdim=True)
    freedom = n_scored if rule.std == "population" else n_scored - 1
    std = (centred.nan_to_num(0.0).square().sum(dim=1, keepdim=True) / freedom.clamp(min=1)).sqrt()
    return (centred / (std + rule.epsilon)).nan_to_num(0.0).flatten()


def weighted_rewards(per_function: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Return the rewards (N,) of roll-outs: the weighted sum over the functions that apply; NaN where none does.

    Args:
        per_function: (N, F); NaN where a function does not apply.
        weights: (F,).
    """
    total = (per_function * weights.to(per_function.device)).nansum(dim=1)
    return total.masked_fill(torch.isnan(per_function).all(dim=1), math.nan)


def even_groups(rewards: torch.Tensor, n_generations: int) -> torch.Tensor:
    """Return for each roll-out (N,) whether all roll-outs of its prompt got the same reward, so that nothing is learnt."""
    groups = rewards.view(-1, n_generations)
    scored = groups.nan_to_num(nan=0.0)
    first = torch.nanmean(groups, dim=1, keepdim=True)
    same = (torch.isnan(groups) | torch.isclose(scored, first)).all(dim=1)
    return same.repeat_interleave(n_generations)


def means_by_language(values: torch.Tensor, langs: Sequence[str]) -> dict[str, float]:
    """Return the mean of each language's values (N,), in alphabetical order; NaN do not count, nor languages of NaN alone."""
    means = {}
    for lang in sorted(set(langs)):
        own = values[[place for place, each in enumerate(langs) if each == lang]].float()
        own = own[~torch.isnan(own)]
        if own.numel():
            means[lang] = own.mean().item()
    return means
