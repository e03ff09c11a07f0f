"""The whole of `xleval transfer`: plan in, figures and refusals out."""

import re
from collections.abc import Callable

from xleval.data.plurals import counted
from xleval.errors import ConfigError, unknown_name
from xleval.evalkit.transfer.curve_fits import curve_json
from xleval.evalkit.transfer.curves import accuracy_series, controls_json, languages_over, mti_series, regimes_of
from xleval.evalkit.transfer.gains import TaskMeans, pair_json, task_means
from xleval.evalkit.transfer.index import tasks_of, transferability_index
from xleval.evalkit.transfer.origins import about_origins, check_trained
from xleval.evalkit.transfer.plan import OVER, TransferPlan
from xleval.evalkit.transfer.pooled import pooled_json
from xleval.evalkit.transfer.refused import refusals
from xleval.evalkit.transfer.schema import SCHEMA, Transfer, TransferTaskJson
from xleval.evalkit.transfer.scores import PairedTask, common_tasks, load_arm_runs, pair_task


def transfer(
    plan: TransferPlan,
    *,
    task: str | None = None,
    metric: str = "accuracy",
    over: str = "all",
    seed: int = 0,
    resamples: int = 10_000,
    say: Callable[[str], None] = lambda step: None,
) -> Transfer:
    """Return gains, indices, leap, fits and refusals of a base and its trained runs; same input, same object.

    Args:
        plan: the runs; what it says of task, metric and languages is for the caller to pass on.
        task: one task; None for all that every run has.
        metric: `accuracy` as in `results.json`; `mean@k` or `mean@16`: the same of several completions of each item.
        over: whose mean accuracy is followed along k: `all`, `unseen` (by every run) or `trained` (by some run).
        seed: of the bootstrap.
        resamples: of the bootstrap.
        say: is told what is being done.

    Raises:
        ConfigError: an unknown name, a run that is not finished or was asked otherwise than its base.
        DataError: damaged runs, or runs on different sets.
    """
    _check_options(metric, over, seed, resamples)
    runs = load_arm_runs(plan.arms)
    check_trained(plan.arms, runs)
    known, wanted = (common_tasks(plan.arms, runs, name) for name in (None, task))
    groups = plan.groups
    found: dict[str, tuple[PairedTask, TaskMeans]] = {}
    for name in dict.fromkeys([*wanted, *(tasks_of(groups, known) if groups else [])]):
        paired = pair_task(name, plan.arms, runs, metric, say)
        say(f"{name}: {resamples} resamples of {counted(len(paired.items), 'item')}")
        found[name] = (paired, task_means(paired, seed=seed, resamples=resamples))
    tasks = {name: _task_json(*found[name], metric, over, seed, say) for name in wanted}
    indices = [transferability_index(groups, found, arm) for arm in range(len(plan.arms))] if groups else []
    return Transfer(
        schema=SCHEMA, metric=metric, over=over, seed=seed, resamples=resamples, tasks=tasks, indices=indices,
        refused=[*refusals(plan.arms, tasks, indices), *about_origins(plan.arms, runs)],
    )  # fmt: skip


def _check_options(metric: str, over: str, seed: int, resamples: int) -> None:
    if over not in OVER:
        raise unknown_name("group of languages", over, OVER)
    if metric != "accuracy" and not re.fullmatch(r"mean@(k|[1-9]\d*)", metric):
        raise ConfigError(f"metric {metric!r}: accuracy, mean@k or mean@N (N completions of each item) is needed")
    if seed < 0:
        raise ConfigError(f"seed {seed}: a whole number from 0 is needed")
    if resamples < 100:
        raise ConfigError(f"{resamples} resamples: an interval needs 100 or more")


def _task_json(
    paired: PairedTask, means: TaskMeans, metric: str, over: str, seed: int, say: Callable[[str], None]
) -> TransferTaskJson:
    regimes = regimes_of(paired) if len({arm.base.resolve() for arm in paired.arms}) == 1 else {}
    everyone = sorted({arm for arms in regimes.values() for arm in arms})
    columns = languages_over(paired, everyone, over)
    pooled, accuracy, curves = [], [], []
    for regime, arms in regimes.items():
        index = mti_series(paired, means, regime, arms, seed)
        pooled += pooled_json(paired, means, index, arms, seed)
        if len(index.ks) > 1:
            accuracy.append(accuracy_series(paired, means, regime, arms, columns, seed))
            for each in (accuracy[-1], index):
                say(f"{paired.task}: curve of {each.y}, regime {regime}")
                curves.append(curve_json(each, over, list(paired.labels)))
    return TransferTaskJson(
        kind=paired.kind, n_items=len(paired.items), languages=list(paired.languages), metric=metric,
        pairs=[pair_json(paired, means, arm) for arm in range(len(paired.arms))], pooled=pooled, curves=curves,
        controls=controls_json(accuracy),
    )  # fmt: skip
