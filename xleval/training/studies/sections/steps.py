"""How every figure of a study can be made again: its command lines, and what did not run."""

import shlex

from xleval.evalkit.figures.table import Cell, Table, columns_of
from xleval.evalkit.report.section import Section
from xleval.training.studies.found import Found


def plan_section(found: Found) -> Section:
    """Return every command line in order, the seconds of each step, the steps that failed, and what was left out."""
    plan = found.plan
    lines = list(plan.notes)
    lines += [f"Failed: {step}: {reason}" for step, reason in found.failed.items()]
    waiting = [
        step.name
        for step in plan.steps
        if found.seconds and step.name not in found.seconds and step.name not in found.failed
    ]
    lines += [f"Not run: {', '.join(waiting)}"] if waiting else []
    rows: list[tuple[Cell, ...]] = [
        (step.name, step.kind, found.seconds.get(step.name), _state(found, step.name)) for step in plan.steps
    ]
    columns = columns_of(Step="text", Kind="text", Seconds="number", State="text")
    table = Table(name="steps", caption="The steps and their wall time.", columns=columns, rows=tuple(rows))
    code = [
        shlex.join(["xleval", *step.words]) + (f" > {shlex.quote(str(step.stdout))}" if step.stdout else "")
        for step in plan.steps
    ]
    return Section(
        name="plan", title="Every step, to be repeated by hand",
        lines=("Each step is one command line, run in this order", *lines), code=tuple(code), further_tables=(table,),
    )  # fmt: skip


def _state(found: Found, step: str) -> str:
    if step in found.failed:
        return "failed"
    return "finished" if step in found.seconds else "not run"
