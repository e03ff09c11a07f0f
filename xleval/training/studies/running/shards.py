"""Arms dealt out to machines: whole arms, with those that they begin with, so that each shard costs about the same."""

from collections.abc import Callable, Collection, Mapping

from xleval.errors import ConfigError
from xleval.evalkit.settings import Shard
from xleval.training.studies.records import Plan, Step

#: Kinds of steps that set arms side by side, or look at several: the whole study does them, no shard.
SIDE_BY_SIDE = ("probe", "judge", "compare", "transfer")
#: Kind of training -> about how long one takes beside SFT; what GRPO samples takes nearly all of its time (our assumption, of
#: the order of the PolyFact authors' figures: 22 GPU hours for GRPO on 10k facts, about 1 for SFT).
_TRAININGS: Mapping[str, float] = {"grpo": 20.0, "cm-align": 5.0, "cpt": 5.0, "sft": 1.0, "dco": 1.0, "clo": 1.0}


def steps_of(plan: Plan, shard: Shard | None, cost: Callable[[Step], float] | None = None) -> tuple[Step, ...]:
    """Return the steps that a shard does: its arms, and the data that they need; all for None.

    Args:
        plan: of the study.
        shard: one of several.
        cost: of a step, in any unit, 0 or more; None: `relative_cost`.

    Raises:
        ConfigError: there are more shards than there are arms to deal out.
    """
    if shard is None:
        return plan.steps
    groups = _groups(plan)
    dealt = _deal(plan, groups, shard.count, cost or relative_cost)
    mine = {name for name, group in groups.items() if group and dealt[group] == shard.index}
    needed = _needed(plan, mine)
    return tuple(
        step
        for step in plan.steps
        if step.name in needed or (step.kind == "overlap" and step.name in groups and needed.issuperset(step.after))
    )


def _groups(plan: Plan) -> dict[str, str]:
    """Return step -> the arm that stands for all arms it hangs together with; empty where it is data for all.

    Steps that set arms side by side, and those that need one, are absent.
    """
    home: dict[str, str] = {}

    def root(arm: str) -> str:
        while home.setdefault(arm, arm) != arm:
            arm = home[arm]
        return arm

    arms: dict[str, set[str]] = {}
    for step in plan.steps:
        if step.kind in SIDE_BY_SIDE or any(name not in arms for name in step.after):
            continue
        own = {step.arm} if step.arm else set()
        arms[step.name] = own.union(*(arms[name] for name in step.after))
        first = next(iter(sorted(arms[step.name])), "")
        for arm in arms[step.name]:
            home[root(arm)] = root(first)
    return {name: root(min(found)) if found else "" for name, found in arms.items()}


def _deal(plan: Plan, groups: Mapping[str, str], count: int, cost: Callable[[Step], float]) -> dict[str, int]:
    """Return group -> number of its shard: the dearest first, each to the shard that has least."""
    costs: dict[str, float] = {}
    for step in plan.steps:
        if group := groups.get(step.name):
            costs[group] = costs.get(group, 0.0) + cost(step)
    if count > len(costs):
        raise ConfigError(
            f"--shard I/{count}: the study has {len(costs)} groups of arms that can be apart (an arm stays with those it "
            f"begins with): {', '.join(costs)}. Give at most {len(costs)} shards"
        )
    load = dict.fromkeys(range(1, count + 1), 0.0)
    members = dict.fromkeys(load, 0)
    dealt = {}
    for group in sorted(costs, key=lambda name: -costs[name]):  # stable: of equal ones the plan's order decides
        number = min(load, key=lambda index: (load[index], members[index], index))
        dealt[group] = number
        load[number] += costs[group]
        members[number] += 1
    return dealt


def _needed(plan: Plan, names: Collection[str]) -> set[str]:
    """Return names of steps with those of all that they need."""
    by_name = {step.name: step for step in plan.steps}
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += by_name[name].after
    return found


def relative_cost(step: Step) -> float:
    """Return about how long a step takes beside others of the plan.

    It is the same on every machine, whatever models and data are at hand there: shards that were dealt differently would
    leave arms out.
    """
    if step.kind == "train":
        return _TRAININGS.get(step.words[1], 1.0)
    return 0.2 if step.kind in ("run", "grid") else 0.0
