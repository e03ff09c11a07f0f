"""The page of the study of collapse, in the order of its paper: before and after, along the training, and what helps."""

from collections.abc import Sequence

from xleval.evalkit.figures.chart import Chart
from xleval.evalkit.figures.table import Table
from xleval.evalkit.report.section import Section
from xleval.training.studies.found import Found
from xleval.training.studies.sections.arm_tables import arms_table, cells_table
from xleval.training.studies.sections.charts import line_chart
from xleval.training.studies.sections.comparisons import comparisons_section, differences_chart
from xleval.training.studies.sections.figures import tasks_of
from xleval.training.studies.sections.measures import Measure
from xleval.training.studies.sections.overlaps import overlap_section
from xleval.training.studies.sections.pareto import pareto_section
from xleval.training.studies.sections.training import costs_section, curves_section

_MAIN = ("accuracy", "language", "random", "format-only")
_HARDER = ("accuracy", "harder-accuracy", "language", "harder-language")
_RECOVERY = ("accuracy", "recovery-sft", "recovery-sft-control", "recovery-grpo")
_MEASURES: tuple[Measure, ...] = (
    "accuracy",
    "in language",
    "in English",
    "right and in language",
    "mean tokens",
    "cut",
)


def sections(found: Found) -> tuple[Section, ...]:
    """Return the study's own figures and tables; a part without any figure is left out."""
    parts = (
        _before_and_after(found),
        curves_section(found, arms=_named(found, ("accuracy", "language", "harder-accuracy"))),
        _difficulty(found),
        _decoding(found),
        _recovery(found),
        _front(found),
        comparisons_section(found),
        overlap_section(found),
        costs_section(found),
    )
    return tuple(part for part in parts if part is not None)


def _langs(found: Found) -> tuple[str, ...]:
    return found.plan.seen


def _named(found: Found, beginnings: Sequence[str], lang: str = "") -> list[str]:
    """Return the arms whose names are one of the beginnings with a language, those of one language where it is given."""
    langs = [lang] if lang else _langs(found)
    there = {arm.name for arm in found.plan.arms}
    return [name for each in langs for beginning in beginnings if (name := f"{beginning}-{each}") in there]


def _tables(found: Found, name: str, said: str, beginnings: Sequence[str], facts: Sequence[str] = ()) -> list[Table]:
    """Return a table for each language and task: the base, and the arms of that language, in that language."""
    made = [
        arms_table(
            found, f"{name}-{task}-{lang}", f"{task} in {lang}: {said}", facts=facts,
            arms=["base", *_named(found, beginnings, lang)],
            columns=[(measure, task, (lang,), measure) for measure in _MEASURES],
        )
        for lang in _langs(found)
        for task in tasks_of(found)
        if _named(found, beginnings, lang)
    ]  # fmt: skip
    return [table for table in made if table is not None]


def _differences(found: Found, name: str, title: str, pairs: Sequence[tuple[str, str]]) -> list[Chart]:
    """Return the differences in accuracy of the first task, a chart for each language with the arms of that language."""
    by_lang = {
        lang: [
            pair for pair in pairs if pair in found.comparisons and found.plan.arm(pair[0]).facts.get("lang") == lang
        ]
        for lang in _langs(found)
    }
    charts = [
        differences_chart(found, f"{name}-{task}-{lang}", f"{title}, in {lang}", task=task, pairs=known, key=lang)
        for lang, known in by_lang.items()
        if known
        for task in tasks_of(found)[:1]
    ]
    return [chart for chart in charts if chart is not None]


def _before_and_after(found: Found) -> Section | None:
    tables = _tables(
        found, "collapse", "before and after GRPO; the shares are of words, in the language of the question and in English.",
        _MAIN, ("reward",),
    )  # fmt: skip
    if not tables:
        return None
    pairs = [(name, "base") for name in _named(found, _MAIN)]
    lines = (
        "Collapse is accuracy that rises while the share of words in the language of the question falls and that of English "
        "rises. The two shares need not sum to one: words of other languages and undetermined ones are neither.",
        "Random and format rewards know nothing of the task: what they change, no reward for right answers has brought about.",
    )
    return Section(
        name="collapse", title="Accuracy and language before and after", lines=lines, tables=tuple(tables),
        charts=tuple(_differences(found, "collapse", "Accuracy against the model before training", pairs)),
    )  # fmt: skip


