"""Accuracy of two runs (or arms of training seeds) language by language: the Holm family of a comparison."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from xleval.evalkit.compare.detectable import at_level
from xleval.evalkit.compare.differences import Draws, differences
from xleval.evalkit.compare.figures import COMPLETIONS
from xleval.evalkit.compare.pairing import TaskOfRun
from xleval.evalkit.compare.repeated import mean_of_completions, over_completions
from xleval.evalkit.compare.schema import CountsJson, DifferenceJson, LanguageComparison, SideJson
from xleval.evalkit.compare.sentences import TIED
from xleval.evalkit.item_statistics import number
from xleval.evalkit.metrics.grid import Bools, Floats
from xleval.evalkit.results_rows import UNSCORED_LIMIT
from xleval.evalkit.statistics import (
    Estimate,
    PairedEstimate,
    bootstrap_means,
    holm,
    mean_estimate,
    proportion,
)

Arm = Sequence[TaskOfRun]
Tables = Mapping[str, Floats]


def language_rows(
    first: tuple[Arm, Sequence[Tables]],
    second: tuple[Arm, Sequence[Tables]],
    *,
    draws: Draws,
    alpha: float,
    alike: bool,
) -> list[LanguageComparison]:
    """Return the comparison of accuracy in every language of the task, with Holm's correction over them (D23).

    A language without a test, for want of items or for unscored ones, enters the correction with p = 1: the family is
    what was named before anything was looked at. What could be found at all is at the strictest level of the correction.

    Args:
        first, second: the runs of each side with their tables, see `item_tables`, of the items in common.
        draws: of the bootstrap.
        alpha: level of the verdicts.
        alike: whether the runs were asked and scored alike; if not there is no difference and no verdict.
    """
    correct = [[each["accuracy"] for each in found] for _, found in (first, second)]
    languages = range(correct[0][0].shape[1])
    common: Bools = ~np.any(np.isnan(np.stack([*correct[0], *correct[1]])), axis=0)
    sides = [[_side(arm, found, common[:, j], j, draws) for j in languages] for arm, found in (first, second)]
    columns = [[[table[:, [j]] for table in found] for j in languages] for found in correct]
    estimates: list[PairedEstimate | None] = [None] * len(languages)
    if alike:
        estimates = differences(columns[0], columns[1], draws, level=alpha / len(languages))
    single = len(first[1]) == len(second[1]) == 1
    for j in languages:
        if single:
            one, two = (_completions(found[0], j) for _, found in (first, second))
            estimates[j] = over_completions(estimates[j], one, two, draws)
        if sides[0][j]["bounds"] or sides[1][j]["bounds"]:
            estimates[j] = None
    adjusted = holm([1.0 if each is None else each.p for each in estimates])
    if single:
        estimates = [at_level(each, alpha / len(languages)) for each in estimates]
    ties = [_ties([*first[0], *second[0]], j) for j in languages]
    return [
        _row(first[0][0], j, (sides[0][j], sides[1][j]), estimates[j], adjusted[j], alpha, alike, ties[j])
        for j in languages
    ]


def difference_json(estimate: PairedEstimate | None, p_holm: float | None = None) -> DifferenceJson | None:
    """Return a difference as it stands in the comparison."""
    if estimate is None:
        return None
    return DifferenceJson(
        value=estimate.difference, low=estimate.low, high=estimate.high, n=estimate.n, p=estimate.p, p_holm=p_holm,
        test=estimate.test, interval=estimate.interval, first_only=estimate.first_only,
        second_only=estimate.second_only, detectable=estimate.detectable,
    )  # fmt: skip


def _row(
    run: TaskOfRun,
    j: int,
    sides: tuple[SideJson, SideJson],
    estimate: PairedEstimate | None,
    p_holm: float,
    alpha: float,
    alike: bool,
    ties: str | None,
) -> LanguageComparison:
    verdict, reason = _verdict(sides, estimate, p_holm, alpha, alike, ties)
    return LanguageComparison(
        lang=run.grid.languages[j], chance=number(run.chance[j]), first=sides[0], second=sides[1],
        difference=difference_json(estimate, p_holm), verdict=verdict, reason=reason,
    )  # fmt: skip


def _verdict(
    sides: tuple[SideJson, SideJson],
    estimate: PairedEstimate | None,
    p_holm: float,
    alpha: float,
    alike: bool,
    ties: str | None,
) -> tuple[str, str | None]:
    """Return who is right more often, and where there is no verdict the reason."""
    if not alike:
        return "none", "not asked or scored alike"
    if sides[0]["bounds"] or sides[1]["bounds"]:
        return "none", "over 1 % unscored"
    if ties:
        return "none", ties
    if estimate is None:
        return "none", "no item is scored in both"
    if sides[0]["at_chance"] and sides[1]["at_chance"]:
        return "none", "at chance"
    if p_holm > alpha or not estimate.difference:
        return "undecided", None
    return ("second" if estimate.difference > 0 else "first"), None


def _side(arm: Arm, tables: Sequence[Tables], common: Bools, j: int, draws: Draws) -> SideJson:
    estimates = [_estimate(each["accuracy"][common, j], _completions(each, j), common, draws) for each in tables]
    known = [each for each in estimates if each is not None]
    chance, single = float(arm[0].chance[j]), len(arm) == 1
    return SideJson(
        value=sum(each.value for each in known) / len(known) if known else None,
        low=known[0].low if known and single else None,
        high=known[0].high if known and single else None,
        counts=_counts(arm, j),
        bounds=_bounds(arm, j),
        at_chance=bool(known) and all(_covers(each, chance) for each in known),
    )


def _completions(tables: Tables, j: int) -> Floats | None:
    """Return the completions of one language, (items, 1, completions); None where items have one each."""
    table = tables.get(f"accuracy{COMPLETIONS}")
    return None if table is None else table[:, [j]]


def _estimate(scores: Floats, completions: Floats | None, common: Bools, draws: Draws) -> Estimate | None:
    """Return the accuracy of one run: Wilson's or the exact interval for binary scores, else `mean_estimate`."""
    if not scores.size:
        return None
    if completions is not None and 0 < scores.mean() < 1:
        return mean_of_completions(completions[common], draws)
    if np.isin(scores, (0.0, 1.0)).all():
        return proportion(int(scores.sum()), len(scores))
    means = bootstrap_means(scores[:, None], np.random.default_rng(draws.seed), resamples=draws.resamples)
    return mean_estimate(scores[:, None], means[:, 0])


