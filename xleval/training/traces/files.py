"""The files of a set of traces: `LANG/train.parquet`, a row for each item, and the completions that are no traces."""

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from xleval.data.parquet_files import write_parquet
from xleval.data.storage import jsonl, make_folder, write_atomically
from xleval.training.traces.selection import Judged

if TYPE_CHECKING:
    import pyarrow as pa

REJECTS = "rejects"
SPLIT = "train"


def write_traces(
    out: Path, judged: Sequence[Judged], kept: Mapping[str, Sequence[Judged]]
) -> dict[str, dict[str, int]]:
    """Write `LANG/train.parquet` and `rejects/LANG.jsonl`; return the rows by language and split.

    A language without a trace has no Parquet file. The same completions give the same bytes.

    Raises:
        DataError: the folder cannot be written.
    """
    scored = [each.sample for each in judged if each.sample.correct is not None]
    answered = Counter((sample.lang, sample.item_id) for sample in scored)
    right = Counter((sample.lang, sample.item_id) for sample in scored if sample.correct)
    counts = {}
    for lang, traces in kept.items():
        shutil.rmtree(out / lang, ignore_errors=True)  # of a process that was killed while it wrote
        if traces:
            write_parquet(out / lang / f"{SPLIT}.parquet", _table(traces, answered, right))
            counts[lang] = {SPLIT: len(traces)}
        rows = [_reject(each) for each in judged if each.sample.lang == lang and each.reason is not None]
        write_atomically(make_folder(out / REJECTS) / f"{lang}.jsonl", jsonl(rows))
    return counts


def _table(
    traces: Sequence[Judged], answered: Mapping[tuple[str, str], int], right: Mapping[tuple[str, str], int]
) -> "pa.Table":
    import pyarrow as pa

    samples = [each.sample for each in traces]
    texts = {
        "item_id": [sample.item_id for sample in samples],
        "language": [sample.lang for sample in samples],
        "question": [each.question for each in traces],
        "prompt": [sample.prompt for sample in samples],
        "trace": [each.text for each in traces],
        "answer": [sample.gold for sample in samples],
        "task": [sample.task for sample in samples],
    }
    numbers = {
        "n_correct": [right[sample.lang, sample.item_id] for sample in samples],
        "n_samples": [answered[sample.lang, sample.item_id] for sample in samples],
        "sample_index": [sample.sample_index for sample in samples],
        "n_tokens": [sample.n_completion_tokens for sample in samples],
    }
    arrays = {name: pa.array(values, type=pa.string()) for name, values in texts.items()}
    arrays |= {name: pa.array(values, type=pa.int64()) for name, values in numbers.items()}
    arrays["target_share"] = pa.array([each.share for each in traces], type=pa.float64())
    return pa.table(arrays)


def _reject(each: Judged) -> dict[str, object]:
    sample = each.sample
    return {
        "item_id": sample.item_id,
        "sample_index": sample.sample_index,
        "reason": each.reason,
        "detail": sample.unscored_reason if each.reason == "unscored" else "",
        "answer": sample.gold,
        "prediction": sample.prediction,
        "target_share": each.share,
        "trace": each.text,
    }
