"""The files of a set that is translated: found by name, path or identifier of the hub, and read row by row."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from xleval.data.reasoning.records import SourceItem
from xleval.data.reasoning.source_items import LeftOut
from xleval.data.rows import ENDINGS, Row, read_rows
from xleval.data.storage import sha256_of, sha256_of_file
from xleval.errors import ConfigError, DataError, MissingExtra, unknown_name

_HUB_ID = re.compile(r"([\w.-]+/[\w.-]+)(?:@([\w./-]+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A set that is to be translated.

    Attributes:
        name: `gsm8k`, `simplerl`, `math500`, or made of the file's or the hub's name.
        items: in the order of the file.
        licence: as its publisher states it; empty where it is not known.
        origin: where it was read: names of its files, or `hub:ID@COMMIT`.
        fingerprint: SHA-256 over the bytes of its files; 64 hexadecimal digits.
        left_out: items of the file that the set lacks, with the reason: repetitions, and in published files items without an
            answer.
    """

    name: str
    items: tuple[SourceItem, ...]
    licence: str
    origin: str
    fingerprint: str
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSource:
    """A published set.

    Attributes:
        hub: its identifier on the hub.
        folder: folder of the hub's set that has its files.
        split: that is read when none is named.
        licence: as stated by its repository.
        others: other names of its folder under $XLEVAL_DATA.
    """

    hub: str
    split: str
    licence: str
    folder: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFiles:
    """The rows of a set before it is known which columns hold what.

    Attributes:
        name, licence, origin, fingerprint: as in `Source`.
        split: that was read; empty for a single file.
        path: first file.
        rows: of all files, numbered through.
    """

    name: str
    split: str
    path: Path
    rows: tuple[Row, ...]
    licence: str
    origin: str
    fingerprint: str

    @property
    def prefix(self) -> str:
        """Return what identifiers of rows begin with: `gsm8k-test`."""
        return "-".join(filter(None, (self.name, self.split)))

    def source(self, items: Sequence[SourceItem], left_out: Sequence[LeftOut], limit: int | None) -> Source:
        """Return the set that the rows make, of its first items if there is a limit."""
        return Source(
            name=self.name, items=tuple(items[:limit]), licence=self.licence, origin=self.origin,
            fingerprint=self.fingerprint, left_out=tuple(left_out),
        )  # fmt: skip


def read_files(
    spec: str,
    known_sets: Mapping[str, KnownSource],
    *,
    folder: Path | None,
    split: str | None,
    usual: tuple[str, ...],
    limit: int | None,
) -> SourceFiles:
    """Return the rows of a set by name, path or identifier of the hub; see `read_source`.

    Args:
        spec, folder, split, limit: as there; a limit is only looked at, not applied.
        known_sets: published sets by name.
        usual: splits of which the first that is there is read where none is named and the set is not known.
    """
    if limit is not None and limit < 1:
        raise ConfigError(f"a limit of {limit} items: at least 1 is needed")
    known = known_sets.get(spec)
    name, root, where = _place(spec, known, folder, known_sets)
    wanted = (split,) if split else (known.split,) if known else usual
    files, found = (
        ([root], split or "") if root.is_file() else _files_of_split(root, known.folder if known else "", wanted)
    )
    rows: list[Row] = []
    for path in files:  # rows are numbered through all files of a split
        before = len(rows)
        rows += [replace(each, number=before + each.number) for each in read_rows(path)]
    names = ", ".join(path.name if root.is_file() else path.relative_to(root).as_posix() for path in files)
    return SourceFiles(
        name=name,
        split=found,
        path=files[0],
        rows=tuple(rows),
        licence=known.licence if known else "",
        origin=f"{where}: {names}" if where else names,
        fingerprint=sha256_of([sha256_of_file(path) for path in files]),
    )


def _place(
    spec: str, known: KnownSource | None, folder: Path | None, known_sets: Mapping[str, KnownSource]
) -> tuple[str, Path, str]:
    """Return a set's name, its file or folder here, and where it is from when that is the hub."""
    if known is not None:
        data = os.environ.get("XLEVAL_DATA")
        places = [Path(data, each) for each in (spec, *known.others)] if data else []
        local = folder or next((each for each in places if each.is_dir()), None)
        if local is None:
            root, origin = _from_hub(known.hub, None)
            return spec, root, origin
        if not local.exists():
            raise DataError(f"{local} does not exist; the files of {spec} are needed there")
        return spec, local, ""
    path = Path(spec)
    if path.exists():
        return _as_name(path.stem if path.is_file() else path.resolve().name), path, ""
    hub = _HUB_ID.fullmatch(spec)
    if path.suffix in ENDINGS or path.is_absolute() or spec.startswith("."):
        raise DataError(f"{spec} does not exist")
    if hub is None:
        raise unknown_name("source", spec, (*known_sets, "PATH", "HUB_OWNER/NAME"))
    root, origin = _from_hub(hub[1], hub[2])
    return _as_name(hub[1].split("/")[1]), root, origin


def _as_name(text: str) -> str:
    return re.sub(r"[^\w.]+", "-", text).strip("-.").lower() or "set"


def _files_of_split(root: Path, folder: str, splits: tuple[str, ...]) -> tuple[list[Path], str]:
    """Return the files of the first split that a folder has, and its name.

    Layouts: `test.jsonl`, `test-00000-of-00001.parquet`, `test/0.parquet`, in the folder itself or in `folder`, `data`,
    `main` or `default` of it; a folder with a single file of rows is all one split.
    """
    homes = [root / each for each in dict.fromkeys((folder, "", "data", "main", "default")) if (root / each).is_dir()]
    for split in splits:
        for home in homes:
            for ending in ENDINGS:
                for pattern in (f"{split}{ending}", f"{split}-*-of-*{ending}", f"{split}/*{ending}"):
                    if files := sorted(home.glob(pattern)):
                        return files, split
    there = sorted(path for ending in ENDINGS for path in root.rglob(f"*{ending}"))
    if len(there) == 1 and len(splits) > 1:
        return there, ""
    listed = ", ".join(path.relative_to(root).as_posix() for path in there[:6]) or "no file with rows"
    raise DataError(
        f"{root} has no file of the split {' or '.join(splits)} (such as {splits[0]}.jsonl or "
        f"{splits[0]}-00000-of-00001.parquet); found: {listed}. Name a file, or another split"
    )


def _from_hub(repo: str, revision: str | None) -> tuple[Path, str]:
    """Return the downloaded folder of a hub's set and its origin with the commit that the revision stands for now."""
    try:
        from huggingface_hub import HfApi, snapshot_download
    except ImportError as error:
        raise MissingExtra("hf", f"downloading {repo} from the hub") from error
    try:
        commit = HfApi().dataset_info(repo, revision=revision).sha
        root = snapshot_download(
            repo,
            repo_type="dataset",
            revision=commit,
            allow_patterns=[f"*{ending}" for ending in ENDINGS],
            max_workers=4,
        )
    except Exception as error:  # network, login, missing set: its errors have no common base
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise DataError(
            f"{repo} could not be read from the hub ({reason}). Give a file or a folder of it, or put it under $XLEVAL_DATA"
        ) from error
    return Path(root), f"hub:{repo}@{commit}"
