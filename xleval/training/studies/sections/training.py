"""What the trainings did: curves over steps, and what they cost."""

from collections.abc import Sequence

from xleval.evalkit.claims import Refusal
from xleval.evalkit.figures.chart import ORDER, Chart, CurveChart, Line, Panel, Point
from xleval.evalkit.figures.of_curves import curves_charts, curves_tables
from xleval.evalkit.figures.table import Cell, Table, columns_of
from xleval.evalkit.report.section import Section
from xleval.training.studies.found import Found
from xleval.training.studies.sections.renamed import renamed_charts, renamed_tables


def curves_section(
    found: Found, *, arms: Sequence[str] = (), pictures: Sequence[str] = ("curves-collapse",)
) -> Section | None:
    """Return what the monitor saw, of the first seed of each arm; None where no arm had a monitor.

    Args:
        found: the study.
        arms: names, in their order; empty for all.
        pictures: names of charts of `of_curves` that stand open; the others, and other seeds, are folded.
    """
    having = [key for arm in arms or [each.name for each in found.plan.arms] for key in found.curves if key[0] == arm]
    if not having:
        return None
    first = list({arm: (arm, seed) for arm, seed in reversed(having)}.values())[::-1]
    opened: list[Chart] = [chart for chart in (together(found, first),) if chart]
    folded: list[Chart] = []
    tables: list[Table] = []
    lines = []
    for key in having:
        curves, said = found.curves[key], f"{found.plan.arm(key[0]).label}, seed {key[1]}"
        name = f"curves-{key[0]}-{key[1]}"
        for chart in curves_charts(curves):
            shown = key in first and chart.name in pictures
            (opened if shown else folded).extend(renamed_charts([chart], name, said))
        tables += renamed_tables(curves_tables(curves), name, said)
        warned = [f"{each['rule']} ({each['lang']}, step {each['step']})" for each in curves["warnings"]]
        lines += [f"Early warnings of {said}: {', '.join(warned)}"] if warned else []
    calm = [
        f"{found.plan.arm(arm).label}, seed {seed}" for arm, seed in having if not found.curves[arm, seed]["warnings"]
    ]
    lines += [f"No early warning: {'; '.join(calm)}"] if calm else []
    return Section(
        name="curves", title="Training as it runs",
        lines=tuple(lines),
        refused=tuple(_refused(found, having)),
        charts=tuple(opened), further_charts=tuple(folded), further_tables=tuple(tables),
    )  # fmt: skip


def _refused(found: Found, keys: Sequence[tuple[str, int]]) -> list[Refusal]:
    """Return what must not be read out of the warnings of some trainings, each once."""
    each = [refused for key in keys for refused in found.curves[key].get("refused", [])]
    once = dict.fromkeys((one["letter"], one["claim"], one["reason"]) for one in each)
    return [Refusal(letter=letter, claim=claim, reason=reason) for letter, claim, reason in once]


def together(found: Found, keys: Sequence[tuple[str, int]]) -> CurveChart | None:
    """Return the share of words in the language asked for over steps, a line for each training, a panel a language.

    Args:
        found: the study.
        keys: (arm, seed) of at most five trainings; more cannot be told apart, and the first are drawn.
    """
    panels = []
    drawn = [key for key in keys if found.curves[key]["points"]][: len(ORDER)]
    langs = dict.fromkeys(lang for key in drawn for lang in found.curves[key]["languages"])
    for lang in langs:
        lines = []
        for role, key in zip(ORDER, drawn, strict=False):
            points = tuple(
                Point(x=point["step"], y=share)
                for point in found.curves[key]["points"]
                if point["lang"] == lang and (share := point["word_ratio"]["all"]["target_share"]) is not None
            )
            label = found.plan.arm(key[0]).label
            short = label if len(langs) == 1 else ""  # beside several panels there is no room
            lines += [Line(label=label, short=short, role=role, points=points)] if points else []
        panels += [Panel(title=lang, lines=tuple(lines))] if lines else []
    if len(drawn) < 2 or not panels:
        return None
    return CurveChart(
        name="curves-together", title="Words in the language asked for, in the roll-outs of the arms",
        caption="Share of words whose language is known, at every step, one training of each arm.",
        x_label="training step", y_label="per cent of words", panels=tuple(panels),
    )  # fmt: skip


def costs_section(found: Found) -> Section | None:
    """Return rows, steps, roll-outs, tokens, memory and seconds of every training; None before the first is finished."""
    rows: list[tuple[Cell, ...]] = []
    for arm in found.plan.arms:
        for seed in arm.seeds:
            outcome = found.trainings.get((arm.name, seed), {}).get("outcome")
            if outcome:
                rows.append(
                    (
                        arm.label, seed, outcome["n_rows"], outcome["steps"], outcome["n_rollouts"] or None,
                        outcome["n_tokens"], outcome["peak_memory_gb"], outcome["train_s"],
                        outcome["stopped_by"] or "its end",
                    )
                )  # fmt: skip
    if not rows:
        return None
    columns = columns_of(
        Arm="text", Seed="count", Rows="count", Steps="count", Roll_outs="count", Tokens="count", Peak_memory_GB="number",
        Seconds="number", Stopped_by="text",
    )  # fmt: skip
    caption = "What every training used: rows at hand, optimiser steps, sampled completions, tokens, memory and time."
    return Section(
        name="costs", title="What the trainings cost",
        lines=("Arms are compared at the amounts below, not at equal time or tokens unless these are the same",),
        tables=(Table(name="costs", caption=caption, columns=columns, rows=tuple(rows)),),
    )  # fmt: skip
