"""Where the report's examples come from: samples in memory, or a samples file that is never loaded as a whole."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from xleval.errors import DataError
from xleval.evalkit.sample_columns import COLUMNS, is_a
from xleval.evalkit.samples import Sample

if TYPE_CHECKING:
    import pyarrow

_VERDICT_COLUMNS = ("task", "lang", "item_id", "sample_index", "correct", "finish_reason", "prediction")
_TEXT_COLUMNS = ("prompt", "prefill", "gold", "completion", "extraction_path", "unscored_reason", "groups")
_OTHER_COLUMNS = (
    "choices", "choice_ids", "gold_index", "sum_logprobs", "n_tokens", "cue_logprobs",
    "target_share", "english_share", "other_share", "undetermined_share",
)  # fmt: skip
_COLUMNS = _VERDICT_COLUMNS + _TEXT_COLUMNS + _OTHER_COLUMNS
_ROWS, _TEXT_ROWS = 1024, 64  # of a file that are in memory at once, without their texts and with them
_BUFFER = 1 << 20  # bytes that are read ahead of each column; without, a column of 200 MB is read whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What decides whether a sample is shown: whose answer it is, and `right`, `wrong`, `cut` or `unscored`."""

    task: str
    lang: str
    item_id: str
    draw: int
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A sample with what the report shows of it; fields as those of `Sample`."""

    verdict: Verdict
    prompt: str
    prefill: str | None
    gold: str
    prediction: str | None
    completion: str | None
    extraction_path: str | None
    unscored_reason: str | None
    groups: str
    choices: tuple[str, ...]
    choice_ids: tuple[str, ...]
    gold_index: int | None
    sum_logprobs: tuple[float, ...]
    n_tokens: tuple[int, ...]
    cue_logprobs: tuple[float, ...]
    shares: tuple[float, float, float, float] | None


class SampleSource(Protocol):
    """Samples that can be gone over more than once."""

    def verdicts(self) -> Iterable[Verdict]:
        """Return the verdict of every sample."""

    def of_items(self, items: Mapping[str, Set[str]]) -> Iterable[Seen]:
        """Return the samples of these items by task, in their order."""


def verdict_of(correct: bool | None, finish_reason: str | None, prediction: str | None) -> str:
    """Return `right`, `wrong`, `cut` (at the token limit, without an answer) or `unscored`."""
    if finish_reason == "length" and prediction is None:
        return "cut"
    if correct is None:
        return "unscored"
    return "right" if correct else "wrong"


class MemorySource:
    """Samples that a run has just scored."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = samples

    def verdicts(self) -> Iterator[Verdict]:
        """Return the verdict of every sample."""
        for sample in self._samples:
            yield _verdict({name: getattr(sample, name) for name in _VERDICT_COLUMNS})

    def of_items(self, items: Mapping[str, Set[str]]) -> list[Seen]:
        """Return the samples of these items by task, in their order."""
        return [
            _seen({name: getattr(sample, name) for name in _COLUMNS})
            for sample in self._samples
            if sample.item_id in items.get(sample.task, ())
        ]


