"""What probes found in the arms: changes and what the knock-out check decides by open, all else folded."""

from collections.abc import Sequence

from xleval.evalkit.figures.of_probe import probe_charts, probe_tables
from xleval.evalkit.figures.of_probe_words import TITLES, interval_words, knock_out_words, model_words, text_words
from xleval.evalkit.figures.table import Table
from xleval.evalkit.report.section import Section
from xleval.training.studies.found import Found
from xleval.training.studies.sections.renamed import renamed_charts, renamed_tables

#: Ends of the names of what stands open; of the check the figures that decide whether a set is a language's own.
_OPEN = ("-changes", "-knock-out-own-1", "-knock-out-own-2")


def probes_section(found: Found, *, kinds: Sequence[str] = ()) -> Section | None:
    """Return what changed inside the model, by probe and arm; None without a probe.

    Args:
        found: the study.
        kinds: `neurons`, `heads`, `alignment`, in their order; empty for all that there are.
    """
    wanted = kinds or tuple(dict.fromkeys(kind for kind, _ in found.probes))
    keys = [key for kind in wanted for key in found.probes if key[0] == kind]
    if not keys:
        return None
    lines: list[str] = []
    charts, tables = [], []
    for kind, arm in keys:
        probe, said = found.probes[kind, arm], found.plan.arm(arm).label
        charts += renamed_charts(probe_charts(probe), arm, f"{kind}, {said}")
        tables += renamed_tables(probe_tables(probe), arm, f"{kind}; first: the base; second: {said}")
        lines.append(
            f"{TITLES[probe['kind']]}, {said}: {model_words(probe)} {text_words(probe)} {interval_words(probe)}"
        )
        lines += [*probe["notes"], knock_out_words(probe)] if probe["kind"] != "alignment" else probe["notes"]
    opened = [chart for chart in charts if chart.name.endswith(_OPEN)]
    open_tables: list[Table] = [table for table in tables if table.name.endswith(_OPEN)]
    return Section(
        name="probes", title="Inside the model", lines=tuple(dict.fromkeys(line for line in lines if line)),
        tables=tuple(open_tables), charts=tuple(opened),
        further_tables=tuple(table for table in tables if table not in open_tables),
        further_charts=tuple(chart for chart in charts if chart not in opened),
    )  # fmt: skip
