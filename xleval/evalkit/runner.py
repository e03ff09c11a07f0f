"""`xleval run`: requests to a model through the journal, outcomes to samples, samples to results."""

import json
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, cast

import xleval
from xleval.data.journal import Journal
from xleval.data.segmentation import icu_version
from xleval.data.storage import canonical_json, claim_folder, read_json, sha256_of, write_atomically, write_json
from xleval.errors import ConfigError, DataError
from xleval.evalkit.backends.base import Backend
from xleval.evalkit.metrics.accuracy import as_ties
from xleval.evalkit.requests import ChoiceScores, Completion, Encoded, Outcome, Request, Unscored
from xleval.evalkit.results_language import with_language_shares
from xleval.evalkit.results_schema import Results
from xleval.evalkit.samples import Sample, write_samples
from xleval.evalkit.task import LoadedTask, TaskItem, TaskOptions

MANIFEST = "run.json"
_OUTCOMES: Mapping[str, type[Outcome]] = {kind.__name__: kind for kind in (ChoiceScores, Completion, Unscored)}

_PACKAGES = ("torch", "transformers", "lingua-language-detector", "icu4py", "numpy", "pyarrow")

#: Is told `(done, total)` requests.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConfig:
    """What a run asks, apart from the model.

    Attributes:
        languages: codes, in the order of the tables.
        limit: items of each task, or None for all.
        seed: of everything that is drawn (bootstrap; sampling when a backend samples).
        ties: how tied options count: `expected`, or `published` to reproduce stable sorting (D13).
        options: how items are asked.
    """

    languages: tuple[str, ...]
    limit: int | None = None
    seed: int = 0
    ties: str = "expected"
    options: TaskOptions = field(default_factory=TaskOptions)

    def __post_init__(self) -> None:
        """Refuse a limit below 1 and an unknown rule for ties."""
        as_ties(self.ties)
        if self.limit is not None and self.limit < 1:
            raise ConfigError(f"--limit is {self.limit}; at least 1 item is needed")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One request with what is needed to score its outcome."""

    loaded: LoadedTask
    lang: str
    item: TaskItem
    request: Request


def signature(model: Mapping[str, str], tasks: Sequence[LoadedTask], config: RunConfig) -> dict[str, Any]:
    """Return everything that decides a run's outputs, as JSON values."""
    signed = {
        "model": dict(model),
        "tasks": {
            loaded.task.name: {
                "version": loaded.task.version,
                "items": loaded.fingerprint,
                "languages": list(loaded.items),
            }
            for loaded in tasks
        },
        "scoring": {"icu": icu_version(), "lingua": _version("lingua-language-detector")},
        **asdict(config),
    }
    values: dict[str, Any] = json.loads(canonical_json(signed))  # as it will be read back: lists for tuples
    return values


def run(
    backend: Backend,
    tasks: Sequence[LoadedTask],
    config: RunConfig,
    out: Path,
    *,
    resume: bool = False,
    progress: Progress = lambda done, total: None,
) -> Results:
    """Ask a model all items of some tasks and return the results, which are in `out/results.json` too.

    Every finished batch is in `out/journal.jsonl` before the next one is shown; `resume` goes on from there.

    Args:
        backend: the model.
        tasks: with their items; at least one must have some.
        config: how they are asked.
        out: a new folder, or with `resume` one that holds the same signature.
        resume: go on; a finished run is returned as it is.
        progress: is told how many requests are answered.

    Raises:
        ConfigError: nothing to run, a prompt that does not fit, or the folder holds another run.
        DataError: the folder cannot be written, or the journal is damaged.
        BackendError: the model fails as a whole; single failures are counted as unscored.
    """
    check_work(tasks, config)
    asked = list(_requests(tasks, config.options))
    signed = signature(backend.fingerprint, tasks, config)
    if claim_folder(out, manifest=MANIFEST, config=signed, resume=resume):
        return cast(Results, read_json(out / "results.json"))
    header = _header(signed, tasks, out)
    write_json(out / MANIFEST, header)
    outcomes = _answer(backend, [each.request for each in asked], signed, out / "journal.jsonl", progress)
    samples = [
        with_language_shares(each.loaded.task.score(each.item, each.lang, each.request, outcomes[each.request.key]))
        for each in asked
    ]
    results = write_results(out, samples, signed, {loaded.task.name: loaded.task.primary for loaded in tasks})
    write_json(out / MANIFEST, {**header, "finished": True})
    return results


