"""The charts and tables of a judging. A win rate by a judge that was not validated is on none of them (D6)."""

from collections.abc import Sequence

from xleval.evalkit.figures.chart import Bar, BarChart, Chart, Difference, DifferenceChart
from xleval.evalkit.figures.table import Cell, Table, columns_of
from xleval.evalkit.judge.schema import JudgedByJson, JudgeJson, RowJson, TaskJson

NOT_VALIDATED = "judge not validated"
_LEVEL = 0.5


def judge_charts(judged: JudgeJson) -> list[Chart]:
    """Return the win rates of validated judges, answers in the wrong language, and the judges' accuracy."""
    charts: list[Chart] = []
    for number, each in enumerate(judged["judges"], start=1):
        for task in each["tasks"]:
            rows = [row for row in task["rows"] if row["validated"] and row["win_rate"]]
            if rows:
                charts.append(_win_rates(f"judge{number}-{task['task']}", judged, each, task, rows))
    if judged["judges"]:  # what is decided before a judge is the same by all of them
        charts += [_off_target(judged, task) for task in judged["judges"][0]["tasks"]]
    return [*charts, *_accuracies(judged)]


def judge_tables(judged: JudgeJson) -> list[Table]:
    """Return for each judge and task the win rates and how it judged, what was decided before, and agreement of judges."""
    tables: list[Table] = []
    for number, each in enumerate(judged["judges"], start=1):
        for task in each["tasks"]:
            name = f"judge{number}-{task['task']}"
            tables += [_win_rate_table(name, judged, each, task), _how_table(name, each, task)]
    if judged["judges"]:
        tables += [_before_table(judged, task) for task in judged["judges"][0]["tasks"]]
    return [*tables, *_between_table(judged)]


def sides(judged: JudgeJson) -> tuple[str, str]:
    """Return the labels of the first and the second run."""
    first, second = (run["label"] for run in judged["runs"])
    return first, second


def _win_rates(
    name: str, judged: JudgeJson, judge: JudgedByJson, task: TaskJson, rows: Sequence[RowJson]
) -> DifferenceChart:
    found = []
    for row in rows:
        estimate = row["win_rate"]
        if estimate is None:
            continue
        low, high = (None if end is None else end - _LEVEL for end in (estimate["low"], estimate["high"]))
        decided = low is not None and high is not None and (low > 0 or high < 0)
        found.append(
            Difference(label=row["lang"], value=estimate["value"] - _LEVEL, low=low, high=high, decided=decided)
        )
    first, second = sides(judged)
    return DifferenceChart(
        name=f"{name}-win-rates", title=f"{task['task']}: win rate of {second} less 50 %", sides=(first, second),
        caption=f"By {judge['judge']['spec']}, {judged['prompt']}, both orders, ties as half; answers that have a fault "
        "(empty, in the wrong language or, unless it is judged as it is, cut) lose before the judge. Intervals are of 95 %, over items.",
        differences=tuple(found), x_label="win rate less 50 %, points",
    )  # fmt: skip


def _off_target(judged: JudgeJson, task: TaskJson) -> BarChart:
    bars = tuple(tuple(Bar(value=share) for share in row["off_target"]) for row in task["rows"])
    return BarChart(
        name=f"judge-{task['task']}-wrong-language", title=f"{task['task']}: answers in the wrong language",
        caption="Share of a run's answers of which fewer than half of five or more determined words are in the language "
        "asked for. They lose before a judge sees them.",
        labels=tuple(row["lang"] for row in task["rows"]), series=sides(judged), bars=bars, x_label="per cent of answers",
    )  # fmt: skip


def _accuracies(judged: JudgeJson) -> list[Chart]:
    """Return how often each judge is right on labelled pairs; none where no language has labels."""
    known = [
        {row["lang"]: row["accuracy"] for task in each["tasks"] for row in task["rows"] if row["accuracy"]}
        for each in judged["judges"]
    ]
    labels = tuple(dict.fromkeys(lang for each in known for lang in each))
    if not labels:
        return []
    bars = tuple(
        tuple(
            Bar(value=found["value"], low=found["low"], high=found["high"], chance=_LEVEL)
            if (found := each.get(lang)) else Bar()
            for each in known
        )
        for lang in labels
    )  # fmt: skip
    return [
        BarChart(
            name="judge-accuracy", title="The judges on labelled pairs", labels=labels, bars=bars,
            series=tuple(each["judge"]["spec"] for each in judged["judges"]),
            caption="Share of labelled pairs in which the judge prefers the better answer, both orders, ties as half. "
            "Under 70 % a judge gives no win rate in that language.",
        )
    ]  # fmt: skip


