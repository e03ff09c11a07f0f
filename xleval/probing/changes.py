"""Summary figures with their intervals, and what a figure is in the second arm less what it is in the first."""

import math
from collections.abc import Mapping, Sequence
from statistics import NormalDist

import numpy as np

from xleval.evalkit.claims import Refusal, mechanism, method
from xleval.evalkit.probe_schema import Arm, ChangeJson, FigureJson, Kind, KnockOutJson, RefusalJson
from xleval.evalkit.statistics import Floats, percentile_interval, resample_counts
from xleval.evalkit.statistics.distributions import t_quantile

_Z = NormalDist().inv_cdf(0.975)
#: Figures are shares and entropies in [0, 1], but these begin elsewhere.
_LEAST: Mapping[str, float] = {"correlation": -1.0}

#: Figures of one model by name, shape (1 + resamples,): the figure itself, then what it is in each resample.
Draws = Mapping[str, Floats]


def weights_of_units(n_units: int, *, resamples: int, seed: int) -> Floats:
    """Return how often each unit counts, shape (1 + resamples, n_units): once each in row 0, then as the bootstrap draws.

    All models of a probe take the same weights, so that their differences are paired.
    """
    drawn = resample_counts(n_units, resamples, np.random.default_rng(seed))
    return np.concatenate([np.ones((1, n_units)), *drawn])


def figures_of(draws: Mapping[str, Draws], *, n_units: int) -> list[FigureJson]:
    """Return every figure of every model with the 95 % interval of its resamples.

    The interval is of the same figure over as many other units of such text: percentiles of the draws, moved so that their
    mean is the value. A resample repeats units, which is noise on top of the text's own, and noise alone makes languages
    differ more: entropies and overlaps of the draws lie below the value, and bare percentiles may leave it out.

    A figure behind which nothing stands is left out; one unit has no interval.
    """
    found: list[FigureJson] = []
    for model, figures in draws.items():
        for name, values in figures.items():
            if math.isfinite(values[0]):
                low, high = _within(_interval(values, n_units), _LEAST.get(name, 0.0))
                found.append({"model": model, "name": name, "value": float(values[0]), "low": low, "high": high})
    return found


def changes_of(
    arms: Mapping[Arm, Sequence[str]], draws: Mapping[str, Draws], *, n_units: int, units: str
) -> list[ChangeJson]:
    """Return each figure of the second arm less that of the first, with a 95 % interval.

    With one model in an arm the interval is the percentiles of the difference over resamples of the units, drawn once for
    all models, around the difference as in `figures_of`: it is about these checkpoints. With several training seeds in
    both arms it is d ± √(t² V + z² W): V the variance of the arms' means over their seeds, Σ s²/S of the models' figures;
    W that of the difference over resamples; t and z the 0.975 quantiles of Student's t of 2 (S - 1) degrees of freedom, S
    the seeds of the smaller arm, and of the normal, as `two_level_difference` has them for means of items.

    Args:
        arms: names of the models of each arm.
        draws: figures of every model; one that some model lacks is left out.
        n_units: how many units the resamples draw.
        units: what they are, with their number, in words.
    """
    first, second = ([draws[name] for name in arms.get(arm, ())] for arm in ("first", "second"))
    if not first or not second:
        return []
    return [
        _change(name, _stacked(first, name), _stacked(second, name), n_units, units)
        for name in first[0]
        if all(math.isfinite(model[name][0]) if name in model else False for model in [*first, *second])
    ]


def refusals_of(kind: Kind, arms: Mapping[Arm, Sequence[str]], checks: Sequence[KnockOutJson]) -> list[RefusalJson]:
    """Return what must not be said: of causes without a knock-out or several seeds, of a method without several seeds.

    Args:
        arms: names of the models of each arm; several are its training seeds.
        checks: the knock-out checks that were run.
    """
    seeds = {f"the {arm} arm": len(names) for arm, names in arms.items() if names}
    found: list[Refusal | None] = []
    if kind != "alignment":
        bare = [lang for lang in _langs_of(checks) if not all(_bears_out(each, lang) for each in checks)]
        found.append(mechanism(knocked_out=bool(checks), n_seeds=min(seeds.values()), not_borne_out=bare))
    if len(seeds) > 1:
        found.append(method(seeds))
    return [{"letter": each.letter, "claim": each.claim, "reason": each.reason} for each in found if each is not None]


