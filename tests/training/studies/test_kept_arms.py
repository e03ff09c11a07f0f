"""Arms by name: what they begin with comes along, and comparisons with what is gone fall away."""

import pytest

from xleval.errors import ConfigError
from xleval.training.studies.kept_arms import kept_arms
from xleval.training.studies.records import Arm

ARMS = (
    Arm(name="base", label="base", role="base"),
    Arm(name="sft", label="SFT", role="method", kind="sft", compared_with=("base",)),
    Arm(name="dpo", label="DPO", role="method", kind="clo", after="sft", compared_with=("sft",)),
    Arm(name="clo", label="CLO", role="method", kind="clo", compared_with=("sft", "dpo")),
)


def names(*asked: str) -> list[str]:
    return [arm.name for arm in kept_arms(ARMS, asked)]


def test_without_names_all_are_kept_as_they_are() -> None:
    assert kept_arms(ARMS, ()) == ARMS


def test_an_arm_brings_the_base_and_what_it_begins_with() -> None:
    assert names("dpo") == ["base", "sft", "dpo"]


def test_an_arm_whose_partners_are_gone_is_compared_with_the_base() -> None:
    assert kept_arms(ARMS, ("clo",))[1].compared_with == ("base",)
    assert kept_arms(ARMS, ("clo", "sft"))[2].compared_with == ("sft",)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ConfigError, match="clo"):
        names("cloo")
