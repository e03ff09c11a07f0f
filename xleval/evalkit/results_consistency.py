"""The consistency block of a task's results: total consistency, RankC, agreement and overlap over a language set."""

import itertools
import math

import numpy as np

from xleval.evalkit.item_statistics import ItemStatistics, estimate_json, number
from xleval.evalkit.metrics import consistency
from xleval.evalkit.metrics.accuracy import Choices, Ties
from xleval.evalkit.metrics.grid import Floats, TaskGrid
from xleval.evalkit.results_schema import (
    AgreementJson,
    ConsistencyJson,
    CurvePoint,
    PairsJson,
    RankConsistencyJson,
    TotalConsistencyJson,
)

_SUBSETS = 200  # at most, for each m of the curve TC(m)


def consistency_blocks(
    grid: TaskGrid, correct: Floats, choices: Choices | None, scores: Floats | None, ties: Ties
) -> dict[str, Floats]:
    """Return the per-item statistics of consistency, as blocks for `ItemStatistics`.

    Args:
        grid: the task.
        correct: (I, L), correctness, NaN where unscored.
        choices: verdicts of a choice task; None for a generation.
        scores: the scores behind them; None for a generation or where no log-probabilities are known.
        ties: as in `rankc_items`.
    """
    blocks = {"total": consistency.total_consistency_items(correct)[:, None]}
    if choices is None:
        blocks["same"], blocks["same_right"] = consistency.answer_agreement_items(grid.predicted, correct)
        return blocks
    valid = choices.scored & grid.aligned
    blocks["same"], blocks["same_right"] = consistency.agreement_items(choices.picks, grid.gold, valid)
    if scores is not None:
        ranked = valid & ~np.isnan(scores).all(axis=-1)
        blocks["rankc"] = consistency.rankc_items(scores, ranked, ties)
    return blocks


def summarise_consistency(
    grid: TaskGrid, correct: Floats, choices: Choices | None, items: ItemStatistics, seed: int
) -> ConsistencyJson:
    """Return the consistency block; its intervals come from the draws that `items` has made."""
    n = len(grid.languages)
    present = grid.n_options > 0
    same, right = items.means("same"), items.means("same_right")
    agreement = None
    if not np.isnan(same).all():
        kappas = np.array([np.nan])
        if choices is not None:
            kappas = consistency.cohen_kappas(choices.picks, choices.scored & grid.aligned)
        agreement = AgreementJson(
            pairs=_pairs(items, "same", n), right=float(np.nanmean(right)), wrong=float(np.nanmean(same - right)),
            kappa=None if np.isnan(kappas).all() else float(np.nanmean(kappas)),
        )  # fmt: skip
    overlap = consistency.correct_overlap(correct)
    return ConsistencyJson(
        languages=list(grid.languages),
        total=_total(correct, items, seed),
        rankc=_rankc(grid, correct, items) if "rankc" in items.blocks else None,
        agreement=agreement,
        overlap=PairsJson(mean=None, matrix=_matrix(overlap, n)),
        n_not_aligned=int((present & ~grid.aligned).sum()),
    )


def total_consistency_curve(correct: Floats, seed: int) -> list[CurvePoint]:
    """Return total consistency over subsets of m languages, m = 2 .. L: all subsets, or 200 drawn at random.

    Items are those scored in all L languages, so that only the languages change along the curve.
    """
    complete = correct[~np.isnan(correct).any(axis=1)]
    n = correct.shape[1]
    if not len(complete):
        return []
    rng = np.random.default_rng([seed, 1])
    points = []
    for m in range(2, n + 1):
        if math.comb(n, m) <= _SUBSETS:
            subsets = np.array(list(itertools.combinations(range(n), m)))
        else:
            subsets = np.argsort(rng.random((_SUBSETS, n)), axis=1)[:, :m]
        values = np.array([complete[:, subset].prod(axis=1).mean() for subset in subsets])
        point = CurvePoint(
            m=m, n_subsets=len(values), mean=float(values.mean()), low=float(values.min()), high=float(values.max())
        )  # fmt: skip
        points.append(point)
    return points


def _total(correct: Floats, items: ItemStatistics, seed: int) -> TotalConsistencyJson:
    complete = correct[~np.isnan(correct).any(axis=1)]
    block = TotalConsistencyJson(
        estimate=estimate_json(items.bounded_mean_of("total")), accuracy=None, product=None, minimum=None, position=None,
        n_items=len(complete), n_excluded=len(correct) - len(complete),
        histogram=consistency.count_histogram(correct).tolist(), curve=total_consistency_curve(correct, seed),
    )  # fmt: skip
    if len(complete):
        accuracies = complete.mean(axis=0)
        product, minimum = float(accuracies.prod()), float(accuracies.min())
        block.update({"accuracy": float(accuracies.mean()), "product": product, "minimum": minimum})
        if minimum - product > 1e-12:
            block["position"] = (float(complete.prod(axis=1).mean()) - product) / (minimum - product)
    return block


def _rankc(grid: TaskGrid, correct: Floats, items: ItemStatistics) -> RankConsistencyJson | None:
    values = items.blocks["rankc"]
    known = ~np.isnan(values)
    mean = items.mean_of("rankc")
    if mean is None:
        return None
    floors, chances = consistency.rankc_references(np.where(grid.aligned, grid.n_options, 0).max(axis=1))
    # Items enter floor and chance as often as they enter the mean: per pair, then over pairs.
    floor, chance = (
        float(np.nanmean(consistency.column_means(np.where(known, reference[:, None], np.nan))))
        for reference in (floors, chances)
    )
    first, second = ([pair[k] for pair in consistency.language_pairs(len(grid.languages))] for k in (0, 1))
    weights = np.where(known, (1 - correct[:, first]) * (1 - correct[:, second]), 0.0).sum(axis=0)
    wrong = np.where(known, (1 - correct[:, first]) * (1 - correct[:, second]) * values, 0.0).sum(axis=0)
    both = wrong[weights > 0] / weights[weights > 0]
    return RankConsistencyJson(
        pairs=_pairs(items, "rankc", len(grid.languages)), chance=chance, floor=floor,
        above_chance=(mean.value - chance) / (1 - chance), above_floor=(mean.value - floor) / (1 - floor),
        both_wrong=float(both.mean()) if both.size else None,
    )  # fmt: skip


def _pairs(items: ItemStatistics, name: str, n: int) -> PairsJson:
    return PairsJson(mean=estimate_json(items.mean_of(name)), matrix=_matrix(items.means(name), n))


def _matrix(values: Floats, n: int) -> list[list[float | None]]:
    return [[number(value) for value in row] for row in consistency.pair_matrix(values, n)]
