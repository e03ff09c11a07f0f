"""INCLUDE in its published layouts, with questions written for this test."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xleval.data.languages import get_language
from xleval.errors import DataError
from xleval.evalkit.requests import ChoiceRequest
from xleval.evalkit.task import TaskOptions, load_task
from xleval.tasks.include import INCLUDE, LANGUAGES, load

KOREAN = {
    "language": "Korean", "country": "South Korea", "domain": "Social Science", "subject": "Geography",
    "regional_feature": "region explicit", "level": "Academic", "question": "한라산은 어디에 있나?",
    "option_a": "부산", "option_b": "제주", "option_c": "서울", "option_d": "대구", "answer": 1,
}  # fmt: skip
UKRAINIAN = {
    "language": "Ukrainian", "question": "Що тече через Київ?", "choices": ["Дністер", "Дунай", "Дніпро", "Прут"],
    "answer": 2,
}  # fmt: skip


def write(root: Path, name: str, rows: list[dict[str, Any]], split: str = "test") -> Path:
    (root / name).mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), root / name / f"{split}-00000-of-00001.parquet")
    return root


def test_every_language_has_items_of_its_own(tmp_path: Path) -> None:
    write(write(tmp_path, "Korean", [KOREAN, KOREAN]), "Ukrainian", [UKRAINIAN])
    loaded = load_task(INCLUDE, tmp_path, ("ko", "en", "uk"), None)
    assert [item.item_id for item in loaded.items["ko"]] == ["ko/test/0", "ko/test/1"]
    assert [item.item_id for item in loaded.items["uk"]] == ["uk/test/0"]
    assert [loaded.items[lang][0].gold for lang in ("ko", "uk")] == ["제주", "Дніпро"]
    assert loaded.items["ko"][0].groups == {
        "domain": "Social Science", "subject": "Geography", "regional_feature": "region explicit",
        "level": "Academic", "country": "South Korea",
    }  # fmt: skip
    assert loaded.skipped == {"en": "include has no en"}


def test_prompts_in_two_languages(tmp_path: Path) -> None:
    items = load(write(write(tmp_path, "Korean", [KOREAN]), "Ukrainian", [UKRAINIAN]), ("ko", "uk"))
    for lang, context in (
        ("ko", "질문: 한라산은 어디에 있나?\nA. 부산\nB. 제주\nC. 서울\nD. 대구\n답:"),
        ("uk", "Запитання: Що тече через Київ?\nA. Дністер\nB. Дунай\nC. Дніпро\nD. Прут\nВідповідь:"),
    ):
        asked = INCLUDE.request(items[lang][0], lang, TaskOptions(), ())
        assert isinstance(asked, ChoiceRequest)
        assert asked.context == context


def test_examples_are_of_the_validation_split(tmp_path: Path) -> None:
    write(write(tmp_path, "Korean", [KOREAN]), "Korean", [KOREAN | {"answer": 3}] * 6, "validation")
    loaded = load_task(INCLUDE, tmp_path, ("ko",), None, shots=5)
    assert [shot.item_id for shot in loaded.shots["ko"]] == [f"ko/validation/{number}" for number in range(5)]
    asked = INCLUDE.request(loaded.items["ko"][0], "ko", TaskOptions(), loaded.shots["ko"])
    assert isinstance(asked, ChoiceRequest)
    assert str(asked.context).count("\n답: D\n\n") == 5


def test_folders_are_named_after_languages_of_the_table() -> None:
    # the folders of the hub, as lm-eval 0.4.13 lists them in tasks/include/default (2026-11-21)
    folders = {get_language(lang).english_name for lang in LANGUAGES}
    assert folders == {
        "Arabic", "Bengali", "Chinese", "French", "German", "Indonesian", "Italian", "Japanese", "Korean", "Malay",
        "Portuguese", "Russian", "Spanish", "Telugu", "Ukrainian", "Vietnamese",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"answer": 4}, r"Korean/test-00000-of-00001\.parquet, row 2, column answer: found 4"),
        ({"option_c": " "}, "row 2, column option_c: it is empty"),
        ({"question": None}, "row 2: no column question"),
    ],
)
def test_broken_rows_are_named(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        load(write(tmp_path, "Korean", [KOREAN, KOREAN | change]), ("ko",))


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds no include in ko: needed is LANGUAGE/test-\*\.parquet"):
        load(tmp_path, ("ko",))
