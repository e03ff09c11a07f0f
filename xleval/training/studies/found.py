"""What the finished steps of a study left, read once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from xleval.evalkit.compare.schema import Comparison
from xleval.evalkit.curves_schema import CurvesJson
from xleval.evalkit.judge.schema import JudgeJson
from xleval.evalkit.probe_schema import ProbeJson
from xleval.evalkit.results_schema import Results
from xleval.evalkit.transfer.schema import Transfer
from xleval.training.studies.records import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Figures of a study by arm and seed (None for the base); what was not run, or failed, is absent.

    Attributes:
        plan: of the study.
        results: (arm, seed) -> `results.json` of the evaluation.
        open: (arm, seed) -> the same of the open questions that a judge compares.
        grids: (arm, seed) -> label of the cell, such as `temperature=1.0`, -> `results.json`.
        trainings: (arm, seed) -> `train.json`.
        curves: (arm, seed) -> `curves.json` of a training with a monitor.
        comparisons: (arm, other) -> `xleval compare --out`.
        transfers: part -> `xleval transfer --out`.
        probes: (kind, arm) -> `probe.json`.
        judged: (arm, other) -> `judge.json`.
        overlaps: (training set, evaluation set) -> `xleval overlap --json`.
        failed: step -> what went wrong, of optional steps.
        seconds: step -> wall time.
    """

    plan: Plan
    results: Mapping[tuple[str, int | None], Results] = field(default_factory=dict)
    open: Mapping[tuple[str, int | None], Results] = field(default_factory=dict)
    grids: Mapping[tuple[str, int | None], Mapping[str, Results]] = field(default_factory=dict)
    trainings: Mapping[tuple[str, int], Mapping[str, Any]] = field(default_factory=dict)
    curves: Mapping[tuple[str, int], CurvesJson] = field(default_factory=dict)
    comparisons: Mapping[tuple[str, str], Comparison] = field(default_factory=dict)
    transfers: Mapping[str, Transfer] = field(default_factory=dict)
    probes: Mapping[tuple[str, str], ProbeJson] = field(default_factory=dict)
    judged: Mapping[tuple[str, str], JudgeJson] = field(default_factory=dict)
    overlaps: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
