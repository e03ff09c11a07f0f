"""Arrays on disk: what is measured is measured once, and a probe that was stopped goes on behind it."""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from xleval.data.storage import make_folder, write_atomically
from xleval.errors import DataError

Arrays = Mapping[str, np.ndarray[Any, Any]]

#: What `write_atomically` leaves of such a file when it is killed between two of its steps.
_LEFTOVER = re.compile(r"\..+\.npz\.[a-z0-9_]{8}")


def kept(path: Path, make: Callable[[], Arrays]) -> Arrays:
    """Return the arrays of an .npz file, which is made where it is not there; whole or not at all.

    Raises:
        DataError: the file is damaged.
    """
    if path.is_file():
        try:
            # Opened here: of a damaged file, numpy leaves its own open.
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                return {name: arrays[name] for name in arrays.files}
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise DataError(f"{path} cannot be read ({error}); delete it, it will be measured again") from error
    made = make()
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **made)
    make_folder(path.parent)
    write_atomically(path, content.getvalue())
    return made


def remove_leftovers(folder: Path) -> None:
    """Remove what a killed probe left of files that were being written, in a folder and those in it."""
    for path in folder.rglob(".*"):
        if _LEFTOVER.fullmatch(path.name):
            path.unlink(missing_ok=True)
