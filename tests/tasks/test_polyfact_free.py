"""PolyFact without options: on rows written for this test and on the set that the embedded graph gives."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xleval.errors import DataError
from xleval.evalkit.requests import Completion, GenerateRequest, Message
from xleval.evalkit.samples import Sample
from xleval.evalkit.scoring import scored_sample
from xleval.evalkit.task import TaskItem, TaskOptions, load_task
from xleval.tasks.polyfact import POLYFACT
from xleval.tasks.polyfact_free import POLYFACT_FREE

ENGLISH = {
    "fact_id": "Q1|P36|Q2", "question": "What is the capital of Besk?", "option_a": "Cora", "option_b": "Dell City",
    "option_c": "Enna", "option_d": "Fyn", "answer_index": 1, "option_ids": ["Q3", "Q2", "Q5", "Q6"],
    "answer_aliases": ["New Dell", "Dell City"],
}  # fmt: skip
CHINESE = ENGLISH | {
    "question": "贝斯的首都是哪里？", "option_a": "德尔市", "option_b": "科拉", "option_c": "恩纳", "option_d": "菲英",
    "answer_index": 0, "option_ids": ["Q2", "Q3", "Q5", "Q6"], "answer_aliases": None,
}  # fmt: skip


def write(folder: Path, lang: str, rows: list[dict[str, Any]], split: str = "test") -> Path:
    (folder / lang).mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), folder / lang / f"{split}.parquet")
    return folder


@pytest.fixture
def items(tmp_path: Path) -> dict[str, TaskItem]:
    write(tmp_path, "en", [ENGLISH])
    write(tmp_path, "zh", [CHINESE])
    loaded = load_task(POLYFACT_FREE, tmp_path, ("en", "zh", "sw"), None)
    assert loaded.skipped == {"sw": "polyfact_free has no sw"}
    return {lang: found[0] for lang, found in loaded.items.items()}


def test_options_and_aliases_are_the_names_that_count(items: dict[str, TaskItem]) -> None:
    assert {item.item_id for item in items.values()} == {"Q1|P36|Q2"}
    assert items["en"].choices == ("Cora", "Dell City", "Enna", "Fyn", "New Dell")
    assert items["en"].choice_ids == ("Q3", "Q2", "Q5", "Q6", "Q2")
    assert items["zh"].choices == ("德尔市", "科拉", "恩纳", "菲英")


def test_no_option_is_shown(items: dict[str, TaskItem]) -> None:
    options = TaskOptions(named=()).for_task(POLYFACT_FREE)
    asked = POLYFACT_FREE.request(items["zh"], "zh", options, ())
    assert isinstance(asked, GenerateRequest)
    assert (asked.prompt, asked.stop, asked.sampling.max_tokens) == ("问题：贝斯的首都是哪里？\n答案：", ("\n",), 32)
    published = POLYFACT_FREE.request(items["zh"], "zh", TaskOptions(scaffold="english"), [items["zh"]])
    assert isinstance(published, GenerateRequest)
    assert published.prompt == "Question: 贝斯的首都是哪里？\nAnswer:德尔市\n\nQuestion: 贝斯的首都是哪里？\nAnswer:"
    chat = POLYFACT_FREE.request(items["en"], "en", TaskOptions(chat=True), ())
    assert isinstance(chat, GenerateRequest)
    assert chat.prompt == (
        Message(
            role="user",
            content="What is the capital of Besk?\n\nGive only a short answer in English, without explanation.",
        ),
    )
    assert chat.stop == ()


def verdict(item: TaskItem, lang: str, text: str) -> Sample:
    asked = POLYFACT_FREE.request(item, lang, TaskOptions(), ())
    assert isinstance(asked, GenerateRequest)
    return scored_sample(
        POLYFACT_FREE, item, lang, asked, Completion(key=asked.key, text=text, finish_reason="stop", n_tokens=4)
    )


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        ("en", " Dell City", (True, "Q2", "gold")),
        ("en", " It is New Dell, I think.", (True, "Q2", "gold")),
        ("zh", "是德尔市。", (True, "Q2", "gold")),
        ("en", " Cora", (False, "Q3", "option")),
        ("zh", "科拉", (False, "Q3", "option")),
        ("en", " Not Cora but Dell City", (True, "Q2", "gold")),
        ("en", " Coralia", (False, "Coralia", "unlisted")),
        ("en", " ", (False, None, "none")),
        ("en", "<think>Cora or Dell City?</think>Enna", (False, "Q5", "option")),
    ],
)
def test_an_answer_is_the_entity_that_it_names(
    items: dict[str, TaskItem], lang: str, text: str, expected: tuple[bool, str | None, str]
) -> None:
    sample = verdict(items[lang], lang, text)
    assert (sample.correct, sample.prediction, sample.extraction_path) == expected


def test_a_set_of_ours_is_the_same_test_as_polyfact(embedded_set: Path) -> None:
    free = load_task(POLYFACT_FREE, embedded_set, ("en", "sw"), None)
    choice = load_task(POLYFACT, embedded_set, ("en", "sw"), None)
    for lang, found in choice.items.items():
        assert [item.item_id for item in free.items[lang]] == [item.item_id for item in found]
        assert [item.choices[:4] for item in free.items[lang]] == [item.choices for item in found]
    # A name is always right when it is written as the set has it.
    assert all(verdict(item, "sw", item.gold).correct for item in free.items["sw"])


def test_examples_come_from_the_other_splits(tmp_path: Path) -> None:
    write(tmp_path, "en", [ENGLISH])
    write(tmp_path, "en", [ENGLISH | {"fact_id": "Q9|P36|Q2", "question": "What is the capital of Ebro?"}], "train")
    loaded = load_task(POLYFACT_FREE, tmp_path, ("en",), None, 1)
    asked = POLYFACT_FREE.request(loaded.items["en"][0], "en", TaskOptions(), loaded.shots["en"])
    assert isinstance(asked, GenerateRequest)
    assert asked.prompt == (
        "Question: What is the capital of Ebro?\nAnswer: Dell City\n\nQuestion: What is the capital of Besk?\nAnswer:"
    )


def test_a_broken_row_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"test\.parquet, row 0: answer_index is 9"):
        load_task(POLYFACT_FREE, write(tmp_path, "en", [ENGLISH | {"answer_index": 9}]), ("en",), None)
