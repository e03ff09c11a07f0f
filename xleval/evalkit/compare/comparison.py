"""Finished runs -> a comparison: every pair of them, or two arms of several training seeds, task by task."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

from xleval.errors import ConfigError, DataError, unknown_name
from xleval.evalkit.claims import method
from xleval.evalkit.compare.differences import Draws
from xleval.evalkit.compare.refused import refused
from xleval.evalkit.compare.schema import SCHEMA, ComparedRun, Comparison, PairJson, TaskComparison
from xleval.evalkit.compare.tasks import NotComparable, TaskReader, compare_task
from xleval.evalkit.saved_run import SavedRun

#: `RECIPE-sSEED`, with `-stepN` for a checkpoint on the way.
_TRAINED = re.compile(r"-s\d+(-step\d+)?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One side of a comparison.

    Attributes:
        label: what sentences call it.
        runs: one run; or several of checkpoints that differ in nothing but their training seed.
    """

    label: str
    runs: tuple[SavedRun, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareOptions:
    """What is compared, and how surely.

    Attributes:
        tasks: names; empty for all that both sides have.
        languages: the language set S and the Holm family; empty for all languages of the runs, which must be the same.
        seed: of the bootstrap, 0 or more.
        resamples: of the bootstrap.
        alpha: family-wise level of the verdicts, in (0, 1).
    """

    tasks: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    seed: int = 0
    resamples: int = 10_000
    alpha: float = 0.05

    def __post_init__(self) -> None:
        """Refuse a level, a seed or a number of resamples that means nothing."""
        if not 0 < self.alpha < 1:
            raise ConfigError(f"--alpha is {self.alpha}; a share between 0 and 1 is needed, such as 0.05")
        if self.seed < 0:
            raise ConfigError(f"--seed is {self.seed}; a whole number of 0 or more is needed")
        if self.resamples < 1000:
            raise ConfigError(f"--resamples is {self.resamples}; at least 1000 are needed for a 95 % interval")


def compare_runs(
    runs: Sequence[SavedRun],
    options: CompareOptions,
    *,
    all_pairs: bool = False,
    say: Callable[[str], None] = lambda step: None,
) -> Comparison:
    """Return the comparison of finished runs; the first one is the baseline of the others.

    Args:
        runs: two or more.
        options: what is compared.
        all_pairs: compare every run with every later one.
        say: is told what is being done.

    Raises:
        ConfigError: fewer than two runs, or nothing in common.
        DataError: the samples of a run are damaged, or no task has the same data in both.
    """
    if len(runs) < 2:
        raise ConfigError(f"found {len(runs)} run; two or more are needed: xleval compare BASELINE RUN")
    arms = [Arm(label=run.label, runs=(run,)) for run in runs]
    pairs = list(combinations(arms, 2)) if all_pairs else [(arms[0], arm) for arm in arms[1:]]
    return _compare(arms, pairs, options, say)


def compare_arms(
    first: Arm, second: Arm, options: CompareOptions, *, say: Callable[[str], None] = lambda step: None
) -> Comparison:
    """Return the comparison of two training methods, each with one run for every training seed (D2).

    One of them can be a model as it is, with one run: it has no training seeds.

    Raises:
        ConfigError: the same label twice, an arm with a single run of a trained checkpoint, two runs of the same
            checkpoint, or nothing in common.
        DataError: as in `compare_runs`.
    """
    if first.label == second.label:
        raise ConfigError(f"--group {first.label} is there twice; give the two arms names of their own")
    sizes = {arm.label: len(arm.runs) for arm in (first, second)}
    single = [arm for arm in (first, second) if len(arm.runs) == 1]
    untrained = [arm.label for arm in single if len(single) == 1 and not _is_trained(arm.runs[0])]
    if refusal := method(sizes, untrained=untrained):
        raise ConfigError(
            f"--group: {refusal.reason}; give a run for each of two training seeds or more, or compare two checkpoints: "
            "xleval compare RUN RUN"
        )
    _check_checkpoints([run for arm in (first, second) for run in arm.runs])
    return _compare([first, second], [(first, second)], options, say)


def _is_trained(run: SavedRun) -> bool:
    """Return whether a training of xleval made the checkpoint of a run: its name then ends with the seed.

    See `checkpoints.Checkpoint.name`; the name is all that a run keeps of it, and outputs that were imported have no more.
    """
    return _TRAINED.search(run.results["model"]) is not None


def _check_checkpoints(runs: Sequence[SavedRun]) -> None:
    """Refuse two runs of one checkpoint: they are no two training seeds."""
    found: dict[str, str] = {}
    for run in runs:
        # Imported outputs name a model, but no weights: they are told apart by their files.
        signature = run.results["signature"]
        key = repr((signature.get("model"), signature.get("import")))
        if key in found:
            raise ConfigError(
                f"{run.label} and {found[key]} are runs of the same checkpoint ({run.results['model']}), not of two "
                "training seeds; give one run for each trained checkpoint"
            )
        found[key] = run.label


def _compare(
    arms: Sequence[Arm], pairs: Sequence[tuple[Arm, Arm]], options: CompareOptions, say: Callable[[str], None]
) -> Comparison:
    known = list(dict.fromkeys(task for arm in arms for run in arm.runs for task in run.results["tasks"]))
    for task in options.tasks:
        if task not in known:
            raise unknown_name("task", task, known)
    results = [run.results["tasks"] for arm in arms for run in arm.runs]
    there = dict.fromkeys(lang for each in results for task in each.values() for lang in task["languages"])
    for lang in options.languages:
        if lang not in there:
            raise unknown_name("language", lang, there)
    reader = TaskReader(say)
    found = [_pair(first, second, options, reader) for first, second in pairs]
    if not any(pair["tasks"] for pair in found):
        raise _nothing(found[0])
    return Comparison(
        schema=SCHEMA, seed=options.seed, resamples=options.resamples, alpha=options.alpha,
        runs=[
            ComparedRun(
                label=run.label, model=run.results["model"], arm=arm.label if arm.label != run.label else None,
                signature=run.results["signature"],
            )
            for arm in arms for run in arm.runs
        ],
        pairs=found, refused=refused([arm.runs for arm in arms], found),
    )  # fmt: skip


def _pair(first: Arm, second: Arm, options: CompareOptions, reader: TaskReader) -> PairJson:
    runs = [*first.runs, *second.runs]
    wanted = options.tasks or tuple(dict.fromkeys(task for run in runs for task in run.results["tasks"]))
    tasks: list[TaskComparison] = []
    left_out: dict[str, str] = {}
    draws = Draws(seed=options.seed, resamples=options.resamples)
    for task in wanted:
        missing = [run.label for run in runs if task not in run.results["tasks"]]
        if missing:
            left_out[task] = f"not in {', '.join(missing)}"
            continue
        try:
            sides = (first.label, first.runs), (second.label, second.runs)
            tasks.append(compare_task(task, sides[0], sides[1], options.languages, draws, options.alpha, reader))
        except NotComparable as reason:
            left_out[task] = str(reason)
    return PairJson(
        first=first.label, second=second.label, seeds=[len(first.runs), len(second.runs)], tasks=tasks,
        left_out=left_out,
    )  # fmt: skip


def _nothing(pair: PairJson) -> ConfigError | DataError:
    """Return the one error of a pair without a task that can be compared."""
    reasons = "; ".join(f"{task}: {reason}" for task, reason in pair["left_out"].items())
    text = f"{pair['first']} and {pair['second']} have nothing to compare: {reasons}"
    return DataError(text) if "data differ" in reasons else ConfigError(text)
