"""The figures of a transfer study as text for people: what they come to first, then run by run."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from xleval.evalkit.transfer.cells import new_table, number
from xleval.evalkit.transfer.schema import RefusalJson, Transfer, TransferabilityIndexJson
from xleval.evalkit.transfer.text_curves import print_summary
from xleval.evalkit.transfer.text_runs import print_pair, print_runs
from xleval.text_console import print_whole, printed, text_console

if TYPE_CHECKING:
    from rich.console import Console

_PLAIN_WIDTH = 110
MOST_TABLES = 6
"""Runs of a task up to which each has a table of its own."""


def render_transfer(found: Transfer, *, every_run: bool = False) -> str:
    """Return tables and sentences: curves and fits, gains of each run, TI, and what is refused; accuracies in per cent.

    Args:
        found: the study.
        every_run: whether each run has its table by language however many there are; else one line a run where there
            are more than `MOST_TABLES`.
    """
    console = text_console(plain_width=_PLAIN_WIDTH, colour=False)
    runs = max((len(task["pairs"]) for task in found["tasks"].values()), default=0)
    whole = every_run or runs <= MOST_TABLES
    for name, task in found["tasks"].items():
        print_summary(console, name, task, by_language=whole)
        if whole:
            for pair in task["pairs"]:
                print_pair(console, name, pair)
        else:
            print_runs(console, name, task)
    if whole:
        for index in found["indices"]:
            for line in _index_lines(index):
                console.print(line)
            console.print()
    elif found["indices"]:
        _print_indices(console, found["indices"])
    console.print("Not carried by these figures:")
    for line in _refusal_lines(found["refused"], whole=whole):
        console.print(line)
    return printed(console)


def _index_lines(index: TransferabilityIndexJson) -> list[str]:
    lines = [f"Transferability Index (Huan et al.) of {index['arm']}, reference group {index['reference']}"]
    for group in index["groups"]:
        rows = ", ".join(f"{row['name']} {row['base']:.1f} → {row['trained']:.1f}" for row in group["benchmarks"])
        value = f"none, {group['reason']}" if group["reason"] else f"{number(group['ti'], 1)} %"
        lines.append(f"  {group['group']}: TI {value}; DI {number(group['di'])} ({rows})")
    return lines


def _print_indices(console: "Console", indices: Sequence[TransferabilityIndexJson]) -> None:
    groups = [group["group"] for group in indices[0]["groups"]]
    console.print(f"Transferability Index (Huan et al.), %, reference group {indices[0]['reference']}")
    for group in indices[0]["groups"]:
        console.print(f"  {group['group']}: {', '.join(row['name'] for row in group['benchmarks'])}")
    table = new_table(("run", *groups), left=("run",), wrapped=("run",))
    for index in indices:
        values = [number(group["ti"], 1) if group["ti"] else "none" for group in index["groups"]]
        table.add_row(index["arm"], *values)
    print_whole(console, table)
    console.print()


def _refusal_lines(refused: Sequence[RefusalJson], *, whole: bool) -> list[str]:
    """Return a line for each reason and its claims; with many runs those about single runs are counted only."""
    shown = [each for each in refused if whole or each["arm"] is None]
    claims: dict[str, list[str]] = {}
    for each in shown:
        claims.setdefault(each["reason"], []).append(each["claim"])
    lines = [f"! {'; '.join(names)}: {reason}" for reason, names in claims.items()]
    if len(shown) < len(refused):
        lines.append(f"and {len(refused) - len(shown)} claims about single runs: --every-run or --json")
    return lines
