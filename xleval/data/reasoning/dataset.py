"""The files of a reasoning set: Parquet by config and split that `datasets`, pandas and the tasks read, and the rejects."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xleval.data.parquet_files import write_parquet
from xleval.data.reasoning.built_set import BuiltSet, split_of
from xleval.data.reasoning.judging import finding_json
from xleval.data.reasoning.levels import by_level, curriculum_order
from xleval.data.reasoning.records import SourceItem
from xleval.data.storage import jsonl, make_folder, write_atomically
from xleval.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

    from xleval.data.reasoning.source_items import LeftOut

#: Facts about an item that have a column in every set, also where the source lacks them.
_USUAL_GROUPS = ("split", "level", "subject")
_OWN_COLUMNS = frozenset(
    ("item_id", "question", "answer", "solution", "language", "engine", "attempt", "n_langs", "translations")
)
#: What `datasets` takes for a split; also a safe file name.
_SPLIT = re.compile(r"\w+(\.\w+)*", re.ASCII)
ENGINE_OF_SOURCE = "source"

Rows = dict[str, dict[str, int]]


def write(out: Path, built: BuiltSet, *, seed: int) -> Rows:
    """Write `CONFIG/SPLIT.parquet` under a folder and return the number of rows by config and split.

    Configs are `parallel` (one row per item, all languages), each language (one row per item that passed in it), and, where
    items have levels, `curriculum` and `level-N` in the layout of `parallel`. A curriculum is read from top to bottom,
    easy to hard. A split or config without rows is not written. The same set gives the same bytes.

    Args:
        out: the folder.
        built: the set.
        seed: decides the order within a level of the curriculum.

    Raises:
        DataError: a split or a group has a name that cannot be a file or a column, or the folder cannot be written.
    """
    columns = group_columns(built.items)
    counts: Rows = {}

    def save(config: str, items: Sequence[SourceItem], table_of: Callable[[Sequence[SourceItem]], "pa.Table"]) -> None:
        for split in splits(built.items):
            rows = [item for item in items if split_of(item) == split]
            if rows:
                counts.setdefault(config, {})[split] = len(rows)
                write_parquet(out / config / f"{split}.parquet", table_of(rows))

    def parallel_table(items: Sequence[SourceItem]) -> "pa.Table":
        return _parallel_table(built, items, columns)

    parallel = built.parallel()
    save("parallel", parallel, parallel_table)
    for lang in built.all_languages:
        save(lang, built.in_lang(lang), lambda items, lang=lang: _language_table(built, items, columns, lang))  # type: ignore[misc]
    if levels := by_level(parallel):
        save("curriculum", curriculum_order(parallel, seed=seed), parallel_table)
        for level, chosen in levels.items():
            save(f"level-{level}", chosen, parallel_table)
    return counts


def splits(items: Sequence[SourceItem]) -> list[str]:
    """Return the splits of items in the order in which they come up.

    Raises:
        DataError: the name of a split cannot be the name of a file.
    """
    names = list(dict.fromkeys(split_of(item) for item in items))
    for name in names:
        if not _SPLIT.fullmatch(name):
            raise DataError(
                f"the split {name!r} is not a name that datasets takes: letters, digits, _ and dots between them"
            )
    return names


def group_columns(items: Sequence[SourceItem]) -> list[str]:
    """Return the names of the columns that tell facts about items: split, level and subject, then others by name.

    Raises:
        DataError: a group has the name of another column.
    """
    found = {name for item in items for name in item.groups}
    if taken := sorted(found & _OWN_COLUMNS):
        raise DataError(f"the source has a group named {', '.join(taken)}, which is a column of every set. Rename it")
    return [*_USUAL_GROUPS, *sorted(found - set(_USUAL_GROUPS))]


def _groups(items: Sequence[SourceItem], columns: Sequence[str]) -> dict[str, "pa.Array"]:
    import pyarrow as pa

    return {
        name: pa.array(
            [split_of(item) if name == "split" else item.groups.get(name) or None for item in items], type=pa.string()
        )
        for name in columns
    }


def _language_table(built: BuiltSet, items: Sequence[SourceItem], columns: Sequence[str], lang: str) -> "pa.Table":
    import pyarrow as pa

    engine = ENGINE_OF_SOURCE if lang == built.source_lang else built.engines[lang]
    texts: dict[str, list[str | None]] = {
        "item_id": [item.item_id for item in items],
        "question": [built.text(item, lang, "question") for item in items],
        "answer": [item.answer for item in items],
        "solution": [built.text(item, lang, "solution") for item in items],
        "language": [lang] * len(items),
        "engine": [engine] * len(items),
    }
    arrays = {name: pa.array(values, type=pa.string()) for name, values in texts.items()}
    arrays["attempt"] = pa.array([built.attempt(item, lang, "question") for item in items], type=pa.int64())
    return pa.table({**arrays, **_groups(items, columns)})


def _parallel_table(built: BuiltSet, items: Sequence[SourceItem], columns: Sequence[str]) -> "pa.Table":
    import pyarrow as pa

    def translation(item: SourceItem, lang: str) -> dict[str, str | None] | None:
        question = built.text(item, lang, "question")
        return None if question is None else {"question": question, "solution": built.text(item, lang, "solution")}

    part = pa.struct([("question", pa.string()), ("solution", pa.string())])
    translations = pa.array(
        [{lang: translation(item, lang) for lang in built.all_languages} for item in items],
        type=pa.struct([(lang, part) for lang in built.all_languages]),
    )
    return pa.table(
        {
            "item_id": pa.array([item.item_id for item in items], type=pa.string()),
            "answer": pa.array([item.answer for item in items], type=pa.string()),
            **_groups(items, columns),
            # the source's language is one of them
            "n_langs": pa.array([1 + built.n_translated(item) for item in items], type=pa.int64()),
            "translations": translations,
        }
    )


def write_rejects(out: Path, built: BuiltSet, left_out: Sequence["LeftOut"]) -> None:
    """Write `rejects/LANG.jsonl`: every text without an accepted translation, with each attempt and what is wrong with it.

    A language without any has an empty file. `rejects/source.jsonl` has what the source's file holds and the set does not.

    Raises:
        DataError: the folder cannot be written.
    """
    folder = make_folder(out / "rejects")
    for lang in built.languages:
        write_atomically(folder / f"{lang}.jsonl", jsonl(_reject_rows(built, lang)))
    rows = [{"item_id": each.item_id, "reason": each.reason} for each in left_out]
    write_atomically(folder / "source.jsonl", jsonl(rows))


def _reject_rows(built: BuiltSet, lang: str) -> list[Mapping[str, Any]]:
    return [
        {
            "item_id": item.item_id,
            "part": part,
            "status": outcome.status,
            "source": outcome.wanted.text,
            "attempts": [
                {
                    "text": attempt.text,
                    "failure": attempt.failure,
                    "findings": [finding_json(finding) for finding in attempt.findings],
                }
                for attempt in outcome.attempts
            ],
        }
        for part in built.parts
        for item, outcome in built.outcomes_in(lang, part)
        if outcome.status != "accepted"
    ]
