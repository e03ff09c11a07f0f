"""The charts and tables of a training as it runs: curves over its steps, by language of the prompts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from xleval.evalkit.curves_schema import CurvesJson, PointJson
from xleval.evalkit.figures.chart import Chart, CurveChart, Line, Panel, Point, Role, Unit
from xleval.evalkit.figures.of_held_out import held_out_charts, held_out_table
from xleval.evalkit.figures.table import Cell, Column, Table, columns_of

#: Points of one line; with more steps neighbours are averaged, as more cannot be seen.
MOST_POINTS = 150

#: Label, the short form beside its line, role, and where the figure is. A second line of the same role is dashed.
_Wanted = tuple[str, str, Role, Callable[[PointJson], float | None]]

_COLLAPSE: tuple[_Wanted, ...] = (
    ("words in the language asked for", "asked for", "target", lambda at: at["word_ratio"]["all"]["target_share"]),
    ("the same, in rewarded roll-outs", "rewarded", "target", lambda at: at["word_ratio"]["rewarded"]["target_share"]),
    ("words in English", "English", "english", lambda at: at["word_ratio"]["all"]["english_share"]),
    ("accuracy", "accuracy", "accuracy", lambda at: at["accuracy"]["value"]),
)
_HIDING: tuple[_Wanted, ...] = (
    ("letters that are no words", "no words", "first", lambda at: at["excluded_share"]),
    ("repeat their prompt", "repeats", "second", lambda at: at["question_copy_rate"]),
    ("cut at the limit", "cut", "third", lambda at: at["truncated_rate"]),
    ("groups with one and the same reward", "one reward", "fourth", lambda at: at["zero_variance_share"]),
)
_REWARD: tuple[_Wanted, ...] = (
    ("all roll-outs", "all", "accuracy", lambda at: at["reward"]),
    ("in the language asked for", "asked for", "target", lambda at: at["in_target"]["reward"]),
    ("in English", "English", "english", lambda at: at["in_english"]["reward"]),
)
_ADVANTAGE: tuple[_Wanted, ...] = (
    ("in the language asked for", "asked for", "target", lambda at: at["within_groups"]["target"]["advantage"]),
    ("in English", "English", "english", lambda at: at["within_groups"]["english"]["advantage"]),
)
_LENGTH: tuple[_Wanted, ...] = (
    ("all roll-outs", "all", "accuracy", lambda at: at["n_chars"]),
    ("in the language asked for", "asked for", "target", lambda at: at["in_target"]["n_chars"]),
    ("in English", "English", "english", lambda at: at["in_english"]["n_chars"]),
)
_ENTROPY: tuple[_Wanted, ...] = (("entropy", "", "first", lambda at: at["entropy"]),)


@dataclass(frozen=True, slots=True)
class _Picture:
    name: str
    title: str
    y_label: str
    unit: Unit
    caption: str
    wanted: tuple[_Wanted, ...]


_PICTURES = (
    _Picture(
        "collapse", "Language and accuracy of the roll-outs", "per cent", "percent",
        "Share of words in the language asked for and in English, and of right answers, at every step. "
        "Upright dotted lines: early warnings, with their numbers in the list.", _COLLAPSE,
    ),
    _Picture(
        "reward", "Mean reward", "mean reward", "number",
        "Mean reward of roll-outs, by the language that they are written in.", _REWARD,
    ),
    _Picture(
        "advantage", "Advantage within a group", "mean advantage", "number",
        "Roll-outs of the same prompt in the language asked for against those in English: what the update makes likelier.",
        _ADVANTAGE,
    ),
    _Picture(
        "length", "Length", "characters", "number",
        "Mean characters of a roll-out, by the language it is written in.", _LENGTH,
    ),
    _Picture(
        "hiding", "What can hide or stop a change of language", "per cent", "percent",
        "Letters in mathematics, code and names; roll-outs that repeat their prompt or are cut; groups that teach nothing.",
        _HIDING,
    ),
    _Picture("entropy", "Entropy", "nats", "number", "Mean entropy, as the trainer logged it.", _ENTROPY),
)  # fmt: skip


def curves_charts(curves: CurvesJson) -> list[Chart]:
    """Return the charts that the curves have figures for, each with a panel for every language of prompts."""
    charts: list[Chart] = []
    for picture in _PICTURES:
        panels = []
        for lang in curves["languages"]:
            points = [point for point in curves["points"] if point["lang"] == lang]
            lines = tuple(line for each in picture.wanted if (line := _line(each, points, lang)) is not None)
            marks = tuple(
                (float(found["step"]), str(number), found["rule"])
                for number, found in enumerate(curves["warnings"], start=1)
                if found["lang"] == lang
            )
            if lines:
                panels.append(
                    Panel(title=lang, lines=lines, marks=marks if picture.name == "collapse" else (), unit=picture.unit)
                )
        if panels:
            longest = max(sum(point["lang"] == lang for point in curves["points"]) for lang in curves["languages"])
            thinned = f" Each point is the mean of {_stride(longest)} steps." if longest > MOST_POINTS else ""
            charts.append(
                CurveChart(
                    name=f"curves-{picture.name}", title=picture.title, caption=picture.caption + thinned, x_label="training step",
                    y_label=picture.y_label, panels=tuple(panels),
                )
            )  # fmt: skip
    return [*charts[:1], *held_out_charts(curves), *charts[1:]]


def _line(wanted: _Wanted, points: Sequence[PointJson], lang: str) -> Line | None:
    label, short, role, figure = wanted
    if lang == "en" and role == "english":
        return None  # it is the language asked for
    found = [Point(x=point["step"], y=value) for point in points if (value := figure(point)) is not None]
    if not found:
        return None
    stride = _stride(len(points))
    parts = [found[start : start + stride] for start in range(0, len(found), stride)]
    thinned = [
        Point(x=sum(each.x for each in part) / len(part), y=sum(each.y for each in part) / len(part)) for part in parts
    ]
    return Line(label=label, role=role, points=tuple(thinned), dashed=short == "rewarded", short=short)


def _stride(n: int) -> int:
    return -(-n // MOST_POINTS)


def curves_tables(curves: CurvesJson) -> list[Table]:
    """Return the early warnings, every point of the curves, and what was made of held-out prompts where they were asked."""
    warnings = tuple(
        (
            str(each["step"]),
            each["lang"],
            each["rule"],
            each["message"],
            "–" if each["cleared_step"] is None else str(each["cleared_step"]),
        )
        for each in curves["warnings"]
    )
    named = [
        (f"{picture.title}, {label}", picture.unit, figure)
        for picture in _PICTURES
        for label, _, _, figure in picture.wanted
    ]
    rows: list[tuple[Cell, ...]] = [
        (str(point["step"]), point["lang"], point["n"], *(figure(point) for _, _, figure in named))
        for point in curves["points"]
    ]
    columns = columns_of(Step="text", Language="text", Rollouts="count")
    return [
        Table(
            name="curves-warnings", caption="Early warnings.", rows=warnings,
            columns=columns_of(Step="text", Language="text", Rule="text", Seen="text", Cleared_at_step="text"),
        ),
        Table(
            name="curves-points", caption="Every step and language of prompts.", rows=tuple(rows),
            columns=(*columns, *(Column(name=name, unit=unit) for name, unit, _ in named)),
        ),
        *held_out_table(curves),
    ]  # fmt: skip
