"""What the template of the section on the inside of models is given."""

from collections.abc import Callable, Sequence
from typing import Any

from xleval.evalkit.figures.chart import Chart
from xleval.evalkit.figures.of_probe_words import (
    TITLES,
    interval_words,
    knock_out_words,
    method_words,
    model_words,
    text_words,
)
from xleval.evalkit.probe_schema import ProbeJson
from xleval.evalkit.report.contents import Part

#: Ends of the names of tables that stand open; the others are folded.
_OPEN = ("-changes", "-figures")
#: Are in the names of charts that are folded: what is there to look further into.
_FOLDED = ("-cosine-", "-importance")
#: Is in the names of charts and tables of the check.
_CHECK = "-knock-out-"


def probes_section(
    probes: Sequence[ProbeJson], parts: Sequence[Part], draw: Callable[[Chart], dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return each probe with its sentences, drawn charts and tables; the knock-out check stands apart."""
    found = []
    for probe, part in zip(probes, parts, strict=True):
        checks = [chart for chart in part.charts if _CHECK in chart.name]
        folded = [chart for chart in part.charts if any(each in chart.name for each in _FOLDED)]
        tables = [table for table in part.tables if _CHECK not in table.name]
        found.append(
            {
                "found": probe,
                "title": TITLES[probe["kind"]],
                "lines": [model_words(probe), text_words(probe), *method_words(probe)],
                "intervals": interval_words(probe),
                "charts": [draw(chart) for chart in part.charts if chart not in checks and chart not in folded],
                "folded": [draw(chart) for chart in folded],
                "tables": [table for table in tables if table.name.endswith(_OPEN)],
                "further": [table for table in tables if not table.name.endswith(_OPEN)],
                "check": knock_out_words(probe),
                "check_charts": [draw(chart) for chart in checks],
                "check_tables": [table for table in part.tables if _CHECK in table.name],
            }
        )
    return found
