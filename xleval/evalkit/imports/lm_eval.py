"""`--from lm-eval`: the `samples_TASK_TIME.jsonl` that lm-eval writes with `--log_samples`.

Read as lm-eval 0.4.13 writes it: one row per document and filter, scores and targets as text. Of a folder the newest
file of each task counts. A row of options becomes a choice with its log-probabilities; a row of completions becomes one
item each (`repeats`). The completion is the same under every filter: the filter only decides the tool's verdict, and
the last one listed is taken unless `--map filter=NAME` names another.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from xleval.errors import DataError
from xleval.evalkit.imports.fields import FieldMap, Row
from xleval.evalkit.imports.files import find_files, table_rows
from xleval.evalkit.imports.foreign import ForeignItem, LeftOut, Read, Rejected, facts, place_of, read_rows
from xleval.evalkit.imports.task_files import TaskFile, newest, task_and_time
from xleval.evalkit.imports.values import (
    BadRow,
    as_numbers,
    as_text,
    as_verdict,
    conversation_text,
    foreign_json,
    gold_option,
)

_INVALID = "[invalid]"  # what lm-eval's regex filter leaves where nothing matched
#: Metrics that hold a verdict, the one nearest to xleval's own score first: per byte, per character, as a sum.
_VERDICTS = ("exact_match", "acc_bytes", "acc_norm", "acc")


def read(path: Path, fields: FieldMap) -> Iterator[Read]:
    """Yield the items of a samples file, or of the newest one of each task in a folder.

    Raises:
        DataError: no such file, or a filter or column that is not there.
    """
    files, older = newest(map(_samples, find_files(path, "samples_*.jsonl")), lambda each: each.file.parent)
    yield from older
    for samples in files:
        rows = list(table_rows(samples.file))
        wanted = _filter(samples, rows, fields)
        yield from (LeftOut(reason=f"filter other than {wanted}") for row in rows if _is_other(row, wanted))
        kept = [row for row in rows if not _is_other(row, wanted)]
        yield from read_rows(kept, partial(_items, fields=fields, samples=samples))


def _samples(file: Path) -> TaskFile:
    task, time = task_and_time(file, "samples")
    results = file.parent / f"results_{time}.json"
    model = _stated_model(results) if results.exists() else None
    return TaskFile(file=file, task=task, time=time, model=str(model) if model else None)


def _stated_model(results: Path) -> object:
    try:
        stated = foreign_json(results.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{results} is not readable as JSON: {error}") from error
    return stated.get("model_name") if isinstance(stated, Mapping) else None


def _filter(samples: TaskFile, rows: Sequence[Row | Rejected], fields: FieldMap) -> str | None:
    """Return the filter whose rows are read: the one asked for where the task has several, else the last listed."""
    names = list(dict.fromkeys(str(row.values.get("filter")) for row in rows if isinstance(row, Row)))
    asked = fields.constants.get("filter")
    if asked is None or (len(names) == 1 and asked not in names):  # choices have the one filter `none`
        return names[-1] if names else None
    if asked not in names:
        raise DataError(f"{samples.file} has no filter {asked!r}; there are: {', '.join(names)}")
    return asked


def _is_other(row: Row | Rejected, wanted: str | None) -> bool:
    return isinstance(row, Row) and str(row.values.get("filter")) != wanted


def _items(row: Row, fields: FieldMap, samples: TaskFile) -> Iterator[ForeignItem]:
    task, lang = place_of(fields, row, samples.task)
    asked = _arguments(row)
    item_id = as_text(fields.read(row, "item_id", "doc_id"), "doc_id")
    verdict = fields.read(row, "correct", *_verdict_columns(row))
    groups = facts(fields, row, {})
    if all(len(pair) > 1 and isinstance(pair[1], str) for pair in asked):
        choices, sums, prompt = _choices(row, asked)
        gold, index = fields.read(row, "gold", "target"), fields.read(row, "gold_index")
        if index is None and not fields.names("gold"):
            index = _index(row, choices)
        right = gold_option(gold, index, choices)
        yield ForeignItem(
            file=row.file, row=row.number, model=samples.model, task=task, lang=lang, item_id=item_id, prompt=prompt,
            gold=choices[right], choices=choices, gold_index=right, sum_logprobs=sums, correct=as_verdict(verdict),
            groups=groups,
        )  # fmt: skip
        return
    if len(asked) != 1 or len(asked[0]) < 2 or not isinstance(asked[0][1], Mapping):
        raise BadRow("neither options nor a completion: perplexities cannot be imported")
    answers = _nested(row, "resps")[0]
    filtered = row.values.get("filtered_resps")
    prediction = filtered[0] if isinstance(filtered, list) and filtered and isinstance(filtered[0], str) else None
    one = len(answers) == 1  # of several repeats lm-eval keeps one verdict, which belongs to none of them
    for number, answer in enumerate(answers):
        yield ForeignItem(
            file=row.file, row=row.number, model=samples.model, task=task, lang=lang, item_id=item_id,
            prompt=conversation_text(fields.read(row, "prompt") or asked[0][0], "prompt"),
            gold=as_text(fields.read(row, "gold", "target"), "target"), completion=as_text(answer, "resps"),
            prediction=prediction if one and prediction != _INVALID else None,
            correct=as_verdict(verdict) if one else None, sample_index=number, groups=groups,
        )  # fmt: skip


def _verdict_columns(row: Row) -> list[str]:
    listed = row.values.get("metrics")
    names = [str(name) for name in listed] if isinstance(listed, list) else []
    known = [name for name in _VERDICTS if name in names]
    return known or names


def _arguments(row: Row) -> list[list[object]]:
    """Return the arguments of each request: `{"gen_args_0": {"arg_0": …, "arg_1": …}}`, or lists in older files."""
    stored = row.values.get("arguments")
    if isinstance(stored, Mapping):
        stored = list(stored.values())
    if not isinstance(stored, list) or not stored:
        raise BadRow("no arguments; a file that lm-eval wrote with --log_samples is needed")
    if not all(isinstance(each, Mapping | list | tuple) for each in stored):
        raise BadRow(f"arguments is {stored!r:.60}; an object or a list for each request is needed")
    return [list(each.values()) if isinstance(each, Mapping) else list(each) for each in stored]


def _nested(row: Row, column: str) -> list[list[object]]:
    found = row.values.get(column)
    if not isinstance(found, list) or not found or not all(isinstance(part, list) and part for part in found):
        raise BadRow(f"{column} is {found!r:.60}; a list for each request is needed")
    return found


def _choices(row: Row, asked: list[list[object]]) -> tuple[tuple[str, ...], tuple[float, ...], str]:
    """Return options, their summed log-probabilities and the common context."""
    half = len(asked) // 2
    if len(asked) > 2 and len(asked) % 2 == 0 and all(context == "" for context, *_ in asked[half:]) and asked[0][0]:
        asked = asked[:half]  # for mutual information every option is asked once more, without its context
    if len(asked) < 2:
        raise BadRow("one option only: nothing is chosen")
    contexts = {str(context) for context, *_ in asked}
    if len(contexts) > 1:
        raise BadRow("the options stand before what is scored (as in winogrande); xleval scores options after a prompt")
    answers = _nested(row, "resps")[: len(asked)]
    if len(answers) != len(asked):
        raise BadRow(f"{len(asked)} options and {len(answers)} scores")
    # each request has a list of repeats, each of them [log-probability, whether it is the greedy continuation]
    first = [each[0][0] if isinstance(each[0], list | tuple) else each[0] for each in answers]
    choices = tuple(str(text).removeprefix(" ") for _, text, *_ in asked)
    return choices, as_numbers(first, "resps"), contexts.pop()


def _index(row: Row, choices: tuple[str, ...]) -> int | None:
    """Return the index that `target` holds, as text; None where it is the text of an option.

    Raises:
        BadRow: it can be read as either, or names several options.
    """
    target = str(row.values.get("target")).strip()
    if re.fullmatch(r"\[.*,.*\]", target) and target not in choices:
        raise BadRow(f"target {target} holds several right options; map gold_index to one")
    target = target.strip("[]")
    if not target.isdecimal() or int(target) >= len(choices):
        return None
    if target in choices and choices.index(target) != int(target):
        raise BadRow(f"target {target!r} may be an index or an option of {list(choices)!r:.80}; map gold_index")
    return int(target)
