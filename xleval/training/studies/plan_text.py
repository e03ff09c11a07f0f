"""A plan for people: arms, what they cost, what is left out, and every command line that can be repeated by hand."""

import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from xleval.data.plurals import counted
from xleval.training.studies.cost.steps import Cost
from xleval.training.studies.records import Arm, Plan, Step, StepKind
from xleval.training.studies.running.manifest import options_as_json, plan_as_json

_KINDS: Mapping[StepKind, tuple[str, str]] = {
    "data": ("data set", "data sets"), "overlap": ("overlap check", "overlap checks"),
    "traces": ("set of traces", "sets of traces"), "train": ("training", "trainings"), "run": ("run", "runs"),
    "grid": ("decoding grid", "decoding grids"), "probe": ("probe", "probes"), "judge": ("judging", "judgings"),
    "compare": ("comparison", "comparisons"), "transfer": ("set of transfer figures", "sets of transfer figures"),
}  # fmt: skip
#: Headings of the command lines.
_SECTIONS: Mapping[StepKind, str] = {
    "data": "data sets", "overlap": "what training and test sets share", "traces": "traces of a teacher",
    "train": "trainings", "run": "evaluations", "grid": "decoding grids", "probe": "probes before and after",
    "judge": "judged answers", "compare": "paired comparisons", "transfer": "transfer between languages",
}  # fmt: skip
_SMOKE = "smoke: shows the machinery on two CPU cores, not the finding"


def render_plan(plan: Plan, costs: Mapping[str, Cost]) -> str:
    """Return the plan as text: a table of arms, totals, what is left out."""
    options = plan.options
    trained = [arm for arm in plan.arms if arm.kind]
    lines = [
        f"study {options.study} · model {options.model} · budget {_SMOKE if options.is_smoke else options.budget}",
        f"{_arms(trained)} · trained on {', '.join(plan.seen) or 'nothing'} · also evaluated on {', '.join(plan.unseen) or 'nothing else'}",
        "",
        *_table([_HEAD, *(_row(plan, arm, costs) for arm in plan.arms)]),
        "",
        *_totals(plan, costs),
    ]
    if plan.notes:
        lines += ["", "left out, or done otherwise:", *(f"- {note}" for note in plan.notes)]
    return "\n".join(lines) + "\n"


def _arms(trained: Sequence[Arm]) -> str:
    seeds = max((len(arm.seeds) for arm in trained), default=0)
    each = f", {counted(seeds, 'training seed')} each" if trained else ""
    return f"{counted(len(trained), 'trained arm')}{each}"


_HEAD = ("arm", "what", "begins with", "languages", "seeds", "steps", "rows", "hours")


def _row(plan: Plan, arm: Arm, costs: Mapping[str, Cost]) -> tuple[str, ...]:
    mine = [step for step in plan.steps if step.arm == arm.name and step.kind in ("train", "run", "grid")]
    trainings = [costs[step.name] for step in mine if step.kind == "train"]
    first = trainings[0] if trainings else Cost()
    known = [cost.hours for step in mine if (cost := costs[step.name]).hours is not None]
    hours = _hours(sum(known), more=len(known) < len(mine)) if known else "not known" if mine else "0"
    begins = arm.after or arm.model or ("" if not arm.kind else plan.options.model)
    return (
        arm.name, f"{arm.kind} {arm.recipe}".strip() or arm.label, begins, ",".join(arm.langs) or "-",
        str(len(arm.seeds)) if arm.kind else "-", _amount(first.n_steps, bool(trainings)),
        _amount(first.n_rows, bool(trainings)), hours,
    )  # fmt: skip


def _amount(number: int | None, applies: bool) -> str:
    return "-" if not applies else "?" if number is None else f"{number:,}"


def _hours(hours: float, *, more: bool) -> str:
    """Return hours, or minutes below one; `more`: something in it is not known, so that it is at least this."""
    text = f"{hours:,.0f} h" if hours >= 10 else f"{hours:.1f} h" if hours >= 1 else f"{hours * 60:.0f} min"
    return f"≥ {text}" if more else text


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines with aligned columns; a long cell of a column is not cut."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _totals(plan: Plan, costs: Mapping[str, Cost]) -> list[str]:
    total = totals(plan, costs)
    counted = [f"{n} {_KINDS[kind][n != 1]}" for kind, n in total["steps"].items()]
    where = "two CPU cores" if plan.options.is_smoke else "one GPU"
    hours = "time not known"
    if total["hours"] is not None:
        hours = f"about {_hours(total['hours'], more=bool(total['unknown']))} of {where}"
    if total["unknown"] and total["hours"] is not None:
        hours += f" ({total['unknown']} steps not known)"
    memory = f"largest memory {total['memory_gb']:.0f} GB" if total["memory_gb"] is not None else "memory not known"
    disk = f"disk {total['disk_gb']:.1f} GB" if total["disk_gb"] is not None else "disk not known"
    basis = [f"hours: {text}" for text in total["basis"]]
    return [", ".join(counted), f"{hours} · {memory} · {disk}", *basis]


def totals(plan: Plan, costs: Mapping[str, Cost]) -> dict[str, Any]:
    """Return what the whole plan costs: steps by kind, hours, largest memory, disk; null where nothing is known."""
    found = [costs[step.name] for step in plan.steps]
    hours = [cost.hours for cost in found if cost.hours is not None]
    memory = [cost.memory_gb for cost in found if cost.memory_gb is not None]
    disk = [cost.disk_gb for cost in found if cost.disk_gb is not None]
    kinds = [step.kind for step in plan.steps]
    return {
        "steps": {kind: kinds.count(kind) for kind in _KINDS if kind in kinds},
        "hours": sum(hours) if hours else None,
        "unknown": sum(
            cost.hours is None
            for step, cost in zip(plan.steps, found, strict=True)
            if step.kind not in ("compare", "transfer", "overlap")
        ),
        "memory_gb": max(memory, default=None),
        "disk_gb": sum(disk) if disk else None,
        "basis": sorted({cost.basis for cost in found if cost.basis}),
    }


def render_commands(steps: Sequence[Step], files: Collection[Path] = ()) -> str:
    """Return every command line in the order in which they run, with a comment where a new kind begins.

    Args:
        steps: of the plan, or of a shard.
        files: small files of the plan that steps read; a dry run does not write them.
    """
    lines = ["", "# files that the study writes first", *(f"# {path}" for path in files)] if files else []
    kind = None
    for step in steps:
        if step.kind != kind:
            lines += ["", f"# {_SECTIONS[step.kind]}"]
            kind = step.kind
        lines.append(shell_line(step))
    return "\n".join(lines[1:]) + "\n"


def shell_line(step: Step) -> str:
    """Return the command line of a step as a shell takes it."""
    line = f"xleval {shlex.join(step.words)}"
    return line if step.stdout is None else f"{line} > {shlex.quote(str(step.stdout))}"


def plan_json(plan: Plan, costs: Mapping[str, Cost]) -> dict[str, Any]:
    """Return the plan with its costs as JSON values."""
    content = plan_as_json(plan)
    steps = [{**step, "cost": asdict(costs[step["name"]])} for step in content["steps"]]
    return {
        "options": {**options_as_json(plan.options), "out": str(plan.options.out)},
        **content,
        "steps": steps,
        "totals": totals(plan, costs),
    }
