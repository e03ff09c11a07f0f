"""The chart and table of held-out prompts, asked of a model while it is trained: by task and language of the prompts."""

from collections.abc import Callable, Sequence

from xleval.evalkit.curves_schema import CurvesJson, HeldOutJson
from xleval.evalkit.figures.chart import Chart, CurveChart, Line, Panel, Point, Role
from xleval.evalkit.figures.table import Cell, Table, columns_of

_Figure = Callable[[HeldOutJson], float | None]
_LINES: tuple[tuple[str, str, Role, _Figure], ...] = (
    ("accuracy", "accuracy", "accuracy", lambda row: row["accuracy"]["value"]),
    (
        "words in the language asked for", "asked for", "target",
        lambda row: row["word_ratio"]["target_share"] if row["word_ratio"] else None,
    ),
    (
        "words in English", "English", "english",
        lambda row: row["word_ratio"]["english_share"] if row["word_ratio"] and row["lang"] != "en" else None,
    ),
)  # fmt: skip
_HOW = {
    "choice": "the option with the greatest log-probability per byte",
    "generation": "one greedy completion of each prompt",
}


def held_out_charts(curves: CurvesJson) -> list[Chart]:
    """Return a chart for each task whose held-out prompts were asked, with a panel for every language."""
    charts: list[Chart] = []
    every = curves.get("held_out", [])
    tasks = sorted({row["task"] for row in every})
    for task in tasks:
        own = [row for row in every if row["task"] == task]
        panels = tuple(
            Panel(title=lang, lines=lines, unit="percent")
            for lang in sorted({row["lang"] for row in own})
            if (lines := _lines([row for row in own if row["lang"] == lang]))
        )
        if panels:
            charts.append(
                CurveChart(
                    name="curves-held-out" if len(tasks) == 1 else f"curves-held-out-{task}",
                    title=f"Held-out prompts of {task}",
                    caption=f"Prompts that are not trained on, asked of the model in training: {_HOW[own[0]['kind']]}.",
                    x_label="training step", y_label="per cent", panels=panels,
                )
            )  # fmt: skip
    return charts


def _lines(rows: Sequence[HeldOutJson]) -> tuple[Line, ...]:
    found = []
    for label, short, role, figure in _LINES:
        points = tuple(Point(x=row["step"], y=value) for row in rows if (value := figure(row)) is not None)
        if points:
            found.append(Line(label=label, role=role, points=points, short=short))
    return tuple(found)


def held_out_table(curves: CurvesJson) -> list[Table]:
    """Return the table of held-out prompts; none where none were asked."""
    rows: list[tuple[Cell, ...]] = [
        (
            str(row["step"]), row["task"], row["lang"], row["accuracy"]["n"], row["accuracy"]["n_unscored"],
            *(figure(row) for _, _, _, figure in _LINES),
        )
        for row in curves.get("held_out", [])
    ]  # fmt: skip
    if not rows:
        return []
    columns = columns_of(
        Step="text", Task="text", Language="text", Scored="count", Unscored="count", Accuracy="percent",
        In_the_language_asked_for="percent", In_English="percent",
    )  # fmt: skip
    return [
        Table(
            name="curves-held-out", caption="Held-out prompts, asked of the model in training.", rows=tuple(rows),
            columns=columns,
        )
    ]  # fmt: skip
