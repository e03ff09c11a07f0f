"""The arms of a study with their main figures: what a reader looks for first."""

from collections.abc import Sequence

from xleval.evalkit.figures.table import Cell, Table, columns_of
from xleval.evalkit.report.section import Section
from xleval.training.studies.found import Found
from xleval.training.studies.records import Arm
from xleval.training.studies.sections.arm_tables import Wanted, arms_table
from xleval.training.studies.sections.charts import groups_chart
from xleval.training.studies.sections.figures import groups_of, tasks_of
from xleval.training.studies.sections.measures import Measure

_CAPTION = (
    "The arms of the study. A control rules an explanation out, an ablation changes one thing of a method; of seeds those "
    "that are trained."
)
#: Beside accuracy over seen and unseen languages, in this order, where a task has them.
_OVER_ALL: tuple[tuple[str, Measure], ...] = (
    ("Right in all languages", "right in all languages"), ("RankC", "RankC"), ("In language", "in language"),
    ("Unscored", "unscored"),
)  # fmt: skip
#: Tasks whose figures stand open; those of the others are folded.
_OPEN_TASKS = 3


def overview_section(found: Found) -> Section:
    """Return the arms: role, languages, seeds, steps; and by task the main figures over seen and unseen languages."""
    tasks = tasks_of(found)
    tables = [figures for task in tasks if (figures := main_table(found, task)) is not None]
    charts = [
        chart
        for task in tasks
        if (chart := groups_chart(found, f"overview-{task}", f"{task}: accuracy of the arms", task=task, groups=_groups(found)))
    ]  # fmt: skip
    return Section(
        name="overview", title="Arms and main figures", lines=tuple(_lines(found)),
        tables=(arms_record_table(found), *tables[:_OPEN_TASKS]), charts=tuple(charts[:_OPEN_TASKS]),
        further_tables=tuple(tables[_OPEN_TASKS:]), further_charts=tuple(charts[_OPEN_TASKS:]),
    )  # fmt: skip


def main_table(found: Found, task: str) -> Table | None:
    """Return the main figures of every arm on a task; None where no arm has one."""
    columns: list[Wanted] = [
        (f"Accuracy, {heading}" if heading else "Accuracy", task, langs, "accuracy")
        for heading, langs in _groups(found).items()
    ]
    columns += [(heading, task, (), measure) for heading, measure in _OVER_ALL]
    said = "; ".join(f"{heading}: {', '.join(langs)}" for heading, langs in groups_of(found).items())
    return arms_table(
        found,
        f"overview-{task}",
        f"{task}: main figures of the arms, means over languages ({said or 'all'}).",
        columns=columns,
    )


def arms_record_table(found: Found) -> Table:
    """Return what every arm is: how it is trained, in what, from what, and how far it came."""
    rows: list[tuple[Cell, ...]] = [
        (
            arm.label, arm.role, arm.kind or "–", arm.recipe or "–", begins_with(found, arm),
            ", ".join(arm.langs) or "–", _trained(found, arm), _steps(found, arm),
        )
        for arm in found.plan.arms
    ]  # fmt: skip
    columns = columns_of(
        Arm="text", Role="text", Training="text", Recipe="text", Begins_with="text", Languages="text", Seeds="text",
        Steps="text",
    )  # fmt: skip
    return Table(name="arms", caption=_CAPTION, columns=columns, rows=tuple(rows))


def begins_with(found: Found, arm: Arm) -> str:
    """Return what an arm begins with: another arm, or a model by the last part of its name."""
    if arm.after:
        return found.plan.arm(arm.after).label
    return (arm.model or found.plan.options.model).rstrip("/").rsplit("/", 1)[-1]


def _groups(found: Found) -> dict[str, Sequence[str]]:
    return dict(groups_of(found)) or {"": ()}


def _trained(found: Found, arm: Arm) -> str:
    if not arm.seeds:
        return "–"
    done = sum((arm.name, seed) in found.trainings for seed in arm.seeds)
    return str(done) if done == len(arm.seeds) else f"{done} of {len(arm.seeds)}"


def _steps(found: Found, arm: Arm) -> str:
    outcomes = [found.trainings[arm.name, seed]["outcome"] for seed in arm.seeds if (arm.name, seed) in found.trainings]
    steps = sorted({int(outcome["steps"]) for outcome in outcomes if outcome})
    return " to ".join(map(str, dict.fromkeys([steps[0], steps[-1]]))) if steps else "–"


def _lines(found: Found) -> list[str]:
    options = found.plan.options
    groups = groups_of(found)
    lines = [f"Base model: {options.model}; budget: {options.budget}; protocol: {options.protocol}"]
    if groups:
        said = "; ".join(f"{heading}: {', '.join(langs)}" for heading, langs in groups.items())
        lines.append(f"Languages {said}. Means give each language the same weight and speak of these languages only")
    return lines
