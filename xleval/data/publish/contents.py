"""What of a folder is published: every file with its path in the repository, and what is left at home."""

import hashlib
import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal, NoReturn

from xleval.errors import ConfigError, DataError

Kind = Literal["dataset", "run", "checkpoint"]
CARD = "README.md"
#: Files that make a folder what it is.
_RUN = ("run.json", "results.json", "samples.parquet")
_WEIGHTS = ("model.safetensors", "model.safetensors.index.json", "adapter_model.safetensors")
#: Left at home: what only this machine needs to go on, and files of editors and systems.
_STAYS = ("journal.jsonl", "optimizer.pt", "scheduler.pt", "training_args.bin", "scaler.pt")
_PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".msgpack", ".h5")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFile:
    """A file as it will stand in the repository.

    Attributes:
        path: in the repository, with `/`.
        source: file on this machine, or the bytes of one that is made for the repository.
    """

    path: str
    source: Path | bytes

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.source) if isinstance(self.source, bytes) else self.source.stat().st_size

    def read(self) -> bytes:
        """Return the content."""
        return self.source if isinstance(self.source, bytes) else self.source.read_bytes()

    def sha256(self) -> str:
        """Return the hash that the Hub knows large files by."""
        return self._hashed(hashlib.sha256())

    def blob_id(self) -> str:
        """Return the hash that git, and so the Hub, knows other files by."""
        return self._hashed(hashlib.sha1(b"blob %d\0" % self.size, usedforsecurity=False))

    def _hashed(self, state: "hashlib._Hash") -> str:
        with io.BytesIO(self.source) if isinstance(self.source, bytes) else self.source.open("rb") as file:
            while block := file.read(1 << 20):
                state.update(block)
        return state.hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a publication holds.

    Attributes:
        kind: of the folder.
        files: by path.
        left_out: path -> why it stays.
    """

    kind: Kind
    files: tuple[PublishedFile, ...]
    left_out: Mapping[str, str]

    @property
    def repo_type(self) -> Literal["dataset", "model"]:
        """Type of the repository on the Hub: runs are datasets, too."""
        return "model" if self.kind == "checkpoint" else "dataset"

    @property
    def card(self) -> str | None:
        """Text of `README.md`; None where there is none.

        Raises:
            DataError: it is not UTF-8.
        """
        found = next((file for file in self.files if file.path == CARD), None)
        try:
            return found.read().decode("utf-8") if found else None
        except UnicodeDecodeError as error:
            raise DataError(f"{CARD} is not UTF-8 (byte {error.start}); the Hub would not read it") from error


def kind_of(folder: Path) -> Kind:
    """Return what a folder is.

    Raises:
        ConfigError: nothing that can be published; the parts of a training or a study are named.
    """
    if not folder.is_dir():
        raise ConfigError(f"{folder} is no folder; give a set, a run or a checkpoint")
    if all((folder / name).is_file() for name in _RUN):
        return "run"
    if any((folder / name).is_file() for name in _WEIGHTS):
        return "checkpoint"
    if (folder / CARD).is_file() and any(folder.rglob("*.parquet")):
        return "dataset"
    if (folder / "model").is_dir() and (folder / "train.json").is_file():
        raise ConfigError(f"{folder} is the folder of a training; its checkpoint is {folder / 'model'}")
    if (folder / "study.json").is_file():
        raise ConfigError(f"{folder} is the folder of a study; publish its sets, runs and checkpoints one by one")
    found = ", ".join(sorted(path.name for path in folder.iterdir())[:6]) or "nothing"
    raise ConfigError(
        f"{folder} holds {found}; needed is a set ({CARD} and Parquet files, as xleval build-* writes them), a finished "
        f"run ({', '.join(_RUN)}) or a checkpoint with safetensors"
    )


def contents_of(folder: Path, made: Sequence[PublishedFile] = ()) -> Contents:
    """Return what of a folder is published.

    Args:
        folder: a set, a run or a checkpoint.
        made: files that are made for the repository; each takes the place of the folder's own of the same path.

    Raises:
        ConfigError: nothing that can be published, or a folder without its card.
        DataError: a link that leads out of the folder, a file that is none or whose name cannot be printed, a folder that
            cannot be read, or weights that are pickled.
    """
    kind = kind_of(folder)
    files, left_out = {file.path: file for file in made}, {}
    root = folder.resolve()
    for path in _walk(folder):
        name = path.relative_to(folder).as_posix()
        if reason := _stays(PurePosixPath(name), kind):
            left_out[name] = reason
            continue
        if not name.isprintable():  # a line break, a terminal's control codes, or bytes that are not UTF-8
            raise DataError(f"{str(path)!a} has characters in its name that cannot be printed; give it another name")
        if not Path(os.path.realpath(path)).is_relative_to(root):  # Path.resolve raises where a link leads to itself
            raise DataError(
                f"{path} is a link that leads out of {folder}; put the file itself there, or remove the link"
            )
        if not path.is_file():
            raise DataError(f"{path} is not an ordinary file; remove it")
        if kind == "checkpoint" and path.suffix in _PICKLED:
            raise DataError(
                f"{path} is pickled, and whoever loads it runs what it says; publish safetensors, remove it"
            )
        files.setdefault(name, PublishedFile(path=name, source=path))
    if CARD not in files:
        raise ConfigError(
            f"{folder} has no {CARD}: a publication needs its card; xleval train writes one beside weights"
        )
    return Contents(kind=kind, files=tuple(files[name] for name in sorted(files)), left_out=left_out)


def _walk(folder: Path) -> list[Path]:
    """Return every entry that is no folder, by path; linked folders are not followed but returned."""
    found = []
    for where, folders, names in os.walk(folder, onerror=_unreadable):
        links = [name for name in folders if (Path(where) / name).is_symlink()]
        found += [Path(where) / name for name in (*names, *links)]
    return sorted(found)


def _unreadable(error: OSError) -> NoReturn:
    """Refuse a folder that cannot be listed: what is in it would be left out without a word."""
    raise DataError(f"{error.filename} cannot be read: {error.strerror}; remove it, or let it be read") from error


def _stays(path: PurePosixPath, kind: Kind) -> str:
    """Return why a file is not published; nothing where it is."""
    if any(part.startswith(".") for part in path.parts):
        return "hidden"
    if path.suffix in (".tmp", ".lock", ".part"):
        return "left by an interrupted write"
    if path.name in _STAYS:
        return "is only needed to go on"
    if kind == "checkpoint" and len(path.parts) > 1 and path.parts[0].startswith("checkpoint-"):
        return "an earlier checkpoint of the training"
    return ""
