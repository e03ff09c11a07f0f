"""A set on the Hugging Face hub as a local folder."""

import re
from pathlib import Path

from xleval.errors import DataError, MissingExtra, first_line

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_PATTERNS = ["*.parquet", "**/*.parquet", "*.jsonl", "**/*.jsonl", "*.json", "**/*.json"]


def local_path(target: str) -> Path:
    """Return the folder or file that a target names: itself where it is there, else a snapshot of the hub's data set.

    Raises:
        DataError: there is no such path and no such data set, or the hub cannot be reached.
        MissingExtra: it is on the hub, and `huggingface_hub` is not installed.
    """
    path = Path(target)
    if path.exists():
        return path
    if _HUB_ID.fullmatch(target) is None:
        raise DataError(f"{target} does not exist: name a folder, a file, or a data set on the hub as OWNER/NAME")
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
    except ImportError as error:
        raise MissingExtra("hf", f"reading {target} from the hub") from error
    try:
        return Path(snapshot_download(target, repo_type="dataset", allow_patterns=_PATTERNS))
    except (HfHubHTTPError, LocalEntryNotFoundError, HFValidationError, OSError) as error:
        raise DataError(
            f"{target} is no local path, and the hub does not give it: {first_line(error)}. Download it where there is a "
            "network, and name the folder"
        ) from error
