"""`xleval train`: what every kind of training has in common, before and after the training itself.

Before anything is loaded: the settings are those of TRL, the model fits, no test item is trained on. Then the folder is
claimed, the training goes on from the last whole checkpoint, and `train.json` says what was done.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xleval
from xleval.data.storage import claim_folder, read_json, write_json
from xleval.errors import ConfigError, XlevalError, unknown_name
from xleval.training.config.schema import Kind, TrainConfig
from xleval.training.disk_faults import named_disk_faults
from xleval.training.installed import import_trl
from xleval.training.outcome import TrainJob, TrainOutcome

if TYPE_CHECKING:
    from xleval.evalkit.checkpoints import Checkpoint
    from xleval.training.memory import MemoryNeed
    from xleval.training.sets.overlap import OverlapNote

MANIFEST, MODEL = "train.json", "model"
#: Module and function of each kind; imported when it runs.
_RUNNERS: Mapping[Kind, tuple[str, str]] = {
    "grpo": ("xleval.training.grpo.run", "run_grpo"),
    "sft": ("xleval.training.sft", "run_sft"),
    "cpt": ("xleval.training.cpt", "run_cpt"),
    "clo": ("xleval.training.clo", "run_clo"),
    "dco": ("xleval.training.dco", "run_dco"),
    "cm-align": ("xleval.training.cm_align", "run_cm_align"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found before anything was loaded.

    Attributes:
        checkpoint: the model that the training begins with.
        memory: what it needs and what there is.
        overlap: what training and test sets share.
        notes: items that are left out and why, sets that could not be compared: a sentence each.
    """

    checkpoint: "Checkpoint"
    memory: "MemoryNeed"
    overlap: "OverlapNote"
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainSummary:
    """A finished training: its configuration, what was done, and the folder of the weights."""

    config: TrainConfig
    out: Path
    model: Path
    outcome: TrainOutcome

    def as_json(self) -> dict[str, Any]:
        """Return the summary as JSON values; folders as given."""
        return {
            "kind": self.config.kind, "name": self.config.name, "base": self.config.model, "seed": self.config.seed,
            "langs": list(self.config.data.langs), "out": str(self.out), "model": str(self.model),
            **asdict(self.outcome),
        }  # fmt: skip


def check(config: TrainConfig) -> Checked:
    """Return what is found before anything is loaded.

    Raises:
        ConfigError: no such model, settings that TRL does not have, or test items among the training items.
        DataError: the model does not fit.
        MissingExtra: a package of the extra `train` is not installed.
    """
    import_trl()
    from xleval.evalkit.checkpoints import inspect_checkpoint
    from xleval.training.config.trainer_settings import trainer_settings
    from xleval.training.memory import check_memory
    from xleval.training.monitor.yardstick import check_monitor
    from xleval.training.sets.held_out_check import check_held_out
    from xleval.training.sets.overlap import check_overlap

    trainer_settings(config, TrainJob(out=Path("out"), quiet=True))
    check_monitor(config)
    check_held_out(config)
    checkpoint = inspect_checkpoint(config.model)
    return Checked(checkpoint=checkpoint, memory=check_memory(config, checkpoint), overlap=check_overlap(config.data))


def check_trackers(names: tuple[str, ...]) -> None:
    """Refuse trackers that transformers does not know, or whose package is not installed: it would say so after loading.

    Raises:
        ConfigError: with the names there are, or the package to install.
    """
    if not names:
        return
    import_trl()
    trackers = import_module("transformers.integrations.integration_utils")
    known = sorted(trackers.INTEGRATION_TO_CALLBACK)
    installed = trackers.get_available_reporting_integrations()
    for name in names:
        if name not in known:
            raise unknown_name("tracker of --log-to", name, known)
        if name not in installed:
            raise ConfigError(f"--log-to {name}: its package is not installed: pip install {name.replace('_', '-')}")