def _langs_of(checks: Sequence[KnockOutJson]) -> list[str]:
    return [each["lang"] for each in checks[0]["languages"]] if checks else []


def _bears_out(check: KnockOutJson, lang: str) -> bool:
    """Return whether a language's set matters more to its text than to others, than other sets, than random ones."""
    found = next(each for each in check["languages"] if each["lang"] == lang)
    lows = [found["specific"][1], found["over_random"][1], *found.get("over_other_sets", [None, 0.0])[1:2]]
    return all(low is not None and low > 0 for low in lows)


def missing_figures(draws: Mapping[str, Draws]) -> dict[str, list[str]]:
    """Return the figures behind which nothing stands in some model: name -> models."""
    names = dict.fromkeys(name for figures in draws.values() for name in figures)
    missing = {
        name: [model for model, figures in draws.items() if name not in figures or not math.isfinite(figures[name][0])]
        for name in names
    }
    return {name: models for name, models in missing.items() if models}


def _change(name: str, first: Floats, second: Floats, n_units: int, units: str) -> ChangeJson:
    """Return one change; `first` and `second` have the shape (models, 1 + resamples)."""
    gains = second.mean(axis=0) - first.mean(axis=0)
    over_seeds = len(first) > 1 and len(second) > 1
    low, high = _interval(gains, n_units)
    method = f"paired percentile bootstrap 95%, moved to the figure, {gains.size - 1} resamples of {units}"
    if low is None:
        method = "none: one unit" if n_units < 2 else "none: most resamples have no value"
    elif over_seeds:
        low, high, method = _over_seeds(first[:, 0], second[:, 0], gains, units)
    elif len(first) > 1 or len(second) > 1:
        method += "; not over training seeds, of which one arm has a single one"
    else:
        method += "; not over training seeds"
    low, high = _within((low, high), -1 + _LEAST.get(name, 0.0))
    return {
        "name": name, "first": float(first[:, 0].mean()), "second": float(second[:, 0].mean()),
        "difference": float(gains[0]), "low": low, "high": high, "over_seeds": over_seeds and low is not None,
        "method": method,
    }  # fmt: skip


def _over_seeds(first: Floats, second: Floats, gains: Floats, units: str) -> tuple[float, float, str]:
    """Return the interval over training seeds and units, and its method; `first` and `second` by model."""
    df = 2 * (min(len(first), len(second)) - 1)
    of_seeds = sum(float(arm.var(ddof=1)) / len(arm) for arm in (first, second))
    resampled = gains[1:][np.isfinite(gains[1:])]
    of_units = float(resampled.var(ddof=1)) if resampled.size > 1 else 0.0
    half = math.hypot(t_quantile(df) * math.sqrt(of_seeds), _Z * math.sqrt(of_units))
    method = (
        f"two-level t interval 95%, {len(first)} and {len(second)} training seeds ({df} degrees of freedom), then "
        f"{gains.size - 1} resamples of {units}"
    )
    return float(gains[0]) - half, float(gains[0]) + half, method


def _stacked(models: Sequence[Draws], name: str) -> Floats:
    return np.stack([np.asarray(model[name], dtype=np.float64) for model in models])


def _interval(values: Floats, n_units: int) -> tuple[float | None, float | None]:
    """Return percentiles of the draws behind the first value, moved so that the mean of the draws is that value."""
    draws = values[1:][np.isfinite(values[1:])]
    if n_units < 2 or 2 * draws.size < values.size - 1:  # where most draws have no value, the others are a choice
        return None, None
    return percentile_interval(draws - draws.mean() + values[0]) or (None, None)


def _within(interval: tuple[float | None, float | None], least: float) -> tuple[float | None, float | None]:
    """Return an interval cut at the least that a figure or change can be, and at the most: 1, or as far above 0."""
    low, high = interval
    if low is None or high is None:
        return None, None
    return max(low, least), min(high, max(1.0, -least))
