"""The page of a study: sections of sentences, tables, charts and commands -> one self-contained HTML file."""

from pathlib import Path
from typing import Any

from xleval.data.storage import write_atomically
from xleval.errors import ConfigError
from xleval.evalkit.report.drawing import Drawing
from xleval.evalkit.report.rendering import render
from xleval.evalkit.report.section import Section, StudyPage

#: More lines of code than these are folded.
_OPEN_CODE = 10


def write_study_report(page: StudyPage, path: Path) -> None:
    """Write the page as one HTML file, whole or not at all; the same page gives the same bytes.

    Tables whose name ends with `-published` have their second-hand rows in grey, by their column `Evidence`.

    Args:
        page: what stands on it.
        path: the file.

    Raises:
        ConfigError: two sections of one name, to which no link could lead.
        DataError: the file cannot be written.
    """
    names = [section.name for section in page.sections]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ConfigError(f"the page has two sections named {twice}; every section needs a name of its own")
    draw = Drawing()
    context = {
        "parts": [(f"part-{section.name}", section.title) for section in page.sections],
        "warnings": page.warnings,
        "sections": [_section(section, draw) for section in page.sections],
    }
    write_atomically(path, render("study.html", page.title, context, brand=page.brand).encode("utf-8", "replace"))


def _section(section: Section, draw: Drawing) -> dict[str, Any]:
    return {
        "id": f"part-{section.name}",
        "found": section,
        "charts": [draw(chart) for chart in section.charts],
        "further": [draw(chart) for chart in section.further_charts],
        "folded": len(section.code) > _OPEN_CODE,
    }
