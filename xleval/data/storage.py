"""Files that are whole or absent: canonical JSON, hashes, atomic replacement, folders of one configuration."""

import errno
import hashlib
import json
import math
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from xleval.data.folder_lock import hold
from xleval.errors import ConfigError, DataError

_DEEPEST = 100  # lists and objects within each other; nothing that xleval or another tool writes comes near
_TOO_DEEP = f"its lists and objects are nested more than {_DEEPEST} deep"
#: name of a temporary file of `write_atomically`
_LEFTOVER = re.compile(r"\.[\w-]+\.(json|jsonl|parquet|html|md|tsv|csv|tex|png|svg)\.[a-z0-9_]{8}")


def canonical_json(value: object) -> str:
    """Return JSON with sorted keys and no spaces: equal values give equal text.

    Raises:
        ValueError: it holds NaN or infinity, or is nested too deeply.
    """
    try:
        return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except RecursionError as error:
        raise ValueError(_TOO_DEEP) from error


def parse_json(text: str | bytes, **hooks: Any) -> Any:
    """Return the value of JSON text from anywhere; unlike `json.loads` every refusal is a ValueError.

    Args:
        text: JSON, in bytes UTF-8.
        hooks: `parse_int`, `parse_float` and `parse_constant` of `json.loads`.

    Raises:
        ValueError: it is not JSON, is nested more than 100 deep, has a number of thousands of digits, or is not UTF-8.
    """
    try:
        value = json.loads(text, **hooks)
    except RecursionError as error:
        raise ValueError(_TOO_DEEP) from error
    # what is read must also be shown, compared and written, each of which goes one call deeper a level
    n_open = text.count(b"[") + text.count(b"{") if isinstance(text, bytes) else text.count("[") + text.count("{")
    if n_open > _DEEPEST and _is_deeper(value, _DEEPEST):
        raise ValueError(_TOO_DEEP)
    return value


def _is_deeper(value: object, levels: int) -> bool:
    level = [value]
    for _ in range(levels):
        inside = [part.values() if isinstance(part, dict) else part for part in level if isinstance(part, dict | list)]
        level = [part for parts in inside for part in parts]
    return any(isinstance(part, dict | list) for part in level)


def sha256_of(value: object) -> str:
    """Return the SHA-256 of the canonical JSON of a value, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def sha256_of_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file so that readers see the old content or the new one, never a part; newlines stay as they are.

    A link is followed. A device or a pipe (`/dev/stdout`) is written to: replacing it by a file would take it away.

    Raises:
        DataError: the folder cannot be written or the disk is full.
    """
    with written_atomically(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)


@contextmanager
def written_atomically(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write to, which takes the place of `path` when the block has ended well; see `write_atomically`.

    Raises:
        DataError: the folder cannot be written or the disk is full.
    """
    try:
        path = path.resolve() if path.is_symlink() else path
        if path.exists() and not (path.is_file() or path.is_dir()):
            with path.open("wb") as device:
                yield device
            return
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, 0o644)  # mkstemp makes 0600, and results are there to be shared
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise DataError(f"cannot write {path}: {what_is_wrong(error)}") from error


def what_is_wrong(error: OSError) -> str:
    """Return why a file could not be written and what to do, as the end of a message."""
    reason = error.strerror or str(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{reason}. Make room and run it again, or choose a folder on another disk"
    if error.errno == errno.EFBIG:
        return (
            f"{reason}: the limit is this process's (ulimit -f) or the file system's. Raise it, or choose another disk"
        )
    return f"{reason}. Choose a folder that can be written"


def write_json(path: Path, value: object) -> None:
    """Write readable JSON atomically, keys in the order given."""
    write_atomically(path, json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def read_json(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file that xleval wrote: no NaN, no infinity, no half of a surrogate pair.

    Raises:
        DataError: the file is missing, unreadable or not a JSON object.
    """
    try:
        text = path.read_text(encoding="utf-8")
        value = parse_json(text, parse_float=_finite, parse_constant=_finite)
        if "\\ud" in text.lower():
            canonical_json(value).encode()  # half of a pair could not be written again
    except FileNotFoundError as error:
        raise DataError(f"{path} does not exist") from error
    except (OSError, ValueError) as error:
        raise DataError(f"{path} is not readable as JSON: {error}") from error
    if not isinstance(value, dict):
        raise DataError(f"{path} holds a JSON {type(value).__name__}, an object is needed")
    return value


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"it holds the number {text:.20}; a finite one is needed")
    return value


def make_folder(path: Path) -> Path:
    """Create a folder and its parents, and check that it can be written.

    Raises:
        DataError: it cannot be made or written, or the path is a file.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"cannot make the folder {path}: {error.strerror}. Choose another with --out") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise DataError(f"no permission to write in the folder {path}. Choose another with --out")
    return path


def claim_folder(path: Path, *, manifest: str, config: Mapping[str, object], resume: bool) -> bool:
    """Make a folder the home of one configuration; return whether it already holds its finished result.

    The manifest is a JSON object with the keys `config` and `finished`. A folder is claimed when it is new or empty, or
    when its manifest has the same configuration and `resume` is asked for.

    Args:
        path: the output folder.
        manifest: name of the manifest, `run.json` or `build.json`.
        config: everything that changes the output; JSON values.
        resume: go on with what the folder holds.

    Raises:
        ConfigError: the folder holds something else, another configuration, or the same one without `resume`; or another
            process writes there (see `folders_held`).
        DataError: the folder cannot be written.
    """
    make_folder(path)
    hold(path)  # before anything in it is touched
    _remove_leftovers(path)
    there = path / manifest
    if not there.exists():
        if any(path.iterdir()):
            found = ", ".join(sorted(child.name for child in path.iterdir())[:4])
            raise ConfigError(
                f"{path} is not empty and has no {manifest} (found: {found}). Choose a new folder with --out"
            )
        return False
    stored = read_json(there)
    held = stored.get("config")
    if not isinstance(held, dict):
        raise DataError(f"{there} has no 'config' object: it was not written by xleval. Choose a new folder with --out")
    different = differing_keys(held, json.loads(canonical_json(config)))
    if different:
        raise ConfigError(
            f"{path} holds another configuration; it differs in {'; '.join(different)}. "
            "Choose a new folder with --out, or give the same settings"
        )
    if not resume:
        state = "finished" if stored.get("finished") else "unfinished"
        raise ConfigError(
            f"{path} already holds this configuration, {state}. Go on with --resume, or choose a new --out"
        )
    return bool(stored.get("finished"))


def _remove_leftovers(folder: Path) -> None:
    """Remove what `write_atomically` left behind when it was killed between two of its steps."""
    for path in folder.glob(".*"):
        if _LEFTOVER.fullmatch(path.name):
            path.unlink(missing_ok=True)


def differing_keys(old: Mapping[str, object], new: Mapping[str, object], prefix: str = "") -> list[str]:
    """Return `key (old → new)` for each key, dotted for nested objects, whose value differs, in sorted order."""
    found: list[str] = []
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key), new.get(key)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            found += differing_keys(before, after, f"{prefix}{key}.")
        elif before != after:
            found.append(f"{prefix}{key} ({_brief(before)} → {_brief(after)})")
    return found


def _brief(value: object) -> str:
    text = canonical_json(value)
    return text if len(text) <= 60 else text[:57] + "…"


def jsonl(rows: Iterable[Mapping[str, object]]) -> str:
    """Return rows as JSON lines with sorted keys: the same rows give the same bytes."""
    return "".join(canonical_json(row) + "\n" for row in rows)