def _covers(estimate: Estimate, chance: float) -> bool:
    return estimate.low is not None and estimate.high is not None and estimate.low <= chance <= estimate.high


def _ties(runs: Sequence[TaskOfRun], j: int) -> str | None:
    """Return why a language has no verdict where the rule `published` decided more than 1 % of a run's answers alone.

    With `expected` these answers are unscored, and more than 1 % of them have no verdict there either.
    """
    counts = [(run.label, int(run.tied[:, j].sum()), run.rows[run.grid.languages[j]]["n"]) for run in runs]
    over = [f"{tied} of {n} answers of {label}" for label, tied, n in counts if tied > UNSCORED_LIMIT * n]
    if not over:
        return None
    return f"{' and '.join(over)} {TIED} and --ties published took the first; use --ties expected"


def _counts(arm: Arm, j: int) -> CountsJson:
    rows = [run.rows[run.grid.languages[j]] for run in arm]
    reasons: Counter[str] = Counter()
    for row in rows:
        reasons.update(row["unscored_reasons"])
    cut = sum(each.finish_reason == "length" for run in arm for each in run.grid.column(j))
    return CountsJson(
        n=sum(row["n"] for row in rows), n_unscored=sum(row["n_unscored"] for row in rows),
        truncated=cut if arm[0].kind == "generation" else None, reasons=dict(sorted(reasons.items())),
        n_tied=sum(int(run.tied[:, j].sum()) for run in arm),
    )  # fmt: skip


def _bounds(arm: Arm, j: int) -> list[float] | None:
    """Return the means of the runs' bounds, where one has such; a run without has its accuracy at both ends."""
    rows = [run.rows[run.grid.languages[j]] for run in arm]
    if not any(row["bounds"] for row in rows):
        return None
    ends = [row["bounds"] or [row["accuracy"]["value"] if row["accuracy"] else 0.0] * 2 for row in rows]
    return [sum(end[k] for end in ends) / len(ends) for k in (0, 1)]
