"""A parallel text on the hub: its files at one commit, each downloaded where the cache lacks it; its code is never run."""

from dataclasses import dataclass
from pathlib import Path

from xleval.errors import DataError, MissingExtra


@dataclass(frozen=True, slots=True, kw_only=True)
class HubText:
    """A dataset repository.

    Attributes:
        repo: `OWNER/NAME`.
        commit: 40 hexadecimal digits.
        names: of its files; of a repository that only the cache has, those in the cache.
        folder: of the cache, where the hub was not asked.
    """

    repo: str
    commit: str
    names: tuple[str, ...]
    folder: Path | None = None

    @property
    def source(self) -> str:
        """Return the repository with the commit."""
        return f"{self.repo}@{self.commit}"

    def file(self, name: str) -> Path:
        """Return a file on this machine.

        Raises:
            DataError: the hub cannot be reached, or does not give the file.
        """
        if self.folder is not None:
            return self.folder / name
        from huggingface_hub import hf_hub_download

        try:
            return Path(hf_hub_download(self.repo, name, repo_type="dataset", revision=self.commit))
        except Exception as error:  # network, login, conditions: its errors have no common base
            raise _unreadable(self.repo, error) from error


def hub_text(repo: str, revision: str | None) -> HubText:
    """Return the files that a repository has; without a network, those that the cache has.

    Raises:
        DataError: neither hub nor cache has it.
        MissingExtra: huggingface_hub is not installed.
    """
    try:
        from huggingface_hub import HfApi, snapshot_download
    except ImportError as error:
        raise MissingExtra("hf", f"downloading {repo} from the hub") from error
    try:
        info = HfApi().dataset_info(repo, revision=revision)
    except Exception as error:  # as above
        try:
            folder = Path(snapshot_download(repo, repo_type="dataset", revision=revision, local_files_only=True))
        except Exception:  # what the hub said is what the user can do something about
            raise _unreadable(repo, error) from error
        names = sorted(each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file())
        return HubText(repo=repo, commit=folder.name, names=tuple(names), folder=folder)
    names = sorted(each.rfilename for each in info.siblings or ())
    return HubText(repo=repo, commit=str(info.sha), names=tuple(names))


def _unreadable(repo: str, error: Exception) -> DataError:
    reason = " ".join(str(error).split())[:200] or type(error).__name__
    return DataError(
        f"{repo} could not be read from the hub ({reason}). Give a folder of it; a set with conditions needs them accepted "
        "and $HF_TOKEN"
    )
