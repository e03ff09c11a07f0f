"""`--from jsonl`: anybody's JSON lines, JSON lists or Parquet rows, read by `--map`.

A column that has the name of a key (`lang`, `item_id`, `prompt`, `completion`, `gold`, `correct` …) needs no mapping.
Task and language are columns or the file's name (`mgsm_sw.jsonl`). Without an item id, items are numbered from 0 within
their language in the order of the rows, as in parallel files.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from xleval.errors import DataError
from xleval.evalkit.imports.fields import FieldMap, Row
from xleval.evalkit.imports.files import find_files, table_rows
from xleval.evalkit.imports.foreign import ForeignItem, Read, Rejected, facts, place_of, read_rows
from xleval.evalkit.imports.values import (
    BadRow,
    as_count,
    as_finish_reason,
    as_numbers,
    as_text,
    as_texts,
    as_verdict,
    conversation_text,
    gold_option,
    with_reasoning,
)


def read(path: Path, fields: FieldMap) -> Iterator[Read]:
    """Yield the items of a file, or of all JSON, JSON-lines and Parquet files of a folder.

    Raises:
        DataError: nothing to read, a mapped column is missing, or items cannot be numbered because of a broken row.
    """
    for file in find_files(path, "*.jsonl", "*.json", "*.parquet"):
        yield from _File(file, fields).items()


class _File:
    """One file, with the numbers given to items so far."""

    def __init__(self, file: Path, fields: FieldMap) -> None:
        self.file = file
        self.fields = fields
        self.numbered: Counter[tuple[str, str]] = Counter()
        self.broken: Rejected | None = None

    def items(self) -> Iterator[Read]:
        yield from read_rows(self._rows(), self._items)

    def _rows(self) -> Iterator[Row | Rejected]:
        for row in table_rows(self.file):
            if isinstance(row, Rejected):
                self.broken = self.broken or row
            yield row
            if self.broken and self.numbered:
                raise DataError(
                    f"{self.broken.where}: {self.broken.reason}. Items are numbered in order, so that others would be "
                    "taken for them: mend the row, or name the items with --map item_id=COLUMN"
                )

    def _items(self, row: Row) -> Iterator[ForeignItem]:
        fields = self.fields
        task, lang = place_of(fields, row, self.file.stem, "lang", task_columns=("task",))
        item_id = self._item_id(row, task, lang)
        choices = as_texts(fields.read(row, "choices", "choices"), "choices")
        sums = as_numbers(fields.read(row, "sum_logprobs", "sum_logprobs"), "sum_logprobs")
        gold = fields.read(row, "gold", "gold")
        index = fields.read(row, "gold_index", "gold_index")
        right = gold_option(gold, index, choices) if choices else None
        prompt = fields.read(row, "prompt", "prompt")
        prediction = fields.read(row, "prediction", "prediction")
        reason = fields.read(row, "unscored_reason", "unscored_reason")
        yield ForeignItem(
            file=row.file,
            row=row.number,
            task=task,
            lang=lang,
            item_id=item_id,
            prompt="" if prompt is None else conversation_text(prompt, "prompt"),
            gold=choices[right] if right is not None else as_text(gold, "gold"),
            completion=self._completion(row),
            choices=choices,
            gold_index=right,
            sum_logprobs=sums,
            prediction=None if prediction is None else as_text(prediction, "prediction"),
            correct=as_verdict(fields.read(row, "correct", "correct")),
            finish_reason=as_finish_reason(fields.read(row, "finish_reason", "finish_reason")),
            n_completion_tokens=as_count(
                fields.read(row, "n_completion_tokens", "n_completion_tokens"), "n_completion_tokens"
            ),
            sample_index=as_count(fields.read(row, "sample_index", "sample_index"), "sample_index"),
            groups=facts(fields, row, {}),
            unscored_reason=None if reason is None else as_text(reason, "unscored_reason"),
        )

    def _item_id(self, row: Row, task: str, lang: str) -> str:
        found = self.fields.read(row, "item_id", "item_id")
        if found is not None:
            return as_text(found, "item_id")
        if self.fields.names("item_id"):
            raise BadRow("item_id is empty")
        self.numbered[task, lang] += 1
        return str(self.numbered[task, lang] - 1)

    def _completion(self, row: Row) -> str | None:
        text = self.fields.read(row, "completion", "completion")
        reasoning = self.fields.read(row, "reasoning", "reasoning")
        if text is None:
            return None
        return with_reasoning(
            conversation_text(text, "completion"), None if reasoning is None else as_text(reasoning, "reasoning")
        )
