"""What was published is read again: every file by its hash, and a dataset as a user would load it."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from xleval.data.publish.card import metadata_of
from xleval.data.publish.contents import Contents
from xleval.data.publish.push import Published, hub_api, hub_errors, same_content
from xleval.errors import DataError, MissingExtra


def read_back(published: Published, contents: Contents, say: Callable[[str], None]) -> dict[str, int]:
    """Return the rows of each split of the default config, as `datasets` reads them from the Hub; empty for a model.

    Raises:
        BackendError: the Hub cannot be reached.
        DataError: a file is missing on the Hub or has another content, or rows differ.
        MissingExtra: the package datasets is not installed.
    """
    api = hub_api()
    say("reading back")
    with hub_errors(published.repo):
        paths = [file.path for file in contents.files]
        found = {
            each.path: each
            for each in api.get_paths_info(
                published.repo, paths, repo_type=published.repo_type, revision=published.commit
            )
        }
    wrong = [file.path for file in contents.files if not same_content(file, found.get(file.path))]
    if wrong:
        raise DataError(
            f"{published.repo} at {published.commit}: {len(wrong)} files are missing or differ, such as {wrong[0]}; "
            "publish again"
        )
    return _rows(published, contents) if contents.repo_type == "dataset" else {}


def _rows(published: Published, contents: Contents) -> dict[str, int]:
    config = default_config(contents)
    if config is None:
        return {}
    try:
        from datasets import load_dataset
    except ImportError as error:
        raise MissingExtra("publish", "reading the dataset back") from error
    with tempfile.TemporaryDirectory(prefix="xleval-read-back-") as cache, hub_errors(published.repo):
        # A cache of its own: the user's may hold rows of an earlier state (E7).
        loaded: Any = load_dataset(published.repo, config, revision=published.commit, cache_dir=cache)
        counts = {str(split): len(rows) for split, rows in loaded.items()}
        for split, path in _tables(contents, config).items():
            _compare(loaded[split].data.table, path, f"{published.repo}, {config}, {split}")
    return counts


def _compare(found: Any, path: Path, what: str) -> None:
    """Refuse rows that are not those of a Parquet file; columns are compared as they are, not as text."""
    import pyarrow.parquet as pq

    own = pq.read_table(path)
    same = own.num_rows == found.num_rows and own.column_names == found.column_names
    if not same or found.select(own.column_names).to_pylist() != own.to_pylist():
        raise DataError(f"{what}: the rows that load_dataset reads are not those of {path}; publish again")


def default_config(contents: Contents) -> str | None:
    """Return the config that `load_dataset(REPO)` takes: the one marked as default, else the first."""
    configs = metadata_of(contents.card or "").get("configs") or []
    marked = [config for config in configs if config.get("default")]
    return str((marked or configs)[0]["config_name"]) if configs else None


def _tables(contents: Contents, config: str) -> dict[str, Path]:
    """Return the Parquet file of each split that has one file."""
    configs = metadata_of(contents.card or "").get("configs") or []
    (chosen,) = [each for each in configs if each["config_name"] == config]
    sources = {file.path: file.source for file in contents.files}
    found = {}
    for part in chosen["data_files"]:
        source = sources.get(part["path"]) if isinstance(part, dict) and isinstance(part["path"], str) else None
        if isinstance(source, Path) and source.suffix == ".parquet":
            found[str(part.get("split", "train"))] = source
    return found
