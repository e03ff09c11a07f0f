"""The figures and tables of the study of CLO: judge, exams and reading, language, data efficiency, ablations."""

from collections.abc import Sequence

from xleval.evalkit.figures.chart import Chart
from xleval.evalkit.report.section import Section
from xleval.training.studies.clo.plan import FACTS, OPEN_TASKS
from xleval.training.studies.found import Found
from xleval.training.studies.records import Arm
from xleval.training.studies.sections.arm_tables import arms_table, languages_table
from xleval.training.studies.sections.charts import accuracy_chart, line_chart
from xleval.training.studies.sections.comparisons import comparisons_section
from xleval.training.studies.sections.figures import arm_figure, tasks_of
from xleval.training.studies.sections.judged import judge_section
from xleval.training.studies.sections.measures import Measure

_EXAMS = ("mmmlu", "belebele", "mmlu", "cmmlu", FACTS)
_LANGUAGE: tuple[Measure, ...] = ("in language", "in English", "off target", "cut")
_ABLATIONS = ("clo", "clo-full", "clo-nll-both", "clo-nll-none")


def sections(found: Found) -> tuple[Section, ...]:
    """Return what the study shows, in the order of the paper."""
    every = (
        judge_section(found), _exams(found), _language(found), _data_efficiency(found), _ablations(found),
        comparisons_section(found),
    )  # fmt: skip
    return tuple(section for section in every if section is not None)


def _whole(found: Found) -> list[Arm]:
    """Return the base and the arms that learnt from the whole set."""
    largest = max((int(arm.facts.get("size", 0)) for arm in found.plan.arms), default=0)
    return [arm for arm in found.plan.arms if int(arm.facts.get("size", largest)) == largest]


def _targets(found: Found) -> tuple[str, ...]:
    return tuple(lang for lang in found.plan.seen if lang != "en")


def _arms_of(arms: Sequence[Arm], lang: str, methods: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the names of the arms of a target language, with those that have none; of some methods, or of all."""
    return tuple(
        arm.name
        for arm in arms
        if arm.facts.get("lang", "en") in ("en", lang) and (not methods or arm.facts.get("method", "base") in methods)
    )


def _columns(found: Found, arms: Sequence[str], lang: str) -> list[tuple[str, str, Sequence[str], Measure]]:
    """Return a column for each exam in the target language, then one for each in English."""
    there = [task for task in _EXAMS if task in tasks_of(found, arms=arms)]
    asked = [(task, code) for code in (lang, "en") for task in there if _is_in(found, arms, task, code)]
    return [(f"{task}, {code}", task, (code,), "accuracy") for task, code in asked]


def _is_in(found: Found, arms: Sequence[str], task: str, lang: str) -> bool:
    return any(arm_figure(found, arm, task, (lang,)) is not None for arm in arms)


def _exams(found: Found) -> Section | None:
    """Return exams and reading of the arms on the whole set, a table for each target language."""
    whole = _whole(found)
    tables = []
    for lang in _targets(found):
        names = _arms_of(whole, lang)
        if columns := _columns(found, names, lang):
            caption = f"Exams and reading, target {lang}: mean accuracy"
            tables.append(arms_table(found, f"exams-{lang}", caption, columns=columns, arms=names))
    kept = tuple(table for table in tables if table is not None)
    lines = ["What is in English shows what is kept of it."]
    return Section(name="exams", title="Exams and reading", lines=tuple(lines), tables=kept) if kept else None


def _language(found: Found) -> Section | None:
    """Return in which language open questions are answered."""
    tables = []
    for task in (task for task in OPEN_TASKS if task in tasks_of(found, kept="open")):
        caption = f"{task}: in which language open questions are answered"
        tables.append(languages_table(found, f"language-{task}", caption, task=task, measures=_LANGUAGE, kept="open"))
    kept = tuple(table for table in tables if table is not None)
    lines = [
        "A judge does not see an answer in the wrong language: it has lost before. An answer that is cut at the token limit "
        "loses, too, unless it is judged as it is (--cut judge): its rate belongs to every win rate."
    ]
    return Section(name="language", title="Language of open answers", lines=tuple(lines), tables=kept) if kept else None


def _data_efficiency(found: Found) -> Section | None:
    """Return accuracy over the number of instructions, CLO and SFT, a chart for each target language and exam."""
    charts: list[Chart] = []
    for lang in _targets(found):
        arms = [arm for arm in found.plan.arms if arm.facts.get("lang") == lang]
        lines = {
            label: tuple(arm.name for arm in arms if arm.facts.get("method") == method)
            for label, method in (("CLO", "clo"), ("SFT, both languages", "sft"))
        }
        for task in (task for task in _EXAMS if _is_in(found, [arm.name for arm in arms], task, lang)):
            chart = line_chart(
                found, f"sizes-{task}-{lang}", f"{task} in {lang} over the number of instructions", task=task, fact="size",
                lines=lines, langs=(lang,), x_label="instructions",
            )  # fmt: skip
            charts += [chart] if chart is not None else []
    if not charts:
        return None
    says = "The abstract says that CLO with 3,200 instructions is above SFT with 6,400 in languages of few resources."
    return Section(name="data-efficiency", title="How much data it takes", lines=(says,), charts=tuple(charts))


def _ablations(found: Found) -> Section | None:
    """Return CLO beside all weights and other answers under the NLL."""
    tables, charts = [], []
    for lang in _targets(found):
        names = _arms_of(_whole(found), lang, _ABLATIONS)
        columns = _columns(found, names, lang)
        if len(names) < 2 or not columns:
            continue
        caption = f"What CLO consists of, target {lang}: mean accuracy"
        tables.append(arms_table(found, f"ablations-{lang}", caption, columns=columns, arms=names))
        task = columns[0][1]
        charts.append(
            accuracy_chart(found, f"ablations-{task}-{lang}", f"{task}: what CLO consists of", task=task, arms=names,
                           langs=(lang, "en"))
        )  # fmt: skip
    kept = tuple(table for table in tables if table is not None)
    drawn = tuple(chart for chart in charts if chart is not None)
    lines = ("CLO trains the attention alone, with the NLL on answers in the target language.",)
    return (
        Section(name="ablations", title="What CLO consists of", lines=lines, tables=kept, charts=drawn)
        if kept
        else None
    )
