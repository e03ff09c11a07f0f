"""CMMLU in its published layout, with questions written for this test."""

from pathlib import Path

import pytest

from xleval.errors import DataError
from xleval.evalkit.requests import ChoiceRequest
from xleval.evalkit.task import TaskOptions, load_task
from xleval.tasks.cmmlu import CMMLU, load

HEADER = ",Question,A,B,C,D,Answer\n"
DEV = HEADER + "".join(f"{n},{n}加一等于几？,{n},{n + 1},{n + 2},{n + 3},B\n" for n in range(5))
TEST = HEADER + "0,正方形有几条边？,二,三,四,五,C\n"


def write(root: Path, test: str = TEST) -> Path:
    for split, text in (("test", test), ("dev", DEV)):
        (root / "data" / split).mkdir(parents=True)
        (root / "data" / split / "arts.csv").write_text(text, encoding="utf-8")
    return root


def test_a_question_follows_five_examples_in_chinese(tmp_path: Path) -> None:
    loaded = load_task(CMMLU, write(tmp_path), ("en", "zh"), None)
    assert loaded.skipped == {"en": "cmmlu has no en"}
    [item] = loaded.items["zh"]
    assert (item.item_id, item.gold, item.groups) == ("arts/test/0", "四", {"subject": "arts"})
    asked = CMMLU.request(item, "zh", TaskOptions(), loaded.shots["zh"])
    assert isinstance(asked, ChoiceRequest)
    assert isinstance(asked.context, str)
    assert asked.context.startswith("问题：0加一等于几？\nA. 0\nB. 1\nC. 2\nD. 3\n答案：B\n\n问题：1加一")
    assert asked.context.endswith("\n答案：B\n\n问题：正方形有几条边？\nA. 二\nB. 三\nC. 四\nD. 五\n答案：")
    assert asked.continuations == ("A", "B", "C", "D")  # no space in Chinese


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEADER + "0,几？,二,三,四,五,F\n", r"arts\.csv, row 1, column Answer: found 'F'"),
        (",Question,A,B,C,Answer\n0,几？,二,三,四,A\n", "row 1: no column D"),
    ],
)
def test_broken_rows_are_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        load(write(tmp_path, text), ("zh",))


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds no cmmlu in zh: needed is data/test/SUBJECT\.csv"):
        load(tmp_path, ("zh",))
