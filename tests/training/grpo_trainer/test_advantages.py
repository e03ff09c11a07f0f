"""Advantages of hand-worked groups."""

import math

import pytest

pytest.importorskip("torch")

import torch

from xleval.training.config.schema import AdvantageConfig
from xleval.training.grpo.advantages import even_groups, group_advantages, means_by_language, weighted_rewards

POPULATION = AdvantageConfig(std="population", epsilon=1e-6)
NAN = math.nan


def test_population_deviation() -> None:
    """Mean 1, deviations -1 -1 0 2: variance 6/4, std 1.224745; -1 / 1.224746 = -0.816496, 2 / 1.224746 = 1.632992."""
    found = group_advantages(torch.tensor([0.0, 0.0, 1.0, 3.0]), 4, POPULATION)
    assert found.tolist() == pytest.approx([-0.816496, -0.816496, 0.0, 1.632992], abs=2e-6)


def test_sample_deviation_as_in_trl() -> None:
    """The same group: variance 6/3, std 1.414214; 2 / 1.414314 = 1.414113."""
    found = group_advantages(torch.tensor([0.0, 0.0, 1.0, 3.0]), 4, AdvantageConfig())
    assert found[3].item() == pytest.approx(1.414113, abs=1e-6)


def test_groups_do_not_mix_and_even_ones_learn_nothing() -> None:
    found = group_advantages(torch.tensor([5.0, 5.0, 0.0, 1.0]), 2, POPULATION)
    assert found.tolist() == pytest.approx([0.0, 0.0, -1.0, 1.0], abs=1e-5)
    assert even_groups(torch.tensor([5.0, 5.0, 0.0, 1.0]), 2).tolist() == [True, True, False, False]


def test_roll_outs_without_a_reward_count_nowhere() -> None:
    """0 and 2 remain: mean 1, population std 1."""
    found = group_advantages(torch.tensor([0.0, NAN, 2.0, NAN, NAN, 4.0]), 3, POPULATION)
    assert found.tolist() == pytest.approx([-1.0, 0.0, 1.0, 0.0, 0.0, 0.0], abs=1e-5)
    assert even_groups(torch.tensor([1.0, NAN, 1.0, NAN, NAN, NAN]), 3).tolist() == [True] * 6


def test_weights_and_rewards_that_do_not_apply() -> None:
    """1 x 2 + 0.5 x 4 = 4; a reward that does not apply is left out; none at all is none, not 0."""
    per_function = torch.tensor([[2.0, 4.0], [NAN, 4.0], [NAN, NAN]])
    assert weighted_rewards(per_function, torch.tensor([1.0, 0.5])).tolist()[:2] == [4.0, 2.0]
    assert math.isnan(weighted_rewards(per_function, torch.tensor([1.0, 0.5]))[2])


def test_means_by_language() -> None:
    found = means_by_language(torch.tensor([1.0, 3.0, NAN, NAN]), ["de", "en", "en", "sw"])
    assert found == {"de": 1.0, "en": 3.0}
