"""The charts, tables, page and text of a judging: a win rate that was not validated is on none of them."""

from pathlib import Path
from typing import Any, cast

import pytest

from xleval.evalkit.figures.chart import BarChart, DifferenceChart
from xleval.evalkit.figures.of_judge import NOT_VALIDATED, judge_charts, judge_tables
from xleval.evalkit.figures.table import to_csv, to_latex
from xleval.evalkit.judge.page import judge_page
from xleval.evalkit.judge.schema import JudgeJson
from xleval.evalkit.judge.text import render_judging
from xleval.evalkit.report.study import write_study_report


def estimate(value: float) -> dict[str, Any]:
    return {"value": value, "low": value - 0.05, "high": value + 0.05, "n": 200, "method": "bootstrap"}


def row(lang: str, rate: float, *, accuracy: float | None) -> dict[str, Any]:
    known = None if accuracy is None else {"value": accuracy, "low": accuracy - 0.1, "high": accuracy + 0.1, "n": 90}
    return {
        "lang": lang, "n": 202, "n_judged": 180, "n_unscored": 2, "reasons": {"the judge gave no verdict": 2},
        "before": {"empty": [1, 2, 0], "wrong_language": [9, 4, 1], "truncated": [0, 3, 0]}, "off_target": [0.05, 0.025],
        "wins": 120, "ties": 20, "losses": 60, "win_rate": estimate(rate), "win_rate_judged": estimate(rate + 0.013),
        "length_controlled": estimate(rate - 0.027), "mean_chars": [412.4, 700.0],
        "orders": {"n": 180, "same": 0.8, "kappa": 0.61}, "first_slot": 0.57, "accuracy": known,
        "validated": accuracy is not None and accuracy >= 0.7,
    }  # fmt: skip


@pytest.fixture
def judged() -> JudgeJson:
    """Return a judging by two judges; the first is validated in English alone, the second nowhere."""
    rows = [row("en", 0.6431, accuracy=0.8), row("de", 0.5717, accuracy=0.6)]
    others = [row("en", 0.6911, accuracy=None), row("de", 0.5123, accuracy=None)]
    signature = {"backend": "vllm", "model": "big", "weights_sha256": "abcdef0123456789", "max_tokens": 512}
    judges = [
        {"judge": {"spec": spec, "model": "big", "signature": signature}, "tasks": [
            {"task": "alpaca_eval", "rows": each, "mean": mean, "mean_languages": ["en"] if mean else []}
        ]}
        for spec, each, mean in (("vllm:big", rows, estimate(0.6431)), ("openai:small", others, None))
    ]  # fmt: skip
    run = {"folder": "runs/x", "model": "m", "samples_sha256": "00"}
    between = {"judges": ["vllm:big", "openai:small"], "task": "alpaca_eval", "lang": "en",
               "agreement": {"n": 170, "same": 0.7, "kappa": 0.44}}  # fmt: skip
    refusal = {"letter": "i", "claim": "One model wins by the judge's verdicts", "reason": "judge not validated in de"}
    return cast(JudgeJson, {
        "schema": "xleval.judge/1", "runs": [{"label": "sft", **run}, {"label": "clo", **run}],
        "prompt": "xleval-pairwise-1", "signature": {"seed": 0, "resamples": 10000, "limit": None, "cut": "lose", "labels": "00"},
        "judges": judges, "between": [between], "refused": [refusal], "notes": ["a note"],
    })  # fmt: skip


#: How the win rates without validation would look, as shares and in per cent, and with the corrections of `row`.
HIDDEN = ("0.5717", "57.2", "58.5", "54.5", "0.6911", "69.1", "70.4", "66.4", "0.5123", "51.2", "52.5", "48.5")


def test_only_validated_win_rates_are_charted(judged: JudgeJson) -> None:
    charts = judge_charts(judged)
    rates = [chart for chart in charts if isinstance(chart, DifferenceChart)]
    assert [[each.label for each in chart.differences] for chart in rates] == [["en"]]
    (found,) = rates[0].differences
    assert (found.value, found.low, found.decided) == (pytest.approx(0.1431), pytest.approx(0.0931), True)
    assert rates[0].sides == ("sft", "clo")


def test_a_win_rate_whose_interval_covers_a_half_is_not_decided(judged: JudgeJson) -> None:
    judged["judges"][0]["tasks"][0]["rows"][0]["win_rate"] = cast(Any, estimate(0.54))
    (chart,) = (each for each in judge_charts(judged) if isinstance(each, DifferenceChart))
    assert chart.differences[0].decided is False


def test_wrong_language_and_accuracy_are_charted_for_every_language(judged: JudgeJson) -> None:
    wrong, accuracy = (chart for chart in judge_charts(judged) if isinstance(chart, BarChart))
    assert [[bar.value for bar in bars] for bars in wrong.bars] == [[0.05, 0.025], [0.05, 0.025]]
    assert wrong.series == ("sft", "clo")
    assert (accuracy.labels, accuracy.series) == (("en", "de"), ("vllm:big", "openai:small"))
    assert [[bar.value for bar in bars] for bars in accuracy.bars] == [[0.8, None], [0.6, None]]


def test_tables_say_not_validated_in_place_of_the_rate(judged: JudgeJson) -> None:
    tables = {table.name: table for table in judge_tables(judged)}
    names = [f"judge{k}-alpaca_eval-{what}" for k in (1, 2) for what in ("win-rates", "judge")]
    assert list(tables) == [*names, "judge-alpaca_eval-before", "judge-agreement"]
    first, second = (tables[f"judge{k}-alpaca_eval-win-rates"] for k in (1, 2))
    assert [cells[0] for cells in first.rows] == ["en", "de", "mean of en"]
    assert [cells[2] for cells in second.rows] == [NOT_VALIDATED] * 2
    assert first.rows[1][2:4] == (NOT_VALIDATED, None)
    assert first.rows[1][4:] == (120, 20, 60, 2)  # counts stand all the same
    for table in tables.values():
        assert all(len(cells) == len(table.columns) for cells in table.rows)
        for text in (to_csv(table), to_latex(table)):
            assert not [hidden for hidden in HIDDEN if hidden in text], table.name


def test_page_and_text_hold_no_rate_without_validation(judged: JudgeJson, tmp_path: Path) -> None:
    write_study_report(judge_page(judged), tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    text = render_judging(judged, width=110, colour=False)
    for shown in (page, text):
        assert "64.3" in shown
        assert NOT_VALIDATED in shown
        assert not [hidden for hidden in HIDDEN if hidden in shown]
        assert "a note" in shown.lower()  # the page makes a sentence of it
    assert "://" not in page
    assert max(map(len, (line for line in text.split("\n") if not line.startswith("judge|")))) <= 110
    assert "sft alone/clo alone/both have the fault" in text
    assert "9/4/1" in text
