"""From verdicts to the figures of one language of a task."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from xleval.evalkit.claims import win_rate
from xleval.evalkit.estimate_schema import EstimateJson
from xleval.evalkit.item_statistics import estimate_json
from xleval.evalkit.judge.agreement import agreement
from xleval.evalkit.judge.asking import Side, Verdict
from xleval.evalkit.judge.before import FAULTS
from xleval.evalkit.judge.length_control import win_rate_at_equal_length
from xleval.evalkit.judge.pairs import Pair
from xleval.evalkit.judge.schema import AccuracyJson, RowJson
from xleval.evalkit.statistics import Floats, bootstrap_means, mean_estimate

RESAMPLES = 10_000
"""Of the bootstrap over items; the fits at equal length take a tenth of them."""
_POINTS: Mapping[Side, float] = {"first": 0.0, "tie": 0.5, "second": 1.0}

#: (task, language, item) -> its verdicts in order 0 and 1
Verdicts = Mapping[tuple[str, str, str], tuple[Verdict, Verdict]]


def by_item(verdicts: Sequence[Verdict]) -> Verdicts:
    """Return the verdicts of `ask`, which come two by two, by item."""
    return {
        (one.pair.task, one.pair.lang, one.pair.item_id): (one, other)
        for one, other in zip(verdicts[::2], verdicts[1::2], strict=True)
    }


def item_score(pair: Pair, verdicts: Verdicts) -> float | None:
    """Return the second run's score on an item, in [0, 1]: both orders averaged, ties as half; None where it is unscored."""
    if not pair.is_judged:
        return pair.score_before
    found = [each.verdict for each in verdicts[pair.task, pair.lang, pair.item_id]]
    return None if None in found else sum(_POINTS[each] for each in found if each) / 2


def outcome(score: float) -> Side:
    """Return who wins an item after both orders."""
    return "tie" if score == 0.5 else "second" if score > 0.5 else "first"


def language_row(
    lang: str, pairs: Sequence[Pair], verdicts: Verdicts, accuracy: AccuracyJson | None, *, seed: int
) -> RowJson:
    """Return the figures of one language of a task by one judge; see `RowJson`."""
    scores = [item_score(pair, verdicts) for pair in pairs]
    judged = [(pair, score) for pair, score in zip(pairs, scores, strict=True) if pair.is_judged and score is not None]
    decided = [pair.score_before for pair in pairs if pair.score_before is not None]
    known = [score for score in scores if score is not None]
    counts = Counter(outcome(score) for score in known)
    reasons = Counter(_reason(pair, verdicts) for pair, score in zip(pairs, scores, strict=True) if score is None)
    both = [verdicts[pair.task, pair.lang, pair.item_id] for pair, _ in judged]
    slots = [slot for each in both for verdict in each if (slot := verdict.is_for_first_shown) is not None]
    judged_scores = np.array([score for _, score in judged], dtype=np.float64)
    chars = np.array([[len(text) for text in pair.answers] for pair, _ in judged], dtype=np.float64).reshape(-1, 2)
    controlled = win_rate_at_equal_length(
        judged_scores, chars, np.array(decided, dtype=np.float64), np.random.default_rng(seed),
        resamples=RESAMPLES // 10,
    )  # fmt: skip
    return RowJson(
        lang=lang, n=len(pairs), n_judged=len(judged), before=_before(pairs), off_target=_off_target(pairs),
        n_unscored=len(pairs) - len(known), reasons=dict(sorted(reasons.items())),
        wins=counts["second"], ties=counts["tie"], losses=counts["first"],
        win_rate=mean_json(known, seed), win_rate_judged=mean_json([score for _, score in judged], seed),
        length_controlled=estimate_json(controlled), mean_chars=_mean_chars(pairs),
        orders=agreement([str(one.verdict) for one, _ in both], [str(other.verdict) for _, other in both]),
        first_slot=sum(slots) / len(slots) if slots else None,
        accuracy=accuracy, validated=accuracy is not None and win_rate(lang, accuracy["value"], accuracy["n"]) is None,
    )  # fmt: skip


def label_accuracy(pairs: Sequence[Pair], verdicts: Verdicts, *, seed: int) -> dict[str, AccuracyJson]:
    """Return a judge's accuracy on labelled pairs by language; a pair without both verdicts is in none."""
    found: dict[str, list[float]] = {}
    for pair in pairs:
        score = item_score(pair, verdicts)
        if score is not None:
            found.setdefault(pair.lang, []).append(score if pair.winner else 1 - score)
    figures = {lang: mean_json(scores, seed) for lang, scores in found.items()}
    return {
        lang: AccuracyJson(value=each["value"], low=each["low"], high=each["high"], n=each["n"])
        for lang, each in figures.items() if each
    }  # fmt: skip


def mean_json(scores: Sequence[float], seed: int) -> EstimateJson | None:
    """Return the mean of item scores with its interval over items; None without one."""
    return table_json(np.array(scores, dtype=np.float64)[:, None], seed) if scores else None


def table_json(values: Floats, seed: int) -> EstimateJson | None:
    """Return the mean of column means of scores (items, languages), with its interval over items; NaN does not count."""
    draws = bootstrap_means(values, np.random.default_rng(seed), resamples=RESAMPLES).mean(axis=1)
    return estimate_json(mean_estimate(values, draws))


def _before(pairs: Sequence[Pair]) -> dict[str, list[int]]:
    """Return how many items each fault decided: only the first run's answer has one, only the second's, both have."""
    found: dict[str, list[int]] = {name: [0, 0, 0] for name in FAULTS}
    for pair in pairs:
        if pair.fault is not None:
            place = 2 if None not in pair.faults else 0 if pair.faults[0] is not None else 1
            found[pair.fault][place] += 1
    return found


def _off_target(pairs: Sequence[Pair]) -> list[float | None]:
    answered = [pair for pair in pairs if not pair.unanswered]
    return [
        sum(pair.faults[k] == "wrong_language" for pair in answered) / len(answered) if answered else None
        for k in (0, 1)
    ]


def _mean_chars(pairs: Sequence[Pair]) -> list[float | None]:
    lengths = [[len(pair.answers[k]) for pair in pairs if not pair.unanswered] for k in (0, 1)]
    return [sum(each) / len(each) if each else None for each in lengths]


def _reason(pair: Pair, verdicts: Verdicts) -> str:
    if pair.unanswered:
        return pair.unanswered
    return next(each.reason for each in verdicts[pair.task, pair.lang, pair.item_id] if each.verdict is None)
