"""What a step left that was begun and not finished: it goes on from there, or begins anew."""

import shutil
from pathlib import Path

from xleval.errors import DataError
from xleval.training.studies.records import Step

#: What a command with `--resume` keeps in its folder to go on from, or in the folders in it (a decoding grid).
MANIFESTS = ("run.json", "train.json", "build.json", "manifest.json", "judging.json")


def clear_begun(step: Step, out: Path) -> bool:
    """Return whether a step that was begun goes on with `--resume`; what it left is removed where it cannot.

    Nothing outside the study's folder is removed.

    Args:
        step: its record says that it was begun and not finished, so that what its `out` holds is its own.
        out: folder of the study.

    Raises:
        DataError: its folder cannot be removed.
    """
    if not step.out.exists():
        return False
    if step.resumes and step.out.is_dir() and _has_manifest(step.out):
        return True
    inside = step.out.resolve()
    if out.resolve() not in inside.parents or step.out.is_symlink():
        return False
    try:
        shutil.rmtree(step.out) if step.out.is_dir() else step.out.unlink()
    except OSError as error:
        raise DataError(
            f"cannot remove {step.out}, which step {step.name} left unfinished: {error.strerror}"
        ) from error
    return False


def _has_manifest(folder: Path) -> bool:
    return any(next(folder.glob(f"{place}{name}"), None) for name in MANIFESTS for place in ("", "*/"))
