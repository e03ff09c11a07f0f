"""What training sets share with evaluation sets."""

from xleval.evalkit.figures.table import Cell, Table, columns_of
from xleval.evalkit.report.section import Section
from xleval.training.studies.found import Found


def overlap_section(found: Found) -> Section | None:
    """Return the counts of shared items by pair of sets; None where nothing was checked."""
    rows: list[tuple[Cell, ...]] = [
        (
            train, evaluation, seen["n_train"], seen["n_evaluation"], sum(seen["rules"].values()),
            "; ".join(f"{rule}: {count}" for rule, count in seen["rules"].items()) or "–",
        )
        for (train, evaluation), seen in found.overlaps.items()
    ]  # fmt: skip
    if not rows:
        return None
    columns = columns_of(
        Training_set="text", Evaluation_set="text", Training_items="count", Evaluation_items="count", Shared="count",
        By_rule="text",
    )  # fmt: skip
    caption = "Items of evaluation sets that a training set shares, by the rule that found them."
    return Section(
        name="overlap", title="What training and evaluation share",
        lines=("A training refuses shared items of its own evaluation sets; a public set may be in any model's data all the same",),
        tables=(Table(name="overlap", caption=caption, columns=columns, rows=tuple(rows)),),
    )  # fmt: skip
