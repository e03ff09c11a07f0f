"""Journals of a run: what is read equals a plain reading of the same lines, and a run resumed on it answers every request.

An input decides which entries a journal has and what is done to them: damage within an entry, with and without a checksum
that fits, and damage to the bytes of the file.
"""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from tests.fuzz.harness import Choices, Finding, damaged, damaged_bytes, folder, json_text, main, outcome, to_bytes
from xleval.data.journal import Journal
from xleval.errors import DataError
from xleval.evalkit.answering import answer, has_unscored
from xleval.evalkit.backends.mock import MockModel
from xleval.evalkit.outcome_rows import from_row, to_row
from xleval.evalkit.requests import ChoiceRequest, Encoded, GenerateRequest, Outcome, Sampling, Unscored
from xleval.evalkit.scoring import scored_sample
from xleval.evalkit.task import LoadedTask, TaskOptions, load_task
from xleval.tasks import TASKS

FINGERPRINT = {"backend": "mock", "model": "mock"}


def seeds() -> list[bytes]:
    """Return inputs that reach every kind of entry and of damage."""
    found = [bytes([kind, n, *range(n)]) for kind in range(4) for n in (1, 3)]
    found += [
        bytes([1, 2, 3, place, kind, value]) for place in (0, 9, 40) for kind in (0, 4, 7) for value in range(0, 90, 7)
    ]
    return [*found, b"\x03" + _line(next(iter(_entries()))), b"\x03\n\n", b"\x03" + b"[" * 3000 + b"\n"]


def one_input(data: bytes) -> None:
    """Read a journal made from the bytes, and go on with the run that it stands for."""
    choices = Choices(data)
    path = folder() / "journal.jsonl"
    content = _content(choices)
    path.write_bytes(content)
    expected = plainly(content)
    journal, error = outcome(Journal, path)
    if isinstance(expected, int):
        if error is None or f"line {expected} is damaged" not in str(error):
            raise Finding(f"line {expected} is damaged, and the journal says {error}")
        return
    if error is not None:
        raise Finding(f"the journal is in order, and was refused: {error}")
    with journal:
        if journal.rows != expected:
            raise Finding("the journal has other rows than its lines")
    if path.read_bytes() != content[: content.rfind(b"\n") + 1]:
        raise Finding("reading cut more than the torn last line")
    _go_on(path, expected)


def plainly(content: bytes) -> dict[str, Any] | int:
    """Return the rows of the whole lines, the last one of a key, or the number of the first damaged line."""
    rows: dict[str, Any] = {}
    for number, line in enumerate(content.split(b"\n")[:-1], start=1):
        try:
            entry = json.loads(line)
            text = json.dumps(entry["rows"], sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
            if hashlib.sha256(text.encode()).hexdigest() != entry["sha256"]:
                return number
            if not all(isinstance(row, dict) for row in entry["rows"].values()) or depth(entry) > 100:
                return number
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return number
        rows.update(entry["rows"])
    return rows


def depth(value: Any) -> int:
    """Return how many lists and objects are within each other."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


def _go_on(path: Path, rows: dict[str, Any]) -> None:
    """Resume the run: each request has one outcome, that of the journal where it was answered there."""
    outcome(has_unscored, path)
    taken: dict[int, Outcome] = {}
    _, error = outcome(answer, MockModel(), list(_requests()), FINGERPRINT, path, taken.__setitem__)
    if error is not None:
        if all(_readable(row) for row in rows.values()):
            raise Finding(f"every row can be read, and the run was refused: {error}")
        return
    if sorted(taken) != list(range(len(_requests()))):
        raise Finding(f"outcomes of {sorted(taken)}, of {len(_requests())} requests")
    for found in taken.values():
        if isinstance(found, Unscored):
            raise Finding("the mock model answers everything")
    loaded = _loaded()
    places = [(lang, item) for lang, items in loaded.items.items() for item in items]
    for index, (lang, item) in enumerate(places):
        outcome(
            scored_sample, loaded.task, item, lang, _requests()[index], taken[index],
            sample_index=0, prefill="", asked_lang=None, detectors=None,
        )  # fmt: skip


def _readable(row: dict[str, Any]) -> bool:
    try:
        from_row(row)
    except DataError:
        return False
    return True


@cache
def _loaded() -> LoadedTask:
    return load_task(TASKS["sample"], None, ("en", "ar"), 2)


@cache
def _requests() -> list[Encoded]:
    loaded = _loaded()
    options = TaskOptions(sampling=Sampling(max_tokens=20))
    asked: list[GenerateRequest | ChoiceRequest] = [
        loaded.task.request(item, lang, options, loaded.shots.get(lang, ()))
        for lang, items in loaded.items.items()
        for item in items
    ]
    asked.append(ChoiceRequest(key="facts/en/1", context="Capital?", continuations=(" Paris", " Rome")))
    return MockModel().encode(asked)


@cache
def _entries() -> list[dict[str, Any]]:
    """Return the rows of each line of an unbroken run, and lines with what it may also hold."""
    path = folder() / "unbroken.jsonl"
    answer(MockModel(batch_size=2), list(_requests()), FINGERPRINT, path, lambda index, found: None)
    lines = [json.loads(line)["rows"] for line in path.read_text(encoding="utf-8").splitlines()]
    keys = [key for rows in lines for key in rows]
    failed = {keys[0]: to_row(Unscored(key=lines[0][keys[0]]["key"], reason="server said 500"))}
    return [*lines, failed, {}, {"elsewhere": {"type": "Other"}}]


def _content(choices: Choices) -> bytes:
    way = choices.below(4)
    if way == 3:
        return choices.rest()
    lines = []
    for _ in range(1 + choices.below(5)):
        rows = choices.pick(_entries())
        if choices.below(4) == 3:
            rows = damaged(rows, choices)
        lines.append(_line(rows, choices))
    content = b"".join(lines)
    for _ in range(choices.below(3) if way == 2 else 0):
        content = damaged_bytes(content, choices)
    return content


def _line(rows: Any, choices: Choices | None = None) -> bytes:
    """Return a line with a checksum that fits where the rows can have one; sometimes with one that does not."""
    digest = "0" * 64
    try:
        value = json.loads(json_text(rows))
        text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        digest = hashlib.sha256(text.encode()).hexdigest()
    except (ValueError, RecursionError):
        pass  # nobody can write such rows
    entry: Any = {"rows": rows, "sha256": digest}
    if choices is None:
        return to_bytes(json_text(entry) + "\n")
    if choices.below(12) == 11:
        entry = damaged(entry, choices)
    return to_bytes(json_text(entry, choices).replace("\n", " ") + "\n")


if __name__ == "__main__":
    main(one_input, seeds())
