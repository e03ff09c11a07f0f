"""The samples table of a run: one row per task, language and item, with what was asked, answered and scored."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xleval.data.storage import written_atomically
from xleval.errors import DataError
from xleval.evalkit.sample_checks import problem_of
from xleval.evalkit.sample_columns import ADDED, COLUMNS, PART_COUNTS, Kind, is_a

if TYPE_CHECKING:
    import pyarrow
    from pyarrow import parquet

__all__ = ["AWAITS_JUDGE", "COLUMNS", "PART_COUNTS", "Kind", "Sample", "each_sample", "read_samples", "write_samples"]

#: Reason of a completion that only a comparison with another run's can judge; it is complete, not missing.
AWAITS_JUDGE = "awaits xleval judge"
#: rows of a row group of the table, and characters of their texts: what is in memory with its texts when it is written
_GROUP_ROWS, _GROUP_CHARS = 8192, 1 << 22
#: rows that are read together
_BATCH = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One item of one task in one language.

    Attributes:
        task: name of the task.
        task_version: version of its prompts and scoring.
        lang: code of the language table.
        item_id: the same for an item in every language.
        kind: `choice` (options scored by log-probability) or `generation` (a completion).
        prompt: text before the answer.
        gold: text of the right option, or the right answer.
        prediction: text of the option chosen (the first one among tied) or the answer extracted; None without one.
        correct: whether the prediction is right; None exactly when the sample is unscored.
        unscored_reason: why there is no verdict: missing, never wrong.
        choices: the options in the order asked; empty for a generation.
        choice_ids: what each option is in every language (Wikidata ids); empty where the order itself aligns them.
        gold_index: index of the right option; None for a generation.
        sum_logprobs: per option, natural logarithm, summed over its tokens; empty where not known.
        n_tokens: per option, number of tokens summed; as long as `sum_logprobs`.
        cue_logprobs: per option, as `sum_logprobs`, after the bare answer label; empty where not asked for.
        sample_index: which of several completions of the same prompt it is, from 0; of shown options, the rotation.
        prefill: what the answer was begun with for the model; no part of the completion. None without.
        completion: what the model wrote; None for a choice or a failed request.
        reasoning: the part of it that a reasoning model wrote before its answer (`<think>`); None where it does not
            separate the two.
        asked_lang: language that the completion was asked to be written in; None where that is `lang`.
        finish_reason: `stop` or `length` (cut at the limit); None without a completion.
        n_completion_tokens: tokens written.
        extraction_path: by which rule the prediction was found in the completion.
        groups: JSON object of facts to group by, such as `{"relation_pid": "P36"}`.
        target_share: share of the completion's words in the language asked for, in [0, 1]. With `english_share`,
            `other_share` and `undetermined_share` it adds up to 1. None where there are no words.
        target_of_determined: share of the words whose language was determined that are in the language asked for.
        n_words: words of the completion.
        n_determined: those of them whose language was determined.
        target_chars: characters of the words in the language asked for.
        determined_chars: characters of the words whose language was determined.
        n_sentences: sentences with at least five determined words.
        n_foreign_sentences: those of them that are mostly in another language.
        top_language: label of most determined words; None without any.
        excluded_share: share of the letters that were no words (mathematics, code, names, addresses).
        n_lines: lines with at least five determined words.
        n_foreign_lines: those of them whose most frequent language is not the one asked for.
        n_intruders: English dictionary words of four and more letters, where the language asked for has another script.
        polymath_consistent: PolyMath's rule: at most 15 characters without formulas, or exactly one language.
        reasoning_counts: of the reasoning alone, the numbers that `PART_COUNTS` names; empty where it is not told apart.
        answer_counts: the same of the answer after it.
        second_counts: the same of the whole completion, by the second detector; empty where it was not asked.
        headline_detector: `second` where the headline is to be the second detector's; None for the first.
    """

    task: str
    task_version: int
    lang: str
    item_id: str
    kind: Kind
    prompt: str
    gold: str
    prediction: str | None = None
    correct: bool | None = None
    unscored_reason: str | None = None
    choices: tuple[str, ...] = ()
    choice_ids: tuple[str, ...] = ()
    gold_index: int | None = None
    sum_logprobs: tuple[float, ...] = ()
    n_tokens: tuple[int, ...] = ()
    cue_logprobs: tuple[float, ...] = ()
    sample_index: int = 0
    prefill: str | None = None
    completion: str | None = None
    reasoning: str | None = None
    asked_lang: str | None = None
    finish_reason: str | None = None
    n_completion_tokens: int | None = None
    extraction_path: str | None = None
    groups: str = "{}"
    target_share: float | None = None
    english_share: float | None = None
    other_share: float | None = None
    undetermined_share: float | None = None
    n_words: int | None = None
    n_determined: int | None = None
    target_of_determined: float | None = None
    target_chars: int | None = None
    determined_chars: int | None = None
    n_sentences: int | None = None
    n_foreign_sentences: int | None = None
    top_language: str | None = None
    excluded_share: float | None = None
    n_lines: int | None = None
    n_foreign_lines: int | None = None
    n_intruders: int | None = None
    polymath_consistent: bool | None = None
    reasoning_counts: tuple[int, ...] = ()
    answer_counts: tuple[int, ...] = ()
    second_counts: tuple[int, ...] = ()
    headline_detector: str | None = None

    def __post_init__(self) -> None:
        """Refuse rows that contradict themselves."""
        problem = problem_of(self)
        if problem:
            column, found = problem
            raise DataError(f"sample {self.task}/{self.lang}/{self.item_id}, column {column}: {found}")

    @property
    def n_completion_chars(self) -> int:
        """Return the number of characters of the completion; 0 without one."""
        return len(self.completion or "")

    def grouping(self) -> dict[str, object]:
        """Return `groups` as a dictionary."""
        return dict(json.loads(self.groups))

    def to_row(self) -> dict[str, Any]:
        """Return the sample as a row of plain Python values: tuples become lists."""
        row = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in row.items()}

    @classmethod
    def from_row(cls, row: Mapping[str, Any], *, where: str = "row") -> "Sample":
        """Return the sample of a row.

        Args:
            row: values by column; every column must be there and no other.
            where: file and row, for messages.

        Raises:
            DataError: a column is missing, unknown or of the wrong type, or the row contradicts itself.
        """
        unlike = sorted(row.keys() ^ set(COLUMNS))
        if unlike:
            state = "unknown" if unlike[0] in row else "missing"
            raise DataError(f"{where}, column {unlike[0]}: {state}. A samples table has {', '.join(COLUMNS)}")
        values: dict[str, Any] = {}
        for name, (_, wanted) in COLUMNS.items():
            value = row[name]
            if not is_a(value, wanted):
                raise DataError(f"{where}, column {name}: found {value!r:.80}, {wanted} is needed")
            values[name] = tuple(value) if isinstance(value, list) else value
        try:
            return cls(**values)
        except DataError as error:
            raise DataError(f"{where}: {error}") from error


