"""Published figures: each stands in the notes that were made of the papers, with its evidence tag."""

import re
from collections import Counter
from pathlib import Path

import pytest

from xleval.training.studies.published.table import NOT_FOUND, PUBLISHED, UNSTATED
from xleval.training.studies.records import STUDIES

REFERENCE = Path(__file__).parents[4] / "shared" / "reference"


@pytest.fixture(scope="module")
def notes() -> dict[str, str]:
    if not REFERENCE.is_dir():
        pytest.skip("needs ../shared/reference, which is not part of the project")
    papers = (REFERENCE / "papers.md").read_text(encoding="utf-8")
    collapse, rest = papers.split("\n## 2. ", 1)
    scaling, rest = rest.split("\n## 3. ", 1)
    clo = rest.split("\n## 4. ", 1)[0]
    polyfact = (REFERENCE / "polyfact.md").read_text(encoding="utf-8")
    return {"collapse": collapse, "parallel-scaling": scaling, "clo": clo, "polyfact": polyfact}


def test_every_value_stands_in_the_notes_on_its_study(notes: dict[str, str]) -> None:
    for each in PUBLISHED:
        for number in re.findall(r"\d[\d,]*(?:\.\d+)?", each.value):
            assert re.search(rf"(?<![\d.]){re.escape(number)}(?![\d]|\.\d)", notes[each.study]), each


def test_rows_of_polyfact_are_those_of_the_table(notes: dict[str, str]) -> None:
    # Section 2, "Reference numbers": model and arm, then accuracy/TC/RankC of three sets and KLAR seen/unseen.
    for line, model, arm in (
        ("| OLMo base |", "allenai/OLMo-2-1124-7B", "base"), ("| GRPO (clip 5, 1,500 steps) |", "Qwen/Qwen2.5-7B", "grpo"),
    ):  # fmt: skip
        row = next(each for each in notes["polyfact"].splitlines() if each.startswith(line))
        values = re.findall(r"\d+\.\d+", row)
        ours = [each.value for each in PUBLISHED if (each.model, each.arm) == (model, arm) and "first" not in each.task]
        assert ours == values


def test_rows_of_the_win_rate_are_those_of_the_table(notes: dict[str, str]) -> None:
    row = next(each for each in notes["clo"].splitlines() if each.startswith("| Qwen2.5-3B |"))
    wins = [
        each for each in PUBLISHED if each.model == "Qwen/Qwen2.5-3B" and "difference of the win rate" in each.measure
    ]
    assert [each.value for each in wins] == re.findall(r"\d+\.\d", row)[1:]
    assert [each.langs for each in wins] == ["zh", "de", "ko", "id", "sw", "yo"]


def test_what_was_read_second_hand_is_tagged_so_and_nothing_is_comparable_yet() -> None:
    assert {each.tag for each in PUBLISHED if "Paper-Notes" in each.source or "wizwand" in each.source} == {"S"}
    assert {each.tag for each in PUBLISHED if each.source.endswith("abstract")} == {"P"}
    # Global-MMLU-Lite of the base would be the nearest: English labels and one order of options there, others in a study.
    assert not [each for each in PUBLISHED if each.comparable]


def test_every_study_says_what_is_unstated_and_what_was_not_found() -> None:
    assert set(NOT_FOUND) == set(UNSTATED) == set(STUDIES)
    counts = Counter(each.study for each in PUBLISHED)
    # 10 models and arms of 10 figures, and 6 of 3; the 14 rows that could be read; 30 + 6 + 2 + 16 + 12 + 10 + 3.
    assert counts == {"polyfact": 118, "collapse": 14, "clo": 79}
    assert NOT_FOUND["parallel-scaling"]  # no figure of it could be read
