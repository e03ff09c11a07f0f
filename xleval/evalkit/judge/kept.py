"""What a finished judging found, read again by `xleval judge --resume`."""

from pathlib import Path
from typing import TypedDict, cast

from xleval.data.storage import read_json
from xleval.errors import DataError
from xleval.evalkit.judge.schema import JUDGE, SCHEMA, JudgeJson
from xleval.evalkit.shapes import unlike


class _Before(TypedDict):
    wrong_language: list[int]
    empty: list[int]
    truncated: list[int]


class _Settings(TypedDict):
    seed: int
    cut: str
    resamples: int


class _Model(TypedDict):
    backend: str
    max_tokens: int


def kept_judging(out: Path) -> JudgeJson | None:
    """Return what was found before; None where the file is gone or damaged, as the journals give it again."""
    try:
        found = read_json(out / JUDGE)
    except DataError:
        return None
    if found.get("schema") != SCHEMA or unlike(found, JudgeJson):
        return None
    kept = cast(JudgeJson, found)
    return kept if _has_what_is_shown(kept) else None


def _has_what_is_shown(found: JudgeJson) -> bool:
    """Return whether objects of free keys and lists of a fixed length hold what is printed."""
    rows = [row for each in found["judges"] for task in each["tasks"] for row in task["rows"]]
    if len(found["runs"]) != 2 or any(len(row["off_target"]) != 2 for row in rows):
        return False
    return not (
        unlike(found["signature"], _Settings)
        or any(unlike(each["judge"]["signature"], _Model) for each in found["judges"])
        or any(unlike(row["before"], _Before) for row in rows)
    )