def write_samples(path: Path, samples: Iterable[Sample]) -> None:
    """Write samples as one Parquet file, whole or not at all; the same samples give the same bytes.

    They are taken a row group at a time, so that an iterator that reads them from the disk never holds all of them.

    Raises:
        DataError: the folder cannot be written.
    """
    from pyarrow import parquet

    schema, left = _schema(), iter(samples)
    with written_atomically(path) as file, parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        group = _row_group(left, schema)
        writer.write_table(group)  # also where it is empty
        while group.num_rows:
            del group  # not two of them in memory
            group = _row_group(left, schema)
            if group.num_rows:
                writer.write_table(group)


def _row_group(samples: Iterator[Sample], schema: "pyarrow.Schema") -> "pyarrow.Table":
    """Return the next samples, as many as are written together: so many rows, or fewer with long texts."""
    import pyarrow

    rows, n_chars = [], 0
    for sample in islice(samples, _GROUP_ROWS):
        rows.append(sample)
        n_chars += len(sample.prompt) + sample.n_completion_chars + len(sample.reasoning or "")
        if n_chars > _GROUP_CHARS:
            break
    columns = [pyarrow.array([getattr(row, field.name) for row in rows], field.type) for field in schema]
    return pyarrow.Table.from_arrays(columns, schema=schema)


