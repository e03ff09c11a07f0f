"""The charts and tables of a probe: what was found in each model, the knock-out check, and what changed."""

from collections.abc import Callable, Mapping

from xleval.evalkit.figures.chart import Chart, Difference, DifferenceChart
from xleval.evalkit.figures.of_probe_alignment import alignment_charts, alignment_tables
from xleval.evalkit.figures.of_probe_heads import head_charts, head_tables
from xleval.evalkit.figures.of_probe_knock_out import knock_out_charts, knock_out_tables
from xleval.evalkit.figures.of_probe_neurons import neuron_charts, neuron_tables
from xleval.evalkit.figures.of_probe_words import estimate, figure_words, interval_words, leaves_out_zero
from xleval.evalkit.figures.table import Cell, Column, Table, columns_of
from xleval.evalkit.probe_schema import Kind, ProbeJson

_CHARTS: Mapping[Kind, Callable[[ProbeJson], list[Chart]]] = {
    "neurons": neuron_charts, "heads": head_charts, "alignment": alignment_charts,
}  # fmt: skip
_TABLES: Mapping[Kind, Callable[[ProbeJson], list[Table]]] = {
    "neurons": neuron_tables, "heads": head_tables, "alignment": alignment_tables,
}  # fmt: skip


def probe_charts(probe: ProbeJson) -> list[Chart]:
    """Return the charts of a probe: changes first, where there are two arms, then what was found, then the check."""
    return [*change_charts(probe), *_CHARTS[probe["kind"]](probe), *knock_out_charts(probe)]


def probe_tables(probe: ProbeJson) -> list[Table]:
    """Return the tables of a probe, in the same order."""
    return [*change_tables(probe), figure_table(probe), *_TABLES[probe["kind"]](probe), *knock_out_tables(probe)]


def change_charts(probe: ProbeJson) -> list[Chart]:
    """Return the change of every summary figure with its interval; none without a second arm."""
    kind = probe["kind"]
    differences = tuple(
        Difference(
            label=_shown(each["name"]), value=each["difference"], low=each["low"], high=each["high"],
            decided=leaves_out_zero(each["low"], each["high"]),
        )
        for each in probe["changes"]
    )  # fmt: skip
    if not differences:
        return []
    return [
        DifferenceChart(
            name=f"probe-{kind}-changes", title="Changes: the second arm less the first",
            caption=f"Points, with 95 % intervals; filled where the interval leaves out 0 (not adjusted for the number of "
            f"figures). Names are those of the table. {interval_words(probe)}",
            differences=differences, sides=("first", "second"), digits=2, x_label="points, second arm less the first",
        )
    ]  # fmt: skip


def change_tables(probe: ProbeJson) -> list[Table]:
    """Return the changes with both arms' figures; none without a second arm."""
    if not probe["changes"]:
        return []
    rows: list[tuple[Cell, ...]] = [
        (
            figure_words(probe["kind"], each["name"]), each["first"], each["second"],
            estimate(each["difference"], each["low"], each["high"], probe), _shown(each["name"]), each["method"],
        )
        for each in probe["changes"]
    ]  # fmt: skip
    columns = columns_of(
        Figure="text", First="fine percent", Second="fine percent", Difference="fine points", Name="text",
        Interval="text",
    )  # fmt: skip
    name, caption = f"probe-{probe['kind']}-changes", f"Changes of {probe['kind']}, per cent and points."
    return [Table(name=name, caption=caption, columns=columns, rows=tuple(rows))]


def _shown(name: str) -> str:
    return name.replace("_", " ")


def figure_table(probe: ProbeJson) -> Table:
    """Return every summary figure with its interval, a column for each model."""
    models = [model["name"] for model in probe["models"]]
    found = {
        (each["name"], each["model"]): estimate(each["value"], each["low"], each["high"], probe)
        for each in probe["figures"]
    }
    rows: list[tuple[Cell, ...]] = [
        (figure_words(probe["kind"], name), *(found.get((name, model)) for model in models), _shown(name))
        for name in dict.fromkeys(each["name"] for each in probe["figures"])
    ]
    columns = (
        Column(name="Figure"), *(Column(name=model, unit="fine percent") for model in models), Column(name="Name")
    )  # fmt: skip
    caption = f"Summary figures of {probe['kind']}, per cent. Intervals are over {probe['units']}."
    return Table(name=f"probe-{probe['kind']}-figures", caption=caption, columns=columns, rows=tuple(rows))
