"""Question sets in every layout that is read: rows equal those of another reading, and tasks take them or name what is wrong.

An input decides a layout (JSON lines, a JSON list, CSV, TSV, Parquet), rows and what is done to them and to the bytes of the
file, and which reader gets it: rows alone, a set of unknown columns, the facts of a training split, the loader of a task.
"""

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from tests.fuzz.harness import Choices, Finding, damaged, damaged_bytes, folder, json_text, main, outcome, to_bytes
from xleval.data.rows import ENDINGS, read_rows
from xleval.data.set_reader import SetColumns, read_set
from xleval.data.trained_facts import read_trained_facts
from xleval.evalkit.task import load_task
from xleval.tasks import TASKS
from xleval.training.sets.text_files import rows_of

_FACT = {
    "fact_id": "Q1|P36|Q2", "question": "The capital of Land is", "option_a": "Ort", "option_b": "Berg", "option_c": "Tal",
    "option_d": "See", "answer_index": 0, "option_ids": ["Q2", "Q3", "Q4", "Q5"], "subject_label": "Land", "relation": "P36",
    "subject_type": "country", "answer_aliases": ["Ortschaft"], "subject": "Land", "is_recent": False, "rank": 1.5,
}  # fmt: skip
_SUM = {
    "id": "low-0", "question": "2 + 2?", "answer": "4", "answer_number": 4, "level": "Level 1", "language": "en", "problem": "1+1",
    "solution": "\\boxed{2}", "extra_info": {"question": "q"}, "messages": [{"role": "user", "content": "3 + 3?"}],
}  # fmt: skip
_EXAM = {
    "Question": "Why?", "question": "Why?", "A": "a", "B": "b", "C": "c", "D": "d", "Answer": "B", "answer": 1, "Subject": "law",
    "subject": "law", "choices": ["a", "b", "c", "d"], "options": ["a", "b", "c", "d"], "flores_passage": "Text.", "correct_answer_num": "2",
    "link": "x", "question_number": 1, "mc_answer1": "a", "mc_answer2": "b", "mc_answer3": "c", "mc_answer4": "d", "sample_id": "law/1",
}  # fmt: skip
_KLAR = {
    "relation_name": "capital", "relation_id": "P36", "prompt_templates": ["<subject>: <mask>.", "Of <subject> is <mask>"],
    "samples": [{"subject": "Land", "object": "Ort", "object_candidates": "Ort, Berg", "index": 1, "subject_en": "Land", "object_en": "Ort"}],
}  # fmt: skip
_MLAMA = {"Prompt": "The capital of Land is <mask>.", "Ans": "Ort", "Candidate Ans": "Ort, Berg", "x": "1"}
_PARALLEL = {"fact_id": "Q1|P36|Q2", "translations": {"en": _FACT, "de": _FACT}, "split": "test", "n_langs": 2}
#: Task and the file of one language in its folder.
_TASKS = (
    ("polyfact", "en/test"), ("polyfact", "en/test-00000-of-00001"), ("polyfact_leaky", "leaky/test"), ("polyfact_masked", "en/test"),
    ("polyfact_free", "en/test"), ("klar", "en/capital"), ("bmlama17", "en"), ("mgsm_original", "mgsm_en"), ("mgsm", "en/test"),
    ("msvamp", "test_English"), ("gsm8k", "en/test"), ("math500", "en/test"), ("mmmlu", "test/mmlu"), ("mmlu", "all/test"),
    ("belebele", "data/eng_Latn"), ("global_mmlu_lite", "en/test"), ("xreasoning_aime24", "data/en-00000"), ("polymath", "en/low"),
    ("include", "en/test"), ("eclektic", "eclektic_main"), ("mmath", "mmath/en"), ("alpaca_eval", "alpaca_eval"),
)  # fmt: skip
_MODELS = (_FACT, _SUM, _EXAM, _KLAR, _PARALLEL, _MLAMA)


