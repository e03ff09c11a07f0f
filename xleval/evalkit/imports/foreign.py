"""The common record of another tool's outputs: one answer to one item, before xleval scores it."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from xleval.evalkit.imports.fields import FieldMap, Row
from xleval.evalkit.imports.task_language import language_code, split_language
from xleval.evalkit.imports.values import BadRow, as_text, is_number


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignItem:
    """One answer of a model to one item, as another tool stored it.

    Attributes:
        file: it was read from.
        row: its number in the file, from 1.
        task: name without the language.
        lang: code of the language table.
        item_id: the same for an item in every language, as far as the tool says so.
        prompt: what the model was given; a conversation is written out.
        gold: the right answer, or the text of the right option.
        completion: what the model wrote, reasoning within `<think>` tags; None for a choice or a failed request.
        choices: the options; empty for a generation.
        gold_index: of the right option; None for a generation.
        sum_logprobs: of each option, natural logarithm; empty where not known.
        prediction: the answer that the tool took from the completion; None where it does not say.
        correct: the tool's own verdict; None where it has none.
        finish_reason: `stop` or `length`; None where not known.
        n_completion_tokens: tokens written; None where not known.
        sample_index: which of several answers to the item, from 0; None where their order in the files decides.
        groups: further facts, such as the training step and rewards.
        choice_ids: what the options are in every language; empty where their order aligns them.
        n_tokens: of each option; empty where not known.
        primary: how the log-probabilities are to be compared, where they are not sums of hidden options: `letter` takes
            them as they are.
        unscored_reason: why the model has no answer.
        model: its name; None where the file does not hold it.
    """

    file: Path
    row: int
    task: str
    lang: str
    item_id: str
    prompt: str
    gold: str
    completion: str | None = None
    choices: tuple[str, ...] = ()
    gold_index: int | None = None
    sum_logprobs: tuple[float, ...] = ()
    choice_ids: tuple[str, ...] = ()
    n_tokens: tuple[int, ...] = ()
    primary: str = "byte"
    prediction: str | None = None
    correct: bool | None = None
    finish_reason: str | None = None
    n_completion_tokens: int | None = None
    sample_index: int | None = None
    groups: Mapping[str, object] = field(default_factory=dict)
    unscored_reason: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A row that could not be used.

    Attributes:
        where: file and row.
        reason: what is wrong with it.
    """

    where: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A row, or an older file, that is in order and not wanted: the same answer stands elsewhere, or nobody asked.

    Attributes:
        reason: why; counted by it.
    """

    reason: str


Read = ForeignItem | Rejected | LeftOut
Reader = Callable[[Path, FieldMap], Iterator[Read]]


def read_rows(rows: Iterable[Row | Rejected], build: Callable[[Row], Iterable[ForeignItem]]) -> Iterator[Read]:
    """Yield the items of some rows; a row that `build` refuses as `BadRow` is yielded as rejected."""
    for row in rows:
        if isinstance(row, Rejected):
            yield row
            continue
        try:
            yield from build(row)
        except BadRow as error:
            yield Rejected(where=row.where, reason=str(error))


def place_of(
    fields: FieldMap, row: Row, name: str, *lang_columns: str, task_columns: tuple[str, ...] = ()
) -> tuple[str, str]:
    """Return task and language of a row.

    The language is that of a column, else the one in which the name of the task ends; the task is the name without it.

    Args:
        fields: may map `task` and `lang`.
        row: of the file.
        name: the tool's name for the task, or that of the file or folder.
        lang_columns: where the tool may have the language.
        task_columns: where it may have the task.

    Raises:
        BadRow: no language, or one that xleval does not know.
    """
    given = fields.read(row, "task", *task_columns)
    named = name if given is None else as_text(given, "task")
    common, in_name = split_language(named)
    value = fields.read(row, "lang", *lang_columns)
    if value is None:
        if in_name is None and (in_source := split_language(name)[1]) is not None:
            return named, in_source
        if in_name is None:
            raise BadRow(f"no language: {named!r} does not end in one. Add --map lang=COLUMN or --map lang=@CODE")
        return common, in_name
    lang = language_code(as_text(value, "lang"))
    if lang is None:
        raise BadRow(f"language {value!r} is not in xleval's table")
    return (common if given is None and in_name == lang else named), lang


def facts(fields: FieldMap, row: Row, found: Mapping[str, object]) -> dict[str, object]:
    """Return the facts to group by: those the tool has and those mapped; only single values, no missing ones."""
    every = {**found, **fields.groups(row)}
    found = {name: value for name, value in every.items() if isinstance(value, str) or is_number(value)}
    # infinity, a reward of some trainers, is no number in JSON
    return {name: str(value) if value in (math.inf, -math.inf) else value for name, value in found.items()}
