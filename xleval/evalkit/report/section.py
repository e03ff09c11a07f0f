"""A part of a page that another package composes: sentences, charts and tables under one heading."""

from dataclasses import dataclass

from xleval.evalkit.claims import Refusal
from xleval.evalkit.figures.chart import Chart
from xleval.evalkit.figures.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One heading of a study's page with what stands under it, in this order; each may be empty.

    Attributes:
        name: of the anchor and of figure and table files; letters, digits and `-`.
        title: heading.
        lines: sentences.
        refused: what must not be said of the figures, each with its reason.
        tables: stand open.
        charts: stand open.
        further_tables, further_charts: are folded.
        code: command lines or other text that is shown as it is, one a line; folded where there are more than ten.
    """

    name: str
    title: str
    lines: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    further_tables: tuple[Table, ...] = ()
    further_charts: tuple[Chart, ...] = ()
    code: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyPage:
    """The page of a study, or of another finding that is made of sections.

    Attributes:
        title: of the page.
        warnings: stand in a box under the title, such as that a smoke run shows the machinery and not the finding.
        sections: in the order of the page.
        brand: what the page is, after the program's name at its top.
    """

    title: str
    warnings: tuple[str, ...]
    sections: tuple[Section, ...]
    brand: str = "study"
