"""The page of the study of parallel training: the curve over k, its controls, and the two other parts."""

from collections.abc import Sequence

from xleval.evalkit.figures.chart import Chart
from xleval.evalkit.figures.table import Table
from xleval.evalkit.report.section import Section
from xleval.training.studies.found import Found
from xleval.training.studies.records import Arm
from xleval.training.studies.sections.arm_tables import arms_table
from xleval.training.studies.sections.charts import line_chart
from xleval.training.studies.sections.comparisons import comparisons_section
from xleval.training.studies.sections.figures import groups_of, tasks_of
from xleval.training.studies.sections.measures import Measure
from xleval.training.studies.sections.overlaps import overlap_section
from xleval.training.studies.sections.training import costs_section, curves_section
from xleval.training.studies.sections.transfers import transfer_section

_WITH_WORDS: tuple[Measure, ...] = ("accuracy", "in language", "right and in language", "mean tokens", "cut")


def sections(found: Found) -> tuple[Section, ...]:
    """Return the study's own figures and tables, by part; a part without any figure is left out."""
    parts = (
        _over_k(found),
        transfer_section(found, parts=("train",), title="Transfer over the number of languages"),
        _regimes(found),
        _other_rewards(found),
        transfer_section(found, parts=("sft",), name="transfer-sft", title="Transfer of SFT"),
        _group(found, "intervene", "Other initial models", "Each model is trained on English alone, by the same recipe."),
        transfer_section(found, parts=("intervene",), name="transfer-intervene", title="Transfer by initial model"),
        _group(
            found, "observe", "Models as they are published",
            "Nothing is known here of their trainings but what their publishers say: a difference is not the languages' doing.",
        ),
        transfer_section(found, parts=("observe",), name="transfer-observe", title="Transfer of published models"),
        _prefixes(found),
        comparisons_section(found),
        curves_section(found),
        overlap_section(found),
        costs_section(found),
    )  # fmt: skip
    return tuple(part for part in parts if part is not None)


def _trained(found: Found, *, regime: str = "", order: str = "") -> list[Arm]:
    """Return the arms of a regime and an order, by k; k = 1 belongs to every order."""
    chosen = [
        arm
        for arm in found.plan.arms
        if arm.facts.get("part") == "train" and "reward" not in arm.facts and arm.facts.get("regime") == regime
        and arm.facts.get("order", order) == order
    ]  # fmt: skip
    return sorted(chosen, key=lambda arm: float(arm.facts["k"]))


def _orders(found: Found) -> list[str]:
    return list(dict.fromkeys(str(arm.facts["order"]) for arm in found.plan.arms if "order" in arm.facts))


def _columns(found: Found, task: str, order: str = "") -> list[tuple[str, str, Sequence[str], Measure]]:
    """Return accuracy over the languages of an order and over those outside it; else over seen and unseen ones."""
    groups = _groups(found, order) if order else groups_of(found)
    return [(heading, task, langs, "accuracy") for heading, langs in groups.items()]


def _groups(found: Found, order: str) -> dict[str, tuple[str, ...]]:
    """Return the languages that an order adds, and those that none of its arms is trained on."""
    inside = {lang for arm in found.plan.arms if arm.facts.get("order") == order for lang in arm.langs}
    every = (*found.plan.seen, *found.plan.unseen)
    groups = {"trained on": tuple(lang for lang in every if lang in inside)}
    groups["not trained on"] = tuple(lang for lang in every if lang not in inside)
    return {heading: langs for heading, langs in groups.items() if langs}


def _tasks(found: Found) -> list[str]:
    """Return the tasks that the base is asked, those of word problems with an opening sentence left out."""
    return list(tasks_of(found, arms=("base",)))


def _over_k(found: Found) -> Section | None:
    """Return accuracy over the number of languages by order, in the languages of the order and outside it."""
    tables, charts = [], []
    for order in _orders(found):
        names = [arm.name for arm in _trained(found, regime="grow", order=order)]
        said = ", ".join(f"{heading}: {', '.join(langs)}" for heading, langs in _groups(found, order).items())
        tables += [
            arms_table(
                found, f"over-k-{task}-{order}", f"{task}, order {order}, the data grow with it ({said}).",
                columns=_columns(found, task, order), arms=["base", *names], facts=("k",),
            )
            for task in _tasks(found)
        ]  # fmt: skip
        charts += _lines(found, f"over-k-{order}", order, {f"order {order}": names})
    kept = tuple(table for table in tables if table is not None)
    lines = (
        "k counts the languages of the training, English included. A language that an order adds late is trained on by its last "
        "arms alone: by arm, the figures of transfer below tell trained languages from others.",
    )
    return (
        Section(name="over-k", title="The number of languages", lines=lines, tables=kept, charts=tuple(charts))
        if kept
        else None
    )


