"""The facts of a training split, to tell apart items of other sets that ask them (D24).

A fact is its property and the English name of its subject: sets that were made from Wikidata at different times agree on
these more often than on the answer, and a model that was trained on another answer was trained on the question all the same.
Names are compared after NFKC and case folding, whole: another name of the subject is not found, and neither is the same
fact told the other way round (`capital`, P36, and `capital of`, P1376), so that the count is a lower bound.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xleval.data.column_names import check_names, listed
from xleval.data.parquet_faults import reading_parquet
from xleval.data.storage import sha256_of
from xleval.errors import DataError

#: English name of the subject; sets of other makers have the second alone.
_NAMES = ("subject_label", "subject")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedFacts:
    """Facts of a training split.

    Attributes:
        keys: property and folded English name of the subject.
        digest: SHA-256 of them, whatever files they came from.
    """

    keys: frozenset[tuple[str, str]]
    digest: str

    def holds(self, property_id: str, subject: str) -> bool:
        """Return whether the split has a fact of this property about a subject of this English name."""
        return (property_id, _folded(subject)) in self.keys


def training_files(folder: Path) -> list[Path]:
    """Return the files of the English training split of a set, whole or in the hub's parts, sorted; empty without one."""
    return sorted([*folder.glob("en/train.parquet"), *folder.glob("en/train-*.parquet")])


def read_trained_facts(folder: Path) -> TrainedFacts:
    """Return the facts of the training split of a set that is laid out as `xleval build-polyfact` writes it.

    Raises:
        DataError: it has no English training split, or one that cannot be read or does not say what its facts are about.
    """
    files = training_files(folder)
    if not files:
        raise DataError(f"{folder} has no en/train.parquet: the English training split of a set of facts is needed")
    keys = frozenset(key for path in files for key in _keys(path))
    return TrainedFacts(keys=keys, digest=sha256_of(sorted(keys)))


def _keys(path: Path) -> Iterator[tuple[str, str]]:
    from pyarrow import parquet

    with reading_parquet(path), parquet.ParquetFile(path) as file:
        there = file.schema_arrow.names
        names = [column for column in _NAMES if column in there]
        if "fact_id" not in there or not names:
            raise DataError(
                f"{path} has the columns {listed(there)}; fact_id (SUBJECT|PROPERTY|OBJECT) and subject are needed"
            )
        check_names(path, there)
        rows: list[Mapping[str, Any]] = file.read(["fact_id", *names]).to_pylist()
    for number, row in enumerate(rows):
        parts = str(row["fact_id"]).split("|")
        if len(parts) != 3 or not all(parts):
            raise DataError(
                f"{path}, row {number}: fact_id is {row['fact_id']!r:.100}; SUBJECT|PROPERTY|OBJECT is needed"
            )
        for column in names:
            if row[column] is not None and not isinstance(row[column], str):
                raise DataError(
                    f"{path}, row {number}, column {column}: found a {type(row[column]).__name__}; a name is needed"
                )
        yield from ((parts[1], _folded(row[column])) for column in names if row[column])


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
