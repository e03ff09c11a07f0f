"""A row of a trainer's roll-outs: completions sampled for one prompt, again and again over the training."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from xleval.evalkit.imports.fields import FieldMap, Row
from xleval.evalkit.imports.foreign import ForeignItem, facts, place_of
from xleval.evalkit.imports.values import (
    BadRow,
    as_count,
    as_finish_reason,
    as_text,
    as_verdict,
    conversation_text,
)

_LANGUAGE = ("lang", "language")
#: Columns that are no facts to group by.
_NO_FACTS = ("prompt", "completion", "input", "output", *_LANGUAGE, "item_id", "pred", "request_id")
_ID_DIGITS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Where a trainer writes the facts of a roll-out.

    Attributes:
        prompt, completion: columns of the texts.
        gold: columns that may hold the right answer.
        correct: columns that may hold a verdict.
    """

    prompt: str
    completion: str
    gold: tuple[str, ...]
    correct: tuple[str, ...]


def rollouts(row: Row, fields: FieldMap, name: str, columns: Columns) -> Iterator[ForeignItem]:
    """Yield the item of a roll-out; every other single value of the row, such as step and rewards, is in its groups.

    Args:
        row: of the file.
        fields: may map any of it.
        name: of the folder, which is the task unless it is mapped, and may end in the language.
        columns: where the trainer writes.

    Raises:
        BadRow: no language, no completion, or no right answer.
    """
    task, lang = place_of(fields, row, name, *_LANGUAGE)
    prompt = fields.read(row, "prompt", columns.prompt)
    completion = fields.read(row, "completion", columns.completion)
    if completion is None or prompt is None:
        raise BadRow(f"no {columns.completion if completion is None else columns.prompt}")
    gold = fields.read(row, "gold", *columns.gold)
    if gold is None:
        raise BadRow(f"no right answer in {' or '.join(columns.gold)}; name its column with --map gold=COLUMN")
    text = conversation_text(prompt, "prompt")
    item_id = fields.read(row, "item_id", "item_id")
    prediction = fields.read(row, "prediction", "pred")
    used = {*_NO_FACTS, *columns.gold}
    yield ForeignItem(
        file=row.file, row=row.number, task=task, lang=lang,
        item_id=hashlib.sha256(text.encode()).hexdigest()[:_ID_DIGITS]
        if item_id is None
        else as_text(item_id, "item_id"),
        prompt=text,
        gold=as_text(gold, "gold"),
        completion=conversation_text(completion, "completion"),
        prediction=None if prediction is None else as_text(prediction, "prediction"),
        correct=as_verdict(fields.read(row, "correct", *columns.correct)),
        finish_reason=as_finish_reason(fields.read(row, "finish_reason")),
        n_completion_tokens=as_count(fields.read(row, "n_completion_tokens"), "n_completion_tokens"),
        sample_index=as_count(fields.read(row, "sample_index"), "sample_index"),
        groups=facts(fields, row, {name: value for name, value in row.values.items() if name not in used}),
    )  # fmt: skip
