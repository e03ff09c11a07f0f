"""A judging as text for people."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from xleval.evalkit.compare.sentences import printable
from xleval.evalkit.figures.of_judge import NOT_VALIDATED, sides
from xleval.evalkit.figures.table import shown
from xleval.evalkit.judge.page import rules_of
from xleval.evalkit.judge.schema import JudgedByJson, JudgeJson, RowJson, TaskJson
from xleval.evalkit.sentences import percent
from xleval.text_console import print_whole, printed, text_console

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_PLAIN_WIDTH = 110
_HEADS = ("lang", "n", "win rate", "equal length", "won/tied/lost", "unscored")
_HOW = ("lang", "judged", "wrong language", "empty", "cut", "orders κ", "shown first", "judge right")


def render_judging(judged: JudgeJson, *, width: int | None = None, colour: bool | None = None) -> str:
    """Return a judging as text that ends with a newline.

    Args:
        judged: of `judge_runs`.
        width: in columns; by default that of the terminal, or 110 without one.
        colour: whether to use terminal styles; by default only where standard output is a terminal.
    """
    console = text_console(plain_width=_PLAIN_WIDTH, width=width, colour=colour)
    first, second = (printable(label) for label in sides(judged))
    for each in judged["judges"]:
        for task in each["tasks"]:
            console.print(
                f"{task['task']} · {second} over {first}, by {printable(each['judge']['spec'])}", style="bold"
            )
            _print_task(console, task)
    _print_between(console, judged)
    console.print(f"win rate: of {second}, in per cent, ties as half. wrong language, empty, cut: items in which")
    console.print(f"{first} alone/{second} alone/both have the fault. orders κ: agreement of the two orders;")
    console.print("shown first: verdicts for the answer shown first; judge right: on labelled pairs.\n")
    for line in (*rules_of(judged)[1:], *judged["notes"]):
        console.print(printable(line))
    console.print()
    if judged["refused"]:
        console.print("What these figures do not show:", style="bold")
        for refusal in judged["refused"]:
            console.print(f"  not “{refusal['claim']}”: {printable(refusal['reason'])}")
        console.print()
    for each in judged["judges"]:
        console.print(_signature(judged, each), soft_wrap=True)  # one line, to be copied whole
    return printed(console)


def _print_task(console: "Console", task: TaskJson) -> None:
    rows = [_rate_cells(row) for row in task["rows"]]
    if task["mean"]:
        rows.append(["mean", str(task["mean"]["n"]), shown(task["mean"], "percent"), "", "", ""])
    print_whole(console, _table(_HEADS, rows))
    if task["mean"] and len(task["mean_languages"]) < len(task["rows"]):
        console.print(f"mean: of {', '.join(task['mean_languages'])}")
    print_whole(console, _table(_HOW, [_how_cells(row) for row in task["rows"]]))
    reasons: dict[str, int] = {}
    for row in task["rows"]:
        for reason, number in row["reasons"].items():
            reasons[reason] = reasons.get(reason, 0) + number
    if reasons:
        console.print(f"unscored: {'; '.join(f'{number} × {printable(reason)}' for reason, number in reasons.items())}")
    console.print()


def _rate_cells(row: RowJson) -> list[str]:
    rate = shown(row["win_rate"], "percent") if row["validated"] else NOT_VALIDATED
    equal = shown(row["length_controlled"] if row["validated"] else None, "percent")
    counts = f"{row['wins']}/{row['ties']}/{row['losses']}"
    return [row["lang"], str(row["n"] - row["n_unscored"]), rate, equal, counts, str(row["n_unscored"])]


def _how_cells(row: RowJson) -> list[str]:
    faults = ("/".join(map(str, row["before"][fault])) for fault in ("wrong_language", "empty", "truncated"))
    accuracy = row["accuracy"]
    right = f"{percent(accuracy['value'])} (n = {accuracy['n']})" if accuracy else "not known"
    return [
        row["lang"], str(row["n_judged"]), *faults, shown(row["orders"]["kappa"], "number"),
        shown(row["first_slot"], "percent"), right,
    ]  # fmt: skip


def _print_between(console: "Console", judged: JudgeJson) -> None:
    if not judged["between"]:
        return
    console.print("Agreement of judges on who wins", style="bold")
    rows = [
        [
            each["task"], each["lang"], printable(" and ".join(each["judges"])), str(each["agreement"]["n"]),
            shown(each["agreement"]["same"], "percent"), shown(each["agreement"]["kappa"], "number"),
        ]
        for each in judged["between"]
    ]  # fmt: skip
    print_whole(console, _table(("task", "lang", "judges", "n", "same", "κ"), rows))
    console.print()


def _signature(judged: JudgeJson, each: JudgedByJson) -> str:
    model = each["judge"]["signature"]
    settings = {
        "backend": model["backend"], "model": each["judge"]["model"], "weights": model.get("weights_sha256", "")[:12],
        "prompt": judged["prompt"], "max_tokens": model["max_tokens"], "seed": judged["signature"]["seed"],
        "cut": judged["signature"]["cut"],
        "resamples": judged["signature"]["resamples"],
    }  # fmt: skip
    return "judge|" + "|".join(f"{key}:{value}" for key, value in settings.items() if value != "")


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> "Table":
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE, pad_edge=False)
    for place, head in enumerate(heads):
        table.add_column(head, justify="left" if place == 0 else "right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return table