def _win_rate_table(name: str, judged: JudgeJson, judge: JudgedByJson, task: TaskJson) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            row["lang"], row["n"] - row["n_unscored"], row["win_rate"] if row["validated"] else NOT_VALIDATED,
            row["length_controlled"] if row["validated"] else None, row["wins"], row["ties"], row["losses"],
            row["n_unscored"],
        )
        for row in task["rows"]
    ]  # fmt: skip
    if task["mean"]:
        rows.append((f"mean of {', '.join(task['mean_languages'])}", task["mean"]["n"], task["mean"], *(None,) * 5))
    first, second = sides(judged)
    return Table(
        name=f"{name}-win-rates", rows=tuple(rows),
        caption=f"{task['task']} by {judge['judge']['spec']}: win rate of {second} over {first} in per cent, ties as half, "
        "and what it would be with answers of equal length.",
        columns=columns_of(
            Language="text", Items="count", Win_rate="percent", At_equal_length="percent", Won="count", Tied="count",
            Lost="count", Unscored="count",
        ),
    )  # fmt: skip


def _how_table(name: str, judge: JudgedByJson, task: TaskJson) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            row["lang"], row["n_judged"], row["orders"]["same"], row["orders"]["kappa"], row["first_slot"],
            row["win_rate_judged"] if row["validated"] else None, _accuracy(row), row["n_unscored"],
        )
        for row in task["rows"]
    ]  # fmt: skip
    return Table(
        name=f"{name}-judge", rows=tuple(rows),
        caption=f"{task['task']}: how {judge['judge']['spec']} judged. Agreement is of the two orders of the same answers; "
        "shown first is the share of its verdicts, ties left out, for the answer shown first; its accuracy is on "
        "labelled pairs.",
        columns=columns_of(
            Language="text", Judged="count", Same_in_both_orders="percent", Cohen_κ="number", Shown_first="percent",
            Win_rate_of_judged="percent", Accuracy_of_the_judge="percent", Unscored="count",
        ),
    )  # fmt: skip


def _accuracy(row: RowJson) -> Cell:
    found = row["accuracy"]
    return {**found, "method": ""} if found else None


def _before_table(judged: JudgeJson, task: TaskJson) -> Table:
    first, second = sides(judged)
    rows: list[tuple[Cell, ...]] = [
        (
            row["lang"], row["n"], *row["off_target"],
            *("/".join(map(str, row["before"][fault])) for fault in ("wrong_language", "empty", "truncated")),
            *(None if chars is None else f"{chars:.0f}" for chars in row["mean_chars"]),
        )
        for row in task["rows"]
    ]  # fmt: skip
    return Table(
        name=f"judge-{task['task']}-before", rows=tuple(rows),
        caption=f"{task['task']}: decided before a judge, as items in which {first} alone, {second} alone, or both have "
        "the fault; shares of answers in the wrong language (first, second); mean characters of answers.",
        columns=columns_of(
            Language="text", Items="count", Wrong_language_first="percent", Wrong_language_second="percent",
            Wrong_language="text", Empty="text", Cut="text", Characters_first="text", Characters_second="text",
        ),
    )  # fmt: skip


def _between_table(judged: JudgeJson) -> list[Table]:
    rows: list[tuple[Cell, ...]] = [
        (
            each["task"], each["lang"], " and ".join(each["judges"]), each["agreement"]["n"], each["agreement"]["same"],
            each["agreement"]["kappa"],
        )
        for each in judged["between"]
    ]  # fmt: skip
    columns = columns_of(
        Task="text", Language="text", Judges="text", Items="count", Same="percent", Cohen_κ="number"
    )  # fmt: skip
    caption = "Agreement of judges on who wins, of items that both decided in both orders."
    return [Table(name="judge-agreement", caption=caption, columns=columns, rows=tuple(rows))] if rows else []
