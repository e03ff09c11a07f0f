"""`curves.json`, `.csv` and `.html` of a training: as `xleval watch` writes them, so that the same tools read them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import xleval
from xleval.data.storage import write_atomically, write_json
from xleval.evalkit.curves_schema import CURVES, SCHEMA, CurvesJson, FilesJson, HeldOutJson, PointJson, RejectedJson
from xleval.evalkit.curves_schema import WarningJson as EarlyWarningJson
from xleval.training.collapse import UNITS
from xleval.training.config.schema import RewardConfig, TrainConfig
from xleval.training.curves_text import curves_csv
from xleval.training.early_warning import cannot_warn, refused
from xleval.training.measure import Detector
from xleval.training.monitor.yardstick import yardstick_notes
from xleval.training.warning_options import WarningOptions

CSV, PAGE = "curves.csv", "curves.html"
_MOST_OF_THE_TIME = 0.005
"""Share of the training's time that writing may take: a long training has much to write at every step."""
REWARDED_ABOVE = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the monitor has seen up to now.

    Attributes:
        points: by step, then language.
        held_out: by step, task, then language.
        warnings: by step, then language.
    """

    points: Sequence[PointJson]
    held_out: Sequence[HeldOutJson]
    warnings: Sequence[EarlyWarningJson]


def training_curves(config: TrainConfig, detector: Detector, options: WarningOptions, seen: Seen) -> CurvesJson:
    """Return the curves of a training."""
    points, notes = list(seen.points), yardstick_notes(config, detector)
    languages = {point["lang"] for point in points} | {row["lang"] for row in seen.held_out}
    with_points = sorted({point["lang"] for point in points})
    curves = CurvesJson(
        schema=SCHEMA,
        xleval=xleval.__version__,
        source="xleval",
        name=config.name,
        languages=sorted(languages),
        reward_columns=[_weighted(reward) for reward in config.rewards if reward.weight != 0],
        advantage="given" if any(point["advantage"] is not None for point in points) else "none",
        rewarded_above=REWARDED_ABOVE,
        detector=detector,
        warning_options=options.as_json(),
        points=points,
        warnings=list(seen.warnings),
        cannot_warn=cannot_warn(points, options) if with_points else [],
        refused=refused(seen.warnings),
        units=dict(UNITS),
        files=FilesJson(
            n_read=len({point["step"] for point in points}), damaged=[], waiting=[], replaced=[], repeated=[]
        ),
        rejected=RejectedJson(n=0, first=[]),
        notes=notes,
    )
    if seen.held_out:
        curves["held_out"] = list(seen.held_out)
    return curves


def _weighted(reward: RewardConfig) -> str:
    return reward.name if reward.weight == 1 else f"{reward.weight:g} × {reward.name}"


class CurveFiles:
    """The files of the curves in a training's folder, written anew as it goes on.

    Args:
        folder: of the training.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._next_at = 0.0

    @property
    def due(self) -> bool:
        """Whether so much time has passed that writing again takes no more of it than it may."""
        return time.monotonic() >= self._next_at

    def write(self, curves: CurvesJson) -> None:
        """Write the three files, each whole or not at all.

        Raises:
            DataError: the folder cannot be written.
        """
        from xleval.evalkit.report.curves import write_curves_report  # brings the templates

        begun = time.monotonic()
        write_json(self._folder / CURVES, curves)
        write_atomically(self._folder / CSV, curves_csv(curves["points"]))
        write_curves_report(curves, self._folder / PAGE)
        now = time.monotonic()
        self._next_at = now + (now - begun) / _MOST_OF_THE_TIME
