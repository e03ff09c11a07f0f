"""The papers' figures beside ours, each with where it was read; a difference only where the two are of one kind (D4)."""

from collections.abc import Mapping, Sequence
from typing import get_args

from xleval.evalkit.figures.table import Cell, Table, columns_of
from xleval.evalkit.report.section import Section
from xleval.evalkit.results_schema import EstimateJson
from xleval.training.studies.found import Found
from xleval.training.studies.published.table import NOT_FOUND, PUBLISHED, Published, Tag
from xleval.training.studies.records import Arm
from xleval.training.studies.sections.figures import arm_figure, languages_of
from xleval.training.studies.sections.measures import Measure

EVIDENCE: Mapping[Tag, str] = {
    "P": "P (paper)", "C": "C (published code)", "V": "V (recomputed)", "R": "R (reviews, authors' notes)",
    "S": "S (second-hand)", "D": "D (our inference)",
}  # fmt: skip
_MEASURES: tuple[str, ...] = get_args(Measure)


def published_section(found: Found, published: Sequence[Published] = PUBLISHED) -> Section | None:
    """Return the published figures of the study beside ours; None where none is known and none is missed.

    Figures of the study's own model stand open; without any, those of the first published model that has ours beside it.

    Args:
        found: the study.
        published: figures of all studies.
    """
    study = found.plan.options.study
    known = [each for each in published if each.study == study]
    missing = [f"Not found by us, which does not mean that the paper lacks it: {what}" for what in NOT_FOUND[study]]
    if not known and not missing:
        return None
    beside = [each for each in known if ours(found, each) is not None]
    models = [each.model for each in beside]
    model = found.plan.options.model if found.plan.options.model in models else models[0] if models else ""
    opened = [each for each in beside if each.model == model]
    lines = [] if not beside or model == found.plan.options.model else [
        f"Ours is another model, {found.plan.options.model}: the two columns are not to be compared"
    ]  # fmt: skip
    lines.append("Rows in grey italics, with evidence S, were read second-hand and are never subtracted")
    others = [each for each in known if each not in opened]
    return Section(
        name="published", title="Published figures beside ours", lines=(*(lines if known else []), *missing),
        tables=(_table(found, "beside-published", f"Published for {model}, and ours.", opened),) if opened else (),
        further_tables=(_table(found, "others-published", "Published figures without one of ours beside them.", others),)
        if others else (),
    )  # fmt: skip


def ours(found: Found, published: Published) -> EstimateJson | None:
    """Return our figure of the same arm, task, languages and measure; None where there is none."""
    arm = arm_beside(found, published)
    if arm is None or published.measure not in _MEASURES:
        return None
    measure: Measure = next(each for each in get_args(Measure) if each == published.measure)
    return arm_figure(found, arm.name, published.task, _codes(published), measure)


def arm_beside(found: Found, published: Published) -> Arm | None:
    """Return our arm that stands beside a published one: of its name, or whose fact `published` is its name.

    Of several, as where each language has an arm of its own, that which is trained in the published language.
    """
    named = [arm for arm in found.plan.arms if arm.facts.get("published", arm.name) == published.arm]
    trained = [arm for arm in named if set(_codes(published)) & set(arm.langs)]
    return next(iter(trained or named), None)


def difference(found: Found, published: Published) -> float | None:
    """Return our figure less the published one; None unless model, task, languages and setting are the same (D4).

    A second-hand figure and one that we inferred are never subtracted, and neither is a run of less than the full budget.
    """
    options, figure = found.plan.options, ours(found, published)
    alike = published.comparable and published.tag not in ("S", "D") and published.unit == "%"
    if figure is None or not alike or options.is_smoke or options.model != published.model:
        return None
    if sorted(_wanted(published)) != sorted(_languages(found, published)) and _count(published) != len(
        _languages(found, published)
    ):
        return None
    return figure["value"] - float(published.value) / 100


def _table(found: Found, name: str, caption: str, published: Sequence[Published]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            each.task, each.arm, each.langs, each.measure, each.model, f"{each.value} {each.unit}", ours(found, each),
            ", ".join(_languages(found, each)) or "–", difference(found, each), EVIDENCE[each.tag], each.source,
        )
        for each in published
    ]  # fmt: skip
    columns = columns_of(
        Task="text", Arm="text", Languages="text", Measure="text", Published_for="text", Published="text", Ours="percent",
        Ours_over="text", Difference="points", Evidence="text", Source="text",
    )  # fmt: skip
    empty = [k for k in (6, 7, 8) if all(row[k] in (None, "–") for row in rows)]
    empty += [4] if len({each.model for each in published}) == 1 else []  # the caption says it
    shown = [k for k in range(len(columns)) if k not in empty]
    return Table(
        name=name, caption=caption, columns=tuple(columns[k] for k in shown),
        rows=tuple(tuple(row[k] for k in shown) for row in rows),
    )  # fmt: skip


def _codes(published: Published) -> tuple[str, ...]:
    """Return the languages of a figure as codes; empty where they are given in words, for all of the task."""
    codes = tuple(code.strip() for code in published.langs.split(","))
    return codes if all(2 <= len(code) <= 3 and code.isalpha() for code in codes) else ()


def _wanted(published: Published) -> tuple[str, ...]:
    return _codes(published) or (published.langs,)


def _count(published: Published) -> int | None:
    """Return how many languages `mean of N` is over; None for other words and for codes."""
    start, _, number = published.langs.rpartition(" ")
    return int(number) if start == "mean of" and number.isdigit() else None


def _languages(found: Found, published: Published) -> list[str]:
    """Return the languages that our figure is over."""
    arm = arm_beside(found, published)
    if arm is None or ours(found, published) is None:
        return []
    codes = _codes(published)
    return [lang for lang in languages_of(found, arm.name, published.task) if not codes or lang in codes]
