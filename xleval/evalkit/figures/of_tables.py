"""The tables of runs: overview, every language of a task, means, groups and pairs of languages."""

from collections.abc import Sequence

from xleval.evalkit.figures.chart import Chart, CurveChart, HeatMap
from xleval.evalkit.figures.of_facts import fact_tables, pair_tables, writing_tables
from xleval.evalkit.figures.table import Cell, Column, Table, columns_of
from xleval.evalkit.results_schema import LanguageRow, Results, TaskResult
from xleval.evalkit.sentences import percent, with_interval


def overview_table(runs: Sequence[tuple[str, Results]]) -> Table:
    """Return one row for each run and task."""
    rows: list[tuple[Cell, ...]] = []
    for label, results in runs:
        for task, result in results["tasks"].items():
            block, mean = result["consistency"], result["means"][0]["accuracy"] if result["means"] else None
            rows.append(
                (
                    label, results["model"], task, ", ".join(result["languages"]), result["n_items"], mean,
                    block["total"]["estimate"] if block else None,
                    block["rankc"]["pairs"]["mean"] if block and block["rankc"] else None, in_language(result),
                    result["n_unscored"],
                )
            )  # fmt: skip
    columns = columns_of(
        Run="text", Model="text", Task="text", Languages="text", Items="count", Mean_accuracy="percent",
        Right_in_all_languages="percent", RankC="percent", In_language="percent", Unscored="count",
    )  # fmt: skip
    return Table(name="overview", caption="Every run and task.", columns=columns, rows=tuple(rows))


def in_language(result: TaskResult) -> float | None:
    """Return the mean over languages of the words in the language asked for; None where a language has no such figure."""
    written = [row["language_consistency"] for row in result["rows"]]
    found = [each["headline"]["value"] for each in written if each and each["headline"]]
    return sum(found) / len(found) if found and len(found) == len(written) else None


def task_tables(result: TaskResult, name: str, said: str) -> list[Table]:
    """Return the tables of one task: its languages, and its groups where items have some.

    Args:
        result: the task's results.
        name: begins the name of every table.
        said: what captions call it.
    """
    tables = [language_table(result, f"{name}-languages", said)]
    tables += writing_tables(result, name, said) + pair_tables(result, name, said) + fact_tables(result, name, said)
    for group in result["groups"]:
        rows = tuple((value, facts["n_items"], facts["accuracy"]) for value, facts in group["rows"].items())
        columns = (Column(name=group["key"]), *columns_of(Items="count", Accuracy="percent"))
        caption = (
            f"{said}: accuracy by {group['key']}, mean over languages. Mean of the groups {percent(group['macro'])}; mean "
            f"over these languages, interval over whole groups {with_interval(group['clustered'])}."
        )
        tables.append(Table(name=f"{name}-by-{group['key']}", caption=caption, columns=columns, rows=rows))
    return tables


def language_table(result: TaskResult, name: str, said: str) -> Table:
    """Return every language of a task, with the columns that its kind has."""
    columns = list(columns_of(Language="text", Items="count", Unscored="count", Accuracy="percent"))
    cells: list[list[Cell]] = [[_language(row), row["n"], row["n_unscored"], row["accuracy"]] for row in result["rows"]]
    extra = _choice_columns(result) if result["kind"] == "choice" else _generation_columns(result)
    extra += _language_columns(result)
    for column, values in extra:
        columns.append(column)
        for row, value in zip(cells, values, strict=True):
            row.append(value)
    if any(row["bounds"] for row in result["rows"]):
        for end, words in enumerate(("If all unscored were wrong", "If all unscored were right")):
            columns.append(Column(name=words, unit="percent"))
            for row, source in zip(cells, result["rows"], strict=True):
                row.append(source["bounds"][end] if source["bounds"] else None)
    if any(row["unscored_reasons"] for row in result["rows"]):
        columns.append(Column(name="Why unscored"))
        for row, source in zip(cells, result["rows"], strict=True):
            row.append("; ".join(f"{reason}: {count}" for reason, count in source["unscored_reasons"].items()))
    return Table(
        name=name, caption=f"Every language of {said}.", columns=tuple(columns), rows=tuple(tuple(row) for row in cells)
    )


