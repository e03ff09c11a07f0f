"""`xleval judge`: two finished runs and some judges -> `judge.json`, every verdict, and a report, in one folder."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from xleval.data.storage import claim_folder, make_folder, sha256_of_file, write_json
from xleval.errors import ConfigError, unknown_name
from xleval.evalkit.answering import Progress, has_unscored
from xleval.evalkit.backends.base import Backend
from xleval.evalkit.judge.asking import Question, Verdict, ask, judge_signature
from xleval.evalkit.judge.before import Cut
from xleval.evalkit.judge.figures import between_judges, judged_by, notes_of, refusals
from xleval.evalkit.judge.kept import kept_judging
from xleval.evalkit.judge.labels import Labels, read_labels
from xleval.evalkit.judge.pairs import TaskPairs, pairs_of_task
from xleval.evalkit.judge.prompt import MAX_TOKENS, PROMPT
from xleval.evalkit.judge.rows import RESAMPLES, by_item
from xleval.evalkit.judge.schema import JUDGE, SCHEMA, JudgedByJson, JudgedRunJson, JudgeJson
from xleval.evalkit.judge.verdict_table import VERDICTS, write_verdicts
from xleval.evalkit.run_folder import JOURNAL, REPORT, SAMPLES
from xleval.evalkit.samples import Sample
from xleval.evalkit.saved_run import SavedRun

MANIFEST = "judging.json"
"""What a folder was judged with, to refuse another judging in it."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeOptions:
    """What is judged, and how.

    Attributes:
        tasks: names; empty for all tasks of both runs that need a judge.
        languages: codes; empty for all that both runs have.
        limit: first items of each task and language; None for all.
        labels: file or folder of labelled pairs that validate the judges; None for none.
        seed: of the marks around answers and of the bootstrap.
        max_tokens: tokens that a judge may write.
        cut: `lose` without a judge, or `judge`: what becomes of an answer that ended at its token limit.
    """

    tasks: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    limit: int | None = None
    labels: Path | None = None
    seed: int = 0
    max_tokens: int = MAX_TOKENS
    cut: Cut = "lose"

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing."""
        for name, value, least in (
            ("--limit", self.limit, 1),
            ("--max-tokens", self.max_tokens, 1),
            ("--seed", self.seed, 0),
        ):
            if value is not None and value < least:
                raise ConfigError(f"{name} is {value}; a whole number of {least} or more is needed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """A judge: as given on the command line, and the model behind it."""

    spec: str
    backend: Backend


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is to be judged: two runs, their pairs by task, and labelled pairs or None."""

    runs: tuple[SavedRun, SavedRun]
    tasks: tuple[TaskPairs, ...]
    labels: Labels | None


def plan_judging(
    runs: tuple[SavedRun, SavedRun], options: JudgeOptions, needing: Sequence[str], *, say: Say = lambda step: None
) -> Work:
    """Return what two runs have to judge; no judge is looked at.

    Args:
        runs: the first and the second.
        options: what is judged.
        needing: names of the tasks whose answers only a judge can compare.
        say: is told what is being done.

    Raises:
        ConfigError: nothing in common to judge, a task without written answers, or runs that were not asked alike.
        DataError: samples or labels are damaged, or the data of the runs differ.
    """
    names = _tasks(runs, options.tasks, needing)
    there = {lang for name in names for lang in runs[0].results["tasks"][name]["languages"]}
    for lang in options.languages:
        if lang not in there:
            raise unknown_name("language", lang, there)
    samples = []
    for run in runs:
        say(f"reading {run.label}")
        samples.append(run.samples())
    tasks = tuple(
        pairs_of_task(
            runs, name, _of_task(samples, name), languages=options.languages, limit=options.limit,
            cut=options.cut,
        )
        for name in names
    )  # fmt: skip
    languages = list(dict.fromkeys(lang for task in tasks for lang in task.pairs))
    return Work(runs=runs, tasks=tasks, labels=read_labels(options.labels, languages) if options.labels else None)


