"""What was found in a study as a page; as JSON and as a few lines for a terminal in modules of their own."""

from collections.abc import Sequence

from xleval.data.plurals import counted
from xleval.evalkit.report.section import Section, StudyPage
from xleval.training.studies.findings import findings_json
from xleval.training.studies.found import Found
from xleval.training.studies.registry import study_module
from xleval.training.studies.sections.beside import published_section
from xleval.training.studies.sections.claims import claims_section, trained_seeds
from xleval.training.studies.sections.overlaps import overlap_section
from xleval.training.studies.sections.overview import overview_section
from xleval.training.studies.sections.steps import plan_section
from xleval.training.studies.sections.training import costs_section
from xleval.training.studies.summary import summary_text

__all__ = ["findings_json", "page_of", "study_page", "summary_text"]


def study_page(found: Found) -> StudyPage:
    """Return the page of a study: warnings, arms, the study's own sections, published figures, claims, costs, commands.

    Raises:
        ConfigError: no study has the plan's name.
    """
    return page_of(found, study_module(found.plan.options.study).sections(found))


def page_of(found: Found, own: Sequence[Section]) -> StudyPage:
    """Return the page with the study's own sections in their place.

    Args:
        found: the study.
        own: sections in the order of the paper; one that has the name of a common section stands in its place.
    """
    options = found.plan.options
    after = (
        published_section(found), claims_section(found), costs_section(found), overlap_section(found), plan_section(found),
    )  # fmt: skip
    taken = {section.name for section in own}
    return StudyPage(
        title=f"{options.study}: {options.model}, {options.budget}", warnings=tuple(warnings_of(found)),
        sections=(overview_section(found), *own, *(each for each in after if each is not None and each.name not in taken)),
    )  # fmt: skip


def warnings_of(found: Found) -> list[str]:
    """Return what a reader must know before any figure: a smoke run, single seeds, what failed or is not there."""
    said = []
    if found.plan.options.is_smoke:
        said.append(
            f"This run shows that the machinery works, not what the paper found: {_amounts(found)}"
            f"the model is {found.plan.options.model}"
        )
    seeds = trained_seeds(found)
    if seeds and max(seeds.values()) < 2:
        said.append(
            "Every arm has one training seed: figures and sentences are about these checkpoints, not about the methods"
        )
    elif single := [label for label, n in seeds.items() if n < 2]:
        said.append(f"One training seed only: {', '.join(single)}; figures of these arms are about single checkpoints")
    if found.failed:
        said.append(
            f"Steps that failed, or that need one that did: {', '.join(found.failed)}; what they would show is absent"
        )
    if unsure := unscored_in(found):
        said.append(f"More than 1 % of the answers are unscored, and in no accuracy: {'; '.join(unsure)}")
    return said


def unscored_in(found: Found) -> list[str]:
    """Return arm, task and languages where more than 1 % of the answers have no verdict, each as a phrase."""
    phrases = []
    for (arm, seed), results in found.results.items():
        for task, result in results["tasks"].items():
            langs = [row["lang"] for row in result["rows"] if row["bounds"] is not None]
            if langs:
                which = f", seed {seed}" if seed is not None else ""
                phrases.append(f"{found.plan.arm(arm).label}{which}, {task} ({', '.join(langs)})")
    return phrases


def _amounts(found: Found) -> str:
    """Return the largest amounts of steps and items, as the start of a list."""
    outcomes = [training["outcome"] for training in found.trainings.values() if training.get("outcome")]
    items = [result["n_items"] for results in found.results.values() for result in results["tasks"].values()]
    parts = [f"at most {counted(max(outcome['steps'] for outcome in outcomes), 'step')} an arm"] if outcomes else []
    parts += [f"at most {counted(max(items), 'item')} a task"] if items else []
    return "".join(f"{part}, " for part in parts)
