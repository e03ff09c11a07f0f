"""Sets that are translated: GSM8K, SimpleRL-Zoo, MATH500, files and folders in any usual layout, sets of the hub.

Items are numbered by their row in the published file, from 1: `gsm8k-test-17` is the 17th of GSM8K's test set and so the
17th of MGSM, whose 250 items are the first 250 of it. Row numbers survive translation, `--limit` and removals.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from xleval.data.reasoning.source_files import KnownSource, Source, read_files
from xleval.data.reasoning.source_items import Columns, make_items

__all__ = ["KNOWN_SOURCES", "KnownSource", "Source", "read_source"]

KNOWN_SOURCES: Mapping[str, KnownSource] = MappingProxyType(
    {
        "gsm8k": KnownSource(hub="openai/gsm8k", folder="main", split="test", licence="MIT"),
        "simplerl": KnownSource(
            hub="hkust-nlp/SimpleRL-Zoo-Data",
            folder="simplelr_qwen_level3to5",
            split="train",
            licence="MIT",
            others=("simplerl_zoo",),
        ),
        "math500": KnownSource(
            hub="HuggingFaceH4/MATH-500",
            split="test",
            licence="MIT (MATH; the selection states none)",
            others=("math_500",),
        ),
    }
)


def read_source(
    spec: str,
    *,
    folder: Path | None = None,
    split: str | None = None,
    question_column: str | None = None,
    answer_column: str | None = None,
    id_column: str | None = None,
    solution_column: str | None = None,
    limit: int | None = None,
) -> Source:
    """Return a set.

    Args:
        spec: a name of `KNOWN_SOURCES`, the path of a file or folder, or a hub identifier, `OWNER/NAME` or `OWNER/NAME@COMMIT`.
        folder: where the files of a known set are; else they are taken from $XLEVAL_DATA/NAME, else from the hub.
        split: `train`, `test`, ...; by default what the known set says, `test` or else `train` elsewhere.
        question_column: and the others: columns, dotted for nested objects; guessed where None.
        limit: take the first so many items.

    Raises:
        ConfigError: unknown name, missing column, or a limit below 1.
        DataError: a file is missing, unreadable, or has an item that is not usable; file, row and column are named.
        MissingExtra: the hub without huggingface_hub.
    """
    known = KNOWN_SOURCES.get(spec)
    found = read_files(spec, KNOWN_SOURCES, folder=folder, split=split, usual=("test", "train"), limit=limit)
    columns = Columns(question=question_column, answer=answer_column, item_id=id_column, solution=solution_column)
    items, left_out = make_items(
        found.rows, found.path, columns, prefix=found.prefix, split=found.split, published=known is not None
    )
    return found.source(items, left_out, limit)
