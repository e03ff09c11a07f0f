"""The files of a set of pairs: `LANG/train.parquet` and `LANG/validation.parquet`, a row for each instruction."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from xleval.data.parquet_files import write_parquet
from xleval.data.reasoning.built_set import BuiltSet, split_of
from xleval.data.reasoning.dataset import ENGINE_OF_SOURCE, Rows, splits
from xleval.data.reasoning.outcomes import PAIR
from xleval.data.reasoning.records import SourceItem

if TYPE_CHECKING:
    import pyarrow as pa


def write_pairs(out: Path, built: BuiltSet) -> Rows:
    """Write `LANG/SPLIT.parquet` for every language and return the number of rows by language and split.

    An item has the same `item_id` and the same split in every language. A split without rows is not written. The same
    set gives the same bytes.

    Raises:
        DataError: the folder cannot be written.
    """
    counts: Rows = {}
    for lang in built.all_languages:
        items = built.in_lang(lang)
        for split in splits(built.items):
            rows = [item for item in items if split_of(item) == split]
            if rows:
                counts.setdefault(lang, {})[split] = len(rows)
                write_parquet(out / lang / f"{split}.parquet", _table(built, rows, lang))
    return counts


def _table(built: BuiltSet, items: Sequence[SourceItem], lang: str) -> "pa.Table":
    import pyarrow as pa

    engine = ENGINE_OF_SOURCE if lang == built.source_lang else built.engines[lang]
    texts: Mapping[str, list[str | None]] = {
        "item_id": [item.item_id for item in items],
        "language": [lang] * len(items),
        "instruction": [built.text(item, lang, "instruction") for item in items],
        "response": [built.text(item, lang, "response") for item in items],
        "engine": [engine] * len(items),
    }
    arrays = {name: pa.array(values, type=pa.string()) for name, values in texts.items()}
    for part in PAIR:
        attempts = [built.attempt(item, lang, part) for item in items]
        arrays[f"{part}_attempt"] = pa.array(attempts, type=pa.int64())
    return pa.table(arrays)
