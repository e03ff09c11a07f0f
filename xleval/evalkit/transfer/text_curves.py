"""What the number of training languages does, as text: runs with the same k together, curves, fits and controls."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from xleval.evalkit.tables import with_interval
from xleval.evalkit.transfer.cells import index_text, new_table, number, points
from xleval.evalkit.transfer.schema import CurveJson, FitJson, IndexJson, PooledJson, TransferTaskJson
from xleval.text_console import print_whole

if TYPE_CHECKING:
    from rich.console import Console

_FIT_COLUMNS = ("fit to k >= 2", "ΔAICc", "best in", "R²", "error, k left out", "gap f(1) - y(1)")
UNDETERMINED = "not determined"


def print_summary(console: "Console", name: str, task: TransferTaskJson, *, by_language: bool) -> None:
    """Print the curves of a task, its controls, and runs with the same k together.

    Args:
        console: where to.
        name: of the task.
        task: its figures.
        by_language: whether the gains of runs together are printed for each language too.
    """
    for curve in task["curves"]:
        _print_curve(console, name, curve)
    for each in task["controls"]:
        console.print(f"k = {each['k']}: {each['regime']} - {each['control']}, points: {points(each['difference'])}")
    if task["controls"]:
        console.print()
    if by_language:
        for pooled in task["pooled"]:
            for line in _pooled_lines(name, pooled):
                console.print(line)
    elif task["pooled"]:
        _print_pooled(console, name, task)


def _print_pooled(console: "Console", name: str, task: TransferTaskJson) -> None:
    console.print(f"{name}: runs with the same k together, mean gains in points")
    table = new_table(("regime", "k", "runs", "trained", "unseen", "MTI"), left=("regime",))
    for pooled in task["pooled"]:
        gains = [points(pooled["gains"][role]) for role in ("trained", "unseen")]
        index = number(pooled["mti"]["estimate"]) if pooled["mti"]["estimate"] else "none"
        table.add_row(pooled["regime"], str(pooled["k"]), str(len(pooled["arms"])), *gains, index)
    print_whole(console, table)
    for levels in dict.fromkeys(", ".join(pooled["levels"]) for pooled in task["pooled"]):
        console.print(f"intervals draw {levels} (percentile bootstrap 95%)")
    console.print()


def _pooled_lines(task: str, pooled: PooledJson) -> Iterator[str]:
    gains = "; ".join(f"{role} {points(each)}" for role, each in pooled["gains"].items() if each)
    rows = ", ".join(f"{row['lang']} ({row['role']}) {points(row['gain'])}" for row in pooled["rows"] if row["gain"])
    yield f"{task}, regime {pooled['regime']}, k = {pooled['k']}: {len(pooled['arms'])} runs together"
    yield f"mean gain, points: {gains}"
    yield f"by language: {rows}"
    yield f"MTI: {index_text(pooled['mti'])}"
    yield f"intervals draw {', '.join(pooled['levels'])} (percentile bootstrap 95%)"
    yield ""


def _print_curve(console: "Console", task: str, curve: CurveJson) -> None:
    accuracy = curve["y"] == "accuracy"
    what = f"mean accuracy over {', '.join(curve['languages']) or 'no language'}" if accuracy else "MTI"
    console.print(f"{task}, regime {curve['regime']}: {what} against the number of training languages k")
    for point in curve["points"]:
        show = with_interval if accuracy else number
        value = show(point["estimate"]) if point["estimate"] else f"none, {point['reason']}"
        runs = len(point["arms"])
        console.print(f"  k = {point['k']}: {value} ({runs} run{'s' if runs > 1 else ''})")
    for title, index in (
        ("leap y(2) - y(1)", curve["leap"]),
        ("mean later step", curve["later_step"]),
        ("leap - later step", curve["leap_minus_later"]),
    ):
        console.print(f"{title}: {_difference(index, accuracy)}")
    if curve["fits"]:
        table = new_table(_FIT_COLUMNS, left=_FIT_COLUMNS[:1])
        for fit in curve["fits"]:
            table.add_row(*_fit_cells(fit, accuracy))
        print_whole(console, table)
        for fit in curve["fits"]:
            console.print(f"  {fit['form']}: {_parameters(fit)}")
    for line in _gap_lines(curve, accuracy):
        console.print(line)
    verdict = "a power law over these points" if curve["law"]["holds"] else "not called a law"
    console.print(f"{verdict}: {curve['law']['reason']}")
    console.print(f"intervals draw {', '.join(curve['levels'])} (percentile bootstrap 95%)")
    console.print()


def _gap_lines(curve: CurveJson, accuracy: bool) -> Iterator[str]:
    """Yield the gap of the fit that leads, then what the power fit and the others make of it."""
    beside, gap = curve["gap_of_fits"], _difference(curve["gap"], accuracy)
    leads = f" (the {beside['form']} fit, which leads in AICc)" if curve["gap"]["estimate"] else ""
    yield f"monolingual generalisation gap f(1) - y(1), one step outside the data: {gap}{leads}"
    parts = []
    power = next((fit for fit in curve["fits"] if fit["form"] == "power"), None)
    if power is not None and beside["form"] != "power":
        behind = "" if power["delta_aicc"] is None else f", {power['delta_aicc']:.1f} behind in AICc"
        parts.append(f"of the power fit{behind}: {_difference(beside['power'], accuracy)}")
    if beside["low"] is not None and beside["high"] is not None and len(beside["forms"]) > 1:
        low, high = (f"{100 * end:+.1f}" if accuracy else f"{end:.2f}" for end in (beside["low"], beside["high"]))
        parts.append(f"over the determined fits ({', '.join(beside['forms'])}): {low} to {high}")
    if parts:
        yield f"  {'; '.join(parts)}"


def _difference(index: IndexJson, accuracy: bool) -> str:
    if index["estimate"] is None:
        return f"none, {index['reason']}"
    return (points if accuracy else number)(index["estimate"])


def _fit_cells(fit: FitJson, accuracy: bool) -> list[str]:
    error, scale, places = fit["leave_one_out"], *((100, 1) if accuracy else (1, 2))
    gap = (points if accuracy else number)(fit["gap"]) if fit["determined"] or fit["gap"] is None else UNDETERMINED
    return [
        f"{fit['form']}: {fit['formula']}",
        "–" if fit["delta_aicc"] is None else f"{fit['delta_aicc']:.1f}",
        "–" if fit["leads"] is None else f"{100 * fit['leads']:.0f} %",
        "–" if fit["r_squared"] is None else f"{fit['r_squared']:.3f}",
        "–" if error is None else f"{scale * error:.{places}f}",
        gap,
    ]


def _parameters(fit: FitJson) -> str:
    """Return the parameters with their intervals; of a curve that the points do not determine why not."""
    values = ", ".join(f"{name} = {number(each, 3)}" for name, each in fit["parameters"].items())
    parts = (values if fit["determined"] else "", fit["reason"])
    return "; ".join(part for part in parts if part)
