"""Finished runs as `compare`, `transfer`, `report` and `watch` read them: results at once, samples when asked for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from xleval.data.storage import read_json
from xleval.errors import ConfigError, DataError
from xleval.evalkit.results_schema import SCHEMA, Results
from xleval.evalkit.run_folder import RESULTS, SAMPLES, read_manifest
from xleval.evalkit.samples import Sample, read_samples
from xleval.evalkit.shapes import unlike
from xleval.evalkit.signature_schema import SignatureJson


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedRun:
    """A finished run on disk.

    Attributes:
        label: what tables call it: the folder's name, with as much of its path as tells the runs apart.
        folder: where it is.
        manifest: the object of its `run.json`.
        results: the object of its `results.json`.
    """

    label: str
    folder: Path
    manifest: Mapping[str, Any]
    results: Results

    def samples(self, *, texts: bool = True) -> list[Sample]:
        """Return its samples; without `texts` the prompts and completions are empty, for figures that need none.

        Raises:
            DataError: the samples are damaged.
        """
        return read_samples(self.folder / SAMPLES, texts=texts)


def load_run(folder: Path, label: str = "") -> SavedRun:
    """Return a finished run.

    Raises:
        ConfigError: there is no run, or it is not finished.
        DataError: its manifest or results are damaged, or the results have another schema.
    """
    manifest = read_manifest(folder)
    if not (folder / RESULTS).is_file():
        raise ConfigError(
            f"{folder} has no {RESULTS}; xleval rescore {folder} --out NEW makes it from the saved answers"
        )
    results = read_json(folder / RESULTS)
    problem = f"schema {results.get('schema')!r}, needed is {SCHEMA}" if results.get("schema") != SCHEMA else None
    problem = problem or unlike(results, Results) or unlike(results["signature"], SignatureJson, "signature")
    if problem := problem or _misshapen(results):
        raise DataError(
            f"{folder / RESULTS}: {problem}; another version of xleval wrote it: xleval rescore {folder} --out NEW makes it anew"
        )
    return SavedRun(
        label=label or folder.resolve().name, folder=folder, manifest=manifest, results=cast(Results, results)
    )


def _misshapen(value: object, languages: Sequence[object] = (), where: str = "") -> str | None:
    """Return which list of figures has not as many as its languages or its two ends ask for, None if all have."""
    if isinstance(value, list):
        parts = (_misshapen(part, languages, f"{where}[{k}]") for k, part in enumerate(value))
        return next((problem for problem in parts if problem), None)
    if not isinstance(value, dict):
        return None
    languages = value.get("languages", languages)
    n = len(languages)
    for key, part in value.items():
        place = f"{where}.{key}" if where else str(key)
        if isinstance(part, list):
            if key.endswith("matrix") and [len(row) for row in part] != [n] * n:
                return f"{place} has not {n} rows and columns, as many as there are languages"
            if key == "bounds" and len(part) != 2:
                return f"{place} has not two ends"
            if key == "histogram" and len(part) != n + 1:
                return f"{place} has not {n + 1} figures, of 0 to {n} languages"
        if problem := _misshapen(part, languages, place):
            return problem
    return None


def load_runs(folders: Sequence[Path]) -> list[SavedRun]:
    """Return several runs, each with a label of its own.

    Raises:
        ConfigError: a folder stands there twice, or as in `load_run`.
        DataError: as in `load_run`.
    """
    resolved = [folder.resolve() for folder in folders]
    twice = [str(path.name) for path, count in Counter(resolved).items() if count > 1]
    if twice:
        raise ConfigError(f"the run {twice[0]} is named twice; name each run once")
    return [
        load_run(folder, label)
        for folder, label in zip(folders, labels_of([path.parts for path in resolved]), strict=True)
    ]


def labels_of(paths: Sequence[tuple[str, ...]]) -> list[str]:
    """Return for each path its shortest end that no other path has, such as `seed1/run` and `seed2/run`."""
    for depth in range(1, max((len(path) for path in paths), default=1) + 1):
        ends = ["/".join(path[-depth:]) for path in paths]
        if len(set(ends)) == len(ends):
            return ends
    return ["/".join(path) for path in paths]
