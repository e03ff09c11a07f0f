"""Accuracy, fidelity to the language and tokens against each other: which arms no other one beats (D9)."""

from collections.abc import Sequence
from dataclasses import dataclass

from xleval.evalkit.figures.chart import ORDER, CurveChart, Line, Panel, Point
from xleval.evalkit.figures.table import Cell, Table, columns_of
from xleval.evalkit.report.section import Section
from xleval.evalkit.results_schema import EstimateJson
from xleval.training.studies.found import Found
from xleval.training.studies.sections.arm_tables import intervals
from xleval.training.studies.sections.figures import arm_figure, arms_of, detector_of, tasks_of
from xleval.training.studies.sections.measures import Detector

#: Label and arms that a line joins, such as the weights of one reward in their order.
Joined = Sequence[tuple[str, Sequence[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an arm stands: accuracy and share of words in the language asked for, in [0, 1], and mean tokens."""

    arm: str
    label: str
    accuracy: EstimateJson
    fidelity: EstimateJson
    tokens: float | None


def pareto_section(
    found: Found, *, arms: Sequence[str] = (), tasks: Sequence[str] = (), joined: Joined = (), name: str = "pareto",
    langs: Sequence[str] = (),
) -> Section | None:  # fmt: skip
    """Return accuracy over the share of words in the language asked for, a point for each arm, with mean tokens.

    Args:
        found: the study.
        arms: names; empty for all of the plan.
        tasks: names; empty for all. A task of choices has no words and no figure here.
        joined: label and arms of lines, such as several weights of a reward; other arms are single points.
        name: of the section.
        langs: codes that the figures are over; empty for all of a task. Arms on one front need the same ones.
    """
    charts, tables = [], []
    for task in tasks or tasks_of(found):
        places = places_of(found, task, arms, langs)
        if len(places) > 1:
            asked = f"{task} in {', '.join(langs)}" if langs else task
            by = detector_of(found, task)
            charts.append(_chart(f"{name}-{task}", asked, by, places, joined))
            tables.append(_table(found, f"{name}-{task}", asked, by, places))
    if not charts:
        return None
    lines = (
        "Up is more right answers, to the right is more of the language asked for. The dashed line joins the arms that no "
        "other arm beats in both: the front. By estimates alone: arms whose intervals overlap may change places",
    )
    return Section(
        name=name, title="Accuracy, language and tokens", lines=lines, charts=tuple(charts), tables=tuple(tables)
    )


def places_of(found: Found, task: str, arms: Sequence[str] = (), langs: Sequence[str] = ()) -> list[Place]:
    """Return where each arm stands on a task, means over languages; arms without one of the figures are left out."""
    places = []
    for arm in arms_of(found, arms):
        accuracy, fidelity = (arm_figure(found, arm, task, langs, measure) for measure in ("accuracy", "in language"))
        tokens = arm_figure(found, arm, task, langs, "mean tokens")
        if accuracy is not None and fidelity is not None:
            label = found.plan.arm(arm).label
            mean = tokens["value"] if tokens else None
            places.append(Place(arm=arm, label=label, accuracy=accuracy, fidelity=fidelity, tokens=mean))
    return places


def front_of(places: Sequence[Place], *, tokens: bool = False) -> list[Place]:
    """Return the arms that no other one beats: as good in all and better in one; from the least to the most fidelity.

    Args:
        places: of the arms.
        tokens: whether fewer tokens count as a third good.
    """
    goods = {
        place.arm: (place.accuracy["value"], place.fidelity["value"], *([-(place.tokens or 0.0)] if tokens else []))
        for place in places
    }

    def is_beaten(place: Place) -> bool:
        own = goods[place.arm]
        others = [each for each in goods.values() if each != own]
        return any(all(one >= two for one, two in zip(each, own, strict=True)) for each in others)

    return sorted((place for place in places if not is_beaten(place)), key=lambda place: place.fidelity["value"])


def _chart(name: str, asked: str, by: Detector, places: Sequence[Place], joined: Joined) -> CurveChart:
    by_arm = {place.arm: place for place in places}
    groups = [(label, [by_arm[arm] for arm in arms if arm in by_arm]) for label, arms in joined]
    in_group = {place.arm for _, group in groups for place in group}
    groups = [(label, group) for label, group in groups if group]
    groups += [(place.label, [place]) for place in places if place.arm not in in_group]
    lines = [
        Line(
            label=label, role=ORDER[k % len(ORDER)], joined=len(group) > 1, points=tuple(_point(each) for each in group),
            named=True,
        )
        for k, (label, group) in enumerate(groups)
    ]  # fmt: skip
    front = front_of(places)
    if len(front) > 1:
        ends = tuple(Point(x=_across(each), y=each.accuracy["value"]) for each in front)
        lines.append(Line(label="the front", role="accuracy", points=ends, marked=False, dashed=True))
    second = ", by the second detector" if by == "second" else ""
    return CurveChart(
        name=name, title=f"{asked}: accuracy against the language of the answers",
        caption=f"Across: words in the language asked for{second}. One point an arm, means over languages; whiskers: 95 % "
        "intervals of accuracy. Numbers in brackets are mean tokens of a completion.",
        x_label="per cent of words in language", y_label="per cent right",
        panels=(Panel(title="", lines=tuple(lines), unit="points"),),
    )  # fmt: skip


def _point(place: Place) -> Point:
    tokens = f" ({place.tokens:.0f})" if place.tokens is not None else ""
    return Point(
        x=_across(place), y=place.accuracy["value"], low=place.accuracy["low"],
        high=place.accuracy["high"], label=f"{place.label}{tokens}",
    )  # fmt: skip


def _across(place: Place) -> float:
    """Return how far to the right an arm stands, in per cent, as the axis writes it."""
    return round(100 * place.fidelity["value"], 1)


def _table(found: Found, name: str, asked: str, by: Detector, places: Sequence[Place]) -> Table:
    front = {place.arm for place in front_of(places)}
    with_tokens = {place.arm for place in front_of(places, tokens=True)}
    whole = all(place.tokens is not None for place in places)
    rows: list[tuple[Cell, ...]] = [
        (
            place.label, place.accuracy, place.fidelity, place.tokens, "yes" if place.arm in front else "no",
            ("yes" if place.arm in with_tokens else "no") if whole else "–",
        )
        for place in places
    ]  # fmt: skip
    columns = columns_of(
        Arm="text", Accuracy="percent", In_language="percent", Mean_tokens="number", On_the_front="text",
        On_the_front_with_tokens="text",
    )  # fmt: skip
    return Table(
        name=name, caption=f"{asked}: accuracy, language and tokens, means over languages. In language: by the {by} detector. "
        f"{intervals(found)}",
        columns=columns, rows=tuple(rows),
    )  # fmt: skip