def check_work(tasks: Sequence[LoadedTask], config: RunConfig) -> None:
    """Refuse a run without a single item, before a model is loaded for it.

    Raises:
        ConfigError: no task has items in the languages.
    """
    if not any(items for loaded in tasks for items in loaded.items.values()):
        raise ConfigError(f"nothing to run: no task has items in {', '.join(config.languages)}")


def write_results(
    out: Path, samples: Sequence[Sample], signed: Mapping[str, Any], primary: Mapping[str, str]
) -> Results:
    """Write `samples.parquet`, `results.json` and `report.html` of scored samples, and return the results."""
    from xleval.evalkit.report import write_report
    from xleval.evalkit.results import results_json, summarise

    results = summarise(
        samples,
        signature=signed,
        model=signed["model"]["model"],
        seed=signed["seed"],
        languages=signed["languages"],
        primary=primary,
        ties=signed["ties"],
    )
    write_samples(out / "samples.parquet", samples)
    write_atomically(out / "results.json", results_json(results))
    write_report([(results, samples)], out / "report.html")
    return results


def _requests(tasks: Sequence[LoadedTask], options: TaskOptions) -> Iterator[_Asked]:
    for loaded in tasks:
        for lang, items in loaded.items.items():
            for item in items:
                yield _Asked(loaded=loaded, lang=lang, item=item, request=loaded.task.request(item, lang, options))


def _answer(
    backend: Backend, requests: Sequence[Request], signed: Mapping[str, Any], journal_path: Path, progress: Progress
) -> dict[str, Outcome]:
    """Return the outcome of each request by its key, from the journal or else from the model, batch by batch.

    The plan is made from all requests, also those that are in the journal, so a batch is asked again just as it was.
    """
    encoded = backend.encode(requests)
    ids = [_request_id(each, signed) for each in encoded]
    plan = backend.plan(encoded)
    with Journal(journal_path) as journal:
        pending = [batch for batch in plan if not all(ids[index] in journal.rows for index in batch)]
        done = len(requests) - sum(len(batch) for batch in pending)
        progress(done, len(requests))
        answers = backend.run([encoded[index] for index in batch] for batch in pending)
        for batch, outcomes in zip(pending, answers, strict=True):
            journal.append({ids[index]: _to_row(outcome) for index, outcome in zip(batch, outcomes, strict=True)})
            done += len(batch)
            progress(done, len(requests))
        return {request.key: _from_row(journal.rows[id_]) for request, id_ in zip(requests, ids, strict=True)}


def _request_id(encoded: Encoded, signed: Mapping[str, Any]) -> str:
    """Return the content key of a request: model, token ids and how they are continued."""
    return sha256_of([signed["model"], signed["seed"], type(encoded).__name__, asdict(encoded)])


def _to_row(outcome: Outcome) -> dict[str, Any]:
    return {"type": type(outcome).__name__, **asdict(outcome)}


def _from_row(row: Mapping[str, Any]) -> Outcome:
    kind = _OUTCOMES.get(str(row.get("type")))
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in row.items() if name != "type"
    }
    try:
        if kind is None:
            raise TypeError("unknown type")
        return kind(**values)
    except TypeError as error:
        raise DataError(
            f"the journal holds an outcome of type {row.get('type')!r} that this version cannot read"
        ) from error


def _header(signed: Mapping[str, Any], tasks: Sequence[LoadedTask], out: Path) -> dict[str, Any]:
    """Return `run.json`: what is needed to repeat the run, and how often it was gone on with."""
    resumed = 0
    if (out / MANIFEST).exists():
        resumed = int(read_json(out / MANIFEST).get("resumed", 0)) + 1
    return {
        "schema": "xleval.run/1",
        "finished": False,
        "resumed": resumed,
        "config": signed,
        "skipped": {loaded.task.name: dict(loaded.skipped) for loaded in tasks if loaded.skipped},
        "environment": {
            "xleval": xleval.__version__,
            "python": platform.python_version(),
            "platform": platform.platform(),
            "packages": {name: _version(name) for name in _PACKAGES},
        },
    }


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def default_folder(signed: Mapping[str, Any], model: str) -> Path:
    """Return the folder of a run without `--out`: `runs/MODEL-HASH`, the same one for the same signature."""
    name = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in Path(model).name) or "model"
    return Path("runs") / f"{name}-{sha256_of(canonical_json(signed))[:8]}"