def _difficulty(found: Found) -> Section | None:
    if not _named(found, ("harder-accuracy", "harder-language")):
        return None
    tables = _tables(found, "difficulty", "by the problems of the training.", _HARDER, ("reward", "problems"))
    lines = (
        "The harder arms train on the easier problems first, then on harder ones, with the same settings otherwise.",
    )
    return Section(name="difficulty", title="Harder problems", lines=lines, tables=tuple(tables)) if tables else None


def _decoding(found: Found) -> Section | None:
    """Return the decoding grid, and runs that hold the language by an opening sentence or by scripts."""
    tables: list[Table | None] = []
    for task in tasks_of(found):
        for lang in _langs(found):
            tables.append(
                cells_table(
                    found, f"decoding-{task}-{lang}", f"{task} in {lang}: temperature and top-p.", task=task,
                    measures=_MEASURES, langs=(lang,),
                )
            )  # fmt: skip
            held = [arm.name for arm in found.plan.arms if arm.facts.get("lang") == lang and "decoding" in arm.facts]
            plain = _named(found, ("accuracy",), lang)
            tables.append(
                arms_table(
                    found, f"held-{task}-{lang}", f"{task} in {lang}: the same checkpoints, asked in other ways.",
                    arms=["base", *plain, *held], facts=("decoding",),
                    columns=[(measure, task, (lang,), measure) for measure in _MEASURES],
                )
                if held
                else None
            )  # fmt: skip
    kept = tuple(table for table in tables if table is not None)
    lines = (
        "Decoding leaves the weights as they are. An opening sentence is part of the answer and of its words; a mask of "
        "scripts cannot tell languages of one script apart. Of several seeds the first is asked in other ways. A smoke study "
        "asks these variants fewer items than the others.",
    )
    return Section(name="decoding", title="What decoding can hold", lines=lines, tables=kept) if kept else None


def _recovery(found: Found) -> Section | None:
    tables = _tables(
        found,
        "recovery",
        "training that goes on after the accuracy reward, with both controls.",
        _RECOVERY,
        ("recovery",),
    )
    if not tables or not _named(found, _RECOVERY[1:]):
        return None
    pairs = [(name, f"accuracy-{lang}") for lang in _langs(found) for name in _named(found, _RECOVERY[1::2], lang)]
    lines = (
        "What is lost for good is not told from what was never there without two controls: the same SFT on the model before "
        "any training, and further GRPO with the language reward. Where one of them has no evaluation, the claim stands "
        "among those that are not made.",
        *(f"In {lang} {said}." for lang in _langs(found) if (said := _ran(found, lang))),
    )
    return Section(
        name="recovery", title="Recovery", lines=lines, tables=tuple(tables),
        charts=tuple(_differences(found, "recovery", "Accuracy against the arm that it goes on from", pairs)),
    )  # fmt: skip


def _ran(found: Found, lang: str) -> str:
    """Say how many of the arms of recovery of a language have an evaluation."""
    names = _named(found, _RECOVERY[1:], lang)
    having = [name for name in names if any(arm == name for arm, _ in found.results)]
    return f"{len(having)} of {len(names)} of these arms have an evaluation" if names else ""


def _front(found: Found) -> Section | None:
    """Return accuracy, language and tokens over the weights of the language reward, each language by itself."""
    fronts, charts = [], []
    for lang in _langs(found):
        swept = sorted(
            (float(arm.facts["weight"]), arm.name)
            for arm in found.plan.arms
            if "weight" in arm.facts and arm.facts.get("lang") == lang
        )
        names = [name for _, name in swept]
        weights = [(f"{lang}: weight of the language reward", names)] if len(names) > 1 else []
        arms = ["base", *names, *_named(found, ("random", "format-only"), lang)]
        fronts.append(pareto_section(found, arms=arms, joined=weights, name=f"pareto-{lang}", langs=(lang,)))
        if weights:
            measures: tuple[Measure, ...] = ("accuracy", "in language")
            charts += [
                line_chart(
                    found, f"weights-{lang}-{task}-{measure.replace(' ', '-')}", f"{task} in {lang}: {measure}", task=task,
                    fact="weight", lines={lang: names}, x_label="weight of the language reward", measure=measure, langs=(lang,),
                )
                for task in tasks_of(found)
                for measure in measures
            ]  # fmt: skip
    there = [front for front in fronts if front is not None]
    if not there:
        return None
    return Section(
        name="pareto", title=there[0].title, lines=there[0].lines, tables=tuple(each for one in there for each in one.tables),
        charts=tuple(each for one in there for each in one.charts),
        further_charts=tuple(chart for chart in charts if chart is not None),
    )  # fmt: skip
