"""Results as tables for people, on a terminal or as plain text."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from xleval.data.plurals import counted
from xleval.evalkit.results_schema import LanguageRow, Results, TaskResult
from xleval.evalkit.sentences import (
    consistency_lines,
    contrast_lines,
    fact_lines,
    leave_one_out_lines,
    mean_over_tasks_lines,
    path_lines,
    percent,
    position_lines,
    second_opinion_lines,
    weighted_lines,
    with_interval,
)
from xleval.evalkit.shapes import object_of
from xleval.text_console import print_whole, printed, text_console

if TYPE_CHECKING:
    from rich.console import Console

__all__ = [
    "consistency_lines",
    "how_asked",
    "mean_over_tasks_lines",
    "path_lines",
    "percent",
    "position_lines",
    "render_grid_table",
    "render_tables",
    "weighted_lines",
    "with_interval",
]

_PLAIN_WIDTH = 100


def render_tables(results: Results, *, width: int | None = None, colour: bool | None = None) -> str:
    """Return one table for each task, with its consistency lines and warnings, as text that ends with a newline.

    Args:
        results: of `summarise`.
        width: in columns; by default that of the terminal, or 100 without one.
        colour: whether to use terminal styles; by default only where standard output is a terminal.
    """
    console = text_console(plain_width=_PLAIN_WIDTH, width=width, colour=colour)
    for task, result in results["tasks"].items():
        _print_task(console, task, result, results["model"], how_asked(results["signature"], task))
    for line in contrast_lines(results) + mean_over_tasks_lines(results):
        console.print(line)
    return printed(console)


def how_asked(signature: Mapping[str, object], task: str) -> list[str]:
    """Return in words what a run asked otherwise than by default, as its signature says it."""
    asked = object_of(object_of(signature.get("tasks")).get(task))
    options = object_of(signature.get("options"))
    sampling = object_of(options.get("sampling"))
    words = ["conversations"] if asked.get("chat") else []
    if asked.get("shots"):
        words.append(counted(int(str(asked["shots"])), "example"))
    n_samples = asked.get("samples", signature.get("samples", 1))
    if n_samples != 1:
        drawn = object_of(asked.get("sampling")) or sampling
        words.append(f"{n_samples} samples at temperature {drawn.get('temperature')}")
    usual = {
        "scaffold": "native", "option_space": "auto", "cot": "native", "reason_prefix": "none", "script_mask": "none"
    }  # fmt: skip
    words += [
        f"{key.replace('_', ' ')} {options[key]}" for key, value in usual.items() if options.get(key, value) != value
    ]
    if signature.get("length_budget", "tokens") != "tokens":
        words.append(f"length budget by {signature['length_budget']}")
    return words


def _print_task(console: "Console", task: str, result: TaskResult, model: str, how: Sequence[str]) -> None:
    from rich import box
    from rich.table import Table

    scoring = f"choice, {result['primary']}" if result["primary"] else "generation"
    title = (
        f"{task} v{result['version']} ({', '.join([scoring, *how])}) · {model} · {counted(result['n_items'], 'item')}"
    )
    console.print(title, style="bold", soft_wrap=False)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True)
    columns = _columns(result)
    for number, name in enumerate(columns):
        table.add_column(name, justify="left" if number == 0 else "right", no_wrap=number < 2)
    for row in result["rows"]:
        table.add_row(*_cells(row, columns))
    print_whole(console, table)
    for mean in result["means"]:
        languages = f" ({', '.join(mean['languages'])})" if mean["languages"] != result["languages"] else ""
        console.print(f"mean accuracy {mean['name']}{languages}: {with_interval(mean['accuracy'])}")
    for line in weighted_lines(result) + position_lines(result) + path_lines(result) + second_opinion_lines(result):
        console.print(line)
    if result["consistency"]:
        for line in consistency_lines(result["consistency"]):
            console.print(line)
    for line in leave_one_out_lines(result) + fact_lines(result):
        console.print(line)
    for warning in result["warnings"]:
        console.print(f"! {warning['text']}", style="yellow")
    if line := result.get("signature_line"):
        console.print(line, style="dim", soft_wrap=True)  # one line, to be copied
    console.print()


def _columns(result: TaskResult) -> list[str]:
    columns = ["lang", "accuracy % [95 %]", "n", "unscored"]
    if result["kind"] == "generation":
        columns += [f"pass@{k}" for k in result["rows"][0]["pass_at"]]
        columns += ["majority"] if result["rows"][0]["majority"] else []
        columns += ["truncated", "unparsed", "finished only", "tokens", "right in language"]
    if any(row["language_consistency"] for row in result["rows"]):
        columns.append("in language")
    return columns


def _cells(row: LanguageRow, columns: list[str]) -> list[str]:
    written = row["language_consistency"]
    bounds = row["bounds"]
    accuracy = with_interval(row["accuracy"])
    cells = {
        "lang": row["lang"],
        # Above the limit of unscored items there is no verdict, only what it could be.
        "accuracy % [95 %]": accuracy if bounds is None else f"between {percent(bounds[0])} and {percent(bounds[1])}",
        "n": str(row["n"]),
        "unscored": str(row["n_unscored"]),
        **{f"pass@{k}": percent(found["value"] if found else None) for k, found in row["pass_at"].items()},
        "majority": percent(row["majority"]["value"] if row["majority"] else None),
        "truncated": percent(row["truncated"]),
        "unparsed": percent(row["unparsed"]),
        "finished only": percent(row["finished_only"]["value"] if row["finished_only"] else None),
        "tokens": "–" if row["mean_tokens"] is None else f"{row['mean_tokens']:.0f}",
        "right in language": percent(row["correct_in_language"]["value"] if row["correct_in_language"] else None),
        "in language": percent(written["headline"]["value"] if written and written["headline"] else None),
    }
    return [cells[name] for name in columns]


def render_grid_table(rows: Sequence[tuple[str, str, Sequence[tuple[str, str]]]]) -> str:
    """Return a table of (combination, task, cells by language) as text; a cell is `accuracy / in language`."""
    from rich import box
    from rich.table import Table

    languages = list(dict.fromkeys(lang for _, _, cells in rows for lang, _ in cells))
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, title="accuracy % / words in language %")
    for name in ("decoding", "task", *languages):
        table.add_column(name, justify="left" if name in ("decoding", "task") else "right", no_wrap=True)
    for label, task, cells in rows:
        found = dict(cells)
        table.add_row(label, task, *(found.get(lang, "–") for lang in languages))
    console = text_console(plain_width=max(_PLAIN_WIDTH, 34 + 14 * len(languages)))
    print_whole(console, table, n_keys=2)
    return printed(console)
