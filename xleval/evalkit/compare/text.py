"""A comparison as text for people: paragraphs, tables, what cannot be said, signatures."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from xleval.evalkit.compare.methods import Method, mark_lines, method_marks, method_of
from xleval.evalkit.compare.schema import (
    Comparison,
    DifferenceJson,
    FigureComparison,
    LanguageComparison,
    PairJson,
    SideJson,
    TaskComparison,
)
from xleval.evalkit.compare.sentences import p_value, points, printable, short_reason, with_interval
from xleval.evalkit.sentences import percent
from xleval.text_console import print_whole, printed, text_console

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_PLAIN_WIDTH = 110
_OWN = "unscored, cut: answers of the one/the other"
_LEGEND = (
    "difference: {1} − {0}, in points; n: items scored by every run (of the one/the other where nothing is tested); "
    f"{_OWN}; detectable: found 4 times in 5, see above"
)
_LEGEND_UNLIKE = f"n: items of the one/the other; {_OWN}"
Marks = Mapping[Method, str]
_WIDEST_LABEL = 10  # longer ones are A and B in tables


def render_comparison(found: Comparison, *, width: int | None = None, colour: bool | None = None) -> str:
    """Return a comparison as text that ends with a newline.

    Args:
        found: of `compare_runs` or `compare_arms`.
        width: in columns; by default that of the terminal, or 110 without one.
        colour: whether to use terminal styles; by default only where standard output is a terminal.
    """
    console = text_console(plain_width=_PLAIN_WIDTH, width=width, colour=colour)
    for pair in found["pairs"]:
        for task in pair["tasks"]:
            _print_task(console, pair, task)
        for name, reason in pair["left_out"].items():
            console.print(f"{name}: not compared between {pair['first']} and {pair['second']}: {reason}\n")
    if found["refused"]:
        console.print("What these figures do not show:", style="bold")
        for each in found["refused"]:
            console.print(f"  not “{each['claim']}”: {each['reason']}")
        console.print()
    for line in dict.fromkeys(line for pair in found["pairs"] for task in pair["tasks"] for line in task["signatures"]):
        console.print(line, soft_wrap=True)  # one line each, to be copied whole
    console.print(
        f"compare|resamples:{found['resamples']}|seed:{found['seed']}|alpha:{found['alpha']:g}", soft_wrap=True
    )
    return printed(console)


def _print_task(console: "Console", pair: PairJson, task: TaskComparison) -> None:
    labels = printable(pair["first"]), printable(pair["second"])
    scoring = f"choice, {task['primary']}" if task["primary"] else "generation"
    console.print(f"{task['task']} v{task['version']} ({scoring}) · {labels[0]} and {labels[1]}", style="bold")
    for sentences in (*([each] for each in task["text"]), task["notes"]):
        if sentences:
            console.print(" ".join(printable(each) for each in sentences))
    console.print()
    if max(map(len, labels)) > _WIDEST_LABEL:
        console.print(f"A is {labels[0]}, B is {labels[1]}")
        labels = "A", "B"
    marks = method_marks(task)
    _print_languages(console, task, labels, marks)
    console.print(_LEGEND.format(*labels) if task["status"] == "compared" else _LEGEND_UNLIKE)
    console.print()
    valued = [figure for figure in task["figures"] if figure["difference"]]  # why another has none stands in the notes
    if valued:
        console.print("Exploratory, not adjusted:")
        heads = ["figure", *_heads(labels), "difference", "p", "n", "one language left out"]
        print_whole(console, _table(heads, [_figure_cells(figure, marks) for figure in valued]))
    for line in mark_lines(marks):
        console.print(line)
    console.print()


def _print_languages(console: "Console", task: TaskComparison, labels: tuple[str, str], marks: Marks) -> None:
    compared = task["status"] == "compared"
    middle = ["difference", "p", "Holm p", "right more often"] if compared else []
    heads = ["lang", *_heads(labels), *middle, "n", "unscored", "cut", *(["detectable"] if compared else [])]
    print_whole(console, _table(heads, [_cells(row, labels, marks, compared=compared) for row in task["rows"]]))


def _heads(labels: tuple[str, str]) -> list[str]:
    return [f"{label} %" for label in labels]


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> "Table":
    """Return a table whose heads wrap and whose cells do not."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True)
    for number, name in enumerate(columns):
        widest = max((len(row[number]) for row in rows), default=0)
        table.add_column(name, justify="left" if number == 0 else "right", min_width=widest)
    for row in rows:
        table.add_row(*row)
    return table


def _cells(row: LanguageComparison, labels: tuple[str, str], marks: Marks, *, compared: bool) -> list[str]:
    first, second, found = row["first"], row["second"], row["difference"]
    cells = [row["lang"], accuracy_cell(first), accuracy_cell(second)]
    if compared:
        who = {
            "first": labels[0],
            "second": labels[1],
            "undecided": "not shown",
            "none": f"({short_reason(row['reason'])})",
        }
        cells += [_marked(found, marks), p_value(found["p"] if found else None)]
        cells += [p_value(found["p_holm"] if found else None), who[row["verdict"]]]
    cells += count_cells(row)
    if compared:
        least = found["detectable"] if found else None
        cells.append("–" if least is None else points(least).removeprefix("+"))
    return cells


def count_cells(row: LanguageComparison) -> list[str]:
    """Return n, unscored answers and cut completions; of both runs where they have their own."""
    found, sides = row["difference"], [row["first"]["counts"], row["second"]["counts"]]
    cut = [side["truncated"] for side in sides]
    return [
        str(found["n"]) if found else f"{sides[0]['n']}/{sides[1]['n']}",
        f"{sides[0]['n_unscored']}/{sides[1]['n_unscored']}",
        "–" if cut[0] is None else f"{cut[0]}/{cut[1]}",
    ]


def accuracy_cell(side: SideJson) -> str:
    """Return an accuracy in per cent, or between what it lies where too much is unscored."""
    if side["bounds"]:
        return f"{percent(side['bounds'][0])} to {percent(side['bounds'][1])}"
    return percent(side["value"])


def _marked(found: DifferenceJson | None, marks: Marks) -> str:
    return f"{with_interval(found)} {marks[method_of(found)]}" if found else "–"


def _figure_cells(figure: FigureComparison, marks: Marks) -> list[str]:
    found, without = figure["difference"], figure["leave_one_out"]
    return [
        figure["figure"].replace("mean accuracy over these", "mean over"), percent(figure["first"]), percent(figure["second"]),
        _marked(found, marks), p_value(found["p"] if found else None), str(found["n"]) if found else "0",
        f"{points(without[0])} to {points(without[1])}" if without else "–",
    ]  # fmt: skip
