"""MMMLU in its published layout, with questions written for this test."""

from pathlib import Path

import pytest

from xleval.errors import DataError
from xleval.evalkit.requests import ChoiceRequest
from xleval.evalkit.task import TaskOptions, load_task
from xleval.tasks.mmmlu import MMMLU, load

HEADER = ",Question,A,B,C,D,Answer,Subject\n"
KOREAN = (
    HEADER + '0,정사각형의 변은 몇 개인가?,2,3,4,5,C,geometry\n1,"하늘은, 맑은 날에?",빨강,파랑,초록,검정,B,astronomy\n'
)
SWAHILI = (
    HEADER
    + "0,Mraba una pande ngapi?,2,3,4,5,C,geometry\n1,Anga ni rangi gani?,nyekundu,bluu,kijani,nyeusi,B,astronomy\n"
)


def write(root: Path, place: str = "test", **texts: str) -> Path:
    (root / place).mkdir(exist_ok=True)
    names = {"ko": "mmlu_KO-KR.csv", "sw": "mmlu_SW-KE.csv", "en": "mmlu.csv"}
    for lang, text in texts.items():
        (root / place / names[lang]).write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize("place", ["test", ""])
def test_items_are_joined_by_their_row(tmp_path: Path, place: str) -> None:
    loaded = load_task(MMMLU, write(tmp_path, place, ko=KOREAN, sw=SWAHILI), ("ko", "de", "th", "sw"), None)
    assert [item.item_id for item in loaded.items["ko"]] == ["mmmlu-00000", "mmmlu-00001"]
    assert [item.item_id for item in loaded.items["sw"]] == ["mmmlu-00000", "mmmlu-00001"]
    assert [item.gold for item in loaded.items["sw"]] == ["4", "bluu"]
    assert loaded.items["ko"][1].groups == {"subject": "astronomy", "category": "STEM"}
    assert loaded.items["ko"][0].groups == {"subject": "geometry"}  # no subject of MMLU's, so of no category
    assert loaded.skipped == {"de": "mmmlu has no de", "th": "mmmlu has no th"}


def test_english_is_the_file_beside_the_translations(tmp_path: Path) -> None:
    english = HEADER + "0,How many sides has a square?,2,3,4,5,C,geometry\n"
    assert load(write(tmp_path, en=english), ("en",))["en"][0].gold == "4"


def test_prompts_are_in_the_language_of_the_question(tmp_path: Path) -> None:
    items = load(write(tmp_path, ko=KOREAN, sw=SWAHILI), ("ko", "sw"))
    korean = MMMLU.request(items["ko"][0], "ko", TaskOptions(), ())
    swahili = MMMLU.request(items["sw"][0], "sw", TaskOptions(), ())
    assert isinstance(korean, ChoiceRequest)
    assert isinstance(swahili, ChoiceRequest)
    assert korean.context == "질문: 정사각형의 변은 몇 개인가?\nA. 2\nB. 3\nC. 4\nD. 5\n답:"
    assert swahili.context == "Swali: Mraba una pande ngapi?\nA. 2\nB. 3\nC. 4\nD. 5\nJibu:"


def test_files_in_another_order_are_refused(tmp_path: Path) -> None:
    lines = SWAHILI.splitlines(keepends=True)
    write(tmp_path, ko=KOREAN, sw="".join([lines[0], lines[2], lines[1]]))
    with pytest.raises(
        DataError, match=r"mmmlu-00000 is not the same.*SW-KE\.csv, row 1 has answer B.*KO-KR\.csv, row 1"
    ):
        load(tmp_path, ("ko", "sw"))
    assert len(load(tmp_path, ("sw",))["sw"]) == 2  # one language alone cannot contradict itself


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEADER + "0,Nini?,2,3,4,5,E,geometry\n", r"mmlu_SW-KE\.csv, row 1, column Answer: found 'E'"),
        (HEADER + "0,Nini?,2,,4,5,A,geometry\n", "row 1, column B: it is empty"),
        (",Question,A,B,C,D,Answer\n0,Nini?,2,3,4,5,A\n", "row 1: no column Subject"),
        (HEADER, "has no rows"),
    ],
)
def test_broken_files_are_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        load(write(tmp_path, sw=text), ("sw",))


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds no mmmlu in ko: needed is test/mmlu_XX-YY\.csv"):
        load(tmp_path, ("ko",))
