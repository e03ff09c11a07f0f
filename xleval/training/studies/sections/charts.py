"""Charts of arms: beside each other by language, and over a number that tells them apart."""

from collections.abc import Mapping, Sequence

from xleval.evalkit.figures.chart import ORDER, Bar, BarChart, CurveChart, Line, Panel, Point, Unit
from xleval.evalkit.results_schema import EstimateJson
from xleval.training.studies.found import Found
from xleval.training.studies.sections.arm_tables import intervals
from xleval.training.studies.sections.figures import Kept, arm_figure, arms_of, languages_of
from xleval.training.studies.sections.measures import Measure


def accuracy_chart(
    found: Found, name: str, title: str, *, task: str, arms: Sequence[str] = (), measure: Measure = "accuracy",
    langs: Sequence[str] = (), kept: Kept = "results",
) -> BarChart | None:  # fmt: skip
    """Return bars by language, one for each arm; None where no arm has the figure.

    More than five arms cannot be told apart: the first five are drawn, and the caption says so.

    Args:
        found: the study.
        name, title: of the chart.
        task: name.
        arms: names, in the order of bars; empty for all of the plan.
        measure: what the bars show.
        langs: codes; empty for all of the task.
        kept: which evaluations.
    """
    having = [arm for arm in arms_of(found, arms, kept=kept) if languages_of(found, arm, task, langs, kept=kept)]
    drawn = having[: len(ORDER)]
    codes = list(dict.fromkeys(lang for arm in drawn for lang in languages_of(found, arm, task, langs, kept=kept)))
    bars = tuple(
        tuple(_bar(arm_figure(found, arm, task, (lang,), measure, kept=kept)) for arm in drawn) for lang in codes
    )
    if not any(bar.value is not None for row in bars for bar in row):
        return None
    fewer = f" The first {len(drawn)} of {len(having)} arms; the tables hold all." if len(having) > len(drawn) else ""
    labels = tuple(found.plan.arm(arm).label for arm in drawn)
    number = measure == "mean tokens"
    return BarChart(
        name=name, title=title, labels=tuple(codes), series=labels, bars=bars, unit="number" if number else "percent",
        caption=f"{measure.capitalize()} by language. {intervals(found, kept)}{fewer}",
        x_label="tokens" if number else f"per cent, {measure}",
    )  # fmt: skip


def groups_chart(
    found: Found, name: str, title: str, *, task: str, groups: Mapping[str, Sequence[str]], arms: Sequence[str] = (),
    measure: Measure = "accuracy", kept: Kept = "results",
) -> BarChart | None:  # fmt: skip
    """Return bars by arm, one for each group of languages; None where no arm has the figure.

    Args:
        found: the study.
        name, title: of the chart.
        task: name.
        groups: heading -> languages; a group that the task has no language of is left out, and one in which arms were
            asked in unlike languages: their means are of unlike sets.
        arms: names, in the order of rows; empty for all of the plan.
        measure: what the bars show, a share.
        kept: which evaluations.
    """
    named = [arm for arm in arms_of(found, arms, kept=kept) if languages_of(found, arm, task, kept=kept)]
    columns = {
        heading: [arm_figure(found, arm, task, langs, measure, kept=kept) for arm in named]
        for heading, langs in groups.items()
        if len({frozenset(languages_of(found, arm, task, langs, kept=kept)) for arm in named} - {frozenset()}) < 2
    }
    there = {heading: column for heading, column in columns.items() if any(each is not None for each in column)}
    if not there:
        return None
    return BarChart(
        name=name, title=title, labels=tuple(found.plan.arm(arm).label for arm in named), series=tuple(there),
        bars=tuple(tuple(_bar(column[k]) for column in there.values()) for k in range(len(named))),
        caption=f"{measure.capitalize()}, mean over languages. {intervals(found, kept)}",
        x_label=f"per cent, {measure}",
    )  # fmt: skip


def line_chart(
    found: Found, name: str, title: str, *, task: str, fact: str, lines: Mapping[str, Sequence[str]], x_label: str,
    measure: Measure = "accuracy", langs: Sequence[str] = (), kept: Kept = "results",
) -> CurveChart | None:  # fmt: skip
    """Return lines over a number that arms have in `Arm.facts`, such as `k`, `size`, `weight`; None without two points.

    Args:
        found: the study.
        name, title: of the chart.
        task: name.
        fact: key of `Arm.facts`; an arm without it, or where it is no number, is in no line.
        lines: label -> arms, five at most.
        x_label: what the fact is, with its unit.
        measure: upright.
        langs: codes; empty for all of the task.
        kept: which evaluations.
    """
    unit: Unit = "number" if measure == "mean tokens" else "percent"
    drawn = []
    for role, (label, arms) in zip(ORDER, lines.items(), strict=False):
        points = []
        for arm in arms_of(found, arms, kept=kept) if arms else ():
            at = found.plan.arm(arm).facts.get(fact)
            figure = arm_figure(found, arm, task, langs, measure, kept=kept)
            if figure is not None and isinstance(at, int | float):
                points.append(Point(x=at, y=figure["value"], low=figure["low"], high=figure["high"]))
        if points:
            ordered = tuple(sorted(points, key=lambda point: point.x))
            drawn.append(Line(label=label, short=label, role=role, points=ordered, joined=len(ordered) > 1))
    if len({point.x for line in drawn for point in line.points}) < 2:
        return None
    return CurveChart(
        name=name, title=title, caption=f"{measure.capitalize()}. {intervals(found, kept)}", x_label=x_label,
        y_label="tokens" if unit == "number" else f"per cent, {measure}",
        panels=(Panel(title="", lines=tuple(drawn), unit=unit),),
    )  # fmt: skip


def _bar(figure: EstimateJson | None) -> Bar:
    return Bar() if figure is None else Bar(value=figure["value"], low=figure["low"], high=figure["high"])
