"""The page of a judging."""

from xleval.evalkit.claims import Refusal
from xleval.evalkit.figures.of_judge import judge_charts, judge_tables, sides
from xleval.evalkit.judge.schema import JudgeJson
from xleval.evalkit.report.section import Section, StudyPage


def rules_of(judged: JudgeJson) -> tuple[str, str, str]:
    """Return how a win rate is made, in the words of the page and of the text for people."""
    lost, cut = "empty, in the wrong language, or cut at its limit", ""
    if judged["signature"]["cut"] == "judge":
        lost, cut = "empty or in the wrong language", " An answer that was cut at its limit is judged as it is."
    return (
        "A win rate is the share of items that the second run wins, ties as half; every pair is shown in both orders.",
        f"An answer that is {lost} loses before a judge sees it; both so is a tie.{cut}",
        "What a judge did not decide in both orders is unscored: counted apart, in no rate.",
    )


def judge_page(judged: JudgeJson) -> StudyPage:
    """Return the page of a judging: the win rates, how the judges judged, and everything that decides it."""
    first, second = sides(judged)
    tables, charts = judge_tables(judged), judge_charts(judged)
    rates = tuple(table for table in tables if table.name.endswith("-win-rates"))
    refused = tuple(Refusal(**each) for each in judged["refused"])
    asked = [
        f"{each['judge']['spec']}: " + "|".join(f"{key}:{value}" for key, value in each["judge"]["signature"].items())
        for each in judged["judges"]
    ]
    sections = (
        Section(
            name="win-rates", title="Win rates", lines=(*rules_of(judged), *judged["notes"]), refused=refused, tables=rates,
            charts=tuple(charts),
        ),
        Section(
            name="judging", title="How it was judged", tables=tuple(each for each in tables if each not in rates),
        ),
        Section(
            name="settings", title="What decides the verdicts",
            lines=(
                f"{first}: {judged['runs'][0]['model']}. {second}: {judged['runs'][1]['model']}.",
                f"The question to the judges is {judged['prompt']}.",
            ),
            code=tuple(asked),
        ),
    )  # fmt: skip
    title = f"{second} against {first}, by {' and '.join(each['judge']['spec'] for each in judged['judges'])}"
    return StudyPage(title=title, warnings=(), sections=sections)
