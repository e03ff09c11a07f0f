"""Transfer between languages: the figures of `xleval transfer`, by part of the study."""

from collections.abc import Sequence

from xleval.evalkit.claims import Refusal
from xleval.evalkit.figures.of_transfer import gain_charts, transfer_charts
from xleval.evalkit.figures.of_transfer_tables import gain_tables, transfer_tables
from xleval.evalkit.report.section import Section
from xleval.training.studies.found import Found
from xleval.training.studies.sections.renamed import renamed_charts, renamed_tables


def transfer_section(
    found: Found, *, parts: Sequence[str] = (), name: str = "transfer", title: str = "Transfer between languages"
) -> Section | None:
    """Return gains, indices, fits and controls; None where no part has figures.

    Args:
        found: the study.
        parts: of `Found.transfers`, in their order; empty for all.
        name, title: of the section.
    """
    having = [part for part in (parts or found.transfers) if part in found.transfers]
    if not having:
        return None
    said = {part: part if len(found.transfers) > 1 else "" for part in having}
    refused: dict[tuple[str, str], Refusal] = {}
    charts, tables, gains, gained = [], [], [], []
    for part in having:
        transfer = found.transfers[part]
        start = f"{name}-{part}"
        charts += renamed_charts(transfer_charts(transfer), start, said[part])
        tables += renamed_tables(transfer_tables(transfer), start, said[part])
        gains += renamed_charts(gain_charts(transfer), start, said[part])
        gained += renamed_tables(gain_tables(transfer), start, said[part])
        for each in (each for each in transfer["refused"] if not each["letter"]):  # others are of the whole study
            about = f"{each['arm']}: " if each["arm"] else ""
            refused[each["claim"], each["reason"]] = Refusal(
                letter="", claim=each["claim"], reason=f"{about}{each['reason']}"
            )
    return Section(
        name=name, title=title, refused=tuple(refused.values()), tables=tuple(tables), charts=tuple(charts),
        further_tables=tuple(gained), further_charts=tuple(gains),
        lines=(
            "Gains are on the items that base and trained run both scored. MTI is the mean gain over unseen languages "
            "divided by the mean gain over trained ones.",
        ),
    )  # fmt: skip
