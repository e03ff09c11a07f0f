"""`--from inspect`: the logs of Inspect, `.eval` (a zip archive) and `.json`.

Read as inspect_ai 0.3.285 writes them, format version 2: the header names task and model, every sample has input,
messages, output and scores. An epoch is a sample of the item. A question with lettered options that is answered in
words is a generation whose right answer is the letter.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from xleval.errors import DataError
from xleval.evalkit.imports.fields import FieldMap, Row
from xleval.evalkit.imports.files import find_files, row_of
from xleval.evalkit.imports.foreign import ForeignItem, Read, facts, place_of, read_rows
from xleval.evalkit.imports.inspect_archive import header_of, samples_of
from xleval.evalkit.imports.values import (
    BadRow,
    as_count,
    as_finish_reason,
    as_text,
    as_verdict,
    conversation_text,
    foreign_json,
    message_text,
)

_LANGUAGE = ("metadata.lang", "metadata.language")
_ATTACHMENT = "attachment://"


def read(path: Path, fields: FieldMap) -> Iterator[Read]:
    """Yield the samples of a log, or of all logs of a folder.

    Raises:
        DataError: nothing to read, no log of Inspect, or a mapped column is missing.
    """
    for file in find_files(path, "*.eval", "*.json"):
        log = _read_json_log(file) if file.suffix == ".json" else None
        header = log if log is not None else header_of(file)
        evaluated = header.get("eval")
        if not isinstance(evaluated, Mapping) or not isinstance(evaluated.get("task"), str):
            raise DataError(f"{file} is no log of Inspect: it names no eval.task")
        samples = _listed(log) if log is not None else samples_of(file)
        rows = (row_of(file, number, sample) for number, sample in enumerate(samples, start=1))
        yield from read_rows(rows, partial(_items, fields=fields, named=evaluated))


def _items(row: Row, fields: FieldMap, named: Mapping[str, object]) -> Iterator[ForeignItem]:
    task, lang = place_of(fields, row, str(named["task"]).rpartition("/")[2], *_LANGUAGE)
    conversation = _messages(row)
    error = row.values.get("error")
    scorer = _scorer(row)
    answer = fields.read(row, "completion") or _completion(row)
    epoch = as_count(row.values.get("epoch"), "epoch")
    stop = fields.read(row, "finish_reason", "output.choices.0.stop_reason")
    prediction = fields.read(row, "prediction", *([f"scores.{scorer}.answer"] if scorer else []))
    model = named.get("model")
    failed = isinstance(error, Mapping)
    if not failed and not isinstance(answer, str):
        raise BadRow("no completion in output.choices")
    yield ForeignItem(
        file=row.file,
        row=row.number,
        model=str(model) if model else None,
        task=task,
        lang=lang,
        item_id=as_text(fields.read(row, "item_id", "id"), "id"),
        prompt=conversation_text(fields.read(row, "prompt") or conversation, "prompt"),
        gold=_gold(fields.read(row, "gold", "target")),
        completion=answer if isinstance(answer, str) and not failed else None,
        prediction=prediction if isinstance(prediction, str) else None,
        correct=as_verdict(fields.read(row, "correct", *([f"scores.{scorer}.value"] if scorer else []))),
        finish_reason=as_finish_reason(stop),
        n_completion_tokens=as_count(
            fields.read(row, "n_completion_tokens", "output.usage.output_tokens"), "n_completion_tokens"
        ),
        sample_index=None if epoch is None else epoch - 1,
        groups=facts(fields, row, {} if as_finish_reason(stop) else {"stop_reason": stop}),
        unscored_reason=f"error in Inspect: {error.get('message')}"[:200] if isinstance(error, Mapping) else None,
    )


def _gold(target: object) -> str:
    if isinstance(target, list) and len(target) == 1:
        target = target[0]
    return as_text(target, "target")


def _scorer(row: Row) -> str | None:
    """Return the scorer of a sample; None where there is none, or several and `--map correct=…` must name one."""
    scores = row.values.get("scores")
    return next(iter(scores)) if isinstance(scores, Mapping) and len(scores) == 1 else None


def _messages(row: Row) -> list[Mapping[str, object]]:
    """Return what the model was given before its last answer, with attachments put in their places."""
    stored = row.values.get("messages")
    messages = [message for message in stored if isinstance(message, Mapping)] if isinstance(stored, list) else []
    answers = [number for number, message in enumerate(messages) if message.get("role") == "assistant"]
    before = messages[: answers[-1]] if answers else messages
    question = row.values.get("input")
    if not before and isinstance(question, str):
        before = [{"role": "user", "content": question}]
    return [{**message, "content": _attached(row, message.get("content"))} for message in before]


def _completion(row: Row) -> str | None:
    output = row.values.get("output")
    choices = output.get("choices") if isinstance(output, Mapping) else None
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], Mapping):
        return None
    message = choices[0].get("message")
    if not isinstance(message, Mapping):
        return None
    return message_text({**message, "content": _attached(row, message.get("content"))}, "completion")


def _attached(row: Row, content: object) -> object:
    """Return a message's content; a long text is stored once, and only named where it stands."""
    attachments = row.values.get("attachments")
    if isinstance(content, str) and content.startswith(_ATTACHMENT) and isinstance(attachments, Mapping):
        return attachments.get(content.removeprefix(_ATTACHMENT), content)
    if isinstance(content, list):
        return [
            {key: _attached(row, value) for key, value in part.items()} if isinstance(part, Mapping) else part
            for part in content
        ]
    return content


def _read_json_log(file: Path) -> Mapping[str, object]:
    try:
        found = foreign_json(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{file} is not readable as JSON: {error}") from error
    if not isinstance(found, Mapping):
        raise DataError(f"{file} is no log of Inspect: a JSON object is needed")
    return found


def _listed(log: Mapping[str, object]) -> Sequence[object]:
    samples = log.get("samples")
    return samples if isinstance(samples, list) else []