_Extra = list[tuple[Column, list[Cell]]]


def _choice_columns(result: TaskResult) -> _Extra:
    rows = result["rows"]
    found: _Extra = [(Column(name="Chance", unit="percent"), [row["chance"] for row in rows])]
    for key in rows[0]["by_normalisation"] if rows else ():
        if key != result["primary"]:
            found.append((Column(name=f"by {key}", unit="percent"), [row["by_normalisation"].get(key) for row in rows]))
    return found


def _generation_columns(result: TaskResult) -> _Extra:
    rows = result["rows"]
    found: _Extra = []
    for k in rows[0]["pass_at"] if rows else ():
        found.append((Column(name=f"pass@{k}", unit="percent"), [row["pass_at"].get(k) for row in rows]))
    if rows and rows[0]["majority"]:
        found.append((Column(name=f"maj@{rows[0]['n_draws']}", unit="percent"), [row["majority"] for row in rows]))
    return [
        *found,
        (Column(name="Cut at limit", unit="percent"), [row["truncated"] for row in rows]),
        (Column(name="No answer found", unit="percent"), [row["unparsed"] for row in rows]),
        (Column(name="Accuracy, finished only", unit="percent"), [row["finished_only"] for row in rows]),
        (Column(name="Right and in language", unit="percent"), [row["correct_in_language"] for row in rows]),
        (Column(name="Tokens, mean", unit="number"), [row["mean_tokens"] for row in rows]),
        (Column(name="Characters, mean", unit="number"), [row["mean_chars"] for row in rows]),
    ]


def _language_columns(result: TaskResult) -> _Extra:
    written = [row["language_consistency"] for row in result["rows"]]
    if not any(written):
        return []
    return [
        (Column(name="In language", unit="percent"), [each["headline"] if each else None for each in written]),
        (
            Column(name="In language, pooled words", unit="percent"),
            [each["pooled"] if each else None for each in written],
        ),
        (
            Column(name="Every sentence in language", unit="percent"),
            [each["response_pass_rate"] if each else None for each in written],
        ),
        (
            Column(name="Mostly in another", unit="percent"),
            [each["off_target_rate"] if each else None for each in written],
        ),
        (Column(name="Too short to judge", unit="count"), [each["n_below"] if each else None for each in written]),
    ]


def _language(row: LanguageRow) -> str:
    from xleval.data.languages import LANGUAGES

    code = row["lang"]
    return f"{LANGUAGES[code].english_name} ({code})" if code in LANGUAGES else code


def chart_tables(charts: Sequence[Chart]) -> list[Table]:
    """Return the numbers behind heat maps and curves, which no other table has."""
    tables: list[Table] = []
    for chart in charts:
        if isinstance(chart, HeatMap):
            columns = (Column(name="Language"), *(Column(name=label, unit=chart.unit) for label in chart.labels))
            rows = tuple(
                (label, *(chart.cell(i, j) for j in range(len(chart.labels)))) for i, label in enumerate(chart.labels)
            )
            tables.append(Table(name=chart.name, caption=f"{chart.title}.", columns=columns, rows=rows))
        elif isinstance(chart, CurveChart):
            tables.append(_curve_table(chart))
    return tables


def _curve_table(chart: CurveChart) -> Table:
    columns = columns_of(Panel="text", Line="text", x="text", y="number", low="number", high="number")
    rows = tuple(
        (panel.title, line.label, f"{point.x:g}", point.y, point.low, point.high)
        for panel in chart.panels
        for line in panel.lines
        for point in line.points
    )
    return Table(name=chart.name, caption=f"{chart.title}.", columns=columns, rows=rows)
