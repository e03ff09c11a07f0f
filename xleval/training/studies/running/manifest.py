"""`study.json` and the records of steps: what a study is, and how far it is; folders can be moved."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import xleval
from xleval.data.storage import claim_folder, make_folder, read_json, write_json
from xleval.errors import ConfigError, DataError
from xleval.evalkit.shapes import unlike
from xleval.training.studies.layout import MANIFEST, log_file, record_file
from xleval.training.studies.records import Plan, Step, StudyOptions
from xleval.training.studies.running.record_schema import SCHEMA, STEP_SCHEMA, StepJson

LOCK = "study.lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """What is known of a step that was begun.

    Attributes:
        name: of the step.
        words: of its command line, without `--resume`.
        out: folder of the study at that time, as it stands in the words.
        finished: it ended with exit code 0 or 3.
        exit_code: of its last call; None while it runs, or where it was killed with the study.
        seconds: wall time of all its calls that ended.
        reason: why it is not finished, or what it noted; empty else.
        version: of xleval.
    """

    name: str
    words: tuple[str, ...]
    out: str
    finished: bool = False
    exit_code: int | None = None
    seconds: float = 0.0
    reason: str = ""
    version: str = xleval.__version__

    @property
    def failed(self) -> bool:
        """Whether its last call ended without a result."""
        return not self.finished and self.exit_code is not None


def options_as_json(options: StudyOptions) -> dict[str, Any]:
    """Return what was asked for as JSON values, without the folder: that can be moved."""
    values: dict[str, Any] = {
        key: list(value) if isinstance(value, tuple) else value for key, value in asdict(options).items()
    }
    del values["out"]
    return {**values, "data": dict(options.data), "pairs": str(options.pairs) if options.pairs else None}


def claim_study(plan: Plan, *, resume: bool) -> None:
    """Make the folder that of one study.

    Raises:
        ConfigError: it holds something else, a study of other options, or this one without `resume`.
        DataError: it cannot be written, or its manifest is damaged.
    """
    out = make_folder(plan.options.out)
    config = {"schema": SCHEMA, "options": options_as_json(plan.options)}
    if any(path.name != LOCK for path in out.iterdir()):
        claim_folder(out, manifest=MANIFEST, config=config, resume=resume)


def check_folder(plan: Plan, *, resume: bool) -> None:
    """Refuse, before minutes of planning, the folder that `claim_study` would refuse; none is made.

    Raises:
        ConfigError, DataError: as `claim_study`.
    """
    out = plan.options.out
    if out.exists():
        claim_study(plan, resume=resume)
        return
    above = next(folder for folder in out.absolute().parents if folder.exists())
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        raise DataError(
            f"cannot make the folder {out}: {above} is no folder that can be written. Choose another with --out"
        )


def write_study(plan: Plan, *, finished: bool, shard: str = "", failed: Mapping[str, str] | None = None) -> None:
    """Write `study.json`: what is needed to repeat the study, and whether it is at its end.

    Args:
        plan: of the study.
        finished: every step is, but the failed ones and those that need them.
        shard: part of the study that was done here, such as `1/2`; empty for the whole.
        failed: step -> why there is no result.
    """
    content = {
        "config": {"schema": SCHEMA, "options": options_as_json(plan.options)},
        "finished": finished,
        "shard": shard,
        "out": str(plan.options.out),
        **plan_as_json(plan),
        "failed": dict(failed or {}),
        "environment": {
            "xleval": xleval.__version__, "python": platform.python_version(), "platform": platform.platform(),
        },
    }  # fmt: skip
    write_json(plan.options.out / MANIFEST, content)


def plan_as_json(plan: Plan) -> dict[str, Any]:
    """Return arms, steps, languages and notes of a plan as JSON values."""
    return {
        "arms": [asdict(arm) for arm in plan.arms],
        "steps": [step_as_json(step) for step in plan.steps],
        "files": {str(path): text for path, text in plan.files.items()},
        "seen": list(plan.seen),
        "unseen": list(plan.unseen),
        "notes": list(plan.notes),
    }


def step_as_json(step: Step) -> dict[str, Any]:
    """Return a step as JSON values."""
    return {
        "name": step.name, "kind": step.kind, "arm": step.arm, "seed": step.seed, "words": list(step.words),
        "out": str(step.out), "stdout": str(step.stdout) if step.stdout else None, "after": list(step.after),
        "resumes": step.resumes, "optional": step.optional,
    }  # fmt: skip


def write_record(out: Path, record: StepRecord) -> None:
    """Write what is known of a step."""
    path = record_file(out, record.name)
    make_folder(path.parent)
    write_json(path, {"schema": STEP_SCHEMA, **asdict(record)})


def read_record(out: Path, name: str) -> StepRecord | None:
    """Return what is known of a step; None where it was not begun.

    Raises:
        DataError: the record is damaged.
    """
    path = record_file(out, name)
    if not path.is_file():
        return None
    found = read_json(path)
    problem = f"schema {found.get('schema')!r}, needed is {STEP_SCHEMA}" if found.get("schema") != STEP_SCHEMA else None
    if problem := problem or unlike(found, StepJson):
        raise DataError(
            f"{path}: {problem}. If the log beside it says that the step was finished, nothing is lost by removing the "
            "step's result and this record: --resume makes it again"
        )
    values = {key: found[key] for key in StepJson.__annotations__ if key != "schema"}
    return StepRecord(**{**values, "words": tuple(found["words"])})


def records_of(plan: Plan) -> dict[str, StepRecord]:
    """Return what is known of the steps of a plan that were begun; their words are those of the plan.

    Raises:
        ConfigError: a step was made with other words.
        DataError: a record is damaged.
    """
    out = plan.options.out
    found = {}
    for step in plan.steps:
        record = read_record(out, step.name)
        if record is None:
            continue
        found[step.name] = record
        if differing := first_difference(record.words, record.out, step.words, str(out)):
            old, new = differing
            raise ConfigError(
                f"step {step.name} was made with other words: there {old}, now {new}. Give the same options and the same "
                f"xleval (it was {record.version}, this is {xleval.__version__}) to go on, or choose a new --out; what "
                f"it printed: {log_file(out, step.name)}"
            )
    return found


def first_difference(old: Sequence[str], old_out: str, new: Sequence[str], new_out: str) -> tuple[str, str] | None:
    """Return the first words that differ between two command lines, apart from where the study's folder is."""
    ends = ["(nothing more)"]
    for before, after in zip([*old, *ends * (len(new) - len(old))], [*new, *ends * (len(old) - len(new))], strict=True):
        if before != after and marked(before, old_out) != marked(after, new_out):
            return repr(before), repr(after)
    return None


def marked(word: str, out: str, mark: str = "OUT") -> str:
    """Return a word with each place in the study's folder named from a mark in place of it.

    A recipe such as `clo/paper` is not in a folder `clo`, but looks so: words are compared as they are first.
    """
    beginnings = word.split(",")
    return ",".join("=".join(_marked(part, out, mark) for part in text.split("=")) for text in beginnings)


def _marked(text: str, out: str, mark: str) -> str:
    prefix, colon, rest = text.partition(":") if text.startswith("vllm:") or text.startswith("hf:") else ("", "", text)
    if rest == out or rest.startswith(f"{out}/"):
        rest = mark + rest[len(out) :]
    return prefix + colon + rest
