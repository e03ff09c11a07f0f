"""What the finished steps of a study left, read with the checks of every reader of such files."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xleval.data.storage import read_json
from xleval.errors import ConfigError, DataError
from xleval.evalkit.compare.schema import SCHEMA as COMPARE
from xleval.evalkit.compare.schema import Comparison
from xleval.evalkit.curves_schema import CURVES, CurvesJson
from xleval.evalkit.curves_schema import SCHEMA as CURVES_SCHEMA
from xleval.evalkit.judge.schema import JUDGE, JudgeJson
from xleval.evalkit.judge.schema import SCHEMA as JUDGE_SCHEMA
from xleval.evalkit.probe_schema import PROBE, ProbeJson
from xleval.evalkit.probe_schema import SCHEMA as PROBE_SCHEMA
from xleval.evalkit.results_schema import Results
from xleval.evalkit.run_folder import MANIFEST as RUN
from xleval.evalkit.run_folder import RESULTS
from xleval.evalkit.saved_run import load_run
from xleval.evalkit.shapes import unlike
from xleval.evalkit.transfer.schema import SCHEMA as TRANSFER
from xleval.evalkit.transfer.schema import Transfer
from xleval.training.studies.found import Found
from xleval.training.studies.records import Plan, Step
from xleval.training.studies.running.manifest import StepRecord, records_of

_TRAIN = "train.json"
_OVERLAP = ("n_train", "n_evaluation", "n_shared", "rules", "languages")


def read_found(plan: Plan) -> Found:
    """Return the figures of the finished steps of a plan, and why others have none.

    Raises:
        ConfigError: a step was made with other words than the plan has.
        DataError: a result is missing or damaged; its file is named.
    """
    records = records_of(plan)
    reader = _Reader()
    for step in plan.steps:
        record = records.get(step.name)
        if record is not None and record.finished:
            reader.read(step)
    seconds = {name: record.seconds for name, record in records.items() if record.finished}
    return Found(
        plan=plan, results=reader.results, open=reader.open, grids=reader.grids, trainings=reader.trainings,
        curves=reader.curves, comparisons=reader.comparisons, transfers=reader.transfers, probes=reader.probes,
        judged=reader.judged, overlaps=reader.overlaps, failed=_failed(plan, records), seconds=seconds,
    )  # fmt: skip


def _failed(plan: Plan, records: Mapping[str, StepRecord]) -> dict[str, str]:
    """Return step -> what went wrong, of steps that failed and of those that need one that did."""
    found: dict[str, str] = {}
    for step in plan.steps:
        record = records.get(step.name)
        if record is not None and record.failed:
            found[step.name] = record.reason.removeprefix("xleval: ")
        elif record is None or not record.finished:
            missing = next((name for name in step.after if name in found), None)
            if missing:
                found[step.name] = f"it needs {missing}, which failed"
    return found


class _Reader:
    """The results of steps by kind, as they are read."""

    def __init__(self) -> None:
        self.results: dict[tuple[str, int | None], Results] = {}
        self.open: dict[tuple[str, int | None], Results] = {}
        self.grids: dict[tuple[str, int | None], Mapping[str, Results]] = {}
        self.trainings: dict[tuple[str, int], Mapping[str, Any]] = {}
        self.curves: dict[tuple[str, int], CurvesJson] = {}
        self.comparisons: dict[tuple[str, str], Comparison] = {}
        self.transfers: dict[str, Transfer] = {}
        self.probes: dict[tuple[str, str], ProbeJson] = {}
        self.judged: dict[tuple[str, str], JudgeJson] = {}
        self.overlaps: dict[tuple[str, str], Mapping[str, Any]] = {}

    def read(self, step: Step) -> None:
        """Read the result of a finished step; data and traces have none."""
        arm, seed = step.arm, step.seed
        if step.kind == "run":
            (self.open if step.name.startswith("open/") else self.results)[arm, seed] = _run(step.out, step)
        elif step.kind == "grid":
            self.grids[arm, seed] = _grid(step)
        elif step.kind == "train":
            self._training(step)
        elif step.kind == "compare":
            self.comparisons[_pair(step)] = _object(step.out, Comparison, COMPARE, step)
        elif step.kind == "transfer":
            self.transfers[step.about[0] if step.about else step.out.stem] = _object(step.out, Transfer, TRANSFER, step)
        elif step.kind == "probe":
            kind, of = step.about or (step.words[1], arm)
            self.probes[kind, of] = _object(step.out / PROBE, ProbeJson, PROBE_SCHEMA, step)
        elif step.kind == "judge":
            self.judged[_pair(step)] = _object(step.out / JUDGE, JudgeJson, JUDGE_SCHEMA, step)
        elif step.kind == "overlap":
            self.overlaps[_sets(step)] = _overlap(step)

    def _training(self, step: Step) -> None:
        key = step.arm, step.seed if step.seed is not None else 0
        found = read_json(step.out / _TRAIN)
        if not isinstance(found.get("outcome"), dict) or not isinstance(found.get("config"), dict):
            raise _damaged(step.out / _TRAIN, "no config and outcome of a finished training", step)
        _check_numbers(found, step.out / _TRAIN, step)
        self.trainings[key] = found
        if (step.out / CURVES).is_file():
            self.curves[key] = _object(step.out / CURVES, CurvesJson, CURVES_SCHEMA, step)


def _run(folder: Path, step: Step) -> Results:
    try:
        results = load_run(folder).results
    except (ConfigError, DataError) as error:
        raise _damaged(folder, str(error), step) from error
    _check_numbers(results, folder / RESULTS, step)
    return results


def _grid(step: Step) -> dict[str, Results]:
    """Return the results of a decoding grid by cell, in the order of their names."""
    cells = sorted(path.parent for path in step.out.glob(f"*/{RUN}"))
    if not cells:
        raise _damaged(step.out, "no run of a decoding grid in it", step)
    return {cell.name: _run(cell, step) for cell in cells}


def _overlap(step: Step) -> Mapping[str, Any]:
    path = step.stdout or step.out
    found = read_json(path)
    missing = next((key for key in _OVERLAP if key not in found), None)
    if missing:
        raise _damaged(path, f"{missing} is missing", step)
    _check_numbers(found, path, step)
    return found


def _object(path: Path, shape: type[Any], schema: str, step: Step) -> Any:
    """Return the object of a file, whose schema and shape are as they must be."""
    found = read_json(path)
    problem = f"schema {found.get('schema')!r}, needed is {schema}" if found.get("schema") != schema else None
    if problem := problem or unlike(found, shape):
        raise _damaged(path, problem, step)
    _check_numbers(found, path, step)
    return found


def _check_numbers(found: object, path: Path, step: Step) -> None:
    """Refuse NaN and infinity, which Python reads from JSON and xleval never writes: means and charts would be wrong."""
    try:
        json.dumps(found, allow_nan=False)
    except ValueError as error:
        raise _damaged(path, "it has a number that is not finite (NaN or Infinity)", step) from error


def _damaged(path: Path, problem: str, step: Step) -> DataError:
    return DataError(
        f"{path}: {problem}. Step {step.name} is to be made again: remove {step.out} and the record steps/{step.name}.json "
        "of the study, and give the same command with --resume"
    )


def _pair(step: Step) -> tuple[str, str]:
    """Return the arm and the other one that a comparison or a judging is of."""
    if len(step.about) == 2:
        return step.about[0], step.about[1]
    return step.arm, step.out.name.removesuffix(".json").removeprefix(f"{step.arm}-against-")


def _sets(step: Step) -> tuple[str, str]:
    """Return the names of the training and the evaluation set of an overlap."""
    if len(step.about) == 2:
        return step.about[0], step.about[1]
    train, _, evaluation = step.out.stem.partition("-")
    return train, evaluation
