"""Every verdict as a row of a table: `verdicts.parquet`."""

import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from xleval.data.storage import write_atomically
from xleval.evalkit.judge.asking import Verdict
from xleval.evalkit.judge.pairs import Pair, TaskPairs
from xleval.evalkit.judge.rows import outcome

VERDICTS = "verdicts.parquet"

#: Columns and their Arrow types, in order; see docs/judge.md.
COLUMNS: Mapping[str, str] = {
    "judge": "string", "task": "string", "lang": "string", "item_id": "string", "order": "int32", "verdict": "string",
    "reason": "string", "text": "string", "fault_first": "string", "fault_second": "string", "chars_first": "int32",
    "chars_second": "int32", "winner": "string",
}  # fmt: skip


def write_verdicts(path: Path, tasks: Sequence[TaskPairs], found: Mapping[str, Sequence[Verdict]]) -> None:
    """Write the verdicts of all judges, and what was decided before them, as one Parquet file.

    Args:
        path: the file.
        tasks: with their pairs.
        found: judge -> its verdicts, on labelled pairs too.

    Raises:
        DataError: the folder cannot be written.
    """
    import pyarrow
    from pyarrow import parquet

    rows = [*_decided(tasks), *(_judged(spec, each) for spec, verdicts in found.items() for each in verdicts)]
    kinds = {"string": pyarrow.string(), "int32": pyarrow.int32()}
    columns = [pyarrow.array([row[name] for row in rows], kinds[kind]) for name, kind in COLUMNS.items()]
    buffer = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_arrays(columns, names=list(COLUMNS)), buffer, compression="zstd")
    write_atomically(path, buffer.getvalue())


def _decided(tasks: Sequence[TaskPairs]) -> Iterator[dict[str, Any]]:
    for pair in (pair for task in tasks for pairs in task.pairs.values() for pair in pairs if not pair.is_judged):
        score = pair.score_before
        yield {
            **_of_pair(pair), "judge": None, "order": None, "text": None, "reason": pair.unanswered or None,
            "verdict": None if score is None else outcome(score),
        }  # fmt: skip


def _judged(spec: str, verdict: Verdict) -> dict[str, Any]:
    return {
        **_of_pair(verdict.pair), "judge": spec, "order": verdict.order, "verdict": verdict.verdict,
        "reason": verdict.reason or None, "text": verdict.text,
    }  # fmt: skip


def _of_pair(pair: Pair) -> dict[str, Any]:
    return {
        "task": pair.task, "lang": pair.lang, "item_id": pair.item_id,
        "fault_first": pair.faults[0], "fault_second": pair.faults[1],
        "chars_first": len(pair.answers[0]), "chars_second": len(pair.answers[1]),
        "winner": None if pair.winner is None else ("first", "second")[pair.winner],
    }  # fmt: skip
