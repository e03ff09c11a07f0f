"""Main figures of arms, over named languages and all training seeds, with intervals."""

import math
from collections.abc import Mapping, Sequence
from typing import Literal

from xleval.evalkit.results_schema import EstimateJson, Results
from xleval.training.studies.found import Found
from xleval.training.studies.sections.measures import Detector, Measure, figure_of

__all__ = [
    "Kept",
    "Measure",
    "arm_figure",
    "arms_of",
    "detector_of",
    "groups_of",
    "languages_of",
    "over_seeds",
    "runs_of",
    "subject",
    "tasks_of",
]

#: Which evaluations of an arm are read: `results` or `open` of `Found`.
Kept = Literal["results", "open"]
_NORMAL = 1.959963984540054  # 0.975 quantile of the standard normal


def runs_of(found: Found, arm: str, *, kept: Kept = "results") -> list[tuple[int | None, Results]]:
    """Return the evaluations of an arm that are there, by training seed, in the plan's order.

    An arm that the plan leaves out has none.
    """
    if all(arm != each.name for each in found.plan.arms):
        return []
    having = found.results if kept == "results" else found.open
    seeds: tuple[int | None, ...] = found.plan.arm(arm).seeds or (None,)
    return [(seed, having[arm, seed]) for seed in seeds if (arm, seed) in having]


def arms_of(found: Found, arms: Sequence[str] = (), *, kept: Kept = "results") -> tuple[str, ...]:
    """Return the names of arms that have an evaluation, in the order given; empty for all, in the plan's order."""
    wanted = arms or [arm.name for arm in found.plan.arms]
    return tuple(name for name in wanted if runs_of(found, name, kept=kept))


def tasks_of(found: Found, *, kept: Kept = "results", arms: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the tasks that some arm has, in the order they are met."""
    runs = [results for name in arms_of(found, arms, kept=kept) for _, results in runs_of(found, name, kept=kept)]
    return tuple(dict.fromkeys(task for results in runs for task in results["tasks"]))


def languages_of(found: Found, arm: str, task: str, langs: Sequence[str] = (), *, kept: Kept = "results") -> list[str]:
    """Return the languages that an arm was asked a task in, of those named; none where it was not asked the task."""
    runs = [results["tasks"][task] for _, results in runs_of(found, arm, kept=kept) if task in results["tasks"]]
    there = list(dict.fromkeys(lang for result in runs for lang in result["languages"]))
    return [lang for lang in langs if lang in there] if langs else there


def groups_of(found: Found) -> Mapping[str, tuple[str, ...]]:
    """Return heading -> languages: `seen` and `unseen` of the plan, without empty ones."""
    groups = {"seen": found.plan.seen, "unseen": found.plan.unseen}
    return {name: langs for name, langs in groups.items() if langs}


def subject(found: Found, arm: str, n_seeds: int) -> str:
    """Return what a sentence calls an arm: by its label with several training seeds, as a checkpoint with one (D2)."""
    label = found.plan.arm(arm).label
    return label if n_seeds > 1 else f"the {label} checkpoint"


def detector_of(found: Found, task: str, *, kept: Kept = "results") -> Detector:
    """Return the detector that every run of a task has figures by: the second where all have it, else the first."""
    having = found.results if kept == "results" else found.open
    written = [
        row["language_consistency"]
        for results in having.values()
        if task in results["tasks"]
        for row in results["tasks"][task]["rows"]
        if row["language_consistency"] is not None
    ]
    return "second" if written and all(each["second_opinion"] is not None for each in written) else "first"


def arm_figure(
    found: Found,
    arm: str,
    task: str,
    langs: Sequence[str] = (),
    measure: Measure = "accuracy",
    *,
    kept: Kept = "results",
) -> EstimateJson | None:
    """Return a figure of an arm on a task: mean over languages, then over its training seeds.

    Args:
        found: the study.
        arm: name.
        task: name; an arm without it has no figure.
        langs: codes; those that the task does not have are not counted, and empty is all of the task.
        measure: what is measured; `in language` and `off target` are by one detector in all arms.
        kept: which evaluations.
    """
    detector = detector_of(found, task, kept=kept)
    runs = [results["tasks"].get(task) for _, results in runs_of(found, arm, kept=kept)]
    figures = [figure_of(result, langs, measure, detector) for result in runs if result is not None]
    known = [each for each in figures if each is not None]
    if not known or len(known) < len(figures):
        return None
    return over_seeds(known, share=measure != "mean tokens")


def over_seeds(figures: Sequence[EstimateJson], *, share: bool = True) -> EstimateJson:
    """Return the mean over training seeds; of one seed the figure itself, whose interval is over items alone.

    The interval is m ± √(t² V + z² W), as in `two_level_difference`: V = s²/S of the seeds' figures, t with S - 1 degrees
    of freedom; W the mean of the variances that the runs' own intervals stand for. Seeds answer the same items, so W is
    at least that of their mean, and the interval is at least wide enough. Where a run has no interval there is none.

    Args:
        figures: of each seed.
        share: whether the interval ends in [0, 1].
    """
    from xleval.evalkit.statistics.distributions import t_quantile

    if len(figures) == 1:
        return figures[0]
    n_seeds = len(figures)
    value = sum(each["value"] for each in figures) / n_seeds
    spread = sum((each["value"] - value) ** 2 for each in figures) / (n_seeds - 1) / n_seeds
    halves = [
        (each["high"] - each["low"]) / 2 for each in figures if each["low"] is not None and each["high"] is not None
    ]
    if len(halves) < n_seeds:  # what the seeds alone vary by is less than the whole
        return EstimateJson(value=value, low=None, high=None, n=min(each["n"] for each in figures), method="none")
    items = sum((half / _NORMAL) ** 2 for half in halves) / n_seeds
    half = math.sqrt(t_quantile(n_seeds - 1) ** 2 * spread + _NORMAL**2 * items)
    low, high = value - half, value + half
    return EstimateJson(
        value=value, low=max(low, 0.0) if share else low, high=min(high, 1.0) if share else high,
        n=min(each["n"] for each in figures), method=f"95% over {n_seeds} training seeds, then items",
    )  # fmt: skip