def _lines(found: Found, name: str, order: str, lines: dict[str, list[str]]) -> list[Chart]:
    charts = [
        line_chart(
            found, f"{name}-{task}-{heading.replace(' ', '-')}", f"{task}: accuracy in languages {heading}", task=task, fact="k",
            lines=lines, x_label="training languages, English counted", langs=langs,
        )
        for task in _tasks(found)[:1]
        for heading, langs in _groups(found, order).items()
    ]  # fmt: skip
    return [chart for chart in charts if chart is not None]


def _regimes(found: Found) -> Section | None:
    """Return the first order beside the same amount of data and English that often."""
    chosen = {
        said: [arm.name for arm in _trained(found, regime=regime, order="a")]
        for regime, said in (
            ("grow", "more with every language"), ("fixed", "as much as for one"), ("english-repeat", "English k times")
        )
    }  # fmt: skip
    first = [arm.name for arm in _trained(found, regime="grow", order="a") if arm.facts["k"] == 1]
    lines = {said: names if said.startswith("more") else [*first, *names] for said, names in chosen.items() if names}
    names = list(dict.fromkeys(name for each in lines.values() for name in each))
    made = [
        arms_table(
            found, f"regimes-{task}", f"{task}: order a by regime of data.", columns=_columns(found, task, "a"), arms=names,
            facts=("k", "regime"),
        )
        for task in _tasks(found)[:1]
        if len(lines) > 1
    ]  # fmt: skip
    tables = tuple(table for table in made if table is not None)
    said = (
        "With more languages come more rows, steps and roll-outs. Only beside the same amount of data, and beside English that "
        "often, is a gain that of the languages; what each arm was given stands in the table of trainings.",
    )
    charts = tuple(_lines(found, "regimes", "a", lines))
    return (
        Section(name="regimes", title="Languages or data", lines=said, tables=tables, charts=charts) if tables else None
    )


def _other_rewards(found: Found) -> Section | None:
    """Return the rewards that know nothing of the task, and SFT on the same items, beside GRPO."""
    others = [arm for arm in found.plan.arms if "reward" in arm.facts or arm.facts.get("part") == "sft"]
    names = list(dict.fromkeys(name for arm in others for name in (*arm.compared_with, arm.name)))
    tables = _by_task(
        found, "others", "GRPO beside other rewards and SFT, by the number of languages.", names, ("k", "reward")
    )
    if not others or not tables:
        return None
    lines = ("SFT learns the same items from their solutions, GRPO from the reward for right answers.",)
    return Section(name="others", title="Other rewards, and SFT", lines=lines, tables=tuple(tables))


def _group(found: Found, part: str, title: str, said: str) -> Section | None:
    """Return the arms of a part, each after the model that it is trained from."""
    members = [arm for arm in found.plan.arms if arm.facts.get("part") == part]
    names = list(dict.fromkeys(name for arm in members for name in (*arm.compared_with, arm.name)))
    tables = _by_task(found, part, f"{title}, each after what it was trained from.", names, ("initial", "langs"))
    return Section(name=part, title=title, lines=(said,), tables=tuple(tables)) if members and tables else None


def _by_task(found: Found, name: str, caption: str, names: Sequence[str], facts: Sequence[str]) -> list[Table]:
    if not names:
        return []
    shown = [fact for fact in facts if any(fact in found.plan.arm(each).facts for each in names)]
    made = [
        arms_table(
            found,
            f"{name}-{task}",
            f"{task}: {caption}",
            columns=_columns(found, task),
            arms=list(names),
            facts=shown,
        )
        for task in tasks_of(found, arms=list(names))
    ]
    return [table for table in made if table is not None]


def _prefixes(found: Found) -> Section | None:
    """Return runs with an opening sentence in the language beside the same checkpoints without it."""
    asked = [arm for arm in found.plan.arms if "prefix" in arm.facts]
    there = {arm.name for arm in asked}
    plain = [str(arm.facts["of"]) for arm in asked if f"{arm.facts['of']}-plain" not in there]
    names = list(dict.fromkeys([*plain, *(arm.name for arm in asked)]))
    made = [
        arms_table(
            found, f"prefix-{task}", f"{task}: with and without an opening sentence in the language.", arms=names,
            columns=[(measure, task, (), measure) for measure in _WITH_WORDS], facts=("prefix",),
        )
        for task in tasks_of(found, arms=[arm.name for arm in asked])
    ] if asked else []  # fmt: skip
    tables = tuple(table for table in made if table is not None)
    lines = (
        "The sentence forces the language in which a solution begins (what the paper's reviews call prompt hacking); it is part "
        "of the words that are counted.",
    )
    return Section(name="prefix", title="The language forced", lines=lines, tables=tables) if tables else None
