"""The arms that the user named, with what they need."""

from collections.abc import Sequence
from dataclasses import replace

from xleval.errors import unknown_name
from xleval.training.studies.records import Arm


def kept_arms(arms: Sequence[Arm], names: Sequence[str]) -> tuple[Arm, ...]:
    """Return the arms of some names, in the study's order: with the base, and those whose weights they begin with.

    An arm is compared with what is kept of its comparisons; every one is compared with the base at least.

    Args:
        arms: of the study, the base first.
        names: empty for all.

    Raises:
        ConfigError: no arm is called so.
    """
    by_name = {arm.name: arm for arm in arms}
    kept = {arms[0].name} if names else set(by_name)
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in by_name:
            raise unknown_name("arm", name, by_name)
        kept.add(name)
        waiting += [by_name[name].after] if by_name[name].after else []
    return tuple(_compared(arm, arms[0], kept) for arm in arms if arm.name in kept)


def _compared(arm: Arm, base: Arm, kept: set[str]) -> Arm:
    if arm.name == base.name:
        return arm
    return replace(arm, compared_with=tuple(each for each in arm.compared_with if each in kept) or (base.name,))
