r"""PolyFact: facts with four hidden options, scored by log-probability, the same options in every language.

The question and the option are shown as `Question: …\nAnswer:` and ` option`, the options are not listed, and the
option with the highest log-probability per byte is the answer, as in the study's evaluation since 2026-08-01
(github.com/jvonrad/Lost-in-Mistranslation 3ca0eea). It deviates where `--scaffold native` (default) writes the two
words in the language of the question; `--scaffold english --option-space always` is the published prompt.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xleval.errors import DataError
from xleval.evalkit.metrics.grid import TIE
from xleval.evalkit.prompts import continuation, fact_prompt
from xleval.evalkit.requests import ChoiceRequest, ChoiceScores, Outcome, Request, Unscored
from xleval.evalkit.samples import Sample
from xleval.evalkit.task import Task, TaskItem, TaskOptions, sample_fields

_COLUMNS = ("fact_id", "question", "option_a", "option_b", "option_c", "option_d", "answer_index", "option_ids")
_OPTIONAL = ("property_id", "template_id", "subject_type", "headline")


def load(folder: Path | None, languages: Sequence[str]) -> dict[str, list[TaskItem]]:
    """Return the test split by language, sorted by fact id.

    Args:
        folder: holds `LANG/test.parquet`, as `xleval build-polyfact` writes.
        languages: codes; one without a file is absent from the result.

    Raises:
        DataError: no folder, none of the files, a column missing, or a gold index out of range (file and row named).
    """
    if folder is None:
        raise DataError(
            "polyfact has no data here. Make some: xleval build-polyfact --source embedded --out polyfact, "
            "then add --data polyfact=polyfact"
        )
    if not any(folder.glob("*/test*.parquet")):
        raise DataError(f"{folder} holds no LANG/test.parquet; a folder made by xleval build-polyfact is needed")
    found: dict[str, list[TaskItem]] = {}
    for lang in languages:
        files = sorted((folder / lang).glob("test*.parquet"))
        rows = [(f"{path}, row {number}", row) for path in files for number, row in enumerate(_read(path))]
        if rows:
            found[lang] = sorted((_item(row, where) for where, row in rows), key=lambda item: item.item_id)
    return found


def _read(path: Path) -> list[dict[str, Any]]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        # ParquetFile reads this one file; read_table would take `LANG` and `split=…` in a path for partitions.
        with parquet.ParquetFile(path) as file:
            names = file.schema_arrow.names
            missing = [column for column in _COLUMNS if column not in names]
            if missing:
                raise DataError(f"{path} has no column {', '.join(missing)}; found: {', '.join(names)}")
            rows: list[dict[str, Any]] = file.read([*_COLUMNS, *(c for c in _OPTIONAL if c in names)]).to_pylist()
            return rows
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is not readable as Parquet: {error}") from error


def _item(row: Mapping[str, Any], where: str) -> TaskItem:
    choices = tuple(row[f"option_{letter}"] for letter in "abcd")
    if not row["fact_id"] or not row["question"] or not all(choices):
        raise DataError(f"{where}: fact_id, question and the four options must not be empty")
    index, ids = row["answer_index"], tuple(row["option_ids"] or ())
    if not isinstance(index, int) or not 0 <= index < len(choices):
        raise DataError(f"{where}: answer_index is {index!r}; 0 to {len(choices) - 1} is needed")
    if len(set(ids)) != len(choices):
        raise DataError(f"{where}: option_ids are {list(ids)}; four different ids are needed to align languages")
    return TaskItem(
        item_id=row["fact_id"],
        question=row["question"],
        gold=choices[index],
        choices=choices,
        choice_ids=ids,
        gold_index=index,
        groups={column: _as_text(row[column]) for column in _OPTIONAL if row.get(column) is not None},
    )


def _as_text(value: str | bool) -> str:
    return value if isinstance(value, str) else "yes" if value else "no"


def request(item: TaskItem, lang: str, options: TaskOptions) -> Request:
    """Return the scoring request of an item."""
    return ChoiceRequest(
        key=f"polyfact/{lang}/{item.item_id}",
        context=fact_prompt(item.question, lang, options.scaffold),
        continuations=tuple(continuation(choice, lang, options.option_space) for choice in item.choices),
    )


def score(item: TaskItem, lang: str, asked: Request, outcome: Outcome) -> Sample:
    """Return the sample of an answered or failed request; the option with the highest log-probability per byte wins."""
    known = sample_fields(POLYFACT, item, lang, asked)
    if isinstance(outcome, Unscored):
        return Sample(**known, unscored_reason=outcome.reason)
    if not isinstance(outcome, ChoiceScores):
        raise TypeError(f"choice scores are needed, found {type(outcome).__name__}")
    known |= {"sum_logprobs": outcome.sum_logprobs, "n_tokens": outcome.n_tokens}
    if len(set(outcome.sum_logprobs)) == 1:
        return Sample(**known, unscored_reason=TIE)  # nothing was chosen (D13)
    per_byte = [total / len(choice.encode()) for total, choice in zip(outcome.sum_logprobs, item.choices, strict=True)]
    chosen = per_byte.index(max(per_byte))
    return Sample(**known, prediction=item.choices[chosen], correct=chosen == item.gold_index)


POLYFACT = Task(
    name="polyfact",
    version=1,
    kind="choice",
    summary="Wikidata facts, four hidden options, the same in every language; log-probability per byte",
    reference="github.com/jvonrad/Lost-in-Mistranslation 3ca0eea; D22 for scaffold and option space",
    load=load,
    request=request,
    score=score,
)
