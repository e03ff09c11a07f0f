"""The gains of each run as text: a table a run, or, where there are many, one line a run."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from xleval.data.plurals import counted
from xleval.evalkit.results_schema import EstimateJson
from xleval.evalkit.results_warnings import FEW_ITEMS
from xleval.evalkit.statistics import minimum_detectable_difference
from xleval.evalkit.tables import percent, with_interval
from xleval.evalkit.transfer.cells import index_text, new_table, number
from xleval.evalkit.transfer.interval_marks import marked_points, marks_line, marks_of
from xleval.evalkit.transfer.schema import GainRow, LeaveOneOutJson, PairJson, TransferTaskJson
from xleval.text_console import print_whole

if TYPE_CHECKING:
    from rich.console import Console

_TITLES = {"mti": "MTI", "relative": "MTI, relative", "mean-of-ratios": "MTI, mean of ratios"}
_STATED = ("seed", "order", "regime")


def print_runs(console: "Console", task: str, found: TransferTaskJson) -> None:
    """Print one line for each run: mean gains over its trained and unseen languages, and MTI."""
    stated = [name for name in _STATED if len({_text(pair, name) for pair in found["pairs"]}) > 1]
    console.print(f"{task}: {counted(len(found['pairs']), 'run')}, each beside its base; mean gains in points")
    marks = marks_of(pair["gains"][role] for pair in found["pairs"] for role in ("trained", "unseen"))
    words = ("run", "trained on", *stated)
    table = new_table(("run", "k", *words[1:], "trained", "unseen", "MTI"), left=words, wrapped=("run", "trained on"))
    for pair in found["pairs"]:
        gains = [marked_points(pair["gains"][role], marks) for role in ("trained", "unseen")]
        index = pair["indices"]["mti"]["estimate"]
        table.add_row(
            pair["arm"], str(pair["k"]), ", ".join(pair["langs"]), *(_text(pair, name) for name in stated), *gains,
            number(index) if index else "none",
        )  # fmt: skip
    print_whole(console, table)
    indices = [index["estimate"] for pair in found["pairs"] for index in pair["indices"].values()]
    _print_methods(console, marks, indices)
    _print_smallest_gain(console, [row["n"] for pair in found["pairs"] for row in pair["rows"]])
    notes = [pair["arm"] for pair in found["pairs"] if any(_notes(row) for row in pair["rows"])]
    if notes:
        named = ", ".join(notes[:4]) + (f" and {len(notes) - 4} more" if len(notes) > 4 else "")
        console.print(f"! languages at chance, unscored, truncated or scored in one run only: see {named}")
    console.print("every run by language: --every-run, --csv or --json")
    console.print()


def print_pair(console: "Console", task: str, pair: PairJson) -> None:
    """Print one run beside its base: a line for each language, mean gains and indices."""
    stated = [f"{name} {_text(pair, name)}" for name in _STATED if _text(pair, name)]
    console.print(
        f"{pair['arm']} after {pair['base']} on {task}: trained on {', '.join(pair['langs'])} (k = {pair['k']})"
        + "".join(f", {each}" for each in stated)
    )
    columns = ("lang", "role", "base % [95 %]", "trained % [95 %]", "gain, points [95 %]", "n", "")
    table = new_table(columns, left=("lang", "role", ""), wrapped=("",))
    marks = marks_of([*(row["gain"] for row in pair["rows"]), *pair["gains"].values()])
    for row in pair["rows"]:
        gain = marked_points(row["gain"], marks)
        table.add_row(
            row["lang"], row["role"], with_interval(row["base"]), with_interval(row["trained"]), gain,
            str(row["n"]), ", ".join(_notes(row)),
        )  # fmt: skip
    print_whole(console, table)
    _print_smallest_gain(console, [row["n"] for row in pair["rows"]])
    means = [f"{role} {marked_points(each, marks)}" for role, each in pair["gains"].items() if each]
    console.print(f"mean gain over these languages, points: {'; '.join(means)}")
    if pair["leave_one_out"]:
        console.print(_without_one(pair["leave_one_out"]))
    for name, title in _TITLES.items():
        console.print(f"{title}: {index_text(pair['indices'][name])}")
    _print_methods(console, marks, [index["estimate"] for index in pair["indices"].values()])
    console.print()


def _without_one(found: LeaveOneOutJson) -> str:
    low, high = (f"{100 * found[end]:+.1f}" for end in ("low", "high"))
    if low == high:
        return f"mean unseen gain without any one language: {low}"
    return (
        f"mean unseen gain without one language: {low} (without {found['low_without']}) to {high} "
        f"(without {found['high_without']})"
    )


def _print_methods(console: "Console", marks: Mapping[str, str], indices: Sequence[EstimateJson | None]) -> None:
    """Print how intervals were made: those of gains by mark, those of indices in one word."""
    others = "; ".join(dict.fromkeys(each["method"] for each in indices if each))
    console.print(marks_line(marks) + (f"; of indices: {others}" if others else ""))


def _print_smallest_gain(console: "Console", n_items: Sequence[int]) -> None:
    fewest = min(n_items, default=0)
    if 0 < fewest < FEW_ITEMS:
        least = minimum_detectable_difference(fewest, discordant=0.5)
        found = "no gain is detectable"
        if least is not None:
            found = f"gains under {100 * least:.0f} points are not detectable where half of the items change"
        console.print(f"! {counted(fewest, 'item')} a language: {found} (two-sided 5 %, 80 % power)")


def _text(pair: PairJson, name: str) -> str:
    of: Mapping[str, str | None] = {"seed": pair["seed"], "order": pair["order"], "regime": pair["regime"]}
    return of[name] or ""


def _notes(row: GainRow) -> list[str]:
    """Return what must be known of a language's figures, base before trained."""
    notes = ["at chance"] if row["at_chance"] else []
    alone = row["n_base_only"] + row["n_trained_only"]
    notes += [f"{alone} scored in one run only"] if alone else []
    if row["n_unscored_base"] or row["n_unscored_trained"]:
        notes.append(f"unscored {row['n_unscored_base']} and {row['n_unscored_trained']}")
    if row["truncated_base"] or row["truncated_trained"]:
        notes.append(f"truncated {percent(row['truncated_base'])} % and {percent(row['truncated_trained'])} %")
    return notes
