"""Outcomes as JSON objects, as they stand in a journal and as a remote worker sends them."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from xleval.errors import DataError
from xleval.evalkit.requests import ChoiceScores, Completion, Outcome, Unscored
from xleval.evalkit.sample_columns import is_a

_OUTCOMES: Mapping[str, type[Outcome]] = {kind.__name__: kind for kind in (ChoiceScores, Completion, Unscored)}


def to_row(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as it stands in the journal."""
    return {"type": type(outcome).__name__, **asdict(outcome)}


def from_row(row: Mapping[str, Any]) -> Outcome:
    """Return the outcome of a row of the journal.

    Raises:
        DataError: another version wrote it.
    """
    kind = _OUTCOMES.get(str(row.get("type")))
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in row.items() if name != "type"
    }
    try:
        if kind is None:
            raise TypeError("unknown type")
        found = kind(**values)
        if not _is_whole(found):
            raise TypeError("a value of another type")
        return found
    except TypeError as error:
        raise DataError(
            f"the journal holds an outcome of type {row.get('type')!r:.60} that this version cannot read. "
            "Run again into another --out"
        ) from error


def _is_whole(outcome: Outcome) -> bool:
    """Return whether the values of an outcome have the types that its class states."""
    if not isinstance(outcome.key, str):
        return False
    if isinstance(outcome, ChoiceScores):
        lists = (outcome.sum_logprobs, "list of float"), (outcome.n_tokens, "list of int")
        return all(is_a(value, wanted) for value, wanted in lists) and len(outcome.n_tokens) in (
            0,
            len(outcome.sum_logprobs),
        )
    if isinstance(outcome, Completion):
        return (
            isinstance(outcome.text, str)
            and outcome.finish_reason in ("stop", "length")
            and is_a(outcome.n_tokens, "int?")
        )
    return isinstance(outcome.reason, str)
