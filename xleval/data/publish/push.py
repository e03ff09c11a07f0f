"""One commit to the Hugging Face Hub: large files first, each once, then everything together or nothing."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xleval.data.publish.contents import Contents, PublishedFile
from xleval.errors import BackendError, ConfigError, MissingExtra, XlevalError, first_line

if TYPE_CHECKING:
    from huggingface_hub import HfApi

_REPO = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_REVISION = re.compile(r"(?!.*(\.\.|//|@\{|\.lock$))[^\W_][\w./-]*(?<![./])", re.ASCII)

_TRIES = "the same command goes on: files that the Hub has are not sent again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What is on the Hub after a publication.

    Attributes:
        repo: `USER/NAME`.
        repo_type: dataset or model.
        revision: branch that was written to.
        commit: id of the commit that holds the files; the newest one where nothing had to be written.
        url: for people.
        n_changed: files that the commit changed or added; the others were there with the same content.
    """

    repo: str
    repo_type: str
    revision: str
    commit: str
    url: str
    n_changed: int


def check_names(repo: str, revision: str) -> None:
    """Refuse names that no repository or branch of the Hub has; the Hub itself knows further rules.

    Raises:
        ConfigError: the repository is not `USER/NAME`, or the branch is not of letters, digits and `_`, `.`, `/`, `-`.
    """
    if not _REPO.fullmatch(repo):
        raise ConfigError(f"--repo {repo}: needed is USER/NAME, of letters, digits, '_', '-' and '.'")
    if not _REVISION.fullmatch(revision):
        raise ConfigError(
            f"--revision {revision!r} is no name of a branch; needed are letters, digits, '_', '.', '/', '-'"
        )


def push(
    contents: Contents, repo: str, *, private: bool, revision: str, message: str, say: Callable[[str], None]
) -> Published:
    """Publish a folder's contents as one commit; a second call with the same files writes nothing.

    The token is the one that huggingface_hub finds (`HF_TOKEN` or `hf auth login`); it is neither read nor printed here.

    Args:
        contents: what is published.
        repo: `USER/NAME`; it is made where there is none.
        private: whether a repository that is made is private; one that is there stays as it is.
        revision: branch; it is made where there is none.
        message: of the commit.
        say: is told each step.

    Raises:
        BackendError: the Hub cannot be reached, refuses, or has no token.
        ConfigError: `repo` is no name of a repository.
        MissingExtra: huggingface_hub is not installed.
    """
    api = hub_api()
    with hub_errors(repo):
        say(f"asking for {repo}")
        api.create_repo(repo, repo_type=contents.repo_type, private=private or None, exist_ok=True)
        if revision != "main":
            api.create_branch(repo, repo_type=contents.repo_type, branch=revision, exist_ok=True)
        additions = _additions(contents)
        changed = _differing(api, contents, repo, revision)
        url = str(api.repo_info(repo, repo_type=contents.repo_type, revision=revision).sha or "")
        if not changed:
            say("every file is there already: nothing is written")
            return _published(contents, repo, revision, url, 0)
        sent = [each for each in additions if each.path_in_repo in changed]
        say(f"sending {len(sent)} of {len(additions)} files")
        api.preupload_lfs_files(repo, sent, repo_type=contents.repo_type, revision=revision, free_memory=False)
        say("writing the commit")
        commit = api.create_commit(
            repo, sent, repo_type=contents.repo_type, revision=revision, commit_message=message
        )  # fmt: skip
    return _published(contents, repo, revision, commit.oid, len(sent))


def _published(contents: Contents, repo: str, revision: str, commit: str, n_changed: int) -> Published:
    from huggingface_hub import constants

    prefix = "datasets/" if contents.repo_type == "dataset" else ""
    return Published(
        repo=repo, repo_type=contents.repo_type, revision=revision, commit=commit, n_changed=n_changed,
        url=f"{constants.ENDPOINT}/{prefix}{repo}/tree/{revision}",
    )  # fmt: skip


def _additions(contents: Contents) -> list[Any]:
    from huggingface_hub import CommitOperationAdd

    return [
        CommitOperationAdd(path_in_repo=file.path, path_or_fileobj=file.source if isinstance(file.source, bytes) else str(file.source))
        for file in contents.files
    ]  # fmt: skip


def _differing(api: "HfApi", contents: Contents, repo: str, revision: str) -> set[str]:
    """Return the paths whose content on the Hub is another one, or none."""
    paths = [file.path for file in contents.files]
    there = {
        found.path: found
        for found in api.get_paths_info(repo, paths, repo_type=contents.repo_type, revision=revision)
        if hasattr(found, "blob_id")
    }
    return {file.path for file in contents.files if not same_content(file, there.get(file.path))}


def same_content(file: PublishedFile, remote: Any) -> bool:
    """Return whether a file of the Hub has the same content: by SHA-256 where it is large, else by git's own hash."""
    if remote is None or remote.size != file.size:
        return False
    return bool(remote.lfs.sha256 == file.sha256() if remote.lfs is not None else remote.blob_id == file.blob_id())


def hub_api() -> "HfApi":
    """Return the client of the Hub.

    Raises:
        MissingExtra: huggingface_hub is not installed.
    """
    try:
        from huggingface_hub import HfApi
    except ImportError as error:
        raise MissingExtra("publish", "publishing") from error
    return HfApi()


@contextmanager
def hub_errors(repo: str) -> Iterator[None]:
    """Turn what the client raises into one line that holds no token."""
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalTokenNotFoundError

    try:
        yield
    except XlevalError:
        raise
    except HFValidationError as error:
        raise ConfigError(f"--repo {repo}: {first_line(error)}") from error
    except LocalTokenNotFoundError as error:
        raise BackendError("there is no token of the Hub: hf auth login, or HF_TOKEN") from error
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        raise BackendError(f"{repo}: {_advice(status)}{_hidden(_innermost(error))}") from error
    except ValueError as error:  # the Hub's own check of the card: every line of it says something
        raise BackendError(f"{repo}: {_hidden(' '.join(str(error).split()))}") from error
    except Exception as error:  # of the network, of uploading threads: they have no common base
        raise BackendError(f"{repo}: {_hidden(_innermost(error))}; {_TRIES}") from error


def _innermost(error: BaseException) -> str:
    """Return the first line of an error and of the one it was raised from, which says why."""
    causes = [error]
    while causes[-1].__cause__ is not None and len(causes) < 4:
        causes.append(causes[-1].__cause__)
    return ": ".join(dict.fromkeys(first_line(each).rstrip(".") for each in (causes[0], causes[-1])))


def _advice(status: int) -> str:
    if status == 401:
        return "the Hub does not know the token, or there is none (hf auth login, or HF_TOKEN with write access): "
    if status == 403:
        return "the token may not write there; it needs write access to this user or organisation: "
    return f"the Hub answered with an error; {_TRIES}: "


def _hidden(text: str) -> str:
    """Return a text without the token, should a library ever put it there."""
    from huggingface_hub import get_token

    token = get_token()
    return text.replace(token, "***") if token else text
