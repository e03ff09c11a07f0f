"""The files of a language in a folder of data, in the layouts that sets are published in, and what is missing."""

from collections.abc import Sequence
from pathlib import Path

from xleval.errors import DataError

_FORMATS = ("parquet", "jsonl", "json", "tsv", "csv")


def language_files(folder: Path, lang: str, split: str = "test") -> list[Path]:
    """Return the files of a language and split, sorted: the first layout below that the folder has.

    `LANG/SPLIT.parquet`, in parts `LANG/SPLIT-00000-of-00001.parquet`; with `.jsonl`, `.json`, `.tsv` or `.csv` in place
    of `.parquet`; `LANG.jsonl` and the like.
    """
    for ending in _FORMATS:
        for pattern in (f"{lang}/{split}.{ending}", f"{lang}/{split}-*.{ending}", f"{lang}.{ending}"):
            if found := sorted(folder.glob(pattern)):
                return found
    return []


def need_folder(folder: Path | None, task: str, layout: str) -> Path:
    """Return the folder of a task's data.

    Raises:
        DataError: there is none; what is needed is said.
    """
    if folder is None:
        raise DataError(f"{task} has no data here: --data {task}=DIR or $XLEVAL_DATA/{task}, with {layout}")
    return folder


def nothing_in(folder: Path, task: str, layout: str, languages: Sequence[str]) -> DataError:
    """Return the error for a folder without a file of any language that was asked for."""
    found = ", ".join(sorted(path.name for path in folder.iterdir())[:6]) or "nothing"
    return DataError(f"{folder} holds no {task} in {', '.join(languages)}: needed is {layout}; found: {found}")
