"""`xleval build-traces`: a teacher asked as `xleval run` asks, and what of its completions is worth learning."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from xleval.data.reasoning.manifest import versions
from xleval.data.storage import (
    canonical_json,
    claim_folder,
    read_json,
    sha256_of,
    sha256_of_file,
    write_atomically,
    write_json,
)
from xleval.errors import ConfigError, DataError
from xleval.evalkit.answering import has_unscored
from xleval.evalkit.backends.base import Backend
from xleval.evalkit.run_folder import JOURNAL, SAMPLES
from xleval.evalkit.runner import RunConfig, plan_run, run
from xleval.evalkit.samples import read_samples
from xleval.evalkit.task import LoadedTask, TaskItem
from xleval.training.sets.item_set import ItemSet
from xleval.training.traces.card import render_card
from xleval.training.traces.files import REJECTS, write_traces
from xleval.training.traces.selection import REASONS, TraceRules, funnel, judge, kept_traces

MANIFEST = "build.json"
#: Folder of the teacher's run, which `xleval report` and `compare` read like any other.
TEACHER = "teacher"
#: Raised when the same settings would give other bytes.
BUILDER_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceSource:
    """What the teacher is asked.

    Attributes:
        items: of the set, by language.
        split: that was read.
        leave_out: ids of items that are not asked, as test sets have them.
        limit: first items; None for all.
    """

    items: ItemSet
    split: str
    leave_out: tuple[str, ...] = ()
    limit: int | None = None


def build_traces(
    backend: Backend,
    source: TraceSource,
    config: RunConfig,
    rules: TraceRules,
    out: Path,
    *,
    resume: bool = False,
    say: Callable[[str], None] = lambda _: None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """Build a set of traces into a folder and return its manifest.

    Every completion is in the journal of the teacher's run as soon as it is finished. A build that was killed goes on to
    the same files as an unbroken one where its backend repeats itself: hf in float32, or any server asked once.

    Args:
        backend: the teacher.
        source: what it is asked.
        config: how it is asked; `samples` completions of each item.
        rules: what a trace must have.
        out: a new folder, or one that holds the same settings when `resume` is given.
        resume: go on, also with requests that failed.
        say: is told of each step.
        progress: is told how many requests are answered.

    Raises:
        ConfigError: the task asks for no solution, nothing to ask, or the folder holds something else.
        DataError: no completion is a trace, or the folder cannot be written.
        BackendError: the teacher fails as a whole; what is finished is kept.
    """
    loaded = _loaded(source)
    plan = plan_run(backend, [loaded], config)
    settings: dict[str, Any] = {
        "rules": asdict(rules),
        "source": {"name": Path(source.items.source).name, "split": source.split, "sha256": loaded.fingerprint},
        "teacher": dict(plan.signature),
        "builder_version": BUILDER_VERSION,
    }
    if claim_folder(out, manifest=MANIFEST, config=settings, resume=resume):
        held = read_json(out / MANIFEST)
        if not has_unscored(out / TEACHER / JOURNAL):
            return held
        say("asking again what was not answered")
    write_json(out / MANIFEST, {"config": settings, "finished": False})
    say("asking the teacher")
    run(backend, [loaded], config, out / TEACHER, resume=True, progress=progress, plan=plan, processes=None)
    say("choosing")
    return _write(out, loaded, rules, settings)


def _write(out: Path, loaded: LoadedTask, rules: TraceRules, settings: Mapping[str, Any]) -> dict[str, Any]:
    questions = {(lang, item.item_id): item.question for lang, items in loaded.items.items() for item in items}
    samples = read_samples(out / TEACHER / SAMPLES)
    judged = [judge(sample, questions[sample.lang, sample.item_id], rules) for sample in samples]
    kept = kept_traces(judged, list(loaded.items), rules)
    figures = funnel(judged, kept)
    configs = write_traces(out, judged, kept)
    _refuse_empty(figures, out)
    manifest = {
        "config": dict(settings),
        "finished": True,
        "kind": "traces",
        "task": loaded.task.name,
        "languages": list(loaded.items),
        "teacher": settings["teacher"]["model"],
        "derived_from": sorted(loaded.task.sources | {settings["source"]["name"]}),
        "funnel": figures,
        "configs": configs,
        "versions": versions(),
    }
    write_atomically(out / "README.md", render_card(manifest))
    written = sorted([*out.glob("*/train.parquet"), *(out / REJECTS).glob("*.jsonl"), out / "README.md"])
    hashes = {path.relative_to(out).as_posix(): sha256_of_file(path) for path in written}
    write_json(out / MANIFEST, {**manifest, "files": hashes})
    return read_json(out / MANIFEST)


def _refuse_empty(figures: Mapping[str, Mapping[str, int]], out: Path) -> None:
    """Refuse a set without a single trace.

    Raises:
        DataError: it is empty; what became of the completions is named.
    """
    if any(row["kept"] for row in figures.values()):
        return
    counts = {reason: sum(row[reason] for row in figures.values()) for reason in (*REASONS, "passed")}
    shown = ", ".join(f"{n} {reason}" for reason, n in counts.items() if n)
    raise DataError(
        f"no trace is kept of {sum(row['completions'] for row in figures.values())} completions ({shown}). See "
        f"{out / REJECTS}, and give another --teacher, more --samples, or --reason-prefix native"
    )


def _loaded(source: TraceSource) -> LoadedTask:
    """Return the task of the set with the items that are asked.

    Raises:
        ConfigError: the task scores options or wants no solution, a limit below 1, or nothing is left to ask.
    """
    found = source.items
    if found.task.kind != "generation" or not found.task.follows_cot:
        raise ConfigError(
            f"{found.source} is asked as {found.task.name}, which wants a short answer and no solution; traces need "
            "problems, such as a set of xleval build-reasoning"
        )
    if source.limit is not None and source.limit < 1:
        raise ConfigError(f"--limit is {source.limit}; at least 1 item is needed")
    order = dict.fromkeys(item_id for items in found.items.values() for item_id in items)
    leave_out = set(source.leave_out)
    left = [item_id for item_id in order if item_id not in leave_out][: source.limit]
    items = {lang: tuple(by_id[item_id] for item_id in left if item_id in by_id) for lang, by_id in found.items.items()}
    shots = {lang: tuple(found.shots.get(lang, ())) for lang in items}
    return LoadedTask(
        task=found.task,
        folder=found.folder,
        items=items,
        shots=shots,
        skipped={},
        fingerprint=sha256_of([_content(items), _content(shots)]),
        n_shots=max((len(each) for each in shots.values()), default=0),
    )


def _content(items: Mapping[str, Sequence[TaskItem]]) -> dict[str, str]:
    """Return a hash of the items of each language."""
    return {lang: sha256_of([canonical_json(asdict(item)) for item in found]) for lang, found in items.items()}
