"""Sets on the Hugging Face hub: where they are, and the files of one revision on this machine."""

import re
from dataclasses import dataclass
from pathlib import Path

from xleval.errors import DataError, MissingExtra

_SNAPSHOT = re.compile(r"/snapshots/([0-9a-f]{40})(?:/|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSet:
    """A dataset repository.

    Attributes:
        repo: `USER/NAME`.
        files: patterns of the files that are needed.
        revision: commit that the loader was written for; None where none is known, and the newest one is taken and
            recorded in `run.json`.
        folder: part of the repository that is the task's data folder; empty for all of it.
    """

    repo: str
    files: tuple[str, ...] = ("*",)
    revision: str | None = None
    folder: str = ""


def download(hub: HubSet, name: str) -> Path:
    """Return the folder of a set's files at its revision, downloaded where the cache lacks them.

    Raises:
        DataError: the hub cannot be reached or has no such set; the ways to give the data otherwise are named.
        MissingExtra: huggingface_hub is not installed.
    """
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise MissingExtra("hf", f"downloading {name} from the hub") from error
    try:
        root = snapshot_download(
            hub.repo, repo_type="dataset", revision=hub.revision, allow_patterns=list(hub.files), max_workers=4
        )
    except Exception as error:  # network, login, missing set: its errors have no common base
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise DataError(
            f"{name}: {hub.repo} could not be read from the hub ({reason}). Give a folder: --data {name}=DIR, "
            f"or $XLEVAL_DATA/{name}"
        ) from error
    return Path(root) / hub.folder


def revision_of(folder: Path | None) -> str | None:
    """Return the commit of the hub that a folder is a download of; None for any other folder."""
    found = _SNAPSHOT.search(folder.as_posix()) if folder else None
    return found[1] if found else None