def seeds() -> list[bytes]:
    """Return inputs for every layout, reader and task, whole and damaged."""
    readers = 4 + len(_TASKS)
    whole = [
        bytes([reader, ending, model, 2])
        for reader in range(readers)
        for ending in range(5)
        for model in range(len(_MODELS))
    ]
    return whole + [bytes([n % readers, n % 5, n % 6, 2, 1 + n % 3, n, n % 8, n, 5, n]) for n in range(0, 250, 3)]


def one_input(data: bytes) -> None:
    """Write a file made from the bytes and read it."""
    choices = Choices(data)
    reader, ending = choices.below(4 + len(_TASKS)), choices.pick(ENDINGS)
    root = folder() / "set"
    shutil.rmtree(root, ignore_errors=True)
    task, name = _TASKS[reader - 4] if reader >= 4 else ("", "en/train")
    path = root / f"{name}{ending}"
    path.parent.mkdir(parents=True)
    plain = _write(path, choices)
    if reader == 0:
        _check_rows(path, plain)
    elif reader == 1:
        given = choices.pick(("", "question", "translations.en.question", "a.b", "option_a"))
        found, error = outcome(read_set, path.parent, SetColumns(question=given, lang=choices.pick(("", "de", "xx"))))
        if error is None and not all(item.text.strip() for item in found.items):
            raise Finding("an item without a text")
    elif reader == 2:
        outcome(lambda: list(rows_of(path)))
        outcome(read_trained_facts, root)
    elif reader == 3:
        outcome(read_rows, path, columns=("question", "answer"))
    else:
        _load(task, root)


def _load(name: str, root: Path) -> None:
    loaded, error = outcome(load_task, TASKS[name], root, ["en", "de"], None, 0)
    if error is not None:
        return
    for items in loaded.items.values():
        for item in items:
            if not isinstance(item.question, str) or not isinstance(item.gold, str) or not item.item_id:
                raise Finding(f"an item without question, answer or id: {item}")
            if item.choices and item.gold_index is not None and not 0 <= item.gold_index < len(item.choices):
                raise Finding(f"a right option that is not there: {item}")
            to_json = json.dumps([item.question, item.gold, item.choices, dict(item.groups)], ensure_ascii=False)
            to_json.encode()  # a half surrogate pair would end a run when it is written


# --- files ------------------------------------------------------------------------------------------------------------


def _write(path: Path, choices: Choices) -> list[Any] | None:
    """Write a file and return its rows; None where its bytes were changed or where it has no rows of objects."""
    model = choices.pick(_MODELS)
    rows: list[Any] = [{**model} for _ in range(1 + choices.below(3))]
    for place, row in enumerate(rows):
        for key in ("fact_id", "id", "sample_id"):
            if key in row and place:
                row[key] = f"{row[key]}{place}" if key != "fact_id" else f"Q{place}1|P36|Q2"
    kind = choices.below(6)
    if kind in (1, 2, 3):
        for _ in range(kind):
            place = choices.below(len(rows))
            rows[place] = damaged(rows[place], choices)
    content = _bytes(rows, path.suffix, choices)
    if kind == 4:
        content = damaged_bytes(content, choices)
    if kind == 5:
        content = choices.rest()
    path.write_bytes(content)
    return rows if kind < 4 and all(isinstance(row, dict) for row in rows) else None


