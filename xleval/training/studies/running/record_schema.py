"""The shape of the record of a step, schema `xleval.step/1`: `steps/NAME.json` in the folder of a study."""

from typing import TypedDict

SCHEMA = "xleval.study/1"
STEP_SCHEMA = "xleval.step/1"


class StepJson(TypedDict):
    """A step that was begun; see `manifest.StepRecord`."""

    schema: str
    name: str
    words: list[str]
    out: str
    finished: bool
    exit_code: int | None
    seconds: float
    reason: str
    version: str
