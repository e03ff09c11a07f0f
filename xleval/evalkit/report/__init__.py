"""The report of runs: one self-contained HTML file."""

from xleval.evalkit.report.page import ReportRun, write_report

__all__ = ["ReportRun", "write_report"]
