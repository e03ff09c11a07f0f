"""The report of a training as it runs: the curves of `xleval watch` or `xleval train` alone, as one HTML file."""

from pathlib import Path

from xleval.evalkit.curves_schema import CurvesJson
from xleval.evalkit.report.contents import Findings
from xleval.evalkit.report.page import write_report


def write_curves_report(curves: CurvesJson, path: Path) -> None:
    """Write the curves as one self-contained HTML file, whole or not at all; the same curves give the same bytes.

    Raises:
        DataError: the file cannot be written.
    """
    write_report([], path, findings=Findings(curves=curves))
