"""Charts and tables of other parts of the package under names and titles that tell one arm's from another's."""

from collections.abc import Sequence
from dataclasses import replace

from xleval.evalkit.figures.chart import Chart
from xleval.evalkit.figures.table import Table


def renamed_charts(charts: Sequence[Chart], name: str, said: str = "") -> list[Chart]:
    """Return charts whose names begin with one that is unique in the page, and whose titles end with whose they are.

    Args:
        charts: of one arm.
        name: begins their names.
        said: ends their titles, in brackets; empty where the titles say it.
    """
    end = f" ({said})" if said else ""
    return [replace(chart, name=f"{name}-{chart.name}", title=f"{chart.title}{end}") for chart in charts]


def renamed_tables(tables: Sequence[Table], name: str, said: str = "") -> list[Table]:
    """Return tables whose names begin with one that is unique in the page, and whose captions end with whose they are.

    A table without a row says nothing and is left out.
    """
    end = f" ({said})." if said else ""
    return [
        replace(
            table, name=f"{name}-{table.name}", caption=f"{table.caption.rstrip('.') if end else table.caption}{end}"
        )
        for table in tables
        if table.rows
    ]
