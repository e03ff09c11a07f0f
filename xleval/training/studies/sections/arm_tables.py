"""Tables of arms: a row for each arm, for each of its languages, or for each cell of a decoding grid."""

from collections.abc import Sequence

from xleval.evalkit.figures.table import Cell, Column, Table, Unit
from xleval.training.studies.found import Found
from xleval.training.studies.sections.figures import (
    Kept,
    arm_figure,
    arms_of,
    detector_of,
    languages_of,
    over_seeds,
    runs_of,
)
from xleval.training.studies.sections.measures import Measure, figure_of

#: Heading, task, languages (empty for all of the task), measure.
Wanted = tuple[str, str, Sequence[str], Measure]


def unit_of(measure: Measure) -> Unit:
    """Return how a measure is shown."""
    return "number" if measure == "mean tokens" else "percent"


def arms_table(
    found: Found, name: str, caption: str, *, columns: Sequence[Wanted], arms: Sequence[str] = (),
    kept: Kept = "results", facts: Sequence[str] = (),
) -> Table | None:  # fmt: skip
    """Return a row for each arm with the wanted figures; None where no arm has one.

    Columns without any figure are left out, and arms that were asked none of the tasks. Where arms were asked in unlike
    languages, a column names them and the caption says that such means are not to be compared.

    Args:
        found: the study.
        name, caption: of the table; what the intervals are over is added to the caption.
        columns: heading, task, languages (empty for all of the task), measure.
        arms: names, in the order of rows; empty for all of the plan.
        kept: which evaluations.
        facts: keys of `Arm.facts` that are columns after the name, such as `k`, `order`.
    """
    asked = {task for _, task, _, _ in columns}
    named = [
        arm
        for arm in arms_of(found, arms, kept=kept)
        if any(asked & each["tasks"].keys() for _, each in runs_of(found, arm, kept=kept))
    ]
    figures = [
        [arm_figure(found, arm, task, langs, measure, kept=kept) for arm in named]
        for _, task, langs, measure in columns
    ]
    there = [k for k, column in enumerate(figures) if any(each is not None for each in column)]
    if not there:
        return None
    unlike = _unlike_languages(found, named, columns, kept)
    heads = [Column(name="Arm"), *(Column(name=fact) for fact in facts), Column(name="Seeds", unit="count")]
    heads += [Column(name="Means over")] if unlike else []
    heads += [Column(name=columns[k][0], unit=unit_of(columns[k][3])) for k in there]
    rows: list[tuple[Cell, ...]] = []
    for place, arm in enumerate(named):
        record = found.plan.arm(arm)
        start = [record.label, *(_fact(record.facts.get(fact)) for fact in facts), _seeds(found, arm, kept)]
        rows.append((*start, *([unlike[arm]] if unlike else []), *(figures[k][place] for k in there)))
    said = f"{intervals(found, kept)}{' Means over unlike languages are not to be compared.' if unlike else ''}"
    return Table(name=name, caption=f"{caption.rstrip('.')}. {said}", columns=tuple(heads), rows=tuple(rows))


def languages_table(
    found: Found, name: str, caption: str, *, task: str, measures: Sequence[Measure], arms: Sequence[str] = (),
    langs: Sequence[str] = (), kept: Kept = "results",
) -> Table | None:  # fmt: skip
    """Return a row for each arm and language of a task with the wanted measures; None without rows.

    Args:
        found: the study.
        name, caption: of the table; what the intervals are over is added to the caption.
        task: name.
        measures: in the order of columns; one without any figure is left out.
        arms: names; empty for all of the plan.
        langs: codes; empty for all of the task.
        kept: which evaluations.
    """
    keys = [
        (arm, lang)
        for arm in arms_of(found, arms, kept=kept)
        for lang in languages_of(found, arm, task, langs, kept=kept)
    ]
    figures = [
        [arm_figure(found, arm, task, (lang,), measure, kept=kept) for arm, lang in keys] for measure in measures
    ]
    there = [k for k, column in enumerate(figures) if any(each is not None for each in column)]
    if not there:
        return None
    heads = [Column(name="Arm"), Column(name="Language")]
    heads += [Column(name=_heading(found, task, measures[k], kept), unit=unit_of(measures[k])) for k in there]
    rows = tuple(
        (found.plan.arm(arm).label, lang, *(figures[k][place] for k in there)) for place, (arm, lang) in enumerate(keys)
    )
    return Table(name=name, caption=f"{caption.rstrip('.')}. {intervals(found, kept)}", columns=tuple(heads), rows=rows)