def judge_runs(
    work: Work, judges: Sequence[Judge], options: JudgeOptions, out: Path, *, resume: bool = False,
    say: Say = lambda step: None, progress: Progress = lambda done, total: None,
) -> JudgeJson:  # fmt: skip
    """Ask the judges and return what they found, which is in `out/judge.json` too.

    Args:
        work, options: of `plan_judging`, and what it was given.
        judges: one or more; each is closed when it is done.
        out: a new folder, or with `resume` one that holds the same judging.
        resume: go on, also with requests that failed.
        say, progress: are told what is being done, and how many requests of a judge are answered.

    Raises:
        ConfigError: the folder holds another judging, or nothing fits a judge's context.
        DataError: the folder cannot be written, or a journal is damaged.
        BackendError: a judge fails as a whole; single failures are unscored.
    """
    signed = _signed(work, judges, options)
    folders = [out / f"judge-{number}" for number in range(1, len(judges) + 1)]
    finished = claim_folder(out, manifest=MANIFEST, config=signed, resume=resume)
    kept = kept_judging(out) if finished and not any(has_unscored(folder / JOURNAL) for folder in folders) else None
    if kept is not None:
        return kept
    write_json(out / MANIFEST, {"schema": "xleval.judging/1", "finished": False, "config": signed})
    found: dict[str, list[Verdict]] = {}
    question = Question(seed=options.seed, max_tokens=options.max_tokens)
    pairs = [pair for task in work.tasks for each in task.pairs.values() for pair in each if pair.is_judged]
    labelled = list(work.labels.pairs) if work.labels else []
    for judge, folder in zip(judges, folders, strict=True):
        say(f"asking {judge.spec}: {2 * len(pairs)} verdicts, {2 * len(labelled)} on labelled pairs")
        try:
            found[judge.spec] = ask(
                judge.backend, [*labelled, *pairs], question, make_folder(folder) / JOURNAL, progress
            )
        finally:
            judge.backend.close()
    result = _result(work, judges, options, found, signed)
    _write(work, found, result, out)
    write_json(out / MANIFEST, {"schema": "xleval.judging/1", "finished": True, "config": signed})
    return result


def _tasks(runs: tuple[SavedRun, SavedRun], wanted: Sequence[str], needing: Sequence[str]) -> list[str]:
    """Return the tasks to judge, in the order of the first run."""
    first, second = (run.results["tasks"] for run in runs)
    for name in wanted:
        if name not in first and name not in second:
            raise unknown_name("task", name, {**first, **second})
        lacking = [run.label for run in runs if name not in run.results["tasks"]]
        if lacking:
            raise ConfigError(f"--tasks {name}: {lacking[0]} has no such task; name one that both runs have")
        kinds = {tasks[name]["kind"] for tasks in (first, second)}
        if kinds != {"generation"}:
            raise ConfigError(
                f"--tasks {name}: its answers are choices among options; a judge compares written answers"
            )
    both = [name for name in first if name in second]
    found = [name for name in both if name in (wanted or needing)]
    if not found:
        had = [", ".join(run.results["tasks"]) for run in runs]
        raise ConfigError(
            f"{runs[0].label} ({had[0]}) and {runs[1].label} ({had[1]}) have no task in common that needs a judge; those "
            f"that do are {', '.join(needing)}. Name a task with written answers that both have with --tasks"
        )
    return found


def _of_task(samples: Sequence[Sequence[Sample]], task: str) -> tuple[list[Sample], list[Sample]]:
    first, second = ([each for each in side if each.task == task] for side in samples)
    return first, second


def _signed(work: Work, judges: Sequence[Judge], options: JudgeOptions) -> dict[str, Any]:
    """Return everything that decides the verdicts and figures; where files lie is not part of it."""
    question = Question(seed=options.seed, max_tokens=options.max_tokens)
    specs = [judge.spec for judge in judges]
    twice = next((spec for spec in specs if specs.count(spec) > 1), None)
    if twice:
        raise ConfigError(f"--judge {twice} is there twice; name each judge once")
    return {
        "prompt": PROMPT, "seed": options.seed, "resamples": RESAMPLES, "limit": options.limit, "cut": options.cut,
        "runs": [sha256_of_file(run.folder / SAMPLES) for run in work.runs],
        "tasks": {task.task: list(task.pairs) for task in work.tasks},
        "labels": work.labels.sha256 if work.labels else None,
        "judges": [judge_signature(judge.backend, question) for judge in judges],
    }  # fmt: skip


def _result(
    work: Work, judges: Sequence[Judge], options: JudgeOptions, found: Mapping[str, Sequence[Verdict]],
    signed: Mapping[str, Any],
) -> JudgeJson:  # fmt: skip
    verdicts = {spec: by_item(each) for spec, each in found.items()}
    by_judge: list[JudgedByJson] = [
        judged_by(judge.spec, signature, work.tasks, work.labels, verdicts[judge.spec], seed=options.seed)
        for judge, signature in zip(judges, signed["judges"], strict=True)
    ]
    own = {key: signed[key] for key in ("seed", "resamples", "limit", "cut", "labels")}
    return JudgeJson(
        schema=SCHEMA,
        runs=[
            JudgedRunJson(label=run.label, folder=str(run.folder), model=run.results["model"], samples_sha256=sha)
            for run, sha in zip(work.runs, signed["runs"], strict=True)
        ],
        prompt=PROMPT, signature=own, judges=by_judge,
        between=[
            each for pair in combinations(verdicts.items(), 2) for each in between_judges(work.tasks, *pair)
        ],
        refused=refusals(by_judge), notes=notes_of(work.runs, work.tasks, work.labels, by_judge, verdicts),
    )  # fmt: skip


def _write(work: Work, found: Mapping[str, Sequence[Verdict]], result: JudgeJson, out: Path) -> None:
    from xleval.evalkit.judge.page import judge_page
    from xleval.evalkit.report.study import write_study_report

    write_verdicts(out / VERDICTS, work.tasks, found)
    write_study_report(judge_page(result), out / REPORT)
    write_json(out / JUDGE, result)
