"""The steps of studies as command lines: what is common to all four, so that a plan says only what is its own."""

from collections.abc import Sequence
from pathlib import Path

from xleval.training.studies.layout import (
    comparison_file,
    judge_folder,
    overlap_file,
    probe_folder,
    run_folder,
    training_folder,
    transfer_file,
    weights_folder,
)
from xleval.training.studies.records import Arm, Step, StepKind, StudyOptions


def step_name(kind: str, arm: str, seed: int | None = None) -> str:
    """Return the name of a step about an arm."""
    return f"{kind}/{arm}" if seed is None else f"{kind}/{arm}/seed-{seed}"


def checkpoint_of(options: StudyOptions, arm: Arm, seed: int | None) -> str:
    """Return what `--model` is for an arm: its weights, or the model itself for the base."""
    if not arm.kind or seed is None:
        return arm.model or options.model
    return str(weights_folder(options.out, arm.name, seed))


def train_steps(options: StudyOptions, arm: Arm, *, data: str = "", after: Sequence[str] = ()) -> list[Step]:
    """Return a training for each seed of an arm.

    Args:
        options: of the study.
        arm: not the base.
        data: `--data`, where it is not the recipe's.
        after: steps that make what the training needs; those of `arm.after` are added.
    """
    steps = []
    for seed in arm.seeds:
        begins = str(weights_folder(options.out, arm.after, seed)) if arm.after else arm.model or options.model
        words = ["train", arm.kind, arm.recipe, "--model", begins]
        words += ["--data", data] if data else []
        words += ["--langs", ",".join(arm.langs)] if arm.langs else []
        for setting in arm.settings:
            words += ["--set", setting]
        out = training_folder(options.out, arm.name, seed)
        before = [*after, *([step_name("train", arm.after, seed)] if arm.after else [])]
        steps.append(
            Step(
                name=step_name("train", arm.name, seed), kind="train", arm=arm.name, seed=seed, out=out,
                words=(*words, "--seed", str(seed), "--out", str(out)), after=tuple(before), resumes=True,
            )
        )  # fmt: skip
    return steps


def run_steps(
    options: StudyOptions, arm: Arm, words: Sequence[str], *, after: Sequence[str] = (), what: str = "runs"
) -> list[Step]:
    """Return an evaluation of each checkpoint of an arm.

    Args:
        options: of the study.
        arm: the base, or a trained one.
        words: tasks, languages and settings of `xleval run`.
        after: steps that make what is evaluated on; the trainings are added.
        what: folder, `runs`, `open` or `grids`; of `grids` the words hold a `--decode-grid`.
    """
    steps = []
    for seed in arm.seeds or (None,):
        out = run_folder(options.out, arm.name, seed, what)
        engine = ["--backend", options.backend] if options.backend != "auto" else []
        engine += ["--model-args", options.model_args] if options.model_args else []
        before = [*after, *([] if seed is None else [step_name("train", arm.name, seed)])]
        kind: StepKind = "grid" if what == "grids" else "run"
        steps.append(
            Step(
                name=step_name(what, arm.name, seed), kind=kind, arm=arm.name, seed=seed, out=out, resumes=True,
                words=("run", "--model", checkpoint_of(options, arm, seed), *words, *engine, "--out", str(out)),
                after=tuple(before),
            )
        )  # fmt: skip
    return steps


def compare_steps(options: StudyOptions, arm: Arm, other: Arm, *, tasks: str = "", langs: str = "") -> list[Step]:
    """Return the paired comparison of an arm with another one: two checkpoints, or two arms of several seeds (D2)."""
    out = comparison_file(options.out, arm.name, other.name)
    folders = {
        each.name: [run_folder(options.out, each.name, seed) for seed in each.seeds or (None,)] for each in (other, arm)
    }
    words = ["compare"]
    if all(len(paths) == 1 for paths in folders.values()):
        words += [str(path) for paths in folders.values() for path in paths]
    else:
        for name, paths in folders.items():
            words += ["--group", f"{name}={','.join(map(str, paths))}"]
    words += ["--tasks", tasks] if tasks else []
    words += ["--langs", langs] if langs else []
    after = tuple(step_name("runs", each.name, seed) for each in (other, arm) for seed in each.seeds or (None,))
    name = f"{arm.name}-against-{other.name}"
    return [
        Step(
            name=f"compare/{name}",
            kind="compare",
            arm=arm.name,
            out=out,
            after=after,
            words=(*words, "--out", str(out)),
            about=(arm.name, other.name),
        )
    ]


def overlap_step(
    options: StudyOptions, train: str, evaluation: str, *, names: tuple[str, str], after: Sequence[str] = ()
) -> Step:
    """Return the check of what a training set shares with an evaluation set; it shows, and the training itself refuses.

    Args:
        options: of the study.
        train, evaluation: arguments of `xleval overlap`.
        names: of the two, for the file.
        after: steps that make them.
    """
    out = overlap_file(options.out, *names)
    return Step(
        name=f"overlap/{names[0]}-{names[1]}", kind="overlap", out=out, stdout=out, after=tuple(after),
        words=("overlap", train, evaluation, "--json"), about=names,
    )  # fmt: skip


def probe_step(
    options: StudyOptions, kind: str, base: Arm, arm: Arm, words: Sequence[str], *, after: Sequence[str] = ()
) -> Step:
    """Return a probe of the base and of every seed of an arm; `words` are languages, text and settings."""
    out = probe_folder(options.out, kind, arm.name)
    against = [word for seed in arm.seeds for word in ("--against", checkpoint_of(options, arm, seed))]
    trained = [step_name("train", arm.name, seed) for seed in arm.seeds]
    model = checkpoint_of(options, base, None)
    return Step(
        name=f"probe/{kind}/{arm.name}", kind="probe", arm=arm.name, out=out, resumes=True, after=(*after, *trained),
        words=("probe", kind, "--model", model, *against, *words, "--out", str(out)), about=(kind, arm.name),
    )  # fmt: skip


def judge_steps(
    options: StudyOptions, arm: Arm, other: Arm, judges: Sequence[str], words: Sequence[str] = (), *, what: str = "open"
) -> list[Step]:
    """Return the judging of an arm's answers against another arm's, seed by seed; the first seed of either stands for it."""
    ends = [(each, each.seeds[0] if each.seeds else None) for each in (other, arm)]
    out = judge_folder(options.out, arm.name, other.name)
    runs = [str(run_folder(options.out, each.name, seed, what)) for each, seed in ends]
    asked = [word for judge in judges for word in ("--judge", judge)]
    asked += ["--labels", options.judge_labels] if options.judge_labels else []
    after = tuple(step_name(what, each.name, seed) for each, seed in ends)
    name = f"{arm.name}-against-{other.name}"
    return [
        Step(
            name=f"judge/{name}", kind="judge", arm=arm.name, out=out, after=after, resumes=True,
            words=("judge", *runs, *asked, *words, "--out", str(out)), about=(arm.name, other.name),
        )
    ]  # fmt: skip


def transfer_step(options: StudyOptions, part: str, plan_file: Path, *, after: Sequence[str]) -> Step:
    """Return the transfer figures (D8) of a plan file that the study writes."""
    out = transfer_file(options.out, part)
    return Step(
        name=f"transfer/{part}", kind="transfer", out=out, after=tuple(after),
        words=("transfer", "--plan", str(plan_file), "--out", str(out)), about=(part,),
    )  # fmt: skip