def cells_table(
    found: Found, name: str, caption: str, *, task: str, measures: Sequence[Measure], langs: Sequence[str] = (),
    arms: Sequence[str] = (),
) -> Table | None:  # fmt: skip
    """Return a row for each arm and cell of a decoding grid (`Found.grids`); None without rows.

    Means over languages, then over the training seeds that have the cell.

    Args:
        found: the study.
        name, caption: of the table.
        task: name.
        measures: in the order of columns; one without any figure is left out.
        langs: codes; empty for all of the task.
        arms: names; empty for all of the plan.
    """
    rows: list[tuple[Cell, ...]] = []
    planned = [each.name for each in found.plan.arms]
    for arm in [name for name in arms if name in planned] if arms else planned:
        grids = [cells for (of_arm, _), cells in found.grids.items() if of_arm == arm]
        for cell in dict.fromkeys(label for cells in grids for label in cells):
            results = [cells[cell]["tasks"][task] for cells in grids if cell in cells and task in cells[cell]["tasks"]]
            figures: list[Cell] = []
            for measure in measures:
                known = [each for result in results if (each := figure_of(result, langs, measure)) is not None]
                whole = known and len(known) == len(results)
                figures.append(over_seeds(known, share=measure != "mean tokens") if whole else None)
            if any(each is not None for each in figures):
                rows.append((found.plan.arm(arm).label, cell, *figures))
    there = [k for k in range(len(measures)) if any(row[k + 2] is not None for row in rows)]
    if not rows:
        return None
    heads = (
        Column(name="Arm"), Column(name="Decoding"),
        *(Column(name=measures[k], unit=unit_of(measures[k])) for k in there),
    )  # fmt: skip
    kept_rows = tuple((*row[:2], *(row[k + 2] for k in there)) for row in rows)
    return Table(name=name, caption=f"{caption.rstrip('.')}. {intervals(found)}", columns=heads, rows=kept_rows)


def intervals(found: Found, kept: Kept = "results") -> str:
    """Return what the intervals in a table of arms are over, as a sentence."""
    several = any(len(runs_of(found, arm, kept=kept)) > 1 for arm in arms_of(found, kept=kept))
    over = "over training seeds, then items; of one checkpoint over items" if several else "over items"
    return f"Brackets: 95 % {over}."


def _heading(found: Found, task: str, measure: Measure, kept: Kept) -> str:
    if measure in ("in language", "off target") and detector_of(found, task, kept=kept) == "second":
        return f"{measure} (second detector)"
    return measure


def _unlike_languages(found: Found, arms: Sequence[str], columns: Sequence[Wanted], kept: Kept) -> dict[str, str]:
    """Return arm -> the languages that its means are over, where those of a column are not the same in all arms."""
    over = {arm: [languages_of(found, arm, task, langs, kept=kept) for _, task, langs, _ in columns] for arm in arms}
    by_column = [{frozenset(each[k]) for each in over.values()} - {frozenset()} for k in range(len(columns))]
    if all(len(sets) < 2 for sets in by_column):
        return {}
    return {arm: ", ".join(dict.fromkeys(lang for langs in each for lang in langs)) for arm, each in over.items()}


def _seeds(found: Found, arm: str, kept: Kept) -> int | None:
    n = sum(seed is not None for seed, _ in runs_of(found, arm, kept=kept))
    return n or None


def _fact(value: str | int | float | None) -> str:
    return "–" if value is None else str(value)
