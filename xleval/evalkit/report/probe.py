"""The report of a look inside models: what `xleval probe` found, alone, as one HTML file."""

from pathlib import Path

from xleval.evalkit.probe_schema import ProbeJson
from xleval.evalkit.report.contents import Findings
from xleval.evalkit.report.page import write_report


def write_probe_report(probe: ProbeJson, path: Path) -> None:
    """Write the probe as one self-contained HTML file, whole or not at all; the same probe gives the same bytes.

    Raises:
        DataError: the file cannot be written.
    """
    write_report([], path, findings=Findings(probes=(probe,)))