class FileSource:
    """The samples of a Parquet file, read a few thousand rows at a time; broken UTF-8 is shown as such."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def verdicts(self) -> Iterator[Verdict]:
        """Return the verdict of every sample; only the columns of verdicts are read.

        Raises:
            DataError: the file is missing or not Parquet.
        """
        for batch in self._batches(_VERDICT_COLUMNS, _ROWS):
            for row in self._checked(_rows(batch)):
                yield _verdict(row)

    def of_items(self, items: Mapping[str, Set[str]]) -> Iterator[Seen]:
        """Yield the samples of these items by task, in their order.

        Raises:
            DataError: the file is missing or not Parquet.
        """
        chosen = {item for of_task in items.values() for item in of_task}
        for batch in self._batches(_COLUMNS, _TEXT_ROWS):
            rows = self._checked(_rows(_with_items(batch, chosen)))
            yield from (_seen(row) for row in rows if row["item_id"] in items.get(row["task"], ()))

    def _checked(self, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for row in rows:
            for name, value in row.items():
                wanted = COLUMNS[name][1]
                if not is_a(value, wanted) and (value is not None or name in _VERDICT_COLUMNS):
                    raise DataError(
                        f"{self._path}, column {name}: found {value!r:.80}, {wanted} is needed. Name the folder of a run"
                    )
            yield row

    def _batches(self, columns: Sequence[str], n_rows: int) -> Iterator["pyarrow.RecordBatch"]:
        import pyarrow
        from pyarrow import parquet

        try:
            with parquet.ParquetFile(self._path, pre_buffer=False, buffer_size=_BUFFER) as file:
                there = [name for name in columns if name in file.schema_arrow.names]
                missing = sorted(set(_VERDICT_COLUMNS) - set(file.schema_arrow.names))
                if missing:
                    raise DataError(f"{self._path}, column {missing[0]}: missing. Name the samples.parquet of a run")
                yield from file.iter_batches(batch_size=n_rows, columns=there, use_threads=False)
        except (OSError, pyarrow.ArrowException, UnicodeDecodeError) as error:
            raise DataError(f"{self._path} is not readable as Parquet: {error}. Name the folder of a run") from error


def _with_items(batch: "pyarrow.RecordBatch", items: Set[str]) -> "pyarrow.RecordBatch":
    """Return the rows of these items, and others too where an item's name is broken: then its bytes are not known."""
    import pyarrow
    from pyarrow import compute

    if any("\N{REPLACEMENT CHARACTER}" in item for item in items):
        return batch
    known = pyarrow.array(sorted(item.encode("utf-8", "surrogatepass") for item in items), pyarrow.binary())
    return batch.filter(compute.is_in(batch.column("item_id").cast(pyarrow.binary()), value_set=known))


def _rows(batch: "pyarrow.RecordBatch") -> Iterator[dict[str, Any]]:
    """Return the rows of a batch; texts come as bytes, as Arrow does not check that they are UTF-8."""
    import pyarrow

    kinds = {pyarrow.string(): pyarrow.binary(), pyarrow.list_(pyarrow.string()): pyarrow.list_(pyarrow.binary())}
    columns = [column.cast(kinds[column.type]) if column.type in kinds else column for column in batch.columns]
    values = [[_decoded(value) for value in column.to_pylist()] for column in columns]
    for row in zip(*values, strict=True):
        yield dict(zip(batch.schema.names, row, strict=True))


def _decoded(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return [_decoded(part) for part in value] if isinstance(value, list) else value


def _verdict(row: Mapping[str, Any]) -> Verdict:
    verdict = verdict_of(row["correct"], row["finish_reason"], row["prediction"])
    return Verdict(
        task=row["task"], lang=row["lang"], item_id=row["item_id"], draw=row["sample_index"], verdict=verdict
    )


def _seen(row: Mapping[str, Any]) -> Seen:
    return Seen(
        verdict=_verdict(row), prompt=row.get("prompt") or "", prefill=row.get("prefill"), gold=row.get("gold") or "",
        prediction=row["prediction"], completion=row.get("completion"), extraction_path=row.get("extraction_path"),
        unscored_reason=row.get("unscored_reason"), groups=row.get("groups") or "{}",
        choices=tuple(row.get("choices") or ()), choice_ids=tuple(row.get("choice_ids") or ()),
        gold_index=row.get("gold_index"), sum_logprobs=tuple(row.get("sum_logprobs") or ()),
        n_tokens=tuple(row.get("n_tokens") or ()), cue_logprobs=tuple(row.get("cue_logprobs") or ()),
        shares=_shares(row),
    )  # fmt: skip


def _shares(row: Mapping[str, Any]) -> tuple[float, float, float, float] | None:
    found = [row.get(f"{name}_share") for name in ("target", "english", "other", "undetermined")]
    target, english, other, undetermined = (0.0 if share is None else float(share) for share in found)
    return None if None in found else (target, english, other, undetermined)
