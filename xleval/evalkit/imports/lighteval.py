"""`--from lighteval`: the `details_TASK_TIME.parquet` that lighteval writes with `--save-details`.

Read as lighteval 0.13 writes them: `details/MODEL/TIME/`, one row per document with the structs `doc`, `model_response`
and `metric`. Of a folder the newest file of each task counts. Rows with a log-probability per option become choices,
rows with texts one item per sample.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from xleval.evalkit.imports.fields import FieldMap, Row
from xleval.evalkit.imports.files import find_files, table_rows
from xleval.evalkit.imports.foreign import ForeignItem, Read, facts, place_of, read_rows
from xleval.evalkit.imports.task_files import TaskFile, newest, task_and_time
from xleval.evalkit.imports.values import (
    BadRow,
    as_numbers,
    as_text,
    as_texts,
    as_verdict,
    conversation_text,
    gold_option,
    with_reasoning,
)

#: Metrics that hold a verdict, the one nearest to xleval's own score first.
_VERDICTS = ("extractive_match", "exact_match", "em", "acc_norm", "acc")


def read(path: Path, fields: FieldMap) -> Iterator[Read]:
    """Yield the items of a details file, or of the newest one of each task and model in a folder.

    Raises:
        DataError: nothing to read, or a mapped column is missing.
    """
    files, older = newest(map(_details, find_files(path, "details_*.parquet")), lambda each: each.model)
    yield from older
    for details in files:
        yield from read_rows(table_rows(details.file), partial(_items, fields=fields, details=details))


def _details(file: Path) -> TaskFile:
    task, time = task_and_time(file, "details")
    folders = file.parent.parts
    # details/ORGANISATION/MODEL/TIME/
    at = len(folders) - 1 - folders[::-1].index("details") if "details" in folders else len(folders)
    return TaskFile(file=file, task=task, time=time, model="/".join(folders[at + 1 : -1]) or None)


def _items(row: Row, fields: FieldMap, details: TaskFile) -> Iterator[ForeignItem]:
    doc, response = _struct(row, "doc"), _struct(row, "model_response")
    task, lang = place_of(fields, row, details.task)
    choices = tuple(choice.removeprefix(" ") for choice in as_texts(doc.get("choices"), "doc.choices"))
    item_id = as_text(fields.read(row, "item_id", "doc.id"), "doc.id")
    prompt = fields.read(row, "prompt", "model_response.input", "doc.query")
    prompt = "" if prompt is None else conversation_text(prompt, "prompt")
    index = gold_option(
        fields.read(row, "gold"),
        None if fields.names("gold") else fields.read(row, "gold_index", "doc.gold_index"),
        choices,
    )
    verdict = as_verdict(fields.read(row, "correct", *_verdict_columns(row)))
    groups = facts(fields, row, {})
    sums = as_numbers(response.get("logprobs"), "model_response.logprobs")
    texts = as_texts(response.get("text"), "model_response.text")
    if len(choices) > 1 and len(sums) == len(choices):
        yield ForeignItem(
            file=row.file, row=row.number, model=details.model, task=task, lang=lang, item_id=item_id, prompt=prompt,
            gold=choices[index], choices=choices, gold_index=index, sum_logprobs=sums, correct=verdict, groups=groups,
        )  # fmt: skip
        return
    if not texts:
        raise BadRow("neither a text nor a log-probability for each option")
    for number, text in enumerate(texts):
        yield ForeignItem(
            file=row.file, row=row.number, model=details.model, task=task, lang=lang, item_id=item_id, prompt=prompt,
            gold=choices[index], completion=with_reasoning(text, _reasoning(response, number)),
            correct=verdict if len(texts) == 1 else None,  # one verdict for all samples belongs to none of them
            n_completion_tokens=_n_tokens(response, number), sample_index=number, groups=groups,
        )  # fmt: skip


def _struct(row: Row, column: str) -> Mapping[str, object]:
    found = row.values.get(column)
    if not isinstance(found, Mapping):
        raise BadRow(f"no {column}; details of lighteval 0.10 or later are needed")
    return found


def _verdict_columns(row: Row) -> list[str]:
    metrics = row.values.get("metric")
    names = list(metrics) if isinstance(metrics, Mapping) else []
    known = [name for name in _VERDICTS if name in names]
    return [f"metric.{name}" for name in known or names]


def _at(response: Mapping[str, object], column: str, number: int) -> object | None:
    found = response.get(column)
    return found[number] if isinstance(found, Sequence) and number < len(found) else None


def _reasoning(response: Mapping[str, object], number: int) -> str | None:
    found = _at(response, "reasonings", number)
    return found if isinstance(found, str) else None


def _n_tokens(response: Mapping[str, object], number: int) -> int | None:
    found = _at(response, "output_tokens", number)
    return len(found) if isinstance(found, list) else None
