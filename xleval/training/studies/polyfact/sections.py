"""The figures and tables of the PolyFact study, in the order of the paper."""

from collections.abc import Sequence

from xleval.evalkit.figures.chart import Chart
from xleval.evalkit.figures.table import Cell, Column, Table
from xleval.evalkit.report.section import Section
from xleval.evalkit.trained_items import TRAINED_FACT
from xleval.training.studies.found import Found
from xleval.training.studies.polyfact.arms import MONITORED
from xleval.training.studies.polyfact.plan import SPLITS
from xleval.training.studies.sections.arm_tables import arms_table
from xleval.training.studies.sections.charts import accuracy_chart
from xleval.training.studies.sections.comparisons import comparisons_section, differences_chart
from xleval.training.studies.sections.figures import groups_of, tasks_of
from xleval.training.studies.sections.inside import probes_section
from xleval.training.studies.sections.measures import Measure
from xleval.training.studies.sections.training import curves_section

_Columns = list[tuple[str, str, Sequence[str], Measure]]
_CONSISTENCY: tuple[tuple[str, Measure], ...] = (("accuracy", "accuracy"), ("RankC", "RankC"))
_TOLD_APART = (
    "An item is a training fact where the training split has its property and its subject, by the English name. The base, "
    "which was not trained here, differs between the two kinds as well: compare arms within a column. What training has "
    "changed beyond its own facts is in the column of facts not trained on."
)
_FURTHER = ("klar", "klar_nospace", "bmlama53", "global_mmlu_lite")


def sections(found: Found) -> tuple[Section, ...]:
    """Return what the study shows: knowledge, generalisation, further sets, English, comparisons, curves, probes."""
    every = (
        _knowledge(found), _generalisation(found), _further(found), _retention(found), comparisons_section(found),
        curves_section(found, arms=MONITORED), probes_section(found),
    )  # fmt: skip
    return tuple(section for section in every if section is not None)


def _by_group(found: Found, task: str, measures: Sequence[tuple[str, Measure]]) -> _Columns:
    """Return a column for each measure over the seen and over the unseen languages of a study."""
    return [
        (f"{name}, {group}", task, langs, measure)
        for group, langs in groups_of(found).items()
        for name, measure in measures
    ]


def _section(
    name: str, title: str, lines: Sequence[str], tables: Sequence[Table | None], charts: Sequence[Chart | None] = ()
) -> Section | None:
    kept = tuple(table for table in tables if table is not None)
    drawn = tuple(chart for chart in charts if chart is not None)
    return Section(name=name, title=title, lines=tuple(lines), tables=kept, charts=drawn) if kept or drawn else None


def _knowledge(found: Found) -> Section | None:
    table = arms_table(
        found, "polyfact-arms", "PolyFact: mean accuracy, facts that are right in all languages, and rank consistency",
        columns=[*_by_group(found, "polyfact", _CONSISTENCY), ("right in all languages", "polyfact", (), "right in all languages")],
    )  # fmt: skip
    chart = accuracy_chart(
        found,
        "polyfact-languages",
        "PolyFact by language",
        task="polyfact",
        arms=_drawn(found, "base sft grpo dco cm-align"),
    )
    gains = differences_chart(found, "polyfact-gains", "PolyFact: change of the mean accuracy", task="polyfact")
    lines = [
        "Four options are hidden and scored by log-probability per byte; a fact is right in all languages where every one of "
        "the languages named has the right option first."
    ]
    return _section("polyfact", "Knowledge and consistency", lines, [table], [chart, gains])


def _drawn(found: Found, names: str) -> tuple[str, ...]:
    return tuple(arm.name for arm in found.plan.arms if arm.name in names.split())


def _generalisation(found: Found) -> Section | None:
    there = [task for task in SPLITS if task in tasks_of(found)]
    columns: _Columns = [(task.removeprefix("polyfact_").replace("_", " "), task, (), "accuracy") for task in there]
    if len(columns) < 2:
        return None
    table = arms_table(
        found, "polyfact-splits", "Accuracy over all languages by what is new in the test", columns=columns
    )
    lines = [
        "polyfact: new facts of known relations and answers. unseen object, unseen relation: answers or relations that "
        "no training fact has. held out template: questions in a wording that training does not use."
    ]
    return _section("generalisation", "What is new in the test", lines, [table])


def _further(found: Found) -> Section | None:
    tables = [
        arms_table(
            found, f"{task}-arms", f"{task}: accuracy{' and rank consistency' if ranked else ''}",
            columns=_by_group(found, task, _CONSISTENCY if ranked else _CONSISTENCY[:1]),
        )
        for task in tasks_of(found)
        if task in _FURTHER
        for ranked in (not task.startswith("klar"),)
    ]  # fmt: skip
    lines = ["KLAR is asked with a space at the end of the prompt, as published, and without (klar_nospace)."]
    apart = [_trained_facts(found, task) for task in tasks_of(found) if task in _FURTHER]
    if any(apart):
        lines.append(_TOLD_APART)
    return _section("further-sets", "Other sets of facts and knowledge", lines, [*tables, *apart])


def _trained_facts(found: Found, task: str) -> Table | None:
    """Return accuracy on the facts that training has and on those that it lacks, beside all; None where neither is known."""
    counts = _n_items(found, task)
    if not counts:
        return None
    return arms_table(
        found, f"{task}-training-facts",
        f"{task}: accuracy over all languages by whether the training split has the item's fact: {counts.get('yes', 0)} items "
        f"are training facts, {counts.get('no', 0)} are not.",
        columns=[
            ("all items", task, (), "accuracy"), ("facts not trained on", task, (), "on other facts"),
            ("training facts", task, (), "on training facts"),
        ],
    )  # fmt: skip


def _n_items(found: Found, task: str) -> dict[str, int]:
    """Return `yes` and `no` of the items' `trained_fact` -> how many items; all arms are asked the same ones."""
    for results in found.results.values():
        kinds = results["tasks"][task].get("subsets", []) if task in results["tasks"] else []
        if counts := {each["value"]: each["n_items"] for each in kinds if each["key"] == TRAINED_FACT}:
            return counts
    return {}


def _retention(found: Found) -> Section | None:
    exams = None
    if "mmlu" in tasks_of(found):
        exams = arms_table(
            found, "english-exams", "MMLU, English, five examples", columns=[("accuracy", "mmlu", ("en",), "accuracy")]
        )
    lines = ["Perplexity is per token of the sentences that the neuron probe keeps for its knock-out check."]
    return _section("retention", "What is kept of English", lines, [exams, _perplexity(found)])


def _perplexity(found: Found) -> Table | None:
    """Return the perplexity of English text by model, where the neuron probe has held sentences out."""
    rows: dict[str, tuple[Cell, ...]] = {}
    for (kind, _), probe in sorted(found.probes.items()):
        for model in probe.get("knock_out", []) if kind == "neurons" else []:
            if "en" in model["perplexity"]:
                rows[model["model"]] = (model["model"], model["perplexity"]["en"], model["n_sentences"])
    if not rows:
        return None
    columns = (Column(name="model"), Column(name="perplexity", unit="number"), Column(name="sentences", unit="count"))
    caption = "Perplexity of English text, without interval"
    return Table(name="english-perplexity", caption=caption, columns=columns, rows=tuple(rows.values()))
