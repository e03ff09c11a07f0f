"""The monitor of one training: takes its roll-outs step by step, warns, keeps the curves, and may end it."""

import math
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from xleval.evalkit.curves_schema import HeldOutJson, PointJson
from xleval.training.collapse import curve_points
from xleval.training.config.schema import TrainConfig
from xleval.training.early_warning import EarlyWarnings
from xleval.training.measure import Measured, measure
from xleval.training.monitor.curve_files import REWARDED_ABOVE, CurveFiles, Seen, training_curves
from xleval.training.monitor.scalars import held_out_scalars, point_scalars
from xleval.training.monitor.step_rows import StepRows
from xleval.training.monitor.yardstick import check_monitor, stopping_rules, yardstick
from xleval.training.outcome import TrainJob
from xleval.training.rollouts import RollOut
from xleval.training.warning_options import WarningOptions

if TYPE_CHECKING:
    from transformers import TrainerCallback

POINTS, HELD_OUT = "curves.jsonl", "held_out.jsonl"


class Monitor:
    """The collapse monitor of a training; one in every process, of which the main one measures and writes.

    Give the trainer `callback()`, or call `attach(trainer)`, which also sends the figures to its trackers.

    Args:
        config: of the training.
        job: its folder, to which the curves go.

    Attributes:
        stopped_by: rule whose warning ended the training; empty while none has.

    Raises:
        ConfigError: settings that cannot be, see `check_monitor`.
        MissingExtra: the second detector is needed and not installed.
    """

    def __init__(self, config: TrainConfig, job: TrainJob) -> None:
        check_monitor(config)
        self.config, self.job = config, job
        self.detector = yardstick(config)
        self.stopped_by = ""
        self._stop_at = stopping_rules(config.monitor)
        self._options = WarningOptions()
        self._files = CurveFiles(job.out)
        self._point_rows, self._held_out_rows = StepRows(job.out / POINTS), StepRows(job.out / HELD_OUT)
        self._points: list[PointJson] = []
        self._held_out: list[HeldOutJson] = []
        self._warnings = EarlyWarnings(self._options)
        self._told: set[tuple[int, str, str]] = set()
        self._open: list[Measured] = []
        self._done: int | None = None

    def begin(self, done: int) -> None:
        """Begin with a training that has done so many steps: what was recorded after them is removed.

        Raises:
            DataError: the recorded curves are damaged, or the folder cannot be written.
        """
        self.job.out.mkdir(parents=True, exist_ok=True)
        self._done = done
        self._points = [cast(PointJson, row) for row in self._point_rows.cut_back(done)]
        self._held_out = [cast(HeldOutJson, row) for row in self._held_out_rows.cut_back(done)]
        self._warnings = EarlyWarnings(self._options)
        self._open = []
        for point in self._points:
            self._warnings.add(point)
        self._told = {(each["step"], each["lang"], each["rule"]) for each in self._warnings.found()}

    def record(self, step: int, rollouts: Sequence[RollOut]) -> None:
        """Take the roll-outs of a generation; call it in the main process only.

        Args:
            step: optimiser step that is the first to train on them, from 1; several generations of a step add up.
            rollouts: with the trainer's own rewards and advantages; a conversation is written out as a text. Their own
                `step` is not read. Rewards, advantages and entropies that are no finite numbers are missing.

        Raises:
            ValueError: the step is done, so that a resumed training would count it twice.
        """
        if self._done is None:
            self.begin(step - 1)
        if self._done is not None and step <= self._done:
            raise ValueError(f"roll-outs of step {step} were recorded after it was done; steps count from 1")
        if self._open and self._open[0].step != step:
            self.close_step()
        self._open += [measure(_clean(rollout, step), self.detector) for rollout in rollouts]

    def close_step(self, done: int | None = None) -> None:
        """Make the points of what was recorded, tell of new warnings, and write the files where it is time.

        Args:
            done: steps that are done now; None where that is not known.
        """
        self._done = self._done if done is None else done
        if not self._open:
            return
        points = curve_points(self._open, rewarded_above=REWARDED_ABOVE)
        self._open = []
        self._point_rows.append([dict(point) for point in points])
        self._points += points
        for point in points:
            self._warnings.add(point)
        self._tell()
        if self._files.due:
            self.write()

    def _tell(self) -> None:
        """Say each new warning once, and remember one that ends the training."""
        for each in self._warnings.found():
            key = (each["step"], each["lang"], each["rule"])
            if key in self._told:
                continue
            self._told.add(key)
            print(
                f"early warning: {each['lang']}, step {each['step']}: {each['message']} ({each['rule']})",
                file=sys.stderr,
            )
            if each["rule"] in self._stop_at and not self.stopped_by:
                self.stopped_by = each["rule"]
                print(f"training ends here: monitor.stop_on_warning names {each['rule']}", file=sys.stderr)

    def add_held_out(self, rows: Sequence[HeldOutJson]) -> None:
        """Take what the model in training made of held-out prompts at one step."""
        self._held_out_rows.append([dict(row) for row in rows])
        self._held_out += rows

    def has_held_out(self, step: int) -> bool:
        """Return whether the held-out prompts were asked at a step."""
        return any(row["step"] == step for row in self._held_out)

    def write(self) -> None:
        """Write `curves.json`, `curves.csv` and `curves.html`."""
        seen = Seen(points=self._points, held_out=self._held_out, warnings=self._warnings.found())
        self._files.write(training_curves(self.config, self.detector, self._options, seen))

    def scalars(self, step: int) -> dict[str, float]:
        """Return the figures of a step for trackers: `word_ratio/LANG`, `eval_accuracy/LANG` and the like."""
        return {
            **point_scalars(point for point in reversed(self._points[-len(self._langs()) :]) if point["step"] == step),
            **held_out_scalars(row for row in self._held_out if row["step"] == step),
        }

    def figures(self) -> dict[str, float]:
        """Return the last value of every curve, by the names that trackers see."""
        return {**point_scalars(self._points), **held_out_scalars(self._held_out)}

    def _langs(self) -> set[str]:
        return {point["lang"] for point in self._points}

    def callback(self) -> "TrainerCallback":
        """Return what a transformers trainer calls: it closes steps, asks held-out prompts, and ends the training."""
        from xleval.training.monitor.callback import MonitorCallback

        return MonitorCallback(self)

    def attach(self, trainer: Any) -> None:
        """Add the callback to a trainer whose trackers (TensorBoard, wandb) are to see the figures too."""
        from xleval.training.monitor.callback import MonitorCallback, trackers_of

        trainer.add_callback(MonitorCallback(self, trackers=trackers_of(trainer)))


def _clean(rollout: RollOut, step: int) -> RollOut:
    """Return a roll-out of a step without figures that are no numbers, and with one verdict.

    The trainer's own verdict comes from xleval's rewards. Beside it a right answer that is a number, such as the title
    "1984", would be looked for a second time, by the rules for calculations.
    """
    return replace(
        rollout, step=step, reward=_finite(rollout.reward), advantage=_finite(rollout.advantage),
        entropy=_finite(rollout.entropy), gold=rollout.gold if rollout.given_correct is None else None,
    )  # fmt: skip


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