def read_samples(path: Path, *, texts: bool = True) -> list[Sample]:
    """Return the samples of a Parquet file, in its order; see `each_sample`."""
    return list(each_sample(path, texts=texts))


def each_sample(path: Path, *, texts: bool = True) -> Iterator[Sample]:
    """Yield the samples of a Parquet file, in its order, with some thousand of them in memory.

    Args:
        path: the file.
        texts: whether prompts, completions and reasoning are wanted; without, they are empty where there are any, which
            saves most of the memory.

    Columns that an older version did not write (the last eight) are null or empty; `xleval rescore` counts them.

    Raises:
        DataError: the file is missing or not Parquet, or a row is not a sample; file, row and column are named.
    """
    import pyarrow
    from pyarrow import parquet

    try:
        # ParquetFile, not read_table: a path with `key=value` folders in it must not add columns.
        with parquet.ParquetFile(path, pre_buffer=False, buffer_size=1 << 20) as file:
            first = 1
            for batch in _tables(file):
                yield from _samples_of(batch, path, first, texts=texts)
                first += batch.num_rows
    except (OSError, pyarrow.ArrowException, UnicodeDecodeError) as error:
        raise DataError(f"{path} is not readable as Parquet: {error}. Name the samples.parquet of a run") from error


def _tables(file: "parquet.ParquetFile") -> Iterator["pyarrow.Table"]:
    """Yield the rows of a file, a batch at a time; one empty table where there are none."""
    import pyarrow

    if not file.metadata.num_rows:
        yield file.schema_arrow.empty_table()
    for batch in file.iter_batches(batch_size=_BATCH, use_threads=False):
        yield pyarrow.Table.from_batches([batch])


def _samples_of(table: "pyarrow.Table", path: Path, first: int, *, texts: bool) -> Iterator[Sample]:
    """Yield the samples of some rows; `first` is the number of the first one in its file, from 1."""
    table = _with_added_columns(table)
    unlike = sorted(set(table.column_names) ^ set(COLUMNS))
    if unlike:
        state = "unknown" if unlike[0] in table.column_names else "missing"
        raise DataError(f"{path}, column {unlike[0]}: {state}. A samples table has {', '.join(COLUMNS)}")
    if not texts:
        table = _without_texts(table)
    for number, row in enumerate(table.to_pylist(), start=first):
        yield Sample.from_row(row, where=f"{path}, row {number}")


def _with_added_columns(table: "pyarrow.Table") -> "pyarrow.Table":
    """Return the table of an older version with the columns that it does not know; any other one as it is."""
    import pyarrow

    if any(name in table.column_names for name in ADDED):
        return table
    for field in [_schema().field(name) for name in ADDED]:
        empty: list[object] = [None if field.nullable else []] * table.num_rows
        table = table.append_column(field, pyarrow.array(empty, field.type))
    return table


def _without_texts(table: "pyarrow.Table") -> "pyarrow.Table":
    """Return the table with empty texts; a missing one stays missing, as it says that a request failed."""
    import pyarrow
    from pyarrow import compute

    for name in ("prompt", "completion", "reasoning"):
        column = table.column(name)
        empty = compute.if_else(compute.is_null(column), pyarrow.scalar(None, pyarrow.string()), "")
        table = table.set_column(table.column_names.index(name), table.schema.field(name), empty)
    return table


def _schema() -> "pyarrow.Schema":
    import pyarrow

    kinds = {
        "string": pyarrow.string(), "int32": pyarrow.int32(), "bool": pyarrow.bool_(), "double": pyarrow.float64(),
        "list<string>": pyarrow.list_(pyarrow.string()), "list<double>": pyarrow.list_(pyarrow.float64()),
        "list<int32>": pyarrow.list_(pyarrow.int32()),
    }  # fmt: skip
    return pyarrow.schema(
        [pyarrow.field(name, kinds[arrow], nullable=python.endswith("?")) for name, (arrow, python) in COLUMNS.items()]
    )
