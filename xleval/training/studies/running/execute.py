"""A plan is carried out: its steps one after the other, each an xleval process with a record; what is done stays done."""

import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from xleval.data.storage import make_folder, write_atomically
from xleval.errors import XlevalError
from xleval.evalkit.settings import Shard
from xleval.termination import stopped_by_sigterm
from xleval.training.out_lock import only_one
from xleval.training.studies.layout import log_file
from xleval.training.studies.records import Plan, Step
from xleval.training.studies.running.begun import clear_begun
from xleval.training.studies.running.call import call, last_error
from xleval.training.studies.running.manifest import (
    LOCK,
    StepRecord,
    claim_study,
    records_of,
    write_record,
    write_study,
)
from xleval.training.studies.running.merge_shards import bring, check_shards
from xleval.training.studies.running.shards import steps_of

#: Exit codes of a step that left its result; 3: something in it is unscored, or a data set misses something: counted apart.
DONE, INCOMPLETE = 0, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Executed:
    """What became of the steps of a plan.

    Attributes:
        steps: names of those that were to be done here.
        done: finished steps, those of earlier calls and of other shards included.
        failed: step -> why there is no result: it failed, or needs one that did.
        unscored: finished steps with something unscored.
        noted: finished data sets that miss something or are over a limit -> what they said.
        seconds: step -> wall time.
    """

    steps: tuple[str, ...]
    done: tuple[str, ...]
    failed: Mapping[str, str] = field(default_factory=dict)
    unscored: tuple[str, ...] = ()
    noted: Mapping[str, str] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)


def execute(
    plan: Plan,
    *,
    resume: bool,
    shard: Shard | None = None,
    merge: Sequence[Path] = (),
    say: Callable[[str], None] = lambda _: None,
    count: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> Executed:
    """Carry out the steps of a plan that are not finished, and return what became of all.

    Args:
        plan: of the study.
        resume: go on with what its folder holds.
        shard: only these of its arms, without what sets arms side by side; None for all.
        merge: folders in which shards of the same study were done, whose results are brought here first.
        say: is told what is done.
        count: is called with the steps that are done, all steps, and the name of the one that runs.

    Raises:
        ConfigError: the folder holds something else, another call writes there, or a step was made with other words.
        DataError: a file cannot be read or written, or two shards have different data.
        XlevalError: a step failed that others need; its last error line and its log are named.
        KeyboardInterrupt: stopped; with `resume` the study goes on.
    """
    check_shards(plan, merge)  # a wrong folder leaves nothing behind
    with only_one(plan.options.out, lock=LOCK, what="xleval study") as lock, stopped_by_sigterm():
        claim_study(plan, resume=resume)
        records = records_of(plan)  # before anything is written: a study of other words stays as it is
        write_study(plan, finished=False, shard=str(shard or ""))
        for path, text in plan.files.items():
            make_folder(path.parent)
            write_atomically(path, text)
        if merge:
            bring(plan, merge, say)
            records = records_of(plan)
        steps, done = steps_of(plan, shard), _Steps(plan, records, lock, say, count)
        done.do(steps)
        result = done.result(steps)
        write_study(plan, finished=shard is None, shard=str(shard or ""), failed=result.failed)
        return result


class _Steps:
    """The steps of a plan while they are done."""

    def __init__(
        self, plan: Plan, records: Mapping[str, StepRecord], lock: int, say: Callable[[str], None],
        count: Callable[[int, int, str], None],
    ) -> None:  # fmt: skip
        self._plan, self._lock, self._say, self._count = plan, lock, say, count
        self._records = dict(records)
        self._failed: dict[str, str] = {}

    def do(self, steps: Sequence[Step]) -> None:
        """Do the steps that are not finished, in their order."""
        self._failed = {}
        for number, step in enumerate(steps):
            self._count(number, len(steps), step.name)
            record = self._records.get(step.name)
            if record is not None and record.finished:
                continue
            missing = next((name for name in step.after if name in self._failed), None)
            if missing is not None:
                self._failed[step.name] = f"it needs {missing}, which failed"
                self._say(f"{step.name}: left out, {self._failed[step.name]}")
                continue
            self._say(f"{number + 1} of {len(steps)}: xleval {shlex.join(step.words)}")
            self._finish(step, self._one(step, record))
        self._count(len(steps), len(steps), "")

    def result(self, steps: Sequence[Step]) -> Executed:
        """Return what became of the steps."""
        done = {name: record for name, record in self._records.items() if record.finished}
        data = {step.name for step in self._plan.steps if step.kind == "data"}
        said = {name: record.reason for name, record in done.items() if record.exit_code == INCOMPLETE}
        return Executed(
            steps=tuple(step.name for step in steps),
            done=tuple(done),
            failed=dict(self._failed),
            unscored=tuple(name for name in said if name not in data),
            noted={name: reason for name, reason in said.items() if name in data},
            seconds={name: record.seconds for name, record in done.items()},
        )

    def _one(self, step: Step, before: StepRecord | None) -> StepRecord:
        """Call a step and return its record, which is written when it begins and when it ends."""
        out = self._plan.options.out
        record = StepRecord(name=step.name, words=step.words, out=str(out), seconds=before.seconds if before else 0.0)
        resumes = before is not None and clear_begun(step, out)
        write_record(out, record)
        log = log_file(out, step.name)
        make_folder(log.parent)
        make_folder(step.out.parent)
        kept = log.with_suffix(".out") if step.stdout else None
        begin, started = log.stat().st_size if log.exists() else 0, time.monotonic()
        code = call((*step.words, "--resume") if resumes else step.words, log=log, kept=kept, lock=self._lock)
        record = replace(
            record,
            exit_code=code,
            finished=code in (DONE, INCOMPLETE),
            seconds=record.seconds + time.monotonic() - started,
        )
        if record.finished and step.stdout and kept:
            make_folder(step.stdout.parent)
            write_atomically(step.stdout, kept.read_bytes())
        if kept:
            kept.unlink(missing_ok=True)
        if code != DONE:
            said = last_error(log, begin) or "it said nothing"
            record = replace(record, reason=said if code > 0 else f"ended by signal {-code}; last line: {said}")
        write_record(out, record)
        self._records[step.name] = record
        return record

    def _finish(self, step: Step, record: StepRecord) -> None:
        """Go on after a finished step, or an optional one that failed.

        Raises:
            XlevalError: a failed one that is not optional.
        """
        log = log_file(self._plan.options.out, step.name)
        if record.finished:
            if record.exit_code == INCOMPLETE:
                self._say(f"{step.name}: {record.reason}")
            return
        if not step.optional:
            raise XlevalError(
                f"step {step.name} failed with exit code {record.exit_code}: {record.reason.removeprefix('xleval: ')}. "
                f"What it printed: {log}. When that is put right, the same command with --resume goes on"
            )
        self._failed[step.name] = record.reason.removeprefix("xleval: ")
        self._say(f"{step.name} failed, the study goes on without it: {record.reason}. What it printed: {log}")
