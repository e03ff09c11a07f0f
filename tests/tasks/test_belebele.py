"""Belebele in both published layouts, with passages written for this test."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xleval.data.languages import LANGUAGES
from xleval.errors import DataError
from xleval.evalkit.requests import ChoiceRequest
from xleval.evalkit.task import TaskOptions, load_task
from xleval.tasks.belebele import BELEBELE, FLORES_CODES, load

ENGLISH = {
    "link": "https://example.org/bread", "question_number": 1, "flores_passage": "Bread needs flour. It rises with yeast.",
    "question": "What makes bread rise?", "mc_answer1": "flour", "mc_answer2": "salt", "mc_answer3": "yeast",
    "mc_answer4": "water", "correct_answer_num": "3", "dialect": "eng_Latn", "ds": "2023-05-03",
}  # fmt: skip
GERMAN = ENGLISH | {
    "flores_passage": "Brot braucht Mehl. Es geht mit Hefe auf.", "question": "Womit geht Brot auf?",
    "mc_answer1": "Mehl", "mc_answer2": "Salz", "mc_answer3": "Hefe", "mc_answer4": "Wasser", "dialect": "deu_Latn",
}  # fmt: skip


def second(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"question_number": 2, "correct_answer_num": "1"}


def write(root: Path, place: str = "data", **rows: list[dict[str, Any]]) -> Path:
    (root / place).mkdir(exist_ok=True)
    for code, found in rows.items():
        text = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in found)
        (root / place / f"{code}.jsonl").write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize("place", ["data", ""])
def test_items_are_joined_whatever_the_order_of_the_rows(tmp_path: Path, place: str) -> None:
    write(tmp_path, place, eng_Latn=[ENGLISH, second(ENGLISH)], deu_Latn=[second(GERMAN), GERMAN])
    loaded = load_task(BELEBELE, tmp_path, ("en", "de", "ko"), 1)
    for lang, gold in (("en", "yeast"), ("de", "Hefe")):
        [item] = loaded.items[lang]
        assert (item.item_id, item.gold) == ("https://example.org/bread#1", gold)
    assert loaded.skipped == {"ko": "belebele has no ko"}


def test_parquet_with_a_folder_a_language(tmp_path: Path) -> None:
    (tmp_path / "kor_Hang").mkdir()
    rows = [ENGLISH | {"question": "빵은 무엇으로 부풀까?", "correct_answer_num": "3"}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "kor_Hang" / "test-00000-of-00001.parquet")
    assert load(tmp_path, ("ko",))["ko"][0].question == "빵은 무엇으로 부풀까?"


def test_the_passage_stands_before_the_question(tmp_path: Path) -> None:
    items = load(write(tmp_path, eng_Latn=[ENGLISH], deu_Latn=[GERMAN]), ("en", "de"))
    english = BELEBELE.request(items["en"][0], "en", TaskOptions(), ())
    german = BELEBELE.request(items["de"][0], "de", TaskOptions(), ())
    assert isinstance(english, ChoiceRequest)
    assert isinstance(german, ChoiceRequest)
    assert english.context == (
        "Passage: Bread needs flour. It rises with yeast.\nQuestion: What makes bread rise?\n"
        "A. flour\nB. salt\nC. yeast\nD. water\nAnswer:"
    )
    assert german.context == (
        "Text: Brot braucht Mehl. Es geht mit Hefe auf.\nFrage: Womit geht Brot auf?\n"
        "A. Mehl\nB. Salz\nC. Hefe\nD. Wasser\nAntwort:"
    )


def test_every_language_of_the_table_is_in_the_set() -> None:
    # codes of the table in the README, github.com/facebookresearch/belebele 08633e8 (read 2026-11-21)
    assert set(FLORES_CODES) == set(LANGUAGES)
    assert (FLORES_CODES["sw"], FLORES_CODES["ms"], FLORES_CODES["zh"]) == ("swh_Latn", "zsm_Latn", "zho_Hans")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"correct_answer_num": "0"}, r"eng_Latn\.jsonl, row 2, column correct_answer_num: found '0'; 1, 2, 3 or 4"),
        ({"correct_answer_num": "5"}, "row 2, column correct_answer_num: found '5'"),
        ({"mc_answer2": None}, "row 2: no column mc_answer2"),
        ({"flores_passage": " "}, "row 2, column flores_passage: it is empty"),
    ],
)
def test_broken_rows_are_named(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        load(write(tmp_path, eng_Latn=[ENGLISH, second(ENGLISH) | change]), ("en",))


def test_languages_with_different_keys_are_refused(tmp_path: Path) -> None:
    write(tmp_path, eng_Latn=[ENGLISH], deu_Latn=[GERMAN | {"correct_answer_num": "2"}])
    with pytest.raises(DataError, match=r"deu_Latn\.jsonl, row 1 has answer B.*eng_Latn\.jsonl, row 1 has answer C"):
        load(tmp_path, ("en", "de"))


def test_a_question_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="bread#1' is in the en data more than once"):
        load_task(BELEBELE, write(tmp_path, eng_Latn=[ENGLISH, ENGLISH]), ("en",), None)