def train(
    config: TrainConfig,
    out: Path,
    *,
    resume: bool = False,
    log_to: tuple[str, ...] = (),
    quiet: bool = False,
    say: Callable[[str], None] | None = None,
) -> TrainSummary:
    """Train as a configuration says and return what was done.

    Args:
        config: the training.
        out: folder, new or empty; weights go to `out/model`.
        resume: go on from the last checkpoint that `out` holds.
        log_to: trackers, beside the curves in the folder.
        quiet: lines in place of progress bars.
        say: is called with each step before the training, for people.

    Raises:
        ConfigError, DataError, BackendError, MissingExtra: as `check` and `check_trackers`, and what reading the data or training meets.
    """
    tell = say or (lambda _: None)
    refuse_taken(out, resume=resume)
    tell("checking the settings, the model's size and the overlap with test sets")
    check_trackers(log_to)
    checked = check(config)
    for note in (checked.overlap.sentence, *checked.notes):
        if note:
            tell(note)
    signed = _signed(config, checked)
    stored = {"config": signed, "overlap": asdict(checked.overlap), "xleval": xleval.__version__}
    resume_from = _claim(out, stored, resume=resume)
    if (out / MANIFEST).is_file() and read_json(out / MANIFEST).get("finished"):
        tell(f"{out} is finished: nothing to do")
        return TrainSummary(config=config, out=out, model=out / MODEL, outcome=_stored_outcome(out))
    if resume_from is not None:
        tell(f"going on from {resume_from.name}")
    module, function = _RUNNERS[config.kind]
    run = getattr(import_module(module), function)
    job = TrainJob(out=out, resume_from=resume_from, log_to=log_to, quiet=quiet)
    try:
        with named_disk_faults(out):
            outcome: TrainOutcome = run(config, job)
    except XlevalError:
        _release(out)
        raise
    if _is_main():
        write_json(out / MANIFEST, {**stored, "finished": True, "outcome": asdict(outcome)})
    return TrainSummary(config=config, out=out, model=out / MODEL, outcome=outcome)


def _signed(config: TrainConfig, checked: Checked) -> dict[str, Any]:
    """Return what decides the weights; where values come from does not."""
    signed = asdict(config)
    del signed["sources"]
    signed["model_sha256"] = checked.checkpoint.sha256
    signed["left_out"] = list(checked.overlap.dropped)
    return signed


def refuse_taken(out: Path, *, resume: bool) -> None:
    """Return nothing where a training may write to a folder; the folder is not touched.

    `claim_folder` decides in the end; what it would refuse whatever the configuration is refused here, before the data
    is compared with test sets, which can take minutes. Only the first process looks: another may come when it has claimed.

    Raises:
        ConfigError: the folder holds something else, or a training that is not to be gone on with.
    """
    if os.environ.get("RANK", "0") != "0":
        return
    if out.exists() and not out.is_dir():
        raise ConfigError(f"{out} is a file; the training needs a folder. Choose a new folder with --out")
    found = sorted(path.name for path in out.glob("*")) if out.is_dir() else []
    if MANIFEST in found and not resume:
        raise ConfigError(f"{out} already holds a training. Go on with --resume, or choose a new --out")
    if found and MANIFEST not in found:
        raise ConfigError(
            f"{out} is not empty and has no {MANIFEST} (found: {', '.join(found[:4])}). Choose a new folder with --out"
        )


def _claim(out: Path, stored: Mapping[str, Any], *, resume: bool) -> Path | None:
    """Make the folder this training's and return the checkpoint to go on from; one process of several does the first."""
    if _is_main():
        finished = claim_folder(out, manifest=MANIFEST, config=stored["config"], resume=resume)
        if not finished:
            write_json(out / MANIFEST, {**stored, "finished": False})
    _wait_for_all()
    return last_checkpoint(out) if resume else None


def _release(out: Path) -> None:
    """Leave no folder behind that says nothing but that a training was refused: the corrected command may use it."""
    if _is_main() and [path.name for path in out.iterdir()] == [MANIFEST]:
        (out / MANIFEST).unlink()
        out.rmdir()


def last_checkpoint(out: Path) -> Path | None:
    """Return the newest checkpoint that was written to its end, its `TRAINING_FILE` last; None where there is none."""
    from xleval.evalkit.checkpoints import TRAINING_FILE

    found = [path for path in out.glob("checkpoint-*") if path.name.partition("-")[2].isdecimal()]
    whole = [path for path in found if (path / TRAINING_FILE).is_file()]
    return max(whole, key=lambda path: int(path.name.partition("-")[2]), default=None)


def _stored_outcome(out: Path) -> TrainOutcome:
    return TrainOutcome(**read_json(out / MANIFEST)["outcome"])


def _is_main() -> bool:
    from accelerate import PartialState

    return bool(PartialState().is_main_process)


def _wait_for_all() -> None:
    from accelerate import PartialState

    PartialState().wait_for_everyone()
