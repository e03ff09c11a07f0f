"""Where a study keeps what: the same in every study, so that a folder can be read without its plan."""

from pathlib import Path

MANIFEST, REPORT, FINDINGS = "study.json", "report.html", "findings.json"
FIGURES, TABLES = "figures", "tables"


def set_folder(out: Path, name: str) -> Path:
    """Return the folder of a dataset that the study builds."""
    return out / "sets" / name


def training_folder(out: Path, arm: str, seed: int) -> Path:
    """Return the `--out` of a training."""
    return out / "arms" / arm / f"seed-{seed}"


def weights_folder(out: Path, arm: str, seed: int) -> Path:
    """Return the folder of the trained checkpoint, which `xleval run --model` takes."""
    return training_folder(out, arm, seed) / "model"


def run_folder(out: Path, arm: str, seed: int | None, what: str = "runs") -> Path:
    """Return the folder of an evaluation; `what` tells several of one checkpoint apart (`runs`, `grids`, `open`)."""
    home = out / what / arm
    return home if seed is None else home / f"seed-{seed}"


def comparison_file(out: Path, arm: str, other: str) -> Path:
    """Return the file of the comparison of an arm with another one."""
    return out / "compare" / f"{arm}-against-{other}.json"


def overlap_file(out: Path, train: str, evaluation: str) -> Path:
    """Return the file of what a training set shares with an evaluation set."""
    return out / "overlap" / f"{train}-{evaluation}.json"


def transfer_file(out: Path, part: str) -> Path:
    """Return the file of the transfer figures of a part of the study; the plan stands beside it as `.yaml`."""
    return out / "transfer" / f"{part}.json"


def probe_folder(out: Path, kind: str, arm: str) -> Path:
    """Return the folder of a probe of an arm against the base."""
    return out / "probes" / kind / arm


def judge_folder(out: Path, arm: str, other: str) -> Path:
    """Return the folder of the judge's verdicts on two arms."""
    return out / "judge" / f"{arm}-against-{other}"


def record_file(out: Path, step: str) -> Path:
    """Return the file that says that a step is finished."""
    return out / "steps" / f"{step}.json"


def log_file(out: Path, step: str) -> Path:
    """Return the file of what a step printed."""
    return out / "steps" / f"{step}.log"
