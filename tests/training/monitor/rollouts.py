"""Roll-outs of a training that collapses from Swahili to English, as a trainer hands them to the monitor."""

from pathlib import Path
from typing import Any

from tests.training.rollout_files import verl_rows
from xleval.training.config.schema import DataConfig, MonitorConfig, RewardConfig, TrainConfig
from xleval.training.monitor.monitor import Monitor
from xleval.training.outcome import TrainJob
from xleval.training.rollouts import RollOut


def config(monitor: MonitorConfig | None = None, *rewards: RewardConfig, **more: Any) -> TrainConfig:
    """Return a GRPO training with a monitor; its model and data are not read by what is tested with it."""
    given = {"model": "none", "data": DataConfig(source="none", langs=("sw", "en")), **more}
    return TrainConfig(
        kind="grpo", name="planted", rewards=rewards or (RewardConfig(name="accuracy"),),
        monitor=monitor or MonitorConfig(), **given,
    )  # fmt: skip


def collapsing(step: int) -> float:
    """Return the share of English at a step: none up to step 10, then a tenth more at each."""
    return min(max((step - 10) / 10, 0.0), 0.95)


def of_step(step: int, english: float, *, n: int = 16) -> list[RollOut]:
    """Return roll-outs of a step, four to a prompt, the same ones that `write_verl` writes."""
    return [
        RollOut(
            step=step, lang=row["lang"], prompt=row["input"], completion=row["output"], gold=row["gts"],
            reward=row["score"],
        )
        for row in verl_rows(step, english, n=n)
    ]  # fmt: skip


def monitor_in(out: Path, monitor: MonitorConfig | None = None, *rewards: RewardConfig) -> Monitor:
    """Return a monitor that writes to a folder."""
    return Monitor(config(monitor, *rewards), TrainJob(out=out, quiet=True))


def run_steps(monitor: Monitor, first: int, last: int) -> None:
    """Record the collapsing training's steps, as the trainer does, up to where a warning ends it."""
    for step in range(first, last + 1):
        monitor.record(step, of_step(step, collapsing(step)))
        monitor.close_step(step)
        if monitor.stopped_by:
            break
    monitor.write()