def _bytes(rows: list[Any], suffix: str, choices: Choices) -> bytes:
    if suffix == ".parquet":
        return _parquet(rows, choices)
    if suffix in (".csv", ".tsv"):
        text = io.StringIO(newline="")
        names = list(rows[0]) if isinstance(rows[0], dict) else ["a"]
        how: dict[str, Any] = (
            {} if suffix == ".csv" else {"delimiter": "\t", "quoting": csv.QUOTE_NONE, "escapechar": "\\"}
        )
        writer = csv.writer(text, lineterminator=choices.pick(("\n", "\r\n")), **how)
        writer.writerows([names, *([_plain(row.get(name)) for name in names] for row in rows if isinstance(row, dict))])
        return to_bytes(text.getvalue())
    if suffix == ".jsonl" or choices.below(2):
        return b"".join(to_bytes(json_text(row, choices).replace("\n", " ")) + b"\n" for row in rows)
    return to_bytes(json_text(rows if len(rows) > 1 else rows[0], choices))


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _parquet(rows: list[Any], choices: Choices) -> bytes:
    kinds: list[Any] = [
        None,
        pa.large_string(),
        pa.dictionary(pa.int8(), pa.string()),
        pa.binary(),
        pa.timestamp("s"),
        pa.decimal128(5),
    ]
    kinds += [
        pa.duration("ns"),
        pa.null(),
        pa.bool_(),
        pa.uint64(),
        pa.float16(),
        pa.string_view(),
        pa.list_(pa.string()),
    ]
    columns, changed = {}, choices.below(4)
    names = list(rows[0]) if isinstance(rows[0], dict) else ["a"]
    for name in names:
        values = [row.get(name) if isinstance(row, dict) else row for row in rows]
        kind = choices.pick(kinds) if changed and choices.below(5) == 4 else None
        columns[name] = _array(values, kind)
    schema = list(columns)
    if changed == 3:
        schema = [schema[0] if place == choices.below(len(schema)) else name for place, name in enumerate(schema)]
    buffer = io.BytesIO()
    try:
        parquet.write_table(pa.Table.from_arrays(list(columns.values()), names=schema), buffer, compression="none")
    except (pa.ArrowException, UnicodeEncodeError):
        return b"PAR1"
    return buffer.getvalue()


def _array(values: list[Any], kind: Any) -> Any:
    texts = [None if value is None else json.dumps(value) for value in values]
    for given, of in ((values, kind), (values, None), (texts, None)):
        try:
            if of is not None and pa.types.is_timestamp(of):
                return pa.array([10**14 for _ in values], pa.int64()).cast(of)
            if of is not None and pa.types.is_binary(of):
                return pa.array([b"\xff" + str(value).encode() for value in values], of)
            return pa.array(given, of) if of is None else pa.array(given).cast(of)
        except (pa.ArrowException, UnicodeEncodeError, OverflowError, ValueError, TypeError):
            continue
    return pa.nulls(len(values))


# --- another reading --------------------------------------------------------------------------------------------------


def _check_rows(path: Path, plain: list[Any] | None) -> None:
    """The rows are all there, in order, with the values of another reading of the same file."""
    rows, error = outcome(read_rows, path)
    if error is not None:
        if str(path) not in str(error):
            raise Finding(f"the error does not name the file: {error}")
        return
    if [row.number for row in rows] != list(range(1, len(rows) + 1)):
        raise Finding("rows are not numbered from 1")
    expected = _again(path, plain)
    if expected is not None and json.dumps([row.values for row in rows], default=str) != json.dumps(
        expected, default=str
    ):
        raise Finding(f"{[dict(row.values) for row in rows]} were read of {expected}")
    for row in rows[:3]:
        for name in list(row.values)[:4]:
            outcome(row.text, name)
            outcome(row.index, (name,), 4)


def _again(path: Path, plain: list[Any] | None) -> list[Any] | None:
    if path.suffix == ".parquet":
        return parquet.ParquetFile(path).read().to_pylist()
    if path.suffix == ".csv" and plain is not None:
        again = csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""))
        return [{name.strip(): value for name, value in row.items()} for row in again]
    if path.suffix == ".jsonl":
        lines = [line for line in path.read_bytes().decode("utf-8-sig").split("\n") if line.strip()]
        no_number = {"NaN": None}  # what pandas writes for a value that is not there
        return [
            json.loads(line, parse_int=str, parse_float=str, parse_constant=lambda name: no_number.get(name, name))
            for line in lines
        ]
    return None


if __name__ == "__main__":
    main(one_input, seeds())
